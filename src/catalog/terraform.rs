//! The catalogue as Terraform's variables.
//!
//! Grants are resolved here, to the roles of each team in each account: Terraform then repeats
//! nothing of what `*`, tags and exceptions mean, and the file shows in a pull request what access
//! a change gives. Everything is sorted by name, so that a one-line change of the catalogue changes
//! the lines that it is about.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::catalog::{Account, Catalog, Team};
use crate::error::{Error, Result};
use crate::sys::text::count;

/// The variables of `dotfiles/terraform`, in the sample.
#[derive(Debug, Serialize)]
pub struct Variables<'a> {
    accounts: BTreeMap<&'a str, AccountVariables<'a>>,
    hub: HubVariables<'a>,
    okta: OktaVariables,
    roles: BTreeMap<&'a str, RoleVariables<'a>>,
    teams: BTreeMap<&'a str, TeamVariables<'a>>,
}

#[derive(Debug, Serialize)]
struct AccountVariables<'a> {
    id: &'a str,
    partition: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    tags: &'a BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct HubVariables<'a> {
    account: &'a str,
    saml_provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_seconds: Option<u64>,
}

#[derive(Debug, Serialize)]
struct OktaVariables {
    app_id: String,
    domain: String,
}

#[derive(Debug, Serialize)]
struct RoleVariables<'a> {
    name: &'a str,
    policies: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_seconds: Option<u64>,
}

#[derive(Debug, Serialize)]
struct TeamVariables<'a> {
    hub_policies: Vec<&'a str>,
    hub_role: &'a str,
    /// Each as JSON: no two statements need have the same elements, and Terraform's lists hold
    /// values of one type.
    hub_statements: Vec<String>,
    okta_group: &'a str,
    reach: BTreeMap<&'a str, Vec<&'a str>>,
}

/// Where people sign in, wherever the repo says it.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// `acme.okta.com`
    pub domain: Option<String>,
    /// The id of the app, the path of its link, or the whole of it.
    pub app: Option<String>,
    /// How long a session people ask for where the catalogue says nothing: `session_ttl`.
    pub session: Option<Duration>,
}

impl<'a> Variables<'a> {
    /// The variables of a catalogue.
    ///
    /// # Errors
    /// When nothing says which Okta org and app people sign in with.
    pub fn of(catalog: &'a Catalog, sign_in: &SignIn) -> Result<Self> {
        let domain = sign_in.domain.clone().ok_or_else(|| unsaid("domain", "acme.okta.com"))?;
        let app = sign_in.app.as_deref().and_then(app_id);
        let app_id = app.ok_or_else(|| unsaid("app", "home/amazon_aws/0oa1b2c3d4/272"))?.to_owned();
        let hub = catalog.hub();
        let account = |account: &'a Account| {
            let region = account.region.as_ref().map(|said| said.value.as_str());
            let (id, partition) = (account.id.as_str(), account.partition);
            (account.name.as_str(), AccountVariables { id, partition, region, tags: &account.tags })
        };
        let role = |role: &'a crate::catalog::Role| {
            let policies = role.policies.iter().map(|policy| policy.text.as_str()).collect();
            let session = role.session.as_ref().map(|said| said.value.length.as_secs());
            let name = role.iam_name.as_str();
            (role.name.as_str(), RoleVariables { name, policies, session_seconds: session })
        };
        Ok(Self {
            accounts: catalog.accounts().iter().map(account).collect(),
            hub: HubVariables {
                account: &hub.account.value,
                saml_provider: &hub.saml_provider.value,
                session_seconds: hub
                    .session
                    .as_ref()
                    .map(|said| said.value.length)
                    .or(sign_in.session)
                    .map(|length| length.as_secs()),
            },
            okta: OktaVariables { app_id, domain },
            roles: catalog.roles().iter().map(role).collect(),
            teams: catalog
                .teams()
                .iter()
                .map(|team| (team.name.as_str(), TeamVariables::of(catalog, team)))
                .collect(),
        })
    }
}

impl<'a> TeamVariables<'a> {
    fn of(catalog: &'a Catalog, team: &'a Team) -> Self {
        let mut reach: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for found in catalog.within_partition(team) {
            reach.entry(&found.account.name).or_default().push(&found.role.name);
        }
        reach.values_mut().for_each(|roles| roles.sort_unstable());
        Self {
            hub_policies: team.hub_policies.iter().map(|policy| policy.text.as_str()).collect(),
            hub_role: &team.hub_role.value,
            hub_statements: team.hub_statements.iter().map(|said| said.value.to_string()).collect(),
            okta_group: &team.okta_group.value,
            reach,
        }
    }
}

fn unsaid(key: &str, example: &str) -> Error {
    Error::failed(format!("Terraform needs Okta's {key}, and nothing here says it"))
        .hint(format!("write {key} = \"{example}\" under [okta] in the catalogue or in robo.toml"))
}

/// The app's id in `0oa1b2c3d4`, `home/amazon_aws/0oa1b2c3d4/272`, or a URL that ends so.
fn app_id(app: &str) -> Option<&str> {
    let path = app.split_once("://").map_or(app, |(_, rest)| rest);
    let mut parts = path.split(['/', '?']).filter(|part| !part.is_empty());
    if parts.clone().any(|part| part == "home") {
        return parts.skip_while(|part| *part != "home").nth(2);
    }
    // An id has no point in it, as every host has.
    let id = parts.next().filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    id.filter(|_| parts.next().is_none())
}

/// AWS's quota of a trust policy, and of the managed policies of a role; both can be raised.
const TRUST: usize = 2048;
const ATTACHMENTS: usize = 10;

/// The longest document of a managed policy.
const POLICY: usize = 6144;

/// What is in the way of AWS's usual quotas, in words: the modules refuse it until the quota is
/// raised, and say so only when they are run.
pub fn quotas(catalog: &Catalog) -> Vec<String> {
    let mut trusted: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let mut found = Vec::new();
    for team in catalog.teams() {
        let arn = catalog.hub_role_arn(team).len() + 3;
        let (mut longest, mut number) = (0, 0_usize);
        for reach in catalog.within_partition(team) {
            let entry = trusted.entry((&reach.role.name, &reach.account.name)).or_default();
            *entry = (entry.0 + 1, entry.1 + arn);
            longest = longest.max(catalog.role_arn(reach.account, reach.role).len() + 3);
            number += 1;
        }
        let policies = match (POLICY - 120) / longest.max(1) {
            each if number > 0 => number.div_ceil(each.max(1)) + team.hub_policies.len(),
            _ => team.hub_policies.len(),
        };
        if policies > ATTACHMENTS {
            found.push(format!(
                "team '{}' reaches {}, for which its hub role needs {policies} managed policies; \
                 AWS takes {ATTACHMENTS} unless the quota is raised (to 20 at most)",
                team.name,
                count(number, "role")
            ));
        }
    }
    // The same teams have a role in many accounts: once is enough.
    let mut by_role: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for ((role, _), (teams, length)) in trusted {
        let entry = by_role.entry(role).or_default();
        let over = usize::from(length + 220 > TRUST);
        *entry = (entry.0.max(teams), entry.1.max(length + 220), entry.2 + over);
    }
    for (role, (teams, length, over)) in by_role.into_iter().filter(|(_, (_, _, over))| *over > 0) {
        found.push(format!(
            "role '{role}' is trusted by up to {teams} teams: in {} its trust policy is longer than \
             {TRUST} characters (up to about {length}), which AWS takes only if the quota is raised \
             (to 4096 at most)",
            count(over, "account")
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::app_id;

    #[test]
    fn the_app_s_id_is_found_however_it_is_said() {
        for (app, want) in [
            ("0oa1", Some("0oa1")),
            ("home/amazon_aws/0oa1/272", Some("0oa1")),
            ("/home/amazon_aws/0oa1/272", Some("0oa1")),
            ("https://acme.okta.com/home/amazon_aws/0oa1/272?x=1", Some("0oa1")),
            ("https://acme.okta.com/home/amazon_aws/0oa1?x=1", Some("0oa1")),
            ("home/amazon_aws", None),
            ("https://acme.okta.com/", None),
            ("", None),
        ] {
            assert_eq!(app_id(app), want, "{app}");
        }
    }
}
