//! The catalogue as the lint sees it: what it gives to whom, and the rules about it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalog::{Account, Catalog, Grant, Team};
use crate::config::strict;
use crate::config::tree::Tree;
use crate::lint::finding::Findings;
use crate::lint::repo::Repo;

/// A catalogue without a mistake, and what is looked up in it.
#[derive(Debug)]
pub(super) struct Catalogue {
    pub(super) path: String,
    pub(super) catalog: Catalog,
    /// By id.
    pub(super) accounts: BTreeMap<String, Account>,
    /// Which roles in which accounts have a profile of that name.
    by_profile: HashMap<String, Vec<(usize, usize)>>,
}

impl Catalogue {
    pub(super) fn new(path: &str, catalog: Catalog) -> Self {
        let mut accounts = BTreeMap::new();
        let mut by_profile: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (at, account) in catalog.accounts().iter().enumerate() {
            accounts.insert(account.id.clone(), account.clone());
            for (role_at, role) in catalog.roles().iter().enumerate() {
                let name = catalog.profile_name(account, role);
                by_profile.entry(name).or_default().push((at, role_at));
            }
        }
        Self { path: path.to_owned(), catalog, accounts, by_profile }
    }

    /// Whether the catalogue gives a team a profile of that name.
    pub(super) fn gives(&self, team: &str, profile: &str) -> bool {
        let Some(team) = self.catalog.team(team) else { return false };
        self.catalog.hub().profile.value == profile || self.pair(team, profile).is_some()
    }

    /// The names of the profiles that it gives to a team.
    pub(super) fn profile_names(&self, team: &str) -> Vec<String> {
        let Some(team) = self.catalog.team(team) else { return Vec::new() };
        let reach = self.catalog.reach(team).into_iter();
        let names = reach.map(|reach| self.catalog.profile_name(reach.account, reach.role));
        std::iter::once(self.catalog.hub().profile.value.clone()).chain(names).collect()
    }

    /// As much of a team's profiles as the layers above can make wrong: the hub's, those that
    /// they name, and one that inherits all it can.
    ///
    /// All other profiles are right because the catalogue is; there may be thousands for each
    /// of hundreds of teams.
    pub(super) fn tree(&self, team: &Team, named: &BTreeSet<&str>) -> Tree {
        let mut pairs: BTreeSet<(usize, usize)> =
            named.iter().filter_map(|name| self.pair(team, name)).collect();
        let inherits = team.grants.iter().find_map(|grant| {
            let roles = self.catalog.roles();
            let role = grant.roles.iter().find(|role| roles[**role].session.is_none())?;
            Some((*grant.accounts.first()?, *role))
        });
        pairs.extend(inherits);
        let rendering = self.catalog.rendering_of(team, pairs);
        let tree = strict::examine(&self.path, rendering.text.as_bytes()).tree;
        tree.placed(&self.path, &rendering.lines)
    }

    fn pair(&self, team: &Team, profile: &str) -> Option<(usize, usize)> {
        let gives = |grant: &Grant, (account, role): &(usize, usize)| {
            grant.roles.contains(role) && grant.accounts.contains(account)
        };
        let mut pairs = self.by_profile.get(profile)?.iter();
        pairs.find(|pair| team.grants.iter().any(|grant| gives(grant, pair))).copied()
    }

    /// Whether the grant in this line leads nowhere, or into a partition without a way there.
    pub(super) fn is_unreachable(&self, line: usize) -> bool {
        let grants = self.catalog.teams().iter().flat_map(|team| &team.grants);
        let hub = self.catalog.hub_account().partition;
        let accounts = self.catalog.accounts();
        grants.filter(|grant| grant.line == line).any(|grant| {
            grant.accounts.is_empty()
                || grant.accounts.iter().any(|account| accounts[*account].partition != hub)
        })
    }
}

/// Grants that give nothing which another one of the team's does not give.
pub(super) fn redundant_grants(repo: &Repo<'_>, findings: &mut Findings) {
    let Some(catalogue) = &repo.catalog else { return };
    for team in catalogue.catalog.teams() {
        for (at, grant) in team.grants.iter().enumerate() {
            if grant.roles.is_empty() || grant.accounts.is_empty() {
                continue;
            }
            let other = team.grants.iter().enumerate().find(|(other_at, other)| {
                // Of two that are alike, it is the second.
                *other_at != at && covers(other, grant) && (*other_at < at || !covers(grant, other))
            });
            if let Some((_, other)) = other {
                let message = format!(
                    "team '{}': all that this grant gives, that in line {} gives",
                    team.name, other.line
                );
                let hint = Some("remove it, or say what it is meant to add".to_owned());
                findings.add("redundant-grant", (&catalogue.path, Some(grant.line)), message, hint);
            }
        }
    }
}

/// Whether `other` gives all that `grant` gives.
fn covers(other: &Grant, grant: &Grant) -> bool {
    let within = |some: &[usize], all: &[usize]| {
        let all: BTreeSet<&usize> = all.iter().collect();
        some.iter().all(|one| all.contains(one))
    };
    within(&grant.roles, &other.roles)
        && grant.accounts.len() <= other.accounts.len()
        && within(&grant.accounts, &other.accounts)
}
