//! Which commit comes after which, and whom the signers have handed over to.

use std::path::Path;
use std::process::Stdio;

use git2::Oid;

use super::signature::{Refusal, Signature, verify};
use super::signers::{LARGEST, Signers};
use crate::dotfiles::files::RepoFiles;
use crate::dotfiles::git;
use crate::dotfiles::manifest::{FILE, Manifest, Trust};
use crate::dotfiles::snapshot::{Flaw, Snapshot};
use crate::dotfiles::source::Source;
use crate::error::{Error, Result};
use crate::sys::env::Env;
use crate::sys::text::{count, plain};

/// The signers that the repo itself names in its manifest, if it does.
///
/// # Errors
/// When the files that it names are not there, too large, or hold no signers.
pub fn named(files: &dyn RepoFiles, trust: &Trust) -> Result<Option<Signers>> {
    let Some(path) = &trust.signers else { return Ok(None) };
    let read = |path: &str| {
        let missing = || {
            Error::failed(format!(
                "{FILE} of {} names {}, and there is none",
                files.place(),
                plain(path)
            ))
        };
        let file = files.file(path)?.ok_or_else(missing)?;
        if file.bytes.len() as u64 > LARGEST {
            return Err(Error::failed(format!(
                "{} of {} has {}, and {LARGEST} (1 MiB) is the most",
                plain(path),
                files.place(),
                count(file.bytes.len(), "byte")
            )));
        }
        Ok(file.bytes)
    };
    let place = format!("{} of {}", plain(path), files.place());
    let signers = Signers::read(&read(path)?, &place)?;
    let Some(revoked) = &trust.revoked else { return Ok(Some(signers)) };
    let place = format!("{} of {}", plain(revoked), files.place());
    signers.without(Some(read(revoked)?), &place).map(Some)
}

/// A commit of the repo at `git_dir`, whichever it is.
///
/// # Errors
/// When it is not there, cannot be read, or lacks the source's folder.
pub(in crate::dotfiles) fn commit_of(
    git_dir: &Path,
    commit: &str,
    source: &Source,
) -> Result<Snapshot> {
    let opened = Oid::from_str(commit).map_err(Flaw::from);
    let opened = opened.and_then(|id| Snapshot::open(git_dir, id, source));
    opened.map_err(|flaw| match flaw {
        Flaw::Wrong(error) => error,
        Flaw::Damaged(cause) => {
            Error::failed(format!("cannot read the commit {commit}")).because(cause)
        }
    })
}

/// A commit, and what came before it.
#[derive(Clone, Copy, Debug)]
pub struct Lineage<'a> {
    /// The repo's `.git`, or the bare clone.
    pub git_dir: &'a Path,
    /// Where the repo is from, and which of its folders counts.
    pub source: &'a Source,
    /// The commit.
    pub snapshot: &'a Snapshot,
    /// For git's own environment.
    pub env: &'a Env,
}

/// How many commits that change the signers are checked: each costs a process or two.
const MOST_HANDOVERS: usize = 100;

/// How many commits are looked through for them.
const MOST_COMMITS: usize = 20_000;

impl Lineage<'_> {
    /// Checks the commit's own signature.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(&self, signers: &Signers) -> Result<Result<Signature, Refusal>> {
        verify(self.git_dir, &self.snapshot.id(), signers, self.env)
    }

    /// Whether `earlier` is the commit itself or one of its ancestors, as far as they are here.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn descends_from(&self, earlier: &str) -> Result<bool> {
        let later = self.snapshot.id();
        if earlier == later {
            return Ok(true);
        }
        // Not 1 but 128 where the clone does not have the commit.
        Ok(self.ask(&["merge-base", "--is-ancestor", earlier, &later])?.status.success())
    }

    /// Those whom `signers` have handed over to between the commit `from` and this one, which is not
    /// among them: each time that the repo names other signers, or revokes keys, the commit that
    /// does so has to be signed by those before it; else it counts for nothing.
    ///
    /// The way is that of first parents: where a branch was merged, the merge counts.
    ///
    /// # Errors
    /// As [`verify`], and when there are more commits than anybody would make.
    pub fn heirs(&self, signers: &Signers, from: &str) -> Result<Heirs> {
        let mut heirs = Heirs { signers: signers.clone(), by: None };
        let mut handovers = 0;
        for commit in self.between(from)? {
            let then = commit_of(self.git_dir, &commit, self.source);
            // One that was broken then hands over to nobody.
            let named = then.as_ref().ok().and_then(|then| {
                let (manifest, _) = Manifest::read(then).ok()?;
                named(then, &manifest.trust).ok().flatten()
            });
            let Some(next) = named.filter(|next| *next != heirs.signers) else { continue };
            handovers += 1;
            if handovers > MOST_HANDOVERS {
                return Err(self.too_many(&format!("{MOST_HANDOVERS} that change the signers")));
            }
            if verify(self.git_dir, &commit, &heirs.signers, self.env)?.is_ok() {
                let by = commit.get(..7).unwrap_or(&commit).to_owned();
                heirs = Heirs { signers: next, by: Some(by) };
            }
        }
        Ok(heirs)
    }

    /// The commits after `from` and before this one, oldest first.
    fn between(&self, from: &str) -> Result<Vec<String>> {
        let range = format!("{from}..{}", self.snapshot.id());
        let most = format!("--max-count={}", MOST_COMMITS + 2);
        let output = self.ask(&["rev-list", "--first-parent", &most, &range, "--"])?;
        let lines = String::from_utf8_lossy(&output.stdout);
        let mut commits: Vec<String> = lines.lines().skip(1).map(str::to_owned).collect();
        if commits.len() > MOST_COMMITS {
            return Err(self.too_many(&format!("{MOST_COMMITS} commits")));
        }
        commits.reverse();
        Ok(commits)
    }

    fn too_many(&self, what: &str) -> Error {
        Error::failed(format!(
            "{} at {} has more than {what} since the one that was taken over last",
            self.source.display_name(),
            self.snapshot.short()
        ))
        .hint("'robo aws.config --signers FILE' goes by signers that you have from somebody else")
    }

    fn ask(&self, args: &[&str]) -> Result<std::process::Output> {
        let mut command = git::unconfigured(self.env);
        command.arg("--git-dir").arg(self.git_dir).args(args).stdin(Stdio::null());
        command.output().map_err(|cause| {
            Error::failed("cannot run git to look at the history")
                .because(cause)
                .hint("install git")
        })
    }
}

/// Signers, and how they became that.
#[derive(Clone, Debug)]
pub struct Heirs {
    /// Who may sign now.
    pub signers: Signers,
    /// The commit, in 7 digits, by which they were named; nothing where nobody has handed over.
    pub by: Option<String>,
}
