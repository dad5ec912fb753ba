//! A company of any size, made up: its catalogue, the same in every run.

use std::fmt::Write as _;

/// The roles that there are to choose from.
pub(crate) const ROLES: [&str; 10] = [
    "admin",
    "readonly",
    "developer",
    "operator",
    "auditor",
    "billing",
    "data",
    "network",
    "security",
    "support",
];

const ENVIRONMENTS: [&str; 5] = ["dev", "test", "stage", "prod", "lab"];
const REGIONS: [&str; 3] = ["eu-west-1", "eu-central-1", "us-east-1"];

/// The size that robo has to be quick with.
pub(crate) const LARGE: Size = Size { accounts: 1_000, teams: 200 };

/// How large a company is. It has all of [`ROLES`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) accounts: usize,
    pub(crate) teams: usize,
}

/// The name of a team.
pub(crate) fn team(number: usize) -> String {
    format!("team-{number:03}")
}

/// The catalogue of a company. Each five accounts are a unit, one of each environment, and each
/// team has one: most get into its accounts and a few more, every twentieth reads everywhere, and
/// every fiftieth has all roles wherever there is no production.
pub(crate) fn catalog(size: Size) -> String {
    let mut text = String::from(
        "[okta]\ndomain = \"acme.okta.com\"\napp = \"home/amazon_aws/0oa1b2c3d4/272\"\n\n[hub]\n\
         account = \"ops\"\nsession = \"12h\"\n\n[profiles]\ndefault_role = \"admin\"\n\
         region = \"eu-west-1\"\n\n[accounts]\nops = { id = \"111111111111\" }\n",
    );
    for number in 1..size.accounts {
        let (unit, env) = (number / 5, ENVIRONMENTS[number % 5]);
        let region = match number % 7 {
            0 => format!(", region = \"{}\"", REGIONS[number % 3]),
            _ => String::new(),
        };
        let _ = writeln!(
            text,
            "unit-{unit:03}-{env} = {{ id = \"2{number:011}\", env = \"{env}\", \
             unit = \"{unit:03}\"{region} }}"
        );
    }
    text += "\n[roles]\n";
    for (number, role) in ROLES.iter().enumerate() {
        let session = if number % 3 == 1 { ", session = \"30m\"" } else { "" };
        let _ = writeln!(text, "{role} = {{ policies = [\"policy/{role}\"]{session} }}");
    }
    for number in 0..size.teams {
        let name = team(number);
        let unit = number % (size.accounts / 5).max(1);
        let _ = writeln!(text, "\n[teams.{name}]\nokta_group = \"aws-{name}\"\ngrants = [");
        if number % 50 == 0 {
            text += "  { roles = \"*\", accounts = \"*\", except = { env = \"prod\" } },\n";
        }
        if number % 20 == 0 {
            text += "  { roles = [\"readonly\", \"auditor\"], accounts = \"*\" },\n";
        }
        let _ = writeln!(
            text,
            "  {{ roles = [\"developer\", \"readonly\"], accounts = {{ unit = \"{unit:03}\" }} }},\n  \
             {{ roles = \"admin\", accounts = [\"unit-{unit:03}-test\", \"unit-{unit:03}-stage\"] }},\n]"
        );
    }
    text
}
