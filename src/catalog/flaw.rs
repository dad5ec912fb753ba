//! What is wrong with a value; nothing when it is as it should be.

use std::time::Duration;

use crate::catalog::partition;
use crate::config::{hosts, sdk};
use crate::sys::duration;
use crate::sys::host::is_host;
use crate::sys::text::plain;

/// The shortest session that STS gives (STS API reference, AssumeRole, DurationSeconds).
const SHORTEST: Duration = Duration::from_secs(900);

/// The longest session of a role that is assumed by another role's credentials.
pub(super) const CHAINED: Duration = Duration::from_secs(3600);

/// The longest session of a role that Okta gives.
pub(super) const FEDERATED: Duration = Duration::from_secs(12 * 3600);

/// A name that goes into a profile's: what the AWS CLI and the SDKs take for one.
pub(super) fn profile_name(name: &str) -> Option<String> {
    (!sdk::is_identifier(name)).then(|| {
        "the name of a profile has letters, digits and any of _ - / . % @ : +, and no blank"
            .to_owned()
    })
}

/// The name of a team. It is safe in a path, and `dotfiles::TeamName` has the same rule.
pub(super) fn team_name(name: &str) -> Option<String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    (!begins || !name.chars().all(legal) || name.contains("..")).then(|| {
        "the name of a team has letters, digits, '.', '_' and '-', a letter or digit first, no '..'"
            .to_owned()
    })
}

/// An account's id.
pub(super) fn account_id(id: &str) -> Option<String> {
    let right = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    (!right).then(|| "the id of an account has 12 digits".to_owned())
}

/// The name of a role in IAM (IAM API reference, CreateRole, RoleName).
pub(super) fn iam_name(name: &str) -> Option<String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let right = (1..=64).contains(&name.len()) && name.chars().all(legal);
    (!right).then(|| {
        "the name of an IAM role has 1 to 64 letters, digits and any of _ + = , . @ -".to_owned()
    })
}

/// The name of a SAML provider (IAM API reference, CreateSAMLProvider, Name).
pub(super) fn saml_provider(name: &str) -> Option<String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let right = (1..=128).contains(&name.len()) && name.chars().all(legal);
    (!right).then(|| {
        "the name of a SAML provider has 1 to 128 letters, digits and any of . _ -".to_owned()
    })
}

/// A managed policy: a name with or without a path, or an ARN.
pub(super) fn policy(text: &str) -> Option<String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let path = match text.strip_prefix("arn:") {
        None => text,
        Some(rest) => {
            let mut parts = rest.splitn(5, ':');
            let (partition, service, region, account, resource) =
                (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
            let owner = |id: &str| id == "aws" || account_id(id).is_none();
            let whole = partition.is_some_and(|name| partition::named(name).is_some())
                && (service, region) == (Some("iam"), Some(""))
                && account.is_some_and(owner);
            match resource.and_then(|resource| resource.strip_prefix("policy/")) {
                Some(path) if whole => path,
                _ => {
                    return Some(
                        "the ARN of a policy is written like arn:aws:iam::111111111111:policy/name"
                            .to_owned(),
                    );
                }
            }
        }
    };
    let right = path.len() <= 512
        && path.split('/').all(|part| !part.is_empty() && part.chars().all(legal));
    (!right).then(|| {
        "a policy is a name such as ReadOnlyAccess or job-function/Billing, or a whole ARN"
            .to_owned()
    })
}

/// The host of an Okta org.
pub(super) fn host(text: &str) -> Option<String> {
    (!is_host(text)).then(|| "a domain is a plain host name, such as acme.okta.com".to_owned())
}

/// The link of an Okta app: its path, or the whole of it.
pub(super) fn app(text: &str) -> Option<String> {
    word(text).or_else(|| {
        (!hosts::is_app_link(text)).then(|| {
            "the app is the path of its link in Okta, such as home/amazon_aws/0oa1b2c3d4/272, or \
             the whole https URL"
                .to_owned()
        })
    })
}

/// A text without blanks, which a config file can hold.
pub(super) fn word(text: &str) -> Option<String> {
    let odd = text.is_empty() || text.contains(char::is_whitespace) || plain(text) != text;
    (odd || text.starts_with(['#', ';']))
        .then(|| "it has a blank in it, or characters that cannot be seen, or nothing".to_owned())
}

/// A text of one line for people.
pub(super) fn line(text: &str) -> Option<String> {
    let odd = text.trim() != text || text.is_empty() || text.contains('\t') || plain(text) != text;
    odd.then(|| "it is empty, or has characters that cannot be seen".to_owned())
}

/// A region of any partition.
pub(super) fn region(text: &str) -> Option<String> {
    partition::of_region(text).is_none().then(|| "a region is written like eu-west-1".to_owned())
}

/// A session of `most` at most.
pub(super) fn session(text: &str, most: Duration) -> Result<Duration, String> {
    let length = duration::parse(text).map_err(|why| format!("it {why}"))?;
    if length < SHORTEST {
        return Err("AWS gives no session of less than 15m".to_owned());
    }
    if length > most {
        let why = if most == CHAINED {
            "AWS gives 1h at most to who comes from another role"
        } else {
            "AWS gives sessions of 12h at most"
        };
        return Err(why.to_owned());
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dotfiles::TeamName;

    #[test]
    fn a_team_is_named_as_the_dotfiles_name_it() {
        for name in ["a", "Data-Eng_2.0", "9", "", ".", "-a", "_a", "a/b", "a..b", "a b", "ä"] {
            assert_eq!(team_name(name).is_none(), TeamName::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_policy_is_a_name_or_an_arn() {
        for good in [
            "ReadOnlyAccess",
            "job-function/Billing",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws-us-gov:iam::111111111111:policy/a/b",
        ] {
            assert_eq!(policy(good), None, "{good}");
        }
        for bad in [
            "",
            "/a",
            "a/",
            "a b",
            "arn:aws:iam::aws:role/x",
            "arn:aws:s3::aws:policy/x",
            "arn:gcp:iam::aws:policy/x",
            "arn:aws:iam::1:policy/x",
            "arn:aws:iam::aws:policy/",
            "arn:",
        ] {
            assert!(policy(bad).is_some(), "{bad}");
        }
    }
}
