//! robo.yml: the commands that a company shares, by the real binary.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is itself the outside world, and one that cannot be set up fails"
)]

#[path = "../common/mod.rs"]
mod common;

mod bad_files;
mod completion;
mod folders;
mod interrupts;
mod profiles;
mod shared;
mod steps;
mod terminal;
mod transcripts;
mod variables;

use common::{Run, Sandbox};

/// robo in a folder with this `robo.yml`, which is named by `-c`.
fn named(sandbox: &Sandbox, content: &str) -> Run {
    sandbox.write("robo.yml", content);
    sandbox.robo(["-c", "robo.yml"])
}
