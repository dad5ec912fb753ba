//! Host names that could be taken for others.

/// Why `host` could be taken for one of `trusted`, or for what it is not; nothing where it could not.
/// Hosts are ASCII, as [`crate::sys::host::is_host`] has them.
pub fn doubt(host: &str, trusted: &[String]) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let other = trusted.iter().find(|other| looks_like(&host, &other.to_ascii_lowercase()));
    if let Some(other) = other {
        return Some(format!("it looks like {other}, which you trust, and is another"));
    }
    if host.split('.').any(|label| label.starts_with("xn--")) {
        return Some(
            "a browser may show it in other letters than these (xn-- is punycode, RFC 3492)"
                .to_owned(),
        );
    }
    None
}

/// `text` with every letter beyond ASCII written as an escape, where it is a URL or an scp-like
/// address: there is no telling `а` from `a` by looking. A path of this machine stays as it is.
pub fn spelt_out(text: &str) -> String {
    if text.starts_with('/') {
        return text.to_owned();
    }
    let escape =
        |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    text.chars().map(escape).collect()
}

fn looks_like(host: &str, other: &str) -> bool {
    if host == other {
        return false;
    }
    let name = |host: &str| host.split(':').next().unwrap_or(host).to_owned();
    let (host, other) = (name(host), name(other));
    // The same host by another port is what it says.
    if host == other || host.ends_with(&format!(".{other}")) {
        return false;
    }
    // acme.okta.com.evil.example, acme-okta.com, acme.okta.evil.example
    let letters = |host: &str| host.replace(['.', '-'], "");
    // Of a name with two parts, the first alone is nobody's.
    let company = other.rsplit_once('.').map(|(company, _)| company);
    let company = company.filter(|company| company.contains('.')).unwrap_or(&other);
    skeleton(&host) == skeleton(&other)
        || host.starts_with(&format!("{other}."))
        || letters(&host) == letters(&other)
        || letters(&host).starts_with(&letters(company))
        || strsim::damerau_levenshtein(&host, &other) <= 1
}

/// The name with what looks alike made the same (UTS #39, 4, as far as ASCII goes).
fn skeleton(host: &str) -> String {
    let host = host.replace("rn", "m").replace("vv", "w").replace("cl", "d");
    let same = |c| match c {
        '0' => 'o',
        '1' | 'i' => 'l',
        '5' => 's',
        c => c,
    };
    host.chars().map(same).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_taken_for_a_trusted_host_is_told() {
        let trusted = ["acme.okta.com".to_owned(), "login.wide.example".to_owned()];
        for host in [
            "acrne.okta.com",
            "acme.0kta.com",
            "acme.okta.com.evil.example",
            "acme-okta.com",
            "acme.okta.evil.example",
            "acmeokta.com",
            "acne.okta.com",
            "ACME.okta.co",
            "login.vvide.example",
        ] {
            assert!(doubt(host, &trusted).unwrap_or_default().contains("looks like"), "{host}");
        }
        for host in ["acme.okta.com", "acme.okta.com:8443", "sso.other.example", "eu.acme.okta.com"]
        {
            assert_eq!(doubt(host, &trusted), None, "{host}");
        }
        assert!(doubt("xn--cme-8cd.okta.com", &[]).unwrap().contains("punycode"));
    }

    #[test]
    fn letters_of_another_script_are_seen_in_a_url() {
        assert_eq!(spelt_out("git@gіthub.com:acme/x"), "git@g\\u{456}thub.com:acme/x");
        assert_eq!(spelt_out("https://github.com/acme"), "https://github.com/acme");
        assert_eq!(spelt_out("/home/josé/dotfiles"), "/home/josé/dotfiles");
    }
}
