//! Signing in and walking the chain: the real binary against a simulated Okta, STS and console.

#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;

mod cache;
mod cold_login;
mod one_login;
mod sts;
