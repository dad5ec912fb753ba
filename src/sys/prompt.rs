//! Questions to the person, as a trait: the library asks, the terminal (or nobody) answers.

use crate::error::{Error, Kind, Result};
use crate::sys::secret::Secret;

/// Somebody to ask, and to tell what is going on.
pub trait Prompt {
    /// Whether a question can be answered at all. Where it cannot, each question is
    /// [`Kind::NeedsAnswer`].
    fn can_ask(&self) -> bool;

    /// A yes-or-no question; `default` is what plain Enter means.
    ///
    /// # Errors
    /// [`Kind::NeedsAnswer`] when nobody is there, [`Kind::Interrupted`] when the person left.
    fn confirm(&self, question: &str, default: bool) -> Result<bool>;

    /// A question with a letter for each answer, such as `Keep (y)ours or take the (t)eam's?`.
    /// Gives one of `letters`.
    ///
    /// # Errors
    /// As [`Prompt::confirm`].
    fn letter(&self, question: &str, letters: &[char]) -> Result<char>;

    /// Picks one of `items`, whose index it gives.
    ///
    /// # Errors
    /// As [`Prompt::confirm`].
    fn pick(&self, question: &str, items: &[String]) -> Result<usize>;

    /// A question answered by a line of text, without blanks around it; never an empty one.
    ///
    /// # Errors
    /// As [`Prompt::confirm`].
    fn line(&self, question: &str) -> Result<String>;

    /// A question whose answer is typed unseen: a password, the answer to a security question.
    /// Never empty; blanks around it belong to it. What was typed before the question was there
    /// does not count.
    ///
    /// # Errors
    /// As [`Prompt::confirm`].
    fn secret(&self, question: &str) -> Result<Secret>;

    /// Tells something that needs no answer, in a line of its own.
    fn note(&self, text: &str);

    /// Tells something that only who wants to know more is told. It is no secret.
    fn detail(&self, _text: &str) {}

    /// Tells `text`, which has an address to be opened by the person, here or on another device;
    /// `address` is the same, or one that needs less typing.
    fn visit(&self, text: &str, _address: &str) {
        self.note(text);
    }

    /// Shows that something is waited for, until what it gives is dropped. Notes and questions may
    /// come in between.
    fn waiting<'a>(&'a self, text: &str) -> Box<dyn Waiting + 'a>;
}

/// Something that is being waited for; it is over when this is dropped.
pub trait Waiting {
    /// Says something else from now on.
    fn update(&self, text: &str);
}

/// A wait that nobody watches.
impl Waiting for () {
    fn update(&self, _text: &str) {}
}

/// Nobody: every question is an error that says so.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Nobody {
    fn refuse<T>(question: &str) -> Result<T> {
        Err(Error::new(
            Kind::NeedsAnswer,
            format!("a question needs an answer, and nobody is there: {question}"),
        )
        .hint("run it on a terminal, or say the answer with a flag (see --help)"))
    }
}

impl Prompt for Nobody {
    fn can_ask(&self) -> bool {
        false
    }

    fn confirm(&self, question: &str, _default: bool) -> Result<bool> {
        Self::refuse(question)
    }

    fn letter(&self, question: &str, _letters: &[char]) -> Result<char> {
        Self::refuse(question)
    }

    fn pick(&self, question: &str, _items: &[String]) -> Result<usize> {
        Self::refuse(question)
    }

    fn line(&self, question: &str) -> Result<String> {
        Self::refuse(question)
    }

    fn secret(&self, question: &str) -> Result<Secret> {
        Self::refuse(question)
    }

    fn note(&self, _text: &str) {}

    fn waiting<'a>(&'a self, _text: &str) -> Box<dyn Waiting + 'a> {
        Box::new(())
    }
}
