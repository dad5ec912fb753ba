//! A session at Okta: used for every app, role and profile, and begun anew once it is over.

use robo_simulator::scenario::SamlRole;
use robo_simulator::{App, Factor, Fault, Scenario};

use crate::common::{Office, PASSWORD, USER};
use crate::wording::HUB;

const SECOND: &str = "/home/amazon_aws/0oa2second/272";

/// A push that is accepted at once, and a second app with a role of its own.
fn two_apps(scenario: &mut Scenario) {
    *scenario.factor() = Factor::push().polls(["SUCCESS"]);
    let mut second = App { path: SECOND.to_owned(), ..App::default() };
    second.saml.roles = vec![SamlRole::new("aws", "111111111111", "okta-second")];
    scenario.okta.apps.push(second);
    let role = robo_simulator::Role::new("arn:aws:iam::111111111111:role/okta-second");
    scenario.sts.roles.push(role.trusts("arn:aws:iam::111111111111:saml-provider/okta"));
}

fn office() -> Office {
    let office = Office::signed_up(two_apps);
    office.edit_config(
        "[profile okta-hub]",
        &format!(
            "[profile second]\nrole_arn = arn:aws:iam::111111111111:role/okta-second\n\
             aws_saml_url = {SECOND}\n\n[profile okta-hub]"
        ),
    );
    office
}

#[track_caller]
fn gets(office: &Office, profile: &str, calls: &str) {
    let before = office.simulator.calls().len();
    office.robo(["aws.credentials", profile]).run().exits(0);
    assert_eq!(office.calls_since(before), calls);
}

/// A whole sign-in, the first role with it.
const SIGN_IN: &str = "authn verify verify app app saml";

#[test]
fn one_sign_in_does_for_every_app_role_and_profile() {
    let office = office();
    gets(&office, "okta-hub", SIGN_IN);
    gets(&office, "dev", "role");
    gets(&office, "prod", "role");
    gets(&office, "second", "app saml");
    gets(&office, "reader", "role");
    office.robo(HUB).run().exits(0);
    assert_eq!(office.simulator.counts().pushes, 1);
    // As somebody else who signs in here, nothing of it is used.
    office.simulator.scenario(|scenario| {
        let mut other = scenario.okta.users[0].clone();
        other.login = "else@acme.com".to_owned();
        scenario.okta.users.push(other);
    });
    let add = ["aws.add", "--username", "else@acme.com", "--account", "other", "--password-stdin"];
    office.robo(add).arg("--no-verify").stdin(PASSWORD).run().exits(0);
    let before = office.simulator.calls().len();
    office.robo(["aws.credentials", "okta-hub", "--account", "other"]).run().exits(0);
    assert_eq!(office.calls_since(before), SIGN_IN);
}

#[test]
fn a_session_that_is_over_costs_one_look_and_one_sign_in() {
    // Whether Okta redirects to its sign-in page, or is that page.
    for redirects in [true, false] {
        let office = office();
        office.simulator.scenario(|scenario| scenario.okta.login_redirect = redirects);
        gets(&office, "okta-hub", SIGN_IN);
        office.simulator.end_sessions();
        gets(&office, "second", &format!("app {SIGN_IN}"));
        // The new one took the old one's place: Okta ignores a token beside a stale `sid`.
        office.robo(HUB).run().exits(0);
        assert_eq!(office.simulator.counts().pushes, 2);
    }
}

#[test]
fn each_way_in_which_okta_says_that_a_session_is_over_is_understood() {
    let office = office();
    office.robo(HUB).run().exits(0);
    let app = || Fault::on("okta GET /home/amazon_aws/…");
    for fault in [
        app().page(200, "<title>Sign in</title><input type=password name=password>"),
        app().page(200, "<script>new OktaSignIn({})</script><div id=okta-sign-in></div>"),
        app().page(401, "Unauthorized"),
        app().redirect("/login/login.htm?fromURI=%2Fhome"),
        app().redirect("/signin"),
        app().redirect("/login/default"),
        // To the company's own sign-in page.
        app().redirect("https://sso.example.com/adfs?x=1"),
        app().okta_error("E0000005"),
        app().okta_error("E0000011"),
    ] {
        let (output, calls) = office.try_with(HUB, |scenario| {
            scenario.user().factors.clear();
            scenario.faults = vec![fault.first(1)];
        });
        assert_eq!(output.exits(0).stderr, "");
        assert_eq!(calls, "app authn app app saml");
    }
}

#[test]
fn the_device_is_known_from_session_to_session() {
    let office = office();
    office.edit_config("[okta]\n", "[okta]\nmfa_remember_device = true\n");
    // The cookie is fetched once, before the first password.
    gets(&office, "okta-hub", &format!("login.htm {SIGN_IN}"));
    let push = office.simulator.counts().pushes;
    office.simulator.end_sessions();
    let before = office.simulator.calls().len();
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(before), "app authn app app saml");
    office.robo(["aws.logout"]).run().exits(0);
    gets(&office, "okta-hub", "authn app app saml");
    assert_eq!(office.simulator.counts().pushes, push);
}

#[test]
fn logging_out_ends_the_session_at_okta_and_forgets_what_is_cached() {
    let office = office();
    gets(&office, "dev", &format!("{SIGN_IN} role"));
    let output = office.robo(["aws.logout"]).run().exits(0);
    assert_eq!(
        office.wording(&output.stderr),
        "Ended the Okta session of you@acme.com at <okta>.\nForgot 2 cached credentials of AWS.\n"
    );
    assert_eq!(office.simulator.counts().okta("DELETE /api/v1/sessions/me"), 1);
    // There is nothing left to end.
    let output = office.robo(["aws.logout"]).run().exits(0);
    assert_eq!(output.stderr, "Forgot 0 cached credentials of AWS.\n");
    assert_eq!(office.simulator.counts().okta("DELETE /api/v1/sessions/me"), 1);
    gets(&office, "okta-hub", SIGN_IN);
    // The account goes too, with its password.
    let output = office.robo(["aws.logout", "--all"]).run().exits(0);
    assert!(output.stderr.contains("Forgot the password of you@acme.com at "), "{output}");
    let output = office.robo(HUB).run().exits(4);
    assert!(output.stderr.starts_with("error: no Okta account for "), "{output}");
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 2);
}

#[test]
fn a_session_that_cannot_be_ended_at_okta_is_forgotten_all_the_same() {
    let office = office();
    gets(&office, "okta-hub", SIGN_IN);
    let delete = "okta DELETE /api/v1/sessions/me";
    office.simulator.scenario(|scenario| {
        scenario.faults = vec![Fault::on(delete).okta_error("E0000009")];
    });
    let output = office.robo(["aws.logout"]).run().exits(0);
    let told = "the session of you@acme.com was forgotten, but could not be ended at <okta>: ";
    assert!(office.wording(&output.stderr).starts_with(told), "{output}");
    gets(&office, "okta-hub", SIGN_IN);
}

#[test]
fn an_app_that_is_not_to_be_had_does_not_cost_the_session() {
    let office = office();
    office.edit_config(SECOND, "/home/amazon_aws/0oa3gone/272");
    let before = office.simulator.calls().len();
    let output = office.robo(["aws.credentials", "second"]).run().exits(5);
    assert_eq!(
        office.wording(&output.stderr),
        "Okta: push sent to your phone.\n\
         error: <okta> has no such app: /home/amazon_aws/0oa3gone/272\n  \
         cause: the page's title: acme - Error\n  \
         hint: check aws_saml_url: it is the path of the app's embed link in Okta\n"
    );
    assert_eq!(office.calls_since(before), "authn verify verify app");
    // That address took no session token, so there is no session yet.
    gets(&office, "okta-hub", SIGN_IN);
    let before = office.simulator.calls().len();
    office.robo(["aws.credentials", "second"]).run().exits(5);
    assert_eq!(office.calls_since(before), "app");
    gets(&office, "dev", "role");
    office.robo(HUB).run().exits(0);
    assert_eq!(office.simulator.counts().pushes, 2);
}

/// A run by `--username` at an office where no account is stored.
fn by_username(office: &Office, password: &str) -> crate::common::Output {
    let args = ["--username", USER, "--password-stdin", "--no-cache", "--", "true"];
    office.robo(["aws.exec", "okta-hub"]).args(args).stdin(password).run()
}

#[test]
fn logout_ends_the_session_of_who_has_no_stored_account() {
    for logout in [["aws.logout"].as_slice(), &["aws.logout", "--all"]] {
        let office = Office::with(|scenario| scenario.user().factors.clear());
        by_username(&office, PASSWORD).exits(0);
        office.robo(logout).run().exits(0).says("Ended the Okta session of you@acme.com");
        assert_eq!(office.simulator.counts().okta("DELETE /api/v1/sessions/me"), 1);
        by_username(&office, "nonsense").exits(125);
    }
    // By the user's name, and by no other.
    let office = Office::with(|scenario| scenario.user().factors.clear());
    by_username(&office, PASSWORD).exits(0);
    let output = office.robo(["aws.logout", "--account", "yo@acme.com"]).run().exits(1);
    output.says("did you mean 'you@acme.com'?");
    let output = office.robo(["aws.logout", "--account", "You@acme.com"]).run().exits(0);
    output.says("Ended the Okta session of you@acme.com");
    by_username(&office, "nonsense").exits(125);
}

#[test]
fn logout_ends_the_sign_in_in_the_browser_of_who_has_no_stored_account() {
    let office = crate::in_browser::office(|_| {});
    let run = || office.robo(["aws.exec", "okta-hub", "--username", USER, "--", "true"]);
    run().run().exits(0);
    office.robo(["aws.logout"]).run().exits(0).says("Ended robo's sign-in as you@acme.com");
    assert_eq!(office.simulator.counts().okta("POST /oauth2/v1/revoke"), 1);
    run().run().exits(0);
    assert_eq!(office.simulator.counts().device_codes, 2);
}
