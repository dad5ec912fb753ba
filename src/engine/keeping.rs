//! Storing and forgetting Okta accounts.

use crate::engine::Engine;
use crate::engine::account::{Account, Accounts, PasswordTrust};
use crate::engine::cache::Cache;
use crate::error::{Error, Kind, Result};
use crate::okta::{Credentials, Okta, SignInError};
use crate::sys::secret::{ExposeSecret as _, Secret};

/// What was forgotten.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Forgotten {
    /// Whose sessions were ended at Okta.
    pub sessions: Vec<Account>,
    /// Whose sign-ins in the browser were ended, as far as they were robo's.
    pub sign_ins: Vec<Account>,
    /// The accounts that were forgotten altogether.
    pub accounts: Vec<Account>,
    /// Those of them that had a password, or of whom one was refused.
    pub passwords: Vec<Account>,
    /// How many credentials were in the cache.
    pub credentials: usize,
}

impl Engine<'_> {
    /// The stored accounts, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        Accounts::new(self.store, self.prompt).list()
    }

    /// Whose there is something to forget: the stored accounts, and who signed in without one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn known(&self) -> Result<Vec<Account>> {
        let accounts = Accounts::new(self.store, self.prompt);
        let (mut known, strays) = (accounts.list()?, accounts.strays()?);
        known.extend(strays);
        Ok(known)
    }

    /// The stored accounts, by name, each with what is known of its password.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn accounts_with_passwords(&self) -> Result<Vec<(Account, Option<PasswordTrust>)>> {
        let accounts = Accounts::new(self.store, self.prompt);
        let with_password = |account: Account| {
            let trust = accounts.password(&account)?.map(|(_, trust)| trust);
            Ok((account, trust))
        };
        accounts.list()?.into_iter().map(with_password).collect()
    }

    /// Stores an account and its password, in place of an older one of that name. With `check`
    /// Okta is asked first whether it takes the password, and nothing is stored if it does not; no
    /// second factor is asked for. One that has expired is changed where somebody is there to
    /// choose another, and that is stored.
    ///
    /// # Errors
    /// When Okta refuses or cannot be reached, or the store cannot be written.
    pub fn add(&self, account: &Account, password: &Secret, check: bool) -> Result<()> {
        let accounts = Accounts::new(self.store, self.prompt);
        let mut credentials = Credentials::new(&account.username, password);
        let trust = if check {
            refused_before(&accounts, account, password)?;
            let domain = account.domain()?;
            (self.trust)(&domain)?;
            let okta = Okta::new(self.http, self.clock, self.prompt, &domain);
            match okta.check_password(&mut credentials) {
                Ok(()) => {}
                Err(SignInError::PasswordRefused(error)) => {
                    self.kept(mark_refused(&accounts, account, password));
                    return Err(error);
                }
                Err(SignInError::NotThisWay(error)) => {
                    return Err(error
                        .hint("an Identity Engine org may take none: with okta_client_id in your AWS config one signs in in the browser, and no account has to be stored")
                        .hint("'robo aws.doctor' says what whoever runs Okta has to set up for that"));
                }
                Err(SignInError::Other(error)) => return Err(error),
            }
            PasswordTrust::Proven
        } else {
            PasswordTrust::Unproven
        };
        // Who had the name before goes with all that was theirs.
        if let Some(old) = accounts.get(&account.name)?.filter(|old| old.key() != account.key()) {
            accounts.forget(&old)?;
        }
        accounts.put(account)?;
        accounts.put_password(account, &credentials.password, trust)
    }

    /// Forgets cached credentials and Okta sessions, of one account (by its name or its user's) or
    /// of all; with `passwords` the accounts and their passwords too. Sessions are ended at Okta as
    /// well, if it answers.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn forget(&self, account: Option<&str>, passwords: bool) -> Result<Forgotten> {
        let accounts = Accounts::new(self.store, self.prompt);
        let mut list = self.known()?;
        if let Some(name) = account {
            // A stored account's own name goes before those of users, by which go who have none.
            let stored = accounts.get(name)?.map(|stored| stored.key());
            list.retain(|one| match &stored {
                Some(key) => one.name == name && one.key() == *key,
                None => one.goes_by(name),
            });
        }
        let mut forgotten = Forgotten::default();
        for one in list {
            let mut ended = false;
            for cookies in &accounts.forget_sessions(&one)? {
                ended |= self.ended(&one, |okta| okta.sign_out(cookies));
            }
            if ended {
                forgotten.sessions.push(one.clone());
            }
            let mut ended = false;
            for tokens in &accounts.forget_tokens(&one)? {
                ended |= self.ended(&one, |okta| okta.revoke(tokens));
            }
            if ended {
                forgotten.sign_ins.push(one.clone());
            }
            forgotten.credentials += Cache::new(self.store).forget(&one)?;
            if passwords {
                if accounts.password(&one)?.is_some() || accounts.refused()?.contains(&one.key()) {
                    forgotten.passwords.push(one.clone());
                }
                accounts.forget(&one)?;
                forgotten.accounts.push(one);
            }
        }
        if account.is_none() {
            if passwords {
                // Whatever else is there: what cannot be read, what no account names any more.
                self.store.vault().clear()?;
            }
            self.store.cache().clear()?;
        }
        Ok(forgotten)
    }

    /// Ends a session at Okta; says whether it could. That it could not is no failure: it is
    /// forgotten here, and ends by itself.
    fn ended(&self, account: &Account, end: impl FnOnce(&Okta<'_>) -> Result<()>) -> bool {
        let ended = account
            .domain()
            .and_then(|domain| end(&Okta::new(self.http, self.clock, self.prompt, &domain)));
        if let Err(error) = &ended {
            let Account { username, domain, .. } = account;
            self.prompt.note(&format!("the session of {username} was forgotten, but could not be ended at {domain}: {error}"));
        }
        ended.is_ok()
    }
}

/// Fails for the very password that Okta refused before.
fn refused_before(accounts: &Accounts<'_>, account: &Account, password: &Secret) -> Result<()> {
    let refused = match accounts.password(account)? {
        Some((stored, PasswordTrust::Refused)) => {
            stored.expose_secret() == password.expose_secret()
        }
        _ => false,
    };
    if !refused {
        return Ok(());
    }
    let Account { username, domain, .. } = account;
    Err(Error::new(
        Kind::OktaRefused,
        format!("Okta refused this very password of {username} ({domain}) before"),
    )
    .hint("it was not sent again: a few refusals lock the account")
    .hint("if it is right by now, --no-verify stores it all the same"))
}

/// Remembers a refused password, unless another one is stored, which may be good.
fn mark_refused(accounts: &Accounts<'_>, account: &Account, password: &Secret) -> Result<()> {
    let other = match accounts.password(account)? {
        Some((stored, PasswordTrust::Proven | PasswordTrust::Unproven)) => {
            stored.expose_secret() != password.expose_secret()
        }
        Some((_, PasswordTrust::Refused)) | None => false,
    };
    if other { Ok(()) } else { accounts.put_password(account, password, PasswordTrust::Refused) }
}
