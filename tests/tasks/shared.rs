//! The company's tasks: everyone's, from any folder, as they were accepted; and what goes first.

use std::fs;

use crate::common::{Sandbox, TEAM, Upstream};

const COMPANY: &str = "\
deploy:
  summary: the company's
  command: echo company {{ .where }} $(pwd)
build:
  summary: a script
  script: scripts/build.sh
tool:
  script: tasks/lib/tool.sh
variables:
  where: here
  base: from robo.yml
";

const OF_TEAM: &str = "\
build:
  summary: the team's
  command: echo team {{ .base }} {{ .where }} {{ .robo.path }}
variables:
  where: team
";

fn company(sandbox: &Sandbox) -> Upstream<'_> {
    let upstream = Upstream::of_team(sandbox, TEAM);
    upstream.commit(
        "tasks",
        [
            ("robo.yml", COMPANY),
            ("scripts/build.sh", "echo built \"$@\" from $0\n"),
            ("tasks/lib/tool.sh", ". \"$(dirname \"$0\")/lib.sh\"; greet\n"),
            ("tasks/lib/lib.sh", "greet() { echo from the library; }\n"),
            ("tasks/other.yml", "secret:\n  command: echo other team's\n"),
        ],
    );
    upstream
}

/// The folder that the accepted files are in, as a task of theirs names it.
fn accepted(sandbox: &Sandbox) -> String {
    let store = robo::tasks::shared::SharedStore::new(&sandbox.state());
    store.load().unwrap().unwrap().folder().display().to_string()
}

#[test]
fn the_company_s_tasks_run_from_any_folder() {
    let sandbox = Sandbox::new();
    let upstream = company(&sandbox);
    sandbox.robo(["deploy"]).run().exits(2).says("'robo aws.config' fetches the company's");
    upstream.config(["--yes"]).run().exits(0);
    fs::create_dir(sandbox.path("anywhere")).unwrap();
    let folder = sandbox.path("anywhere");
    let run = |args: &[&str]| sandbox.robo(args).folder(&folder).run();
    assert_eq!(run(&["deploy"]).exits(0).stdout, format!("company here {}\n", folder.display()));
    let script = format!("{}/scripts/build.sh", accepted(&sandbox));
    assert_eq!(run(&["build", "a b"]).exits(0).stdout, format!("built a b from {script}\n"));
    assert_eq!(run(&["tool"]).exits(0).stdout, "from the library\n");
    // Another team's tasks are not there.
    run(&["secret"]).exits(2);
    let list = run(&[]).exits(0);
    let short = &upstream.git(["rev-parse", "HEAD"])[..7];
    assert!(
        list.stdout.ends_with(&format!(
            "\n  {} @ {short}\n  build   a script\n  deploy  the company's\n  tool\n\n",
            upstream.path().display()
        )),
        "{list}"
    );
}

#[test]
fn a_team_s_tasks_go_before_everybody_s_and_know_their_variables() {
    let sandbox = Sandbox::new();
    let upstream = company(&sandbox);
    upstream.commit("team", [("tasks/foundation.yml", OF_TEAM)]);
    upstream.config(["--yes"]).run().exits(0);
    let output = sandbox.robo(["build"]).run().exits(0);
    assert_eq!(output.stdout, format!("team from robo.yml team {}/tasks\n", accepted(&sandbox)));
    assert!(sandbox.robo(["deploy"]).run().exits(0).stdout.starts_with("company here "));
    let list = sandbox.robo([""; 0]).run().exits(0);
    let label =
        format!("{} @ {}", upstream.path().display(), &upstream.git(["rev-parse", "HEAD"])[..7]);
    assert!(
        list.stdout.contains(&format!(
            "\n\n  {label}, tasks/foundation.yml\n  build  the team's\n\n  {label}\n"
        )),
        "{list}"
    );
    assert!(
        list.stdout.contains(&format!(
            "  build   a script (hidden by that of {label}, tasks/foundation.yml)\n"
        )),
        "{list}"
    );
    let variables = sandbox.robo(["variables"]).run().exits(0).stdout;
    assert!(
        variables.contains("\n.where: team\n") && variables.contains("\n.where: here\n"),
        "{variables}"
    );
}

#[test]
fn what_runs_is_what_was_accepted() {
    let sandbox = Sandbox::new();
    let upstream = company(&sandbox);
    upstream.config(["--yes"]).run().exits(0);
    upstream.commit(
        "evil",
        [("robo.yml", "deploy:\n  command: echo evil\n"), ("scripts/build.sh", "echo evil\n")],
    );
    // The commit is fetched, and not agreed to.
    upstream.config(["--dry-run"]).run().exits(0);
    assert!(sandbox.robo(["deploy"]).run().exits(0).stdout.starts_with("company"));
    let mut pty = upstream.config([""; 0]).pty();
    pty.expect("Take over these commands?").send_line("n");
    pty.wait();
    assert!(sandbox.robo(["deploy"]).run().exits(0).stdout.starts_with("company"));
    assert!(sandbox.robo(["build"]).run().exits(0).stdout.starts_with("built"));
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(sandbox.robo(["deploy"]).run().exits(0).stdout, "evil\n");
}

#[test]
fn files_that_were_changed_since_are_not_run() {
    let sandbox = Sandbox::new();
    let upstream = company(&sandbox);
    upstream.config(["--yes"]).run().exits(0);
    let file = format!("{}/robo.yml", accepted(&sandbox));
    fs::write(&file, "deploy:\n  command: echo changed\n").unwrap();
    let output = sandbox.robo(["deploy"]).run().exits(1);
    assert_eq!(output.stdout, "");
    output.says("is not what you accepted any more").says("hint: robo aws.config");
    // What is built in and the list go on.
    sandbox.robo(["aws.list"]).run().exits(0);
    sandbox.robo([""; 0]).run().exits(0).says("warning: ").says("not what you accepted");
    upstream.config(["--yes"]).run().exits(0);
    assert!(sandbox.robo(["deploy"]).run().exits(0).stdout.starts_with("company"));
    fs::write(format!("{}/tasks/lib/lib.sh", accepted(&sandbox)), "greet() { :; }\n").unwrap();
    sandbox.robo(["tool"]).run().exits(1).says("are not what you accepted any more");
}

#[test]
fn a_folder_cannot_replace_a_company_s_command() {
    let sandbox = Sandbox::new();
    company(&sandbox).config(["--yes"]).run().exits(0);
    sandbox
        .write("clone/robo.yml", "deploy:\n  command: echo local\nlocal:\n  command: echo fine\n");
    let folder = sandbox.path("clone");
    let run = |args: &[&str]| sandbox.robo(args).folder(&folder);
    let output = run(&["deploy"]).run().exits(0);
    assert!(output.stdout.starts_with("company"), "{output}");
    assert_eq!(
        output.stderr,
        "warning: 'deploy' is the company's; that of ~/clone/robo.yml is passed over\n"
    );
    assert_eq!(run(&["local"]).run().exits(0).stdout, "fine\n");
    assert_eq!(run(&["-c", "robo.yml", "deploy"]).run().exits(0).stdout, "local\n");
    let list = run(&[]).run().exits(0).stdout;
    assert!(
        list.contains("  deploy   (hidden by that of ")
            || list.contains("  deploy  (hidden by that of "),
        "{list}"
    );
    // A file here that cannot be read costs nobody the company's command.
    sandbox.write("clone/robo.yml", "a: [\n");
    let output = run(&["deploy"]).run().exits(0);
    assert!(output.stdout.starts_with("company"), "{output}");
    run(&["local"]).run().exits(1).says("error: ~/clone/robo.yml:1: this is no YAML");
}

#[test]
fn a_folder_is_asked_about_once() {
    let sandbox = Sandbox::new();
    company(&sandbox).config(["--yes"]).run().exits(0);
    for (folder, answer, says) in [("yes", "y", "local\n"), ("no", "n", "company")] {
        sandbox.write(format!("{folder}/robo.yml"), "deploy:\n  command: echo local\n");
        let path = sandbox.path(folder);
        let mut pty = sandbox.robo(["deploy"]).folder(&path).pty();
        pty.expect(&format!(
            "The company has a command 'deploy', and ~/{folder}/robo.yml has one, too."
        ));
        pty.expect("Shall the commands of this folder go first, from now on? [y/N]")
            .send_line(answer);
        let (status, screen) = pty.wait();
        assert!(status == 0 && screen.contains(says), "{screen}");
        // From now on nobody is asked, on a terminal or not.
        let (status, screen) = sandbox.robo(["deploy"]).folder(&path).pty().wait();
        assert!(status == 0 && screen.starts_with(says), "{screen}");
        let output = sandbox.robo(["deploy"]).folder(&path).run().exits(0);
        assert!(output.stdout.starts_with(says) && output.stderr.is_empty(), "{output}");
    }
    let settings = String::from_utf8(sandbox.read(".config/robo/settings.toml")).unwrap();
    let (yes, no) = (sandbox.path("yes"), sandbox.path("no"));
    let want =
        format!("[trust.folders]\n\"{}\" = true\n\"{}\" = false\n", yes.display(), no.display());
    assert!(settings.contains(&want), "{settings}");
    // What a trusted folder has goes first in the list, too.
    let list = sandbox.robo([""; 0]).folder(yes).run().exits(0).stdout;
    assert!(
        list.contains("  deploy  the company's (hidden by that of ~/yes/robo.yml)\n"),
        "{list}"
    );
}

#[test]
fn a_link_leads_to_no_other_folder_s_answer() {
    let sandbox = Sandbox::new();
    company(&sandbox).config(["--yes"]).run().exits(0);
    let trusted = sandbox.path("trusted");
    sandbox.write("trusted/robo.yml", "deploy:\n  command: echo local\n");
    sandbox.write("evil/robo.yml", "deploy:\n  command: echo evil\n");
    let mut pty = sandbox.robo(["deploy"]).folder(&trusted).pty();
    pty.expect("[y/N]").send_line("y");
    assert_eq!(pty.wait().0, 0);
    // The same path, and another folder behind it.
    fs::rename(&trusted, sandbox.path("moved")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("evil"), &trusted).unwrap();
    let run = sandbox.robo(["deploy"]).folder(&trusted).env("PWD", &trusted);
    assert!(run.run().exits(0).stdout.starts_with("company"));
}

#[test]
fn who_has_changed_the_team_is_told_whose_commands_they_run() {
    let sandbox = Sandbox::new();
    let upstream = company(&sandbox);
    upstream.commit("the team's", [("tasks/foundation.yml", OF_TEAM)]);
    upstream.config(["--yes"]).run().exits(0);
    let told = "those of team 'foundation', and $SEGMENT_TEAM names another one";
    let run = |args: &[&str], team: &str| {
        let output = sandbox.robo(args).env("SEGMENT_TEAM", team).run();
        output.stderr.contains(told) || output.stdout.contains(told)
    };
    for args in [&[][..], &["-q"], &["build"], &["nowhere"], &["aws.doctor"]] {
        assert!(run(args, "other"), "{args:?}");
        assert!(!run(args, "foundation") && !run(args, ""), "{args:?}");
    }
    // What is everybody's is this team's, too.
    assert!(!run(&["deploy"], "other"));
    sandbox.write("named.yml", "x: {command: 'true'}\n");
    assert!(!run(&["-c", "named.yml"], "other") && !run(&["-c", "named.yml", "y"], "other"));
    // The company may call the variable otherwise; what it holds is not shown.
    upstream.commit("ours", [("robo.toml", "team_env = \"ACME_TEAM\"\n")]);
    upstream.config(["--yes", "--team", "foundation"]).run().exits(0);
    let list = sandbox.robo([""; 0]).env("ACME_TEAM", "s3cret").env("SEGMENT_TEAM", "other").run();
    let list = list.exits(0).says("and $ACME_TEAM names another one");
    assert!(!list.stderr.contains("s3cret"), "{}", list.stderr);
}

#[test]
fn only_scripts_that_were_taken_over_run_or_this_machine_s_own() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    sandbox.write("opt/tool.sh", "echo of this machine\n");
    let opt = sandbox.path("opt");
    let file = format!(
        "in:\n  script: \"tasks/{{{{ .name }}}}.sh\"\n\
         path:\n  script: \"{{{{ .robo.path }}}}/tasks/x.sh\"\n\
         untold:\n  script: \"bin/{{{{ .name }}}}.sh\"\n\
         up:\n  script: \"{{{{ .up }}}}/tool.sh\"\n\
         absolute:\n  script: {0}/tool.sh\n\
         home:\n  script: \"{{{{ .opt }}}}/tool.sh\"\n\
         variables: {{name: x, up: ../../../../../../../../../../..{0}, opt: {0}}}\n",
        opt.display()
    );
    upstream.commit(
        "tasks",
        [("robo.yml", file.as_str()), ("tasks/x.sh", "echo of x\n"), ("bin/x.sh", "echo no\n")],
    );
    upstream.config(["--yes"]).run().exits(0);
    let run = |task: &str| sandbox.robo([task]).run();
    for task in ["in", "path"] {
        assert_eq!(run(task).exits(0).stdout, "of x\n", "{task}");
    }
    for task in ["untold", "up"] {
        let output = run(task).exits(1);
        assert_eq!(output.stdout, "", "{task}");
        output.says("is none of the files that you took over").says("what is below tasks/");
    }
    for task in ["absolute", "home"] {
        assert_eq!(run(task).exits(0).stdout, "of this machine\n", "{task}");
    }
    fs::set_permissions(&opt, fs::Permissions::from_mode(0o777)).unwrap();
    for task in ["absolute", "home"] {
        run(task).exits(1).says("tool.sh is not run: others can write its folder");
    }
}

#[test]
fn commands_of_variables_run_alike_for_everybody() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let file = "t:\n  command: echo {{ .x }}\nvariables: {x: $(echo here)}\n";
    upstream.commit("tasks", [("robo.yml", file)]);
    upstream.config(["--yes"]).run().exits(0);
    let run = |args: &[&str]| sandbox.robo(args).env("SHELL", "/bin/false").run();
    assert_eq!(run(&["t"]).exits(0).stdout, "here\n");
    // In a file of one's own it is one's own shell, as in tj/robo.
    sandbox.write("robo.yml", file);
    run(&["-c", "robo.yml", "t"]).exits(1).says("the command 'echo here' failed");
}
