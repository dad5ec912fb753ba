//! `aws.exec` on a terminal: the command's from the moment it starts, the person's until then.

use std::process::Command;

use robo_simulator::Factor;

use crate::common::{Office, PATIENCE, Pty};

fn send(signal: &str, pty: &Pty) {
    let sent = Command::new("kill").args([format!("-{signal}"), pty.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// A script that says which signals come, and ends with the line `end`.
const LISTENER: &str = r#"
for signal in INT TERM HUP WINCH; do trap "echo got $signal" $signal; done
echo "pid $$, size $(stty size)"
while true; do
    read -r line && echo "size $(stty size)"
    [ "$line" = end ] && exit 3
done"#;

#[test]
fn signals_keys_and_the_window_s_size_are_the_command_s() {
    let office = Office::without_factors();
    let mut pty = office.robo(["aws.exec", "dev", "--", "bash", "-c", LISTENER]).pty();
    let id = pty.id();
    pty.expect(&format!("pid {id}, size 24 80\n"));
    for signal in ["INT", "TERM", "HUP"] {
        send(signal, &pty);
        pty.expect(&format!("got {signal}\n"));
    }
    // As the terminal itself sends them.
    pty.send_ctrl_c().expect("got INT\n");
    // bash hears of this one when the next line comes.
    pty.resize(100, 30).send_line("size").expect("got WINCH\n").expect("size 30 100\n");
    pty.send_line("end");
    let (status, screen) = pty.wait();
    assert_eq!(status, 3, "{screen}");
}

#[test]
fn the_command_s_terminal_is_the_very_one() {
    let office = Office::without_factors();
    let script = "test -t 0 -a -t 1 -a -t 2 && stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(echo|icanon|isig)'";
    let bare = office.sandbox.program("sh", ["-c", script]).pty().wait();
    assert_eq!(bare.0, 0, "{}", bare.1);
    office.simulator.scenario(|s| s.user().factors = vec![Factor::totp()]);
    let mut pty = office.robo(["aws.exec", "dev", "--", "sh", "-c", script]).pty();
    pty.expect("ode").send_line("480362");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.ends_with(&bare.1), "{screen}\nbut without robo\n{}", bare.1);
    // A warm run shows nothing of its own.
    let warm = office.robo(["aws.exec", "dev", "--", "sh", "-c", script]).pty().wait();
    assert_eq!(warm, bare);
}

#[test]
fn ctrl_c_while_the_phone_is_waited_for_is_130_and_ends_it_at_okta() {
    let office = Office::signed_up(|s| *s.factor() = Factor::push().polls(["WAITING"]));
    let mut pty = office.robo(["aws.exec", "dev", "--", "touch", "ran"]).pty();
    assert!(office.simulator.wait_for(|counts| counts.polls >= 1, PATIENCE));
    pty.send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    let counts = office.simulator.counts();
    assert_eq!((counts.pushes, counts.cancelled), (1, 1), "{counts:?}\n{screen}");
    assert!(!office.sandbox.path("ran").exists());
}

#[test]
fn ctrl_c_at_a_question_is_130() {
    let office = Office::with(|_| {});
    let mut pty = office.robo(["aws.exec", "dev", "--", "touch", "ran"]).pty();
    pty.expect("Okta username (").send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    // Ctrl-D says as much.
    let mut pty = office.robo(["aws.exec", "dev", "--", "touch", "ran"]).pty();
    pty.expect("Okta username (").send_ctrl_d();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    assert_eq!(office.simulator.counts().all(), 0);
    assert!(!office.sandbox.path("ran").exists());
}

#[test]
fn without_a_profile_a_picker_finds_it_by_a_few_letters() {
    let office = Office::without_factors();
    let script = "echo \"chosen: $AWS_OKTA_PROFILE\"";
    let mut pty = office.robo(["aws.exec", "--", "sh", "-c", script]).pty();
    pty.expect("Which profile?").send("rdr").expect("reader").send("\r").expect("chosen: reader\n");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("Which profile? reader\n"), "{screen}");

    let mut pty = office.robo(["aws.exec", "--", "touch", "ran"]).pty();
    pty.expect("Which profile?").send("\x1b");
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    assert!(!office.sandbox.path("ran").exists());
    // Nobody there, or nobody to be asked.
    for args in [["aws.env"].as_slice(), &["aws.credentials"], &["aws.explain"]] {
        let output = office.robo(args.iter().copied()).run().exits(4);
        assert_eq!(output.stdout, "");
        let want = "error: which profile? None was named, and nobody is there to pick one\n  hint: name it after the command; 'robo aws.list' shows all\n";
        assert_eq!(output.stderr, want);
    }
    let (status, screen) = office.robo(["aws.env", "--no-input"]).pty().wait();
    assert_eq!(status, 4, "{screen}");
}

#[test]
fn a_first_command_asks_for_the_account_stores_what_worked_and_asks_no_more() {
    let office = Office::with(|s| s.user().factors.clear());
    let host = office.simulator.okta_host();
    let mut pty = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).pty();
    pty.expect(&format!("Okta username ({host}): ")).send_line("you@acme.com");
    let question = format!("Okta password of you@acme.com ({host}): ");
    pty.expect(&question).send_line("not this one");
    pty.expect("Okta").expect(&question).send_line("Tr0ub4dor&3 simulated").expect("ran\n");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains("Tr0ub4dor") && !screen.contains("not this one"), "{screen}");
    let passwords = office.simulator.counts().passwords("you@acme.com");
    assert_eq!((passwords.accepted, passwords.refused), (1, 1));
    // The next sign-in asks nobody.
    office.simulator.end_sessions();
    office.robo(["aws.exec", "dev", "--no-cache", "--", "true"]).run().exits(0);
    let passwords = office.simulator.counts().passwords("you@acme.com");
    assert_eq!((passwords.accepted, passwords.refused), (2, 1));
}
