//! One at a time, over all processes: who needs what another is just getting waits for it.
//!
//! The lock is the operating system's, on a file, so it dies with its holder. Whoever waits looks
//! again and again whether the work is done already, and so mostly never takes the lock at all.
//! A holder that fails leaves word of it in the lock's file: those of the waiting whom it
//! [`Concerns`] then take it for their own failure, so that a push that was refused once is not
//! sent to the same phone by each of them.

use std::cell::RefCell;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::okta::Invited;
use crate::sys::clock::Clock;
use crate::sys::lock::{self, Lock};
use crate::sys::prompt::Prompt;

/// How often it is looked again. A wait is rare and human-sized.
const INTERVAL: Duration = Duration::from_millis(25);

/// After so long a person is told what they wait for.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is looked whether there is something that a person can do.
const LOOK: SignedDuration = SignedDuration::from_millis(500);

/// How long who has no person waits for a process that may have one: as long as Okta gives for
/// signing in in the browser, which is longer than a push is good.
const UNATTENDED: Duration = Duration::from_secs(600);

/// What is waited for.
pub(super) struct Turn<'a> {
    /// The lock's file.
    pub(super) lock: PathBuf,
    /// What exactly is to be got: others may wait for the same lock to get something else.
    pub(super) about: &'a str,
    /// What a person is told who has to wait for another process.
    pub(super) waiting: String,
}

/// What those who wait are told as long as the work goes on: where to sign in in the browser. Who
/// holds the lock may have nobody to see it.
#[derive(Debug, Default)]
pub(super) struct Holding {
    lock: RefCell<Option<File>>,
}

impl Holding {
    /// Lets those who wait do what the person of this process was told to do.
    pub(super) fn invited(&self, invited: &Invited) {
        let Some(lock) = &*self.lock.borrow() else { return };
        let Invited { text, address, until } = invited.clone();
        let word = serde_json::to_vec(&Invitation { text, address, until });
        // Without it they wait all the same.
        let _ = word.map(|word| lock::rewrite(lock, &word));
    }
}

/// What a holder tells while it works. It is no word of a failure, and read as none.
#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    text: String,
    address: String,
    until: Timestamp,
}

impl Invitation {
    /// The one of whoever holds the lock now, if its code is still good.
    fn of_holder(turn: &Turn<'_>, now: Timestamp) -> Option<Self> {
        let word: Self = serde_json::from_slice(&lock::peek(&turn.lock).ok()?).ok()?;
        (now < word.until).then_some(word)
    }

    /// Shows it; nothing is opened, since another process may have done so.
    fn show(&self, prompt: &dyn Prompt) {
        let text = self.text.strip_prefix("Okta: ").unwrap_or(&self.text);
        prompt.visit(&format!("Okta: another robo waits for it: {text}"), &self.address);
    }
}

/// A failure, and whom of the waiting it concerns.
pub(super) struct Failed {
    pub(super) error: Error,
    pub(super) concerns: Concerns,
}

/// Whom of the waiting a failure concerns. One of a single process (its person left, or is not
/// there) concerns nobody else, whatever this says.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Concerns {
    /// None of them: it comes from what this process was given alone.
    Nobody,
    /// Those who wait for the very same.
    Same,
    /// All of them, for whatever they wait.
    All,
    /// All who cannot ask a person either.
    Unattended,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, concerns: Concerns::Same }
    }
}

/// What a holder that failed tells the others.
#[derive(Debug, Deserialize, Serialize)]
struct Word {
    /// When it failed.
    at: Timestamp,
    /// [`Turn::about`].
    about: String,
    concerns: Concerns,
    kind: String,
    message: String,
    cause: Option<String>,
    hints: Vec<String>,
}

/// Gets what `look` finds, or does `work` for it while holding the lock of `turn`. Where there can
/// be no lock, the work is done without one.
///
/// # Errors
/// What `look` or `work` fails with; what the process that was waited for failed with.
pub(super) fn one_at_a_time<T>(
    turn: &Turn<'_>,
    (clock, prompt): (&dyn Clock, &dyn Prompt),
    holding: &Holding,
    look: impl Fn() -> Result<Option<T>>,
    work: impl FnOnce() -> Result<T, Failed>,
) -> Result<T> {
    let began = clock.now();
    let mut told = None;
    let (mut looked, mut shown) = (None::<Timestamp>, None);
    let lock = loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        match Lock::try_take(&turn.lock) {
            Ok(Some(lock)) => break lock,
            Ok(None) => {}
            Err(error) => {
                prompt.note(&format!("{}; no other robo will wait for this one", whole(&error)));
                return work().map_err(|failed| failed.error);
            }
        }
        let waited = clock.now().duration_since(began);
        if told.is_none() && waited.unsigned_abs() >= PATIENCE {
            told = Some(prompt.waiting(&turn.waiting));
        }
        if told.is_some() && looked.is_none_or(|at| clock.now().duration_since(at) >= LOOK) {
            looked = Some(clock.now());
            let invitation = Invitation::of_holder(turn, clock.now());
            if invitation.is_some() && invitation != shown {
                invitation.iter().for_each(|one| one.show(prompt));
                shown = invitation;
            }
        }
        if waited.unsigned_abs() >= UNATTENDED && !prompt.can_ask() {
            return Err(Error::new(
                Kind::NeedsAnswer,
                format!(
                    "{} It has done so for {} minutes",
                    turn.waiting,
                    UNATTENDED.as_secs() / 60
                ),
            )
            .hint(
                "is a question of it unanswered in another terminal? 'ps ax | grep robo' shows it",
            ));
        }
        clock.sleep(INTERVAL)?;
    };
    drop(told);
    // The lock may have come free between the last look and now.
    if let Some(found) = look()? {
        return Ok(found);
    }
    // Word of a later time is from before the clock was set back.
    let now = clock.now();
    let is_news = |word: &Word| (began..=now).contains(&word.at);
    let concerns = |word: &Word| word.concerns(turn.about, prompt.can_ask());
    if let Some(word) = heard(&lock).filter(|word| is_news(word) && concerns(word)) {
        return Err(word.into_error());
    }
    // What is there is of another.
    let _ = lock.write(b"");
    holding.lock.replace(lock.share().ok());
    let done = work();
    holding.lock.take();
    // Without this word the others would each try for themselves: slower, but not wrong.
    let _ = match &done {
        Ok(_) => lock.write(b""),
        Err(failed) => lock.write(&Word::of(failed, turn, clock.now()).unwrap_or_default()),
    };
    done.map_err(|failed| failed.error)
}

/// An error in one sentence, its cause included.
pub(super) fn whole(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

fn heard(lock: &Lock) -> Option<Word> {
    serde_json::from_slice(&lock.read().ok()?).ok()
}

impl Word {
    /// Nothing when the failure is that of one process: its person left, or is not there.
    fn of(failed: &Failed, turn: &Turn<'_>, at: Timestamp) -> Option<Vec<u8>> {
        let Failed { error, concerns } = failed;
        let kind = NAMES.iter().find(|(kind, _)| *kind == error.kind())?.1.to_owned();
        let cause = std::error::Error::source(error).map(ToString::to_string);
        let (message, hints) = (error.message().to_owned(), error.hints().to_vec());
        let (about, concerns) = (turn.about.to_owned(), *concerns);
        serde_json::to_vec(&Word { at, about, concerns, kind, message, cause, hints }).ok()
    }

    fn concerns(&self, about: &str, can_ask: bool) -> bool {
        match self.concerns {
            Concerns::Nobody => false,
            Concerns::Same => self.about == about,
            Concerns::All => true,
            Concerns::Unattended => !can_ask,
        }
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::sys::clock::SystemClock;
    use crate::sys::prompt::Nobody;

    /// Does work that gives 1, after another process left `word`; says whether it was done.
    fn done_after(word: &Word) -> (bool, Result<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("turn.lock");
        let text = serde_json::to_vec(word).unwrap();
        Lock::try_take(&lock).unwrap().unwrap().write(&text).unwrap();
        let turn = Turn { lock, about: "this", waiting: String::new() };
        let clock = SystemClock::default();
        let done = Cell::new(false);
        let work = || {
            done.set(true);
            Ok(1)
        };
        let world = (&clock as &dyn Clock, &Nobody as &dyn Prompt);
        let got = one_at_a_time(&turn, world, &Holding::default(), || Ok(None), work);
        (done.get(), got)
    }

    fn word(at: Timestamp) -> Word {
        Word {
            at,
            about: "this".to_owned(),
            concerns: Concerns::All,
            kind: "okta".to_owned(),
            message: "no".to_owned(),
            cause: None,
            hints: vec!["hint".to_owned()],
        }
    }

    #[test]
    fn a_failure_of_another_time_is_not_heard() {
        let now = Timestamp::now();
        let hours = |hours| now + SignedDuration::from_hours(hours);
        // The clock was set back after the latter.
        for at in [hours(-1), hours(1)] {
            let (done, got) = done_after(&word(at));
            assert!(done && got.is_ok(), "{at}");
        }
    }

    #[test]
    fn a_failure_reaches_whom_it_concerns() {
        let cases = [
            (Concerns::Same, "this", true, true),
            (Concerns::Same, "that", false, false),
            (Concerns::All, "that", true, true),
            (Concerns::Unattended, "that", false, true),
            (Concerns::Nobody, "this", false, false),
        ];
        for (concerns, about, attended, unattended) in cases {
            let about = about.to_owned();
            let word = Word { concerns, about, ..word(Timestamp::now()) };
            assert_eq!(word.concerns("this", true), attended, "{word:?}");
            assert_eq!(word.concerns("this", false), unattended, "{word:?}");
            let error = word.into_error();
            assert_eq!((error.kind(), error.message()), (Kind::OktaRefused, "no"));
            assert_eq!(error.hints(), ["hint"]);
        }
    }

    #[test]
    fn a_failure_of_one_process_is_not_left_for_others() {
        let turn = Turn { lock: PathBuf::new(), about: "this", waiting: String::new() };
        for (kind, left) in
            [(Kind::Interrupted, false), (Kind::NeedsAnswer, false), (Kind::Unreachable, true)]
        {
            let failed = Failed { error: Error::new(kind, "no"), concerns: Concerns::All };
            assert_eq!(Word::of(&failed, &turn, Timestamp::now()).is_some(), left, "{kind:?}");
        }
    }
}
