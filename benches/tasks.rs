//! The commands that a company shares: from typing to the task's own start.
//!
//! `cargo bench --bench tasks`. Three hundred tasks, a third of them with templates. Beside robo
//! stands the shell that the task is run by; and tj/robo, where `ROBO_BENCH_PEER` is its binary.
#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use std::path::PathBuf;
use std::process::{Command, Stdio};

use divan::Bencher;

const ROBO: &str = env!("CARGO_BIN_EXE_robo");

fn main() {
    divan::main();
}

/// A home with 300 tasks in `robo.yml`, and the same shared by an accepted dotfiles repo.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn set() -> Self {
        let stage = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let (home, upstream) = (stage.path("home"), stage.path("upstream"));
        let team = upstream.join("aws/teams");
        std::fs::create_dir_all(&team).expect("a folder");
        std::fs::create_dir_all(home.join("local")).expect("a folder");
        let put = |path: PathBuf, text: &str| {
            #[expect(clippy::disallowed_methods, reason = "nobody else reads it")]
            std::fs::write(path, text).expect("a file");
        };
        put(team.join("foundation.config"), "[profile dev]\nregion = eu-west-1\n");
        put(upstream.join("robo.yml"), &tasks("shared"));
        put(home.join("local/robo.yml"), &tasks("local"));
        put(home.join("local/blocks.yml"), &templates(&["echo {{ if .dns }}{{ .dns }}{{ end }}"]));
        put(
            home.join("local/mix.yml"),
            &templates(&[
                "echo {{ if .dns }}{{ .dns }}{{ else }}none{{ end }}",
                "echo {{- .hosts.prod -}} x",
                "echo {{ printf \"%s.%s\" .hosts.prod .dns }}",
            ]),
        );
        stage.git(&["init", "--quiet"]);
        stage.git(&["add", "--all"]);
        stage.git(&["commit", "--quiet", "--message", "first"]);
        let url = format!("file://{}", upstream.display());
        stage.run(stage.command(ROBO).args(["aws.config", "--yes", "--dotfiles", &url]));
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        #[expect(clippy::disallowed_methods, reason = "programs are found by the person's PATH")]
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", self.path("home"));
        command.env("SEGMENT_TEAM", "foundation").env("GIT_CONFIG_NOSYSTEM", "1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir(self.path("home/local"));
        command
    }

    fn git(&self, args: &[&str]) {
        let mut git = self.command("git");
        git.arg("-C").arg(self.path("upstream"));
        git.args(["-c", "user.name=bench", "-c", "user.email=bench@example.com"]).args(args);
        self.run(&mut git);
    }

    fn run(&self, command: &mut Command) {
        let status = command.status().expect("the program starts");
        assert!(status.success(), "{command:?}: {status}");
    }
}

fn tasks(prefix: &str) -> String {
    let mut text =
        String::from("variables:\n  hosts: {prod: bastion-prod, stage: bastion-stage}\n");
    text += "  dns: \"{{ .hosts.prod }}.example.com\"\n";
    for number in 0..300 {
        let command = if number % 3 == 0 { "echo {{ .hosts.prod }} {{ .dns }}" } else { "exit 0" };
        text += &format!(
            "{prefix}-{number}:\n  summary: what task {number} does for whoever types its name\n  \
             usage: \"[where] [how often]\"\n  command: {command}\n  examples:\n    \
             - description: The usual way\n      command: robo {prefix}-{number} here 3\n"
        );
    }
    text
}

/// 300 tasks whose commands are these, by turns.
fn templates(commands: &[&str]) -> String {
    let mut text = String::from("variables:\n  hosts: {prod: bastion-prod}\n  dns: 10.0.0.2\n");
    for (number, command) in commands.iter().cycle().take(300).enumerate() {
        text += &format!("t-{number}:\n  summary: what task {number} does\n  command: {command}\n");
    }
    text
}

/// What a command costs without robo.
#[divan::bench]
fn bare_shell(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command("sh").args(["-c", ":", "sh"])));
}

#[divan::bench]
fn run_local_task_of_300(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).arg("local-1")));
}

#[divan::bench]
fn run_named_task_of_300(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).args(["-c", "robo.yml", "local-0"])));
}

/// All commands are templates with a block.
#[divan::bench]
fn run_task_of_300_blocks(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).args(["-c", "blocks.yml", "t-0"])));
}

/// Blocks, trim marks and calls, a third each.
#[divan::bench]
fn run_task_of_300_mixed(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).args(["-c", "mix.yml", "t-2"])));
}

#[divan::bench]
fn run_shared_task_of_300_and_300(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(stage.command(ROBO).arg("shared-0")));
}

#[divan::bench]
fn list_300_and_300(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| stage.run(&mut stage.command(ROBO)));
}

#[divan::bench]
fn complete_300_and_300(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    bencher.bench_local(|| {
        let mut robo = stage.command(ROBO);
        robo.env("ROBO_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "1");
        stage.run(robo.args(["--", "robo", "local-2"]));
    });
}

/// The same by tj/robo, where it is at hand.
#[divan::bench]
fn peer_run_named_task_of_300(bencher: Bencher<'_, '_>) {
    let stage = Stage::set();
    #[expect(clippy::disallowed_methods, reason = "a benchmark is itself the outside world")]
    let Some(peer) = std::env::var("ROBO_BENCH_PEER").ok() else { return };
    bencher.bench_local(|| stage.run(stage.command(&peer).args(["-c", "robo.yml", "local-0"])));
}
