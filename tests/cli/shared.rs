//! Shared commands: shown as a diff, taken over when somebody agrees, kept as they were accepted.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Child;

use robo::tasks::shared::{Accepted, SharedStore};
use serde_json::json;

use crate::common::{MINE, Output, Sandbox, TEAM, Upstream};

const ROBO: &str = "hello:\n  summary: say hello\n  command: echo hello\n";

/// What the header and the config's part say when the config has nothing new.
const UP_TO_DATE: &str = "foundation · <sandbox>/acme/dotfiles @ <commit> \"tasks\" (acme-platform, \
                          <ago>)\n~/.aws/config is up to date.\n";

const RUNS: &str = "These commands will run on this machine, as you, when you type their names.\n";

const QUESTION: &str = "Take over these commands? [Y/n] ";

fn accepted(sandbox: &Sandbox) -> Option<Accepted> {
    SharedStore::new(&sandbox.state()).load().unwrap()
}

/// The paths and texts of what was accepted, sorted; `*` after a path that may be run.
#[track_caller]
fn texts(sandbox: &Sandbox) -> Vec<(String, String)> {
    let Some(accepted) = accepted(sandbox) else { return Vec::new() };
    assert!(accepted.is_whole());
    let text = |path: &str| fs::read_to_string(accepted.folder().join(path)).unwrap();
    let mark = |executable| if executable { "*" } else { "" };
    let files = accepted.files().iter();
    files
        .map(|file| (format!("{}{}", file.path, mark(file.executable)), text(&file.path)))
        .collect()
}

#[track_caller]
fn has(sandbox: &Sandbox, want: &[(&str, &str)]) {
    let texts = texts(sandbox);
    let texts: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(texts, want);
}

/// A laptop that has applied [`TEAM`] from a repo, to which the shared commands come now.
fn offered<'a>(sandbox: &'a Sandbox, files: &[(&str, &str)]) -> Upstream<'a> {
    let upstream = Upstream::applied(sandbox, TEAM);
    upstream.commit("tasks", files.iter().copied());
    upstream
}

/// The same, and they were accepted.
fn taken<'a>(sandbox: &'a Sandbox, files: &[(&str, &str)]) -> Upstream<'a> {
    let upstream = offered(sandbox, files);
    upstream.config(["--yes"]).run().exits(0);
    upstream
}

fn executable(upstream: &Upstream<'_>, path: &str, mode: u32) {
    fs::set_permissions(upstream.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn new_commands_are_shown_whole_and_taken_over_by_enter() {
    let sandbox = Sandbox::new();
    let upstream = offered(&sandbox, &[("robo.yml", ROBO)]);
    let mut pty = upstream.config([""; 0]).pty();
    pty.expect(QUESTION).send_line("");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    let want = format!(
        "{UP_TO_DATE}
--- /dev/null
+++ robo.yml (<sandbox>/acme/dotfiles)
@@ -0,0 +1,3 @@
+hello:
+  summary: say hello
+  command: echo hello
1 file of shared commands added, 0 changed, 0 removed.
{RUNS}{QUESTION}Took over the shared commands.
"
    );
    // The sandbox's terminal does not echo what is typed.
    assert_eq!(sandbox.redact(&screen).replace("[Y/n] \n", "[Y/n] "), want);
    has(&sandbox, &[("robo.yml", ROBO)]);
    let origin = accepted(&sandbox).unwrap().origin().clone();
    assert_eq!((origin.url, origin.team.as_str()), (upstream.url(), "foundation"));
    assert_eq!(origin.commit, upstream.git(["rev-parse", "HEAD"]));
    // Once taken over, they are not spoken of.
    let before = sandbox.own_files();
    let again = upstream.config([""; 0]).run().exits(0);
    assert_eq!(sandbox.redact(&again.stderr), UP_TO_DATE);
    assert_eq!(sandbox.own_files(), before);
}

#[test]
fn no_keeps_what_was_accepted_and_is_asked_again() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO)]);
    let before = sandbox.own_files();
    upstream.edit("tasks", "robo.yml", "echo hello", "rm -r /");
    for _ in 0..2 {
        let mut pty = upstream.config([""; 0]).pty();
        pty.expect("-  command: echo hello\n+  command: rm -r /\n").expect(QUESTION).send_line("n");
        let (status, screen) = pty.wait();
        assert_eq!(status, 1, "{screen}");
        assert!(screen.ends_with("The shared commands stay as they are.\n"), "{screen}");
        has(&sandbox, &[("robo.yml", ROBO)]);
    }
    // The config's own record has moved on to the commit; nothing else changed.
    let changed: Vec<PathBuf> = sandbox
        .own_files()
        .into_iter()
        .filter(|file| !before.contains(file))
        .map(|(path, _)| path)
        .collect();
    assert!(
        changed.iter().all(|path| path.starts_with(sandbox.state().join("bases"))),
        "{changed:?}"
    );
}

#[test]
fn nobody_to_ask_is_exit_4_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    let upstream = offered(&sandbox, &[("robo.yml", "a:\n  command: b\n")]);
    sandbox.refused(
        upstream.config([""; 0]),
        4,
        &format!(
            "{UP_TO_DATE}
--- /dev/null
+++ robo.yml (<sandbox>/acme/dotfiles)
@@ -0,0 +1,2 @@
+a:
+  command: b
1 file of shared commands added, 0 changed, 0 removed.
{RUNS}error: a question needs an answer, and nobody is there: Take over these commands?
  hint: robo aws.config --yes takes over what is shown; nothing was changed
"
        ),
    );
    assert!(accepted(&sandbox).is_none());
    // Not even the answer to a conflict is written down for a run that cannot be finished.
    sandbox.write_config(sandbox.read_config().replace("eu-west-1", "mine"));
    upstream.push("[profile dev]\nregion = team\n");
    let before = sandbox.own_files();
    upstream.config(["--on-conflict", "mine"]).run().exits(4);
    assert_eq!(sandbox.own_files(), before);
}

#[test]
fn a_first_run_takes_over_profiles_and_commands_by_one_yes() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("tasks", [("robo.yml", ROBO)]);
    // The first question is whether to trust the repo at all; nothing of it is shown before.
    let nobody = upstream.config([""; 0]).run().exits(4);
    nobody.says("nobody is there: Trust ").never_says("hello");
    assert_eq!(sandbox.own_files(), []);
    let output = upstream.config(["--yes"]).run().exits(0);
    let (config, tasks) = output.stderr.split_once("Wrote ~/.aws/config.\n").unwrap();
    assert!(config.contains("+[profile dev]\n") && !config.contains("robo.yml"), "{config}");
    assert!(tasks.contains("+hello:\n") && tasks.contains(RUNS), "{tasks}");
    assert!(
        tasks.ends_with(
            "Took over the shared commands.\n\n\
             Next: robo aws.list   the profiles that you have now\n"
        ),
        "{tasks}"
    );
    has(&sandbox, &[("robo.yml", ROBO)]);
}

#[test]
fn who_declines_the_config_is_asked_about_the_commands_all_the_same() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("tasks", [("robo.yml", ROBO)]);
    let mut pty = upstream.config([""; 0]).pty();
    pty.expect("from now on? [y/N] ").send_line("y");
    pty.expect("Write ~/.aws/config? [Y/n] ").send_line("n");
    pty.expect(QUESTION).send_line("y");
    let (status, screen) = pty.wait();
    assert_eq!(status, 1, "they said no to the config: {screen}");
    assert!(!sandbox.config_path().exists());
    has(&sandbox, &[("robo.yml", ROBO)]);
    // What they come from is trusted and known from now on.
    let again = sandbox.robo(["aws.config", "--check"]).env("SEGMENT_TEAM", "foundation");
    again.run().exits(3).never_says("trust").never_says("robo.yml");
}

#[test]
fn the_end_of_input_at_the_question_takes_over_nothing_and_says_so() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, TEAM);
    upstream.push("[profile dev]\nregion = x\n");
    upstream.commit("tasks", [("robo.yml", ROBO)]);
    let mut pty = upstream.config([""; 0]).pty();
    pty.expect("Write ~/.aws/config? [Y/n] ").send_line("y");
    pty.expect(QUESTION).send_ctrl_d();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    assert!(screen.ends_with("error: stopped: the shared commands stay as they are\n"), "{screen}");
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = x\n");
    assert!(accepted(&sandbox).is_none());
}

#[test]
fn files_that_come_change_and_go_are_each_shown() {
    let sandbox = Sandbox::new();
    let upstream = taken(
        &sandbox,
        &[("robo.yml", ROBO), ("tasks/gone.sh", "echo gone\n"), ("tasks/same.sh", "same\n")],
    );
    fs::remove_file(upstream.path().join("tasks/gone.sh")).unwrap();
    let hello = ROBO.replace("say hello", "say it again");
    upstream.commit("tasks", [("robo.yml", hello.as_str()), ("tasks/lib/new.sh", "new")]);
    let output = upstream.config(["--yes"]).run().exits(0);
    let name = "(<sandbox>/acme/dotfiles)";
    let want = format!(
        "{UP_TO_DATE}
--- robo.yml {name}
+++ robo.yml {name}
@@ -1,3 +1,3 @@
 hello:
-  summary: say hello
+  summary: say it again
   command: echo hello

--- /dev/null
+++ tasks/lib/new.sh {name}
@@ -0,0 +1 @@
+new
\\no line end at the end of the file

--- tasks/gone.sh {name}
+++ /dev/null
@@ -1 +0,0 @@
-echo gone
1 file of shared commands added, 1 changed, 1 removed.
{RUNS}Took over the shared commands.
"
    );
    assert_eq!(sandbox.redact(&output.stderr), want);
    has(
        &sandbox,
        &[("robo.yml", hello.as_str()), ("tasks/lib/new.sh", "new"), ("tasks/same.sh", "same\n")],
    );
}

#[test]
fn a_team_gets_its_own_commands_and_no_other_team_s() {
    let sandbox = Sandbox::new();
    let files = [
        ("robo.yml", ROBO),
        ("tasks/foundation.yml", "a:\n  command: b\n"),
        ("tasks/data.yml", "c:\n  command: d\n"),
        ("tasks/other.yaml", "e:\n  command: f\n"),
        ("tasks/lib/data.yml", "read: by a script\n"),
        ("aws/teams/data.config", TEAM),
    ];
    let upstream = taken(&sandbox, &files);
    let lib = ("tasks/lib/data.yml", "read: by a script\n");
    has(&sandbox, &[("robo.yml", ROBO), files[1], lib]);
    // Of another team it is said, and what differs from what was agreed to is shown.
    let data = || upstream.config(["--team", "data"]);
    let look = data().arg("--check").run().exits(3);
    look.says("The commands so far are those of team 'foundation' in ")
        .says("+++ tasks/data.yml (")
        .says("--- tasks/foundation.yml (")
        .says("\n-  command: b\n")
        .never_says("hello:")
        .says("1 file of shared commands added, 0 changed, 1 removed.\n");
    has(&sandbox, &[("robo.yml", ROBO), files[1], lib]);
    data().arg("--yes").run().exits(0);
    has(&sandbox, &[("robo.yml", ROBO), files[2], lib]);
}

#[test]
fn of_another_repo_too_it_is_what_differs_that_is_shown() {
    let sandbox = Sandbox::new();
    taken(&sandbox, &[("robo.yml", ROBO)]);
    let other = Upstream::named(&sandbox, "evil/dotfiles");
    let evil = format!("{ROBO}evil:\n  command: x\n");
    other.commit("x", [("robo.yml", evil.as_str()), ("aws/teams/foundation.config", TEAM)]);
    let look = other.config(["--trust"]).run().exits(4);
    look.says("The commands so far are those of team 'foundation' in ")
        .says("\n+evil:\n")
        .says("evil/dotfiles)\n")
        .never_says("+hello:\n");
    other.config(["--trust", "--yes"]).run().exits(0);
    assert_eq!(accepted(&sandbox).unwrap().origin().url, other.url());
    // The very same commands are agreed to already, wherever they come from.
    let third = Upstream::named(&sandbox, "acme/moved");
    third.commit("x", [("robo.yml", evil.as_str()), ("aws/teams/foundation.config", TEAM)]);
    third.config(["--trust"]).run().exits(0).never_says("shared commands");
    assert_eq!(accepted(&sandbox).unwrap().origin().url, third.url());
}

#[test]
fn who_declines_another_team_s_profiles_is_not_asked_about_its_commands() {
    let sandbox = Sandbox::new();
    let other = "[profile other]\nregion = eu-west-1\n";
    let upstream = taken(
        &sandbox,
        &[("robo.yml", ROBO), ("tasks/data.yml", "c: {}\n"), ("aws/teams/data.config", other)],
    );
    let mut pty = upstream.config(["--team", "data"]).pty();
    pty.expect("Write ").send_line("n").expect("The shared commands stay as they are.");
    assert_eq!(pty.wait().0, 1);
    has(&sandbox, &[("robo.yml", ROBO)]);
}

#[test]
fn a_script_elsewhere_comes_with_the_file_that_names_it() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, TEAM);
    let files = [
        ("robo.yml", "a:\n  script: ./bin/a.sh\nb:\n  script: not/there.sh\n"),
        ("tasks/foundation.yml", "c:\n  script: ../bin/c.sh\n"),
        ("bin/a.sh", "a\n"),
        ("bin/c.sh", "#!/bin/sh\n"),
        ("bin/nobody-s.sh", "x\n"),
    ];
    for (path, text) in files {
        sandbox.write(PathBuf::from("../acme/dotfiles").join(path), text);
    }
    executable(&upstream, "bin/c.sh", 0o755);
    upstream.commit("tasks", [("README", "x")]);
    let output = upstream.config(["--yes"]).run().exits(0);
    output
        .says("warning: robo.yml: the script not/there.sh is not in ")
        .says("bin/c.sh (")
        .says("dotfiles): executable\n");
    has(&sandbox, &[files[2], ("bin/c.sh*", "#!/bin/sh\n"), files[0], files[1]]);
}

#[test]
fn a_script_whose_path_a_template_makes_is_told_unless_it_is_below_tasks() {
    let sandbox = Sandbox::new();
    let company = "a: {script: 'bin/{{ .s }}.sh'}\n\
                   b: {script: 'tasks/{{ .s }}.sh'}\n\
                   c: {script: '/opt/{{ .s }}.sh'}\n\
                   d:\n  command: x\n  before:\n    - script: '{{ .s }}'\n\
                   variables: {s: x}\n";
    let team = "e: {script: '{{ .s }}.sh'}\nf: {script: '../bin/{{ .s }}.sh'}\n";
    let files = [("robo.yml", company), ("tasks/foundation.yml", team)];
    let output = offered(&sandbox, &files).config(["--yes"]).run().exits(0);
    let told: Vec<&str> = output.stderr.lines().filter(|line| line.contains("template")).collect();
    let warning = |script: &str| {
        format!(
            "warning: {script} is not found here, as a template makes its path: put it below \
             tasks/, all of which is taken over"
        )
    };
    let want = [
        warning("robo.yml:1: the script bin/{{ .s }}.sh"),
        warning("robo.yml:7: the script {{ .s }}"),
        warning("tasks/foundation.yml:2: the script ../bin/{{ .s }}.sh"),
    ];
    assert_eq!(told, want, "{output}");
}

#[test]
fn a_mode_that_changes_is_told_and_kept() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO), ("tasks/run", "echo\n")]);
    let steps = [(0o755, "now executable", "*"), (0o644, "no longer executable", "")];
    for (mode, words, mark) in steps {
        executable(&upstream, "tasks/run", mode);
        upstream.commit("tasks", [("x", words)]);
        let output = upstream.config(["--yes"]).run().exits(0);
        assert_eq!(
            sandbox.redact(&output.stderr),
            format!(
                "{UP_TO_DATE}\ntasks/run (<sandbox>/acme/dotfiles): {words}\n\
                 0 files of shared commands added, 1 changed, 0 removed.\n{RUNS}\
                 Took over the shared commands.\n"
            )
        );
        has(&sandbox, &[("robo.yml", ROBO), (&format!("tasks/run{mark}"), "echo\n")]);
    }
}

#[test]
fn a_binary_is_told_by_its_size_and_hash() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO), ("tasks/tool", "text\n")]);
    fs::write(upstream.path().join("tasks/tool"), b"\x7fELF\0\x1b[2J").unwrap();
    executable(&upstream, "tasks/tool", 0o755);
    upstream.commit("tasks", [("tasks/x", "x\n")]);
    let output = upstream.config(["--yes"]).run().exits(0).never_says("\x1b").never_says("ELF");
    let sha256 = robo::sys::hash::sha256(b"\x7fELF\0\x1b[2J");
    output.says(&format!("dotfiles): binary, now 9 bytes, not shown, sha256 {sha256}\n"));
    // Text in its place is shown whole.
    fs::write(upstream.path().join("tasks/tool"), "echo evil\n").unwrap();
    upstream.commit("tasks", [("tasks/x", "y\n")]);
    upstream.config(["--yes"]).run().exits(0).says("binary, before 9 bytes").says("\n+echo evil\n");
    // So is what only begins like a program: the system hands it to a shell.
    fs::write(upstream.path().join("tasks/tool"), "MZ=1; echo hidden\n").unwrap();
    upstream.commit("tasks", [("tasks/x", "z\n")]);
    let output = upstream.config(["--yes"]).run().exits(0);
    output.says("\n+MZ=1; echo hidden\n").never_says("binary");
}

#[test]
fn much_data_is_told_by_its_size_and_hash() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO)]);
    let data = b"\0text\n".repeat(20_000);
    upstream.commit("tasks", [("tasks/data", data.as_slice())]);
    let sha256 = robo::sys::hash::sha256(&data);
    let output = upstream.config(["--yes"]).run().exits(0).never_says("text");
    output.says(&format!("dotfiles): binary, now 120000 bytes, not shown, sha256 {sha256}\n"));
    // As text it is shown, and so is a little of it.
    upstream.commit("tasks", [("tasks/data", b"text\n".repeat(20_000).as_slice())]);
    upstream.config(["--yes"]).run().exits(0).says("\n+text\n");
    upstream.commit("tasks", [("tasks/data", b"\0few\n".as_slice())]);
    upstream.config(["--yes"]).run().exits(0).says("\n+\\u{0}few\n");
}

#[test]
fn what_a_shell_might_run_is_shown_though_it_is_no_text() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO)]);
    let hidden: [(&str, &[u8]); 3] = [
        ("tasks/nul.sh", b"#!/bin/sh\n# x\0y\necho evil\n"),
        ("tasks/latin.sh", b"echo latin \xe9\necho evil\n"),
        ("tasks/elf.sh", b"\x7fELF\necho evil\n"),
    ];
    upstream.commit("tasks", hidden);
    let output = upstream.config(["--yes"]).run().exits(0).never_says("\0").never_says("binary");
    assert_eq!(output.stderr.matches("\n+echo evil\n").count(), 3, "{output}");
    output.says("\n+# x\\u{0}y\n").says("\n+echo latin \\xe9\n");
}

#[test]
fn what_steers_a_terminal_is_shown_as_escapes() {
    let sandbox = Sandbox::new();
    let text = "echo \x1b[8mhidden\x1b[0m\r\u{202e}\n";
    let files = [("robo.yml", ROBO), ("tasks/run", text), ("tasks/\x1b[2Jx", "x\n")];
    let upstream = offered(&sandbox, &files);
    // A name with a control character in it is none that is taken from a repo.
    let refused = upstream.config(["--yes"]).run().exits(0).never_says("\x1b");
    refused.says("\\u{1b}[2Jx").says("the path has a control character in it");
    upstream.remove("tasks", ["tasks/\x1b[2Jx"]);
    let output =
        upstream.config(["--yes"]).run().exits(0).never_says("\x1b").never_says("\u{202e}");
    output.says("+echo \\u{1b}[8mhidden\\u{1b}[0m\\u{d}\\u{202e}\n");
    has(&sandbox, &[("robo.yml", ROBO), ("tasks/run", text)]);
}

#[test]
fn only_line_endings_changed_is_a_change_that_is_seen() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO), ("tasks/run", "echo a\n")]);
    upstream.commit("tasks", [("tasks/run", "echo a\r\n")]);
    upstream.config(["--yes"]).run().exits(0).says("-echo a\n+echo a\\u{d}\n");
}

/// What is wrong with the repo's commands costs nobody their profiles, nor the commands that they
/// have.
#[track_caller]
fn told_and_left(break_it: impl FnOnce(&Upstream<'_>), words: &str) {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO)]);
    break_it(&upstream);
    upstream.push("[profile dev]\nregion = new\n");
    let check = upstream.config(["--check", "--json"]).run().exits(3);
    let tasks = check.json()["tasks"].clone();
    assert_eq!((&tasks["changes"], &tasks["accepted"]), (&json!([]), &json!(false)));
    assert!(tasks["problem"].as_str().unwrap().contains(words), "{tasks}");
    let output = upstream.config(["--yes"]).run().exits(0);
    let said = output.stderr.clone();
    assert!(said.contains(words), "{words:?} is not in\n{said}");
    output
        .says("warning: ")
        .says("; the shared commands stay as they are\n")
        .says("Wrote ~/.aws/config");
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = new\n");
    has(&sandbox, &[("robo.yml", ROBO)]);
    upstream.config(["--check"]).run().exits(0);
}

#[test]
fn a_task_file_that_cannot_be_understood_is_told_with_its_line() {
    told_and_left(
        |upstream| {
            upstream.commit("break", [("robo.yml", "a:\n\tcommand: b\n")]);
        },
        "robo.yml:2: ",
    );
    told_and_left(
        |upstream| {
            upstream.commit("break", [("tasks/foundation.yml", "a:\n\tcommand: b\n")]);
        },
        "tasks/foundation.yml:2: ",
    );
}

#[test]
fn links_and_submodules_are_refused() {
    let link = |path: &'static str, target: &'static str| {
        move |upstream: &Upstream<'_>| {
            let path = upstream.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let _ = fs::remove_file(&path);
            symlink(target, path).unwrap();
        }
    };
    told_and_left(link("robo.yml", "/etc/passwd"), "it is a symbolic link, not a file");
    told_and_left(link("tasks/x", "../README"), "it is a symbolic link, not a file");
    told_and_left(link("tasks/lib/x", "../.."), "it is a symbolic link, not a file");
    told_and_left(link("tasks", "aws"), "it is behind a symbolic link");
    told_and_left(
        |upstream| {
            link("bin", "aws")(upstream);
            upstream.commit("x", [("robo.yml", "a:\n  script: bin/x.sh\n")]);
        },
        "it is behind a symbolic link",
    );
    told_and_left(
        |upstream| {
            let head = upstream.git(["rev-parse", "HEAD"]);
            let module = format!("160000,{head},tasks/module");
            upstream.git(["update-index", "--add", "--cacheinfo", &module]);
            upstream.git(["commit", "--quiet", "--message", "x"]);
            // `git add --all` would take it for removed.
            fs::create_dir_all(upstream.path().join("tasks/module")).unwrap();
        },
        "it is a submodule, not a file",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let name = std::ffi::OsStr::from_bytes(b"tasks/\xff");
    told_and_left(
        |upstream| {
            upstream.commit("x", [(name, "x")]);
        },
        "its name is not UTF-8",
    );
}

#[test]
fn a_script_outside_of_the_repo_is_refused() {
    for script in ["../x.sh", "a/../../x.sh", "..", "tasks/../../../../../etc/passwd"] {
        let text = format!("a:\n  script: {script}\n");
        told_and_left(
            |upstream| {
                upstream.commit("x", [("robo.yml", text.as_str())]);
            },
            "robo.yml names it as a script, and the path leaves the repo by '..'",
        );
    }
}

#[test]
fn what_is_too_large_or_too_many_is_refused() {
    let large = |path: &'static str, bytes: usize| {
        move |upstream: &Upstream<'_>| {
            upstream.commit("large", [(path, "#\n".repeat(bytes / 2))]);
        }
    };
    told_and_left(large("robo.yml", (1 << 20) + 2), "it has 1048578 bytes, and 1048576 (1 MiB) is");
    told_and_left(large("tasks/x", 16 << 20), "have more than 16777216 bytes (16 MiB) in all");
    told_and_left(
        |upstream| {
            upstream.commit("many", (0..500).map(|number| (format!("tasks/f/{number}"), "x")));
        },
        "have more than 500 files",
    );
    told_and_left(
        |upstream| {
            let deep = format!("tasks/{}x", "d/".repeat(501));
            upstream.commit("deep", [(deep, "x")]);
        },
        "have more than 500 files",
    );
}

#[test]
fn check_and_dry_run_show_and_take_over_nothing() {
    let sandbox = Sandbox::new();
    let upstream = offered(&sandbox, &[("robo.yml", ROBO)]);
    let before = sandbox.own_files();
    for (args, status) in [(&["--check"][..], 3), (&["--check", "--yes"], 3), (&["-n", "-y"], 0)] {
        let output = upstream.config(args).run().exits(status);
        output.says("~/.aws/config is up to date.\n").says("+hello:\n").says(RUNS);
        assert_eq!(sandbox.own_files(), before);
    }
    upstream.config(["--yes"]).run().exits(0);
    upstream.config(["--check"]).run().exits(0);
}

#[test]
fn json_tells_each_file_and_whether_the_commands_are_taken_over() {
    let sandbox = Sandbox::new();
    let upstream =
        taken(&sandbox, &[("robo.yml", ROBO), ("tasks/gone", "x\n"), ("tasks/run", "echo\n")]);
    let none = json!({"changes": [], "accepted": true, "problem": null});
    assert_eq!(upstream.config(["--json"]).run().exits(0).json()["tasks"], none);
    executable(&upstream, "tasks/run", 0o755);
    upstream.remove("x", ["tasks/gone"]);
    upstream.commit("tasks", [("robo.yml", "a:\n"), ("tasks/new", "x\n")]);
    let mut want = json!({
        "changes": [
            {"path": "robo.yml", "kind": "changed", "executable": false},
            {"path": "tasks/new", "kind": "added", "executable": false},
            {"path": "tasks/run", "kind": "mode", "executable": true},
            {"path": "tasks/gone", "kind": "removed", "executable": null},
        ],
        "accepted": false,
        "problem": null,
    });
    let check = upstream.config(["--check", "--json"]).run().exits(3).json();
    assert_eq!((&check["tasks"], &check["changes"]), (&want, &json!([])));
    assert_eq!(upstream.config(["--json"]).run().exits(4).stdout, "");
    want["accepted"] = json!(true);
    assert_eq!(upstream.config(["--yes", "--json"]).run().exits(0).json()["tasks"], want);
}

#[test]
fn offline_compares_with_the_last_commit_fetched() {
    let sandbox = Sandbox::new();
    let upstream = offered(&sandbox, &[("robo.yml", ROBO)]);
    upstream.config(["--check"]).run().exits(3);
    fs::rename(upstream.path(), sandbox.root().join("gone")).unwrap();
    upstream.config(["--check", "--offline"]).run().exits(3).says("+hello:\n");
    upstream.config(["--yes", "--offline"]).run().exits(0);
    has(&sandbox, &[("robo.yml", ROBO)]);
}

#[test]
fn what_was_accepted_stays_while_upstream_moves_on() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO)]);
    let first = accepted(&sandbox).unwrap();
    // A commit that changes no command only moves the record on, without a word.
    let second = upstream.commit("tasks", [("README", "x")]);
    let output = upstream.config([""; 0]).run().exits(0);
    assert_eq!(sandbox.redact(&output.stderr), UP_TO_DATE);
    let now = accepted(&sandbox).unwrap();
    assert_eq!((now.origin().commit.as_str(), now.folder()), (second.as_str(), first.folder()));
    // One that does is not there until somebody agrees, and the folder before it stays.
    upstream.commit("tasks", [("robo.yml", "evil:\n")]);
    upstream.config(["--check"]).run().exits(3);
    upstream.config([""; 0]).run().exits(4);
    assert_eq!(accepted(&sandbox).unwrap().origin().commit, second);
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(fs::read_to_string(first.folder().join("robo.yml")).unwrap(), ROBO);
}

#[test]
fn commands_that_the_repo_gives_up_are_given_up_after_a_question() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO), ("tasks/x", "x\n")]);
    // Without a task file, what is below tasks/ is none of robo's.
    upstream.remove("tasks", ["robo.yml"]);
    let mut pty = upstream.config([""; 0]).pty();
    pty.expect("-hello:\n").expect("0 files of shared commands added, 0 changed, 2 removed.\n");
    pty.expect("Remove these commands? [Y/n] ").send_line("");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.ends_with("Removed the shared commands.\n"), "{screen}");
    assert!(accepted(&sandbox).is_none());
    let again = upstream.config([""; 0]).run().exits(0);
    assert_eq!(sandbox.redact(&again.stderr), UP_TO_DATE);
}

#[test]
fn a_repo_without_commands_is_not_told_of_any() {
    let sandbox = Sandbox::new();
    let upstream = offered(&sandbox, &[("tasks/x.sh", "x\n"), ("tasks/data.yml", "a:\n")]);
    let output = upstream.config(["--json"]).run().exits(0);
    assert_eq!(sandbox.redact(&output.stderr), UP_TO_DATE);
    assert!(!sandbox.state().join("tasks").exists());
    sandbox.robo(["aws.doctor", "--offline"]).run().exits(0).never_says("shared commands");
}

#[test]
fn what_a_crash_left_is_cleared_up_and_damage_is_mended() {
    let sandbox = Sandbox::new();
    let upstream = taken(&sandbox, &[("robo.yml", ROBO)]);
    let tasks = sandbox.state().join("tasks");
    let folder = accepted(&sandbox).unwrap().folder().to_owned();
    fs::create_dir_all(tasks.join(".0123.robo-new/tasks")).unwrap();
    fs::write(tasks.join(".0123.robo-new/robo.yml"), "half").unwrap();
    fs::write(folder.join("robo.yml"), "evil:\n").unwrap();
    let doctor = sandbox.robo(["aws.doctor", "--offline"]).run().exits(1);
    assert!(
        sandbox.redact(&doctor.stdout).contains(
            "!!  shared commands  1 file of <sandbox>/acme/dotfiles as of <commit>, damaged on \
             this machine\n"
        ),
        "{doctor}"
    );
    upstream.config(["--check"]).run().exits(3).says("commands were damaged on this machine\n");
    let output = upstream.config([""; 0]).run().exits(0);
    output.says("warning: the accepted commands were damaged on this machine; putting them back\n");
    has(&sandbox, &[("robo.yml", ROBO)]);
    assert!(!tasks.join(".0123.robo-new").exists());
    let doctor = sandbox.robo(["aws.doctor", "--offline"]).run().exits(0);
    assert!(
        sandbox
            .redact(&doctor.stdout)
            .contains("ok  shared commands  1 file of <sandbox>/acme/dotfiles as of <commit>\n"),
        "{doctor}"
    );
    // A record that says nothing any more: everything is shown and asked about again.
    fs::write(tasks.join("accepted.toml"), "folder = ").unwrap();
    let output = upstream.config([""; 0]).run().exits(4);
    output
        .says("warning: cannot tell which shared commands you accepted, by ")
        .says("; going on as if you had accepted none\n")
        .says("+hello:\n");
    sandbox.robo(["aws.doctor", "--offline"]).run().exits(1);
    upstream.config(["--yes"]).run().exits(0);
    has(&sandbox, &[("robo.yml", ROBO)]);
}

#[test]
fn of_many_robos_at_once_each_leaves_the_commands_whole() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("tasks", [("robo.yml", ROBO), ("tasks/lib/x", "x\n")]);
    let children: Vec<Child> = (0..10).map(|_| upstream.config(["--yes"]).spawn()).collect();
    for child in children {
        Output::new(&child.wait_with_output().unwrap()).exits(0).never_says("warning");
    }
    has(&sandbox, &[("robo.yml", ROBO), ("tasks/lib/x", "x\n")]);
    let entries = fs::read_dir(sandbox.state().join("tasks")).unwrap();
    assert_eq!(entries.count(), 2, "the record and its folder");
}
