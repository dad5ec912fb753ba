//! What is true of every catalogue: any text is read or refused by its lines, and what is rendered
//! from one means the same to every reader.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a property that cannot be checked fails")]
#![allow(clippy::disallowed_methods, reason = "files for botocore to read")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(test)]
mod companies;
#[cfg(test)]
mod extremes;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod readers;
