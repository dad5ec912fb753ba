//! What the program that robo becomes finds: its own environment, signals and streams, no others.

use crate::common::{Output, Run, Sandbox};
use crate::stand_in::{hangup_is_ignored, play};

fn run(sandbox: &Sandbox, command: &str) -> Run {
    play(sandbox, "run", &[]).env("RUN", command)
}

fn sh(sandbox: &Sandbox, script: &str) -> Run {
    run(sandbox, "sh -c").env("SCRIPT", script)
}

/// What the program said, without libtest's own words before it.
fn said(output: &Output) -> &str {
    output.stdout.trim_start().trim_start_matches("running 1 test\n")
}

#[test]
fn the_environment_is_exact() {
    let sandbox = Sandbox::new();
    let output = run(&sandbox, "env").env("AWS_PROFILE", "other").run().exits(0);
    let mut lines: Vec<&str> = said(&output).lines().collect();
    lines.sort_unstable();
    let path = format!("PATH={}", std::env::var("PATH").unwrap());
    assert_eq!(lines, ["AWS_REGION=eu-west-1", &path]);
}

#[test]
fn the_status_is_the_program_s_own() {
    let sandbox = Sandbox::new();
    for (script, status) in [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143)] {
        sh(&sandbox, script).run().exits(status);
    }
    for (command, status) in [("no-such-command", 127), ("/", 126), ("/no/such", 127)] {
        let output = run(&sandbox, command).run().exits(status);
        assert!(output.stderr.contains(&format!("cannot run '{command}'")), "{output}");
    }
}

#[test]
fn what_is_piped_in_and_an_open_file_of_the_caller_s_go_through() {
    let sandbox = Sandbox::new();
    assert_eq!(said(&run(&sandbox, "cat").stdin("abc").run().exits(0)), "abc");
    let script = "exec 9<<END\nfrom nine\nEND\nexec \"$@\"";
    let run = play(&sandbox, "run", &["sh", "-c", script, "sh"]);
    let output = run.env("RUN", "sh -c").env("SCRIPT", "cat <&9").run().exits(0);
    assert_eq!(said(&output), "from nine\n");
}

/// Nothing that robo opened is left: no terminal, no pipe, no file.
#[test]
#[cfg(target_os = "linux")]
fn no_file_of_robo_s_is_left_open() {
    let sandbox = Sandbox::new();
    // What the shell opened to read the folder is closed again when it is asked about.
    let script = "echo begin.; for fd in /proc/$$/fd/*; do readlink $fd; done; echo end.";
    let mut pty = sh(&sandbox, script).pty();
    pty.expect("end.");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    let (_, open) = screen.split_once("begin.\n").unwrap();
    let open: Vec<&str> = open.lines().take_while(|line| *line != "end.").collect();
    assert!(open.len() >= 3 && open.iter().all(|path| path.starts_with("/dev/pts/")), "{open:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn signals_mean_what_they_meant_to_the_caller() {
    let sandbox = Sandbox::new();
    let masks = |before: &[&str]| {
        let run = play(&sandbox, "run", before).env("RUN", "cat /proc/self/status");
        let output = run.run().exits(0);
        let mask = |name: &str| {
            let line = output.stdout.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            u64::from_str_radix(line.trim(), 16).unwrap()
        };
        (mask("SigBlk:"), mask("SigIgn:"), mask("SigCgt:"))
    };
    let (blocked, ignored, caught) = masks(&[]);
    let signal = |number: u32| 1_u64 << (number - 1);
    let [hup, int, pipe, term] = [1, 2, 13, 15].map(signal);
    assert_eq!((blocked, ignored & (int | pipe | term), caught), (0, 0, 0));
    assert_eq!(ignored & hup != 0, hangup_is_ignored());
    let nohup = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    assert_eq!(masks(&nohup).1 & hup, hup);
}

#[test]
fn ctrl_c_and_the_size_of_the_window_are_the_program_s_own() {
    let sandbox = Sandbox::new();
    // noflsh: otherwise Ctrl-C discards what is not displayed yet, "caught" for one.
    let script = "trap 'echo caught; kill $!; exit 5' INT; stty noflsh; stty size; sleep 600 & echo ready; wait";
    let mut pty = sh(&sandbox, script).pty();
    pty.expect("24 80\n").expect("ready").send_ctrl_c().expect("caught");
    assert_eq!(pty.wait().0, 5);
    let script = "trap 'echo resized; kill $!; exit 6' WINCH; sleep 600 & echo ready; wait";
    let mut pty = sh(&sandbox, script).pty();
    pty.expect("ready");
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(pty.id()),
        nix::sys::signal::Signal::SIGWINCH,
    )
    .unwrap();
    pty.expect("resized");
    assert_eq!(pty.wait().0, 6);
}
