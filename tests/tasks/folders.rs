//! The nearest `robo.yml`: found upwards, refused when it is somebody else's.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use crate::common::Sandbox;

const FILE: &str = "build:\n  summary: build it\n  command: echo built in {{ .robo.path }}\n";

#[test]
fn the_nearest_file_upwards_is_taken() {
    let sandbox = Sandbox::new();
    sandbox.write("src/robo.yml", FILE);
    sandbox.write("src/a/b/x", "");
    sandbox.write("src/near/robo.yml", "near:\n  command: echo near\n");
    let in_folder =
        |folder: &str, args: &[&str]| sandbox.robo(args).folder(sandbox.path(folder)).run();
    let want = format!("built in {}\n", sandbox.path("src").display());
    assert_eq!(in_folder("src/a/b", &["build"]).exits(0).stdout, want);
    assert_eq!(in_folder("src", &["build"]).exits(0).stdout, want);
    assert_eq!(in_folder("src/near", &["near"]).exits(0).stdout, "near\n");
    let output = in_folder("src/near", &["build"]).exits(2);
    assert!(output.stderr.starts_with("error: there is no task 'build'\n"), "{output}");
    let output = in_folder(".", &["build"]).exits(2);
    output.says("hint: no folder from here upwards has a robo.yml");
}

#[test]
fn the_list_is_built_in_commands_then_the_tasks_of_here() {
    let sandbox = Sandbox::new();
    sandbox
        .write("src/robo.yml", format!("{FILE}aws.list:\n  summary: mine\n  command: echo mine\n"));
    let output = sandbox.robo([""; 0]).folder(sandbox.path("src")).run().exits(0);
    assert!(output.stdout.contains("\n  aws.list            List the profiles"), "{output}");
    assert!(
        output.stdout.ends_with(
            "\n\n  ~/src/robo.yml\n  aws.list  mine (hidden by that of robo)\n  build     build it\n\n"
        ),
        "{output}"
    );
    assert_eq!(output.stderr, "");
    let output = sandbox.robo(["-q"]).folder(sandbox.path("src")).run().exits(0);
    let names: Vec<&str> = output.stdout.lines().collect();
    assert!(
        names.is_sorted() && names.contains(&"build") && names.contains(&"aws.exec"),
        "{output}"
    );
    assert_eq!(names.iter().filter(|name| **name == "aws.list").count(), 1);
    // A built-in command goes first.
    let output = sandbox.robo(["aws.list"]).folder(sandbox.path("src")).run();
    assert_ne!(output.stdout, "mine\n");
    let output = sandbox.robo(["-c", "robo.yml", "aws.list"]).folder(sandbox.path("src")).run();
    assert_eq!(output.exits(0).stdout, "mine\n");
}

#[test]
fn help_and_variables_are_tj_robo_s_without_c_as_well() {
    let sandbox = Sandbox::new();
    sandbox.write("src/robo.yml", format!("{FILE}variables: {{x: $(echo 1)}}\n"));
    for args in [&["help", "build"][..], &["variables"]] {
        let here = sandbox.robo(args).folder(sandbox.path("src")).run().exits(0);
        let named = sandbox.robo(["-c", "robo.yml"]).args(args).folder(sandbox.path("src"));
        assert_eq!(here, named.run().exits(0));
        let behind = sandbox.robo(args).args(["-c", "src/robo.yml"]).run().exits(0);
        assert_eq!(here, behind);
    }
    sandbox.robo(["variables"]).run().exits(1).says("error: there is no robo.yml here");
    let output = sandbox.robo(["help", "aws.list"]).run().exits(0);
    assert!(output.stdout.contains("Usage: robo aws.list"), "{output}");
}

#[test]
fn a_look_at_a_folder_runs_nothing_of_it() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "src/robo.yml",
        "a:\n  summary: on {{ .b }}\n  command: echo\nvariables: {b: $(touch ran; echo x)}\n",
    );
    let folder = sandbox.path("src");
    let output = sandbox.robo([""; 0]).folder(&folder).run().exits(0);
    assert!(output.stdout.ends_with("  a  on $(touch ran; echo x)\n\n"), "{output}");
    assert!(!folder.join("ran").exists());
    let output = sandbox.robo(["help", "a"]).folder(&folder).run().exits(0);
    assert!(output.stdout.contains("on $(touch ran; echo x)"), "{output}");
    assert!(!folder.join("ran").exists());
    sandbox.robo(["-c", "robo.yml", "help", "a"]).folder(&folder).run().exits(0);
    assert!(folder.join("ran").exists());
}

#[test]
fn a_file_of_somebody_else_is_not_used() {
    let sandbox = Sandbox::new();
    sandbox.write("src/robo.yml", FILE);
    let (file, folder) = (sandbox.path("src/robo.yml"), sandbox.path("src"));
    let refused = |why: &str| {
        let output = sandbox.robo(["build"]).folder(&folder).run().exits(1);
        assert_eq!(output.stdout, "");
        output.says(&format!("error: {} is not used: {why}", file.display()));
        // The list goes on without it.
        let output = sandbox.robo([""; 0]).folder(&folder).run().exits(0);
        assert!(!output.stdout.contains("build it"), "{output}");
        output.says("warning: ").says(why);
        // Who names it means it.
        sandbox.robo(["-c", "robo.yml", "build"]).folder(&folder).run().exits(0);
        // What is built in does not look.
        let output = sandbox.robo(["aws.list"]).folder(&folder).run();
        assert!(!output.stderr.contains("robo.yml"), "{output}");
    };
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    refused("everybody can write it");
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    sandbox.robo(["build"]).folder(&folder).run().exits(0);
    // Giving files away is root's alone.
    if chown(&file, Some(12345), None).is_ok() {
        refused("it belongs to 12345");
        chown(&file, Some(0), Some(12345)).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o664)).unwrap();
        refused("its group can write it");
        // That of a group of one's own is nobody else's.
        chown(&file, Some(0), Some(0)).unwrap();
        sandbox.robo(["build"]).folder(&folder).run().exits(0);
        chown(&folder, Some(12345), None).unwrap();
        refused("its folder belongs to somebody else");
        chown(&folder, Some(0), None).unwrap();
        // A link of somebody else's decides where scripts are found.
        fs::rename(&file, folder.join("own.yml")).unwrap();
        fs::set_permissions(folder.join("own.yml"), Permissions::from_mode(0o644)).unwrap();
        symlink("own.yml", &file).unwrap();
        sandbox.robo(["build"]).folder(&folder).run().exits(0);
        std::os::unix::fs::lchown(&file, Some(12345), None).unwrap();
        refused("it belongs to 12345");
    }
}

#[test]
fn what_others_can_replace_is_not_used() {
    let sandbox = Sandbox::new();
    sandbox.write("src/robo.yml", format!("{FILE}script:\n  script: s.sh\n"));
    sandbox.write("src/s.sh", "echo script\n");
    let (folder, script) = (sandbox.path("src"), sandbox.path("src/s.sh"));
    let (far, way) = (sandbox.path("far"), sandbox.path("way"));
    let run = |task: &str| sandbox.robo([task]).folder(&folder).run();
    let mode = |path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    assert_eq!(run("script").exits(0).stdout, "script\n");
    mode(&script, 0o666);
    let output = run("script").exits(1);
    output.says(&format!("the script {} is not run: everybody can write it", script.display()));
    sandbox.robo(["-c", "robo.yml", "script"]).folder(&folder).run().exits(0);
    mode(&script, 0o644);
    mode(&folder, 0o777);
    run("build").exits(1).says("is not used: others can write its folder");
    // As /tmp: nobody can replace another one's file there.
    mode(&folder, 0o1777);
    run("build").exits(0);
    mode(&folder, 0o755);
    // A link is as safe as the folder that it leads into.
    fs::create_dir(&far).unwrap();
    fs::rename(&script, sandbox.path("far/s.sh")).unwrap();
    symlink("../far/s.sh", &script).unwrap();
    run("script").exits(0);
    mode(&far, 0o777);
    run("script").exits(1).says("s.sh is not run: others can write its folder");
    // So is one that leads over another.
    mode(&far, 0o755);
    fs::create_dir(&way).unwrap();
    symlink("../far/s.sh", sandbox.path("way/s.sh")).unwrap();
    fs::remove_file(&script).unwrap();
    symlink("../way/s.sh", &script).unwrap();
    run("script").exits(0);
    mode(&way, 0o777);
    run("script").exits(1).says("s.sh is not run: others can write its folder");
    mode(&far, 0o777);
    let file = folder.join("robo.yml");
    fs::rename(&file, sandbox.path("far/robo.yml")).unwrap();
    symlink("../far/robo.yml", &file).unwrap();
    run("build").exits(1).says("is not used: others can write its folder");
}

#[test]
fn what_others_got_into_their_hands_meanwhile_is_not_run() {
    let sandbox = Sandbox::new();
    sandbox.write("src/s.sh", "echo script\n");
    let file = "t:\n  script: s.sh\n  before: [{command: chmod 666 s.sh}]\n";
    sandbox.write("src/robo.yml", file);
    let output = sandbox.robo(["t"]).folder(sandbox.path("src")).run().exits(1);
    assert_eq!(output.stdout, "");
    output.says("s.sh is not run: everybody can write it");
}

#[test]
fn to_root_what_is_of_the_caller_of_sudo_is_its_own() {
    let sandbox = Sandbox::new();
    sandbox.write("src/robo.yml", format!("{FILE}script:\n  script: s.sh\n"));
    sandbox.write("src/s.sh", "echo script\n");
    let folder = sandbox.path("src");
    // Giving files away is root's alone.
    if chown(&folder, Some(12345), None).is_err() {
        return;
    }
    for name in ["robo.yml", "s.sh"] {
        chown(folder.join(name), Some(12345), None).unwrap();
    }
    let run = |id: &str| sandbox.robo(["script"]).folder(&folder).env("SUDO_UID", id).run();
    assert_eq!(run("12345").exits(0).stdout, "script\n");
    for id in ["0", "12346", "x", ""] {
        run(id).exits(1).says("is not used: it belongs to 12345");
    }
}

#[test]
fn a_broken_file_here_hides_nothing_of_the_company() {
    use crate::common::{TEAM, Upstream};

    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("tasks", [("robo.yml", FILE)]);
    upstream.config(["--yes"]).run().exits(0);
    sandbox.write("src/robo.yml", "a: [\n");
    let run = |args: &[&str]| sandbox.robo(args).folder(sandbox.path("src")).run();
    assert!(run(&["build"]).exits(0).stdout.starts_with("built in "));
    assert!(run(&["help", "build"]).exits(0).stdout.contains("build it"));
    assert!(run(&["variables"]).exits(0).stdout.contains(".robo.file: "));
    run(&["help", "nope"]).exits(1).says("this is no YAML");
    // It is said whose command it is now.
    let told = "~/src/robo.yml:1: this is no YAML";
    run(&["build"]).says(told).says("'build' is the company's");
}

#[test]
fn a_trusted_file_that_breaks_is_not_replaced_by_the_company_s() {
    use crate::common::{TEAM, Upstream};

    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("tasks", [("robo.yml", FILE)]);
    upstream.config(["--yes"]).run().exits(0);
    sandbox.write("src/robo.yml", "build:\n  command: echo mine\n");
    let folder = sandbox.path("src");
    let mut pty = sandbox.robo(["build"]).folder(&folder).pty();
    pty.expect("go first").send_line("y");
    assert_eq!(pty.wait().0, 0);
    let run = || sandbox.robo(["build"]).folder(&folder).run();
    assert_eq!(run().exits(0).stdout, "mine\n");
    let file = folder.join("robo.yml");
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    let output = run().exits(1);
    assert_eq!(output.stdout, "");
    output.says("is not used: everybody can write it");
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    sandbox.write("src/robo.yml", "build: [\n");
    assert_eq!(run().exits(1).stdout, "");
}

#[test]
fn an_answer_holds_for_no_other_folder() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use crate::common::{TEAM, Upstream};

    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("tasks", [("robo.yml", FILE)]);
    upstream.config(["--yes"]).run().exits(0);
    // These two names are one where bytes that are no UTF-8 are replaced.
    let folders =
        [&b"\xfe"[..], b"\xff"].map(|name| sandbox.path("src").join(OsStr::from_bytes(name)));
    for folder in &folders {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("robo.yml"), "build:\n  command: echo mine\n").unwrap();
        let mut pty = sandbox.robo(["build"]).folder(folder).pty();
        let (status, screen) = pty.wait();
        assert_eq!(status, 0, "{screen}");
        assert!(screen.contains("is passed over") && screen.contains("built in"), "{screen}");
    }
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("src")).unwrap();
    let pipe = sandbox.path("src/robo.yml");
    sandbox.program("mkfifo", [&pipe]).run().exits(0);
    let output = sandbox.robo(["build"]).folder(sandbox.path("src")).run().exits(1);
    output.says("error: cannot read the tasks in ").says("cause: it is not a file");
}
