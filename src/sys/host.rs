//! Host names.

/// Whether a text is a host name of ASCII letters, digits, `-` and `.` (RFC 1123, 2.1), with or
/// without a port.
pub fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    name.split('.').all(is_label) && digits && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn only_plain_ascii_names_are_hosts() {
        for yes in ["acme.okta.com", "localhost", "a-b.c", "127.0.0.1:8443"] {
            assert!(is_host(yes), "{yes}");
        }
        for no in [
            "",
            "a..b",
            "a b",
            "a/b",
            "a@b",
            "-a",
            "a-",
            "a:0",
            "a:+1",
            "a:99999",
            "аcme.com",
            ".a",
        ] {
            assert!(!is_host(no), "{no}");
        }
    }
}
