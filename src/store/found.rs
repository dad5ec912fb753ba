//! What was found under a name.

use std::fmt;
use std::path::{Path, PathBuf};

/// What is kept under a name.
#[derive(Debug)]
pub enum Found<T> {
    /// Nothing.
    Nothing,
    /// This.
    Item(T),
    /// Something that cannot be read. Whoever asked decides what that means; it is still there.
    Unreadable(Why),
}

impl<T> Found<T> {
    /// The item, where there is a readable one.
    pub fn item(self) -> Option<T> {
        match self {
            Self::Item(item) => Some(item),
            Self::Nothing | Self::Unreadable(_) => None,
        }
    }
}

/// Why a file of the vault or the cache cannot be read.
#[derive(Debug)]
pub struct Why {
    path: PathBuf,
    reason: Reason,
}

impl Why {
    pub(super) fn new(path: &Path, reason: Reason) -> Self {
        Self { path: path.to_owned(), reason }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The words that follow the file's name in a sentence.
    pub fn words(&self) -> String {
        match &self.reason {
            Reason::Truncated => "is cut off".to_owned(),
            Reason::NotOurs => "is not a file of robo's".to_owned(),
            Reason::OtherVersion(version) => {
                format!("was written by another version of robo (format {version})")
            }
            Reason::OtherKey => "is sealed under another master key".to_owned(),
            Reason::Damaged => "is damaged, or was moved here".to_owned(),
            Reason::OtherShape => "holds something that this robo does not know".to_owned(),
            Reason::Unread(words) => words.clone(),
        }
    }
}

/// The file's name and what is wrong with it.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path.display(), self.words())
    }
}

/// What can be wrong with a file of the vault or the cache.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reason {
    /// It ends before it should.
    Truncated,
    /// It does not begin as robo's files do.
    NotOurs,
    /// It has this format, which this robo does not know.
    OtherVersion(u8),
    /// Its master key is not the one at hand; perhaps the key store lost that.
    OtherKey,
    /// It was changed, cut off, or has another name than the one it was written under.
    Damaged,
    /// It is whole, but its content has another shape than was asked for.
    OtherShape,
    /// The file itself cannot be read, in these words.
    Unread(String),
}
