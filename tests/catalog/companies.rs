//! Generated companies: few of everything, with the names that are hardest to keep apart.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const ACCOUNTS: [&str; 9] = ["ops", "a", "a-b", "A", "x.y", "p/q", "1:2", "m@n+o%", "_"];
const ROLES: [&str; 5] = ["admin", "b", "read-only", "Z", "r.o"];
const TEAMS: [&str; 4] = ["t", "t2", "T-3", "9"];
const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "eu-central-1"];
const ENVIRONMENTS: [&str; 2] = ["dev", "prod"];

/// A company, a table a field, so that a test can change one of them.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub(crate) head: String,
    pub(crate) accounts: Vec<Account>,
    pub(crate) roles: Vec<String>,
    pub(crate) teams: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: &'static str,
    pub(crate) id: u64,
    pub(crate) region: Option<&'static str>,
    pub(crate) env: &'static str,
}

impl Company {
    /// The text of its catalogue.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}[accounts]\n", self.head);
        for Account { name, id, region, env } in &self.accounts {
            let region = region.map(|region| format!(", region = '{region}'")).unwrap_or_default();
            let _ = writeln!(text, "'{name}' = {{ id = '{id:012}', env = '{env}'{region} }}");
        }
        text += "[roles]\n";
        for role in &self.roles {
            text += role;
        }
        text + &self.teams
    }
}

fn accounts() -> impl Strategy<Value = Vec<Account>> {
    let names = subsequence(ACCOUNTS[1..].to_vec(), 0..ACCOUNTS.len()).prop_shuffle();
    names.prop_flat_map(|mut names| {
        names.insert(0, ACCOUNTS[0]);
        let one = |(at, name): (usize, &'static str)| {
            let region = proptest::option::of(select(&REGIONS[..]));
            (region, select(&ENVIRONMENTS[..])).prop_map(move |(region, env)| Account {
                name,
                id: at as u64 + 1,
                region,
                env,
            })
        };
        names.into_iter().enumerate().map(one).collect::<Vec<_>>()
    })
}

fn list(names: &[&'static str]) -> BoxedStrategy<String> {
    let some = subsequence(names.to_vec(), 1..=names.len())
        .prop_map(|names| format!("[{}]", quoted(&names)));
    prop_oneof![1 => Just("'*'".to_owned()), 3 => some].boxed()
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

fn grant(
    accounts: &[&'static str],
    roles: &[&'static str],
) -> impl Strategy<Value = String> + use<> {
    let tags = select(&ENVIRONMENTS[..]).prop_map(|env| format!("{{ env = '{env}' }}"));
    let except = prop_oneof![3 => Just(String::new()), 1 => list(accounts)
        .prop_filter("a star excepts nothing", |list| list != "'*'")
        .prop_map(|list| format!(", except = {list}"))];
    (list(roles), prop_oneof![2 => list(accounts), 1 => tags], except).prop_map(
        |(roles, accounts, except)| format!("{{ roles = {roles}, accounts = {accounts}{except} }}"),
    )
}

fn team(
    name: &'static str,
    accounts: &[&'static str],
    roles: &[&'static str],
) -> impl Strategy<Value = String> + use<> {
    proptest::collection::vec(grant(accounts, roles), 0..4).prop_map(move |grants| {
        let grants = match grants.len() {
            0 => String::new(),
            _ => format!("grants = [{}]\n", grants.join(",\n")),
        };
        format!("[teams.{name}]\nokta_group = 'aws {name}'\n{grants}")
    })
}

/// A company whose catalogue has no mistake but for, now and then, two profiles of one name.
pub(crate) fn company() -> impl Strategy<Value = Company> {
    let roles = subsequence(ROLES.to_vec(), 1..=ROLES.len()).prop_shuffle();
    let teams = subsequence(TEAMS.to_vec(), 1..=TEAMS.len());
    (accounts(), roles, teams).prop_flat_map(|(accounts, roles, teams)| {
        let names: Vec<&'static str> = accounts.iter().map(|account| account.name).collect();
        let one = |name: &&'static str| team(name, &names, &roles);
        let teams: Vec<_> = teams.iter().map(one).collect();
        let pattern = select(vec!["{account}-{role}", "{role}@{account}", "x/{account}.{role}"]);
        let role = |role: &&'static str| {
            let session = select(vec!["", ", session = '15m'", ", session = '1h'"]);
            let name = *role;
            session.prop_map(move |session| {
                format!("'{name}' = {{ name = 'role-{name}', policies = 'P'{session} }}\n")
            })
        };
        let written: Vec<_> = roles.iter().map(role).collect();
        let region = proptest::option::of(select(&REGIONS[..]));
        let default = proptest::option::of(select(roles.clone()));
        (Just(accounts), written, teams, pattern, region, default).prop_map(
            |(accounts, roles, teams, pattern, region, default)| {
                let mut head = String::from("[hub]\naccount = 'ops'\nprofile = 'the-hub'\n");
                let _ = writeln!(head, "[profiles]\npattern = '{pattern}'");
                if let Some(region) = region {
                    let _ = writeln!(head, "region = '{region}'");
                }
                if let Some(default) = default {
                    let _ = writeln!(head, "default_role = '{default}'");
                }
                Company { head, accounts, roles, teams: teams.concat() }
            },
        )
    })
}
