//! The company's dotfiles repo: fetched by git, read at one commit, never checked out.
//!
//! | file | knows |
//! | --- | --- |
//! | [`source`] | what `--dotfiles URL[#REF[:PATH]]` means |
//! | `address` | git's spellings of where a repo is: URLs, scp-like addresses, paths |
//! | [`login`] | a user name and password out of a URL: used, never stored, printed or logged |
//! | `inside` | paths that stay inside the repo |
//!
//! There is no work tree, so no hook, filter, symbolic link or half-finished checkout can matter.
//! Nothing here prints or asks: it gives values, errors and warnings.

mod address;
mod inside;
pub mod login;
pub mod source;

pub use login::Login;
pub use source::Source;
