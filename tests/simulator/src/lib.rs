//! Plays Okta (Classic and Identity Engine), Duo's frame, AWS STS and the AWS sign-in endpoint on loopback.
//!
//! A [`Simulator`] listens on ports of its own as soon as it is started and stops when it is
//! dropped. A [`Scenario`] says who may sign in, with what, which roles there are and what goes
//! wrong; it can be changed while the simulator runs. Every request, connection, push and password
//! is counted ([`Counts`]), every secret that came in or went out is remembered
//! ([`Simulator::secrets`]), so that a test can look for it where it must not be.
//!
//! The simulator refuses what the real services refuse: a state token of another transaction, a
//! session token used twice, a stale `sid`, a wrong signature (AWS's or a security key's), a chain over an hour. Where the real
//! ones are not documented it does the plainest thing, and says so at the place.
//!
//! It knows nothing of robo.
//!
//! | module | plays |
//! | --- | --- |
//! | [`scenario`] | what is so, and what goes wrong |
//! | [`okta`] | `/api/v1/authn`, `/oauth2/v1`, sessions, cookies, the app's page |
//! | [`duo`] | the frame that the legacy Duo factor opens |
//! | [`sts`] | `AssumeRoleWithSAML`, `AssumeRole`, `GetCallerIdentity` |
//! | [`signin`] | `/federation` and `/oauth` |
//! | [`proxy`] | a forward proxy (`CONNECT`) |
//! | [`SecurityKey`] | a security key: it signs, for a client to hand on |
//! | `ctap` | such a key plugged in, as far as a socket can be one |
//! | [`http`], [`tls`] | connections, requests, answers, certificates |
//! | [`record`] | counts, calls, secrets |
//!
//! ```
//! use robo_simulator::{Scenario, Simulator};
//!
//! let simulator = Simulator::start(Scenario::default());
//! assert!(simulator.sts_url().starts_with("http://127.0.0.1:"));
//! simulator.scenario(|scenario| scenario.okta.users[0].password = "another one".to_owned());
//! assert_eq!(simulator.counts().okta("POST /api/v1/authn"), 0);
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "for tests alone: a simulator that cannot go on should say so loudly"
)]

mod bytes;
mod clock;
pub mod control;
#[cfg(unix)]
pub mod ctap;
pub mod duo;
pub mod http;
pub mod okta;
pub mod proxy;
mod received;
pub mod record;
pub mod scenario;
mod security_key;
mod service;
pub mod signin;
mod simulator;
pub mod sts;
pub mod tls;
mod world;

pub use record::{Call, Counts, Passwords};
pub use scenario::{App, Factor, Fault, LoginState, Role, Scenario, User};
pub use security_key::{Assertion, PRESENT, SecurityKey, VERIFIED};
pub use simulator::{Hold, Simulator};
