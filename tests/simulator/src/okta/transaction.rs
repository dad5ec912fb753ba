//! A sign-in on its way, known by its state token.

use jiff::Timestamp;

use super::error;
use crate::bytes;
use crate::clock;
use crate::http::Reply;
use crate::scenario::{Factor, User};
use crate::world::State;

/// A sign-in that is not finished.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    pub(super) token: String,
    pub(super) login: String,
    pub(super) expires: Timestamp,
    pub(super) stage: Stage,
    /// The session and app for which one more factor is wanted, instead of a sign-in.
    pub(super) step_up: Option<(String, String)>,
    /// The factor that was chosen.
    pub(super) factor: Option<String>,
    /// What came of it so far: `WAITING`, `REJECTED`, …
    pub(super) result: Option<String>,
    /// How many pushes were sent, and how many polls came for the last one.
    pub(super) pushes: usize,
    pub(super) polls: usize,
    /// The `DT` that came with the password.
    pub(super) device: Option<String>,
    pub(super) remember: bool,
    pub(super) wrong_codes: u32,
    /// RSA wants the next code too.
    pub(super) wants_next: bool,
    /// What a security key has to sign.
    pub(super) challenge: String,
    /// Whether the factor was chosen by its type instead of its id.
    pub(super) by_type: bool,
    /// Duo's signed request, and the host to take it to.
    pub(super) duo: Option<String>,
    pub(super) duo_host: String,
}

/// Where a sign-in stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    Unauthenticated,
    MfaRequired,
    MfaChallenge,
    MfaEnroll { optional: bool },
    MfaEnrollActivate,
    PasswordWarn,
    PasswordExpired,
    PasswordReset,
    Recovery,
    RecoveryChallenge,
    Unknown(String),
}

impl Stage {
    pub(super) fn status(&self) -> &str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::MfaRequired => "MFA_REQUIRED",
            Self::MfaChallenge => "MFA_CHALLENGE",
            Self::MfaEnroll { .. } => "MFA_ENROLL",
            Self::MfaEnrollActivate => "MFA_ENROLL_ACTIVATE",
            Self::PasswordWarn => "PASSWORD_WARN",
            Self::PasswordExpired => "PASSWORD_EXPIRED",
            Self::PasswordReset => "PASSWORD_RESET",
            Self::Recovery => "RECOVERY",
            Self::RecoveryChallenge => "RECOVERY_CHALLENGE",
            Self::Unknown(status) => status,
        }
    }
}

impl Transaction {
    /// Begins one; its state token is a secret.
    pub(super) fn begin(state: &mut State, login: &str, stage: Stage) -> Self {
        let token = state.record.issued(format!("00{}", bytes::token(40)));
        Self {
            token,
            login: login.to_owned(),
            expires: clock::after(state.now(), state.scenario.okta.state_token_seconds),
            stage,
            step_up: None,
            factor: None,
            result: None,
            pushes: 0,
            polls: 0,
            device: None,
            remember: false,
            wrong_codes: 0,
            wants_next: false,
            challenge: String::new(),
            by_type: false,
            duo: None,
            duo_host: state.duo_host(),
        }
    }

    /// Takes the transaction of that token out of the org, its time prolonged; the caller puts it
    /// back if it goes on.
    pub(super) fn take(state: &mut State, token: Option<&str>) -> Result<Self, Reply> {
        let invalid = || error("E0000011", &[]);
        let token = token.ok_or_else(invalid)?;
        let (now, seconds) = (state.now(), state.scenario.okta.state_token_seconds);
        let mut transaction = state.okta.transactions.remove(token).ok_or_else(invalid)?;
        if transaction.expires <= now {
            return Err(invalid());
        }
        transaction.expires = clock::after(now, seconds);
        Ok(transaction)
    }

    pub(super) fn keep(&self, state: &mut State) {
        state.okta.transactions.insert(self.token.clone(), self.clone());
    }

    /// The user; the scenario may have lost it.
    pub(super) fn user(&self, state: &State) -> Result<User, Reply> {
        user(state, &self.login).ok_or_else(|| error("E0000011", &[]))
    }

    /// Back to the choice of a factor. The pushes so far stay counted: the next one is another.
    pub(super) fn forget_factor(&mut self) {
        self.stage = Stage::MfaRequired;
        (self.factor, self.result) = (None, None);
        (self.polls, self.wants_next) = (0, false);
    }
}

/// The user of that login, whose case does not matter.
pub(super) fn user(state: &State, login: &str) -> Option<User> {
    let users = state.scenario.okta.users.iter();
    users.clone().find(|user| user.login.eq_ignore_ascii_case(login)).cloned()
}

/// The factor of that id, or the first of that type, as a verify link may name either.
pub(super) fn factor(user: &User, id: &str) -> Result<Factor, Reply> {
    let factors = user.factors.iter();
    let found = factors.clone().find(|factor| factor.id == id);
    let found = found.or_else(|| factors.clone().find(|factor| factor.factor_type == id));
    let missing = format!("Not found: Resource not found: {id} (UserFactor)");
    found.cloned().ok_or_else(|| error("E0000007", &[&missing]))
}
