//! The commands whose names begin with `aws.`.

pub(super) mod config;
pub(super) mod list;
pub(super) mod restore;
