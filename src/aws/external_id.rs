//! The external id that some roles want to hear.

use crate::error::{Error, Result};

/// A word that a role's trust policy asks for, as agreed with the role's owner. It is no secret.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ExternalId(String);

impl ExternalId {
    /// Reads it.
    ///
    /// # Errors
    /// When STS would not take it: 2 to 1,224 characters of `A-Za-z0-9_+=,.@:/-` (STS API
    /// reference, AssumeRole, ExternalId).
    pub fn parse(text: &str) -> Result<Self> {
        let fits = (2..=1224).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c));
        if fits {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(80).collect();
        Err(Error::failed(format!("'{shown}' cannot be an external_id"))
            .hint("AWS takes 2 to 1224 characters out of A-Z a-z 0-9 _ + = , . @ : / -"))
    }

    /// The id itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sts_takes_passes() {
        for good in ["ab", "acme:prod/42", &"x".repeat(1224)] {
            assert_eq!(ExternalId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a", "a b", "ä1", "a\nb", &"x".repeat(1225)] {
            assert!(ExternalId::parse(bad).is_err(), "{bad}");
        }
    }
}
