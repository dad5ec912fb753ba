//! How things stand, found without any call over the network.

use jiff::Timestamp;

use crate::engine::account::{Account, Accounts, PasswordTrust, Which};
use crate::engine::cache::Cache;
use crate::engine::chain::{domain, keys};
use crate::engine::{Engine, Request};
use crate::error::Result;

/// How things stand for a request.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The account that would sign in; none when it would have to be asked for.
    pub account: Option<Account>,
    /// What is known of its stored password; none when there is none.
    pub password: Option<PasswordTrust>,
    /// Whether there is an Okta session, which may have ended by now.
    pub session: bool,
    /// For each step, until when its credentials are cached.
    pub cached: Vec<Option<Timestamp>>,
}

impl Engine<'_> {
    /// How things stand for `request`.
    ///
    /// # Errors
    /// When the store cannot be read, or the request fits no account.
    pub fn standing(&self, request: &Request) -> Result<Standing> {
        let accounts = Accounts::new(self.store, self.prompt);
        let named = request.okta.account.as_ref().map(|value| value.value.as_str());
        let mut cached = vec![None; request.steps.len()];
        let Which::Stored(account) = Which::find(&accounts, named, domain(request)?)? else {
            return Ok(Standing { account: None, password: None, session: false, cached });
        };
        let cache = Cache::new(self.store);
        for (until, key) in cached.iter_mut().zip(keys(request, &account)?) {
            let expiration = cache.get(&key)?.map(|(_, credentials)| credentials.expiration);
            *until = expiration.filter(|expiration| *expiration > self.clock.now());
        }
        let key = request.okta.session_key.as_ref().map(|key| key.value.as_str());
        let cookies = accounts.cookies(&account, key)?;
        Ok(Standing {
            password: accounts.password(&account)?.map(|(_, trust)| trust),
            session: cookies.has_session(),
            account: Some(account),
            cached,
        })
    }
}
