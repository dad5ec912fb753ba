//! The org that is signed in at, and what this process has found out there.

use std::cell::{Cell, RefCell};

use crate::engine::turn::Holding;
use crate::okta::{Domain, Okta, Pipeline, Tokens};

/// An Okta org for the time of one request.
pub(super) struct Site<'a> {
    pub(super) domain: &'a Domain,
    pub(super) okta: Okta<'a>,
    /// What the org said that it runs on. It is remembered once somebody is signed in: before
    /// that, nobody is asked for the key of a store that may never be needed.
    pub(super) found: Cell<Option<Pipeline>>,
    /// Whether it was asked and did not say: for this time it is taken for Classic.
    pub(super) silent: Cell<bool>,
    /// What those are told who wait for this process.
    pub(super) word: Holding,
    /// Tokens of a sign-in in the browser that was just made.
    pub(super) fresh: RefCell<Option<Tokens>>,
}
