//! The commit that a clone keeps for each repo and ref.

use std::fs;
use std::io;
use std::path::Path;

use git2::Oid;
use sha2::{Digest as _, Sha256};

use super::snapshot::{Flaw, Snapshot};
use super::source::Source;

/// The last commit fetched for `source` into the clone `folder`, if there is one.
pub(super) fn last_in(folder: &Path, source: &Source) -> Result<Option<Snapshot>, Flaw> {
    commit_in(folder, source)?.map(|id| Snapshot::open(folder, id, source)).transpose()
}

/// What the source's ref holds. Refs are files with an id in them (gitrepository-layout(5));
/// nothing packs them here.
pub(super) fn commit_in(folder: &Path, source: &Source) -> Result<Option<Oid>, Flaw> {
    match fs::read_to_string(folder.join(reference(source))) {
        Ok(text) => Ok(Some(Oid::from_str(text.trim())?)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(git2::Error::from_str(&cause.to_string()).into()),
    }
}

/// The ref of a URL and ref: `refs/robo/` and 16 hexadecimal digits.
pub(super) fn reference(source: &Source) -> String {
    let mut hash = Sha256::new();
    hash.update(source.url());
    hash.update([0]);
    hash.update(source.reference().unwrap_or_default());
    let digits: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("refs/robo/{digits}")
}
