//! Who signed in in the browser: a newcomer, or the user of the account that was meant.

use crate::engine::Engine;
use crate::engine::account::{Account, Accounts};
use crate::engine::login::Login;
use crate::engine::request::OktaRequest;
use crate::engine::site::Site;
use crate::engine::value::{Origin, Value};
use crate::error::{Error, Kind, Result};
use crate::okta::Tokens;

impl Engine<'_> {
    /// The account of a newcomer, under `name`. Who is there is asked whether it is them, before
    /// anything is kept.
    pub(super) fn newly(&self, site: &Site<'_>, name: &str, tokens: &Tokens) -> Result<Account> {
        let domain = site.domain;
        // Somebody may have signed in at another org meanwhile, and have the name now.
        let stored = Accounts::new(self.store, self.prompt).get(name)?;
        let taken = stored.is_some_and(|stored| stored.domain != domain.as_str());
        let name = if taken { domain.as_str() } else { name };
        // The tokens are never without a name.
        let user = tokens.user().unwrap_or_default();
        self.signed_in_as(&user, domain.as_str());
        if self.prompt.can_ask() {
            let question = format!("Keep {user} as the Okta account '{name}'?");
            let kept = self.prompt.confirm(&question, true);
            if !matches!(kept, Ok(true)) {
                self.give_back(site, tokens);
                kept?;
                return Err(Error::failed(format!("nothing is kept of the sign-in as {user}"))
                    .hint(format!(
                        "sign out of https://{domain} in the browser, then run it again"
                    )));
            }
        } else {
            self.prompt.note(&format!(
                "It is kept as the Okta account '{name}'; 'robo aws.logout --all --account {name}' forgets it."
            ));
        }
        Ok(Account { subject: tokens.subject(), ..Account::new(name, domain, &user) })
    }

    pub(super) fn signed_in_as(&self, user: &str, domain: &str) {
        self.prompt.note(&format!("Okta: signed in as {user} at {domain}."));
    }

    /// Ends a sign-in that is of no use here.
    fn give_back(&self, site: &Site<'_>, tokens: &Tokens) {
        if let Err(error) = site.okta.revoke(tokens) {
            self.prompt.detail(&format!("Okta: that sign-in could not be ended: {error}"));
        }
    }

    /// Tells of flags that have no part in a sign-in in the browser.
    pub(super) fn tell_unused(&self, okta: &OktaRequest) {
        let flag = |value: &Option<Value>| match value.as_ref()?.origin {
            Origin::Flag(name) => Some(name),
            _ => None,
        };
        let code = okta.given.code.is_some().then_some("--mfa-code");
        let flags = [code, flag(&okta.provider), flag(&okta.factor_type), flag(&okta.duo_device)];
        let flags: Vec<&str> = flags.into_iter().flatten().collect();
        if !flags.is_empty() {
            self.prompt.note(&format!(
                "Okta: the second factor is answered in the browser, without {}.",
                flags.join(", ")
            ));
        }
        if okta.given.password.is_some() {
            self.prompt.note(&format!(
                "Okta: okta_auth = device ({}), so the password of --password-stdin is not sent.",
                okta.auth.origin
            ));
        }
    }
}

impl Login<'_> {
    /// Fails, and ends the sign-in, where somebody else signed in than the account's user.
    pub(super) fn checked_user(&self, tokens: &Tokens) -> Result<()> {
        let Account { name, domain, username, subject } = self.account;
        let user = tokens.user().unwrap_or_default();
        let (now, before) = (tokens.subject(), subject.as_ref());
        let stored = self.accounts.get(name)?.filter(|stored| stored.key() == self.account.key());
        if (now.is_some() && now.as_ref() == before) || is_same(&user, username) {
            self.engine.signed_in_as(&user, domain);
            if let (Some(stored), Some(_)) =
                (stored, now.as_ref().filter(|_| now.as_ref() != before))
            {
                let account = Account { subject: now, ..stored };
                self.engine.kept(self.accounts.put(&account));
            }
            return Ok(());
        }
        self.engine.give_back(self.site, tokens);
        let meant = match &stored {
            Some(_) => format!("the Okta account '{name}' is {username} ({domain})"),
            None => format!("--username is {username} ({domain})"),
        };
        let error =
            Error::new(Kind::OktaRefused, format!("{user} signed in in the browser, but {meant}"))
                .hint(format!("sign out of https://{domain} in the browser, then run it again"));
        Err(match stored {
            Some(_) => error.hint(format!("or give {user} an account of its own: 'okta_account_name = OTHER' in the profile; 'robo aws.logout --all --account {name}' forgets this one")),
            None => error.hint(format!("or run it with --username {user}")),
        })
    }
}

/// Whether two names are one user's: Okta compares without regard to case, and lets people leave
/// out the part behind `@`.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let short = |short: &str, long: &str| {
        !short.contains('@') && long.split('@').next().is_some_and(|name| name == short)
    };
    one == other || short(&one, &other) || short(&other, &one)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_name_may_lack_its_end() {
        for (one, other, want) in [
            ("you@acme.com", "You@Acme.com", true),
            ("you", "you@acme.com", true),
            ("you@acme.com", "you", true),
            ("you@acme.com", "you@other.com", false),
            ("you", "your@acme.com", false),
        ] {
            assert_eq!(is_same(one, other), want, "{one} {other}");
        }
    }
}
