//! What has happened so far in a round, and waiting for more of it: processes that ended, calls that
//! came, gits that started, files that appeared. Nothing is polled and nobody sleeps.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Instant;

use robo_simulator::Counts;

use crate::common::PATIENCE;
use crate::plan::{Spot, When};

pub(crate) struct Scene {
    pub(crate) since: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    /// The processes that run, by their number in the plan, with their ids.
    pub(crate) running: BTreeMap<usize, u32>,
    pub(crate) ended: usize,
    /// The simulator's.
    pub(crate) counts: Counts,
    /// Each git that started: the robo that started it, and its own id.
    pub(crate) gits: Vec<(u32, u32)>,
    pub(crate) appeared: BTreeMap<Spot, usize>,
}

impl Scene {
    pub(crate) fn new(counts: Counts) -> Self {
        let state = State { counts, ..State::default() };
        Self { since: Instant::now(), state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(crate) fn look(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.look());
        self.changed.notify_all();
        result
    }

    /// Waits until it is so.
    #[track_caller]
    pub(crate) fn until(&self, what: &dyn std::fmt::Debug, is_so: impl Fn(&State) -> bool) {
        let goes_on = |state: &mut State| !is_so(state);
        let (state, waited) =
            self.changed.wait_timeout_while(self.look(), PATIENCE, goes_on).unwrap();
        assert!(
            !waited.timed_out(),
            "waited for {what:?} longer than {} s; these processes run still: {:?}",
            PATIENCE.as_secs(),
            state.running
        );
    }
}

impl State {
    /// How much of what an act waits for there was so far.
    pub(crate) fn so_far(&self, when: When) -> u64 {
        match when {
            When::Now => 0,
            When::Calls(_) => self.counts.all(),
            When::Ended(_) => self.ended as u64,
            When::Gits(_) => self.gits.len() as u64,
            When::Appears(spot) => self.appeared.get(&spot).copied().unwrap_or_default() as u64,
        }
    }

    /// Requests to an endpoint, which may end in `*`.
    pub(crate) fn calls_to(&self, endpoint: &str) -> u64 {
        let fits = |name: &str| match endpoint.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == endpoint,
        };
        self.counts.requests.iter().filter(|(name, _)| fits(name)).map(|(_, count)| count).sum()
    }
}

impl When {
    /// How much more of it is waited for.
    pub(crate) fn more(self) -> u64 {
        match self {
            When::Now => 0,
            When::Calls(more) => more,
            When::Ended(more) | When::Gits(more) => more as u64,
            When::Appears(_) => 1,
        }
    }
}
