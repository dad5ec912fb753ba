//! Questions to the person, as a trait: the library asks, the terminal (or nobody) answers.

use crate::error::{Error, Kind, Result};

/// Somebody to ask.
pub trait Prompt {
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
    fn confirm(&self, question: &str, _default: bool) -> Result<bool> {
        Self::refuse(question)
    }

    fn letter(&self, question: &str, _letters: &[char]) -> Result<char> {
        Self::refuse(question)
    }

    fn pick(&self, question: &str, _items: &[String]) -> Result<usize> {
        Self::refuse(question)
    }
}
