//! Profiles of hand-written team files whose role the catalogue does not grant.
//!
//! A file such as `aws/teams/data.config` says which roles people *try* to assume. Whether AWS
//! lets them is another matter: by the catalogue, it does not. So each is either left over, or
//! stands for access that was given in another way, and an audit wants to hear of both.

use std::collections::HashSet;

use serde::Serialize;

use crate::catalog::Catalog;
use crate::config::team::TeamConfig;

/// A profile with a role that its team is not granted.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct NotGranted {
    /// The team that gets the profile.
    pub team: String,
    /// The profile.
    pub profile: String,
    /// Its role.
    pub role_arn: String,
    /// Where the role is said: `aws/teams/data.config:3`.
    pub place: String,
}

/// What `config`, the hand-written files of a team, names without a grant, in the order of the
/// files.
pub fn not_granted(catalog: &Catalog, team: &str, config: &TeamConfig) -> Vec<NotGranted> {
    let granted: HashSet<String> = catalog.team(team).map_or_else(HashSet::new, |team| {
        let reach = catalog.within_partition(team);
        let roles = reach.map(|reach| catalog.role_arn(reach.account, reach.role));
        roles.chain([catalog.hub_role_arn(team)]).collect()
    });
    let profile = |section: &crate::config::tree::Section| {
        let profile = section.id.as_profile()?.to_owned();
        let unit = section.get("role_arn")?;
        let role_arn = unit.value.trim().to_owned();
        (!granted.contains(&role_arn)).then(|| NotGranted {
            team: team.to_owned(),
            profile,
            role_arn,
            place: unit.place.to_string(),
        })
    };
    config.tree().sections().iter().filter_map(profile).collect()
}
