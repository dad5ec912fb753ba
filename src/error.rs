//! What went wrong, why, and what to type next.
//!
//! Everything in robo fails with one type. An [`Error`] carries a sentence that names what was
//! being done and to what, the cause beneath it, the place in a file where there is one, and
//! hints: commands or edits that mend it. Only the reporter in [`crate::ui`] prints it.

use std::fmt;

/// The result of everything in robo that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The class of a failure; it decides the exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// It was tried and did not work: exit code 1.
    Failed,
    /// The command line is wrong or lacks something: exit code 2.
    Usage,
    /// A question would have to be asked, and nobody is there to answer: exit code 4.
    NeedsAnswer,
    /// Okta said no: wrong password, locked out, expired, push refused or timed out: exit code 5.
    OktaRefused,
    /// AWS said no: exit code 6.
    AwsRefused,
    /// A server could not be reached, its TLS not verified, or a proxy refused: exit code 7.
    Unreachable,
    /// The person stopped it: exit code 130.
    Interrupted,
}

impl Kind {
    /// The process exit code for this class.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::NeedsAnswer => 4,
            Kind::OktaRefused => 5,
            Kind::AwsRefused => 6,
            Kind::Unreachable => 7,
            Kind::Interrupted => 130,
        }
    }
}

/// One failure, ready to be shown.
#[derive(Debug)]
pub struct Error(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: Kind,
    message: String,
    excerpt: Option<String>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    hints: Vec<String>,
}

impl Error {
    /// A failure of class `kind`; `message` says what was being done and to what.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Parts {
            kind,
            message: message.into(),
            excerpt: None,
            cause: None,
            hints: Vec::new(),
        }))
    }

    /// Something that was tried and did not work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// A command line that is wrong or lacks something.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Says first what it was that failed so: `task 'deploy': …`.
    #[must_use]
    pub fn within(mut self, what: &str) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    /// Adds what lies beneath: the operating system's or another program's own words.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Adds what lies beneath where there is something.
    #[must_use]
    pub fn maybe_because(
        self,
        cause: Option<impl Into<Box<dyn std::error::Error + Send + Sync>>>,
    ) -> Self {
        match cause {
            Some(cause) => self.because(cause),
            None => self,
        }
    }

    /// Adds what to type or edit next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Adds a hint where there is one.
    #[must_use]
    pub fn maybe_hint(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Adds the offending line, with its number.
    #[must_use]
    pub fn excerpt(mut self, line: usize, text: &str) -> Self {
        self.0.excerpt = Some(format!("{line} | {text}"));
        self
    }

    /// The class of this failure.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What was being done, and to what.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The line of a file that is at fault, with its number.
    pub fn excerpt_text(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// What to do next, in order.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}
