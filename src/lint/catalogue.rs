//! The catalogue as the lint sees it: what it gives to whom, and the rules about it.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::access::handwritten::{self, NotGranted};
use crate::catalog::{Account, Catalog, Grant, Team};
use crate::config::arn::RoleArn;
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
    /// The lines of grants that lead nowhere, or into a partition without a way there.
    unreachable: BTreeSet<usize>,
}

/// A team of more grants than this is not searched for redundant ones: each is compared with each.
const MOST_GRANTS: usize = 100;

impl Catalogue {
    pub(super) fn new(path: &str, catalog: Catalog) -> Self {
        let accounts = catalog.accounts().iter();
        let accounts = accounts.map(|account| (account.id.clone(), account.clone())).collect();
        let hub = catalog.hub_account().partition;
        let elsewhere = |account: &usize| catalog.accounts()[*account].partition != hub;
        let grants = catalog.teams().iter().flat_map(|team| &team.grants);
        let unreachable = grants
            .filter(|grant| grant.accounts.is_empty() || grant.accounts.iter().any(elsewhere))
            .map(|grant| grant.line)
            .collect();
        Self { path: path.to_owned(), catalog, accounts, unreachable }
    }

    /// Which of the wanted profiles the catalogue gives to a team: of which account and role.
    /// Makes the name of each profile of the team once.
    fn given<'w>(
        &self,
        team: &Team,
        wanted: &BTreeSet<&'w str>,
    ) -> BTreeMap<&'w str, (usize, usize)> {
        let mut given = BTreeMap::new();
        if wanted.is_empty() {
            return given;
        }
        let (accounts, roles) = (self.catalog.accounts(), self.catalog.roles());
        for grant in &team.grants {
            for (account, role) in grant
                .accounts
                .iter()
                .flat_map(|account| grant.roles.iter().map(move |role| (*account, *role)))
            {
                let name = self.catalog.profile_name(&accounts[account], &roles[role]);
                if let Some(name) = wanted.get(name.as_str()) {
                    given.insert(*name, (account, role));
                }
            }
        }
        given
    }

    /// Takes out of `wanted` the profiles that the catalogue gives to a team.
    pub(super) fn take_given(&self, team: &str, wanted: &mut BTreeSet<&str>) {
        let Some(team) = self.catalog.team(team) else { return };
        wanted.remove(self.catalog.hub().profile.value.as_str());
        for name in self.given(team, wanted).into_keys() {
            wanted.remove(name);
        }
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
        let mut named = named.clone();
        named.remove(self.catalog.hub().profile.value.as_str());
        let mut pairs: BTreeSet<(usize, usize)> = self.given(team, &named).into_values().collect();
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

    /// Whether the grant in this line leads nowhere, or into a partition without a way there.
    pub(super) fn is_unreachable(&self, line: usize) -> bool {
        self.unreachable.contains(&line)
    }
}

/// Grants that give nothing which another one of the team's does not give.
pub(super) fn redundant_grants(repo: &Repo<'_>, findings: &mut Findings) {
    let Some(catalogue) = &repo.catalog else { return };
    let teams = catalogue.catalog.teams().iter();
    for team in teams.filter(|team| team.grants.len() <= MOST_GRANTS) {
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

/// Roles of hand-written files that the catalogue, which has the account and the team, does not
/// grant. What several teams get by one line is told once.
pub(super) fn not_granted(repo: &Repo<'_>, findings: &mut Findings) {
    let Some(catalogue) = &repo.catalog else { return };
    let catalog = &catalogue.catalog;
    let mut found: BTreeMap<(String, String), (String, Vec<String>)> = BTreeMap::new();
    for team in repo.whole_teams().filter(|team| catalog.team(team.name.as_str()).is_some()) {
        for found_here in handwritten::not_granted(catalog, team.name.as_str(), &team.tree) {
            let NotGranted { team, profile, role_arn, place } = found_here;
            // What is no ARN, or in no known account, is told by that. And the catalogue can
            // grant nothing in a partition without a way there from its hub.
            let hub = catalog.hub_account().partition;
            let is_known = RoleArn::parse(&role_arn).is_some_and(|arn| {
                let account = catalogue.accounts.get(arn.account);
                arn.partition == hub && account.is_some_and(|account| account.partition == hub)
            });
            if is_known {
                found.entry((place, role_arn)).or_insert((profile, Vec::new())).1.push(team);
            }
        }
    }
    for ((place, role_arn), (profile, teams)) in found {
        let Some((file, line)) = place.rsplit_once(':') else { continue };
        let whom = match &teams[..] {
            [team] => format!("team '{team}'"),
            [first, ..] => format!("{} teams, such as '{first}'", teams.len()),
            [] => continue,
        };
        let message =
            format!("profile '{profile}' goes to {role_arn}, which is not granted to {whom}");
        let hint = format!("grant it in {}, or remove the profile", catalogue.path);
        findings.add("not-granted", (file, line.parse().ok()), message, Some(hint));
    }
}

/// Whether `other` gives all that `grant` gives.
fn covers(other: &Grant, grant: &Grant) -> bool {
    let within = |some: &[usize], all: &[usize]| {
        // Both are in order.
        let mut all = all.iter();
        some.len() <= all.len() && some.iter().all(|one| all.any(|other| other == one))
    };
    within(&grant.roles, &other.roles) && within(&grant.accounts, &other.accounts)
}
