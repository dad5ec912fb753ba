//! What can be wrong around robo: its own folders, and the environment.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::common::{MINE, Run, Sandbox, TEAM, Upstream};

fn laptop() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    sandbox
}

/// robo's folders in `~/robo`, whatever the operating system's custom is.
fn in_one_folder(sandbox: &Sandbox, run: Run) -> Run {
    run.env("ROBO_HOME", sandbox.path("robo"))
}

#[test]
fn a_file_in_the_state_folder_s_place_is_told() {
    let sandbox = laptop();
    sandbox.write("robo", "not a folder");
    let upstream = Upstream::of_team(&sandbox, TEAM);
    sandbox.refused(
        in_one_folder(&sandbox, upstream.config(["--yes"])),
        1,
        "error: cannot read robo's settings, <home>/robo/settings.toml\n\
         \x20 cause: Not a directory (os error 20)\n\
         \x20 hint: 'ls -ld <home>/robo/settings.toml' shows who may read it\n",
    );
    let state = upstream.config(["--yes"]).env("XDG_STATE_HOME", sandbox.path("state"));
    sandbox.write("state/robo", "not a folder");
    sandbox.refused(
        state,
        1,
        "error: cannot open the lock <home>/state/robo/locks/dotfiles.lock\n\
         \x20 cause: Not a directory (os error 20)\n\
         \x20 hint: <home>/state/robo has to be a folder: move that file away \
         ('mv <home>/state/robo <home>/state/robo.old')\n",
    );
}

#[test]
fn a_state_folder_that_is_not_there_is_made_private() {
    let sandbox = laptop();
    let upstream = Upstream::applied(&sandbox, TEAM);
    let of = |name: &str| {
        let path = sandbox.state().join(name);
        fs::metadata(&path).unwrap().permissions().mode() & 0o777
    };
    for folder in ["", "bases", "backups", "locks"] {
        assert_eq!(of(folder), 0o700, "{folder}");
    }
    let backup = sandbox.backups().pop().unwrap();
    assert_eq!(of(backup.to_str().unwrap()), 0o600);
    // Without its state robo only knows less: the next run is a first one again.
    fs::remove_dir_all(sandbox.state()).unwrap();
    upstream.config(["--yes"]).run().exits(0).says("~/.aws/config is up to date.");
    upstream.push("[profile dev]\nregion = eu-west-2\n");
    upstream.config(["--yes"]).run().exits(0);
    assert!(sandbox.read_config().ends_with("[profile dev]\nregion = eu-west-2\n"));
}

#[test]
fn a_state_folder_that_cannot_be_written_is_told() {
    let sandbox = laptop();
    fs::create_dir_all(sandbox.path("robo")).unwrap();
    fs::set_permissions(sandbox.path("robo"), fs::Permissions::from_mode(0o500)).unwrap();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let run = sandbox
        .robo_as_a_plain_user(["aws.config", "--yes", "--dotfiles", &upstream.url()])
        .env("SEGMENT_TEAM", "foundation");
    sandbox.refused(
        in_one_folder(&sandbox, run),
        1,
        "error: cannot open the lock <home>/robo/locks/dotfiles.lock\n\
         \x20 cause: Permission denied (os error 13)\n\
         \x20 hint: 'ls -ld <home>/robo/locks' shows who may write there\n",
    );
    fs::set_permissions(sandbox.path("robo"), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_damaged_record_of_what_was_applied_is_a_warning_and_a_first_run() {
    let sandbox = laptop();
    let upstream = Upstream::applied(&sandbox, TEAM);
    let folder = sandbox.state().join("bases");
    let record = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    fs::write(&record, "base = [torn").unwrap();
    upstream.push("[profile dev]\nregion = eu-west-1\n\n[profile new]\nregion = eu-west-1\n");

    let output = upstream.config(["--yes"]).run().exits(0);
    output
        .says("warning: cannot read what was applied last, in ")
        .says("; going on as if this were the first run\n");
    let want = format!("{MINE}\n{TEAM}\n[profile new]\nregion = eu-west-1\n");
    assert_eq!(sandbox.read_config(), want);
    let output = upstream.config(["--yes"]).run().exits(0).never_says("warning");
    output.says("~/.aws/config is up to date.\n");
}

#[test]
fn settings_that_cannot_be_understood_are_told_by_line() {
    let sandbox = laptop();
    sandbox.write("robo/settings.toml", "\nteam = 3\n");
    let upstream = Upstream::of_team(&sandbox, TEAM);
    sandbox.refused(
        in_one_folder(&sandbox, upstream.config(["--yes"])),
        1,
        "error: <home>/robo/settings.toml:2: invalid type: integer `3`, expected a string\n\
         \x20 2 | team = 3\n\
         \x20 hint: mend the line, or remove it: robo asks again for what it needs\n",
    );
}

#[test]
fn a_home_that_is_no_absolute_path_is_told() {
    let sandbox = laptop();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    for run in [upstream.config(["--yes"]), sandbox.robo(["aws.list"])] {
        let run = in_one_folder(&sandbox, run).env("HOME", "relative");
        sandbox.refused(
            run,
            1,
            "error: cannot tell where the AWS config is: $HOME is not set\n\
             \x20 hint: set HOME, or AWS_CONFIG_FILE to the file\n",
        );
    }
    sandbox.refused(
        upstream.config(["--yes"]).env("HOME", "relative"),
        1,
        "error: cannot tell where to keep robo's files: neither $HOME nor $XDG_CONFIG_HOME is set\n\
         \x20 hint: set HOME, or ROBO_HOME to a folder of robo's own\n",
    );
}

/// With HOME unset robo asks the system's user database, as the AWS CLI and git do, and would
/// come to the developer's own files: so this run is told where everything is.
#[test]
fn without_home_the_other_variables_say_where_everything_is() {
    let sandbox = laptop();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let run = in_one_folder(&sandbox, upstream.config(["--yes"]))
        .without_env("HOME")
        .env("AWS_CONFIG_FILE", sandbox.config_path())
        .env("AWS_SHARED_CREDENTIALS_FILE", sandbox.path("credentials"));
    run.run().exits(0);
    assert_eq!(sandbox.read_config(), format!("{MINE}\n{TEAM}"));
    let made: Vec<_> =
        fs::read_dir(sandbox.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(made.len(), 2, "{made:?}");
}

/// What was applied is kept by the file's real path, which must be known before its folder is.
#[test]
fn behind_a_linked_home_the_first_run_is_remembered() {
    let sandbox = Sandbox::new();
    let linked = sandbox.root().join("linked");
    std::os::unix::fs::symlink("home", &linked).unwrap();
    let team = "[profile dev]\nregion = eu-west-1\n\n[profile new]\nregion = eu-west-1\n";
    let upstream = Upstream::of_team(&sandbox, team);
    let robo = || upstream.config(["--yes"]).env("HOME", &linked);
    robo().run().exits(0);
    assert_eq!(sandbox.read_config(), team);
    sandbox.write_config(TEAM);
    robo().run().exits(0);
    assert_eq!(sandbox.read_config(), TEAM, "what was deleted came back");
    assert_eq!(fs::read_dir(sandbox.state().join("bases")).unwrap().count(), 1);
}
