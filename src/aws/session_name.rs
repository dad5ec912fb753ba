//! The name that a session goes by in AWS's logs.

use std::fmt;

use crate::error::{Error, Result};
use crate::sys::hash::sha256;

/// A RoleSessionName, or a SourceIdentity: 2 to 64 characters of `A-Za-z0-9_+=,.@-` (STS API
/// reference, AssumeRole). CloudTrail shows it with everything that is done with a session.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SessionName(String);

const LONGEST: usize = 64;

impl SessionName {
    /// A name that somebody wrote down; `key` is where, such as `role_session_name`.
    ///
    /// # Errors
    /// When STS would not take it as it is.
    pub fn parse(key: &str, text: &str) -> Result<Self> {
        if (2..=LONGEST).contains(&text.len()) && text.chars().all(may_be_in) {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(80).collect();
        Err(Error::failed(format!("'{shown}' cannot be a {key}"))
            .hint("AWS takes 2 to 64 characters out of A-Z a-z 0-9 _ + = , . @ -"))
    }

    /// The name of somebody's sessions, after their Okta login. What AWS does not take becomes
    /// `-`; of a longer login the end is replaced by a mark of the whole, so that two people stay
    /// two people in the logs.
    pub fn of_login(login: &str) -> Self {
        let mapped: String =
            login.trim().chars().map(|c| if may_be_in(c) { c } else { '-' }).collect();
        Self(match mapped.len() {
            0 => "okta-user".to_owned(),
            1 => format!("{mapped}-"),
            2..=LONGEST => mapped,
            _ => {
                let mark = &sha256(login.trim().as_bytes())[..8];
                format!("{}-{mark}", &mapped[..LONGEST - 9])
            }
        })
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn may_be_in(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_becomes_a_name_that_sts_takes() {
        let long = format!("{}@acme.com", "x".repeat(60));
        let cases = [
            ("jo@acme.com", "jo@acme.com"),
            (" jo@acme.com\n", "jo@acme.com"),
            ("acme\\jo o'neill", "acme-jo-o-neill"),
            ("jörg@acme.com", "j-rg@acme.com"),
            ("j", "j-"),
            ("ö", "--"),
            ("", "okta-user"),
            (&"y".repeat(64), &"y".repeat(64)),
        ];
        let cases = cases.map(|(login, want)| (login.to_owned(), want.to_owned()));
        for (login, want) in cases {
            let name = SessionName::of_login(&login);
            assert_eq!(name.as_str(), want, "{login}");
            assert_eq!(SessionName::parse("role_session_name", name.as_str()).unwrap(), name);
        }
        let name = SessionName::of_login(&long);
        assert_eq!(name.as_str().len(), 64);
        assert!(name.as_str().starts_with(&"x".repeat(55)));
        assert_ne!(name, SessionName::of_login(&format!("{long}.uk")));
    }

    #[test]
    fn a_written_name_is_taken_as_it_is_or_refused() {
        assert_eq!(
            SessionName::parse("k", "a_b+c=d,e.f@g-1").unwrap().to_string(),
            "a_b+c=d,e.f@g-1"
        );
        for bad in ["", "a", "a b", "a/b", "a:b", "ä1", &"x".repeat(65)] {
            let error = SessionName::parse("role_session_name", bad).unwrap_err();
            assert!(error.message().ends_with("cannot be a role_session_name"), "{bad}: {error}");
        }
    }
}
