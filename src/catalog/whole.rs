//! What is wrong only with all of a catalogue together: names that fall into one, roles that lead
//! nowhere.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::catalog::Catalog;
use crate::catalog::model::{Account, Policy, Team};
use crate::catalog::page::Page;
use crate::catalog::reach::pairs;

/// Notes what is wrong with a catalogue whose every value is right.
pub(super) fn check(page: &mut Page, catalog: &Catalog) {
    pattern(page, catalog);
    policies(page, catalog);
    // A pattern that is wrong makes many names one.
    if !page.problems.is_fatal() {
        profiles(page, catalog);
    }
}

/// A pattern that lacks a placeholder is fine as long as nobody's profile is named by it.
fn pattern(page: &mut Page, catalog: &Catalog) {
    let pattern = &catalog.naming.pattern;
    let missing: Vec<&str> = ["{account}", "{role}"]
        .into_iter()
        .filter(|placeholder| !pattern.value.contains(placeholder))
        .collect();
    if missing.is_empty() {
        return;
    }
    let is_default = |role: &usize| {
        let name = &catalog.roles[*role].name;
        catalog.naming.default_role.as_ref().is_some_and(|default| default.value == *name)
    };
    let grants = catalog.teams.iter().flat_map(|team| &team.grants);
    let by_pattern = grants.flat_map(|grant| &grant.roles).find(|role| !is_default(role));
    if let Some(role) = by_pattern {
        let what = format!(
            "[profiles]: the pattern '{}' has no {}, and more than the default role is granted: \
             '{}'",
            pattern.value,
            missing.join(" and no "),
            catalog.roles[*role].name
        );
        page.mistake(pattern.line, what);
    }
}

/// Policies that cannot be attached where they are wanted: those of another account or partition.
fn policies(page: &mut Page, catalog: &Catalog) {
    let elsewhere = |policy: &Policy, account: &Account| {
        let (partition, owner) = policy.owner()?;
        let (name, id) = (&account.name, &account.id);
        if partition != account.partition {
            Some(format!(
                "is of the partition {partition}, and '{name}' is in {}",
                account.partition
            ))
        } else if owner != "aws" && owner != id {
            Some(format!("is of the account {owner}, and '{name}' is {id}"))
        } else {
            None
        }
    };
    for team in &catalog.teams {
        for policy in &team.hub_policies {
            if let Some(why) = elsewhere(policy, catalog.hub_account()) {
                let what = format!("team '{}': the policy {} {why}", team.name, policy.text);
                page.problems.warn(policy.line, what);
            }
        }
    }
    for (at, role) in catalog.roles.iter().enumerate() {
        for policy in role.policies.iter().filter(|policy| policy.owner().is_some()) {
            let grants = catalog.teams.iter().flat_map(|team| &team.grants);
            let mut accounts = grants
                .filter(|grant| grant.roles.contains(&at))
                .flat_map(|grant| &grant.accounts)
                .map(|account| &catalog.accounts[*account])
                .filter(|account| account.partition == catalog.hub_account().partition);
            // One account says what is wrong with all.
            if let Some(why) = accounts.find_map(|account| elsewhere(policy, account)) {
                let what = format!("role '{}': the policy {} {why}", role.name, policy.text);
                page.problems.warn(policy.line, what);
            }
        }
    }
}

/// The name of each role in each account, as a number, made once for all teams.
#[derive(Default)]
struct Names {
    by_pair: HashMap<(usize, usize), usize>,
    by_name: HashMap<String, usize>,
    /// For each number, which team had it last, and for what.
    last: Vec<Option<(usize, (usize, usize))>>,
}

impl Names {
    /// Takes the name of a role in an account for a team; gives what has it already.
    fn take(
        &mut self,
        catalog: &Catalog,
        team: usize,
        (account, role): (usize, usize),
    ) -> Option<(usize, usize)> {
        let number = *self.by_pair.entry((account, role)).or_insert_with(|| {
            let name = catalog.profile_name(&catalog.accounts[account], &catalog.roles[role]);
            let next = self.by_name.len();
            *self.by_name.entry(name).or_insert(next)
        });
        if number >= self.last.len() {
            self.last.push(None);
        }
        let before = self.last[number].replace((team, (account, role)));
        before.filter(|(holder, _)| *holder == team).map(|(_, pair)| pair)
    }
}

/// Two profiles of one name in one team's config.
fn profiles(page: &mut Page, catalog: &Catalog) {
    let mut names = Names::default();
    let mut told = HashSet::new();
    let hub_roles: HashMap<String, &Team> =
        catalog.teams.iter().map(|team| (team.hub_role.value.to_lowercase(), team)).collect();
    for (number, team) in catalog.teams.iter().enumerate() {
        let mut foreign = BTreeMap::new();
        for (account, role, grants) in pairs(team) {
            let (in_account, with_role) = (&catalog.accounts[account], &catalog.roles[role]);
            if let Some((first, its)) = names.take(catalog, number, (account, role))
                && told.insert((account, role))
            {
                let what = format!(
                    "team '{}' would get two profiles '{}': '{}' in account '{}', and '{}' in \
                     account '{}' (line {})",
                    team.name,
                    catalog.profile_name(in_account, with_role),
                    with_role.name,
                    in_account.name,
                    catalog.roles[its].name,
                    catalog.accounts[first].name,
                    catalog.accounts[first].line,
                );
                page.mistake(in_account.line, what);
            }
            if catalog.profile_name_is(in_account, with_role, &catalog.hub.profile.value)
                && told.insert((account, role))
            {
                let what = format!(
                    "the profile of '{}' in account '{}' would have the name of the hub's, '{}'",
                    with_role.name, in_account.name, catalog.hub.profile.value
                );
                page.mistake(in_account.line, what);
            }
            if account == catalog.hub_account
                && let Some(holder) = hub_roles.get(&with_role.iam_name.to_lowercase())
            {
                let what = format!(
                    "team '{}': role '{}' in the hub is the IAM role '{}', and that is the hub role \
                     of team '{}' (line {})",
                    team.name, with_role.name, with_role.iam_name, holder.name, holder.line
                );
                page.mistake(team.grants[grants[0]].line, what);
            }
            if in_account.partition != catalog.hub_account().partition {
                for grant in grants {
                    foreign.entry(grant).or_insert(account);
                }
            }
        }
        for (grant, account) in foreign {
            let account = &catalog.accounts[account];
            let what = format!(
                "team '{}': a grant reaches account '{}' in the partition {}, and no role leads \
                 there from the hub in {}",
                team.name,
                account.name,
                account.partition,
                catalog.hub_account().partition
            );
            page.problems.warn(team.grants[grant].line, what);
        }
    }
}
