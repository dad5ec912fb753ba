//! robo: every AWS account behind Okta, from an empty laptop to a running command.

pub mod config;
pub mod dotfiles;
pub mod error;
pub mod ini;
pub mod settings;
pub mod sys;
pub mod ui;

pub use error::{Error, Kind, Result};
