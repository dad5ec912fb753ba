//! Whole processes: start-up, and a fetch when nothing has changed.
//!
//! `cargo bench --bench process`. Beside robo stands what cannot be undercut: a process that does
//! nothing, and git's own fetch of the same repo.
#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]
#![expect(clippy::disallowed_methods, reason = "a benchmark sets up the outside world")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use divan::Bencher;

const ROBO: &str = env!("CARGO_BIN_EXE_robo");

fn main() {
    divan::main();
}

/// A home, and an upstream repo with the sample of the company acme.
struct Stage {
    _folder: tempfile::TempDir,
    home: PathBuf,
    upstream: PathBuf,
}

impl Stage {
    fn set() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (home, upstream) = (folder.path().join("home"), folder.path().join("upstream"));
        std::fs::create_dir(&home).expect("a home");
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles");
        let stage = Self { _folder: folder, home, upstream };
        stage.run(stage.command("cp").arg("-r").arg(sample).arg(&stage.upstream));
        stage.run(stage.git().args(["init", "--quiet"]));
        stage.run(stage.git().args(["add", "--all"]));
        stage.run(stage.git().args(["commit", "--quiet", "--message", "first"]));
        stage.run(stage.command(ROBO).args(["aws.config", "--yes", "--dotfiles"]).arg(stage.url()));
        stage
    }

    fn url(&self) -> String {
        format!("file://{}", self.upstream.display())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", &self.home);
        command.env("SEGMENT_TEAM", "foundation").env("GIT_CONFIG_NOSYSTEM", "1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn git(&self) -> Command {
        let mut git = self.command("git");
        git.arg("-C").arg(&self.upstream);
        git.args(["-c", "user.name=bench", "-c", "user.email=bench@example.com"]);
        git
    }

    fn run(&self, command: &mut Command) {
        let status = command.status().expect("the program starts");
        assert!(status.success(), "{command:?}: {status}");
    }
}

/// A process that does nothing.
#[divan::bench]
fn start_true(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(&mut stage.command("true")));
}

#[divan::bench]
fn start_robo_version(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).arg("--version")));
}

#[divan::bench]
fn start_robo_completion(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| {
        let mut robo = stage.command(ROBO);
        robo.env("ROBO_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "1");
        stage.run(robo.args(["--", "robo", "aws."]));
    });
}

/// Reading the config and the base.
#[divan::bench]
fn list(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).arg("aws.list")));
}

/// What git itself takes to find that nothing has changed.
#[divan::bench]
fn unchanged_git_fetch(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    let clone = stage.home.join(".local/share/robo/dotfiles.git");
    bencher.bench_local(|| {
        let mut git = stage.command("git");
        git.arg("--git-dir").arg(&clone).args(["fetch", "--quiet", "--depth=1"]);
        stage.run(git.arg(stage.url()).arg("+HEAD:refs/bench/head"));
    });
}

/// The whole of `aws.config` when nothing has changed: fetch, merge, nothing to write.
#[divan::bench]
fn unchanged_robo_aws_config(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).arg("aws.config")));
}

/// The same without the network.
#[divan::bench]
fn unchanged_robo_aws_config_offline(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).args(["aws.config", "--offline"])));
}

/// The stage with its last commit signed, and the signer pinned. Gives the file of signers, too.
fn signed() -> (Stage, PathBuf) {
    let stage = Stage::set();
    let key = stage.home.join("key");
    stage.run(stage.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key));
    let mut git = stage.git();
    git.args(["-c", "gpg.format=ssh", "-c"]).arg(format!("user.signingKey={}", key.display()));
    stage.run(git.args(["commit", "--quiet", "--amend", "--no-edit", "--gpg-sign"]));
    let public = std::fs::read_to_string(key.with_extension("pub")).expect("a public key");
    let signers = stage.home.join("signers");
    std::fs::write(&signers, format!("bench@example.com {public}")).expect("a disk");
    let mut robo = stage.command(ROBO);
    stage.run(robo.args(["aws.config", "--yes", "--trust", "--signers"]).arg(&signers));
    (stage, signers)
}

/// What git and ssh-keygen take to check one signature.
#[divan::bench]
fn signed_git_verify_commit(bencher: Bencher<'_, '_>) {
    let (stage, signers) = signed();
    let signers = format!("gpg.ssh.allowedSignersFile={}", signers.display());
    bencher.bench_local(|| {
        stage.run(stage.git().args(["-c", &signers, "verify-commit", "HEAD"]));
    });
}

/// `aws.config` when nothing has changed, without the network, where commits are signed.
#[divan::bench]
fn signed_robo_aws_config_offline(bencher: Bencher<'_, '_>) {
    let (stage, _) = signed();
    bencher.bench_local(|| stage.run(stage.command(ROBO).args(["aws.config", "--offline"])));
}
