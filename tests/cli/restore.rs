//! `aws.restore`: an older file comes back, and nothing is lost on the way.

use std::fs;

use serde_json::json;

use crate::common::{Sandbox, TEAM, Upstream};

const OLD: &str = "# mine\n[profile mine]\nregion = us-east-1\n";

/// A home whose one backup holds [`OLD`]; gives its name, too.
fn with_a_backup(sandbox: &Sandbox) -> (Upstream<'_>, String) {
    sandbox.write_config(OLD);
    let upstream = Upstream::applied(sandbox, TEAM);
    let backup = sandbox.backups().pop().unwrap();
    (upstream, backup.file_name().unwrap().to_str().unwrap().to_owned())
}

#[test]
fn without_backups_the_list_says_so() {
    let sandbox = Sandbox::new();
    sandbox.refused(
        sandbox.robo(["aws.restore"]),
        0,
        "There are no backups of ~/.aws/config yet.\n",
    );
    assert_eq!(sandbox.robo(["aws.restore", "--json"]).run().exits(0).json(), json!([]));
}

#[test]
fn the_list_is_newest_first_with_what_each_was_made_from() {
    let sandbox = Sandbox::new();
    let (upstream, first) = with_a_backup(&sandbox);
    let commit = upstream.git(["rev-parse", "HEAD"]);
    upstream.push("[profile dev]\nregion = eu-west-2\n");
    upstream.config(["--yes"]).run().exits(0);
    let output = sandbox.robo(["aws.restore"]).run().exits(0);
    assert_eq!(output.stderr, "");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{output}");
    assert!(lines[0].ends_with(&format!("foundation @ {}", &commit[..7])), "{output}");
    assert!(lines[1].starts_with(&first) && lines[1].ends_with(" 41 bytes"), "{output}");

    let listed = sandbox.robo(["aws.restore", "--json"]).run().exits(0).json();
    assert_eq!(listed[0]["team"], "foundation");
    assert_eq!(listed[0]["commit"], commit);
    assert_eq!(
        listed[1],
        json!({
            "name": first,
            "path": sandbox.state().join("backups").join(&first),
            "time": listed[1]["time"],
            "bytes": OLD.len(),
            "team": null,
            "commit": null,
        })
    );
    let stamp: String =
        listed[1]["time"].as_str().unwrap().chars().filter(|c| !"-:".contains(*c)).collect();
    assert_eq!(first, format!("config-{stamp}"));
}

#[test]
fn a_backup_comes_back_by_name_and_what_it_replaces_is_kept() {
    let sandbox = Sandbox::new();
    let (_, name) = with_a_backup(&sandbox);
    let merged = sandbox.read_config();
    let output = sandbox.robo(["aws.restore", &name, "--yes"]).run().exits(0);
    let kept = sandbox.backups().pop().unwrap();
    let kept_name = kept.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(
        output.stderr,
        format!(
            "--- ~/.aws/config\n+++ ~/.aws/config\n@@ -1,6 +1,3 @@\n # mine\n [profile mine]\n \
             region = us-east-1\n-\n-[profile dev]\n-region = eu-west-1\n\
             Put {name} back. What it replaced is {kept_name}.\n"
        )
    );
    assert_eq!(sandbox.read_config(), OLD);
    assert_eq!(fs::read_to_string(kept).unwrap(), merged);
    // And back again.
    sandbox.robo(["aws.restore", &kept_name, "--yes"]).run().exits(0);
    assert_eq!(sandbox.read_config(), merged);
}

#[test]
fn the_base_comes_back_with_it_so_the_team_s_change_is_proposed_again() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, TEAM);
    let changed = "[profile dev]\nregion = eu-west-2\n";
    upstream.push(changed);
    upstream.config(["--yes"]).run().exits(0);
    let backup = sandbox.backups().pop().unwrap();
    let name = backup.file_name().unwrap().to_str().unwrap();
    sandbox.robo(["aws.restore", name, "--yes"]).run().exits(0);
    assert_eq!(sandbox.read_config(), TEAM);
    // Not a conflict and not a change of mine: the team's change, once more.
    upstream.config(["--check"]).run().exits(3).says("+region = eu-west-2\n").never_says("yours  ");
    upstream.config(["--yes"]).run().exits(0).never_says("overruled");
    assert_eq!(sandbox.read_config(), changed);
}

#[test]
fn any_file_comes_back_by_its_path() {
    let sandbox = Sandbox::new();
    let (_, name) = with_a_backup(&sandbox);
    let path = sandbox.state().join("backups").join(name);
    sandbox.robo(["aws.restore", "--yes"]).arg(&path).run().exits(0);
    assert_eq!(sandbox.read_config(), OLD);
    sandbox.write("other", "[profile other]\n");
    sandbox.robo(["aws.restore", "--yes", "./other"]).run().exits(0);
    assert_eq!(sandbox.read_config(), "[profile other]\n");
    sandbox.robo(["aws.restore", "--yes", "~/other"]).run().exits(0).says("is the same as");
}

#[test]
fn nobody_there_is_exit_4_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let (_, name) = with_a_backup(&sandbox);
    let before = sandbox.own_files();
    let output = sandbox.robo(["aws.restore", &name]).run().exits(4);
    output
        .says(&format!("error: a question needs an answer, and nobody is there: Put {name} back?"))
        .says("  hint: ");
    assert_eq!(sandbox.own_files(), before);
}

#[test]
fn an_unknown_name_is_told_with_the_nearest() {
    let sandbox = Sandbox::new();
    let (_, name) = with_a_backup(&sandbox);
    let typed = format!("{}9", &name[..name.len() - 1]);
    sandbox.refused(
        sandbox.robo(["aws.restore", &typed, "--yes"]),
        1,
        &sandbox.redact(&format!(
            "error: there is no backup '{typed}'\n  hint: did you mean '{name}'?\n  \
             hint: 'robo aws.restore' lists the backups; a path with a '/' is taken as a file\n"
        )),
    );
    sandbox.refused(
        sandbox.robo(["aws.restore", "./nope", "--yes"]),
        1,
        "error: <home>/./nope cannot be read\n  cause: No such file or directory (os error 2)\n  \
         hint: 'robo aws.restore' lists the backups\n",
    );
}

#[test]
fn what_cannot_be_a_config_is_not_put_back() {
    let sandbox = Sandbox::new();
    with_a_backup(&sandbox);
    sandbox.program("mkfifo", [sandbox.path("pipe")]).run().exits(0);
    fs::create_dir(sandbox.path("folder")).unwrap();
    fs::File::create(sandbox.path("large")).unwrap().set_len(100 << 20).unwrap();
    for (path, want) in [
        ("/dev/zero", "/dev/zero is not an ordinary file"),
        ("~/pipe", "<home>/pipe is not an ordinary file"),
        ("~/folder", "<home>/folder is a folder, not a file"),
        ("~/large", "<home>/large has 104857600 bytes: that is no AWS config"),
    ] {
        let want = format!("error: {want}\n  hint: 'robo aws.restore' lists the backups\n");
        let output = sandbox.robo(["aws.restore", path, "--yes"]).run().exits(1);
        assert_eq!(sandbox.redact(&output.stderr), want);
    }
    assert_eq!(sandbox.backups().len(), 1);
}

#[test]
fn the_same_content_is_said_and_not_written() {
    let sandbox = Sandbox::new();
    let (_, name) = with_a_backup(&sandbox);
    sandbox.robo(["aws.restore", &name, "--yes"]).run().exits(0);
    let want = format!("~/.aws/config is the same as {name} already.\n");
    sandbox.refused(sandbox.robo(["aws.restore", &name]), 0, &sandbox.redact(&want));
}

#[test]
fn a_backup_of_another_file_is_refused() {
    let sandbox = Sandbox::new();
    let (_, name) = with_a_backup(&sandbox);
    let other = || sandbox.path("other");
    fs::write(other(), "[profile x]\n").unwrap();
    let want = format!(
        "error: {name} is a backup of <home>/.aws/config, not of ~/other\n  \
         hint: AWS_CONFIG_FILE=<home>/.aws/config robo aws.restore {name}\n"
    );
    sandbox.refused(
        sandbox.robo(["aws.restore", &name, "--yes"]).env("AWS_CONFIG_FILE", other()),
        1,
        &sandbox.redact(&want),
    );
    sandbox.refused(
        sandbox.robo(["aws.restore"]).env("AWS_CONFIG_FILE", other()),
        0,
        "There are no backups of ~/other yet.\n\
         1 backup of other files not listed (AWS_CONFIG_FILE chooses).\n",
    );
}

#[test]
fn a_read_only_file_is_not_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let (_, name) = with_a_backup(&sandbox);
    fs::set_permissions(sandbox.config_path(), fs::Permissions::from_mode(0o400)).unwrap();
    let run = sandbox.robo(["aws.restore", &name, "--yes"]);
    sandbox.refused(
        run,
        1,
        "error: ~/.aws/config is read-only\n  \
         hint: chmod u+w ~/.aws/config lets robo write it\n",
    );
}

#[test]
fn the_last_fifty_backups_are_kept() {
    let sandbox = Sandbox::new();
    let (_, name) = with_a_backup(&sandbox);
    let first = sandbox.state().join("backups").join(&name);
    // Older ones, as fifty runs before would have left them.
    for second in 0..50 {
        let older = first.with_file_name(format!("config-20200101T0000{second:02}Z"));
        fs::copy(&first, older).unwrap();
    }
    sandbox.robo(["aws.restore", &name, "--yes"]).run().exits(0);
    let backups = sandbox.backups();
    assert_eq!(backups.len(), 50);
    assert!(backups.contains(&first));
    assert!(backups[0].ends_with("config-20200101T000002Z"), "{:?}", backups[0]);
}
