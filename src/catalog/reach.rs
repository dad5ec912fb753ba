//! Which roles in which accounts a team can get into.

use crate::catalog::Catalog;
use crate::catalog::model::{Grant, Reach, Team};

impl Catalog {
    /// What a team can get into, in the order in which accounts are written, and in each in that
    /// of the roles; each once, however many grants give it.
    pub fn reach(&self, team: &Team) -> Vec<Reach<'_>> {
        let reach = |(account, role, grants): (usize, usize, Vec<usize>)| Reach {
            account: &self.accounts[account],
            role: &self.roles[role],
            grants,
        };
        pairs(team).map(reach).collect()
    }

    /// The same without what no role can be assumed in: an account of another partition than the
    /// hub's. The catalogue warns of such grants.
    pub fn within_partition(&self, team: &Team) -> impl Iterator<Item = Reach<'_>> {
        let hub = self.hub_account().partition;
        self.reach(team).into_iter().filter(move |reach| reach.account.partition == hub)
    }

    /// Whether `arn` is a role that a team can get into: its own in the hub, or a granted one.
    pub fn lets_into(&self, team: &Team, arn: &str) -> bool {
        let hub = self.hub_account().partition;
        let grants = |grant: &Grant, at: usize| {
            let account = &self.accounts[at];
            // ARNs are long to make, and ids quickly told apart.
            account.partition == hub
                && arn.contains(&account.id)
                && grant.roles.iter().any(|role| self.role_arn(account, &self.roles[*role]) == arn)
        };
        let mut all = team.grants.iter();
        self.hub_role_arn(team) == arn
            || all.any(|grant| grant.accounts.iter().any(|account| grants(grant, *account)))
    }
}

/// The same, by the indices of account, role and grants.
pub(super) fn pairs(team: &Team) -> impl Iterator<Item = (usize, usize, Vec<usize>)> {
    // Each grant of each account, by account: what an account costs is what its grants say.
    let given = team
        .grants
        .iter()
        .enumerate()
        .flat_map(|(grant, given)| given.accounts.iter().map(move |account| (*account, grant)));
    let mut given: Vec<(usize, usize)> = given.collect();
    given.sort_unstable();
    let mut from = 0;
    std::iter::from_fn(move || {
        let account = given.get(from)?.0;
        let to = from + given[from..].partition_point(|(other, _)| *other == account);
        let grants = given[from..to].iter().map(|(_, grant)| *grant);
        let mut roles: Vec<(usize, usize)> = grants
            .flat_map(|grant| team.grants[grant].roles.iter().map(move |role| (*role, grant)))
            .collect();
        roles.sort_unstable();
        from = to;
        Some(
            roles
                .chunk_by(|one, next| one.0 == next.0)
                .map(|chunk| (account, chunk[0].0, chunk.iter().map(|(_, grant)| *grant).collect()))
                .collect::<Vec<_>>(),
        )
    })
    .flatten()
}
