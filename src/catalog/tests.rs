//! A catalogue that is right, and each mistake with its line.

use super::*;

const ACME: &str = r#"[okta]
domain = "acme.okta.com"
app = "home/amazon_aws/0oa1b2c3d4/272"

[hub]
account = "ops"
session = "12h"

[profiles]
default_role = "admin"
region = "eu-west-1"

[accounts]
ops = { id = "111111111111" }
dev = { id = "222222222222", env = "dev" }
prod = { id = "444444444444", env = "prod", region = "eu-central-1" }

[roles]
admin = { policies = ["AdministratorAccess"], name = "Administrator" }
readonly = { policies = ["ReadOnlyAccess"], session = "30m" }

[teams.foundation]
okta_group = "aws-foundation"
grants = [
  { roles = ["admin", "readonly"], accounts = "*", except = ["prod"] },
  { roles = "readonly", accounts = { env = "prod" } },
]

[teams.fpa]
okta_group = "aws-fpa"
hub_policies = ["job-function/Billing"]
hub_statements = [{ Effect = "Allow", Action = ["ec2:DescribeReservedInstances"], Resource = "*" }]
"#;

fn acme() -> Catalog {
    let (catalog, warnings) = Catalog::parse("aws/catalog.toml", ACME).unwrap();
    assert_eq!(warnings, [""; 0]);
    catalog
}

/// Everything that is wrong with a text: `line: what`, with `warning: ` before what is none.
fn problems(text: &str) -> Vec<String> {
    let (_, problems) = Catalog::read("f", text);
    let shown = |problem: &Problem| {
        let mark = if problem.weight == Weight::Warning { "warning: " } else { "" };
        format!("{}: {mark}{}", problem.line, problem.what)
    };
    problems.list().iter().map(shown).collect()
}

#[test]
fn a_team_reaches_what_its_grants_say_in_the_order_of_accounts_and_roles() {
    let catalog = acme();
    let reach = |team: &str| -> Vec<String> {
        let shown = |reach: &Reach<'_>| {
            format!("{} {} {:?}", reach.account.name, reach.role.name, reach.grants)
        };
        catalog.reach(catalog.team(team).unwrap()).iter().map(shown).collect()
    };
    assert_eq!(reach("foundation"), ["dev admin [0]", "dev readonly [0]", "prod readonly [1]"]);
    assert_eq!(reach("fpa"), [""; 0]);
}

#[test]
fn a_team_s_config_is_rendered_from_its_reach() {
    let catalog = acme();
    let foundation = catalog.rendering(catalog.team("foundation").unwrap());
    assert_eq!(
        foundation.text,
        "[okta]
okta_domain = acme.okta.com
aws_saml_url = home/amazon_aws/0oa1b2c3d4/272

# the hub, account ops: signing in leads here first
[profile hub]
role_arn = arn:aws:iam::111111111111:role/foundation
region = eu-west-1
session_ttl = 12h

[profile dev]
source_profile = hub
role_arn = arn:aws:iam::222222222222:role/Administrator
region = eu-west-1

[profile dev-readonly]
source_profile = hub
role_arn = arn:aws:iam::222222222222:role/readonly
region = eu-west-1
assume_role_ttl = 30m

[profile prod-readonly]
source_profile = hub
role_arn = arn:aws:iam::444444444444:role/readonly
region = eu-central-1
assume_role_ttl = 30m
"
    );
    assert_eq!(foundation.lines.len(), foundation.text.lines().count());
    let from = |text: &str| {
        foundation.lines[foundation.text.lines().position(|line| line.starts_with(text)).unwrap()]
    };
    assert_eq!(from("okta_domain"), 2);
    assert_eq!(from("[profile dev]"), 15);
    assert_eq!(from("region = eu-central-1"), 16);
    assert_eq!(from("assume_role_ttl"), 20);
}

#[test]
fn each_mistake_is_told_with_its_line() {
    assert_eq!(problems(""), ["1: there is no [hub]: name the account that Okta federates into"]);
}
