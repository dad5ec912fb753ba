//! How much all the templates of a file may take together.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long they may take: each for itself takes less than a millisecond.
const LONGEST: Duration = Duration::from_secs(2);

/// How much they may write, in MiB.
const MOST_MIB: usize = 64;

/// What is left of it. It is shared by all that are filled in for one purpose.
pub(in crate::tasks) struct Budget {
    time: Cell<Duration>,
    text: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { time: Cell::new(LONGEST), text: Cell::new(MOST_MIB * 1024 * 1024) }
    }
}

impl Budget {
    /// Why nothing more is filled in, once that is so.
    pub(in crate::tasks) fn spent(&self) -> Option<String> {
        if self.time.get().is_zero() {
            let seconds = LONGEST.as_secs();
            Some(format!("the templates of this file take too long: over {seconds} seconds in all"))
        } else if self.text.get() == 0 {
            Some(format!("the templates of this file write more than {MOST_MIB} MiB in all"))
        } else {
            None
        }
    }

    /// What `work` takes is gone; it is told how much it may take.
    pub(super) fn time<T>(&self, work: impl FnOnce(Duration) -> T) -> T {
        let (left, start) = (self.time.get(), Instant::now());
        let result = work(left);
        self.time.set(left.saturating_sub(start.elapsed()));
        result
    }

    pub(super) fn written(&self, bytes: usize) {
        self.text.set(self.text.get().saturating_sub(bytes));
    }
}
