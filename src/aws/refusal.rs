//! What AWS said when it said no, and what that means to whoever asked.

use std::time::Duration;

use jiff::SignedDuration;
use url::form_urlencoded;

use crate::aws::answer;
use crate::aws::problem::{Problem, StsError};
use crate::error::{Error, Kind};
use crate::sys::http::Response;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// What was asked for, as far as it matters to what a refusal means.
#[derive(Debug)]
pub(super) struct Deed<'a> {
    /// What was being done: `assume arn:…`.
    pub(super) what: String,
    /// Who asked, where it was asked with credentials.
    pub(super) caller: Option<&'a str>,
    /// The region that was asked in.
    pub(super) region: &'a str,
    /// How long the credentials were to last.
    pub(super) duration: Duration,
    /// Texts that no error may have in it.
    pub(super) secrets: Vec<&'a Secret>,
}

/// An answer that is a refusal.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    code: String,
    message: String,
}

/// Longer words than any ARN's parts are tokens or assertions, whole or cut off.
const LONGEST_WORD: usize = 200;
const LONGEST_MESSAGE: usize = 400;

impl Refusal {
    /// Reads an answer whose status is not 200.
    pub(super) fn read(response: &Response, deed: &Deed<'_>) -> Self {
        let (code, message) = answer::refusal(response).unwrap_or_default();
        let message = deed.without_secrets(&message);
        Self { status: response.status, code: code.chars().take(80).collect(), message }
    }

    /// Whether the same request may well succeed later: botocore's `_retry.json`.
    pub(super) fn is_for_now(&self) -> bool {
        matches!(self.status, 429 | 500 | 502 | 503 | 504 | 509)
            || matches!(
                self.code.as_str(),
                "Throttling"
                    | "ThrottlingException"
                    | "ThrottledException"
                    | "RequestThrottled"
                    | "RequestThrottledException"
                    | "RequestLimitExceeded"
                    | "TooManyRequestsException"
                    | "PriorRequestNotComplete"
                    | "ServiceUnavailable"
                    | "InternalFailure"
                    | "InternalError"
                    // The identity provider could not be reached, says AWS.
                    | "IDPCommunicationError"
            )
    }

    /// Whether a wrong clock gives such a refusal: botocore's list of clock skew errors.
    pub(super) fn may_be_the_clock(&self) -> bool {
        matches!(
            self.code.as_str(),
            "RequestExpired"
                | "RequestTimeTooSkewed"
                | "RequestInTheFuture"
                | "SignatureDoesNotMatch"
                | "InvalidSignatureException"
        )
    }

    fn problem(&self, deed: &Deed<'_>, skew: Option<SignedDuration>) -> Problem {
        let signed = deed.caller.is_some();
        match self.code.as_str() {
            _ if self.is_for_now() => Problem::Throttled,
            _ if self.may_be_the_clock() && skew.is_some() => Problem::Clock,
            "ValidationError"
                if self.message.contains("DurationSeconds") && self.message.contains("exceed") =>
            {
                Problem::TooLong
            }
            "AccessDenied" | "AccessDeniedException" => Problem::Denied,
            "ExpiredTokenException" | "ExpiredToken" if signed => Problem::ExpiredCredentials,
            "ExpiredTokenException" | "ExpiredToken" => Problem::ExpiredAssertion,
            "InvalidClientTokenId" | "UnrecognizedClientException" => Problem::UnknownCredentials,
            "InvalidIdentityToken" => Problem::InvalidAssertion,
            "IDPRejectedClaim" => Problem::RejectedClaim,
            "PackedPolicyTooLarge" => Problem::PolicyTooLarge,
            "RegionDisabledException" => Problem::RegionDisabled,
            "" => Problem::Garbled,
            _ => Problem::Other,
        }
    }

    /// The error to show. `skew` is how far AWS's clock is ahead of this machine's, where that is
    /// more than it minds; `tries` how often it was tried.
    pub(super) fn into_error(
        self,
        deed: &Deed<'_>,
        skew: Option<SignedDuration>,
        tries: u32,
    ) -> StsError {
        let problem = self.problem(deed, skew);
        let why = why(problem, deed, skew, tries);
        let kind = if problem == Problem::Garbled { Kind::Unreachable } else { Kind::AwsRefused };
        let said = match (self.code.as_str(), self.message.as_str()) {
            ("", _) => format!("status {} without a reason that AWS would give", self.status),
            (code, "") => format!("{code} (status {})", self.status),
            (code, message) => format!("{code}: {message}"),
        };
        let mut error = Error::new(kind, format!("cannot {}: {why}", deed.what)).because(said);
        for hint in hints(problem, deed) {
            error = error.hint(hint);
        }
        StsError::refused(problem, self.code, self.message, error)
    }
}

/// Finishes the sentence "cannot assume …:".
fn why(problem: Problem, deed: &Deed<'_>, skew: Option<SignedDuration>, tries: u32) -> String {
    match problem {
        Problem::TooLong => {
            format!("the role allows no session of {}", minutes(deed.duration.as_secs()))
        }
        Problem::Denied => match deed.caller {
            Some(caller) => format!("AWS does not let {caller} do that"),
            None => "AWS does not let this Okta app do that".to_owned(),
        },
        Problem::ExpiredAssertion => "Okta's assertion is too old".to_owned(),
        Problem::InvalidAssertion => "AWS does not believe Okta's assertion".to_owned(),
        Problem::RejectedClaim => "Okta's assertion is refused for this role".to_owned(),
        Problem::PolicyTooLarge => "the session's policies and tags are too large".to_owned(),
        Problem::RegionDisabled => {
            format!("the account has not activated STS in {}", deed.region)
        }
        Problem::Clock => skew.map_or_else(String::new, off),
        Problem::Throttled if tries > 1 => format!("AWS is too busy, {tries} times in a row"),
        Problem::Throttled => "AWS is too busy".to_owned(),
        Problem::ExpiredCredentials => "the credentials that ask for it have ended".to_owned(),
        Problem::UnknownCredentials => {
            "AWS does not know the credentials that ask for it".to_owned()
        }
        Problem::Garbled => "what answered is not AWS".to_owned(),
        _ => "AWS refused".to_owned(),
    }
}

/// What to do next.
fn hints(problem: Problem, deed: &Deed<'_>) -> Vec<String> {
    let one = |hint: &str| vec![hint.to_owned()];
    match problem {
        Problem::TooLong => vec![
            "ask for 1h at most: session_ttl or assume_role_ttl in the profile".to_owned(),
            "or have the role's MaxSessionDuration raised".to_owned(),
        ],
        Problem::Denied if deed.caller.is_some() => vec![
            "the role's trust policy has to name who asks, and the external_id if it wants one"
                .to_owned(),
            "'robo aws.explain' shows the chain of roles".to_owned(),
        ],
        Problem::Denied if deed.what.contains("AWSReservedSSO_") => {
            one("AWSReservedSSO_ roles are IAM Identity Center's own; name another role")
        }
        Problem::Denied => {
            one("the role's trust policy has to name the SAML provider of the Okta app")
        }
        Problem::ExpiredAssertion => one("run it again; AWS takes an assertion for five minutes"),
        Problem::InvalidAssertion => {
            one("the SAML provider in the AWS account has to have the Okta app's current metadata")
        }
        Problem::RejectedClaim => {
            one("ask whoever runs Okta whether you are still assigned to the AWS app")
        }
        Problem::PolicyTooLarge => one("have the Okta app send fewer or shorter session tags"),
        Problem::RegionDisabled => vec![
            "use another region: --region, or region in the profile".to_owned(),
            format!("or have STS in {} activated, in the account's IAM settings", deed.region),
        ],
        Problem::Clock => one("set this machine's clock, best by network time"),
        Problem::Throttled => one("try again in a minute"),
        Problem::ExpiredCredentials => one("run it again"),
        Problem::UnknownCredentials => one("'robo aws.logout', then run it again"),
        Problem::Garbled => one("a proxy or a network's own sign-in page may be in between"),
        _ => one("'robo aws.explain' shows what was asked for"),
    }
}

/// `this machine's clock is 7 min behind AWS's`.
pub(super) fn off(skew: SignedDuration) -> String {
    let way = if skew.is_negative() { "ahead of" } else { "behind" };
    // To the nearest minute: the answer took a moment too.
    format!("this machine's clock is {} {way} AWS's", minutes(skew.unsigned_abs().as_secs() + 30))
}

fn minutes(seconds: u64) -> String {
    let minutes = seconds / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

impl Deed<'_> {
    /// AWS's words without what it may have repeated of the request: a signature that does not
    /// fit is answered with all that it expected to be signed, the session token included.
    fn without_secrets(&self, message: &str) -> String {
        let mut clean = message.to_owned();
        for secret in &self.secrets {
            let encoded = form_urlencoded::byte_serialize(secret.expose_secret().as_bytes());
            clean = clean.replace(secret.expose_secret(), "…");
            clean = clean.replace(&encoded.collect::<String>(), "…");
        }
        let words = clean.split_whitespace().map(|word| {
            if word.len() > LONGEST_WORD && !word.contains("arn:") { "…" } else { word }
        });
        let words = words.collect::<Vec<_>>().join(" ");
        if words.chars().count() > LONGEST_MESSAGE {
            words.chars().take(LONGEST_MESSAGE).chain(['…']).collect()
        } else {
            words
        }
    }
}
