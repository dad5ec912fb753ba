//! Where a repo's files are read from: a commit, or a folder on disk.

use super::snapshot::{Entry, EntryKind, RepoFile};
use crate::error::Result;

/// The files of a dotfiles repo. Paths have `/` between their parts and stay inside; no symbolic
/// link is followed.
pub trait RepoFiles {
    /// What a person knows it as, such as `acme/dotfiles at 0123abc`.
    fn place(&self) -> String;

    /// The file at `path`; none when there is nothing of that name.
    ///
    /// # Errors
    /// When the path leaves the repo, or there is something there, but not a file, or it is too
    /// large.
    fn file(&self, path: &str) -> Result<Option<RepoFile>>;

    /// The names in `folder`, sorted as git sorts them; none when there is no such folder. An
    /// empty `folder` is the repo's own.
    ///
    /// # Errors
    /// When the path leaves the repo, or there is something there, but not a folder.
    fn list(&self, folder: &str) -> Result<Vec<Entry>>;

    /// What is at `path`; none when there is nothing of that name.
    ///
    /// # Errors
    /// When the path leaves the repo, or leads over a symbolic link.
    fn kind(&self, path: &str) -> Result<Option<EntryKind>>;
}
