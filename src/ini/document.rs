//! The document: bytes, cut into sections and properties.

use std::borrow::Cow;
use std::ops::Range;

use crate::ini::edit::Edit;
use crate::ini::line::{Fault, Line};
use crate::ini::parse;

/// A parsed document. It owns the bytes it was made from; everything else points into them.
#[derive(Clone, Debug)]
pub struct Document {
    pub(super) text: Vec<u8>,
    pub(super) lines: Vec<Line>,
    pub(super) sections: Vec<Section>,
    pub(super) faults: Vec<Fault>,
}

/// A header and what follows it, up to the comments of the next header.
///
/// The first section of every document has no header: it is what stands before the first one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Section {
    /// The comment lines right above the header; indices into the document's lines.
    pub(super) lead: Range<usize>,
    /// The header's line.
    pub(super) header: Option<usize>,
    /// The name between the brackets, without outer blanks.
    pub(super) name: String,
    /// The keys and values, in order.
    pub(super) properties: Vec<Property>,
    /// One past its last line.
    pub(super) end: usize,
}

/// A key, its value, and the indented lines that continue it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Property {
    /// The comment lines right above it.
    pub(super) lead: Range<usize>,
    /// Its own lines.
    pub(super) lines: Range<usize>,
    /// The key as written.
    pub(super) key: String,
    /// Where the value begins, from the start of its first line.
    pub(super) value_at: usize,
    /// Whether the separator is `:`.
    pub(super) colon: bool,
}

impl Document {
    /// Reads any bytes; never fails. What no reader understands is told by [`Document::faults`].
    pub fn parse(text: impl Into<Vec<u8>>) -> Self {
        parse::parse(text.into())
    }

    /// The bytes that this document was made from, put together from its lines.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.text.len());
        for line in &self.lines {
            bytes.extend_from_slice(&self.text[line.content.start..line.end]);
        }
        bytes
    }

    /// The sections in order; the first is what stands before the first header.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// What readers would stumble over, by line.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The text of line `number` (from 1) without its ending; bytes that are not UTF-8 are
    /// replaced.
    pub fn line(&self, number: usize) -> Cow<'_, str> {
        number.checked_sub(1).map_or(Cow::Borrowed(""), |index| self.content(index))
    }

    /// How many lines there are.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Starts a set of edits.
    pub fn edit(&self) -> Edit<'_> {
        Edit::new(self)
    }

    /// The comment lines right above section `section`'s header, trimmed.
    pub fn section_lead(&self, section: usize) -> Vec<String> {
        self.trimmed(&self.sections[section].lead)
    }

    /// All comment lines in or right above section `section`, trimmed, with their line numbers.
    pub fn section_comments(&self, section: usize) -> Vec<String> {
        let section = &self.sections[section];
        let mut comments = self.trimmed(&section.lead);
        // Most lines are none: only those that are become text of their own.
        for index in section.header.map_or(0, |header| header + 1)..section.end {
            let content = self.content(index);
            let line = content.trim_matches(BLANKS);
            if line.starts_with(['#', ';']) {
                comments.push(line.to_owned());
            }
        }
        comments
    }

    /// The comment lines right above a property, trimmed.
    pub fn property_lead(&self, property: &Property) -> Vec<String> {
        self.trimmed(&property.lead)
    }

    /// The value on the property's first line, trimmed.
    pub fn first_value<'a>(&'a self, property: &Property) -> Cow<'a, str> {
        let line = &self.lines[property.lines.start].content;
        trim(String::from_utf8_lossy(&self.text[line.start + property.value_at..line.end]))
    }

    /// The lines that continue the property, without their endings and trailing blanks; their
    /// indentation stays, blank lines are left out.
    pub fn continuation(&self, property: &Property) -> Vec<String> {
        (property.lines.start + 1..property.lines.end)
            .map(|index| self.content(index).trim_end_matches(BLANKS).to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }

    pub(super) fn content(&self, index: usize) -> Cow<'_, str> {
        self.lines.get(index).map_or(Cow::Borrowed(""), |line| {
            String::from_utf8_lossy(&self.text[line.content.clone()])
        })
    }

    pub(super) fn is_blank(&self, index: usize) -> bool {
        self.text[self.lines[index].content.clone()].iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// The line ending that most lines have; LF when there is none.
    pub(super) fn main_ending(&self) -> &'static [u8] {
        let endings: [&'static [u8]; 3] = [b"\n", b"\r\n", b"\r"];
        let mut counts = [0_usize; 3];
        for line in &self.lines {
            let ending = &self.text[line.content.end..line.end];
            if let Some(which) = endings.iter().position(|candidate| *candidate == ending) {
                counts[which] += 1;
            }
        }
        // The first of equals wins: LF before CRLF before CR.
        let best = (0..3).rev().max_by_key(|which| counts[*which]).unwrap_or(0);
        endings[best]
    }

    fn trimmed(&self, lines: &Range<usize>) -> Vec<String> {
        lines
            .clone()
            .map(|index| self.content(index).trim_matches(BLANKS).to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }
}

/// What counts as white space within a line: nothing else is, to the AWS SDKs.
pub(super) const BLANKS: [char; 2] = [' ', '\t'];

fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(BLANKS)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(BLANKS).to_owned()),
    }
}

impl Section {
    /// The name between the brackets, without outer blanks; empty before the first header.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number (from 1) of the header's line; `None` before the first header.
    pub fn line(&self) -> Option<usize> {
        self.header.map(|index| index + 1)
    }

    /// The properties in order.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }
}

impl Property {
    /// The key as written.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The number (from 1) of its first line.
    pub fn line(&self) -> usize {
        self.lines.start + 1
    }

    /// Whether it is written `key : value`, which only Python's reader takes.
    pub fn has_colon(&self) -> bool {
        self.colon
    }
}
