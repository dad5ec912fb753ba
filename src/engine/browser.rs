//! Signing in in the browser: no password is asked for or sent, and who the person is comes out
//! of it.
//!
//! The tokens of such a sign-in rest in the vault by account and client, so that another app or
//! role asks nobody as long as they are good. Before the first one nobody knows whose they will
//! be: then the account's *name* at the org is what the lock is about, and the account is stored
//! under it once the ID token has said who it is. From there on it is an account as any other.

use crate::engine::Engine;
use crate::engine::account::{Account, Accounts};
use crate::engine::login::Login;
use crate::engine::request::OktaRequest;
use crate::engine::site::Site;
use crate::engine::turn::{Concerns, Failed, Turn, one_at_a_time};
use crate::engine::way::Way;
use crate::error::{Error, Kind, Result};
use crate::okta::{Assertion, AwsApp, BrowserError, Client, ExchangeError, Invited, Tokens};
use crate::sys::hash;

impl Engine<'_> {
    /// Finds out who the person is that has no account of that name yet, by a sign-in in the
    /// browser; one, however many processes want to know. None where the org is signed in to by
    /// password.
    pub(super) fn introduce(
        &self,
        site: &Site<'_>,
        request: &OktaRequest,
        name: &str,
    ) -> Result<Option<Account>> {
        let domain = site.domain;
        let accounts = Accounts::new(self.store, self.prompt);
        let about = format!("{domain}\n{name}\nin the browser");
        let id = &hash::sha256(about.as_bytes())[..32];
        let turn = Turn {
            lock: self.locks.join(format!("login-{id}.lock")),
            about: &about,
            waiting: format!("Another robo is signing in at {domain}."),
        };
        let look = || {
            let known = accounts.get(name)?;
            Ok(known.filter(|account| account.domain == domain.as_str()).map(Some))
        };
        let work = || {
            let (Way::Device, Some(client)) = (self.way(site, request)?, request.client()) else {
                return Ok(None);
            };
            self.tell_unused(request);
            let told = |invited: &Invited| site.word.invited(invited);
            let tokens = site.okta.sign_in_by_browser(client, self.browser, &told);
            let tokens = tokens.map_err(no_sign_in)?;
            let account = self.newly(site, name, &tokens)?;
            // The account comes last: who finds it looks for its tokens, and signs in without.
            let kept = accounts.put_tokens(&account, &tokens);
            self.remember(site);
            self.kept(kept.and_then(|()| accounts.put(&account)));
            site.fresh.replace(Some(tokens));
            Ok(Some(account))
        };
        one_at_a_time(&turn, (self.clock, self.prompt), &site.word, look, work)
    }
}

impl Login<'_> {
    /// The assertion of the app, by tokens that are there or by a new sign-in in the browser.
    pub(super) fn by_browser(&self, client: Client<'_>) -> Result<Assertion, Failed> {
        let fresh = self.site.fresh.borrow_mut().take();
        let kept = match fresh {
            Some(tokens) => return self.last_try(&tokens),
            None => self.kept_tokens(client)?,
        };
        if let Some(tokens) = kept {
            self.engine.prompt.detail("Okta: using the sign-in in the browser that is kept.");
            match self.exchange(&tokens) {
                Ok(assertion) => return Ok(assertion),
                // About this app, or this client: another one's sign-in is fine.
                Err(ExchangeError::Other(error)) => return Err(error.into()),
                // The sign-in that is kept may serve other apps.
                Err(ExchangeError::Weak(error)) => {
                    self.engine.prompt.detail(&format!("{error}; so once more in the browser."));
                }
                Err(ExchangeError::Spent(error)) => {
                    self.drop_tokens(&tokens);
                    self.engine.prompt.detail(&format!("{error}; so once more in the browser."));
                }
            }
        }
        self.last_try(&self.sign_in_by_browser(client)?)
    }

    /// What fresh tokens do not give, no others will. They are kept for other apps, unless Okta
    /// does not take them at all.
    fn last_try(&self, tokens: &Tokens) -> Result<Assertion, Failed> {
        self.exchange(tokens).map_err(|error| {
            if matches!(error, ExchangeError::Spent(_)) {
                self.drop_tokens(tokens);
            }
            error.into_error().into()
        })
    }

    fn kept_tokens(&self, client: Client<'_>) -> Result<Option<Tokens>> {
        let kept = self.accounts.tokens(self.account, client.id)?;
        let now = self.engine.clock.now();
        Ok(kept.filter(|tokens| tokens.serve(client.id, client.lists_apps, now)))
    }

    fn drop_tokens(&self, tokens: &Tokens) {
        self.engine.kept(self.accounts.drop_tokens(self.account, tokens));
    }

    fn sign_in_by_browser(&self, client: Client<'_>) -> Result<Tokens, Failed> {
        self.engine.tell_unused(&self.request.okta);
        let told = |invited: &Invited| self.site.word.invited(invited);
        let tokens = self.site.okta.sign_in_by_browser(client, self.engine.browser, &told);
        let tokens = tokens.map_err(no_sign_in)?;
        self.checked_user(&tokens)?;
        self.engine.kept(self.accounts.put_tokens(self.account, &tokens));
        Ok(tokens)
    }

    fn exchange(&self, tokens: &Tokens) -> Result<Assertion, ExchangeError> {
        let app_id = match self.request.okta.app_id() {
            Some(id) => id.value,
            None => self.pick_app(self.site.okta.aws_apps(tokens)?)?.id,
        };
        self.site.okta.saml_by_tokens(tokens, &app_id)
    }

    /// The one app, or the one that the person picks.
    fn pick_app(&self, mut apps: Vec<AwsApp>) -> Result<AwsApp> {
        let Account { username, domain, .. } = self.account;
        match apps.len() {
            0 => Err(Error::new(
                Kind::OktaRefused,
                format!("{domain} gives {username} no app for AWS"),
            )
            .hint("ask whoever runs Okta to assign the AWS Account Federation app to you")),
            1 => Ok(apps.swap_remove(0)),
            _ if self.engine.prompt.can_ask() => {
                let labels: Vec<String> =
                    apps.iter().map(|app| format!("{}  {}", app.label, app.id)).collect();
                let at = self.engine.prompt.pick("Which AWS app?", &labels)?;
                let app = apps.swap_remove(at.min(labels.len() - 1));
                self.engine.prompt.note(&format!(
                    "Okta: 'okta_app_id = {}' in the profile answers that for good.",
                    app.id
                ));
                Ok(app)
            }
            count => {
                let error = Error::new(
                    Kind::NeedsAnswer,
                    format!(
                        "{domain} gives {username} {count} apps for AWS, and the profile names none"
                    ),
                );
                Err(apps.iter().take(10).fold(error, |error, app| {
                    error.hint(format!("okta_app_id = {}   in the profile: {}", app.id, app.label))
                }))
            }
        }
    }
}

/// Whom of the waiting it concerns that nobody signed in in the browser: a person who said no, said
/// it to all of them; one who did not come may be sitting at another's terminal.
fn no_sign_in(error: BrowserError) -> Failed {
    let concerns = match &error {
        BrowserError::Refused(_) => Concerns::All,
        BrowserError::Expired(_) => Concerns::Unattended,
        BrowserError::Other(_) => Concerns::Same,
    };
    Failed { error: error.into_error(), concerns }
}
