//! Nobody at the terminal: every question is exit code 4 at once, with what answers it.

use robo_simulator::{Factor, Scenario};

use crate::common::{Office, PASSWORD, USER};
use crate::wording::{HUB, failed};

/// Runs it without a terminal, and with one that is not to be asked: all fail alike.
#[track_caller]
fn asks_nobody(office: &Office, args: &[&str], stderr: &str, calls: &str) {
    let before = office.simulator.calls().len();
    let output = office.robo(args).run();
    let output = crate::common::Output { stderr: office.wording(&output.stderr), ..output };
    failed(&output, 4, stderr);
    assert_eq!(office.calls_since(before), calls);

    let mut flag = office.robo(args).arg("--no-input").pty();
    let mut variable = office.robo(args).env("ROBO_NO_INPUT", "1").pty();
    for pty in [&mut flag, &mut variable] {
        let (status, screen) = pty.wait();
        assert_eq!((status, office.wording(&screen).as_str()), (4, stderr));
    }
}

#[test]
fn an_account_that_is_not_stored_is_not_asked_for() {
    let office = Office::new();
    asks_nobody(
        &office,
        &HUB,
        "error: no Okta account for <okta> is stored\n  \
         hint: robo aws.add --domain <okta>   stores your Okta sign-in, once\n",
        "",
    );
    // The first thing that a program gets to see.
    let output = office.robo(["aws.exec", "dev", "--", "true"]).run().exits(125);
    assert!(output.stderr.starts_with("error: no Okta account for "), "{output}");
    let config = office.sandbox.read_config();
    let host = format!("okta_domain = {}\n", office.simulator.okta_host());
    office.sandbox.write_config(config.replace(&host, ""));
    asks_nobody(
        &office,
        &HUB,
        "error: no Okta account is stored, and nothing says where to sign in\n  \
         hint: robo aws.add --domain acme.okta.com   stores your Okta sign-in, once\n",
        "",
    );
    office.sandbox.write_config(config);
    let hint = "  hint: run it on a terminal, or say the answer with a flag (see --help)\n";
    asks_nobody(
        &office,
        &["aws.add"],
        &format!(
            "error: a question needs an answer, and nobody is there: Okta username (<okta>):\n{hint}  hint: robo aws.add --username you@acme.com --password-stdin\n"
        ),
        "",
    );
    asks_nobody(
        &office,
        &["aws.add", "--username", USER],
        &format!(
            "error: a question needs an answer, and nobody is there: Okta password of {USER} (<okta>):\n{hint}  hint: --password-stdin reads it from stdin\n"
        ),
        "",
    );
    asks_nobody(
        &office,
        &["aws.credentials"],
        "error: which profile? None was named, and nobody is there to pick one\n  \
         hint: name it after the command; 'robo aws.list' shows all\n",
        "",
    );
}

#[test]
fn a_second_factor_that_has_to_be_typed_is_not_begun() {
    let office = Office::signed_up(|_| {});
    let by_flag = "  hint: or hand in its code: --mfa-code, or --mfa-code-command with a program that prints it\n";
    let mut cases: Vec<(Vec<Factor>, &str, &str)> = vec![
        (vec![Factor::totp()], "Okta Verify (code)", by_flag),
        (vec![Factor::google()], "Google Authenticator (code)", by_flag),
        (vec![Factor::yubikey()], "YubiKey", by_flag),
        (vec![Factor::rsa()], "RSA SecurID", by_flag),
        (vec![Factor::question()], "a security question", ""),
        (vec![Factor::sms()], "a text message to +1 XXX-XXX-1337", ""),
        (vec![Factor::call()], "a phone call to +1 XXX-XXX-1337", ""),
        (vec![Factor::email()], "an email to y...u@acme.com", ""),
    ];
    for (factors, name, by_flag) in cases.drain(..) {
        office.turn_to(|scenario| scenario.user().factors = factors);
        asks_nobody(
            &office,
            &HUB,
            &format!(
                "error: Okta asks for {name}, and nobody is there to type it\n  \
                 hint: run it on a terminal once: the session lasts for a while\n{by_flag}"
            ),
            "authn cancel",
        );
    }
    assert_eq!(office.simulator.counts().codes_sent, 0);
}

#[test]
fn several_second_factors_are_named_with_the_flags_that_choose_them() {
    let office = Office::signed_up(|scenario| {
        scenario.user().factors = vec![Factor::totp(), Factor::sms(), Factor::webauthn()];
    });
    asks_nobody(
        &office,
        &HUB,
        "error: Okta asks for a second factor, and several are set up: Okta Verify (code), a text message to +1 XXX-XXX-1337\n  \
         hint: for Okta Verify (code): --mfa-provider OKTA --mfa-factor-type token:software:totp\n  \
         hint: for a text message to +1 XXX-XXX-1337: --mfa-provider OKTA --mfa-factor-type sms\n",
        "authn cancel",
    );
}

#[test]
fn of_several_the_one_that_needs_no_typing_is_taken() {
    let office = Office::signed_up(|_| {});
    let (output, calls) = office.try_with(HUB, |scenario| {
        let push = Factor::push().polls(["SUCCESS"]);
        scenario.user().factors = vec![Factor::totp(), push, Factor::sms()];
    });
    assert_eq!(
        output.exits(0).stderr,
        "Okta: using Okta Verify (push), which needs no typing.\nOkta: push sent to your phone.\n"
    );
    assert_eq!(calls, "authn verify verify app app saml");
}

#[test]
fn a_host_that_nobody_agreed_to_gets_no_password() {
    let office = Office::signed_up(|scenario| scenario.user().factors.clear());
    // The config came from a repo that this laptop follows, and so did the host in it.
    office.sandbox.write(
        "settings/robo/settings.toml",
        "[trust]\ndotfiles = \"https://git.example.com/dotfiles\"\n",
    );
    let before = office.simulator.calls().len();
    let run = office.robo(HUB).env("XDG_CONFIG_HOME", office.sandbox.path("settings"));
    let output = run.run().exits(4);
    assert_eq!(
        office.wording(&output.stderr),
        "error: <okta> is no host that you agreed to sign in at\n  \
         hint: if it is your company's: robo aws.add --domain <okta>\n"
    );
    assert_eq!(office.calls_since(before), "");
}

#[test]
fn nothing_on_stdin_is_taken_for_an_answer() {
    let office = Office::signed_up(|scenario| scenario.user().factors = vec![Factor::totp()]);
    let output = office.robo(HUB).stdin("480362\n480362\ny\n").run().exits(4);
    assert!(output.stderr.contains("nobody is there to type it"), "{output}");
    assert_eq!(office.simulator.counts().codes_refused, 0);
}

#[test]
fn what_is_stored_needs_nobody() {
    let office = Office::with(|scenario: &mut Scenario| scenario.user().factors.clear());
    let add = ["aws.add", "--username", USER, "--password-stdin", "--no-input"];
    office.robo(add).stdin(format!("{PASSWORD}\r\n")).run().exits(0);
    assert_eq!(office.robo(HUB).arg("--no-input").run().exits(0).stderr, "");
}
