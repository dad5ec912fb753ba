//! A code for the second factor that is there before anybody is asked for one.

use std::cell::RefCell;
use std::fmt;

use crate::error::{Error, Kind, Result};
use crate::sys::clock::Clock;
use crate::sys::one_line::one_line;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// A code, or a program that prints one. No code is given out twice.
pub struct GivenCode {
    source: Source,
    given: RefCell<Vec<Secret>>,
}

enum Source {
    Text(Secret),
    Program(Vec<String>),
}

/// A program that shall print a code may have to ask the person first.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

impl GivenCode {
    /// This code.
    pub fn text(code: Secret) -> Self {
        Self { source: Source::Text(code), given: RefCell::default() }
    }

    /// What `command` prints, whenever a code is wanted. It is split into words as a shell does
    /// it, but no shell runs it.
    ///
    /// # Errors
    /// When it has no words, or a quote without an end.
    pub fn program(command: &str) -> Result<Self> {
        let words = shell_words::split(command).ok();
        let words = words.filter(|words| words.first().is_some_and(|program| !program.is_empty()));
        let words = words.ok_or_else(|| {
            Error::failed(format!("'{command}' is not a command"))
                .hint("name a program that prints a code, with its arguments: 'oathtool --totp …'")
        })?;
        Ok(Self { source: Source::Program(words), given: RefCell::default() })
    }

    /// A code that was not given out before; none where there is no other.
    pub(super) fn next(&self, clock: &dyn Clock) -> Result<Option<String>> {
        let code = match &self.source {
            Source::Text(code) => code.clone(),
            Source::Program(words) => one_line(words, PATIENCE, clock).map_err(|error| {
                error.hint("it is the mfa_code_command that was to print a code")
            })?,
        };
        let code: String = code.expose_secret().split_whitespace().collect();
        let mut given = self.given.borrow_mut();
        if given.iter().any(|before| before.expose_secret() == code) {
            return Ok(None);
        }
        given.push(Secret::from(code.clone()));
        Ok(Some(code))
    }

    /// Whether there may be another code.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.source, Source::Text(_)) && !self.given.borrow().is_empty()
    }

    /// The error for a code that is none.
    pub(super) fn misshapen(&self, factor: &str, shape: &str) -> Error {
        let (kind, what) = match self.source {
            Source::Text(_) => (Kind::Usage, "the code that was given"),
            Source::Program(_) => (Kind::Failed, "what the mfa_code_command printed"),
        };
        Error::new(kind, format!("{what} is no code of {factor}: it was not sent"))
            .hint(format!("{factor} has {shape}"))
    }
}

impl fmt::Debug for GivenCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.source {
            Source::Text(_) => "a code",
            Source::Program(_) => "a program",
        })
    }
}
