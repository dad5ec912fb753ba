//! One at a time, over all processes: who needs what another is just getting waits for it.
//!
//! The lock is the operating system's, on a file, so it dies with its holder. Whoever waits looks
//! again and again whether the work is done already, and so mostly never takes the lock at all.
//! A holder that fails leaves word of it in the lock's file: those who were waiting then take it
//! for their own failure, so that a push that was refused once is not sent to the same phone by
//! each of them.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::sys::clock::Clock;
use crate::sys::lock::Lock;
use crate::sys::prompt::Prompt;

/// How often it is looked again. A wait is rare and human-sized.
const INTERVAL: Duration = Duration::from_millis(25);

/// After so long a person is told what they wait for.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a holder that failed tells the others.
#[derive(Debug, Deserialize, Serialize)]
struct Word {
    /// When it failed.
    at: Timestamp,
    kind: String,
    message: String,
    cause: Option<String>,
    hints: Vec<String>,
}

/// Gets what `look` finds, or does `work` for it while holding the lock at `path`.
///
/// `waiting` is what a person is told who has to wait for another process.
///
/// # Errors
/// What `look` or `work` fails with; what the process that was waited for failed with.
pub(super) fn one_at_a_time<T>(
    path: &Path,
    waiting: &str,
    (clock, prompt): (&dyn Clock, &dyn Prompt),
    look: impl Fn() -> Result<Option<T>>,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let began = clock.now();
    let mut told = None;
    let lock = loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if let Some(lock) = Lock::try_take(path)? {
            break lock;
        }
        let waited = clock.now().duration_since(began);
        if told.is_none() && waited.unsigned_abs() >= PATIENCE {
            told = Some(prompt.waiting(waiting));
        }
        clock.sleep(INTERVAL)?;
    };
    drop(told);
    // The lock may have come free between the last look and now.
    if let Some(found) = look()? {
        return Ok(found);
    }
    if let Some(word) = heard(&lock).filter(|word| word.at >= began) {
        return Err(word.into_error());
    }
    let done = work();
    // Without this word the others would each try for themselves: slower, but not wrong.
    let _ = match &done {
        Ok(_) => lock.write(b""),
        Err(error) => Word::of(error, clock.now()).map_or(Ok(()), |word| lock.write(&word)),
    };
    done
}

fn heard(lock: &Lock) -> Option<Word> {
    serde_json::from_slice(&lock.read().ok()?).ok()
}

impl Word {
    /// Nothing when the failure is that of one process: its person left, or is not there.
    fn of(error: &Error, at: Timestamp) -> Option<Vec<u8>> {
        let kind = NAMES.iter().find(|(kind, _)| *kind == error.kind())?.1.to_owned();
        let cause = std::error::Error::source(error).map(ToString::to_string);
        let (message, hints) = (error.message().to_owned(), error.hints().to_vec());
        serde_json::to_vec(&Word { at, kind, message, cause, hints }).ok()
    }

    fn into_error(self) -> Error {
        let kind =
            NAMES.iter().find(|(_, name)| *name == self.kind).map_or(Kind::Failed, |one| one.0);
        let error = Error::new(kind, self.message).maybe_because(self.cause);
        self.hints.into_iter().fold(error, Error::hint)
    }
}

const NAMES: [(Kind, &str); 4] = [
    (Kind::Failed, "failed"),
    (Kind::OktaRefused, "okta"),
    (Kind::AwsRefused, "aws"),
    (Kind::Unreachable, "unreachable"),
];
