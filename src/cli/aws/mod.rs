//! The `aws.*` commands.

pub(super) mod add;
pub(super) mod config;
pub(super) mod credentials;
pub(super) mod doctor;
pub(super) mod env;
pub(super) mod exec;
pub(super) mod explain;
pub(super) mod list;
pub(super) mod login;
pub(super) mod logout;
pub(super) mod restore;

use crate::config::mask::shown_line;
use crate::config::sdk::Refusal;
use crate::config::target::Target;
use crate::error::Error;
use crate::ini::Document;

/// A file that no SDK reads.
pub(super) fn refused(target: &Target, document: &Document, refusal: &Refusal) -> Error {
    Error::failed(format!("{}:{}: {}", target.shown(), refusal.line, refusal.what))
        .excerpt(refusal.line, &shown_line(document, refusal.line))
        .hint("no AWS SDK reads the file before that line is mended")
}
