//! Credentials that STS gave out.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::bytes;
use crate::clock;
use crate::world::State;

/// All of them, by access key id.
pub(crate) type Sessions = HashMap<String, Session>;

/// The credentials of one session of a role.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
    pub(crate) expires: Timestamp,
    /// `arn:aws:sts::1:assumed-role/Name/session`.
    pub(crate) arn: String,
    /// `AROA…:session`.
    pub(crate) user_id: String,
    /// The role.
    pub(crate) role: String,
    pub(crate) source_identity: Option<String>,
    /// Whether it was assumed by another role's session.
    pub(crate) chained: bool,
}

/// What selects a session.
pub(super) struct Wanted<'a> {
    pub(super) role: &'a str,
    pub(super) name: &'a str,
    pub(super) seconds: i64,
    pub(super) source_identity: Option<String>,
    pub(super) chained: bool,
}

impl Session {
    /// Gives out credentials.
    pub(super) fn issue(state: &mut State, wanted: Wanted<'_>) -> Self {
        let seconds = state.scenario.sts.credential_seconds.unwrap_or(wanted.seconds);
        let length = state.scenario.sts.token_length;
        let session = Self {
            access_key_id: format!("ASIA{}", bytes::upper(16)),
            secret_access_key: bytes::base64(bytes::random(30)),
            session_token: format!("IQoJb3JpZ2luX2Vj{}", bytes::token(length.saturating_sub(16))),
            expires: clock::after(state.now(), seconds),
            arn: assumed(wanted.role, wanted.name),
            user_id: format!("{}:{}", role_id(wanted.role), wanted.name),
            role: wanted.role.to_owned(),
            source_identity: wanted.source_identity,
            chained: wanted.chained,
        };
        state.record.secret(session.secret_access_key.clone());
        state.record.secret(session.session_token.clone());
        state.sts.insert(session.access_key_id.clone(), session.clone());
        session
    }
}

/// The parts of an ARN, as many as are there.
fn part(arn: &str, number: usize) -> &str {
    arn.splitn(6, ':').nth(number).unwrap_or_default()
}

/// The partition of an ARN.
pub(super) fn partition(arn: &str) -> &str {
    part(arn, 1)
}

/// The account of an ARN.
pub(super) fn account(arn: &str) -> &str {
    part(arn, 4)
}

/// The ARN of a role's session; a role's path is not in it.
fn assumed(role: &str, session: &str) -> String {
    let name = role.rsplit('/').next().unwrap_or_default();
    format!("arn:{}:sts::{}:assumed-role/{name}/{session}", partition(role), account(role))
}

/// An id that stays the same for a role.
fn role_id(role: &str) -> String {
    format!("AROA{}", bytes::sha256(role)[..17].to_uppercase())
}
