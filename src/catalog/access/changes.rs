//! What access changed between two catalogues, for the reviewer of a change.
//!
//! Access is told apart by the names of team, account and role. Where the same account (by its id),
//! role (by its name in IAM) or team (by its Okta group) only has another name now, nobody gains or
//! loses anything; that is a change of it, told with the teams that it touches. So is everything that
//! leaves the grants as they are and still lets somebody do more or less: other policies of a role,
//! another Okta group of a team.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Serialize;

use crate::catalog::access::choice::Choice;
use crate::catalog::access::{Access, Record, Row};
use crate::catalog::{Account, Catalog, Policy, Role, Team};

/// What access changed.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Changes {
    /// What there was not before.
    pub added: Vec<Record>,
    /// What there is no longer.
    pub removed: Vec<Record>,
    /// What is the same access, to or by something else.
    pub changed: Vec<Change>,
}

/// One thing that is otherwise now.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Change {
    /// `account`, `role`, `team` or `hub`.
    pub of: &'static str,
    /// Its name now.
    pub name: String,
    /// What of it: `id`, `policies`.
    pub what: &'static str,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
    /// The teams whose access it touches, in the order of the catalogue.
    pub teams: Vec<String>,
}

impl Changes {
    /// What is otherwise in `new`, as far as `choice` asks. Without an old catalogue all of it is
    /// added.
    pub fn between(old: Option<&Catalog>, new: &Catalog, choice: &Choice) -> Self {
        let empty = Names::default();
        let names = old.map_or(empty, |old| Names::of(old, new));
        let everything = Choice::default();
        let after = Access::of(new, Vec::new(), &everything);
        let before = old.map(|old| Access::of(old, Vec::new(), &everything));
        let before_rows = before.as_ref().map_or(&[][..], |access| access.rows());
        let had: HashSet<Key<'_>> = before_rows.iter().map(|row| names.key(row)).collect();
        let has: HashSet<Key<'_>> = after.rows().iter().map(key).collect();
        let asked = |row: &&Row<'_>, key: Key<'_>| choice.has_row(row, key.team, key.account);
        let added = after.rows().iter().filter(|row| !had.contains(&key(row)));
        let removed = before_rows.iter().filter(|row| !has.contains(&names.key(row)));
        let added = added.filter(|row| asked(row, key(row))).map(|row| row.record(new)).collect();
        let mut changes = Self { added, ..Self::default() };
        if let Some(old) = old {
            let removed = removed.filter(|row| asked(row, names.key(row)));
            changes.removed = removed.map(|row| row.record(old)).collect();
            let kept = has.intersection(&had).copied().collect();
            changes.changed = Comparison { old, new, names: &names, kept, choice }.changed();
        }
        changes
    }

    /// Whether nothing is otherwise.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What access is told apart by; by the names that things have now.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Key<'a> {
    team: &'a str,
    account: &'a str,
    role: Option<&'a str>,
}

fn key<'a>(row: &Row<'a>) -> Key<'a> {
    Key {
        team: &row.team.name,
        account: &row.account.name,
        role: row.role().map(|role| role.name.as_str()),
    }
}

/// What has another name now: old names to new ones.
#[derive(Default)]
struct Names<'a> {
    accounts: HashMap<&'a str, &'a str>,
    roles: HashMap<&'a str, &'a str>,
    teams: HashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    fn of(old: &'a Catalog, new: &'a Catalog) -> Self {
        let mut names = Self::default();
        let gone = old.accounts().iter().filter(|account| new.account(&account.name).is_none());
        for was in gone {
            let same = |is: &&Account| is.id == was.id && old.account(&is.name).is_none();
            if let Some(is) = new.accounts().iter().find(same) {
                names.accounts.insert(&was.name, &is.name);
            }
        }
        for was in old.roles().iter().filter(|role| new.role(&role.name).is_none()) {
            let same = |is: &&Role| is.iam_name == was.iam_name && old.role(&is.name).is_none();
            if let Some(is) = new.roles().iter().find(same) {
                names.roles.insert(&was.name, &is.name);
            }
        }
        for was in old.teams().iter().filter(|team| new.team(&team.name).is_none()) {
            // Of two that a group is split into, neither is the old one.
            let of_group = |team: &&Team| team.okta_group.value == was.okta_group.value;
            let mut same = new.teams().iter().filter(of_group);
            let only =
                same.next().filter(|is| old.team(&is.name).is_none() && same.next().is_none());
            if let Some(is) = only.filter(|_| old.teams().iter().filter(of_group).count() == 1) {
                names.teams.insert(&was.name, &is.name);
            }
        }
        names
    }

    fn key(&self, row: &Row<'a>) -> Key<'a> {
        let Key { team, account, role } = key(row);
        let account = self.accounts.get(account).copied().unwrap_or(account);
        let role = role.map(|role| self.roles.get(role).copied().unwrap_or(role));
        let team = self.teams.get(team).copied().unwrap_or(team);
        Key { team, account, role }
    }
}

/// Two catalogues side by side.
struct Comparison<'a> {
    old: &'a Catalog,
    new: &'a Catalog,
    names: &'a Names<'a>,
    /// The access that there was and is.
    kept: HashSet<Key<'a>>,
    choice: &'a Choice,
}

impl Comparison<'_> {
    fn changed(&self) -> Vec<Change> {
        let mut found = Vec::new();
        self.hub(&mut found);
        for was in self.old.accounts() {
            let name = self.names.accounts.get(was.name.as_str()).copied().unwrap_or(&was.name);
            let Some(is) = self.new.account(name) else { continue };
            if !self.choice.has_account(is) && !self.choice.has_account(was) {
                continue;
            }
            let teams = || self.teams(|key| key.account == is.name);
            let facts = [
                ("name", was.name.clone(), is.name.clone()),
                ("id", was.id.clone(), is.id.clone()),
                ("partition", was.partition.to_owned(), is.partition.to_owned()),
            ];
            note(&mut found, "account", &is.name, facts, teams);
        }
        for was in self.old.roles() {
            let name = self.names.roles.get(was.name.as_str()).copied().unwrap_or(&was.name);
            let Some(is) = self.new.role(name) else { continue };
            if !self.choice.has_role(&is.name) && !self.choice.has_role(&was.name) {
                continue;
            }
            let teams = || self.teams(|key| key.role == Some(is.name.as_str()));
            let facts = [
                ("name", was.name.clone(), is.name.clone()),
                ("IAM role", was.iam_name.clone(), is.iam_name.clone()),
                ("policies", policies(&was.policies), policies(&is.policies)),
                ("session", session(was), session(is)),
            ];
            note(&mut found, "role", &is.name, facts, teams);
        }
        for was in self.old.teams() {
            let name = self.names.teams.get(was.name.as_str()).copied().unwrap_or(&was.name);
            let Some(is) = self.new.team(name) else { continue };
            if !self.choice.has_team(&is.name) && !self.choice.has_team(&was.name) {
                continue;
            }
            let facts = [
                ("name", was.name.clone(), is.name.clone()),
                ("Okta group", was.okta_group.value.clone(), is.okta_group.value.clone()),
                ("hub role", was.hub_role.value.clone(), is.hub_role.value.clone()),
                ("hub policies", policies(&was.hub_policies), policies(&is.hub_policies)),
                ("hub statements", statements(was), statements(is)),
            ];
            note(&mut found, "team", &is.name, facts, || vec![is.name.clone()]);
        }
        found
    }

    fn hub(&self, found: &mut Vec<Change>) {
        let (was, is) = (self.old.hub(), self.new.hub());
        let session = |hub: &crate::catalog::Hub| {
            hub.session.as_ref().map(|said| said.value.text.clone()).unwrap_or_default()
        };
        let provider = |hub: &crate::catalog::Hub| hub.saml_provider.value.clone();
        let facts = [
            ("SAML provider", provider(was), provider(is)),
            ("session", session(was), session(is)),
        ];
        note(found, "hub", &is.account.value, facts, || self.teams(|_| true));
    }

    /// The teams that keep an access which `touched` names, in the order of the catalogue.
    fn teams(&self, touched: impl Fn(&Key<'_>) -> bool) -> Vec<String> {
        let teams: BTreeSet<&str> =
            self.kept.iter().filter(|key| touched(key)).map(|key| key.team).collect();
        let teams = self.new.teams().iter().filter(|team| teams.contains(team.name.as_str()));
        let teams = teams.filter(|team| self.choice.has_team(&team.name));
        teams.map(|team| team.name.clone()).collect()
    }
}

/// Notes each fact that is otherwise, if it touches a team at all.
fn note<const N: usize>(
    found: &mut Vec<Change>,
    of: &'static str,
    name: &str,
    facts: [(&'static str, String, String); N],
    teams: impl Fn() -> Vec<String>,
) {
    for (what, before, after) in facts {
        if before == after {
            continue;
        }
        let teams = teams();
        if !teams.is_empty() {
            found.push(Change { of, name: name.to_owned(), what, before, after, teams });
        }
    }
}

fn policies(policies: &[Policy]) -> String {
    policies.iter().map(|policy| policy.text.as_str()).collect::<Vec<_>>().join(", ")
}

fn session(role: &Role) -> String {
    role.session.as_ref().map(|said| said.value.text.clone()).unwrap_or_default()
}

fn statements(team: &Team) -> String {
    let statements = team.hub_statements.iter().map(|said| said.value.to_string());
    statements.collect::<Vec<_>>().join(", ")
}
