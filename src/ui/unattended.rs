//! Nobody at the terminal: no question is answered, and what is told goes to the log.

use std::cell::RefCell;

use crate::error::Result;
use crate::sys::prompt::{Nobody, Prompt, Waiting};
use crate::sys::secret::Secret;
use crate::sys::text::plain;

/// Refuses questions as [`Nobody`] does, but writes on stderr what is told and waited for: who
/// reads it there may still hold the phone that a push went to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unattended {
    /// Whether details are told too.
    pub(super) verbose: bool,
}

impl Prompt for Unattended {
    fn can_ask(&self) -> bool {
        Nobody.can_ask()
    }

    fn confirm(&self, question: &str, default: bool) -> Result<bool> {
        Nobody.confirm(question, default)
    }

    fn letter(&self, question: &str, letters: &[char]) -> Result<char> {
        Nobody.letter(question, letters)
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize> {
        Nobody.pick(question, items)
    }

    fn line(&self, question: &str) -> Result<String> {
        Nobody.line(question)
    }

    fn secret(&self, question: &str) -> Result<Secret> {
        Nobody.secret(question)
    }

    fn note(&self, text: &str) {
        super::tell(None, &format!("{}\n", plain(text)));
    }

    fn detail(&self, text: &str) {
        if self.verbose {
            super::tell_detail(None, text);
        }
    }

    fn waiting<'a>(&'a self, text: &str) -> Box<dyn Waiting + 'a> {
        self.note(text);
        Box::new(Logged { last: RefCell::new(text.to_owned()) })
    }
}

/// A wait whose every new text is a line in the log.
struct Logged {
    last: RefCell<String>,
}

impl Waiting for Logged {
    fn update(&self, text: &str) {
        if self.last.replace(text.to_owned()) != text {
            super::tell(None, &format!("{}\n", plain(text)));
        }
    }
}
