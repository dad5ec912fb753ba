//! Which Okta account a request means.

use crate::engine::account::{Account, Accounts, DEFAULT};
use crate::engine::request::OktaRequest;
use crate::engine::value::{Origin, Value};
use crate::error::{Error, Kind, Result};
use crate::okta::Domain;
use crate::sys::text::did_you_mean;

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
