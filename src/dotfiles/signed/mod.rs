//! Signed commits: who may sign, and whether they have.
//!
//! | file | knows |
//! | --- | --- |
//! | [`signers`] | the file of allowed signers: ssh keys, OpenPGP keys, the revoked ones |
//! | `ssh_key` | a line of that file: who, with which key, and when |
//! | [`keyring`] | the keys as ssh-keygen and gpg want them, and for people |
//! | [`signature`] | `git verify-commit`, and what its words mean |
//! | [`lineage`] | which commit comes after which, and who vouches for new signers |

pub mod keyring;
pub mod lineage;
pub mod signature;
pub mod signers;
mod ssh_key;

pub use keyring::{check, describe};
pub use lineage::{Lineage, Verdict, named};
pub use signature::{Refusal, Signature, verify};
pub use signers::Signers;
