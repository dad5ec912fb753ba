//! The commands as a person or a script meets them: the real binary, real git repos and real
//! terminals, in a sealed home.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "a test is itself the outside world")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(test)]
mod bad_file;
#[cfg(test)]
mod bad_repo;
#[cfg(test)]
mod bad_state;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod child;
#[cfg(test)]
mod config;
#[cfg(test)]
mod frame;
#[cfg(test)]
mod json;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod list;
#[cfg(test)]
mod onboarding;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod prompts;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod signed;
#[cfg(test)]
mod source;
#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod trust;
