//! Lines, and what can be wrong with one.

use std::fmt;
use std::ops::Range;

/// One line as a piece of the document's bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// What the line says, without its ending.
    pub(super) content: Range<usize>,
    /// Where its ending stops: equal to `content.end` for a last line without one.
    pub(super) end: usize,
}

/// Cuts `text` into lines. A line ends with LF, CRLF or a lone CR, as Python's universal newlines
/// have it; every byte belongs to exactly one line.
pub(super) fn split(text: &[u8]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let stop = text[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let (content_end, end) = match stop.map(|at| start + at) {
            None => (text.len(), text.len()),
            Some(at) if text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') => (at, at + 2),
            Some(at) => (at, at + 1),
        };
        lines.push(Line { content: start..content_end, end });
        start = end;
    }
    lines
}

/// A place where a reader of `~/.aws/config` fails, or where two of them disagree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The line's number, from 1.
    pub line: usize,
    /// The index of the section it stands in.
    pub section: usize,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultKind {
    /// Neither a header, a comment, nor `key = value`.
    NoSeparator,
    /// Nothing before the `=`.
    EmptyKey,
    /// A property before the first section.
    BeforeSection,
    /// A `[` without its `]`, or nothing between them.
    UnclosedHeader,
    /// Readers take different names from the header.
    AmbiguousHeader,
    /// A header or a key that does not begin its line.
    Indented,
    /// The same key again in one section, after the one in this line.
    DuplicateKey {
        /// The number of the line that has it first.
        first: usize,
    },
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A byte order mark.
    ByteOrderMark,
    /// White space other than blanks and tabs where it counts: some readers trim it.
    OddSpace,
}

impl FaultKind {
    /// Whether Python's `configparser`, and so the AWS CLI, gives up on the whole file.
    pub fn is_fatal(self) -> bool {
        !matches!(self, FaultKind::AmbiguousHeader | FaultKind::Indented | FaultKind::OddSpace)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FaultKind::NoSeparator => "a line without '='",
            FaultKind::EmptyKey => "a line with nothing before '='",
            FaultKind::BeforeSection => "a key before any [section]",
            FaultKind::UnclosedHeader => "a section header that is not '[name]'",
            FaultKind::AmbiguousHeader => "a section header that readers take for different names",
            FaultKind::Indented => "a header or key that does not start its line",
            FaultKind::DuplicateKey { first } => {
                return write!(f, "a key that line {first} has already");
            }
            FaultKind::NotUtf8 => "bytes that are not UTF-8",
            FaultKind::ByteOrderMark => "a byte order mark",
            FaultKind::OddSpace => "white space other than blanks and tabs",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_keeps_its_own_ending() {
        let text = b"a\nb\r\nc\rd\r\r\n\ne";
        let pieces: Vec<(&[u8], &[u8])> = split(text)
            .iter()
            .map(|line| (&text[line.content.clone()], &text[line.content.end..line.end]))
            .collect();
        let want: [(&[u8], &[u8]); 7] = [
            (b"a", b"\n"),
            (b"b", b"\r\n"),
            (b"c", b"\r"),
            (b"d", b"\r"),
            (b"", b"\r\n"),
            (b"", b"\n"),
            (b"e", b""),
        ];
        assert_eq!(pieces, want);
        assert!(split(b"").is_empty());
    }
}
