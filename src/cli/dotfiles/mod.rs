//! The `dotfiles.*` commands, for who keeps the dotfiles repo.

pub(super) mod annotations;
pub(super) mod lint;
