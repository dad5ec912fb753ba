//! Okta accounts as the vault keeps them: who signs in where, and what is remembered of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::refusals::REFUSED;
use crate::error::Result;
use crate::okta::{Cookies, Domain, FactorId, Tokens};
use crate::store::{Found, Items, Store};
use crate::sys::prompt::Prompt;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// The name of the account that is used where none is named.
pub const DEFAULT: &str = "default";

/// An Okta account: a user at an org, under a name of the person's choice.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Account {
    /// The name, as in `okta_account_name`.
    pub name: String,
    /// The org's host.
    pub domain: String,
    /// The user's name at Okta.
    pub username: String,
    /// Okta's id of the user, once a sign-in in the browser has said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// A password at rest.
#[derive(Deserialize, Serialize)]
struct StoredPassword {
    /// [`Account::key`]; older ones lack it.
    #[serde(default)]
    account: Option<String>,
    password: String,
    trust: PasswordTrust,
}

/// A session at rest.
#[derive(Deserialize, Serialize)]
struct StoredSession {
    /// [`Account::key`].
    account: String,
    /// The item's own name.
    name: String,
    cookies: Cookies,
}

/// The name of a session's item.
fn session(account: &Account, key: Option<&str>) -> String {
    // aws-okta's default is the name of the one session.
    let key = key.filter(|key| *key != "okta-session-cookie");
    key.map_or_else(|| account.key(), |key| format!("{}\n{key}", account.key()))
}

/// Tokens at rest.
#[derive(Deserialize, Serialize)]
struct StoredTokens {
    /// [`Account::key`].
    account: String,
    /// The item's own name.
    name: String,
    tokens: Tokens,
}

/// The name of the tokens' item.
fn tokens(account: &Account, client_id: &str) -> String {
    format!("{}\n{client_id}", account.key())
}

/// What is known of a stored password.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordTrust {
    /// Okta took it.
    Proven,
    /// Okta was not asked yet.
    Unproven,
    /// Okta refused it: it is never sent again.
    Refused,
}

const ACCOUNT: &str = "account";
const PASSWORD: &str = "password";
const SESSION: &str = "session";
const FACTOR: &str = "factor";
const TOKENS: &str = "tokens";

/// The accounts in a vault. What cannot be read any more counts as not there, and is told.
pub(super) struct Accounts<'a> {
    pub(super) vault: Items<'a>,
    prompt: &'a dyn Prompt,
}

impl<'a> Accounts<'a> {
    pub(super) fn new(store: &'a Store<'a>, prompt: &'a dyn Prompt) -> Self {
        Self { vault: store.vault(), prompt }
    }

    /// All of them, by name.
    pub(super) fn list(&self) -> Result<Vec<Account>> {
        let found = self.vault.list::<Account>(ACCOUNT)?;
        let mut accounts: Vec<Account> =
            found.into_iter().filter_map(|one| self.told(one)).collect();
        accounts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(accounts)
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<Account>> {
        Ok(self.told(self.vault.get(ACCOUNT, name)?))
    }

    pub(super) fn put(&self, account: &Account) -> Result<()> {
        self.vault.put(ACCOUNT, &account.name, account)
    }

    pub(super) fn password(&self, account: &Account) -> Result<Option<(Secret, PasswordTrust)>> {
        let found = self.told(self.vault.get::<StoredPassword>(PASSWORD, &account.key())?);
        Ok(found.map(|stored| (Secret::from(stored.password), stored.trust)))
    }

    pub(super) fn put_password(
        &self,
        account: &Account,
        password: &Secret,
        trust: PasswordTrust,
    ) -> Result<()> {
        if trust != PasswordTrust::Refused {
            self.vault.remove(REFUSED, &account.key())?;
        }
        let (key, password) = (account.key(), password.expose_secret().to_owned());
        let stored = StoredPassword { account: Some(key.clone()), password, trust };
        self.vault.put(PASSWORD, &key, &stored)
    }

    /// The session of an account; `key` tells several apart (`okta_session_cookie_key`).
    pub(super) fn cookies(&self, account: &Account, key: Option<&str>) -> Result<Cookies> {
        let found = self.told(self.vault.get::<StoredSession>(SESSION, &session(account, key))?);
        Ok(found.map(|stored| stored.cookies).unwrap_or_default())
    }

    pub(super) fn put_cookies(
        &self,
        account: &Account,
        key: Option<&str>,
        cookies: &Cookies,
    ) -> Result<()> {
        let (name, cookies) = (session(account, key), cookies.clone());
        let stored = StoredSession { account: account.key(), name, cookies };
        self.vault.put(SESSION, &stored.name, &stored)
    }

    pub(super) fn factor(&self, account: &Account) -> Result<Option<FactorId>> {
        Ok(self.told(self.vault.get(FACTOR, &account.key())?))
    }

    pub(super) fn put_factor(&self, account: &Account, factor: &FactorId) -> Result<()> {
        self.vault.put(FACTOR, &account.key(), factor)
    }

    /// The tokens of a sign-in in the browser, which were given to that client.
    pub(super) fn tokens(&self, account: &Account, client_id: &str) -> Result<Option<Tokens>> {
        let name = tokens(account, client_id);
        let found = self.told(self.vault.get::<StoredTokens>(TOKENS, &name)?);
        Ok(found.map(|stored| stored.tokens))
    }

    pub(super) fn put_tokens(&self, account: &Account, tokens: &Tokens) -> Result<()> {
        let name = self::tokens(account, &tokens.client_id);
        let stored = StoredTokens { account: account.key(), name, tokens: tokens.clone() };
        self.vault.put(TOKENS, &stored.name, &stored)
    }

    /// Forgets tokens that are good no more, unless somebody has put others there.
    pub(super) fn drop_tokens(&self, account: &Account, tokens: &Tokens) -> Result<()> {
        let stored = self.tokens(account, &tokens.client_id)?;
        let same = |stored: &Tokens| stored.access.expose_secret() == tokens.access.expose_secret();
        if stored.as_ref().is_some_and(same) {
            self.vault.remove(TOKENS, &self::tokens(account, &tokens.client_id))?;
        }
        Ok(())
    }

    /// Forgets the sign-ins in the browser of an account, and gives those that there were.
    pub(super) fn forget_tokens(&self, account: &Account) -> Result<Vec<Tokens>> {
        let found = self.vault.list::<StoredTokens>(TOKENS)?.into_iter();
        let own = |stored: &StoredTokens| stored.account == account.key();
        let mut forgotten = Vec::new();
        for stored in found.filter_map(|one| self.told(one)).filter(own) {
            self.vault.remove(TOKENS, &stored.name)?;
            forgotten.push(stored.tokens);
        }
        Ok(forgotten)
    }

    /// Forgets the sessions of an account, and gives those that there were. The device's own token
    /// stays, so that Okta knows the device.
    pub(super) fn forget_sessions(&self, account: &Account) -> Result<Vec<Cookies>> {
        let mut ended = Vec::new();
        for mut stored in self.sessions(account)? {
            if stored.cookies.has_session() {
                ended.push(stored.cookies.clone());
            }
            stored.cookies.drop_session();
            if stored.cookies.dt.is_some() {
                self.vault.put(SESSION, &stored.name, &stored)?;
            } else {
                self.vault.remove(SESSION, &stored.name)?;
            }
        }
        Ok(ended)
    }

    /// Of whom something is kept without a stored account: who signed in by `--username`, whose
    /// password was refused before it could be stored. They go by the user's name.
    pub(super) fn strays(&self) -> Result<Vec<Account>> {
        let stored = self.list()?;
        let sessions = self.vault.list::<StoredSession>(SESSION)?.into_iter();
        let sessions = sessions.filter_map(|one| self.told(one)).map(|stored| stored.account);
        let tokens = self.vault.list::<StoredTokens>(TOKENS)?.into_iter();
        let tokens = tokens.filter_map(|one| self.told(one)).map(|stored| stored.account);
        let passwords = self.vault.list::<StoredPassword>(PASSWORD)?.into_iter();
        let passwords = passwords.filter_map(|one| self.told(one)?.account);
        let keys = sessions.chain(tokens).chain(passwords).chain(self.refused()?);
        let keys: BTreeSet<String> = keys.collect();
        let strays = keys.iter().filter_map(|key| Account::of_key(key));
        Ok(strays.filter(|stray| stored.iter().all(|one| one.key() != stray.key())).collect())
    }

    /// Forgets the account, and all that belongs to its user unless another account is of the same.
    pub(super) fn forget(&self, account: &Account) -> Result<()> {
        // A stray may go by the name of somebody else's account.
        if self.get(&account.name)?.is_some_and(|stored| stored.key() == account.key()) {
            self.vault.remove(ACCOUNT, &account.name)?;
        }
        if self.list()?.iter().any(|other| other.key() == account.key()) {
            return Ok(());
        }
        for stored in self.sessions(account)? {
            self.vault.remove(SESSION, &stored.name)?;
        }
        for kind in [PASSWORD, FACTOR, REFUSED] {
            self.vault.remove(kind, &account.key())?;
        }
        self.forget_tokens(account)?;
        Ok(())
    }

    fn sessions(&self, account: &Account) -> Result<Vec<StoredSession>> {
        let found = self.vault.list::<StoredSession>(SESSION)?.into_iter();
        let own = |stored: &StoredSession| stored.account == account.key();
        Ok(found.filter_map(|one| self.told(one)).filter(own).collect())
    }

    pub(super) fn told<T>(&self, found: Found<T>) -> Option<T> {
        match found {
            Found::Nothing => None,
            Found::Item(item) => Some(item),
            Found::Unreadable(why) => {
                self.prompt.note(&format!("{why}; it counts as not there"));
                None
            }
        }
    }
}

impl Account {
    /// An account of that name.
    pub fn new(name: &str, domain: &Domain, username: &str) -> Self {
        Self {
            name: name.to_owned(),
            domain: domain.as_str().to_owned(),
            username: username.to_owned(),
            subject: None,
        }
    }

    /// What passwords, sessions and locks belong to: the user at the org, under whatever name.
    pub(super) fn key(&self) -> String {
        // Okta compares names without regard to case.
        format!("{}\n{}", self.domain, self.username.to_lowercase())
    }

    /// The user of a [`Account::key`], by the user's name.
    fn of_key(key: &str) -> Option<Self> {
        let (domain, username) = key.split_once('\n')?;
        let (domain, username) = (domain.to_owned(), username.to_owned());
        Some(Self { name: username.clone(), domain, username, subject: None })
    }

    /// Whether `name` means it: its own name, or its user's.
    pub fn goes_by(&self, name: &str) -> bool {
        self.name == name || self.username.eq_ignore_ascii_case(name)
    }

    /// The org's host.
    ///
    /// # Errors
    /// When what was stored is none.
    pub fn domain(&self) -> Result<Domain> {
        Domain::parse(&self.domain)
    }
}
