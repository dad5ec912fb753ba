//! How things stand, found without any call over the network.

use jiff::Timestamp;

use crate::engine::account::{Account, Accounts, PasswordTrust};
use crate::engine::cache::Cache;
use crate::engine::chain::{domain, keys};
use crate::engine::way::{Chosen, weigh};
use crate::engine::which::Which;
use crate::engine::{Engine, Request};
use crate::error::{Error, Result};
use crate::okta::Pipeline;

/// How things stand for a request.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The account that would sign in; none when it would have to be asked for.
    pub account: Option<Account>,
    /// What is known of its stored password; none when there is none.
    pub password: Option<PasswordTrust>,
    /// Whether there is an Okta session, which may have ended by now.
    pub session: bool,
    /// What the org is known to run on; none when it was not asked yet.
    pub pipeline: Option<Pipeline>,
    /// How the next sign-in goes, and why.
    pub way: Chosen,
    /// Until when a sign-in in the browser is kept.
    pub signed_in_until: Option<Timestamp>,
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
        let mut cached = vec![None; request.steps.len()];
        let which = Which::find(&accounts, &request.okta, domain(request)?)?;
        let domain = match &which {
            Which::Stored(account) => account.domain()?,
            Which::New { domain, .. } => domain.clone(),
        };
        let pipeline = self.pipeline(&domain)?;
        let barred = |error: Error| Chosen { way: None, why: error.to_string(), barred: true };
        let way = weigh(&request.okta, pipeline).unwrap_or_else(barred);
        let Which::Stored(account) = which else {
            return Ok(Standing {
                account: None,
                password: None,
                session: false,
                pipeline,
                way,
                signed_in_until: None,
                cached,
            });
        };
        let cache = Cache::new(self.store);
        for (until, key) in cached.iter_mut().zip(keys(request, &account)?) {
            let expiration = cache.get(&key)?.map(|(_, credentials)| credentials.expiration);
            *until = expiration.filter(|expiration| *expiration > self.clock.now());
        }
        let key = request.okta.session_key.as_ref().map(|key| key.value.as_str());
        let cookies = accounts.cookies(&account, key)?;
        let tokens = match request.okta.client() {
            Some(client) => accounts.tokens(&account, client.id)?,
            None => None,
        };
        let until = tokens.map(|tokens| tokens.expires).filter(|until| *until > self.clock.now());
        Ok(Standing {
            pipeline,
            way,
            signed_in_until: until,
            password: accounts.password(&account)?.map(|(_, trust)| trust),
            session: cookies.has_session(),
            account: Some(account),
            cached,
        })
    }
}
