//! What is wrong in a catalogue, line by line.

use crate::error::Error;
use crate::sys::text::{count, plain};

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Weight {
    /// The catalogue means nothing as it is.
    Mistake,
    /// It means something, though hardly what was wanted.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// How much it weighs.
    pub weight: Weight,
    /// What is wrong, to what, and how it is written right. It is safe to show.
    pub what: String,
}

/// All that is wrong in one file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Problems {
    file: String,
    list: Vec<Problem>,
}

/// How many mistakes an error shows; the rest is counted.
const SHOWN: usize = 10;

impl Problems {
    /// None yet, in the file that a person knows as `file`.
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), list: Vec::new() }
    }

    /// Notes a mistake.
    pub(super) fn mistake(&mut self, line: usize, what: impl AsRef<str>) {
        self.note(line, Weight::Mistake, what.as_ref());
    }

    /// Notes what stops nothing.
    pub(super) fn warn(&mut self, line: usize, what: impl AsRef<str>) {
        self.note(line, Weight::Warning, what.as_ref());
    }

    fn note(&mut self, line: usize, weight: Weight, what: &str) {
        self.list.push(Problem { line, weight, what: cut(&plain(what)) });
    }

    /// Puts them in the order of the file.
    pub(super) fn sort(&mut self) {
        self.list.sort_by_key(|problem| problem.line);
        self.list.dedup();
    }

    /// The file as a person knows it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// All of them, in the order of the file.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// Whether there is a mistake among them.
    pub fn is_fatal(&self) -> bool {
        self.mistakes().next().is_some()
    }

    /// What stops nothing, each with its place before it.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.list.iter().filter(|problem| problem.weight == Weight::Warning);
        warnings.map(|problem| self.shown(problem)).collect()
    }

    /// `aws/catalog.toml:31: what`
    pub fn shown(&self, problem: &Problem) -> String {
        format!("{}:{}: {}", plain(&self.file), problem.line, problem.what)
    }

    fn mistakes(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter().filter(|problem| problem.weight == Weight::Mistake)
    }

    /// The mistakes as one error, with the first one's line out of `text`; none when there are
    /// none.
    pub fn error(&self, text: &str) -> Option<Error> {
        let mut mistakes = self.mistakes();
        let first = mistakes.next()?;
        let mut error = Error::failed(self.shown(first));
        if let Some(line) = text.lines().nth(first.line - 1) {
            error = error.excerpt(first.line, &cut(&plain(line)));
        }
        let rest: Vec<String> = mistakes.map(|problem| self.shown(problem)).collect();
        if rest.is_empty() {
            return Some(error);
        }
        let mut cause: Vec<String> =
            vec![format!("the file has {} more:", count(rest.len(), "mistake"))];
        cause.extend(rest.iter().take(SHOWN - 1).cloned());
        if rest.len() >= SHOWN {
            cause.push(format!("and {} more", rest.len() + 1 - SHOWN));
        }
        Some(error.because(cause.join("\n")))
    }
}

/// A text that a person can read in one look; what is longer has been given an odd name.
fn cut(text: &str) -> String {
    const MOST: usize = 400;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
