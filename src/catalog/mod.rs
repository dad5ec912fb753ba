//! The catalogue, `aws/catalog.toml`: accounts, roles, teams, and who may do what where.
//!
//! | file | knows |
//! | --- | --- |
//! | [`model`] | what a catalogue speaks of |
//! | `page` | TOML whose every key knows its line |
//! | `read`, `teams`, `statement` | from TOML to the model |
//! | `flaw`, `partition` | what is wrong with a value |
//! | `whole` | what is wrong only with all of it together |
//! | [`problem`] | the list of all that is wrong |
//! | `reach` | which roles in which accounts a team can get into |
//! | [`render`] | a team's AWS config |
//! | [`access`] | who has access to what, and what of it changed |
//! | [`terraform`] | the variables that AWS and Okta are set up from |
//!
//! It is handed text and gives values: it knows no repo, no folder and no terminal.

pub mod access;
mod flaw;
pub mod model;
mod page;
mod partition;
pub mod problem;
mod reach;
mod read;
pub mod render;
mod statement;
mod teams;
pub mod terraform;
#[cfg(test)]
mod tests;
mod whole;

use std::collections::HashMap;

use toml::de::DeTable;

pub use self::model::{
    Account, Grant, Hub, Naming, Okta, Policy, Reach, Role, Said, Session, Team,
};
pub use self::problem::{Problem, Problems, Weight};

use self::page::Page;
use self::read::Tables;
use self::teams::Named;
use crate::error::Result;

/// A catalogue without a mistake.
#[derive(Clone, Debug)]
pub struct Catalog {
    file: String,
    okta: Okta,
    hub: Hub,
    hub_account: usize,
    naming: Naming,
    accounts: Vec<Account>,
    roles: Vec<Role>,
    teams: Vec<Team>,
    accounts_by_name: HashMap<String, usize>,
    teams_by_name: HashMap<String, usize>,
}

impl Catalog {
    /// Reads the text of the catalogue that a person knows as `name`; beside it come warnings,
    /// each with its place.
    ///
    /// # Errors
    /// When there is a mistake in it: the first with its line, and the others below it.
    pub fn parse(name: &str, text: &str) -> Result<(Self, Vec<String>)> {
        let (catalog, problems) = Self::read(name, text);
        match (catalog, problems.error(text)) {
            (Some(catalog), None) => Ok((catalog, problems.warnings())),
            (_, Some(error)) => Err(error),
            (None, None) => Err(crate::Error::failed(format!("{name} cannot be read"))),
        }
    }

    /// Reads it, and gives all that is wrong with it; no catalogue when one thing is a mistake.
    pub fn read(name: &str, text: &str) -> (Option<Self>, Problems) {
        let mut page = Page::new(name, text);
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            page.syntax(text, error);
        }
        // What is read out of half a table would only be more of the same.
        let catalog = errors.is_empty().then(|| Self::of(&mut page, name, root.get_ref()));
        page.problems.sort();
        (catalog.filter(|_| !page.problems.is_fatal()), page.problems)
    }

    fn of(page: &mut Page, name: &str, root: &DeTable<'_>) -> Self {
        let tables = Tables::find(page, root);
        let okta = tables.okta.map(|entry| read::okta(page, entry)).unwrap_or_default();
        let hub = read::hub(page, tables.hub);
        let naming = read::naming(page, tables.profiles);
        let accounts = tables.accounts.map(|entry| read::accounts(page, entry)).unwrap_or_default();
        let roles = tables.roles.map(|entry| read::roles(page, entry)).unwrap_or_default();
        let hub_account = accounts.iter().position(|account| account.name == hub.account.value);
        if hub_account.is_none() && !hub.account.value.is_empty() {
            let known = accounts.iter().map(|account| account.name.as_str());
            let account = &hub.account.value;
            let guess = page.guess(account, known);
            let what = format!("[hub]: there is no account '{account}'{guess}");
            page.mistake(hub.account.line, what);
        }
        let named = Named::new(&accounts, &roles, hub_account);
        let teams = tables.teams.map(|entry| teams::teams(page, entry, &named));
        let teams = teams.unwrap_or_default();
        if let Some(role) = &naming.default_role
            && named.role(&role.value).is_none()
        {
            let guess = page.guess(&role.value, roles.iter().map(|role| role.name.as_str()));
            let what = format!("[profiles]: there is no role '{}'{guess}", role.value);
            page.mistake(role.line, what);
        }
        let index = |names: Vec<&String>| -> HashMap<String, usize> {
            names.into_iter().cloned().enumerate().map(|(at, name)| (name, at)).collect()
        };
        let catalog = Self {
            file: name.to_owned(),
            accounts_by_name: index(accounts.iter().map(|account| &account.name).collect()),
            teams_by_name: index(teams.iter().map(|team| &team.name).collect()),
            okta,
            hub,
            hub_account: hub_account.unwrap_or(0),
            naming,
            accounts,
            roles,
            teams,
        };
        if !page.problems.is_fatal() {
            whole::check(page, &catalog);
        }
        catalog
    }

    /// The file as a person knows it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// `aws/catalog.toml:31`
    pub fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.file)
    }

    /// Where everybody signs in.
    pub fn okta(&self) -> &Okta {
        &self.okta
    }

    /// What is said of the hub.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The hub's account.
    pub fn hub_account(&self) -> &Account {
        &self.accounts[self.hub_account]
    }

    /// How profiles are named.
    pub fn naming(&self) -> &Naming {
        &self.naming
    }

    /// The accounts, in the order they are written.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The account of that name.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts_by_name.get(name).map(|at| &self.accounts[*at])
    }

    /// The roles, in the order they are written.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The role of that name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// The teams, in the order they are written.
    pub fn teams(&self) -> &[Team] {
        &self.teams
    }

    /// The team of that name.
    pub fn team(&self, name: &str) -> Option<&Team> {
        self.teams_by_name.get(name).map(|at| &self.teams[*at])
    }

    /// `arn:aws:iam::222222222222:role/Administrator`
    pub fn role_arn(&self, account: &Account, role: &Role) -> String {
        format!("arn:{}:iam::{}:role/{}", account.partition, account.id, role.iam_name)
    }

    /// The ARN of a team's role in the hub.
    pub fn hub_role_arn(&self, team: &Team) -> String {
        let hub = self.hub_account();
        format!("arn:{}:iam::{}:role/{}", hub.partition, hub.id, team.hub_role.value)
    }

    /// Whether `name` is the name of the profile of a role in an account.
    fn profile_name_is(&self, account: &Account, role: &Role, name: &str) -> bool {
        // Names are long to make and quickly told apart.
        name.contains(&account.name) && self.profile_name(account, role) == name
    }

    /// The name of the profile of a role in an account.
    pub fn profile_name(&self, account: &Account, role: &Role) -> String {
        match &self.naming.default_role {
            Some(default) if default.value == role.name => account.name.clone(),
            _ => {
                let pattern = &self.naming.pattern.value;
                // No name has a '{' in it, so none is taken for a placeholder.
                pattern.replace("{account}", &account.name).replace("{role}", &role.name)
            }
        }
    }
}
