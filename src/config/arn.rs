//! The ARN of an IAM role.

/// An IAM role's ARN in its parts: `arn:aws:iam::111111111111:role/path/name`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RoleArn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// The account, 12 digits.
    pub account: &'a str,
    /// The role's name, without its path.
    pub name: &'a str,
}

impl<'a> RoleArn<'a> {
    /// Reads it; none when it is not one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let ("arn", partition, "iam", "", account) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?)
        else {
            return None;
        };
        let name = parts.next()?.strip_prefix("role/")?.rsplit('/').next()?;
        let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let partition_ok = partition == "aws" || partition.starts_with("aws-");
        // The characters of a role's name: IAM API reference, CreateRole, RoleName.
        let name_ok = !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
        (digits && partition_ok && name_ok).then_some(Self { partition, account, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_arn_is_read_in_any_partition() {
        let arn = RoleArn::parse("arn:aws-us-gov:iam::111111111111:role/a/b/Admin").unwrap();
        assert_eq!((arn.account, arn.name), ("111111111111", "Admin"));
        for bad in [
            "",
            "arn:aws:iam::111:role/x",
            "arn:aws:iam::111111111111:user/x",
            "arn:gcp:iam::111111111111:role/x",
            "arn:aws:iam::111111111111:role/",
            "arn:aws:s3::111111111111:role/x",
        ] {
            assert_eq!(RoleArn::parse(bad), None, "{bad}");
        }
    }
}
