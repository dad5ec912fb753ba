//! Who signed in in the browser: told, asked, and known again.

use serde_json::Value;

use crate::common::Office;
use crate::common::office::{PASSWORD, USER};
use crate::in_browser::office;
use crate::wording::HUB;

fn stored(office: &Office) -> Value {
    let story = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    story["okta"]["username"].clone()
}

#[test]
fn a_newcomer_is_asked_before_anything_is_kept() {
    let office = office(|s| s.okta.oauth.device.login = "else@acme.com".to_owned());
    let mut pty = office.robo(HUB).pty();
    pty.expect("Okta: signed in as else@acme.com at ");
    pty.expect("Keep else@acme.com as the Okta account 'default'? [Y/n]").send("n\r");
    let (status, screen) = pty.wait();
    assert_ne!(status, 0, "{screen}");
    assert!(screen.contains("nothing is kept of the sign-in as else@acme.com"), "{screen}");
    assert_eq!(stored(&office), Value::Null);
    let counts = office.simulator.counts();
    assert_eq!((counts.okta("POST /oauth2/v1/revoke"), counts.exchanges), (1, 0));
    office.simulator.scenario(|s| s.okta.oauth.device.login = USER.to_owned());
    let mut pty = office.robo(HUB).pty();
    pty.expect("Keep you@acme.com as the Okta account 'default'? [Y/n]").send("y\r");
    assert_eq!(pty.wait().0, 0);
    assert_eq!(stored(&office), USER);
    // Once is enough.
    office.simulator.end_sessions();
    let (status, screen) = office.robo(HUB).pty().wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("signed in as you@acme.com") && !screen.contains("Keep"), "{screen}");
}

#[test]
fn an_org_that_names_nobody_in_the_id_token_is_asked_for_the_name() {
    let office = office(|s| s.okta.oauth.device.named = false);
    office.store_password(PASSWORD);
    office.robo(HUB).run().exits(0);
    assert_eq!(office.simulator.counts().okta("GET /oauth2/v1/userinfo"), 1);
    office.simulator.scenario(|s| s.okta.oauth.device.told = false);
    office.simulator.end_sessions();
    office.robo(HUB).run().exits(1).says("does not say who signed in");
}

#[test]
fn a_user_is_known_by_okta_s_id_though_the_name_has_changed() {
    let office = office(|_| {});
    office.robo(HUB).run().exits(0);
    office.simulator.scenario(|s| s.okta.oauth.device.login = "you@new.example".to_owned());
    office.simulator.end_sessions();
    office.robo(HUB).run().exits(0).says("signed in as you@new.example");
    office.simulator.scenario(|s| s.okta.oauth.device.subject = "00uelse".to_owned());
    office.simulator.end_sessions();
    office.robo(HUB).run().exits(5).says("you@new.example signed in in the browser, but");
}

#[test]
fn a_user_that_a_flag_names_is_not_called_a_stored_account() {
    let office = office(|s| s.okta.oauth.device.login = "else@acme.com".to_owned());
    let output = office.robo(HUB).args(["--username", USER]).run().exits(5);
    let output =
        output.says("else@acme.com signed in in the browser, but --username is you@acme.com");
    output.says("or run it with --username else@acme.com").never_says("aws.logout");
}

#[test]
fn flags_that_have_no_part_in_it_are_told_once() {
    let office = office(|_| {});
    let flags = ["--mfa-code", "123456", "--mfa-factor-type", "push"];
    let output = office.robo(HUB).args(flags).run().exits(0);
    let told = "second factor is answered in the browser, without --mfa-code, --mfa-factor-type.";
    assert_eq!(output.stderr.matches(told).count(), 1, "{output}");
    // A sign-in that is kept has no second factor either, and nothing is said of it.
    assert_eq!(office.robo(HUB).args(flags).run().exits(0).stderr, "");
    office.robo(["aws.logout"]).run().exits(0);
    let password = office.robo(HUB).args(["--okta-auth", "device", "--password-stdin"]);
    let output = password.stdin("it is not looked at").run().exits(0);
    output
        .says("okta_auth = device (--okta-auth), so the password of --password-stdin is not sent");
    assert!(office.simulator.counts().passwords.is_empty());
}
