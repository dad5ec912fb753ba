//! A user name and a password out of a URL: used for the fetch, never stored, printed or logged.

use std::fmt;

/// What stands before the `@` of an http(s) URL. Its `Debug` shows nothing, and it has no
/// `Display`.
#[derive(Clone, Eq, PartialEq)]
pub struct Login {
    username: String,
    password: Option<String>,
    /// The two as they were spelt in the URL, which git's messages might repeat.
    spelt: Vec<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

/// A user name this long may be a token (`https://TOKEN@github.com/`), and is hidden wherever it
/// stands; a shorter one (`git`, `jo`) only where it stands as a login, or every word that
/// contains it would be lost.
const TOKEN: usize = 8;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

impl Login {
    /// Reads `USER`, `USER:PASSWORD` or `:PASSWORD`, percent-encoded as RFC 3986 §3.2.1 has it.
    ///
    /// # Errors
    /// A sentence without the secret: bad percent-encoding, or a control character, which git's
    /// credential protocol (gitcredentials(7)) could not carry.
    pub(super) fn parse(userinfo: &str) -> Result<Self, &'static str> {
        let (username, password) = match userinfo.split_once(':') {
            Some((username, password)) => (username, Some(password)),
            None => (userinfo, None),
        };
        let spelt = [Some(username), password].into_iter().flatten().map(str::to_owned).collect();
        Ok(Self {
            username: decode(username)?,
            password: password.map(decode).transpose()?.filter(|password| !password.is_empty()),
            spelt,
        })
    }

    /// The user name; empty when only a password was given.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password or token, a secret.
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Whether the URL had nothing but an `@`.
    pub(super) fn is_empty(&self) -> bool {
        self.username.is_empty() && self.password.is_none()
    }

    /// `text` with this login hidden in it, in each form that git might repeat.
    pub fn redact(&self, text: &str) -> String {
        let spelt_username = self.spelt.first().map_or("", String::as_str);
        let spelt_password = self.spelt.get(1).map_or("", String::as_str);
        let password = self.password().unwrap_or_default();
        let encoded = [encode(password), encode(&self.username)];
        let mut secrets = vec![password, spelt_password, &encoded[0]];
        let names = [self.username(), spelt_username, &encoded[1]];
        secrets.extend(names.iter().filter(|name| name.len() >= TOKEN));
        // The longest first: a secret may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mut text = text.to_owned();
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            text = text.replace(secret, HIDDEN);
        }
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            for (before, after) in [("//", "@"), ("//", ":"), ("'", "'")] {
                text = text.replace(
                    &format!("{before}{name}{after}"),
                    &format!("{before}{HIDDEN}{after}"),
                );
            }
        }
        text
    }
}

/// `text` with the login of every http(s) URL in it hidden: an `insteadOf` in the person's own git
/// configuration may have put one there.
pub(super) fn hide_in_urls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let end = |c: char| c.is_whitespace() || matches!(c, '/' | '\'' | '"');
        let authority = &after[..after.find(end).unwrap_or(after.len())];
        rest = match authority.rfind('@') {
            Some(at) if before.ends_with("http://") || before.ends_with("https://") => {
                shown.push_str(HIDDEN);
                &after[at..]
            }
            _ => after,
        };
    }
    shown + rest
}

fn decode(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let value = digits
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or("its login has a '%' that does not begin a percent-encoding")?;
        bytes.push(value);
        rest = &tail[2..];
    }
    let text = String::from_utf8(bytes).map_err(|_| "its login is not UTF-8 once it is decoded")?;
    if text.chars().any(char::is_control) {
        return Err("its login has a control character in it");
    }
    Ok(text)
}

/// All but RFC 3986's unreserved characters as `%XX`, as curl and git write them.
fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_decoded() {
        let cases = [
            ("jo", "jo", None),
            ("jo:", "jo", None),
            ("jo:p%40ss%2Fw:x", "jo", Some("p@ss/w:x")),
            (":t", "", Some("t")),
        ];
        for (text, username, password) in cases {
            let login = Login::parse(text).unwrap();
            assert_eq!((login.username(), login.password()), (username, password), "{text}");
        }
        for bad in ["a%0Ab", "a:%00", "a%", "a%4", "a%zz", "a%+1", "%ff", "a:b%0d"] {
            assert!(Login::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_of_a_login_is_shown() {
        let login = Login::parse("ghp_0123456789:p%40ss").unwrap();
        assert_eq!(format!("{login:?}"), "Login(..)");
        let said = "ghp_0123456789 'https://ghp_0123456789:p%40ss@h/' p@ss p%40ss";
        assert_eq!(login.redact(said), "*** 'https://***:***@h/' *** ***");
    }

    #[test]
    fn a_login_that_git_itself_put_into_a_url_is_hidden() {
        let cases = [
            ("for 'https://TOKEN@github.com': no", "for 'https://***@github.com': no"),
            ("http://a:b@c@h/x https://h/a@b", "http://***@h/x https://h/a@b"),
            ("ssh://git@h/x and jo@h", "ssh://git@h/x and jo@h"),
            ("https://", "https://"),
        ];
        for (text, want) in cases {
            assert_eq!(hide_in_urls(text), want);
        }
    }

    #[test]
    fn a_short_user_name_is_hidden_only_where_it_is_a_login() {
        let login = Login::parse("git").unwrap();
        assert_eq!(
            login.redact("fatal: git could not read 'https://git@github.com/x': login 'git'"),
            "fatal: git could not read 'https://***@github.com/x': login '***'"
        );
    }
}
