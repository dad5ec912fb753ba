//! The outside world: environment, folders, files, locks, other programs, the person.
//!
//! Everything above asks through here, so that tests can stand in for it and so that the rules
//! (a file is replaced whole, a lock dies with its holder, a question has somebody to answer it)
//! are written once.

pub mod browser;
pub mod child;
pub mod clock;
pub mod duration;
pub mod env;
pub mod files;
pub mod folders;
pub mod hash;
pub mod host;
pub mod http;
pub mod interrupt;
pub mod lock;
pub mod look_alike;
pub mod one_line;
pub mod prompt;
pub mod read;
pub mod replace;
pub mod secret;
pub mod security_key;
pub mod shell;
pub mod signals;
pub mod text;
pub mod time;
pub mod user;
