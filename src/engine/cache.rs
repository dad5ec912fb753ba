//! The cache of AWS credentials: each hop's own, under exactly what selects them.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws::{Credentials, Stored};
use crate::engine::account::Account;
use crate::engine::request::{Request, SourceIdentity, Step};
use crate::engine::value::Value;
use crate::error::Result;
use crate::store::{Found, Items, Store};
use crate::sys::hash;

const KIND: &str = "credentials";

/// One entry: who and what it is for, and the credentials.
#[derive(Deserialize, Serialize)]
struct Entry {
    /// The key, whole: a file's name has only a hash of it.
    key: String,
    account: Account,
    role_arn: String,
    credentials: Stored,
}

/// What selects the credentials of a step. Two requests with the same key get the same
/// credentials, whatever their profiles are called; every difference that AWS would see makes
/// another key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Key(String);

impl Key {
    /// The key of the step `at` of a request.
    pub(super) fn new(request: &Request, account: &Account, at: usize, endpoint: &str) -> Self {
        let text = |value: &Option<Value>| value.as_ref().map(|value| value.value.clone());
        let app = text(&request.okta.app).unwrap_or_default();
        let app_id = text(&request.okta.app_id);
        let mut parts = vec![account.key(), app.trim_start_matches('/').to_owned()];
        parts.extend(app_id.iter().cloned());
        for step in &request.steps[..=at] {
            parts.extend(who(step, account));
        }
        // A role or an app that is picked is picked for this profile alone.
        let picked = app.is_empty() && app_id.is_none();
        if picked || request.steps[0].role_arn.is_none() {
            parts.push(request.profile.clone());
        }
        let last = &request.steps[at];
        parts.push(last.duration.value.as_secs().to_string());
        parts.push(last.external_id.as_ref().map_or_else(String::new, |id| id.as_str().to_owned()));
        parts.push(endpoint.to_owned());
        // Each part in quotes: no two lists make one text.
        Self(format!("{parts:?}"))
    }

    /// A name for locks.
    pub(super) fn id(&self) -> String {
        let mut id = hash::sha256(self.0.as_bytes());
        id.truncate(32);
        id
    }
}

/// What of a step its successors inherit: who one is in AWS after it.
fn who(step: &Step, account: &Account) -> [String; 3] {
    let role = step.role_arn.as_ref().map(|role| role.value.clone());
    let name = step.session_name.as_ref().map(|name| name.value.to_string());
    let identity = step.source_identity.as_ref().map(|identity| match identity {
        SourceIdentity::OktaUser => account.username.clone(),
        SourceIdentity::Text(text) => text.to_string(),
    });
    [role.unwrap_or_default(), name.unwrap_or_default(), identity.unwrap_or_default()]
}

/// The cached credentials.
pub(super) struct Cache<'a> {
    items: Items<'a>,
}

impl<'a> Cache<'a> {
    pub(super) fn new(store: &'a Store<'a>) -> Self {
        Self { items: store.cache() }
    }

    /// What is cached, whatever its age. What cannot be read is not there: it can be had again.
    pub(super) fn get(&self, key: &Key) -> Result<Option<(String, Credentials)>> {
        Ok(match self.items.get::<Entry>(KIND, &key.0)? {
            Found::Item(entry) => Some((entry.role_arn, entry.credentials.into())),
            Found::Nothing | Found::Unreadable(_) => None,
        })
    }

    /// What is cached and good for longer than `min_ttl`, or half of its lifetime.
    pub(super) fn fresh(
        &self,
        key: &Key,
        now: Timestamp,
        min_ttl: Duration,
    ) -> Result<Option<(String, Credentials)>> {
        Ok(self.get(key)?.filter(|(_, credentials)| credentials.is_fresh(now, min_ttl)))
    }

    pub(super) fn put(
        &self,
        key: &Key,
        account: &Account,
        role_arn: &str,
        credentials: &Credentials,
    ) -> Result<()> {
        let entry = Entry {
            key: key.0.clone(),
            account: account.clone(),
            role_arn: role_arn.to_owned(),
            credentials: credentials.clone().into(),
        };
        self.items.put(KIND, &key.0, &entry)
    }

    /// Forgets what was got for an account; gives how much that was.
    pub(super) fn forget(&self, account: &Account) -> Result<usize> {
        let entries = self.items.list::<Entry>(KIND)?;
        let theirs = entries.into_iter().filter_map(Found::item);
        let mut forgotten = 0;
        for entry in theirs.filter(|entry| entry.account.key() == account.key()) {
            forgotten += usize::from(self.items.remove(KIND, &entry.key)?);
        }
        Ok(forgotten)
    }

    /// Forgets credentials that AWS does not take any more, unless somebody has put others there.
    pub(super) fn remove(&self, key: &Key, credentials: &Credentials) -> Result<()> {
        let refused =
            |(_, there): (String, Credentials)| there.access_key_id == credentials.access_key_id;
        if self.get(key)?.is_some_and(refused) {
            self.items.remove(KIND, &key.0)?;
        }
        Ok(())
    }
}
