//! A line for a person who waits: said only when something takes long.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Says its line after a while, unless it is dropped before.
pub struct Notice {
    done: Option<Sender<()>>,
    teller: Option<JoinHandle<()>>,
}

impl Notice {
    pub(super) fn after(patience: Duration, say: impl FnOnce() + Send + 'static) -> Self {
        let (done, wait) = mpsc::channel();
        let teller = thread::spawn(move || {
            if wait.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                say();
            }
        });
        Self { done: Some(done), teller: Some(teller) }
    }

    pub(super) fn none() -> Self {
        Self { done: None, teller: None }
    }
}

impl Drop for Notice {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(teller) = self.teller.take() {
            let _ = teller.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_only_when_it_takes_long() {
        let (said, heard) = mpsc::channel();
        let quick = said.clone();
        drop(Notice::after(Duration::from_secs(3600), move || {
            quick.send("quick").unwrap_or_default();
        }));
        let notice = Notice::after(Duration::ZERO, move || said.send("slow").unwrap_or_default());
        assert_eq!(heard.recv(), Ok("slow"));
        drop(notice);
        assert!(heard.recv().is_err());
    }
}
