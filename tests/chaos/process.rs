//! A process of the plan: how it is started, and what may have come of it.

use std::path::PathBuf;

use nix::sys::signal::Signal;

use crate::common::{Office, Output, PASSWORD, Run, USER};
use crate::plan::{Command, Hazard, Kind, Round};

/// How every process is started.
pub(crate) struct Launcher<'a> {
    pub(crate) office: &'a Office,
    /// The upstream repo.
    pub(crate) url: String,
    /// Its work tree.
    pub(crate) work_tree: PathBuf,
    /// The folder with the git that tells when it starts.
    pub(crate) bin: PathBuf,
    /// A FIFO that each process, and whatever it starts, holds open as long as it lives.
    pub(crate) alive: PathBuf,
}

/// A process that has ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) number: usize,
    pub(crate) command: Command,
    pub(crate) output: Output,
    /// What was done to it.
    pub(crate) suffered: Suffered,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Suffered {
    pub(crate) signals: Vec<Signal>,
    /// Its git was killed.
    pub(crate) lost_git: bool,
    /// It ran while the disk was full.
    pub(crate) full_disk: bool,
}

impl Launcher<'_> {
    pub(crate) fn run(&self, command: Command) -> Run {
        let limit = command.limit.map_or_else(String::new, |limit| {
            let ignored = if limit.deadly { "" } else { "trap '' XFSZ; " };
            format!("ulimit -c 0; {ignored}ulimit -f {}; ", limit.blocks)
        });
        let script = format!("{limit}exec \"$@\" 9>>\"$0\"");
        let robo = env!("CARGO_BIN_EXE_robo");
        let alive = self.alive.to_str().unwrap();
        let run = self.office.sandbox.program("sh", ["-c", &script, alive, robo]);
        let path = std::env::var("PATH").unwrap_or_default();
        let run = self
            .office
            .inside(run)
            .env("PATH", format!("{}:{path}", self.bin.display()))
            .env("SEGMENT_TEAM", "foundation");
        self.with_args(command, run)
    }

    /// The account and its password, which need no config to be stored.
    pub(crate) fn adding(&self, run: Run) -> Run {
        let host = self.office.simulator.okta_host();
        run.args(["aws.add", "--domain", &host, "--username", USER, "--password-stdin"])
            .arg("--no-verify")
            .stdin(PASSWORD)
    }

    fn with_args(&self, command: Command, run: Run) -> Run {
        let profile = command.profile;
        let config = |run: Run, args: &[&str]| {
            run.args(["aws.config", "--dotfiles", self.url.as_str()]).args(args)
        };
        match command.kind {
            Kind::Exec => {
                run.args(["aws.exec", profile, "--", "printenv", "AWS_OKTA_ASSUMED_ROLE_ARN"])
            }
            Kind::Credentials => run.args(["aws.credentials", profile]),
            Kind::Uncached => run.args(["aws.credentials", profile, "--no-cache"]),
            Kind::Env => run.args(["aws.env", profile, "--format", "json"]),
            Kind::Login => run.args(["aws.login", profile, "--stdout"]),
            Kind::Explain => run.args(["aws.explain", profile, "--json"]),
            Kind::Logout => run.arg("aws.logout"),
            Kind::Add => self.adding(run),
            Kind::Config => config(run, &["--yes"]),
            Kind::ConfigOffline => config(run, &["--yes", "--offline"]),
            Kind::ConfigCheck => config(run, &["--check"]),
            Kind::ConfigDryRun => config(run, &["--dry-run"]),
            Kind::List => run.args(["aws.list", "--json"]),
            Kind::Backups => run.arg("aws.restore"),
            Kind::Doctor => run.arg("aws.doctor"),
            Kind::Task => run.arg("hello"),
            Kind::Tasks => run,
            Kind::Lint => run.arg("dotfiles.lint").arg(&self.work_tree),
            Kind::Completion => run
                .args(["--", "robo", "aws.exec", ""])
                .env("ROBO_COMPLETE", "bash")
                .env("_CLAP_COMPLETE_INDEX", "2")
                .env("_CLAP_IFS", "\n")
                .env("_CLAP_COMPLETE_COMP_TYPE", "9")
                .env("_CLAP_COMPLETE_SPACE", "false"),
        }
    }
}

/// What was as it should be throughout a round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calm {
    /// The team's config had been applied before.
    pub(crate) usable: bool,
    /// Upstream had no mistake.
    pub(crate) fine: bool,
    /// No administrator ended a session that somebody was just beginning.
    pub(crate) signed_in: bool,
}

impl End {
    /// Whether it was killed, or told to stop.
    pub(crate) fn was_stopped(&self) -> bool {
        !self.suffered.signals.is_empty() || self.output.status == XFSZ
    }

    /// Fails the test unless it ended as such a process may in such a round. `calm` says what could
    /// not have disturbed it.
    pub(crate) fn check(&self, round: &Round, calm: Calm) {
        let status = self.output.status;
        let killed = self.suffered.signals.iter().any(|signal| status == 128 + *signal as i32);
        let at_limit = status == XFSZ && self.command.limit.is_some_and(|limit| limit.deadly);
        let asked = status == 130 && !self.suffered.signals.is_empty();
        let documented = matches!(status, 0..=7 | 125);
        assert!(killed || at_limit || asked || documented, "a strange end: {self:#?}");
        let undisturbed = !self.was_stopped()
            && self.command.limit.is_none()
            && !self.suffered.lost_git
            && !self.suffered.full_disk;
        if undisturbed {
            let may = self.statuses(round, calm);
            assert!(may.is_empty() || may.contains(&status), "not one of {may:?}: {self:#?}");
        }
        self.check_stdout();
        assert!(!self.output.stderr.contains("panicked"), "{self:#?}");
    }

    /// How it ends if nothing was done to it; empty if that cannot be said.
    fn statuses(&self, round: &Round, calm: Calm) -> &'static [i32] {
        let network = round.has(Hazard::Network);
        match self.command.kind {
            kind if kind.signs_in() && calm.usable && calm.signed_in && !network => &[0],
            Kind::Config | Kind::ConfigDryRun if calm.fine => &[0],
            Kind::ConfigCheck if calm.fine => &[0, 3],
            Kind::ConfigOffline if calm.fine && calm.usable => &[0],
            Kind::List | Kind::Backups | Kind::Tasks | Kind::Completion => &[0],
            Kind::Logout if calm.usable => &[0],
            Kind::Task | Kind::Explain if calm.usable => &[0],
            Kind::Add if calm.usable => &[0],
            _ => &[],
        }
    }

    /// What a program would read is whole: nothing if it failed. Who was stopped may have been at
    /// its end already.
    fn check_stdout(&self) {
        let Output { status, stdout, .. } = &self.output;
        let is_whole = match self.command.kind {
            kind if !kind.has_product() => true,
            _ if *status == 0 => self.is_product(stdout),
            _ if self.was_stopped() => stdout.is_empty() || self.is_product(stdout),
            _ => stdout.is_empty(),
        };
        assert!(is_whole, "a strange output: {self:#?}");
    }

    fn is_product(&self, stdout: &str) -> bool {
        let json = || serde_json::from_str::<serde_json::Value>(stdout);
        let role = match self.command.profile {
            "okta-hub" => "arn:aws:iam::111111111111:role/okta-hub",
            "dev" => "arn:aws:iam::222222222222:role/dev",
            "prod" => "arn:aws:iam::333333333333:role/prod",
            _ => "arn:aws:iam::444444444444:role/data/reader",
        };
        match self.command.kind {
            Kind::Exec => *stdout == format!("{role}\n"),
            Kind::Credentials | Kind::Uncached => {
                json().is_ok_and(|json| json["Version"] == 1 && json["SecretAccessKey"].is_string())
            }
            Kind::Login => stdout.starts_with("http") && stdout.ends_with('\n'),
            Kind::Task => stdout
                .strip_prefix("hello v")
                .and_then(|rest| rest.strip_suffix('\n'))
                .is_some_and(|version| version.parse::<u32>().is_ok()),
            _ => json().is_ok(),
        }
    }
}

/// The end of who was killed at a limit of its files' size: 128 and SIGXFSZ.
pub(crate) const XFSZ: i32 = 128 + Signal::SIGXFSZ as i32;
