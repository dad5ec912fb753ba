//! What is merged as one: a property with its continuation lines.

use std::fmt;
use std::sync::Arc;

/// A line of a named file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The file as a person knows it: `aws/teams/data.config`.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A key, its value, its continuation lines and the comments above it.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The key as written.
    pub key: String,
    /// The value on the first line, trimmed.
    pub value: String,
    /// The indented lines below, whole but for their endings.
    pub continuation: Vec<String>,
    /// The comment lines right above.
    pub lead: Vec<String>,
    /// Where it stands.
    pub place: Place,
    /// The key in lower case.
    pub(super) name: String,
    /// Its index among the properties of its section in the document it was read from.
    pub(super) index: usize,
}

impl Unit {
    /// A property of one line.
    pub(super) fn new(key: &str, value: String, place: Place) -> Self {
        Self {
            key: key.to_owned(),
            value,
            continuation: Vec::new(),
            lead: Vec::new(),
            place,
            name: key.to_lowercase(),
            index: 0,
        }
    }

    /// The name that keys are compared by: the key in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether both mean the same: blanks around a value, around a nested `=` and at line ends,
    /// and the order of nested lines, do not count. Comments between nested lines do.
    pub fn means(&self, other: &Unit) -> bool {
        self.value == other.value
            && (self.continuation == other.continuation
                || self.plain_continuation() == other.plain_continuation())
    }

    /// Whether it is a block of nested `key = value` lines.
    pub fn is_nested(&self) -> bool {
        self.value.is_empty() && !self.continuation.is_empty()
    }

    /// The nested keys (in lower case) and values, where it is a block of them.
    pub fn nested(&self) -> impl Iterator<Item = (String, &str)> {
        let lines: &[String] = if self.is_nested() { &self.continuation } else { &[] };
        lines.iter().filter(|line| !is_comment(line)).filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            Some((key.trim().to_lowercase(), value.trim()))
        })
    }

    /// The value as one text, a line for each line.
    pub fn text(&self) -> String {
        let mut text = self.value.clone();
        for line in &self.continuation {
            text.push('\n');
            text.push_str(line.trim());
        }
        text
    }

    /// The value as Python's `configparser` gives it: comments below it skipped, lines trimmed.
    pub(super) fn read_by_python(&self) -> String {
        let mut text = self.value.clone();
        for line in self.continuation.iter().filter(|line| !is_comment(line)) {
            text.push('\n');
            text.push_str(line.trim());
        }
        text
    }

    /// Whether that is `text`.
    pub(super) fn is_read_as(&self, text: &str) -> bool {
        match self.continuation.is_empty() {
            true => self.value == text,
            false => self.read_by_python() == text,
        }
    }

    /// The whole lines of this property, in robo's own spacing, without the comments above.
    pub fn lines(&self) -> Vec<String> {
        let first = format!("{} = {}", self.key, self.value).trim_end().to_owned();
        std::iter::once(first).chain(self.continuation.iter().cloned()).collect()
    }

    fn plain_continuation(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .continuation
            .iter()
            .map(|line| match line.split_once('=') {
                Some((key, value)) if self.is_nested() => {
                    format!("{}={}", key.trim(), value.trim())
                }
                _ => line.trim().to_owned(),
            })
            .collect();
        // The order of nested keys means nothing, unless one is there twice.
        let mut keys: Vec<String> = self.nested().map(|(key, _)| key).collect();
        keys.sort();
        let plain = keys.len() == lines.len() && keys.windows(2).all(|pair| pair[0] != pair[1]);
        if plain {
            lines.sort();
        }
        lines
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['#', ';'])
}
