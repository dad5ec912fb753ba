//! The engine: from a profile of the AWS config to credentials. It can be embedded.
//!
//! It never prints, asks the environment or looks for a home folder: it is handed an HTTP client,
//! a store, somebody to ask and the time.
//!
//! - [`Request`] says what is wanted: a profile with its chain of roles, and how to sign in.
//! - [`Engine::credentials`] gives it, from the cache if it can. Otherwise it signs in to Okta, by
//!   password or in the browser ([`way`]),
//!   trades the SAML assertion for credentials of the first role, and walks the chain; once,
//!   however many processes want it at the same moment.
//! - [`Prompt`] answers what only a person can, and
//!   [`KeyStore`](crate::store::KeyStore) holds the key under which everything is kept.
//!
//! ```no_run
//! use robo::config::profiles::Profiles;
//! use robo::engine::{Engine, Request, request::Asked};
//! use robo::ini::Document;
//! use robo::store::Store;
//! use robo::sys::clock::SystemClock;
//! use robo::sys::http::{Client, Network};
//! use robo::sys::prompt::Nobody;
//! use robo::sys::security_key::NoSecurityKeys;
//!
//! let config = "[okta]\n\
//!     okta_domain = acme.okta.com\n\
//!     aws_saml_url = home/amazon_aws/0oa1b2c3d4/272\n\
//!     [profile hub]\n\
//!     role_arn = arn:aws:iam::111111111111:role/foundation\n\
//!     [profile dev]\n\
//!     source_profile = hub\n\
//!     role_arn = arn:aws:iam::222222222222:role/Administrator\n";
//! let profiles = Profiles::read(&Document::parse(config)).expect("no line is refused");
//! let chain = profiles.chain("dev", |_| false).expect("no circle, nothing missing");
//! let request = Request::resolve(&profiles, &chain, &Asked::default())?;
//!
//! let engine = Engine {
//!     http: &Client::new(Network::default()),
//!     store: &Store::memory(),
//!     prompt: &Nobody,
//!     security_keys: &NoSecurityKeys,
//!     clock: &SystemClock::default(),
//!     browser: &|_address| None,
//!     locks: "/home/jo/.local/state/mine/locks".as_ref(),
//!     trust: &|_domain| Ok(()),
//! };
//! let session = engine.credentials(&request)?;
//! println!("{} until {}", session.role_arn, session.credentials.expiration);
//! # Ok::<(), robo::Error>(())
//! ```
//!
//! `examples/embed.rs` is a whole program, with somebody to ask.

pub mod account;
mod browser;
mod cache;
mod chain;
mod console;
pub mod duration;
mod keeping;
mod login;
mod password;
mod refusals;
pub mod request;
mod resolve;
mod session;
mod site;
mod standing;
mod turn;
pub mod value;
pub mod way;
mod which;
mod who;

use std::path::Path;

use crate::error::Result;
use crate::okta::{Domain, Open};
use crate::store::Store;
use crate::sys::clock::Clock;
use crate::sys::http::Http;
use crate::sys::prompt::Prompt;
use crate::sys::security_key::SecurityKeys;

pub use account::Account;
pub use console::ConsoleRequest;
pub use keeping::Forgotten;
pub use request::Request;
pub use session::Session;
pub use standing::Standing;

/// Gets credentials. What it needs of the world is handed in.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// Sends requests.
    pub http: &'a dyn Http,
    /// Keeps passwords, Okta sessions and AWS credentials, encrypted.
    pub store: &'a Store<'a>,
    /// Answers questions, and is told what is going on.
    pub prompt: &'a dyn Prompt,
    /// Signs with a security key, where there is one.
    pub security_keys: &'a dyn SecurityKeys,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Opens an address in the person's browser, where there is one and they want that; what it
    /// gives is held as long as they may be on their way there.
    pub browser: &'a Open<'a>,
    /// The folder of the locks between processes; made where it is missing.
    pub locks: &'a Path,
    /// Whether a password may be sent to that host: fails if not.
    pub trust: &'a dyn Fn(&Domain) -> Result<()>,
}
