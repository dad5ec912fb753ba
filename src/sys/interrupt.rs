//! Ctrl-C, and the other ways to end a program, as something that can be waited for.
//!
//! The first signal asks: whoever waits or reads is woken, and the program ends by itself, after
//! telling the servers. A second one, or a program that does not come to its end, is ended here;
//! what has to be undone on the terminal is undone first.

use std::fmt;
use std::io::{self, PipeReader, PipeWriter};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Kind;
use crate::sys::signals;

/// How long the program has for ending by itself: enough for one request on an open connection.
const GRACE: Duration = Duration::from_millis(1500);

/// How long undoing may take: a terminal that was halted (Ctrl-S) takes nothing any more.
const UNDOING: Duration = Duration::from_millis(200);

/// Whether the person wants to stop. Clones share one state.
#[derive(Clone, Default)]
pub struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopped: bool,
    listening: bool,
    /// Signals are a child's business now.
    aside: bool,
    bell: Option<(PipeReader, PipeWriter)>,
    undoings: Vec<(u64, Box<dyn Fn() + Send>)>,
    next: u64,
}

impl Interrupt {
    /// Says that the person wants to stop, and wakes whoever waits.
    pub fn set(&self) {
        let mut state = self.state();
        state.stopped = true;
        // Without its writer, the pipe is at its end: that can be read, now and ever after.
        state.bell = None;
        self.shared.changed.notify_all();
    }

    /// Whether the person wants to stop.
    pub fn is_set(&self) -> bool {
        self.state().stopped
    }

    /// Waits for `duration`, or until the person wants to stop; gives whether they do.
    pub fn wait(&self, duration: Duration) -> bool {
        let until = Instant::now().checked_add(duration);
        let mut state = self.state();
        while !state.stopped {
            let left = match until {
                Some(until) => until.saturating_duration_since(Instant::now()),
                None => duration,
            };
            if left.is_zero() {
                break;
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.stopped
    }

    /// A pipe that is at its end from the moment when the person wants to stop, and has nothing
    /// to read before: for `poll(2)`.
    ///
    /// # Errors
    /// When the operating system gives no more pipes.
    pub fn bell(&self) -> io::Result<PipeReader> {
        let mut state = self.state();
        if state.stopped {
            return Ok(io::pipe()?.0);
        }
        if let Some((reader, _)) = &state.bell {
            return reader.try_clone();
        }
        let (reader, writer) = io::pipe()?;
        let bell = reader.try_clone()?;
        state.bell = Some((reader, writer));
        Ok(bell)
    }

    /// Has `undo` called if the program is ended from here while what this gives is held: it
    /// brings back what the holder itself would bring back. It may run at the same time as the
    /// holder, in another thread.
    #[must_use = "it is forgotten when this is dropped"]
    pub fn undo_at_exit(&self, undo: impl Fn() + Send + 'static) -> Undoing {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.undoings.push((id, Box::new(undo)));
        Undoing { interrupt: self.clone(), id }
    }

    /// Listens from now on for Ctrl-C, and for SIGTERM and SIGHUP (unless the caller
    /// ignores that). `farewell` is called before the program is ended from here, after everything
    /// else is undone.
    pub fn listen(&self, farewell: impl Fn() + Send + Sync + 'static) {
        if std::mem::replace(&mut self.state().listening, true) {
            return;
        }
        let (this, farewell) = (self.clone(), Arc::new(farewell));
        signals::listen(move || {
            let (stopped, aside) = {
                let state = this.state();
                (state.stopped, state.aside)
            };
            let (ended, farewell) = (this.clone(), Arc::clone(&farewell));
            match (aside, stopped) {
                (true, _) => {}
                (false, true) => ended.end(farewell),
                (false, false) => {
                    this.set();
                    thread::spawn(move || {
                        thread::sleep(GRACE);
                        ended.end(farewell);
                    });
                }
            }
        });
    }

    /// Leaves the signals to a child that got the terminal, as long as what this gives is held.
    #[must_use = "it is over when this is dropped"]
    pub fn stand_aside(&self) -> Aside {
        self.state().aside = true;
        Aside { interrupt: self.clone() }
    }

    /// Undoes what has to be undone, latest first, and ends the process.
    fn end(&self, farewell: Arc<impl Fn() + Send + Sync + 'static>) {
        let undoings = std::mem::take(&mut self.state().undoings);
        let (done, wait) = mpsc::channel::<()>();
        thread::spawn(move || {
            undoings.iter().rev().for_each(|(_, undo)| undo());
            farewell();
            drop(done);
        });
        let _ = wait.recv_timeout(UNDOING);
        std::process::exit(Kind::Interrupted.exit_code().into())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupt").field("stopped", &self.is_set()).finish_non_exhaustive()
    }
}

/// Something to be undone if the program is ended, as long as this is held.
pub struct Undoing {
    interrupt: Interrupt,
    id: u64,
}

impl Drop for Undoing {
    fn drop(&mut self) {
        self.interrupt.state().undoings.retain(|(id, _)| *id != self.id);
    }
}

/// Signals are a child's business, as long as this is held.
pub struct Aside {
    interrupt: Interrupt,
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.interrupt.state().aside = false;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

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
        assert!(interrupt.wait(Duration::MAX), "however long the wait would be");
    }

    #[test]
    fn the_bell_rings_for_all_and_for_latecomers() {
        let interrupt = Interrupt::default();
        let mut bells = vec![interrupt.bell().unwrap(), interrupt.bell().unwrap()];
        interrupt.set();
        bells.push(interrupt.bell().unwrap());
        for mut bell in bells {
            assert_eq!(bell.read(&mut [0]).unwrap(), 0);
        }
    }

    #[test]
    fn what_is_over_is_not_undone() {
        let interrupt = Interrupt::default();
        let undoing = interrupt.undo_at_exit(|| {});
        let other = interrupt.undo_at_exit(|| {});
        drop(undoing);
        let left: Vec<u64> = interrupt.state().undoings.iter().map(|(id, _)| *id).collect();
        assert_eq!(left, [other.id]);
    }
}
