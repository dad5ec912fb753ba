//! The ARN of a role that somebody has assumed.

use std::fmt;

/// What STS calls the holder of a role's credentials:
/// `arn:aws:sts::111111111111:assumed-role/Admin/jo@acme.com`. It names the role without its path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AssumedRole<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// The account, 12 digits.
    pub account: &'a str,
    /// The role's name, without its path.
    pub role: &'a str,
    /// The name of the session.
    pub session: &'a str,
}

impl<'a> AssumedRole<'a> {
    /// Reads it; none when it is not one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let ("arn", partition, "sts", "", account, Some(resource)) = (
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next(),
        ) else {
            return None;
        };
        let (role, session) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
        let whole = !partition.is_empty()
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && !role.is_empty()
            && !session.is_empty()
            && !session.contains('/');
        whole.then_some(Self { partition, account, role, session })
    }
}

impl fmt::Display for AssumedRole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, account, role, session } = self;
        write!(f, "arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assumed_role_is_read_and_written() {
        let text = "arn:aws-us-gov:sts::111111111111:assumed-role/Admin/jo@acme.com";
        let arn = AssumedRole::parse(text).unwrap();
        assert_eq!(
            (arn.partition, arn.account, arn.role, arn.session),
            ("aws-us-gov", "111111111111", "Admin", "jo@acme.com")
        );
        assert_eq!(arn.to_string(), text);
    }

    #[test]
    fn anything_else_is_none() {
        for bad in [
            "",
            "arn:aws:sts::111111111111",
            "arn:aws:sts::111111111111:assumed-role/Admin",
            "arn:aws:sts::111111111111:assumed-role//jo",
            "arn:aws:sts::111111111111:assumed-role/Admin/",
            "arn:aws:sts::111111111111:assumed-role/a/b/c",
            "arn:aws:sts::1:assumed-role/Admin/jo",
            "arn::sts::111111111111:assumed-role/Admin/jo",
            "arn:aws:sts::111111111111:federated-user/jo",
            "arn:aws:iam::111111111111:role/Admin",
        ] {
            assert_eq!(AssumedRole::parse(bad), None, "{bad}");
        }
    }
}
