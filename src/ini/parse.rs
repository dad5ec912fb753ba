//! From bytes to a document.
//!
//! The rules are those of Python 3.11's `configparser.RawConfigParser._read` with its defaults,
//! and, where the AWS SDKs' shared grammar (`aws-runtime`, `env_config/parse.rs`) takes a line
//! otherwise, a [`Fault`] says so.

use std::collections::HashMap;

use crate::ini::document::{BLANKS, Document, Property, Section};
use crate::ini::line::{self, Fault, FaultKind};

/// The UTF-8 byte order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn parse(text: Vec<u8>) -> Document {
    let lines = line::split(&text);
    let mut parser = Parser {
        sections: vec![Section::default()],
        faults: Vec::new(),
        keys: HashMap::new(),
        indentation: 0,
        comments: 0,
    };
    for (index, line) in lines.iter().enumerate() {
        let mut content = &text[line.content.clone()];
        let mut skipped = 0;
        if index == 0 && content.starts_with(MARK) {
            skipped = MARK.len();
            content = &content[skipped..];
        }
        // Of the bytes, not of the text, which is longer where bytes are no UTF-8.
        let separator = content.iter().position(|byte| matches!(byte, b'=' | b':'));
        let value_at = separator.map_or(content.len(), |at| at + 1) + skipped;
        match std::str::from_utf8(content) {
            Ok(content) => parser.line(index, content, value_at),
            Err(_) => {
                let lossy = String::from_utf8_lossy(content);
                parser.line(index, &lossy, value_at);
                parser.fault(index, FaultKind::NotUtf8);
            }
        }
        if skipped > 0 {
            parser.fault(index, FaultKind::ByteOrderMark);
        }
    }
    let last = parser.current();
    last.end = lines.len();
    let Parser { sections, faults, .. } = parser;
    Document { text, lines, sections, faults }
}

struct Parser {
    sections: Vec<Section>,
    faults: Vec<Fault>,
    /// The keys of the current section, in lower case, with their line.
    keys: HashMap<String, usize>,
    /// How far the last header or key was indented.
    indentation: usize,
    /// How many comment lines stand directly above the current line.
    comments: usize,
}

impl Parser {
    fn line(&mut self, index: usize, content: &str, value_at: usize) {
        let trimmed = content.trim_matches(BLANKS);
        if trimmed.is_empty() {
            self.comments = 0;
            return;
        }
        let indentation = content.len() - content.trim_start_matches(BLANKS).len();
        let continues = indentation > self.indentation && !self.current().properties.is_empty();
        if continues {
            if trimmed.contains(is_line_break_to_python) || odd_ends(trimmed) {
                self.fault(index, FaultKind::OddSpace);
            }
            if let Some(property) = self.current().properties.last_mut() {
                property.lines.end = index + 1;
            }
            self.comments = 0;
        } else if trimmed.starts_with(['#', ';']) {
            self.comments += 1;
        } else {
            self.indentation = indentation;
            if trimmed.starts_with('[') {
                self.header(index, trimmed);
            } else {
                self.property(index, content, trimmed, value_at);
            }
            if indentation > 0 {
                self.fault(index, FaultKind::Indented);
            }
            if odd_ends(trimmed) {
                self.fault(index, FaultKind::OddSpace);
            }
            self.comments = 0;
        }
    }

    fn header(&mut self, index: usize, trimmed: &str) {
        let lead = index - self.comments..index;
        self.current().end = lead.start;
        self.keys.clear();
        let (name, fault) = header_name(trimmed);
        self.sections.push(Section {
            lead,
            header: Some(index),
            name: name.to_owned(),
            properties: Vec::new(),
            end: index + 1,
        });
        if let Some(kind) = fault {
            self.fault(index, kind);
        }
    }

    fn property(&mut self, index: usize, content: &str, trimmed: &str, value_at: usize) {
        if self.sections.len() == 1 {
            self.fault(index, FaultKind::BeforeSection);
        }
        let Some(at) = content.find(['=', ':']) else {
            self.fault(index, FaultKind::NoSeparator);
            return;
        };
        let key = content[..at].trim_matches(BLANKS);
        if key.is_empty() {
            self.fault(index, FaultKind::EmptyKey);
            return;
        }
        let value = content[at + 1..].trim_matches(BLANKS);
        if odd_ends(key) || odd_ends(value) {
            self.fault(index, FaultKind::OddSpace);
        }
        if let Some(first) = self.keys.insert(key.to_lowercase(), index) {
            self.keys.insert(key.to_lowercase(), first);
            self.fault(index, FaultKind::DuplicateKey { first: first + 1 });
        }
        let property = Property {
            lead: index - self.comments..index,
            lines: index..index + 1,
            key: key.to_owned(),
            value_at,
            colon: content[at..].starts_with(':'),
        };
        debug_assert!(!trimmed.is_empty());
        self.current().properties.push(property);
    }

    #[expect(clippy::expect_used, reason = "the section before the first header is always there")]
    fn current(&mut self) -> &mut Section {
        self.sections.last_mut().expect("a document has at least one section")
    }

    fn fault(&mut self, index: usize, kind: FaultKind) {
        self.faults.push(Fault { line: index + 1, section: self.sections.len() - 1, kind });
    }
}

/// The name in a header line, and what is wrong with it.
///
/// Python takes everything up to the line's last `]`; the SDKs cut a comment first, and what is
/// left has to end with `]`.
fn header_name(trimmed: &str) -> (&str, Option<FaultKind>) {
    let inside = &trimmed[1..];
    let python = inside.rfind(']').map(|end| &inside[..end]);
    let uncommented = inside.find(['#', ';']).map_or(inside, |comment| &inside[..comment]);
    let sdk = uncommented.trim_matches(BLANKS).strip_suffix(']');
    match (python, sdk) {
        (Some(python), Some(sdk)) if python == sdk => {
            let name = sdk.trim_matches(BLANKS);
            let fault = if name.is_empty() {
                Some(FaultKind::UnclosedHeader)
            } else if name != sdk {
                Some(FaultKind::AmbiguousHeader)
            } else {
                None
            };
            (name, fault)
        }
        (Some(python), sdk) => {
            (sdk.unwrap_or(python).trim_matches(BLANKS), Some(FaultKind::AmbiguousHeader))
        }
        (None, _) => (uncommented.trim_matches(BLANKS), Some(FaultKind::UnclosedHeader)),
    }
}

/// Whether the text begins or ends with white space that Python's `str.strip` takes off and the
/// SDKs leave.
pub fn odd_ends(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    text.starts_with(odd) || text.ends_with(odd)
}

/// What Python's `str.splitlines` splits at, beside LF and CR; botocore reads nested blocks by it.
fn is_line_break_to_python(c: char) -> bool {
    matches!(c, '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line for each section, key and fault, so that a case reads like its input.
    fn outline(text: &str) -> Vec<String> {
        let document = Document::parse(text);
        assert_eq!(document.to_bytes(), text.as_bytes());
        let mut out = Vec::new();
        for section in document.sections() {
            if section.header.is_some() {
                out.push(format!("[{}]", section.name()));
            }
            for property in section.properties() {
                let mut value = document.first_value(property).into_owned();
                for line in document.continuation(property) {
                    value = format!("{value}|{}", line.trim());
                }
                out.push(format!("{}={value}", property.key()));
            }
        }
        out.extend(document.faults().iter().map(|fault| format!("{}: {}", fault.line, fault.kind)));
        out
    }

    #[test]
    fn reads_what_configparser_reads() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("[a]\nx = 1\n", &["[a]", "x=1"]),
            ("[a]\r\nX=1\r\n", &["[a]", "X=1"]),
            ("[a]\rx=1\r", &["[a]", "x=1"]),
            ("# c\n;d\n\n[a] # why\nx = 1 # not a comment\n", &["[a]", "x=1 # not a comment"]),
            ("[a]\nx : 1=2\n", &["[a]", "x=1=2"]),
            ("[a]\ns3 =\n  b = 1\n\n  c = 2\ny = 3\n", &["[a]", "s3=|b = 1|c = 2", "y=3"]),
            ("[a]\nx = 1\n  [b]\ny = 2\n", &["[a]", "x=1|[b]", "y=2"]),
            ("[a]\nx = 1\n# c\n  more\n", &["[a]", "x=1|# c|more"]),
            ("[a]\nx = 1\n\n# of b\n[b]\n", &["[a]", "x=1", "[b]"]),
        ];
        for (text, want) in cases {
            assert_eq!(outline(text), *want, "{text:?}");
        }
    }

    #[test]
    fn tells_where_a_reader_stumbles() {
        let cases: &[(&str, &str)] = &[
            ("x = 1\n", "1: a key before any [section]"),
            ("[a]\nnope\n", "2: a line without '='"),
            ("[a]\n= 1\n", "2: a line with nothing before '='"),
            ("[a\nx = 1\n", "1: a section header that is not '[name]'"),
            ("[]\n", "1: a section header that is not '[name]'"),
            ("[dev] # was [old]\n", "1: a section header that readers take for different names"),
            ("[a#b]\n", "1: a section header that readers take for different names"),
            ("[ a ]\n", "1: a section header that readers take for different names"),
            ("[a] x\n", "1: a section header that readers take for different names"),
            ("[a]\n x = 1\n", "2: a header or key that does not start its line"),
            ("[a]\nx = 1\nX = 2\n", "3: a key that line 2 has already"),
            ("\u{feff}[a]\n", "1: a byte order mark"),
            ("[a]\nx = 1\u{b}\n", "2: white space other than blanks and tabs"),
            ("[a]\ns3 =\n  a = 1\u{2028}b\n", "3: white space other than blanks and tabs"),
        ];
        for (text, want) in cases {
            let faults = outline(text);
            assert!(faults.iter().any(|fault| fault == want), "{text:?}: {faults:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_stay_and_are_told() {
        let text = b"[a]\nx = caf\xe9\n".to_vec();
        let document = Document::parse(text.clone());
        assert_eq!(document.to_bytes(), text);
        assert_eq!(document.faults(), [Fault { line: 2, section: 1, kind: FaultKind::NotUtf8 }]);
    }
}
