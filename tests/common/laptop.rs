//! What most end-to-end tests begin with, and what they all look at in the end.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Output, Run, Sandbox, Upstream};

/// A team's config, small enough to see all of what becomes of it.
pub(crate) const TEAM: &str = "[profile dev]\nregion = eu-west-1\n";

/// What a person had before.
pub(crate) const MINE: &str = "# mine\n[profile mine]\nregion = us-east-1\n";

/// Where the team's file is.
const TEAM_FILE: &str = "aws/teams/foundation.config";

impl<'a> Upstream<'a> {
    /// A repo of the team foundation, whose config is `config`; nothing else is in it.
    pub(crate) fn of_team(sandbox: &'a Sandbox, config: &str) -> Self {
        let upstream = Self::new(sandbox);
        upstream.push(config);
        upstream
    }

    /// As [`Upstream::of_team`], applied to the sandbox's home already.
    #[track_caller]
    pub(crate) fn applied(sandbox: &'a Sandbox, config: &str) -> Self {
        let upstream = Self::of_team(sandbox, config);
        upstream.config(["--yes"]).run().exits(0);
        upstream
    }

    /// Commits `config` as the team's. Returns the commit's id.
    #[track_caller]
    pub(crate) fn push(&self, config: &str) -> String {
        self.commit("change the team's config", [(TEAM_FILE, config)])
    }

    /// `robo aws.config` from this repo, as an engineer of the team foundation.
    pub(crate) fn config<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        let own = ["aws.config".to_owned(), "--dotfiles".to_owned(), self.url()];
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned());
        self.sandbox().robo(own.into_iter().chain(args)).env("SEGMENT_TEAM", "foundation")
    }
}

impl Sandbox {
    /// [`Sandbox::files`] less what a run may always change: the clone and the locks.
    pub(crate) fn own_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = self.files();
        files.retain(|(path, _)| {
            path.components().all(|part| part.as_os_str() != "dotfiles.git")
                && path.extension().is_none_or(|extension| extension != "lock")
        });
        files
    }

    /// Runs it and checks that it ends with `status`, says `stderr` (as [`Sandbox::redact`] has
    /// it) and nothing else, prints nothing, and leaves every file of the home as it was.
    #[track_caller]
    pub(crate) fn refused(&self, run: Run, status: i32, stderr: &str) -> Output {
        let before = self.own_files();
        let output = run.run().exits(status);
        assert_eq!(self.redact(&output.stderr), stderr);
        assert_eq!(output.stdout, "");
        assert_eq!(self.own_files(), before);
        output
    }

    /// robo without root's right to read and write what file modes forbid: CI runs as root.
    pub(crate) fn robo_as_a_plain_user<const N: usize>(&self, args: [&str; N]) -> Run {
        let root = self.program("id", ["-u"]).run().stdout == "0\n";
        if !root {
            return self.robo(args);
        }
        let robo = OsString::from(env!("CARGO_BIN_EXE_robo"));
        let drop = OsString::from("--bounding-set=-dac_override,-dac_read_search");
        let words = [drop, "--".into(), robo].into_iter();
        self.program("setpriv", words.chain(args.into_iter().map(OsString::from)))
    }
}

impl Output {
    /// Fails the test, showing everything, unless stderr holds `text`.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in\n{self}");
        self
    }

    /// Fails the test, showing everything, if either stream holds `text`.
    #[track_caller]
    pub(crate) fn never_says(self, text: &str) -> Self {
        let said = self.stderr.contains(text) || self.stdout.contains(text);
        assert!(!said, "{text:?} is in\n{self}");
        self
    }
}
