//! The text of a catalogue as TOML, with the line of everything in it.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::catalog::model::Said;
use crate::catalog::problem::Problems;
use crate::sys::text::did_you_mean;

/// A value of TOML that knows its span.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// The text, and what is wrong with it so far.
pub(super) struct Page {
    /// Where each line begins.
    starts: Vec<usize>,
    pub(super) problems: Problems,
    /// How many more names may be compared with misspelt ones.
    comparisons: usize,
    /// How many more profiles all grants may come to.
    pub(super) profiles: usize,
}

/// Some mistakes in a large company are worth a guess, a hundred thousand are not.
const MOST_COMPARISONS: usize = 200_000;

/// A longer name is no misspelt one.
const LONGEST_NAME: usize = 100;

/// How many profiles all teams together may have: a thousand teams of five thousand.
pub(super) const MOST_PROFILES: usize = 5_000_000;

/// A key of a table, its value, and its line.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a Value<'a>,
    pub(super) line: usize,
}

impl Page {
    /// Reads the lines of `text`.
    pub(super) fn new(file: &str, text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self {
            starts,
            problems: Problems::new(file),
            comparisons: MOST_COMPARISONS,
            profiles: MOST_PROFILES,
        }
    }

    /// The line of an offset into the text.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// Notes a mistake.
    pub(super) fn mistake(&mut self, line: usize, what: impl AsRef<str>) {
        self.problems.mistake(line, what);
    }

    /// Notes what the parser stops at, in words of our own where its are of little help.
    pub(super) fn syntax(&mut self, text: &str, error: &toml::de::Error) {
        let span = error.span().unwrap_or_default();
        let line = self.line(span.start);
        let at = text.get(span).map(str::trim).unwrap_or_default();
        match error.message() {
            "duplicate key" if !at.is_empty() => {
                self.mistake(line, format!("{at} is there already: each name stands for one"));
            }
            // As in id = 012345678901.
            message if message.starts_with("unexpected leading zero") => {
                let what = "no number begins with 0; what is text, such as an account's id, stands \
                            in quotes";
                self.mistake(line, what);
            }
            message => self.mistake(line, message),
        }
    }

    /// The entries of a table, in the order they are written.
    pub(super) fn entries<'a>(&self, table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entry = |(key, value): (&'a Spanned<_>, _)| {
            let name: &std::borrow::Cow<'a, str> = key.get_ref();
            Entry { key: name.as_ref(), value, line: self.line(key.span().start) }
        };
        entries.into_iter().map(entry).collect()
    }

    /// The table that the entry is; `whose` says of what: `account 'dev'`.
    pub(super) fn table<'a>(&mut self, entry: Entry<'a>, whose: &str) -> Option<&'a DeTable<'a>> {
        match entry.value.get_ref() {
            DeValue::Table(table) => Some(table),
            other => {
                let what = format!("{whose} is {}, and should be a table", noun(other));
                self.mistake(entry.line, what);
                None
            }
        }
    }

    /// The text that the entry is, if `flaw` finds nothing wrong with it.
    pub(super) fn text(
        &mut self,
        entry: Entry<'_>,
        whose: &str,
        flaw: impl Fn(&str) -> Option<String>,
    ) -> Option<Said<String>> {
        let text = self.string(entry.value, entry.line, &format!("{whose}: '{}'", entry.key))?;
        if let Some(flaw) = flaw(text) {
            self.mistake(entry.line, format!("{whose}: '{}' is '{text}': {flaw}", entry.key));
            return None;
        }
        Some(Said { value: text.to_owned(), line: entry.line })
    }

    /// The string that a value is; `what` names it.
    pub(super) fn string<'a>(
        &mut self,
        value: &'a Value<'a>,
        line: usize,
        what: &str,
    ) -> Option<&'a str> {
        match value.get_ref() {
            DeValue::String(text) => Some(text),
            other => {
                let quotes = match other {
                    DeValue::Integer(_) => "; write it in quotes",
                    _ => "",
                };
                let noun = noun(other);
                self.mistake(line, format!("{what} is {noun}, and should be text{quotes}"));
                None
            }
        }
    }

    /// The strings of a list, each with its line; a lone string is a list of one. An empty list
    /// is a mistake.
    pub(super) fn strings(&mut self, entry: Entry<'_>, whose: &str) -> Vec<Said<String>> {
        let what = format!("{whose}: '{}'", entry.key);
        let values = match entry.value.get_ref() {
            DeValue::Array(values) => values.iter().collect(),
            _ => vec![entry.value],
        };
        if values.is_empty() {
            self.mistake(entry.line, format!("{what} is empty: leave it out, or name something"));
        }
        let mut strings = Vec::new();
        for value in values {
            let line = self.line(value.span().start);
            let text = self.string(value, line, &what);
            strings.extend(text.map(|text| Said { value: text.to_owned(), line }));
        }
        strings
    }

    /// Notes a key that is not one of `known`.
    pub(super) fn unknown(&mut self, entry: Entry<'_>, whose: &str, known: &[&str]) {
        let guess = self.guess(entry.key, known.iter().copied());
        self.mistake(entry.line, format!("{whose}: unknown key '{}'{guess}", entry.key));
    }

    /// Notes that a key that has to be there is not.
    pub(super) fn missing(&mut self, line: usize, whose: &str, key: &str, example: &str) {
        self.mistake(line, format!("{whose} has no '{key}': write {key} = {example}"));
    }

    /// ` (did you mean 'dev'?)`, or nothing.
    pub(super) fn guess<'n>(
        &mut self,
        name: &str,
        among: impl IntoIterator<Item = &'n str>,
    ) -> String {
        if name.len() > LONGEST_NAME {
            return String::new();
        }
        let comparisons = &mut self.comparisons;
        let near = among.into_iter().filter(|known| known.len() <= LONGEST_NAME).take_while(|_| {
            *comparisons = comparisons.saturating_sub(1);
            *comparisons > 0
        });
        did_you_mean(name, near).map(|guess| format!(" ({guess})")).unwrap_or_default()
    }
}

/// What a value is, in words.
pub(super) fn noun(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
