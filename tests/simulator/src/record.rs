//! What happened: every request, connection, push and password, and every secret.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// How often each thing happened so far.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Counts {
    /// Requests by service and endpoint, as `okta POST /api/v1/authn` or `sts AssumeRole`. Ids in
    /// a path are `…`.
    pub requests: BTreeMap<String, u64>,
    /// Requests that were answered with a status below 400, by service and endpoint.
    pub granted: BTreeMap<String, u64>,
    /// TCP connections by service.
    pub connections: BTreeMap<String, u64>,
    /// Finished TLS handshakes by service.
    pub handshakes: BTreeMap<String, u64>,
    /// TLS handshakes that did not come about, by service.
    pub failed_handshakes: BTreeMap<String, u64>,
    /// Pushes sent to a phone, Okta's and Duo's, resent ones too.
    pub pushes: u64,
    /// Polls for the answer to a push.
    pub polls: u64,
    /// Messages and calls with a code.
    pub codes_sent: u64,
    /// Codes and answers that were refused.
    pub codes_refused: u64,
    /// Passwords by user.
    pub passwords: BTreeMap<String, Passwords>,
    /// Sign-ins that were completed.
    pub sessions: u64,
    /// Transactions that were cancelled.
    pub cancelled: u64,
    /// Codes that were given out for a sign-in in the browser.
    pub device_codes: u64,
    /// Polls for such a sign-in.
    pub device_polls: u64,
    /// Those of them that came earlier than they may.
    pub early_polls: u64,
    /// Token exchanges that were asked for.
    pub exchanges: u64,
    /// Passwords that were to be changed.
    pub password_changes: u64,
    /// Sign-ins with the `DT` of another user.
    pub foreign_devices: u64,
    /// Tunnels that the proxy opened.
    pub tunnels: u64,
    /// Tunnels that it refused.
    pub refused_tunnels: u64,
}

/// How often a user's password came.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Passwords {
    /// And was right.
    pub accepted: u64,
    /// And was refused.
    pub refused: u64,
}

impl Counts {
    /// Requests to an endpoint of Okta's: `POST /api/v1/authn`.
    pub fn okta(&self, endpoint: &str) -> u64 {
        self.of("okta", endpoint)
    }

    /// Requests to Duo: `POST /frame/prompt`.
    pub fn duo(&self, endpoint: &str) -> u64 {
        self.of("duo", endpoint)
    }

    /// Requests to STS: `AssumeRole`.
    pub fn sts(&self, action: &str) -> u64 {
        self.of("sts", action)
    }

    /// Requests to the sign-in endpoint: `getSigninToken`, `login`, `logout`.
    pub fn signin(&self, action: &str) -> u64 {
        self.of("signin", action)
    }

    /// All requests to a service.
    pub fn total(&self, service: &str) -> u64 {
        let start = format!("{service} ");
        self.requests.iter().filter(|(name, _)| name.starts_with(&start)).map(|(_, n)| n).sum()
    }

    /// All requests.
    pub fn all(&self) -> u64 {
        self.requests.values().sum()
    }

    /// TCP connections to a service.
    pub fn connections(&self, service: &str) -> u64 {
        self.connections.get(service).copied().unwrap_or_default()
    }

    /// TLS handshakes with a service.
    pub fn handshakes(&self, service: &str) -> u64 {
        self.handshakes.get(service).copied().unwrap_or_default()
    }

    /// A user's passwords.
    pub fn passwords(&self, login: &str) -> Passwords {
        self.passwords.get(login).copied().unwrap_or_default()
    }

    fn of(&self, service: &str, endpoint: &str) -> u64 {
        self.requests.get(&format!("{service} {endpoint}")).copied().unwrap_or_default()
    }
}

/// One request, in the order of arrival.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// `okta`, `duo`, `sts`, `signin`.
    pub service: String,
    /// The endpoint or action, as in [`Counts::requests`].
    pub endpoint: String,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The `User-Agent`.
    pub agent: String,
    /// The status that was answered; nothing while there is none, or if there never was one.
    pub status: Option<u16>,
    /// When it came, in milliseconds since the simulator was started.
    pub at_ms: u64,
    /// Which of the service's connections it came on, counted from 1.
    pub connection: u64,
    /// What was asked of STS: the parameters that are no secret, and as `Region` the one that the
    /// request was signed for. Empty for the other services.
    pub parameters: BTreeMap<String, String>,
}

/// The log behind [`Counts`].
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) counts: Counts,
    pub(crate) calls: Vec<Call>,
    secrets: BTreeSet<String>,
}

impl Record {
    /// Remembers a secret; an empty one is none.
    pub(crate) fn secret(&mut self, secret: impl Into<String>) {
        let secret = secret.into();
        if !secret.is_empty() {
            self.secrets.insert(secret);
        }
    }

    /// Remembers a new secret and gives it back.
    pub(crate) fn issued(&mut self, secret: String) -> String {
        self.secret(secret.clone());
        secret
    }

    pub(crate) fn secrets(&self) -> Vec<String> {
        self.secrets.iter().cloned().collect()
    }

    /// Counts a request and logs it; gives its place in the log.
    pub(crate) fn call(&mut self, call: Call) -> usize {
        *self.counts.requests.entry(format!("{} {}", call.service, call.endpoint)).or_default() +=
            1;
        self.calls.push(call);
        self.calls.len() - 1
    }

    pub(crate) fn answered(&mut self, place: usize, status: u16) {
        let call = &mut self.calls[place];
        call.status = Some(status);
        if status < 400 {
            let name = format!("{} {}", call.service, call.endpoint);
            *self.counts.granted.entry(name).or_default() += 1;
        }
    }
}
