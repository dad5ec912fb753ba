//! A catalogue that is right, and each mistake with its line.

mod mistakes;
mod together;

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

# the hub: everything else is reached through it
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

/// What is wrong once `from` in [`ACME`] is `to`.
fn with(from: &str, to: &str) -> Vec<String> {
    assert!(ACME.contains(from), "{from}");
    problems(&ACME.replacen(from, to, 1))
}

#[test]
fn every_mistake_is_told_not_the_first_alone_and_in_the_order_of_lines() {
    let text =
        "[hub]\naccount = \"ops\"\nfoo = 1\n[accounts]\nops = { id = \"1\" }\n[roles]\nr = 1\n";
    let want = [
        "3: [hub]: unknown key 'foo'",
        "5: account 'ops': 'id' is '1': the id of an account has 12 digits",
        "7: role 'r' is a number, and should be a table",
    ];
    assert_eq!(problems(text), want);
    let error = Catalog::parse("f", text).unwrap_err();
    assert_eq!(error.message(), "f:3: [hub]: unknown key 'foo'");
    assert_eq!(error.excerpt_text(), Some("3 | foo = 1"));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, format!("the file has 2 mistakes more:\nf:{}\nf:{}", want[1], want[2]));
}

#[test]
fn what_is_no_toml_is_told_by_its_lines_alone() {
    let told = problems("[hub]\naccount = \naccount = \"a\"\n[hub]\n");
    assert!(told[0].starts_with("2: "), "{told:?}");
    assert!(told.iter().all(|problem| !problem.contains("there is no [hub]")), "{told:?}");
    let told = problems("[hub]\naccount = \"ops\"\naccount = \"ops\"\n");
    assert_eq!(told, ["3: account is there already: each name stands for one"]);
    assert_eq!(problems("a\u{1b}[2J = 1\n").iter().find(|told| told.contains('\u{1b}')), None);
}

#[test]
fn a_grant_that_reaches_nothing_is_a_warning_once() {
    let text = "[hub]\naccount = \"ops\"\n[accounts]\nops = { id = \"111111111111\" }\n[teams.t]\n\
                okta_group = \"t\"\ngrants = [{ roles = \"*\", accounts = \"*\" }]\n";
    let want = [
        "7: warning: team 't': a grant: there is no account but the hub",
        "7: warning: team 't': a grant reaches nothing: there are no roles",
    ];
    assert_eq!(problems(text), want);
    let told = with(r#"env = "prod" } }"#, r#"env = "lab" } }"#);
    assert_eq!(told, ["26: warning: team 'foundation': a grant: no account has env = \"lab\""]);
}

#[test]
fn two_profiles_of_one_name_are_told_where_one_team_would_get_both() {
    let text = |grants: &str| {
        format!(
            "[hub]\naccount = \"ops\"\n[accounts]\nops = {{ id = \"111111111111\" }}\n\
             a = {{ id = \"222222222222\" }}\na-b = {{ id = \"333333333333\" }}\n[roles]\n\
             b-c = {{}}\nc = {{}}\n{grants}"
        )
    };
    let both = "[teams.t]\nokta_group = \"t\"\ngrants = [{ roles = \"*\", accounts = \"*\" }]\n";
    let want = "6: team 't' would get two profiles 'a-b-c': 'c' in account 'a-b', and 'b-c' in \
                account 'a' (line 5)";
    assert_eq!(problems(&text(both)), [want]);
    let apart = "[teams.t]\nokta_group = \"t\"\ngrants = [{ roles = \"c\", accounts = \"*\" }]\n\
                 [teams.u]\nokta_group = \"u\"\ngrants = [{ roles = \"b-c\", accounts = \"*\" }]\n";
    assert_eq!(problems(&text(apart)), [""; 0]);
}

#[test]
fn a_role_in_the_hub_is_not_a_hub_role() {
    let text = ACME.replace(
        r#"{ roles = "readonly", accounts = { env = "prod" } }"#,
        r#"{ roles = "readonly", accounts = "ops" }"#,
    );
    assert_eq!(problems(&text), [""; 0]);
    let (catalog, _) = Catalog::parse("f", &text).unwrap();
    let reach = catalog.reach(catalog.team("foundation").unwrap());
    assert_eq!((reach[0].account.name.as_str(), reach[0].role.name.as_str()), ("ops", "readonly"));
    let want = "26: team 'foundation': role 'readonly' in the hub is the IAM role 'foundation', and \
                that is the hub role of team 'foundation' (line 22)";
    let same = text.replace("readonly = {", "readonly = { name = \"foundation\",");
    assert_eq!(problems(&same), [want]);
}

#[test]
fn an_account_of_another_partition_has_its_arns_and_no_region_of_this_one() {
    let text = ACME.replace(
        r#"dev = { id = "222222222222", env = "dev" }"#,
        r#"dev = { id = "222222222222", env = "dev", partition = "aws-us-gov" }"#,
    );
    let want = "25: warning: team 'foundation': a grant reaches account 'dev' in the partition \
                aws-us-gov, and no role leads there from the hub in aws";
    assert_eq!(problems(&text), [want]);
    let (catalog, warnings) = Catalog::parse("f", &text).unwrap();
    assert_eq!(warnings, [want.replacen("25: warning: ", "f:25: ", 1)]);
    let made = catalog.rendering(catalog.team("foundation").unwrap()).text;
    let dev = "[profile dev]\nsource_profile = hub\n\
               role_arn = arn:aws-us-gov:iam::222222222222:role/Administrator\n\n";
    assert!(made.contains(dev), "{made}");
    let policy = &catalog.roles()[0].policies[0];
    assert_eq!(policy.arn("aws-us-gov"), "arn:aws-us-gov:iam::aws:policy/AdministratorAccess");
}

#[test]
fn tables_and_arrays_of_tables_are_one_way_to_write_it_and_have_their_lines() {
    let text = "[hub]\naccount = \"ops\"\n\n[accounts.ops]\nid = \"111111111111\"\n\
                [accounts.dev]\nid = \"222222222222\"\n\n[roles.admin]\n\n[teams.a]\n\
                okta_group = \"a\"\n\n[[teams.a.grants]]\nroles = \"admin\"\naccounts = \"*\"\n\n\
                [[teams.a.grants]]\nroles = \"admin\"\naccounts = \"dve\"\n";
    let want = "20: team 'a': a grant: there is no account 'dve' (did you mean 'dev'?)";
    assert_eq!(problems(text), [want]);
    let (catalog, _) = Catalog::parse("f", &text.replace("dve", "dev")).unwrap();
    let team = catalog.team("a").unwrap();
    assert_eq!((team.line, team.grants[0].line, team.grants[1].line), (11, 14, 18));
    assert_eq!(catalog.reach(team)[0].grants, [0, 1]);
}
