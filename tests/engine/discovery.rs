//! What an org runs on: asked once, remembered, told, and asked anew when it fails.

use robo_simulator::{Fault, Scenario};

use crate::common::office::{PASSWORD, USER};
use crate::common::{Office, Output};
use crate::in_browser::{self, CLIENT};
use crate::wording::HUB;

const WELL_KNOWN: &str = "GET /.well-known/okta-organization";

fn no_factor(scenario: &mut Scenario) {
    scenario.user().factors.clear();
}

fn asked(office: &Office) -> u64 {
    office.simulator.counts().okta(WELL_KNOWN)
}

#[test]
fn it_is_asked_once_and_remembered() {
    let office = Office::signed_up(no_factor);
    for _ in 0..3 {
        office.robo(HUB).run().exits(0);
    }
    assert_eq!(asked(&office), 1);
    let told = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    assert_eq!(
        (&told["okta"]["pipeline"], &told["okta"]["why"]),
        (&"v1".into(), &"Classic".into())
    );
    // Forgotten with the sessions, it is asked again.
    office.robo(["aws.logout"]).run().exits(0);
    office.robo(HUB).run().exits(0);
    assert_eq!(asked(&office), 2);
}

#[test]
fn an_org_that_does_not_say_is_taken_for_classic_and_v_says_so() {
    for fault in [
        Fault::on("okta GET /.well-known/okta-organization").page(404, "gone"),
        Fault::on("okta GET /.well-known/okta-organization").page(200, "<html>"),
        Fault::on("okta GET /.well-known/okta-organization").garbage(300),
        Fault::on("okta GET /.well-known/okta-organization").redirect("https://evil.example/"),
    ] {
        let office = Office::signed_up(no_factor);
        office.simulator.scenario(|scenario| scenario.faults = vec![fault]);
        let output = office.robo(HUB).arg("-v").run().exits(0);
        let output = output.says("does not say what it runs on").says("taken for Classic");
        output.says("Okta: signing in by password: Classic.");
        assert_eq!(office.robo(HUB).run().exits(0).stderr, "");
    }
}

#[test]
fn an_org_that_cannot_be_reached_is_told_as_ever() {
    let office = Office::signed_up(no_factor);
    let fault = Fault::on("okta GET /.well-known/okta-organization");
    let fault = fault.drop(robo_simulator::scenario::Drop::Before);
    office.simulator.scenario(|scenario| scenario.faults = vec![fault]);
    office.robo(HUB).run().exits(7).says("hint:");
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 0);
}

/// The three hints that say what whoever runs Okta has to set up.
fn says_what_to_set_up(output: Output) {
    let output = output.says("OIDC app of the type Native").says("Device Authorization");
    output.says("Token Exchange").says("Allowed Web SSO Client").says("okta_client_id = 0oa");
}

#[test]
fn identity_engine_without_a_client_takes_a_password_if_the_org_still_does() {
    let office = Office::signed_up(|scenario| {
        no_factor(scenario);
        scenario.okta.pipeline = "idx".to_owned();
    });
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(0), "authn app app saml");
    let output = office.robo(["aws.explain", "dev"]).run().exits(0);
    assert!(output.stdout.contains("no okta_client_id is configured"), "{output}");
    // The app's policy is not met by it, or the org answers no password at all.
    let changes: [fn(&mut Scenario); 2] =
        [|scenario| scenario.okta.session_tokens = false, |scenario| scenario.okta.authn = false];
    for change in changes {
        let office = Office::signed_up(|scenario| {
            no_factor(scenario);
            scenario.okta.pipeline = "idx".to_owned();
            change(scenario);
        });
        let output = office.robo(HUB).run().exits(5);
        let output = output.says("does not let robo sign in with a password");
        says_what_to_set_up(output.never_says("ran out of time"));
        assert_eq!(asked(&office), 1);
        assert_eq!(office.simulator.counts().passwords(USER).refused, 0);
    }
}

#[test]
fn an_org_that_was_upgraded_is_noticed_when_the_old_way_fails() {
    let office = Office::signed_up(no_factor);
    office.robo(HUB).run().exits(0);
    in_browser::with_client(&office);
    // Still Classic, as it was said a moment ago: that is believed.
    office.robo(HUB).run().exits(0);
    assert_eq!(asked(&office), 1);
    office.simulator.scenario(|scenario| {
        (scenario.okta.pipeline, scenario.okta.authn) = ("idx".to_owned(), false);
    });
    office.simulator.end_sessions();
    let before = office.simulator.calls().len();
    let output = office.robo(HUB).run().exits(0);
    output.says("runs on Identity Engine by now, so sign in there in the browser");
    assert_eq!(office.calls_since(before), "app authn authn authorize token token sso saml");
    assert_eq!(asked(&office), 2);
    // It is remembered, and the next one goes straight there.
    let before = office.simulator.calls().len();
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(before), "token sso saml");
    assert_eq!(asked(&office), 2);
}

#[test]
fn a_way_can_be_forced() {
    // By password, though there is a client and the org would rather have the browser.
    let office = in_browser::office(|scenario| scenario.user().factors.clear());
    office.store_password(PASSWORD);
    office.robo(HUB).args(["--okta-auth", "password"]).run().exits(0);
    assert_eq!(office.calls_since(0), "authn app app saml");
    assert_eq!(asked(&office), 0, "what it runs on does not matter");
    office.simulator.end_sessions();
    office.edit_config("[okta]\n", "[okta]\nokta_auth = Password\n");
    office.simulator.scenario(|scenario| scenario.okta.authn = false);
    let output = office.robo(HUB).run().exits(5).says("okta_auth = password comes from [okta]");
    output.never_says("Native");
    // The flag goes before it.
    office.robo(HUB).args(["--okta-auth", "device"]).run().exits(0);
    assert_eq!(office.simulator.counts().device_codes, 1);
    let story = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    assert_eq!(story["okta"]["way"], "password");
    assert_eq!(story["okta"]["why"], "okta_auth = password ([okta])");
}

#[test]
fn an_org_that_cannot_be_reached_is_told_so_after_it_took_no_password() {
    let office = Office::signed_up(no_factor);
    office.simulator.scenario(|scenario| {
        scenario.okta.authn = false;
        let gone = Fault::on("okta GET /.well-known/okta-organization");
        scenario.faults = vec![gone.drop(robo_simulator::scenario::Drop::Before)];
    });
    office.robo(HUB).run().exits(7);
}

#[test]
fn a_way_that_cannot_be_gone_is_told_at_once() {
    let office = Office::signed_up(no_factor);
    says_what_to_set_up(office.robo(HUB).args(["--okta-auth", "device"]).run().exits(1));
    office.robo(HUB).args(["--okta-auth", "both"]).run().exits(2);
    office.edit_config("[okta]\n", "[okta]\nokta_auth = both\n");
    let output = office.robo(HUB).run().exits(1);
    output.says("okta_auth = both is no way to sign in").says("it comes from [okta]");
    office.edit_config("okta_auth = both", "okta_client_id = a/b");
    office.robo(HUB).run().exits(1).says("okta_client_id = a/b is no id of Okta's");
    assert_eq!(office.simulator.counts().all(), 0);
}

#[test]
fn doctor_says_which_way_and_why() {
    let told = |office: &Office| office.robo(["aws.doctor"]).run().exits(0).stdout;
    let office = Office::signed_up(no_factor);
    assert!(told(&office).contains("sign-in        by password: Classic\n"), "{}", told(&office));
    office.simulator.scenario(|scenario| scenario.okta.pipeline = "idx".to_owned());
    let output = told(&office);
    assert!(output.contains("by password, which Identity Engine may refuse"), "{output}");
    assert!(output.contains("Allowed Web SSO Client"), "{output}");
    in_browser::with_client(&office);
    let output = told(&office);
    let want = "in the browser: Identity Engine, and okta_client_id is configured\n";
    assert!(output.contains(want), "{output}");
    // No account has to be stored for that.
    let newcomer = told(&in_browser::office(|_| {}));
    assert!(newcomer.contains("robo aws.add, where one signs in by password\n"), "{newcomer}");
    office.edit_config(CLIENT, &format!("{CLIENT}\nokta_auth = password"));
    assert!(told(&office).contains("by password: okta_auth = password (the org: Identity Engine)"));
}

#[test]
fn doctor_and_explain_say_what_cannot_work() {
    let office = Office::signed_up(no_factor);
    let amiss = || {
        let stdout = office.robo(["aws.doctor"]).run().exits(1).stdout;
        let line = stdout.lines().find(|line| line.starts_with("!!  sign-in")).unwrap_or_default();
        line.trim_start_matches("!!  sign-in").trim().to_owned()
    };
    office.edit_config("[okta]\n", "[okta]\nokta_auth = device\n");
    assert_eq!(amiss(), "okta_auth = device ([okta]), and no okta_client_id is configured");
    let story = office.robo(["aws.explain", "dev"]).run().exits(0).stdout;
    let want =
        "no way to sign in: okta_auth = device ([okta]), and no okta_client_id is configured";
    assert!(story.contains(want), "{story}");
    in_browser::with_client(&office);
    assert_eq!(amiss(), "okta_auth = device ([okta]), and Classic has none");
    office.edit_config("okta_auth = device", "okta_auth = devise");
    assert_eq!(amiss(), "okta_auth = devise is no way to sign in");
    // Read as robo reads it, in any case of letters.
    office.edit_config("okta_auth = devise", "okta_auth = Password");
    let stdout = office.robo(["aws.doctor"]).run().exits(0).stdout;
    assert!(stdout.contains("by password: okta_auth = password (the org: Classic)"), "{stdout}");
}

#[test]
fn an_org_in_trouble_is_not_taken_for_classic() {
    let office = in_browser::office(|_| {});
    office.store_password(PASSWORD);
    let fault = Fault::on("okta GET /.well-known/okta-organization").page(503, "busy");
    office.simulator.scenario(|scenario| scenario.faults = vec![fault.clone()]);
    office.robo(HUB).run().exits(1).says("(status 503)");
    assert!(office.simulator.counts().passwords.is_empty());
    // One miss is none.
    let other = in_browser::office(|scenario| scenario.faults = vec![fault.first(1)]);
    other.robo(HUB).run().exits(0);
    assert_eq!(other.simulator.counts().device_codes, 1);
    // One that says nothing is Classic for this run alone.
    let fault = Fault::on("okta GET /.well-known/okta-organization").page(404, "gone");
    office.simulator.scenario(|scenario| {
        (scenario.faults, scenario.okta.authn) = (vec![fault], true);
        scenario.user().factors.clear();
    });
    office.robo(HUB).run().exits(0);
    office.simulator.scenario(|scenario| scenario.faults.clear());
    office.robo(HUB).run().exits(0);
    assert_eq!(office.simulator.counts().device_codes, 1);
    // Where there is no other way than by password, trouble keeps nobody from it.
    let office = Office::signed_up(no_factor);
    let fault = Fault::on("okta GET /.well-known/okta-organization").page(503, "busy");
    office.simulator.scenario(|scenario| scenario.faults = vec![fault]);
    office.robo(HUB).run().exits(0);
}
