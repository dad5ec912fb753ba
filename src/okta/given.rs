//! A code for the second factor that is there before anybody is asked for one.

use std::cell::RefCell;
use std::fmt;

use crate::error::{Error, Kind, Result};
use crate::sys::clock::Clock;
use crate::sys::one_line::one_line;
use crate::sys::prompt::Prompt;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// A code, or a program that prints one. No code is given out twice.
pub struct GivenCode {
    source: Source,
    given: RefCell<Vec<Secret>>,
}

enum Source {
    Text(Secret),
    /// A command, and where it was found.
    Program(String, String),
}

/// A program that shall print a code may have to ask the person first.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A code that changes with the time is another one after 30 seconds.
const NEXT: std::time::Duration = std::time::Duration::from_secs(35);

/// How often it is looked whether it is.
const LOOK: std::time::Duration = std::time::Duration::from_secs(5);

const WAITING: &str = "Okta: waiting for the mfa_code_command to print another code.";

impl GivenCode {
    /// This code.
    pub fn text(code: Secret) -> Self {
        Self { source: Source::Text(code), given: RefCell::default() }
    }

    /// What `command` prints, whenever a code is wanted. It is split into words as a shell does
    /// it, but no shell runs it. `origin` is where the command was found, for errors; a command
    /// that is none is one only once a code is wanted.
    pub fn program(command: &str, origin: &str) -> Self {
        let source = Source::Program(command.to_owned(), origin.to_owned());
        Self { source, given: RefCell::default() }
    }

    /// A code that was not given out before; none where there is no other. A program is asked
    /// again until it prints another one: its codes change every 30 seconds.
    pub(super) fn next(&self, clock: &dyn Clock, prompt: &dyn Prompt) -> Result<Option<String>> {
        let began = clock.now();
        let mut waiting = None;
        loop {
            let code = self.source.code(clock)?;
            let code: String = code.expose_secret().split_whitespace().collect();
            let is_old = |before: &Secret| before.expose_secret() == code;
            if !self.given.borrow().iter().any(is_old) {
                self.given.borrow_mut().push(Secret::from(code.clone()));
                return Ok(Some(code));
            }
            let waited = clock.now().duration_since(began).unsigned_abs();
            if matches!(self.source, Source::Text(_)) || waited >= NEXT {
                return Ok(None);
            }
            waiting.get_or_insert_with(|| prompt.waiting(WAITING));
            clock.sleep(LOOK.min(NEXT - waited))?;
        }
    }

    /// Whether one was given out.
    pub fn is_used(&self) -> bool {
        !self.given.borrow().is_empty()
    }

    /// Whether it is a program, which may print another one.
    pub(super) fn is_program(&self) -> bool {
        matches!(self.source, Source::Program(..))
    }

    /// Whether there may be another code.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.source, Source::Text(_)) && !self.given.borrow().is_empty()
    }

    /// The error for a code that is none.
    pub(super) fn misshapen(&self, factor: &str, shape: &str) -> Error {
        let (kind, what) = match self.source {
            Source::Text(_) => (Kind::Usage, "the code that was given"),
            Source::Program(..) => (Kind::Failed, "what the mfa_code_command printed"),
        };
        Error::new(kind, format!("{what} is no code of {factor}: it was not sent"))
            .hint(format!("{factor} has {shape}"))
    }
}

impl Source {
    fn code(&self, clock: &dyn Clock) -> Result<Secret> {
        let (command, origin) = match self {
            Source::Text(code) => return Ok(code.clone()),
            Source::Program(command, origin) => (command, origin),
        };
        let words = shell_words::split(command).ok();
        let words = words.filter(|words| words.first().is_some_and(|program| !program.is_empty()));
        let words = words.ok_or_else(|| {
            Error::failed(format!("'{command}' is not a command"))
                .hint("name a program that prints a code, with its arguments: 'oathtool --totp …'")
                .hint(format!("it comes from {origin}"))
        })?;
        one_line(&words, PATIENCE, clock)
            .map_err(|error| error.hint("it is the mfa_code_command that was to print a code"))
    }
}

impl fmt::Debug for GivenCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.source {
            Source::Text(_) => "a code",
            Source::Program(..) => "a program",
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::sys::prompt::Nobody;

    /// A clock that goes on by the waits for another code alone, and not by those for a program.
    struct Waits {
        now: Cell<Timestamp>,
        count: Cell<usize>,
    }

    impl Clock for Waits {
        fn now(&self) -> Timestamp {
            self.now.get()
        }

        fn sleep(&self, duration: Duration) -> Result<()> {
            if duration >= Duration::from_secs(1) {
                self.now.set(self.now.get() + duration);
                self.count.set(self.count.get() + 1);
            }
            Ok(())
        }
    }

    #[test]
    fn a_program_is_waited_for_until_it_prints_another_code() {
        // What a program of `codes`, the last of them for ever, comes to when it is asked twice; and
        // how often was waited in all.
        let given = |codes: &str| {
            let folder = tempfile::tempdir().unwrap();
            let count = folder.path().join("count");
            let script = r#"n=$(cat "$1" 2>/dev/null || echo 1); echo $((n+1)) >"$1"; [ $n -lt $# ] || n=$(($#-1)); shift $n; echo "$1""#;
            let command = format!("sh -c '{script}' code {} {codes}", count.display());
            let code = GivenCode::program(&command, "a test");
            let clock = Waits { now: Cell::new(Timestamp::UNIX_EPOCH), count: Cell::new(0) };
            let got = [(); 2].map(|()| code.next(&clock, &Nobody).unwrap());
            (got, clock.count.get())
        };
        let some = |code: &str| Some(code.to_owned());
        assert_eq!(given("111111 111111 111111 222222"), ([some("111111"), some("222222")], 2));
        // No longer than a code lasts: 35 s, at 5 s each.
        assert_eq!(given("111111"), ([some("111111"), None], 7));
    }
}
