//! Rules about what a team gets: all its layers upon each other.

use std::collections::BTreeSet;

use crate::aws::duration::HOUR;
use crate::aws::partition::Partition;
use crate::config::arn::RoleArn;
use crate::config::profiles::{ChainError, Profile};
use crate::config::section::SectionId;
use crate::config::unit::Unit;
use crate::error::Result;
use crate::lint::finding::Findings;
use crate::lint::layers::Composed;
use crate::lint::repo::Repo;
use crate::sys::duration;

/// No chain that somebody has is longer; each is walked by itself.
const MOST_HOPS: usize = 64;

impl Composed {
    /// Where a profile, or `[okta]`, says something.
    fn unit(&self, profile: Option<&str>, key: &str) -> Option<&Unit> {
        let id = profile.map_or_else(|| SectionId::plain("okta"), SectionId::profile);
        self.tree.get(&id)?.get(key)
    }

    /// The chain of each profile that has a whole one.
    fn chains(&self) -> impl Iterator<Item = Vec<&Profile>> {
        let chain = |profile: &Profile| self.profiles.chain(&profile.name, |_| false).ok();
        self.profiles.list().iter().filter(|profile| self.is_short(profile)).filter_map(chain)
    }

    /// Whether a profile's chain has an end within [`MOST_HOPS`].
    fn is_short<'a>(&'a self, mut profile: &'a Profile) -> bool {
        for _ in 0..MOST_HOPS {
            let source = profile.properties.get("source_profile");
            match source.and_then(|source| self.profiles.get(source)) {
                // It is its own source where it has keys of its own; else that is a circle.
                Some(source) if source.name != profile.name => profile = source,
                _ => return true,
            }
        }
        false
    }

    /// The value of `key` for a chain, with the place that says so.
    fn lookup<'a>(&'a self, chain: &[&'a Profile], key: &str) -> Option<(&'a str, &'a Unit)> {
        let found = self.profiles.lookup(chain, key)?;
        Some((found.value, self.unit(found.profile, key)?))
    }

    /// The partition of a profile's role.
    fn role_partition(&self, profile: &Profile) -> Result<&'static Partition> {
        Partition::of_arn(profile.properties.get("role_arn").map_or("", String::as_str))
    }

    fn chain_errors(&self) -> impl Iterator<Item = (ChainError, usize)> {
        self.profiles.chain_errors(|_| false).into_iter()
    }
}

/// The profile's role, if it has one that is an ARN.
fn role(profile: &Profile) -> Option<RoleArn<'_>> {
    RoleArn::parse(profile.properties.get("role_arn")?)
}

/// The file and line of a property.
fn place(unit: &Unit) -> (&str, Option<usize>) {
    (&unit.place.file, Some(unit.place.line))
}

pub(super) fn missing_sources(repo: &Repo<'_>, team: &Composed, findings: &mut Findings) {
    let mut names = None;
    for (error, more) in team.chain_errors() {
        let ChainError::Missing { profile, source } = &error else { continue };
        let Some(unit) = team.unit(Some(profile), "source_profile") else { continue };
        let hint =
            findings.guess(source, names.get_or_insert_with(|| repo.profile_names(&team.name)));
        let hint = hint.unwrap_or_else(|| format!("[profile {source}] is in no layer of the team"));
        let message = match more {
            0 => error.to_string(),
            1 => format!("{error}; 1 more profile names it"),
            more => format!("{error}; {more} more profiles name it"),
        };
        findings.add("missing-source", place(unit), message, Some(hint));
    }
}

pub(super) fn cycles(_: &Repo<'_>, team: &Composed, findings: &mut Findings) {
    for (error, _) in team.chain_errors() {
        let ChainError::Cycle(names) = &error else { continue };
        let first = names.first().map_or("", String::as_str);
        let Some(unit) = team.unit(Some(first), "source_profile") else { continue };
        let hint = "the first profile of a chain, whose role Okta gives, has no source_profile";
        findings.add("source-cycle", place(unit), error.to_string(), Some(hint.to_owned()));
    }
}

/// Profiles that no layer gives a role, as when the catalogue no longer has one that a file adds to.
/// With such a profile every tool takes what credentials it finds.
pub(super) fn without_role(repo: &Repo<'_>, team: &Composed, findings: &mut Findings) {
    let catalog = repo.catalog.as_ref().map(|catalogue| &catalogue.catalog);
    if catalog.is_none_or(|catalog| catalog.team(team.name.as_str()).is_none()) {
        return;
    }
    let sources: BTreeSet<&str> = team
        .profiles
        .list()
        .iter()
        .filter_map(|profile| profile.properties.get("source_profile").map(String::as_str))
        .collect();
    // That of a profile whose role is picked among those that its app gives is on purpose.
    let says = |profile: &Profile, key| profile.properties.contains_key(key);
    let has_none = |profile: &&Profile| {
        !["role_arn", "source_profile", "aws_saml_url", "okta_app_id", "login_session"]
            .into_iter()
            .any(|key| says(profile, key))
            && profile.own_credentials().is_none()
    };
    for profile in team.profiles.list().iter().filter(has_none) {
        let name = profile.name.as_str();
        let section = team.tree.get(&SectionId::profile(name));
        let Some(section) = section.filter(|_| name != "default" && !sources.contains(name)) else {
            continue;
        };
        let place = (&*section.place.file, Some(section.place.line));
        let message = format!("profile '{name}' has no role_arn in any layer of the team");
        let hint =
            "is it one that the catalogue gave? Grant it there, or remove what is added here";
        findings.add("no-role", place, message, Some(hint.to_owned()));
    }
}

/// Whoever signs in needs an app to sign in to. Where they sign in in the browser, Okta lists it.
pub(super) fn apps(_: &Repo<'_>, team: &Composed, findings: &mut Findings) {
    for chain in team.chains() {
        let Some(first) = chain.first().filter(|first| first.own_credentials().is_none()) else {
            continue;
        };
        let says = |key| team.profiles.lookup(&chain, key).is_some();
        if says("aws_saml_url") || says("okta_app_id") || says("okta_client_id") {
            continue;
        }
        let Some(unit) = team.unit(Some(&first.name), "role_arn") else { continue };
        let message = format!(
            "profile '{}' signs in to Okta, and no aws_saml_url or okta_app_id says to which app",
            first.name
        );
        let hint = "'app' under [okta] in robo.toml gives one to everybody";
        findings.add("no-okta-app", place(unit), message, Some(hint.to_owned()));
    }
}

/// AWS gives an hour at most to who comes from another role.
pub(super) fn chained_sessions(_: &Repo<'_>, team: &Composed, findings: &mut Findings) {
    for chain in team.chains() {
        let Some((last, before)) = chain.split_last() else { continue };
        let is_role = |profile: &&Profile| profile.properties.contains_key("role_arn");
        if !is_role(last) || !before.iter().any(is_role) {
            continue;
        }
        for key in ["assume_role_ttl", "duration_seconds"] {
            let seconds = key == "duration_seconds";
            // The AWS CLI reads that of the profile alone.
            let chain = if seconds { &chain[before.len()..] } else { &chain };
            let Some((value, unit)) = team.lookup(chain, key) else { continue };
            let length =
                if seconds { duration::parse_seconds(value) } else { duration::parse(value) };
            if length.is_ok_and(|length| length > HOUR) {
                // Without the profile's name: where it is said for all, that is one finding.
                let message = format!(
                    "{key} = {value}: AWS gives 1h at most to a role that another role assumes"
                );
                let hint = if seconds { "3600" } else { "1h" };
                let hint = format!("write {key} = {hint}; session_ttl is that of the first role");
                findings.add("chained-session", place(unit), message, Some(hint));
            }
        }
    }
}

/// An account is in one partition, and no role of another can assume one there.
pub(super) fn partitions(repo: &Repo<'_>, team: &Composed, findings: &mut Findings) {
    let accounts = repo.catalog.as_ref().map(|catalog| &catalog.accounts);
    for chain in team.chains() {
        let last = chain.last().and_then(|last| Some((last, role(last)?)));
        let Some((last, arn)) = last else { continue };
        let Some(unit) = team.unit(Some(&last.name), "role_arn") else { continue };
        let account = accounts.and_then(|accounts| accounts.get(arn.account));
        // One that robo does not know at all was told by the ARN.
        let known = team.role_partition(last).is_ok();
        if let Some(account) =
            account.filter(|_| known).filter(|account| account.partition != arn.partition)
        {
            let message = format!(
                "the role is in the partition {}, and its account '{}' is in {}",
                arn.partition, account.name, account.partition
            );
            let hint = format!("an ARN there begins with arn:{}:", account.partition);
            findings.add("wrong-partition", place(unit), message, Some(hint));
            continue;
        }
        let roles = chain.iter().filter_map(|profile| Some((profile, role(profile)?)));
        let roles: Vec<_> = roles.collect();
        let [.., (before, from), (_, to)] = &roles[..] else { continue };
        // The catalogue tells its own by the grant.
        if repo.is_catalog(&unit.place.file) {
            continue;
        }
        if from.partition != to.partition {
            let message = format!(
                "the role is in the partition {}, and that of '{}', which assumes it, in {}",
                to.partition, before.name, from.partition
            );
            let hint = "no role of one partition can assume one of another: each needs a hub";
            findings.add("wrong-partition", place(unit), message, Some(hint.to_owned()));
        }
    }
}

/// A region that is none, or in which the role's account cannot be.
pub(super) fn regions(_: &Repo<'_>, team: &Composed, findings: &mut Findings) {
    for chain in team.chains() {
        let Some((region, unit)) = team.lookup(&chain, "region") else { continue };
        let partition = match Partition::of_region(region) {
            Ok(partition) => partition,
            Err(_) if region == "aws-global" => continue,
            Err(error) => {
                let hint = error.hints().first().cloned();
                findings.add("wrong-region", place(unit), error.message(), hint);
                continue;
            }
        };
        let Some(last) = chain.last() else { continue };
        let Some(role) = role(last).filter(|role| role.partition != partition.name) else {
            continue;
        };
        let message = format!(
            "'{}' has the region {region} of the partition {}, and its role is in {}",
            last.name, partition.name, role.partition
        );
        let hint = match team.role_partition(last) {
            Ok(own) => format!("a region of {} is {}", own.name, own.default_region),
            Err(_) => "check the ARN".to_owned(),
        };
        findings.add("wrong-region", place(unit), message, Some(hint));
    }
}
