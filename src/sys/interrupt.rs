//! Ctrl-C as something that can be waited for.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whether the person wants to stop. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    state: Arc<(Mutex<bool>, Condvar)>,
}

impl Interrupt {
    /// Says that the person wants to stop, and wakes whoever waits.
    pub fn set(&self) {
        let (stopped, changed) = &*self.state;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Waits for `duration`, or until the person wants to stop; gives whether they do.
    pub fn wait(&self, duration: Duration) -> bool {
        let (stopped, changed) = &*self.state;
        let until = Instant::now() + duration;
        let mut guard = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        while !*guard {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero())
            else {
                break;
            };
            guard = changed.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *guard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_with_the_interrupt() {
        let interrupt = Interrupt::default();
        assert!(!interrupt.wait(Duration::ZERO));
        let other = interrupt.clone();
        let setter = std::thread::spawn(move || other.set());
        assert!(interrupt.wait(Duration::from_secs(3600)));
        setter.join().unwrap();
        assert!(interrupt.wait(Duration::ZERO), "it stays set");
    }
}
