//! Secrets, waits and signals on a real terminal, whatever ends them.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::{Pty, Sandbox};
use crate::stand_in::{hangup_is_ignored, play};

/// Runs the rest of its arguments on a terminal that echoes, and shows what became of the echo.
/// The signals of the keyboard reach it, too; it goes on. Without `noflsh`, Ctrl-C would discard
/// what is not displayed yet.
const ECHOING: &str = r#"
trap : INT
stty echo echoctl noflsh
"$@"
code=$?
echo "then $(stty -a | tr -s ' ;' '\n' | grep -xe echo -e -echo), exit $code."
exit $code
"#;

fn echoing(sandbox: &Sandbox, role: &str) -> Pty {
    play(sandbox, role, &["sh", "-c", ECHOING, "sh"]).pty()
}

/// Without a shell around it, on a terminal that is a `term`.
fn alone(sandbox: &Sandbox, role: &str, term: &str) -> Pty {
    let before = ["sh", "-c", "stty noflsh; exec \"$@\"", "sh"];
    play(sandbox, role, &before).env("TERM", term).pty()
}

/// The process that says `id N.`.
fn process(pty: &mut Pty) -> Pid {
    pty.expect("id ").expect(".");
    let screen = pty.screen();
    let id = screen.split("id ").nth(1).unwrap().split('.').next().unwrap();
    Pid::from_raw(id.parse().unwrap())
}

#[test]
fn a_secret_is_not_seen_and_the_echo_comes_back() {
    let sandbox = Sandbox::new();
    let mut pty = echoing(&sandbox, "secret");
    pty.expect("Password: ").send_line(" hünter2 ");
    pty.expect("\nbackwards [ 2retnüh ]\n").expect("then echo, exit 0.");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains("hünter2"), "{screen}");
}

#[test]
fn a_secret_that_is_none_is_asked_again() {
    let sandbox = Sandbox::new();
    let mut pty = echoing(&sandbox, "secret");
    pty.expect("Password: ").send_line("").expect("Answer with something");
    pty.expect("Password: ").send_bytes(b"caf\xe9\r").expect("not UTF-8");
    for length in [1001, 4000, 6000] {
        pty.expect("Password: ").send_line(&"x".repeat(length)).expect("longer than");
    }
    pty.expect("Password: ").send_line(&"x".repeat(1000)).expect("then echo, exit 0.");
    let (_, screen) = pty.wait();
    assert!(screen.contains(&format!("backwards [{}]", "x".repeat(1000))), "{screen}");
}

#[test]
fn what_was_typed_before_a_secret_is_asked_for_does_not_count() {
    let sandbox = Sandbox::new();
    let mut pty = echoing(&sandbox, "ahead");
    pty.expect("One? ").send_line("one\rtwo\rthree");
    pty.expect("got one").expect("Two? ").expect("got two").expect("Password: ");
    pty.send_line("late").expect("backwards [etal]");
    assert_eq!(pty.wait().0, 0);
}

#[test]
fn whatever_ends_a_secret_brings_the_echo_back() {
    type End = fn(&mut Pty, Pid);
    let ends: [(&str, End); 5] = [
        ("Ctrl-C", |pty, _| {
            pty.send_ctrl_c();
        }),
        ("Ctrl-C after half of it", |pty, _| {
            pty.send("hunter2").send_ctrl_c();
        }),
        ("Ctrl-D", |pty, _| {
            pty.send_ctrl_d();
        }),
        ("SIGTERM", |_, id| kill(id, Signal::SIGTERM).unwrap()),
        ("SIGHUP", |_, id| kill(id, Signal::SIGHUP).unwrap()),
    ];
    for (what, end) in ends {
        if what == "SIGHUP" && hangup_is_ignored() {
            continue; // robo leaves it alone then.
        }
        let sandbox = Sandbox::new();
        let mut pty = echoing(&sandbox, "secret");
        let id = process(&mut pty);
        pty.expect("Password: ");
        end(&mut pty, id);
        pty.expect("\nerror: stopped").expect("then echo, exit 130.");
        let (status, screen) = pty.wait();
        assert_eq!(status, 130, "{what}: {screen}");
        assert!(!screen.contains("hunter2"), "{what}: {screen}");
    }
}

#[test]
fn after_ctrl_z_and_fg_a_secret_is_hidden_again() {
    let sandbox = Sandbox::new();
    let own = std::env::current_exe().unwrap();
    let mut pty = sandbox
        .program("bash", ["--norc", "--noprofile", "-i"])
        .env("PS1", "shell> ")
        .env("ROBO_TEST_ROLE", "secret")
        .env("OWN", own)
        .env("TERM", "dumb")
        .pty();
    pty.expect("shell> ").send_line("stty echo");
    pty.expect("shell> ")
        .send_line("$OWN --exact stand_in::stand_in --nocapture --quiet --test-threads=2");
    pty.expect("Password: ").send("\x1a").expect("Stopped").expect("shell> ");
    pty.send_line("stty -a | tr -s ' ;' '\\n' | grep -xe echo -e -echo");
    pty.expect("\necho\n").expect("shell> ").send_line("fg");
    pty.expect("Password: ").send_line("hunter2").expect("backwards [2retnuh]").expect("shell> ");
    pty.send_line("exit $?");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains("hunter2"), "{screen}");
}

#[test]
fn whatever_ends_a_picker_brings_the_mode_and_the_cursor_back() {
    type End = fn(&mut Pty, Pid);
    let ends: [(&str, End); 2] = [
        ("Ctrl-C", |pty, _| {
            pty.send_ctrl_c();
        }),
        ("SIGTERM", |_, id| kill(id, Signal::SIGTERM).unwrap()),
    ];
    for (what, end) in ends {
        let sandbox = Sandbox::new();
        let mut pty = echoing(&sandbox, "pick");
        let id = process(&mut pty);
        pty.expect("Which?").expect("sms");
        end(&mut pty, id);
        pty.expect("then echo, exit 130.");
        assert_eq!(pty.wait().0, 130, "{what}");
        let raw = pty.raw();
        assert!(raw.rfind("\x1b[?25h") > raw.rfind("\x1b[?25l"), "{what}: {raw:?}");
    }
}

const WAITING: &str = "Okta: push sent to your phone.";
const NUMBER: &str = "Okta: push sent to your phone. Answer 92 there.";

#[test]
fn a_wait_is_one_line_that_gives_way_and_goes() {
    let sandbox = Sandbox::new();
    let mut pty = alone(&sandbox, "wait", "xterm");
    pty.expect("Wait on? [Y/n] ").send_line("").expect(&format!("{NUMBER}  ⠋ 0:00"));
    // It turns by itself.
    pty.expect("0:00").expect("0:00").expect("0:01").send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    let raw = pty.raw();
    let order = [
        &format!("\r{WAITING}  ⠋ 0:00\x1b[K\r{NUMBER}  "),
        "\r\x1b[Ka note\r\n\rOkta",
        "\r\x1b[Ka line on stderr\r\n\rOkta",
        "\r\x1b[KWait on? [Y/n] ",
        "\r\x1b[Kerror: stopped",
    ];
    let mut rest = raw.as_str();
    for part in order {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?} is not in {rest:?}"));
        rest = &rest[at + part.len()..];
    }
    assert_eq!(rest.matches("0:0").count(), 0, "{raw:?}");
}

#[test]
fn where_a_line_cannot_be_redrawn_each_text_is_one() {
    let sandbox = Sandbox::new();
    let mut pty = alone(&sandbox, "wait", "dumb");
    let lines = format!("{WAITING}\n{NUMBER}\na note\na line on stderr\nWait on? [Y/n] ");
    pty.expect(&lines).send_line("n").expect("waiting on\n").send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    assert!(screen.ends_with("waiting on\nerror: stopped\n"), "{screen}");
}

#[test]
fn a_wait_is_not_drawn_where_the_streams_go() {
    let sandbox = Sandbox::new();
    // The shell stays, and keeps the terminal open until robo opens it.
    let script = "stty noflsh; \"$@\" </dev/null >out 2>err";
    let mut pty = play(&sandbox, "wait", &["sh", "-c", script, "sh"]).env("TERM", "xterm").pty();
    pty.expect(NUMBER).expect("a note\n").expect("Wait on? ").send_line("").expect("0:00");
    pty.send_ctrl_c();
    pty.wait();
    let out = String::from_utf8(sandbox.read("out")).unwrap();
    let err = String::from_utf8(sandbox.read("err")).unwrap();
    assert!(!out.contains("Okta"), "{out}");
    assert_eq!(err, "a line on stderr\nwaiting on\nerror: stopped\n");
}

#[test]
fn nobody_is_asked_but_the_log_has_the_number() {
    let sandbox = Sandbox::new();
    let output = play(&sandbox, "wait", &[]).run().exits(4);
    let lines = format!("{WAITING}\n{NUMBER}\na note\na line on stderr\nerror: a question needs");
    assert!(output.stderr.starts_with(&lines), "{output}");
    for role in ["secret", "ahead", "pick"] {
        play(&sandbox, role, &[]).run().exits(4);
    }
}

/// Its main thread hears nothing: one Ctrl-C and a while, or two, end it all the same.
#[test]
fn a_program_that_is_stuck_is_ended_and_its_line_cleared() {
    for times in [1, 2] {
        let sandbox = Sandbox::new();
        let mut pty = alone(&sandbox, "stuck", "xterm");
        pty.expect("Asking okta.test  ⠋ 0:00").expect("0:00");
        for _ in 0..times {
            pty.send_ctrl_c();
        }
        let (status, screen) = pty.wait();
        assert_eq!(status, 130, "{screen}");
        assert!(pty.raw().ends_with("\x1b[K"), "{:?}", pty.raw());
    }
}
