//! Ctrl-C, and other signals, while a task runs.

use std::process::Command;

use crate::common::Sandbox;
use crate::named;

fn signal(name: &str, id: u32) {
    let status =
        Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_goes_to_the_task_and_the_steps_after_it_clear_up() {
    let sandbox = Sandbox::new();
    let file = "t:\n  command: echo ready; read line\n  after: [{command: echo cleared up}]\n";
    let mut pty = named(&sandbox, file).arg("t").pty();
    pty.expect("ready").send_ctrl_c().expect("cleared up");
    assert_eq!(pty.wait().0, 130);
}

#[test]
fn a_task_that_takes_ctrl_c_for_something_else_goes_on() {
    let sandbox = Sandbox::new();
    let file = "t:\n  command: trap 'echo heard' INT; echo ready; until [ \"$line\" = x ]; do read line; done; echo went on; exit 7\n  after: [{command: echo after}]\n";
    let mut pty = named(&sandbox, file).arg("t").pty();
    pty.expect("ready")
        .send_ctrl_c()
        .expect("heard")
        .send_line("x")
        .expect("went on")
        .expect("after");
    assert_eq!(pty.wait().0, 7);
}

#[test]
fn ctrl_c_in_a_step_before_keeps_the_task_from_running() {
    let sandbox = Sandbox::new();
    for trap in ["", "trap 'exit 0' INT; "] {
        let file = format!(
            "t:\n  before: [{{command: \"{trap}echo ready; read line\"}}]\n  command: echo never\n  after: [{{command: echo cleared up}}]\n"
        );
        let mut pty = named(&sandbox, &file).arg("t").pty();
        pty.expect("ready").send_ctrl_c().expect("cleared up");
        let (status, screen) = pty.wait();
        assert_eq!(status, 130, "{screen}");
        assert!(!screen.contains("never"), "{screen}");
    }
}

#[test]
fn ctrl_c_ends_a_task_that_nothing_follows() {
    let sandbox = Sandbox::new();
    for body in ["command: echo ready; read line", "exec: sh -c 'echo ready; read line'"] {
        let mut pty = named(&sandbox, &format!("t:\n  {body}\n")).arg("t").pty();
        pty.expect("ready").send_ctrl_c();
        assert_eq!(pty.wait().0, 130, "{body}");
    }
}

#[test]
fn a_signal_to_robo_reaches_the_task() {
    use std::io::Read as _;

    let sandbox = Sandbox::new();
    for after in ["", "  after: [{command: echo cleared up}]\n"] {
        let file = format!(
            "t:\n  command: \"trap 'echo heard; exit 9' TERM; echo ready; while :; do read line || sleep 0.01; done\"\n{after}"
        );
        let mut child = named(&sandbox, &file).arg("t").spawn();
        let mut stdout = child.stdout.take().unwrap();
        let mut first = [0; 6];
        stdout.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"ready\n");
        signal("TERM", child.id());
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        let want = if after.is_empty() { "heard\n" } else { "heard\ncleared up\n" };
        assert_eq!(rest, want);
        assert_eq!(child.wait().unwrap().code(), Some(9));
    }
}

#[test]
fn a_signal_in_a_step_before_keeps_the_task_from_running() {
    use std::io::Read as _;

    let sandbox = Sandbox::new();
    let file = |trap: &str| {
        format!(
            "t:\n  before: [{{command: \"{trap}echo ready; while :; do sleep 0.01; done\"}}]\n  \
             command: echo never\n  after: [{{command: echo cleared up}}]\n"
        )
    };
    for (name, number) in [("TERM", 15), ("HUP", 1)] {
        // Whatever the step makes of it.
        let traps = [(String::new(), 128 + number), (format!("trap 'exit 0' {name}; "), 130)];
        for (trap, status) in traps {
            let mut child = named(&sandbox, &file(&trap)).arg("t").spawn();
            let mut stdout = child.stdout.take().unwrap();
            let mut first = [0; 6];
            stdout.read_exact(&mut first).unwrap();
            signal(name, child.id());
            let mut rest = String::new();
            stdout.read_to_string(&mut rest).unwrap();
            assert_eq!(rest, "cleared up\n", "{name} {trap}");
            assert_eq!(child.wait().unwrap().code(), Some(status), "{name} {trap}");
        }
    }
}

#[test]
fn a_signal_to_all_of_them_leaves_the_clearing_up_alone() {
    use std::io::Read as _;

    let sandbox = Sandbox::new();
    // The step after it takes a moment, in which a signal that came before must not reach it.
    let file = "t:\n  command: echo ready; while :; do sleep 0.01; done\n  \
                after: [{command: \"n=0; while [ $n -lt 3000 ]; do n=$((n + 1)); done; echo cleared up\"}]\n";
    for name in ["TERM", "HUP"].repeat(10) {
        let mut child = named(&sandbox, file).arg("t").spawn();
        let mut stdout = child.stdout.take().unwrap();
        let mut first = [0; 6];
        stdout.read_exact(&mut first).unwrap();
        // It leads a group of its own.
        let group = format!("-{}", child.id());
        let status =
            Command::new("kill").args([&format!("-{name}"), "--", &group]).status().unwrap();
        assert!(status.success());
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "cleared up\n", "{name}");
        assert!(!child.wait().unwrap().success());
    }
}
