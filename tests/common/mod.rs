//! What every end-to-end test stands on: a sealed sandbox, an upstream repo, a terminal, and
//! botocore as an independent reader. [`merging`] is for the tests that need none of them.
//!
//! ```ignore
//! let sandbox = Sandbox::new();
//! let upstream = Upstream::new(&sandbox);
//! upstream.commit("first", [("aws/teams/foundation.config", "[profile hub]\nregion = x\n")]);
//! let output = sandbox
//!     .robo(["aws.config", "--yes", "--dotfiles", &upstream.url()])
//!     .env("SEGMENT_TEAM", "foundation")
//!     .run();
//! assert_eq!(output.status, 0, "{output}");
//! ```
//!
//! No test sleeps: a child is waited for, a terminal is read until it shows what is expected, and
//! a child that hangs is killed and fails its test after [`PATIENCE`].

#![cfg(unix)]
#![allow(dead_code, unused_imports, reason = "every test binary uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up fails"
)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test is itself the outside world, and says why it is skipped"
)]

pub(crate) mod botocore;
pub(crate) mod configs;
mod laptop;
pub(crate) mod merging;
pub(crate) mod office;
pub(crate) mod organisation;
mod pty;
mod run;
mod sandbox;
mod signing;
mod upstream;

use std::time::Duration;

pub(crate) use laptop::{MINE, TEAM};
pub(crate) use office::{Office, PASSWORD, USER};
pub(crate) use pty::Pty;
pub(crate) use run::{Output, Run};
pub(crate) use sandbox::Sandbox;
pub(crate) use signing::{Gpg, Signer};
pub(crate) use upstream::Upstream;

/// How long a child may take before it counts as hanging. Generous, because a machine that runs
/// many tests at once can be slow; nothing waits that long when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
