//! Okta accounts as the vault keeps them: who signs in where, and what is remembered of it.

use serde::{Deserialize, Serialize};

use crate::engine::refusals::REFUSED;
use crate::engine::request::OktaRequest;
use crate::engine::value::{Origin, Value};
use crate::error::{Error, Kind, Result};
use crate::okta::{Cookies, Domain, FactorId, Tokens};
use crate::store::{Found, Items, Store};
use crate::sys::prompt::Prompt;
use crate::sys::secret::{ExposeSecret as _, Secret};
use crate::sys::text::did_you_mean;

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
}

/// A password at rest.
#[derive(Deserialize, Serialize)]
struct StoredPassword {
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
        let password = password.expose_secret().to_owned();
        self.vault.put(PASSWORD, &account.key(), &StoredPassword { password, trust })
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

    /// Forgets the account, and all that belongs to its user unless another account is of the same.
    pub(super) fn forget(&self, account: &Account) -> Result<()> {
        self.vault.remove(ACCOUNT, &account.name)?;
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
        }
    }

    /// What passwords, sessions and locks belong to: the user at the org, under whatever name.
    pub(super) fn key(&self) -> String {
        // Okta compares names without regard to case.
        format!("{}\n{}", self.domain, self.username.to_lowercase())
    }

    /// The org's host.
    ///
    /// # Errors
    /// When what was stored is none.
    pub fn domain(&self) -> Result<Domain> {
        Domain::parse(&self.domain)
    }
}

/// Which account a request means.
#[derive(Debug)]
pub(super) enum Which {
    /// This one.
    Stored(Account),
    /// One that is not stored yet, under this name at this org.
    New { name: String, domain: Domain },
}

impl Which {
    /// The account for a request that names a `domain`, an account, both or neither.
    ///
    /// # Errors
    /// When the account of that name is at another org, when several would do, or when none is
    /// there and nothing says which org to sign in at.
    pub(super) fn find(
        accounts: &Accounts<'_>,
        request: &OktaRequest,
        domain: Option<Domain>,
    ) -> Result<Self> {
        let which = Self::by_name(accounts, request.account.as_ref(), domain)?;
        let Some(username) = &request.given.username else { return Ok(which) };
        Ok(match which {
            Which::Stored(account) if !account.username.eq_ignore_ascii_case(username) => {
                Which::New { name: username.clone(), domain: account.domain()? }
            }
            which => which,
        })
    }

    fn by_name(
        accounts: &Accounts<'_>,
        asked: Option<&Value>,
        domain: Option<Domain>,
    ) -> Result<Self> {
        let named = asked.map(|value| value.value.as_str());
        let fits = |account: &Account| {
            domain.as_ref().is_none_or(|domain| domain.as_str() == account.domain)
        };
        let name = named.unwrap_or(DEFAULT);
        match (accounts.get(name)?, named) {
            (Some(account), _) if fits(&account) => return Ok(Which::Stored(account)),
            (Some(account), Some(name)) => {
                let wanted = domain.as_ref().map_or("", Domain::as_str);
                return Err(Error::failed(format!(
                    "the Okta account '{name}' is at {}, but this profile signs in at {wanted}",
                    account.domain
                ))
                .hint(format!("robo aws.add --account OTHER --domain {wanted}, and 'okta_account_name = OTHER' in the profile")));
            }
            (None, Some(name)) => {
                let typed = asked.is_some_and(|value| matches!(value.origin, Origin::Flag(_)));
                let stored = if typed { accounts.list()? } else { Vec::new() };
                if !stored.is_empty() {
                    return Err(misspelt(name, &stored));
                }
            }
            (_, None) => {
                let others: Vec<Account> = accounts.list()?.into_iter().filter(fits).collect();
                match others.as_slice() {
                    [one] => return Ok(Which::Stored(one.clone())),
                    [] => {}
                    several => {
                        let names: Vec<&str> =
                            several.iter().map(|account| account.name.as_str()).collect();
                        return Err(Error::failed(format!(
                            "which Okta account? There are {}",
                            names.join(", ")
                        ))
                        .hint("--account NAME, or 'okta_account_name = NAME' in the profile"));
                    }
                }
            }
        }
        let Some(domain) = domain else {
            return Err(Error::new(Kind::NeedsAnswer, no_account(name))
                .hint("robo aws.add --domain acme.okta.com   stores your Okta sign-in, once"));
        };
        // An unnamed account takes the name of its org where 'default' is at another one.
        let taken = named.is_none() && accounts.get(DEFAULT)?.is_some();
        let name = if taken { domain.as_str() } else { name };
        Ok(Which::New { name: name.to_owned(), domain: domain.clone() })
    }
}

/// The error for a flag that names none of the accounts that there are.
fn misspelt(name: &str, stored: &[Account]) -> Error {
    let names: Vec<&str> = stored.iter().map(|account| account.name.as_str()).collect();
    Error::failed(format!("no Okta account '{name}' is stored; there is {}", names.join(", ")))
        .maybe_hint(did_you_mean(name, names.iter().copied()))
        .hint(format!("robo aws.add --account {name}   stores one of that name"))
}

fn no_account(name: &str) -> String {
    if name == DEFAULT {
        "no Okta account is stored, and nothing says where to sign in".to_owned()
    } else {
        format!("no Okta account '{name}' is stored, and nothing says where to sign in")
    }
}
