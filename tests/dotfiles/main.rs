//! The dotfiles repo against real git repos and servers of the test's own, in a sealed folder.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests make the files that robo finds")]

#[cfg(test)]
mod clone;
#[cfg(test)]
mod files;
#[cfg(test)]
mod network;
#[cfg(test)]
mod sandbox;
