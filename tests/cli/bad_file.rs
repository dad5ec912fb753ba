//! What can be wrong with the person's own file: where robo cannot go on, it says so and leaves
//! the file alone; where it can, it does, and says what it left alone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::common::{MINE, Run, Sandbox, TEAM, Upstream};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// What the first run with [`TEAM`] says before it comes to write.
fn first_run(sandbox: &Sandbox) -> String {
    let header = "foundation · <sandbox>/acme/dotfiles @ <commit> \"change the team's config\" \
                  (acme-platform, <ago>)\n";
    let trusted = "[trust]\ndotfiles = \"URL\"\n";
    let url = format!("file://{}/acme/dotfiles", sandbox.root().display());
    sandbox.write("robo-settings/robo/settings.toml", trusted.replace("URL", &url));
    header.to_owned()
}

/// A run of an engineer who trusts the repo already.
fn trusting(sandbox: &Sandbox, run: Run) -> Run {
    run.env("XDG_CONFIG_HOME", sandbox.path("robo-settings"))
}

const DIFF: &str = "\n--- ~/.aws/config\n+++ ~/.aws/config\n\
                    @@ -1,3 +1,6 @@\n # mine\n [profile mine]\n region = us-east-1\n\
                    +\n+[profile dev]\n+region = eu-west-1\n\
                    1 section added, 0 changed, 0 removed; 1 of yours untouched.\n";

#[test]
fn a_folder_in_the_file_s_place_is_told_before_anything_is_fetched() {
    let sandbox = Sandbox::new();
    sandbox.write(".aws/config/x", "");
    let upstream = Upstream::of_team(&sandbox, TEAM);
    sandbox.refused(
        upstream.config(["--yes"]),
        1,
        "error: ~/.aws/config is a folder, not a file\n\
         \x20 hint: move it away ('mv ~/.aws/config ~/.aws/config.old'), then try again\n",
    );
    assert!(!sandbox.path(".local").exists(), "nothing was fetched");
}

#[test]
fn a_file_in_the_folder_s_place_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write(".aws", "not a folder");
    let upstream = Upstream::of_team(&sandbox, TEAM);
    for run in [upstream.config(["--yes"]), sandbox.robo(["aws.list"])] {
        sandbox.refused(
            run,
            1,
            "error: ~/.aws/config cannot be read\n  cause: Not a directory (os error 20)\n  \
             hint: <home>/.aws has to be a folder: move that file away \
             ('mv <home>/.aws <home>/.aws.old')\n",
        );
    }
}

#[test]
fn links_that_lead_in_a_circle_are_told() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path(".aws")).unwrap();
    std::os::unix::fs::symlink("config", sandbox.config_path()).unwrap();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    sandbox.refused(
        upstream.config(["--yes"]),
        1,
        "error: <home>/.aws/config: symbolic links lead in a circle\n  \
         hint: remove one of them ('rm <home>/.aws/config'), then try again\n",
    );
}

#[test]
fn what_is_no_ordinary_file_or_far_too_large_is_told() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    sandbox.refused(
        upstream.config(["--yes"]).env("AWS_CONFIG_FILE", "/dev/null"),
        1,
        "error: /dev/null is not an ordinary file\n  hint: unset AWS_CONFIG_FILE\n",
    );
    let large = fs::File::create(sandbox.path("large")).unwrap();
    large.set_len(100 << 20).unwrap();
    let output = upstream.config(["--yes"]).env("AWS_CONFIG_FILE", "large").run().exits(1);
    output
        .says("error: ~/large has 104857600 bytes: that is no AWS config\n")
        .says("  hint: move it away ('mv ~/large ~/large.old'), then try again\n");
}

#[test]
fn a_file_that_nobody_may_read_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    mode(&sandbox.config_path(), 0o000);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let output = upstream.config(["--yes"]).run().exits(1);
    assert_eq!(
        output.stderr,
        "error: ~/.aws/config cannot be read by anybody\n  hint: chmod u+r ~/.aws/config\n"
    );
    assert_eq!(fs::metadata(sandbox.config_path()).unwrap().permissions().mode() & 0o777, 0);
    mode(&sandbox.config_path(), 0o600);
    assert_eq!(sandbox.read_config(), MINE);
}

#[test]
fn a_read_only_file_is_told_and_stays() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    mode(&sandbox.config_path(), 0o400);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let said = first_run(&sandbox) + DIFF;
    sandbox.refused(
        trusting(&sandbox, upstream.config(["--yes"])),
        1,
        &(said
            + "error: ~/.aws/config is read-only\n\
               \x20 hint: chmod u+w ~/.aws/config lets robo write it\n"),
    );
    // Looking at it is fine.
    trusting(&sandbox, upstream.config(["--check"])).run().exits(3);
}

#[test]
fn a_read_only_folder_is_told_and_the_file_stays() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    mode(&sandbox.path(".aws"), 0o500);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let said = first_run(&sandbox) + DIFF;
    sandbox.refused(
        trusting(&sandbox, upstream.config(["--yes"])),
        1,
        &(said
            + "error: ~/.aws/config is in a read-only folder\n\
               \x20 hint: chmod u+w <home>/.aws lets robo write there\n"),
    );
    mode(&sandbox.path(".aws"), 0o700);
}

/// Whoever may not give the new file the old one's group must not give its rights to their own.
#[cfg(target_os = "linux")]
#[test]
fn a_group_that_cannot_be_kept_costs_the_group_s_rights() {
    use std::os::unix::fs::MetadataExt as _;
    let access = |without: &str| {
        let sandbox = Sandbox::new();
        sandbox.write_config(MINE);
        let config = sandbox.config_path();
        // Only root can make such a file.
        std::os::unix::fs::chown(&config, None, Some(5678)).ok()?;
        mode(&config, 0o640);
        let upstream = Upstream::of_team(&sandbox, TEAM);
        let (robo, url) = (env!("CARGO_BIN_EXE_robo"), upstream.url());
        let drop = format!("--bounding-set=-{without}");
        let words = [&drop, "--", robo, "aws.config", "--yes", "--dotfiles", &url];
        let run = sandbox.program("setpriv", words).env("SEGMENT_TEAM", "foundation");
        run.run().exits(0).says("Wrote ~/.aws/config.");
        let metadata = fs::metadata(config).unwrap();
        Some((metadata.gid(), metadata.mode() & 0o777))
    };
    let own = fs::metadata(Sandbox::new().home()).unwrap().gid();
    assert!(access("sys_boot").is_none_or(|access| access == (5678, 0o640)));
    assert!(access("chown").is_none_or(|access| access == (own, 0o600)));
}

/// robo in a shell that lets no file grow beyond `blocks` of 512 bytes: as on a disk that fills
/// up, a write fails in the middle. It works for root as well, and needs no mount.
fn on_a_full_disk(sandbox: &Sandbox, upstream: &Upstream<'_>, blocks: usize) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let robo = env!("CARGO_BIN_EXE_robo");
    let url = upstream.url();
    let args = ["-c", &script, "sh", robo, "aws.config", "--yes", "--dotfiles", &url];
    trusting(sandbox, sandbox.program("sh", args).env("SEGMENT_TEAM", "foundation"))
}

#[test]
fn a_disk_too_full_for_the_backup_stops_before_the_file() {
    let sandbox = Sandbox::new();
    let mine = MINE.to_owned() + &"# a long comment of mine\n".repeat(400);
    sandbox.write_config(&mine);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    first_run(&sandbox);
    let output = on_a_full_disk(&sandbox, &upstream, 10).run().exits(1);
    let output = output.says("/backups/config-").says("writing beside it failed\n  cause: ");
    output.says("  hint: ");
    assert_eq!(sandbox.read_config(), mine);
    assert_eq!(sandbox.backups(), [] as [&Path; 0]);
    no_leftovers(&sandbox);
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(sandbox.backups().len(), 1);
}

#[test]
fn a_disk_too_full_for_the_file_leaves_it_whole() {
    let sandbox = Sandbox::new();
    let mine = MINE.to_owned() + &"# a comment of mine\n".repeat(200);
    sandbox.write_config(&mine);
    let team = format!("[profile dev]\n{}region = x\n", "# a comment of ours\n".repeat(200));
    let upstream = Upstream::of_team(&sandbox, &team);
    first_run(&sandbox);
    let output = on_a_full_disk(&sandbox, &upstream, 12).run().exits(1);
    output
        .says(
            "error: cannot write <home>/.aws/config: writing beside it failed\n"
                .replace("<home>", &sandbox.home().to_string_lossy())
                .as_str(),
        )
        .says("  hint: ");
    assert_eq!(sandbox.read_config(), mine);
    no_leftovers(&sandbox);
    // Nothing was taken for applied: with room again the whole change is there.
    upstream.config(["--yes"]).run().exits(0).says("1 section added");
    assert!(sandbox.read_config().starts_with(&mine));
}

fn no_leftovers(sandbox: &Sandbox) {
    let files = sandbox.files();
    let leftover = files.iter().find(|(path, _)| path.to_string_lossy().ends_with(".robo-new"));
    assert_eq!(leftover, None);
}

#[test]
fn a_file_that_changes_while_robo_asks_is_not_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    first_run(&sandbox);
    let mut pty = trusting(&sandbox, upstream.config([""; 0])).pty();
    pty.expect("Write ~/.aws/config? [Y/n]");
    let edited = format!("{MINE}output = json\n");
    sandbox.write_config(&edited);
    pty.send_line("y");
    let (status, screen) = pty.wait();
    assert_eq!(status, 1, "{screen}");
    assert!(
        screen.ends_with(
            "error: ~/.aws/config changed while you were answering; nothing was written\n  \
             hint: run it again to see what would change now\n"
        ),
        "{screen}"
    );
    assert_eq!(sandbox.read_config(), edited);
    assert_eq!(sandbox.backups(), [] as [&Path; 0]);
}

/// robo adds the team's section to the file, whose own bytes all survive.
#[track_caller]
fn goes_on(mine: &[u8], added: &[u8]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write_config(mine);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.config(["--yes"]).run().exits(0);
    let want = [mine, added].concat();
    assert_eq!(sandbox.read(".aws/config"), want, "{:?}", String::from_utf8_lossy(&want));
    let backup = sandbox.backups().pop().unwrap();
    assert_eq!(fs::read(backup).unwrap(), mine);
    upstream.config(["--check"]).run().exits(0);
    sandbox
}

#[test]
fn bytes_that_are_not_utf_8_survive() {
    goes_on(
        b"# \xff\xfe caf\xe9\n[profile mine]\nx = \x80\n",
        b"\n[profile dev]\nregion = eu-west-1\n",
    );
}

#[test]
fn a_byte_order_mark_survives() {
    goes_on("\u{feff}[profile mine]\nx = 1\n".as_bytes(), b"\n[profile dev]\nregion = eu-west-1\n");
}

#[test]
fn crlf_line_ends_survive_and_new_lines_have_them_too() {
    goes_on(b"[profile mine]\r\nx = 1\r\n", b"\r\n[profile dev]\r\nregion = eu-west-1\r\n");
}

#[test]
fn a_lone_cr_survives() {
    goes_on(b"[profile mine]\nx = 1\n# a\rb\n", b"\n[profile dev]\nregion = eu-west-1\n");
}

#[test]
fn a_file_without_a_last_line_end_is_added_to() {
    goes_on(b"[profile mine]\nx = 1", b"\n\n[profile dev]\nregion = eu-west-1\n");
}

/// robo leaves the section `dev` alone, says where, and goes on with the rest.
#[track_caller]
fn leaves_alone(mine: &str, warning: &str) {
    let sandbox = Sandbox::new();
    sandbox.write_config(mine);
    let team = "[profile dev]\nregion = eu-west-1\n\n[profile new]\nregion = eu-west-1\n";
    let upstream = Upstream::of_team(&sandbox, team);
    upstream.config(["--yes"]).run().exits(0).says(warning);
    let want = format!("{mine}\n[profile new]\nregion = eu-west-1\n");
    assert_eq!(sandbox.read_config(), want);
    upstream.config(["--yes"]).run().exits(0).says("~/.aws/config is up to date.\n").says(warning);
}

#[test]
fn a_section_that_is_there_twice_is_left_alone() {
    leaves_alone(
        "[profile dev]\nx = 1\n[profile dev]\ny = 2\n",
        "warning: ~/.aws/config:3: section [profile dev] again, after line 1; [profile dev] is \
         left alone until you mend it\n",
    );
}

#[test]
fn a_section_with_a_key_twice_is_left_alone() {
    leaves_alone(
        "[profile dev]\nx = 1\nX = 2\n",
        "warning: ~/.aws/config:3: a key that line 2 has already; [profile dev] is left alone \
         until you mend it\n",
    );
}

#[test]
fn a_section_with_a_line_that_no_sdk_reads_is_left_alone() {
    leaves_alone(
        "[profile dev]\nwhat is this\n",
        "warning: ~/.aws/config:2: a line without '='; [profile dev] is left alone until you mend \
         it\n",
    );
}
