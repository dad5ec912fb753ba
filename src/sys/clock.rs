//! The time, and waiting.

use std::time::Duration;

use jiff::Timestamp;

use crate::error::{Error, Kind, Result};
use crate::sys::interrupt::Interrupt;

/// Tells the time and lets it pass. Tests have one that jumps.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits for `duration`.
    ///
    /// # Errors
    /// [`Kind::Interrupted`], at once, when the person stops it.
    fn sleep(&self, duration: Duration) -> Result<()>;

    /// Whether the person has stopped it: to be asked before each next step.
    ///
    /// # Errors
    /// [`Kind::Interrupted`] when they have.
    fn go_on(&self) -> Result<()> {
        self.sleep(Duration::ZERO)
    }
}

/// The machine's own clock.
#[derive(Clone, Debug, Default)]
pub struct SystemClock {
    interrupt: Interrupt,
}

impl SystemClock {
    /// A clock whose waits end when `interrupt` comes.
    pub fn new(interrupt: Interrupt) -> Self {
        Self { interrupt }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> Result<()> {
        if self.interrupt.wait(duration) {
            return Err(Error::new(Kind::Interrupted, "stopped"));
        }
        Ok(())
    }
}
