//! What was asked for: `--team`, `--account`, `--role`.

use crate::catalog::access::Row;
use crate::catalog::access::handwritten::NotGranted;
use crate::catalog::{Account, Catalog};
use crate::error::{Error, Result};
use crate::sys::text::{did_you_mean, plain};

/// What to show; what is left out is not asked about.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The name of a team.
    pub team: Option<String>,
    /// The name of an account, or its id.
    pub account: Option<String>,
    /// The name of a role in the catalogue.
    pub role: Option<String>,
}

impl Choice {
    /// Whether everything is asked for.
    pub fn is_everything(&self) -> bool {
        self.team.is_none() && self.account.is_none() && self.role.is_none()
    }

    /// Holds it against the names of `catalogs` (of two, when changes are asked for) and of the
    /// teams that have a hand-written file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a name that is nowhere, with the nearest.
    pub fn check(&self, catalogs: &[&Catalog], handwritten: &[&str]) -> Result<()> {
        let file = catalogs.first().map_or("the catalogue", |catalog| catalog.file());
        let teams = catalogs.iter().flat_map(|catalog| catalog.teams());
        let teams = teams.map(|team| team.name.as_str()).chain(handwritten.iter().copied());
        known("team", self.team.as_deref(), file, teams.collect())?;
        let accounts = || catalogs.iter().flat_map(|catalog| catalog.accounts());
        if !self.account.as_ref().is_some_and(|id| accounts().any(|account| account.id == *id)) {
            let names = accounts().map(|account| account.name.as_str()).collect();
            known("account", self.account.as_deref(), file, names)?;
        }
        let roles = catalogs.iter().flat_map(|catalog| catalog.roles());
        known("role", self.role.as_deref(), file, roles.map(|role| role.name.as_str()).collect())
    }

    pub(super) fn has_team(&self, name: &str) -> bool {
        self.team.as_deref().is_none_or(|team| team == name)
    }

    pub(super) fn has_account(&self, account: &Account) -> bool {
        self.account.as_ref().is_none_or(|name| *name == account.name || *name == account.id)
    }

    pub(super) fn has_role(&self, name: &str) -> bool {
        self.role.as_deref().is_none_or(|role| role == name)
    }

    /// A team's own role in the hub is none of the catalogue's roles.
    pub(super) fn has_hub_roles(&self) -> bool {
        self.role.is_none()
    }

    /// `team` and `account` are the names that those of the row have in the newer of two catalogues.
    pub(super) fn has_row(&self, row: &Row<'_>, team: &str, account: &str) -> bool {
        let account = self.has_account(row.account) || self.account.as_deref() == Some(account);
        let role = match row.role() {
            Some(role) => self.has_role(&role.name),
            None => self.has_hub_roles(),
        };
        (self.has_team(&row.team.name) || self.has_team(team)) && account && role
    }

    /// What is not granted is no role of the catalogue's either; its account may be known.
    pub(super) fn has_profile(&self, catalog: &Catalog, found: &NotGranted) -> bool {
        let account = self.account.as_ref().is_none_or(|name| {
            let id = catalog.account(name).map_or(name, |account| &account.id);
            found.role_arn.contains(&format!("::{id}:"))
        });
        let role = self.role.as_ref().is_none_or(|name| {
            let role = catalog.role(name);
            role.is_some_and(|role| found.role_arn.ends_with(&format!("/{}", role.iam_name)))
        });
        self.has_team(&found.team) && account && role
    }
}

fn known(noun: &str, name: Option<&str>, file: &str, mut among: Vec<&str>) -> Result<()> {
    let Some(name) = name.filter(|name| !among.contains(name)) else { return Ok(()) };
    among.sort_unstable();
    among.dedup();
    let error = Error::usage(format!("there is no {noun} '{}' in {file}", plain(name)));
    Err(match did_you_mean(name, among.iter().copied()) {
        Some(guess) => error.hint(guess),
        None if among.is_empty() => error.hint(format!("it has no {noun} at all")),
        None if among.len() <= 20 => error.hint(format!("its {noun}s: {}", among.join(", "))),
        None => error,
    })
}
