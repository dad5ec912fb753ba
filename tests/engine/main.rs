//! Signing in and walking the chain: the real binary against a simulated Okta, STS and console.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::print_stderr,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "a test is itself the outside world, one that cannot be set up fails, and its tables are read once"
)]

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod adding;
mod cache;
mod choice;
mod clients;
mod cold_login;
mod console;
mod discovery;
mod exec;
mod exec_terminal;
mod expired;
mod explain;
mod factors;
mod headless;
mod in_browser;
mod key_stores;
mod keychain;
mod left_overs;
mod limits;
mod network;
mod one_login;
mod orgs;
mod pages;
mod passphrase;
mod passwords;
mod process_credentials;
mod reach;
mod refused;
mod retries;
mod roles;
mod secrets;
mod security_keys;
mod sessions;
mod several_accounts;
mod shells;
mod states;
mod step_up;
mod sts;
mod trust;
mod unattended;
mod who;
mod wording;
