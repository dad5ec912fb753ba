//! How tasks and their steps end.

use crate::common::Sandbox;
use crate::named;

#[test]
fn a_task_s_exit_status_is_robo_s() {
    let sandbox = Sandbox::new();
    let cases = [
        ("command: exit 42", 42, ""),
        ("exec: sh -c 'exit 42'", 42, ""),
        ("command: kill -TERM $$", 143, ""),
        ("command: kill -TERM $$\n  after: [{command: ':'}]", 143, ""),
        ("exec: /no/such/program", 127, "error: task 't': cannot run '/no/such/program'"),
        (
            "exec: no-such-program x",
            127,
            "error: task 't': cannot run 'no-such-program': no folder in PATH",
        ),
        ("exec: /", 126, "error: task 't': cannot run '/'"),
        (
            "command: ':'\n  after: [{exec: no-such}]",
            127,
            "error: step 1 after task 't': cannot run",
        ),
        ("script: nowhere.sh", 1, "error: ~/robo.yml:2: cannot run the script"),
        ("exec: echo 'open", 1, "error: ~/robo.yml:2: 'exec' has a quote"),
        ("exec: '{{ .none }}'", 1, "error: ~/robo.yml:1: task 't' has nothing to run"),
        ("exec: '{{ .none }} '", 1, "error: ~/robo.yml:2: 'exec' is empty"),
    ];
    for (body, status, says) in cases {
        let file = format!("t:\n  {body}\nvariables: {{none: ''}}\n");
        let output = named(&sandbox, &file).arg("t").run();
        assert_eq!(output.status, status, "{file}{output}");
        assert!(output.stderr.contains(says), "{file}{output}");
    }
}

#[test]
fn a_task_without_a_body_fails_after_its_steps_before() {
    let sandbox = Sandbox::new();
    let file = "t:\n  summary: nothing\n  before: [{command: echo before}]\n  after: [{command: echo after}]\n";
    let output = named(&sandbox, file).arg("t").run().exits(1);
    assert_eq!(output.stdout, "before\nafter\n");
    assert_eq!(
        output.stderr,
        "error: ~/robo.yml:1: task 't' has nothing to run\n  1 | t:\n  \
         hint: give it a command, an exec or a script\n"
    );
    named(&sandbox, "t:\n").arg("t").run().exits(1).says("task 't' has nothing to run");
}

#[test]
fn a_step_that_fails_is_told_and_makes_the_whole_fail() {
    let sandbox = Sandbox::new();
    let file = "before: [{command: exit 3}]\nt:\n  command: echo main\n";
    let output = named(&sandbox, file).arg("t").run().exits(3);
    assert_eq!(output.stdout, "main\n");
    assert_eq!(output.stderr, "warning: step 1 before all tasks failed with exit status 3\n");
    // The task's own status goes first.
    let file =
        "t:\n  before: [{command: exit 3}]\n  command: exit 4\n  after: [{command: exit 5}]\n";
    let output = named(&sandbox, file).arg("t").run().exits(4);
    assert_eq!(
        output.stderr,
        "warning: step 1 before task 't' failed with exit status 3\n\
         warning: step 1 after task 't' failed with exit status 5\n"
    );
}

#[test]
fn the_last_step_takes_robo_s_place() {
    let sandbox = Sandbox::new();
    for body in ["command: echo $$ $PPID", "exec: sh -c 'echo $$ $PPID'", "script: s.sh"] {
        sandbox.write("s.sh", "echo $$ $PPID\n");
        let file = format!("t:\n  before: [{{command: ':'}}]\n  {body}\n");
        let child = named(&sandbox, &file).arg("t").spawn();
        let id = child.id();
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let (own, parent) = stdout.trim().split_once(' ').unwrap();
        assert_eq!(own, id.to_string(), "{body}");
        assert_eq!(parent, std::process::id().to_string(), "{body}");
    }
}

#[test]
fn the_path_of_a_task_is_not_where_its_program_is_looked_for() {
    let sandbox = Sandbox::new();
    for path in ["/only", "$PATH:./bin", ""] {
        for body in ["command: echo $PATH", "script: s.sh", "exec: sh -c 'echo $PATH'"] {
            sandbox.write("s.sh", "echo $PATH\n");
            let file = format!("t:\n  {body}\n  env: ['PATH={path}']\n");
            let output = named(&sandbox, &file).arg("t").run().exits(0);
            assert_eq!(output.stdout, format!("{path}\n"), "{file}");
        }
    }
    // A program is called by the name that was written.
    sandbox.write("bin/which-name", "#!/bin/sh\n");
    let file = "t:\n  exec: sh -c 'tr \"\\\\000\" \" \" < /proc/$$/cmdline'\n";
    if cfg!(target_os = "linux") {
        let output = named(&sandbox, file).arg("t").run().exits(0);
        assert!(output.stdout.starts_with("sh -c "), "{output}");
    }
}

#[test]
fn what_a_task_is_handed_is_its_own() {
    let sandbox = Sandbox::new();
    let file = "t:\n  command: cat; printf '%s|' \"$@\"\n";
    let output = named(&sandbox, file)
        .args(["t", "--help", "-v", "-c", "x", "--", "--no-input", ""])
        .stdin("from stdin\n")
        .run()
        .exits(0);
    assert_eq!(output.stdout, "from stdin\n--help|-v|-c|x|--|--no-input||");
}

#[test]
fn an_exec_that_hoped_for_a_shell_is_warned_of() {
    let sandbox = Sandbox::new();
    let output = named(&sandbox, "t:\n  exec: echo a | wc\n").arg("t").run().exits(0);
    assert_eq!(output.stdout, "a\n");
    assert_eq!(
        output.stderr,
        "warning: ~/robo.yml:2: 'exec' knows no shell: '| wc' is left out ('command' does)\n"
    );
}
