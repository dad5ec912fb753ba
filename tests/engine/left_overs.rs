//! Small things on the way: what is typed too early, said too little, or sent too often.

use robo_simulator::{Factor, Fault};

use crate::common::office::{PASSWORD, USER};
use crate::common::{Office, PATIENCE};
use crate::wording::HUB;

const VERIFY: &str = "POST /api/v1/authn/factors/…/verify";

#[test]
fn what_is_typed_while_a_push_is_waited_for_answers_nothing() {
    let office = Office::signed_up(|scenario| {
        scenario.user().factors[0].pushes =
            vec![vec!["REJECTED".to_owned()], vec!["SUCCESS".to_owned()]];
    });
    let mut pty = office.robo(["aws.exec", "okta-hub", "--", "echo", "ran"]).pty();
    let hold = office.simulator.hold(&format!("okta {VERIFY}"));
    assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) == 1, PATIENCE));
    // Before there is a question: "s" would stop it.
    pty.send_line("s").send_line("s").send("s");
    hold.release();
    pty.expect("Try it (a)gain, or (s)top?").send_line("a").expect("ran\n");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert_eq!(office.simulator.counts().pushes, 2);
}

#[test]
fn what_is_typed_for_the_command_reaches_it() {
    let office =
        Office::signed_up(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]));
    let mut pty = office.robo(["aws.exec", "okta-hub", "--", "head", "-n", "1"]).pty();
    let hold = office.simulator.hold(&format!("okta {VERIFY}"));
    assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) == 1, PATIENCE));
    pty.send_line("typed ahead");
    hold.release();
    pty.expect("typed ahead\n");
    assert_eq!(pty.wait().0, 0);
}

#[test]
fn aws_add_sends_no_password_again_that_was_just_refused() {
    let office = Office::with(|scenario| scenario.user().factors.clear());
    let add = |password: &str| {
        let args = ["aws.add", "--username", USER, "--password-stdin"];
        office.robo(args).stdin(password).run()
    };
    add("a wrong one").exits(5).says("Okta refused the password of you@acme.com");
    let output = add("a wrong one").exits(5).says("Okta refused this very password");
    output.says("it was not sent again").says("--no-verify");
    assert_eq!(office.simulator.counts().passwords(USER).refused, 1);
    add(PASSWORD).exits(0);
    // A good one that is stored is not lost to a typing mistake.
    add("another wrong one").exits(5);
    office.robo(HUB).run().exits(0);
    // And one that a command had refused is not sent by aws.add either.
    office.simulator.scenario(|scenario| scenario.user().password = "changed".to_owned());
    office.simulator.end_sessions();
    office.robo(HUB).run().exits(5);
    let refused = office.simulator.counts().passwords(USER).refused;
    add(PASSWORD).exits(5).says("before");
    assert_eq!(office.simulator.counts().passwords(USER).refused, refused);
    // It was right after all: somebody says so, and it is tried once more.
    office.simulator.scenario(|scenario| scenario.user().password = PASSWORD.to_owned());
    let args = ["aws.add", "--username", USER, "--password-stdin", "--no-verify"];
    office.robo(args).stdin(PASSWORD).run().exits(0);
    office.robo(HUB).run().exits(0);
}

#[test]
fn a_misspelt_account_names_those_that_there_are() {
    let office = Office::signed_up(|scenario| scenario.user().factors.clear());
    let mut pty = office.robo(["aws.exec", "dev", "--account", "defualt", "--", "true"]).pty();
    let (status, screen) = pty.wait();
    assert_eq!(status, 125, "{screen}");
    assert!(screen.contains("no Okta account 'defualt' is stored; there is default"), "{screen}");
    assert!(screen.contains("did you mean 'default'?"), "{screen}");
    assert!(screen.contains("robo aws.add --account defualt"), "{screen}");
    // A profile may name one that is to be stored still.
    office.edit_config("[okta]\n", "[okta]\nokta_account_name = work\n");
    let mut pty = office.robo(["aws.exec", "dev", "--", "true"]).pty();
    // It is the same user's, whose password is stored.
    pty.expect("Okta username (").send_line(USER);
    assert_eq!(pty.wait().0, 0);
}

#[test]
fn v_says_each_step_of_a_sign_in() {
    let office = Office::signed_up(|scenario| {
        scenario.user().factors = vec![Factor::push().polls(["SUCCESS"])];
    });
    let output = office.robo(["aws.credentials", "dev", "-v"]).run().exits(0);
    let want = "Okta: <okta> runs on Classic.\n\
                Okta: signing in by password: Classic.\n\
                Okta: sending the password of you@acme.com to <okta>.\n\
                Okta: the second factor is Okta Verify (push).\n\
                Okta: push sent to your phone.\n\
                Okta: the app gives an assertion with 1 role.\n\
                AWS: AssumeRoleWithSAML of arn:aws:iam::111111111111:role/okta-hub for 1 h.\n\
                AWS: AssumeRole of arn:aws:iam::222222222222:role/dev for 1 h.\n";
    assert_eq!(office.wording(&output.stderr), want);
    let output = office.robo(["aws.credentials", "dev", "--no-cache", "-v"]).run().exits(0);
    output.says("Okta: asking the app by the session that is kept.\n");
    office.simulator.end_sessions();
    let output = office.robo(["aws.credentials", "dev", "--no-cache", "-v"]).run().exits(0);
    output.says("Okta: that session is over.\n");
    // On a terminal too.
    let mut pty = office.robo(["aws.credentials", "dev", "--no-cache", "-v"]).pty();
    pty.expect("Okta: asking the app by the session that is kept.\n").expect("AWS: AssumeRole of");
    assert_eq!(pty.wait().0, 0);
}

#[test]
fn the_console_says_that_it_waits_for_the_browser() {
    let office = Office::without_factors();
    // One that starts, and never comes.
    let mut pty = office.robo(["aws.login", "dev", "--browser", "true"]).pty();
    pty.expect("Waiting for the browser to open the console.").send_ctrl_c();
    assert_eq!(pty.wait().0, 130);
}

#[test]
fn rate_limits_are_waited_for_30_seconds_in_all() {
    let office = Office::without_factors();
    office.simulator.scenario(|scenario| {
        scenario.faults = vec![
            Fault::on("okta POST /api/v1/authn").rate_limit(1).first(1),
            // By itself this one would be waited for.
            Fault::on("okta GET /home*").rate_limit(29),
        ];
    });
    let output = office.robo(HUB).run().exits(5);
    output.says("waiting 2 s as it asks").says("it asks to wait 30 s").never_says("waiting 30 s");
}
