//! Why STS gave nothing.

use std::fmt;

use crate::error::{Error, Kind};

/// What a caller may do something about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Problem {
    /// The role does not allow so long a session, or it is assumed by another role's credentials
    /// and more than an hour was asked for. An hour is allowed.
    TooLong,
    /// The role's trust policy, or a policy of the caller, does not allow it.
    Denied,
    /// The SAML assertion is too old.
    ExpiredAssertion,
    /// The SAML assertion is not one that AWS believes.
    InvalidAssertion,
    /// The identity provider refused, or the assertion is not for this role.
    RejectedClaim,
    /// The session's policies and tags are too large together.
    PolicyTooLarge,
    /// The account has not enabled STS in that region.
    RegionDisabled,
    /// This machine's clock is wrong.
    Clock,
    /// AWS is too busy, or out of order; it was tried several times.
    Throttled,
    /// The credentials that the request was signed with have ended.
    ExpiredCredentials,
    /// AWS does not know the credentials that the request was signed with.
    UnknownCredentials,
    /// AWS refused for another reason.
    Other,
    /// What came back is not an answer of STS.
    Garbled,
    /// No answer came.
    Unreachable,
    /// The person stopped it.
    Interrupted,
}

/// A request to STS that failed.
#[derive(Debug)]
pub struct StsError {
    /// What a caller may do something about.
    pub problem: Problem,
    /// AWS's name for it, such as `AccessDenied`; empty when AWS gave none.
    pub code: String,
    /// AWS's words for it, shortened, and without anything secret.
    pub message: String,
    /// The whole of it, to be shown.
    error: Error,
}

impl StsError {
    /// An error that is not AWS's own.
    pub(super) fn outside(error: Error) -> Self {
        let problem = match error.kind() {
            Kind::Unreachable => Problem::Unreachable,
            Kind::Interrupted => Problem::Interrupted,
            _ => Problem::Garbled,
        };
        Self { problem, code: String::new(), message: String::new(), error }
    }

    /// An answer that STS would not give.
    pub(super) fn garbled(error: Error) -> Self {
        let (code, message) = (String::new(), String::new());
        Self { problem: Problem::Garbled, code, message, error }
    }

    /// A refusal of AWS's.
    pub(super) fn refused(problem: Problem, code: String, message: String, error: Error) -> Self {
        Self { problem, code, message, error }
    }
}

impl fmt::Display for StsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for StsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

impl From<StsError> for Error {
    fn from(error: StsError) -> Self {
        error.error
    }
}

/// The error of a request that got no answer, after what it was for.
pub(super) fn unanswered(what: &str, error: Error) -> Error {
    let told = Error::new(error.kind(), format!("cannot {what}"));
    let told = error.hints().iter().fold(told, Error::hint);
    told.because(error)
}
