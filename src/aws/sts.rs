//! STS, the service that hands out credentials: AssumeRoleWithSAML, AssumeRole, GetCallerIdentity.

use std::cell::Cell;
use std::io;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

use crate::aws::answer::{self, CallerIdentity, Flaw};
use crate::aws::credentials::Credentials;
use crate::aws::endpoint::Endpoint;
use crate::aws::patience::Patience;
use crate::aws::problem::{StsError, unanswered};
use crate::aws::refusal::{Deed, Refusal, off};
use crate::aws::request::{AssumeRole, AssumeRoleWithSaml};
use crate::aws::sign::signed;
use crate::error::{Error, Kind, Result};
use crate::sys::clock::Clock;
use crate::sys::http::{Http, Request, Response};
use crate::sys::secret::{ExposeSecret as _, Secret};

/// STS at one address.
///
/// A request that AWS is too busy for is tried up to five times within 20 seconds, and one whose
/// connection broke a second time: none of them changes anything. If AWS minds the time that a
/// request was signed at, and its own is more than four minutes off, the request is signed once
/// more with AWS's time.
pub struct Sts<'a> {
    http: &'a dyn Http,
    clock: &'a dyn Clock,
    endpoint: Endpoint,
    /// How far AWS's clock is ahead, once AWS has minded.
    skew: Cell<Option<SignedDuration>>,
}

/// The version of the API, a date that goes with each request (STS API reference).
const VERSION: &str = "2011-06-15";

/// Answers have some two thousand bytes.
const LIMIT: u64 = 256 << 10;

/// AWS lets a signature be five minutes old (IAM user guide, "Signature Version 4").
const TOLERANCE: SignedDuration = SignedDuration::from_mins(4);

/// One request, before it is signed.
struct Call<'a> {
    action: &'static str,
    fields: Vec<(&'static str, &'a str)>,
    credentials: Option<&'a Credentials>,
    deed: Deed<'a>,
}

impl<'a> Sts<'a> {
    /// STS at that address.
    pub fn new(http: &'a dyn Http, clock: &'a dyn Clock, endpoint: Endpoint) -> Self {
        Self { http, clock, endpoint, skew: Cell::new(None) }
    }

    /// The credentials of a role that Okta's assertion names.
    ///
    /// # Errors
    /// [`StsError`] says what a caller may do something about.
    pub fn assume_role_with_saml(
        &self,
        request: &AssumeRoleWithSaml<'_>,
    ) -> Result<Credentials, StsError> {
        let seconds = request.duration.as_secs().to_string();
        let fields = vec![
            ("RoleArn", request.role_arn),
            ("PrincipalArn", request.provider_arn),
            ("SAMLAssertion", request.assertion.expose_secret()),
            ("DurationSeconds", seconds.as_str()),
        ];
        self.credentials(&Call {
            action: "AssumeRoleWithSAML",
            fields,
            credentials: None,
            deed: self.deed(
                format!("assume {} with Okta's assertion", request.role_arn),
                None,
                request.duration,
                vec![request.assertion],
            ),
        })
    }

    /// The credentials of a role that the holder of `credentials` may assume.
    ///
    /// # Errors
    /// [`StsError`] says what a caller may do something about.
    pub fn assume_role(
        &self,
        credentials: &Credentials,
        request: &AssumeRole<'_>,
    ) -> Result<Credentials, StsError> {
        let seconds = request.duration.as_secs().to_string();
        let mut fields = vec![
            ("RoleArn", request.role_arn),
            ("RoleSessionName", request.session_name.as_str()),
            ("DurationSeconds", seconds.as_str()),
        ];
        fields.extend(request.external_id.map(|id| ("ExternalId", id.as_str())));
        fields.extend(request.source_identity.map(|name| ("SourceIdentity", name.as_str())));
        let what = format!("assume {}", request.role_arn);
        self.credentials(&Call {
            action: "AssumeRole",
            fields,
            credentials: Some(credentials),
            deed: self.deed(what, Some(credentials), request.duration, Vec::new()),
        })
    }

    /// Whose `credentials` are. AWS refuses it to nobody whose credentials are good.
    ///
    /// # Errors
    /// [`StsError`] says what a caller may do something about.
    pub fn get_caller_identity(
        &self,
        credentials: &Credentials,
    ) -> Result<CallerIdentity, StsError> {
        let what = "ask AWS whose the credentials are".to_owned();
        let call = Call {
            action: "GetCallerIdentity",
            fields: Vec::new(),
            credentials: Some(credentials),
            deed: self.deed(what, Some(credentials), Duration::ZERO, Vec::new()),
        };
        let response = self.send(&call)?;
        answer::caller(&response).map_err(|flaw| self.garbled(&call, &flaw))
    }

    /// A sentence about this machine's clock, once AWS has minded it: to be shown to whoever can
    /// set it.
    pub fn clock_note(&self) -> Option<String> {
        self.skew.get().map(off)
    }

    fn deed<'d>(
        &'d self,
        what: String,
        credentials: Option<&'d Credentials>,
        duration: Duration,
        mut secrets: Vec<&'d Secret>,
    ) -> Deed<'d> {
        secrets.extend(credentials.map(|credentials| &credentials.session_token));
        let caller = credentials.map(|credentials| credentials.assumed_role_arn.as_str());
        Deed { what, caller, region: &self.endpoint.region, duration, secrets }
    }

    fn credentials(&self, call: &Call<'_>) -> Result<Credentials, StsError> {
        let response = self.send(call)?;
        let now = self.clock.now();
        let mut credentials = answer::credentials(&response, call.action, now)
            .map_err(|flaw| self.garbled(call, &flaw))?;
        // Everything that asks whether they are still good asks this machine's clock.
        if let Some(skew) = skew(&response, now) {
            credentials.expiration =
                credentials.expiration.checked_sub(skew).unwrap_or(credentials.expiration);
        }
        Ok(credentials)
    }

    /// Sends it as often as that has a point; gives an answer whose status is 200.
    fn send(&self, call: &Call<'_>) -> Result<Response, StsError> {
        let mut patience = Patience::new(self.clock);
        let (mut connected_again, mut signed_again) = (false, false);
        loop {
            self.clock.go_on().map_err(StsError::outside)?;
            let request = self.request(call).map_err(StsError::outside)?;
            let response = match self.http.send(&request) {
                Ok(response) if response.status == 200 => return Ok(response),
                Ok(response) => response,
                Err(error) if !connected_again && broke(&error) => {
                    connected_again = true;
                    continue;
                }
                Err(error) => return Err(StsError::outside(unanswered(&call.deed.what, error))),
            };
            let now = self.clock.now();
            let refusal = Refusal::read(&response, &call.deed);
            let skew = skew(&response, now);
            if refusal.is_for_now() {
                if let Some(wait) = patience.wait(now, retry_after(&response)) {
                    self.clock.sleep(wait).map_err(StsError::outside)?;
                    continue;
                }
            } else if refusal.may_be_the_clock()
                && call.credentials.is_some()
                && skew.is_some()
                && !signed_again
            {
                signed_again = true;
                self.skew.set(skew);
                continue;
            }
            return Err(refusal.into_error(&call.deed, skew, patience.tries()));
        }
    }

    fn request(&self, call: &Call<'_>) -> Result<Request> {
        let fields = [("Action", call.action), ("Version", VERSION)];
        let fields = fields.into_iter().chain(call.fields.iter().copied());
        let mut request = Request::form(self.endpoint.url.clone(), fields);
        request.limit = LIMIT;
        let Some(credentials) = call.credentials else { return Ok(request) };
        let skew = self.skew.get().unwrap_or_default();
        let now = self.clock.now();
        let time = now.checked_add(skew).unwrap_or(now);
        signed(request, credentials, &self.endpoint.region, time)
    }

    fn garbled(&self, call: &Call<'_>, flaw: &Flaw) -> StsError {
        let host = self.endpoint.url.host_str().unwrap_or_default();
        let error = Error::new(
            Kind::Unreachable,
            format!("cannot {}: what answered is not AWS", call.deed.what),
        )
        .because(format!("the answer of {host} {flaw}"))
        .hint("a proxy or a network's own sign-in page may be in between");
        StsError::garbled(error)
    }
}

/// How far the server's clock is ahead, where that is more than AWS minds.
fn skew(response: &Response, now: Timestamp) -> Option<SignedDuration> {
    let date = rfc2822::parse(response.header("date")?).ok()?.timestamp();
    Some(date.duration_since(now)).filter(|skew| skew.abs() > TOLERANCE)
}

fn retry_after(response: &Response) -> Option<Duration> {
    response.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// Whether a connection was there and broke, as one that the server had closed already does.
fn broke(error: &Error) -> bool {
    use io::ErrorKind as K;
    let mut cause = std::error::Error::source(error);
    while let Some(this) = cause {
        if let Some(error) = this.downcast_ref::<io::Error>()
            && matches!(
                error.kind(),
                K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe | K::UnexpectedEof
            )
        {
            return true;
        }
        cause = this.source();
    }
    false
}

#[cfg(test)]
mod tests;
