//! The text of `robo.toml`, with its lines to point at.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::manifest::FILE;
use crate::error::Error;
use crate::sys::text::plain;

/// The text of a manifest, to point into.
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    /// Whose it is: `acme/dotfiles at 0123abc`.
    pub(super) place: &'a str,
}

impl Page<'_> {
    fn line_at(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Notes the line of each key of `table`, by its dotted name.
    pub(super) fn note_lines(
        &self,
        prefix: &str,
        table: &DeTable<'_>,
        lines: &mut BTreeMap<String, usize>,
    ) {
        for (key, value) in table {
            let path = format!("{prefix}{}", key.get_ref());
            if let DeValue::Table(inner) = value.get_ref() {
                self.note_lines(&format!("{path}."), inner, lines);
            }
            lines.insert(path, self.line_at(key.span().start));
        }
    }

    /// That the value of `key` is wrong.
    pub(super) fn error(&self, line: usize, key: &str, why: &str) -> Error {
        self.excerpt(
            Error::failed(format!("{FILE}:{line} of {}: '{key}' is wrong: {why}", self.place)),
            line,
        )
    }

    /// That it is no TOML, or a value has another type.
    pub(super) fn toml_error(&self, error: &toml::de::Error) -> Error {
        let why = plain(error.message()).into_owned();
        match error.span() {
            Some(span) => {
                let line = self.line_at(span.start);
                let message = format!("{FILE}:{line} of {}: {why}", self.place);
                self.excerpt(Error::failed(message), line)
            }
            None => Error::failed(format!("{FILE} of {}: {why}", self.place)),
        }
    }

    fn excerpt(&self, error: Error, line: usize) -> Error {
        match self.text.lines().nth(line - 1) {
            Some(text) => error.excerpt(line, &plain(text)),
            None => error,
        }
    }
}
