//! Variables: whose they are, when their commands run, what is said of those that are missing.

use std::fs;

use crate::common::Sandbox;
use crate::named;

#[test]
fn the_file_and_the_user_are_variables() {
    let sandbox = Sandbox::new();
    let file = "t:\n  command: echo '{{ .robo.file }} {{ .robo.path }} {{ .user.username }} {{ .user.home }}'\n";
    let output = named(&sandbox, file).arg("t").run().exits(0);
    let home = sandbox.home();
    let said = |program: &str| {
        let output = sandbox.program("sh", ["-c", program]).run().exits(0);
        output.stdout.trim().to_owned()
    };
    let want = format!(
        "{home}/robo.yml {home} {} {}\n",
        said("id -un"),
        said("getent passwd $(id -u) | cut -d: -f6"),
        home = home.display()
    );
    assert_eq!(output.stdout, want);
    // Who has variables of these names keeps them.
    let file = "t:\n  command: echo '{{ .robo }} {{ .user.name }}'\nvariables: {robo: mine, user: {name: me}}\n";
    assert_eq!(named(&sandbox, file).arg("t").run().exits(0).stdout, "mine me\n");
}

#[test]
fn a_folder_is_named_as_the_shell_names_it() {
    let sandbox = Sandbox::new();
    sandbox.write("real/robo.yml", "t:\n  command: echo {{ .robo.path }}\n");
    std::os::unix::fs::symlink(sandbox.path("real"), sandbox.path("link")).unwrap();
    let link = sandbox.path("link");
    let run = |args: &[&str]| {
        let run = sandbox.robo(args).folder(&link);
        run.env("PWD", &link).run().exits(0).stdout
    };
    let want = format!("{}\n", link.display());
    assert_eq!(run(&["t"]), want);
    assert_eq!(run(&["-c", "./x/../robo.yml", "t"]), want);
    // A variable that names another folder is not believed.
    let output = sandbox.robo(["t"]).folder(&link).env("PWD", sandbox.home()).run().exits(0);
    assert_eq!(output.stdout, format!("{}\n", sandbox.path("real").display()));
}

#[test]
fn only_the_commands_that_are_needed_are_run() {
    let sandbox = Sandbox::new();
    let file = "
a:
  summary: uses {{ .one }}
  command: echo {{ .two }}
b:
  command: echo plain
c:
  command: echo '{{ range $k, $v := . }}{{ end }}'
variables:
  one: $(touch one; echo 1)
  two: $(touch two; echo {{ .three }})
  three: 3
";
    let ran = |args: &[&str]| {
        for name in ["one", "two"] {
            let _ = fs::remove_file(sandbox.path(name));
        }
        named(&sandbox, file).args(args).run().exits(0);
        ["one", "two"].map(|name| sandbox.path(name).exists())
    };
    assert_eq!(ran(&["b"]), [false, false]);
    assert_eq!(ran(&["a"]), [false, true]);
    assert_eq!(ran(&["c"]), [true, true]);
    assert_eq!(ran(&[]), [true, false]);
    assert_eq!(ran(&["-q"]), [false, false]);
    assert_eq!(ran(&["help", "b"]), [false, false]);
    assert_eq!(ran(&["variables"]), [true, true]);
}

#[test]
fn a_command_is_run_once_by_the_shell_of_the_person() {
    let sandbox = Sandbox::new();
    sandbox.write("shell", "#!/bin/sh\necho \"$@\" >> \"$HOME/log\"\nexec sh \"$@\"\n");
    let shell = sandbox.path("shell");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&shell, mode).unwrap();
    let file = "t:\n  command: echo {{ .a }} {{ .b }}\nvariables:\n  a: $(echo x)\n  b: '{{ .a }}-$(echo x)'\n";
    let output = named(&sandbox, file).arg("t").env("SHELL", &shell).run().exits(0);
    assert_eq!(output.stdout, "x x-x\n");
    assert_eq!(sandbox.read("log"), b"-c echo x\n");
}

#[test]
fn variables_may_refer_on() {
    let sandbox = Sandbox::new();
    let file = "t:\n  command: echo {{ .a }} {{ .n }}\nvariables:\n  a: 1 {{ .b }}\n  b: 2 {{ .c }}\n  c: 3 {{ .d.e }}\n  d: {e: '4'}\n  n: '{{ if eq .four 4 }}yes{{ end }}'\n  four: $(echo 4)\n";
    let output = named(&sandbox, file).arg("t").run().exits(0);
    assert_eq!(output.stdout, "1 2 3 4\n");
}

#[test]
fn what_is_missing_is_warned_of() {
    let sandbox = Sandbox::new();
    let file = "t:\n  summary: '{{ .gone }}'\n  command: |\n    echo '{{ .x.y }}'\n  env: ['A={{ .z }}']\nvariables: {x: {a: 1}}\n";
    let output = named(&sandbox, file).arg("t").run().exits(0);
    assert_eq!(output.stdout, "<no value>\n");
    assert_eq!(
        output.stderr,
        "warning: ~/robo.yml:4: variable 'x.y' is not there; it becomes '<no value>'\n\
         warning: ~/robo.yml:5: variable 'z' is not there; it becomes '<no value>'\n"
    );
    let output = sandbox.robo(["-c", "robo.yml"]).run().exits(0);
    assert_eq!(output.stdout, "\n  t – <no value>\n\n");
    output.says("warning: ~/robo.yml:2: variable 'gone' is not there");
}

#[test]
fn what_a_command_says_cannot_break_the_file() {
    let sandbox = Sandbox::new();
    let file = "t:\n  command: printf '%s\\n' '{{ .a }}' '{{ .b }}' '{{ .c }}'\nvariables:\n  a: \"$(printf 'k: v # x')\"\n  b: \"$(printf 'two\\\\nlines')\"\n  c: \"$(printf '[not, closed')\"\n";
    let output = named(&sandbox, file).arg("t").run().exits(0);
    assert_eq!(output.stdout, "k: v # x\ntwo\nlines\n[not, closed\n");
}
