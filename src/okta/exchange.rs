//! A sign-in under way: the state token, and the posts that carry it.

use serde_json::{Value, json};

use crate::error::{Error, Kind, Result};
use crate::okta::choice::MfaChoice;
use crate::okta::cookies::Cookies;
use crate::okta::org::Org;
use crate::okta::refusal::Failure;
use crate::okta::transaction::Transaction;
use crate::sys::http::Request;
use crate::sys::secret::{ExposeSecret, Secret};

/// A sign-in under way.
pub(super) struct Exchange<'a> {
    pub(super) org: &'a Org<'a>,
    pub(super) mfa: &'a MfaChoice,
    pub(super) cookies: &'a mut Cookies,
    /// What Okta knows this sign-in by, once there is one.
    state_token: Option<Secret>,
    /// Whether there was one at any time.
    begun: bool,
    /// Whether the policy lets this device be remembered.
    may_remember: bool,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(org: &'a Org<'a>, mfa: &'a MfaChoice, cookies: &'a mut Cookies) -> Self {
        Self { org, mfa, cookies, state_token: None, begun: false, may_remember: false }
    }

    /// Sends the password.
    pub(super) fn begin(
        &mut self,
        username: &str,
        password: &Secret,
    ) -> Result<Transaction, Failure> {
        self.state_token = None;
        let body = json!({
            "username": username,
            "password": password.expose_secret(),
            "options": { "multiOptionalFactorEnroll": false, "warnBeforePasswordExpired": false },
        });
        let answer = self.org.post(self.org.domain.at("/api/v1/authn"), &body, self.cookies)?;
        Ok(self.follow(answer))
    }

    /// Goes on with what Okta knows by `token`: a step of an app's own.
    pub(super) fn resume(&mut self, token: Secret) {
        self.state_token = Some(token);
    }

    /// Whether Okta ever let a sign-in begin.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Asks where the sign-in stands.
    pub(super) fn look(&mut self) -> Result<Transaction, Failure> {
        self.post("/api/v1/authn", json!({}))
    }

    /// Posts `fields` with the state token to a link of Okta's, which must be the org's own.
    pub(super) fn post(&mut self, link: &str, fields: Value) -> Result<Transaction, Failure> {
        let url = self.org.domain.url(link)?;
        self.post_to(url, fields)
    }

    /// As [`Exchange::post`], to a link that answers a factor: says there, too, that this device
    /// is to be remembered.
    pub(super) fn verify(&mut self, link: &str, fields: Value) -> Result<Transaction, Failure> {
        let mut url = self.org.domain.url(link)?;
        if self.mfa.remember_device && self.may_remember {
            url.query_pairs_mut().append_pair("rememberDevice", "true");
        }
        self.post_to(url, fields)
    }

    fn post_to(&mut self, url: url::Url, mut fields: Value) -> Result<Transaction, Failure> {
        let Some(token) = &self.state_token else {
            return Err(self.lost("it gave no state token").into());
        };
        fields["stateToken"] = Value::from(token.expose_secret());
        let answer = self.org.post(url, &fields, self.cookies)?;
        Ok(self.follow(answer))
    }

    /// Posts a form to a link of Okta's, with the state token in the field of that name. What is
    /// answered does not matter.
    pub(super) fn post_form(&mut self, link: &str, fields: &[(&str, &str)]) -> Result<()> {
        let url = self.org.domain.url(link)?;
        let token = self.state_token.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
        let fields = fields.iter().copied().chain([("stateToken", token)]);
        let device = Cookies { dt: self.cookies.dt.clone(), ..Cookies::default() };
        let answer = self.org.send(Request::form(url, fields), device.header(), self.cookies)?;
        match answer.status {
            200..=399 => Ok(()),
            _ => Err(self.org.nonsense(&answer)),
        }
    }

    /// Keeps the state token of an answer, and what its policy says.
    fn follow(&mut self, answer: Value) -> Transaction {
        let transaction = Transaction(answer);
        if let Some(token) = transaction.state_token() {
            self.state_token = Some(token);
            self.begun = true;
        }
        self.may_remember |= transaction.may_remember_device();
        transaction
    }

    /// The sign-in is over: there is nothing left to cancel.
    pub(super) fn end(&mut self) {
        self.state_token = None;
    }

    /// Tells Okta that the sign-in is abandoned, so that its push vanishes from the phone. Should
    /// that fail, the state token dies of age.
    pub(super) fn cancel(&mut self, why: &Error) {
        let Some(token) = self.state_token.take() else { return };
        // What cannot be reached need not be waited for once more.
        if why.kind() == Kind::Unreachable {
            return;
        }
        let body = json!({ "stateToken": token.expose_secret() });
        let request = Request::json(self.org.domain.at("/api/v1/authn/cancel"), &body);
        // Past the clock: the person may have stopped it, and this is part of stopping.
        let _ = self.org.http.send(&request);
    }

    fn lost(&self, why: &str) -> Error {
        Error::failed(format!("{} does not say how to go on: {why}", self.org.domain)).hint(
            format!("sign in at https://{} in the browser to see what is asked", self.org.domain),
        )
    }
}
