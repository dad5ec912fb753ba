//! Writing, through the file layer: it fails, dies, and is got in the way of, at every single step.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests make the files that robo finds")]

#[cfg(test)]
mod backups;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod home;
#[cfg(test)]
mod meanwhile;
#[cfg(test)]
mod tasks;
