//! What is wrong with one thing because of another, and what the TOML parser says of it.

use super::{problems, with};

#[test]
fn what_the_parser_stops_at_is_told_by_name() {
    let told = with("prod = {", "dev = {");
    assert_eq!(told, ["16: dev is there already: each name stands for one"]);
    let told = with("id = \"222222222222\"", "id = 022222222222");
    let want =
        "15: no number begins with 0; what is text, such as an account's id, stands in quotes";
    assert_eq!(told, [want]);
}

#[test]
fn a_partition_that_is_none_is_one_mistake() {
    let told = with("env = \"prod\", region", "partition = \"aws-cm\", env = \"prod\", region");
    let want = "16: account 'prod': robo knows no partition 'aws-cm' (did you mean 'aws-cn'?): it \
                knows aws, aws-cn, aws-us-gov, aws-eusc";
    assert_eq!(told, [want]);
}

#[test]
fn an_app_that_leads_nowhere_is_a_mistake() {
    for app in ["0oa1b2c3d4", "../../x", "http://acme.okta.com/home/amazon_aws/0oa1b2c3d4/272"] {
        let told = with("home/amazon_aws/0oa1b2c3d4/272", app);
        let want = format!(
            "3: [okta]: 'app' is '{app}': the app is the path of its link in Okta, such as \
             home/amazon_aws/0oa1b2c3d4/272, or the whole https URL"
        );
        assert_eq!(told, [want]);
    }
}

#[test]
fn the_hub_is_meant_by_no_tag() {
    let told =
        with("ops = { id = \"111111111111\" }", "ops = { id = \"111111111111\", env = \"hub\" }");
    assert_eq!(told, [""; 0]);
    let text = super::ACME
        .replace(
            "ops = { id = \"111111111111\" }",
            "ops = { id = \"111111111111\", env = \"hub\" }",
        )
        .replace("accounts = { env = \"prod\" }", "accounts = { env = \"hub\" }");
    let want = "26: warning: team 'foundation': a grant: no account but the hub has env = \"hub\", \
                and that is meant only by its name";
    assert_eq!(problems(&text), [want]);
}

#[test]
fn an_exception_that_takes_nothing_away_is_told_by_its_name() {
    let grant = "{ roles = \"readonly\", accounts = { env = \"prod\" } }";
    let told = with(
        grant,
        "{ roles = \"readonly\", accounts = [\"dev\", \"prod\"], except = [\"prod\", \"ops\"] }",
    );
    let want = "26: warning: team 'foundation': a grant excepts 'ops', which it does not name";
    assert_eq!(told, [want]);
    let told = with(grant, "{ roles = \"readonly\", accounts = \"*\", except = \"*\" }");
    let want = "26: team 'foundation': a grant: with 'except' = \"*\" nothing would be left";
    assert_eq!(told, [want]);
}

#[test]
fn a_policy_that_cannot_be_attached_is_told() {
    let own = "arn:aws:iam::222222222222:policy/own";
    let role = |policy: &str| with("AdministratorAccess", policy);
    // It is granted in 'dev' alone.
    assert_eq!(role(own), [""; 0]);
    let other = "arn:aws:iam::555555555555:policy/own";
    let want = format!(
        "19: warning: role 'admin': the policy {other} is of the account 555555555555, and 'dev' is \
         222222222222"
    );
    assert_eq!(role(other), [want]);
    let gov = "arn:aws-us-gov:iam::aws:policy/AdministratorAccess";
    let want = format!(
        "19: warning: role 'admin': the policy {gov} is of the partition aws-us-gov, and 'dev' is in \
         aws"
    );
    assert_eq!(role(gov), [want]);
    let want = format!(
        "31: warning: team 'fpa': the policy {own} is of the account 222222222222, and 'ops' is \
         111111111111"
    );
    assert_eq!(with("job-function/Billing", own), [want]);
}
