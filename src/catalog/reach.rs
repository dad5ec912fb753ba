//! Which roles in which accounts a team can get into.

use crate::catalog::Catalog;
use crate::catalog::model::{Reach, Team};

impl Catalog {
    /// What a team can get into, in the order in which accounts are written, and in each in that
    /// of the roles; each once, however many grants give it.
    pub fn reach(&self, team: &Team) -> Vec<Reach<'_>> {
        let reach = |(account, role, grants): (usize, usize, Vec<usize>)| Reach {
            account: &self.accounts[account],
            role: &self.roles[role],
            grants,
        };
        self.pairs(team).map(reach).collect()
    }

    /// The same without what no role can be assumed in: an account of another partition than the
    /// hub's. The catalogue warns of such grants.
    pub fn within_partition(&self, team: &Team) -> impl Iterator<Item = Reach<'_>> {
        let hub = self.hub_account().partition;
        self.reach(team).into_iter().filter(move |reach| reach.account.partition == hub)
    }

    /// The same, by the indices of account, role and grants.
    pub(super) fn pairs(&self, team: &Team) -> impl Iterator<Item = (usize, usize, Vec<usize>)> {
        let mut by_account: Vec<Vec<usize>> = vec![Vec::new(); self.accounts.len()];
        for (at, grant) in team.grants.iter().enumerate() {
            for account in &grant.accounts {
                by_account[*account].push(at);
            }
        }
        // For each role, which grants give it.
        let mut by_role: Vec<Vec<bool>> = vec![vec![false; team.grants.len()]; self.roles.len()];
        for (at, grant) in team.grants.iter().enumerate() {
            for role in &grant.roles {
                by_role[*role][at] = true;
            }
        }
        by_account.into_iter().enumerate().flat_map(move |(account, grants)| {
            let mut found = Vec::new();
            for (role, gives) in by_role.iter().enumerate() {
                let giving: Vec<usize> =
                    grants.iter().copied().filter(|grant| gives[*grant]).collect();
                if !giving.is_empty() {
                    found.push((account, role, giving));
                }
            }
            found
        })
    }
}
