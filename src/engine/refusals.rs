//! Passwords that Okta refused and that rest nowhere themselves: a mark of each, so that the same
//! one is not sent again by the next run. A few refusals lock an account.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::engine::account::{Account, Accounts};
use crate::error::{Error, Result};
use crate::sys::hash;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// The kind of the marks' item, of which there is one for a user.
pub(super) const REFUSED: &str = "refused";

/// What a password was refused for.
#[derive(Clone, Copy)]
pub(super) enum For<'a> {
    /// The sign-in.
    SignIn,
    /// The own step of the app at this address.
    Step(&'a str),
}

/// The last one that was refused, by what it was refused for.
#[derive(Default, Deserialize, Serialize)]
struct Marks {
    /// [`Account::key`]; older ones lack it.
    #[serde(default)]
    account: Option<String>,
    #[serde(flatten)]
    marks: BTreeMap<String, Mark>,
}

/// What a password is known by. It is sealed in the vault, as stored passwords are.
#[derive(Deserialize, Serialize)]
struct Mark {
    salt: String,
    hash: String,
}

impl Mark {
    fn of(password: &Secret) -> Result<Self> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|cause| {
            Error::failed("the operating system gives no random numbers").because(cause)
        })?;
        let salt = hash::sha256(&salt);
        Ok(Self { hash: hashed(&salt, password), salt })
    }

    fn is_of(&self, password: &Secret) -> bool {
        hashed(&self.salt, password) == self.hash
    }
}

fn hashed(salt: &str, password: &Secret) -> String {
    let text = zeroize::Zeroizing::new(format!("{salt}\n{}", password.expose_secret()));
    hash::sha256(text.as_bytes())
}

impl For<'_> {
    fn name(self) -> String {
        match self {
            For::SignIn => "sign-in".to_owned(),
            For::Step(app) => format!("step {app}"),
        }
    }
}

impl Accounts<'_> {
    /// Whether this very password was the last that was refused.
    pub(super) fn was_refused(
        &self,
        account: &Account,
        what: For<'_>,
        password: &Secret,
    ) -> Result<bool> {
        let found = self.marks(account)?;
        Ok(found.marks.get(&what.name()).is_some_and(|mark| mark.is_of(password)))
    }

    /// Keeps in mind that Okta refused this password.
    pub(super) fn put_refused(
        &self,
        account: &Account,
        what: For<'_>,
        password: &Secret,
    ) -> Result<()> {
        let mut found = self.marks(account)?;
        found.account = Some(account.key());
        found.marks.insert(what.name(), Mark::of(password)?);
        self.vault.put(REFUSED, &account.key(), &found)
    }

    /// Of whom any was refused, by [`Account::key`].
    pub(super) fn refused(&self) -> Result<BTreeSet<String>> {
        let found = self.vault.list::<Marks>(REFUSED)?.into_iter();
        Ok(found.filter_map(|one| self.told(one)?.account).collect())
    }

    fn marks(&self, account: &Account) -> Result<Marks> {
        Ok(self.told(self.vault.get(REFUSED, &account.key())?).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::okta::Domain;
    use crate::store::Store;
    use crate::sys::prompt::Nobody;

    #[test]
    fn a_mark_is_of_one_password_one_user_and_one_purpose_until_another_is_stored() {
        let store = Store::memory();
        let accounts = Accounts::new(&store, &Nobody);
        let domain = Domain::parse("acme.okta.com").unwrap();
        let jo = Account::new("default", &domain, "Jo@acme.com");
        let secret = |text: &str| Secret::from(text.to_owned());
        let step = For::Step("https://acme.okta.com/home/app");
        accounts.put_refused(&jo, For::SignIn, &secret("wrong")).unwrap();
        accounts.put_refused(&jo, step, &secret("stale")).unwrap();
        let is = |user: &str, what, password: &str| {
            let account = Account::new("other", &domain, user);
            accounts.was_refused(&account, what, &secret(password)).unwrap()
        };
        assert!(is("jo@acme.com", For::SignIn, "wrong"));
        assert!(is("jo@acme.com", step, "stale"));
        assert!(!is("jo@acme.com", For::SignIn, "stale"));
        assert!(!is("jo@acme.com", step, "wrong"));
        assert!(!is("jo@acme.com", For::Step("https://acme.okta.com/home/other"), "stale"));
        assert!(!is("you@acme.com", For::SignIn, "wrong"));
        let trust = crate::engine::account::PasswordTrust::Unproven;
        accounts.put_password(&jo, &secret("wrong"), trust).unwrap();
        assert!(!is("jo@acme.com", For::SignIn, "wrong"), "a person has stored it since");
    }

    #[test]
    fn marks_that_do_not_say_whose_they_are_still_count() {
        let store = Store::memory();
        let accounts = Accounts::new(&store, &Nobody);
        let jo = Account::new("default", &Domain::parse("acme.okta.com").unwrap(), "jo");
        let wrong = Secret::from("wrong".to_owned());
        let older = BTreeMap::from([(For::SignIn.name(), Mark::of(&wrong).unwrap())]);
        accounts.vault.put(REFUSED, &jo.key(), &older).unwrap();
        assert!(accounts.was_refused(&jo, For::SignIn, &wrong).unwrap());
        assert!(accounts.refused().unwrap().is_empty());
        accounts.put_refused(&jo, For::Step("app"), &wrong).unwrap();
        assert!(accounts.was_refused(&jo, For::SignIn, &wrong).unwrap());
        assert_eq!(accounts.refused().unwrap(), BTreeSet::from([jo.key()]));
    }
}
