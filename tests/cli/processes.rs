//! Several robos at once, and robos that are stopped in the middle.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Child;

use crate::common::{MINE, Output, Run, Sandbox, TEAM, Upstream};

#[test]
fn of_twenty_robos_at_once_one_writes_and_none_fails() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let children: Vec<Child> =
        (0..20).map(|_| upstream.config(["--yes", "--json"]).spawn()).collect();
    let outputs: Vec<Output> = children
        .into_iter()
        .map(|child| Output::new(&child.wait_with_output().unwrap()).exits(0))
        .collect();
    let writers = outputs.iter().filter(|output| output.json()["written"] == true);
    assert_eq!(writers.count(), 1);
    for output in outputs {
        output.never_says("warning").never_says("error");
    }
    assert_eq!(sandbox.read_config(), format!("{MINE}\n{TEAM}"));
    assert_eq!(sandbox.backups().len(), 1);
    upstream.config(["--check"]).run().exits(0);
}

/// Their backups all come to one folder, in the same second.
#[test]
fn robos_that_write_different_files_keep_a_backup_of_each() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let files: Vec<(PathBuf, String)> = (0..8)
        .map(|number| (sandbox.path(format!("config-{number}")), format!("{MINE}# {number}\n")))
        .collect();
    for (path, content) in &files {
        fs::write(path, content).unwrap();
    }
    let children: Vec<Child> = files
        .iter()
        .map(|(path, _)| upstream.config(["--yes"]).env("AWS_CONFIG_FILE", path).spawn())
        .collect();
    for child in children {
        Output::new(&child.wait_with_output().unwrap()).exits(0).never_says("warning");
    }
    let mut kept: Vec<String> =
        sandbox.backups().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    kept.sort();
    assert_eq!(kept, files.iter().map(|(_, content)| content.clone()).collect::<Vec<_>>());
}

/// A person who stops at the question finds everything as it was.
#[test]
fn ctrl_c_at_the_question_is_130_and_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let upstream = Upstream::applied(&sandbox, TEAM);
    upstream.push("[profile dev]\nregion = eu-west-2\n");
    let before = sandbox.own_files();
    let mut pty = upstream.config([""; 0]).pty();
    pty.expect("Write ~/.aws/config? [Y/n]").send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    assert_eq!(sandbox.own_files(), before);
    upstream.config(["--yes"]).run().exits(0);
    assert!(sandbox.read_config().ends_with("region = eu-west-2\n"));
}

/// An upstream that is reached by an ssh of the test's own. Where `SSH_WAITS` is set it tells
/// through one FIFO that it runs, and goes on only when somebody writes to the other.
struct BySsh<'a> {
    sandbox: &'a Sandbox,
    upstream: Upstream<'a>,
    ssh: PathBuf,
}

impl<'a> BySsh<'a> {
    fn new(sandbox: &'a Sandbox) -> Self {
        let (started, go_on) = (sandbox.root().join("started"), sandbox.root().join("go-on"));
        for fifo in [&started, &go_on] {
            sandbox.program("mkfifo", [fifo]).run().exits(0);
        }
        let ssh = sandbox.root().join("fake-ssh");
        let script = format!(
            "#!/bin/sh\nif test -n \"$SSH_WAITS\"; then\n  echo $PPID >'{}'\n  read word <'{}'\nfi\n\
             shift\nexec sh -c \"$*\"\n",
            started.display(),
            go_on.display()
        );
        fs::write(&ssh, script).unwrap();
        fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
        Self { sandbox, upstream: Upstream::of_team(sandbox, TEAM), ssh }
    }

    fn robo(&self) -> Run {
        let url = format!("ssh://git.test{}", self.upstream.path().display());
        self.sandbox
            .robo(["aws.config", "--yes", "--dotfiles", &url])
            .env("SEGMENT_TEAM", "foundation")
            .env("GIT_SSH_COMMAND", &self.ssh)
            .env("GIT_SSH_VARIANT", "simple")
    }

    /// A robo whose git hangs in the network, and the id of that git.
    fn fetching(&self) -> (Child, String) {
        let robo = self.robo().env("SSH_WAITS", "1").spawn();
        (robo, self.started())
    }

    /// Waits until ssh runs, and gives the id of its git.
    fn started(&self) -> String {
        let mut git = String::new();
        // Opening a FIFO waits for the other side.
        fs::File::open(self.sandbox.root().join("started"))
            .unwrap()
            .read_to_string(&mut git)
            .unwrap();
        git.trim().to_owned()
    }

    fn let_ssh_go_on(&self) {
        let path = self.sandbox.root().join("go-on");
        fs::OpenOptions::new().write(true).open(path).unwrap().write_all(b"go\n").unwrap();
    }

    fn kill(&self, process: &str) {
        self.sandbox.program("kill", ["-KILL", process]).run().exits(0);
    }
}

/// Nothing but the clone and robo's own lock files came of a run that was killed.
#[track_caller]
fn untouched(sandbox: &Sandbox) {
    assert_eq!(sandbox.own_files(), [(sandbox.config_path(), MINE.into())]);
}

#[test]
fn a_git_that_outlives_a_killed_robo_is_waited_for() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let by_ssh = BySsh::new(&sandbox);
    let (mut killed, _) = by_ssh.fetching();
    killed.kill().unwrap();
    killed.wait().unwrap();
    untouched(&sandbox);

    let mut next = by_ssh.robo().spawn();
    let mut said = BufReader::new(next.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "Waiting for another robo to finish fetching …\n");
    untouched(&sandbox);
    by_ssh.let_ssh_go_on();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    let status = next.wait().unwrap();
    assert!(status.success(), "{rest}");
    assert!(!rest.contains("warning") && rest.contains("Wrote ~/.aws/config."), "{rest}");
    assert_eq!(sandbox.read_config(), format!("{MINE}\n{TEAM}"));
}

#[test]
fn what_a_killed_robo_and_a_killed_git_leave_behind_stops_nobody() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let by_ssh = BySsh::new(&sandbox);
    let (mut killed, git) = by_ssh.fetching();
    killed.kill().unwrap();
    killed.wait().unwrap();
    by_ssh.kill(&git);
    // Where git had come further it would have left these.
    let clone = clone_of(&sandbox);
    for name in ["shallow.lock", "config.lock", "HEAD.lock", "objects/pack/tmp_pack_x"] {
        let path = clone.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    untouched(&sandbox);
    // Its ssh is still there, holding no lock.
    let output = by_ssh.robo().run().exits(0);
    output.never_says("warning").never_says("Waiting").says("Wrote ~/.aws/config.");
    assert_eq!(sandbox.read_config(), format!("{MINE}\n{TEAM}"));
    by_ssh.let_ssh_go_on();
}

#[test]
fn ctrl_c_while_git_fetches_stops_both() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let by_ssh = BySsh::new(&sandbox);
    let mut pty = by_ssh.robo().env("SSH_WAITS", "1").pty();
    by_ssh.started();
    pty.send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    untouched(&sandbox);
    let output = by_ssh.robo().run().exits(0);
    output.never_says("warning").says("Wrote ~/.aws/config.");
}

fn clone_of(sandbox: &Sandbox) -> PathBuf {
    let of_linux = sandbox.path(".local/share/robo/dotfiles.git");
    let of_macos = sandbox.state().join("dotfiles.git");
    [of_linux, of_macos].into_iter().find(|path| path.is_dir()).unwrap()
}

#[test]
fn what_a_robo_killed_while_it_wrote_leaves_behind_is_cleared() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    sandbox.write(".aws/.config.robo-new", "[profile de");
    upstream.config(["--yes"]).run().exits(0).never_says("warning");
    assert_eq!(sandbox.read_config(), format!("{MINE}\n{TEAM}"));
    assert!(!sandbox.path(".aws/.config.robo-new").exists());
    // Where there is nothing to write, too.
    sandbox.write(".aws/.config.robo-new", "[profile de");
    upstream.config(["--yes"]).run().exits(0).says("up to date");
    assert!(!sandbox.path(".aws/.config.robo-new").exists());
}

/// Runs robo with stdout and stderr into pipes whose readers are gone.
fn into_closed_pipes(sandbox: &Sandbox, args: &[&str]) -> Output {
    let script = "
        rm -f pipe && mkfifo pipe && exec 3<>pipe 1>pipe 2>pipe 3<&- && rm pipe && exec \"$@\"
    ";
    let robo = env!("CARGO_BIN_EXE_robo");
    let words = ["-c", script, "sh", robo].into_iter().chain(args.iter().copied());
    sandbox.program("sh", words).env("SEGMENT_TEAM", "foundation").folder(sandbox.root()).run()
}

#[test]
fn output_into_a_closed_pipe_stops_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let url = upstream.url();
    for args in [
        &["aws.config", "--yes", "--json", "--dotfiles", &url][..],
        &["aws.list"],
        &["aws.list", "--json"],
        &["aws.restore"],
        &["--help"],
        &["--completions", "bash"],
        &[],
    ] {
        assert_eq!(into_closed_pipes(&sandbox, args).status, 0, "{args:?}");
    }
    assert_eq!(sandbox.read_config(), format!("{MINE}\n{TEAM}"));
    assert_eq!(into_closed_pipes(&sandbox, &["aws.restore", "nope"]).status, 1);
}

/// `/dev/full` fails every write as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_product_that_cannot_be_written_is_a_failure() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let robo = env!("CARGO_BIN_EXE_robo");
    for args in ["aws.list --json", "aws.list", "--completions bash"] {
        let script = format!("exec \"$1\" {args} >/dev/full");
        let output = sandbox.program("sh", ["-c", &script, "sh", robo]).run().exits(1);
        let want =
            "error: cannot write to stdout\n  cause: No space left on device (os error 28)\n";
        output.says(want);
    }
    assert!(Path::new("/dev/full").exists());
}
