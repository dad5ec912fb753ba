//! The `dotfiles.*` commands, for who keeps a company's repo. They read the folder as it is on
//! disk, committed or not.

pub(super) mod access;
mod annotations;
pub(super) mod lint;
pub(super) mod render;
pub(super) mod terraform;

use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::cli::organisation::Organisation;
use crate::dotfiles::{Folder, RepoFiles as _};
use crate::error::{Error, Result};

/// The folder that a command is about: the one named, else the present one.
pub(super) fn folder(named: Option<&PathBuf>) -> Result<Folder> {
    Folder::open(named.map_or(Path::new("."), PathBuf::as_path))
}

/// The catalogue of the folder, for a command that is about nothing else.
fn catalog<'a>(organisation: &'a Organisation, folder: &Folder) -> Result<&'a Catalog> {
    organisation.catalog.as_ref().ok_or_else(|| {
        let path = &organisation.manifest.aws.catalog;
        Error::failed(format!("there is no {path} in {}", folder.place())).hint(
            "run robo in the folder of the dotfiles repo; '[aws] catalog' in its robo.toml says \
             where the catalogue is",
        )
    })
}
