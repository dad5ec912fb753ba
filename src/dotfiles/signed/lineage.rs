//! Which commit comes after which, and whom the signers have handed over to.

use std::process::Stdio;

use super::signature::{Refusal, Signature, verify};
use super::signers::{LARGEST, Signers};
use crate::dotfiles::files::RepoFiles;
use crate::dotfiles::git;
use crate::dotfiles::manifest::{FILE, Manifest, Trust};
use crate::dotfiles::repo::{BareClone, Mode};
use crate::dotfiles::snapshot::Snapshot;
use crate::dotfiles::source::Source;
use crate::error::{Error, Result};
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
    Ok(Some(signers.without(trust.revoked.as_deref().map(read).transpose()?)))
}

/// A commit of a clone, and what came before it.
#[derive(Clone, Copy, Debug)]
pub struct Lineage<'a> {
    /// The clone that has them.
    pub clone: &'a BareClone<'a>,
    /// The repo that they come from.
    pub source: &'a Source,
    /// The commit.
    pub snapshot: &'a Snapshot,
}

/// A commit that counts.
#[derive(Clone, Debug)]
pub struct Vouched {
    /// The signature on it.
    pub signature: Signature,
    /// The commit, in 7 digits, by which the signers so far have handed over to the ones that
    /// signed; nothing where they signed themselves.
    pub by: Option<String>,
}

impl Lineage<'_> {
    /// Checks the commit's own signature.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(&self, signers: &Signers) -> Result<Result<Signature, Refusal>> {
        verify(self.clone.folder(), &self.snapshot.id(), signers, self.clone.env())
    }

    /// Whether `earlier` is the commit itself or one of its ancestors; fetches the history where
    /// that is not known.
    ///
    /// # Errors
    /// When it is not known and cannot be fetched.
    pub fn descends_from(&self, earlier: &str, mode: Mode, waiting: impl FnOnce()) -> Result<bool> {
        if self.is_ancestor(earlier)? {
            return Ok(true);
        }
        if !self.clone.is_shallow() {
            return Ok(false);
        }
        if mode == Mode::Offline {
            return Err(Error::failed(format!(
                "cannot tell whether {} of {} comes after what was applied last: its history was not fetched",
                self.snapshot.short(),
                self.source.display_name()
            ))
            .hint("run it without '--offline'"));
        }
        self.clone.unshallow(self.source, waiting)?;
        self.is_ancestor(earlier)
    }

    /// Checks the commit's signature by `signers`, or by those that they have handed over to since
    /// the commit `from`: each time that the file of signers changed on the way, the commit that
    /// changed it has to be signed by the signers before it.
    ///
    /// The way is that of first parents: where a branch was merged, the merge counts.
    ///
    /// # Errors
    /// As [`verify`], and when a commit cannot be read.
    pub fn vouched_for(
        &self,
        signers: &Signers,
        from: Option<&str>,
    ) -> Result<Result<Vouched, Refusal>> {
        let refusal = match self.verify(signers)? {
            Ok(signature) => return Ok(Ok(Vouched { signature, by: None })),
            Err(refusal) => refusal,
        };
        let mut heirs = signers.clone();
        let mut by = None;
        for commit in from.map(|from| self.handovers(from)).transpose()?.unwrap_or_default() {
            let then = self.clone.at(&commit, self.source)?;
            // One that was broken then hands over to nobody.
            let named = Manifest::read(&then).and_then(|(read, _)| named(&then, &read.trust));
            let Some(next) = named.ok().flatten().filter(|next| *next != heirs) else { continue };
            if verify(self.clone.folder(), &commit, &heirs, self.clone.env())?.is_ok() {
                heirs = next;
                by = Some(then.short());
            }
        }
        if by.is_none() {
            return Ok(Err(refusal));
        }
        Ok(self.verify(&heirs)?.map(|signature| Vouched { signature, by }))
    }

    fn is_ancestor(&self, earlier: &str) -> Result<bool> {
        let later = self.snapshot.id();
        if earlier == later {
            return Ok(true);
        }
        let output = self.ask(&["merge-base", "--is-ancestor", earlier, &later])?;
        // Not 1 but 128 where the clone does not have the commit.
        Ok(output.status.success())
    }

    /// The commits after `from` that change the manifest or a file that it names, oldest first.
    fn handovers(&self, from: &str) -> Result<Vec<String>> {
        let (manifest, _) = Manifest::read(self.snapshot)?;
        let inside = |path: &str| match self.source.path() {
            Some(folder) => format!(":(literal){folder}/{path}"),
            None => format!(":(literal){path}"),
        };
        let trust = manifest.trust;
        let files = [Some(FILE), trust.signers.as_deref(), trust.revoked.as_deref()];
        let paths: Vec<String> = files.into_iter().flatten().map(inside).collect();
        let range = format!("{from}..{}", self.snapshot.id());
        let mut args = vec!["rev-list", "--first-parent", "--reverse", &range, "--"];
        args.extend(paths.iter().map(String::as_str));
        let output = self.ask(&args)?;
        let lines = String::from_utf8_lossy(&output.stdout);
        Ok(lines.lines().map(str::to_owned).collect())
    }

    fn ask(&self, args: &[&str]) -> Result<std::process::Output> {
        let mut command = git::unconfigured(self.clone.env());
        command.arg("--git-dir").arg(self.clone.folder()).args(args).stdin(Stdio::null());
        command.output().map_err(|cause| {
            Error::failed("cannot run git to look at the history")
                .because(cause)
                .hint("install git")
        })
    }
}
