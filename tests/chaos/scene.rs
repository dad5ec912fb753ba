//! What has happened so far in a round, and waiting for more of it: processes that ended, calls that
//! came, gits that started, files that appeared. Nothing is polled and nobody sleeps.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard};

use crate::common::PATIENCE;
use crate::plan::{Spot, When};

#[derive(Default)]
pub(crate) struct Scene {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    /// The processes that run, by their number in the plan, with their ids.
    pub(crate) running: BTreeMap<usize, u32>,
    pub(crate) ended: usize,
    pub(crate) calls: u64,
    /// Each git that started: the robo that started it, and its own id.
    pub(crate) gits: Vec<(u32, u32)>,
    pub(crate) appeared: BTreeMap<Spot, usize>,
    /// The round is over: nothing is watched any more.
    pub(crate) over: bool,
}

impl Scene {
    pub(crate) fn look(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.look());
        self.changed.notify_all();
        result
    }

    /// Waits until it is so, or no process runs any more.
    #[track_caller]
    pub(crate) fn until(&self, what: &dyn std::fmt::Debug, is_so: impl Fn(&State) -> bool) {
        let goes_on = |state: &mut State| !state.running.is_empty() && !is_so(state);
        let (state, waited) =
            self.changed.wait_timeout_while(self.look(), PATIENCE, goes_on).unwrap();
        assert!(
            !waited.timed_out(),
            "waited for {what:?} longer than {} s; these processes run still: {:?}",
            PATIENCE.as_secs(),
            state.running
        );
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, when: When) {
        let seen = |state: &State, spot| state.appeared.get(&spot).copied().unwrap_or_default();
        let before = match when {
            When::Appears(spot) => seen(&self.look(), spot),
            _ => 0,
        };
        self.until(&when, |state| match when {
            When::Now => true,
            When::Calls(calls) => state.calls >= calls,
            When::Ended(ended) => state.ended >= ended,
            When::Gits(gits) => state.gits.len() >= gits,
            When::Appears(spot) => seen(state, spot) > before,
        });
    }
}
