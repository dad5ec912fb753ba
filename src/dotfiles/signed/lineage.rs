//! Which commit comes after which, and whom the signers have handed over to.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;

use git2::Oid;

use super::keyring;
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

/// What a commit's signature comes to.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The signature, where it is good.
    pub signature: Result<Signature, Refusal>,
    /// The last commit, in 7 digits, that named other signers and was signed by those before them;
    /// nothing where nobody has handed over.
    pub by: Option<String>,
}

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

    /// Checks the commit's signature by those who may sign it: `signers` at its ancestor `from`, or
    /// whom they have handed over to since. A commit on the way hands over where it names other
    /// signers, or revokes keys, and is signed by those who may sign it; else it counts for nothing.
    ///
    /// Only what comes after `from` counts, along all parents: a signature of before, that a merge
    /// brings in again, is none. Where branches meet, whoever has handed over goes before who has
    /// not, and a commit at which two handovers meet has to be signed by the signers of both.
    ///
    /// # Errors
    /// As [`verify`], when git cannot tell the history, and when there is more of it than anybody
    /// would make.
    pub fn judge(&self, signers: &Signers, from: &str) -> Result<Verdict> {
        let mut by = None;
        let mut handovers = 0;
        let mut heirs: HashMap<String, Vec<Signers>> = HashMap::new();
        heirs.insert(from.to_owned(), vec![signers.clone()]);
        let history = self.after(from)?;
        let Some(((tip, parents), way)) = history.split_last() else {
            return Ok(Verdict { signature: self.verify(signers)?, by });
        };
        for (commit, parents) in way {
            let before = met(parents, &heirs, signers);
            let named = self.named_at(commit).filter(|named| before != std::slice::from_ref(named));
            let Some(next) = named else {
                heirs.insert(commit.clone(), before);
                continue;
            };
            handovers += 1;
            if handovers > MOST_HANDOVERS {
                return Err(self.too_many(&format!("{MOST_HANDOVERS} that change the signers")));
            }
            // One that a slip made useless hands over to nobody.
            let is_usable = keyring::check(&next, self.env).is_ok();
            if is_usable && self.is_signed_by_all(commit, &before)?.is_ok() {
                by = Some(commit.get(..7).unwrap_or(commit).to_owned());
                heirs.insert(commit.clone(), vec![next]);
            } else {
                heirs.insert(commit.clone(), before);
            }
        }
        let signature = self.is_signed_by_all(tip, &met(parents, &heirs, signers))?;
        Ok(Verdict { signature, by })
    }

    fn is_signed_by_all(
        &self,
        commit: &str,
        all: &[Signers],
    ) -> Result<Result<Signature, Refusal>> {
        let mut signature = Err(Refusal::Unsigned);
        for signers in all {
            signature = verify(self.git_dir, commit, signers, self.env)?;
            if signature.is_err() {
                break;
            }
        }
        Ok(signature)
    }

    /// The signers that a commit names; one that was broken names nobody.
    fn named_at(&self, commit: &str) -> Option<Signers> {
        let then = commit_of(self.git_dir, commit, self.source).ok()?;
        let (manifest, _) = Manifest::read(&then).ok()?;
        named(&then, &manifest.trust).ok().flatten()
    }

    /// The commits after `from` up to this one, with their parents; the oldest first.
    fn after(&self, from: &str) -> Result<Vec<(String, Vec<String>)>> {
        let range = format!("{from}..{}", self.snapshot.id());
        let most = format!("--max-count={}", MOST_COMMITS + 1);
        let args =
            ["rev-list", "--topo-order", "--ancestry-path", "--parents", &most, &range, "--"];
        let output = self.ask(&args)?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            let words = plain(words.lines().next().unwrap_or_default()).into_owned();
            return Err(Error::failed("git cannot tell what came since the last commit")
                .because(words)
                .hint("robo's clone is only a copy: remove it, and run robo again"));
        }
        let lines = String::from_utf8_lossy(&output.stdout);
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<String>>();
        let mut commits: Vec<(String, Vec<String>)> = lines
            .lines()
            .filter_map(|line| {
                let mut words = words(line).into_iter();
                Some((words.next()?, words.collect()))
            })
            .collect();
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
        .hint("does somebody fill it with junk? Ask your platform team")
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

/// Who may sign a commit with these parents: those of each parent that comes after the first; those
/// at the first count only where nobody has handed over.
fn met(parents: &[String], heirs: &HashMap<String, Vec<Signers>>, first: &Signers) -> Vec<Signers> {
    let mut all: Vec<Signers> = Vec::new();
    for signers in parents.iter().filter_map(|parent| heirs.get(parent)).flatten() {
        if !all.contains(signers) {
            all.push(signers.clone());
        }
    }
    if all.iter().any(|signers| signers != first) {
        all.retain(|signers| signers != first);
    }
    all
}
