//! Profiles of hand-written team files whose role the catalogue does not grant.
//!
//! A file such as `aws/teams/data.config` says which roles people *try* to assume. Whether AWS
//! lets them is another matter: by the catalogue, it does not. So each is either left over, or
//! stands for access that was given in another way, and an audit wants to hear of both.

use serde::Serialize;

use crate::catalog::Catalog;
use crate::config::tree::{Section, Tree};

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

/// What `tree`, the config of a team, names without a grant, in the order of its sections. What the
/// catalogue itself rendered is no part of it.
pub fn not_granted(catalog: &Catalog, team: &str, tree: &Tree) -> Vec<NotGranted> {
    let entry = catalog.team(team);
    let profile = |section: &Section| {
        let profile = section.id.as_profile()?.to_owned();
        let unit = section.get("role_arn").filter(|unit| *unit.place.file != *catalog.file())?;
        let role_arn = unit.value.trim().to_owned();
        let granted = entry.is_some_and(|team| catalog.lets_into(team, &role_arn));
        (!granted).then(|| NotGranted {
            team: team.to_owned(),
            profile,
            role_arn,
            place: unit.place.to_string(),
        })
    };
    tree.sections().iter().filter_map(profile).collect()
}
