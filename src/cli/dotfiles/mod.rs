//! The `dotfiles.*` commands, for who keeps a company's repo. They read the folder as it is on
//! disk, committed or not.

mod annotations;
pub(super) mod lint;
pub(super) mod render;

use std::path::{Path, PathBuf};

use crate::dotfiles::Folder;
use crate::error::Result;

/// The folder that a command is about: the one named, else the present one.
pub(super) fn folder(named: Option<&PathBuf>) -> Result<Folder> {
    Folder::open(named.map_or(Path::new("."), PathBuf::as_path))
}
