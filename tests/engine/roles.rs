//! The roles that an assertion names, and the one that is taken.

use robo_simulator::scenario::{Order, SamlRole};
use robo_simulator::{Role, Scenario};

use crate::common::{Office, USER};
use crate::wording::{HUB, failed};

/// No second factor, and these roles of the hub's account, which STS knows too.
fn roles(scenario: &mut Scenario, names: &[&str]) {
    scenario.user().factors.clear();
    let own: Vec<SamlRole> =
        names.iter().map(|name| SamlRole::new("aws", "111111111111", name)).collect();
    for SamlRole { role, provider } in &own {
        scenario.sts.roles.push(Role::new(role).trusts(provider));
    }
    scenario.saml().roles = own;
}

/// A profile that names no role.
fn nameless(office: &Office) {
    office.edit_config(
        "[profile okta-hub]\nrole_arn = arn:aws:iam::111111111111:role/okta-hub\n",
        "[profile okta-hub]\nregion = eu-west-1\n",
    );
}

const SHOWN: [&str; 6] =
    ["aws.exec", "okta-hub", "--no-cache", "--", "printenv", "AWS_OKTA_ASSUMED_ROLE_ARN"];

#[test]
fn a_role_is_found_whatever_its_value_looks_like() {
    let office = Office::signed_up(|_| {});
    for order in [Order::RoleFirst, Order::ProviderFirst] {
        for blanks in [false, true] {
            let (output, _) = office.try_with(SHOWN, |scenario| {
                roles(scenario, &["other", "okta-hub", "of/a/path"]);
                (scenario.saml().order, scenario.saml().blanks) = (order, blanks);
            });
            assert_eq!(output.exits(0).stdout, "arn:aws:iam::111111111111:role/okta-hub\n");
        }
    }
}

#[test]
fn a_role_with_a_path_is_the_one_of_its_whole_arn() {
    let office = Office::signed_up(|scenario| roles(scenario, &["hub", "of/a/path/hub"]));
    for arn in
        ["arn:aws:iam::111111111111:role/of/a/path/hub", "arn:aws:iam::111111111111:role/hub"]
    {
        let output = office.robo(SHOWN).env("AWS_ASSUME_ROLE_ARN", arn).run().exits(0);
        assert_eq!(output.stdout, format!("{arn}\n"));
    }
}

#[test]
fn roles_of_each_partition_are_taken_at_its_own_sign_in() {
    let office = Office::signed_up(|_| {});
    let config = office.sandbox.read_config();
    for (partition, destination) in [
        ("aws-cn", "https://signin.amazonaws.cn/saml"),
        ("aws-us-gov", "https://signin.amazonaws-us-gov.com/saml"),
        ("aws", "https://us-west-2.signin.aws.amazon.com/saml"),
    ] {
        let role = format!("arn:{partition}:iam::111111111111:role/okta-hub");
        office
            .sandbox
            .write_config(config.replace("arn:aws:iam::111111111111:role/okta-hub", &role));
        let (output, _) = office.try_with(SHOWN, |scenario| {
            scenario.user().factors.clear();
            let saml = SamlRole::new(partition, "111111111111", "okta-hub");
            scenario.sts.roles = vec![Role::new(&saml.role).trusts(&saml.provider)];
            scenario.saml().roles = vec![saml];
            scenario.saml().destination = destination.to_owned();
        });
        assert_eq!(output.exits(0).stdout, format!("{role}\n"));
    }
}

#[test]
fn the_only_role_needs_no_name() {
    let office = Office::signed_up(|scenario| roles(scenario, &["lonely"]));
    nameless(&office);
    let output = office.robo(SHOWN).run().exits(0);
    assert_eq!(output.stdout, "arn:aws:iam::111111111111:role/lonely\n");
}

const NO_ROLE: &str = "  hint: the role comes from profile 'okta-hub'; -r ROLE_ARN chooses another\n  \
    hint: whoever looks after Okta gives roles by groups; 'robo aws.config' fetches your team's newest config\n";

#[test]
fn an_assertion_without_the_role_says_what_it_has() {
    let office = Office::signed_up(|_| {});
    let arn = |name: &str| format!("arn:aws:iam::111111111111:role/{name}");
    let app = "/home/amazon_aws/0oa1sim2ula3tor4/272";
    let twelve: Vec<String> = (1..=12).map(|number| format!("role-{number}")).collect();
    let twelve: Vec<&str> = twelve.iter().map(String::as_str).collect();
    let ten: Vec<String> = twelve[..10].iter().map(|name| arn(name)).collect();
    let reserved = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef";
    let center = "belongs to IAM Identity Center and cannot be assumed by SAML";
    let cases = [
        (vec![], "no role at all".to_owned()),
        (vec!["a", "b/c"], format!("{}, {}", arn("a"), arn("b/c"))),
        (twelve, format!("{} and 2 more", ten.join(", "))),
        (vec![reserved], format!("no role at all; '{}' {center}", arn(reserved))),
    ];
    for (names, has) in cases {
        let (output, calls) = office.try_with(HUB, |scenario| roles(scenario, &names));
        failed(
            &output,
            5,
            &format!(
                "error: Okta does not give {USER} the role {}\n  cause: the assertion of {app} has {has}\n{NO_ROLE}",
                arn("okta-hub")
            ),
        );
        // STS is not asked for what cannot be.
        assert_eq!(calls.trim_start_matches("app "), "authn app app");
    }
    office.edit_config("role/okta-hub\n", &format!("role/{reserved}\n"));
    let (output, _) = office.try_with(HUB, |scenario| roles(scenario, &[reserved]));
    let told = format!("error: the role {} cannot be used\n  cause: it {center}\n", arn(reserved));
    failed(&output, 5, &format!("{told}{NO_ROLE}"));
}

#[test]
fn one_of_four_hundred_roles_is_picked_by_a_few_letters() {
    let names: Vec<String> = (1..=400).map(|number| format!("role-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let office = Office::signed_up(|scenario| {
        roles(scenario, &names);
    });
    nameless(&office);
    let mut pty = office.robo(SHOWN).pty();
    pty.expect("Which role?");
    pty.expect("role-1 in 111111111111  arn:aws:iam::111111111111:role/role-1");
    pty.send("role-317").expect("> role-317 in 111111111111").send("\r");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.ends_with("arn:aws:iam::111111111111:role/role-317\n"), "{screen}");
    // With nobody to pick, the first few are named.
    let ten: Vec<String> =
        names[..10].iter().map(|name| format!("arn:aws:iam::111111111111:role/{name}")).collect();
    failed(
        &office.robo(HUB).run(),
        4,
        &format!(
            "error: profile 'okta-hub' names no role, and Okta gives several\n  \
             cause: {} and 390 more\n  hint: -r ROLE_ARN, or 'role_arn = …' in the profile\n",
            ten.join(", ")
        ),
    );
    // More than AWS would take: said before it is asked.
    office.simulator.scenario(|scenario| {
        *scenario.saml() = std::mem::take(scenario.saml()).with_more_roles(1_000);
    });
    let before = office.simulator.calls().len();
    let output = office.robo(HUB).run().exits(1);
    let told = "error: Okta's SAML assertion is too long for AWS: ";
    assert!(output.stderr.starts_with(told), "{output}");
    assert!(output.stderr.ends_with(
        "  hint: it names too many roles or groups: ask whoever runs Okta to assign fewer\n"
    ));
    assert_eq!(office.calls_since(before), "app");
}
