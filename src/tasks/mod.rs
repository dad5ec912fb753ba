//! The commands that a company shares.

pub mod file;
pub mod shared;
