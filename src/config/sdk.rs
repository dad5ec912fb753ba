//! `~/.aws/config` as the AWS SDKs read it: the shared grammar of the Rust, Java, Go and
//! JavaScript SDKs (`aws-runtime` 1.10, `env_config/{parse,normalize}.rs`), line by line.
//!
//! Two departures: a lone CR ends a line, as it does for the AWS CLI; and sections that the SDKs
//! pass over are given too, since `[okta]` is one of them.

use crate::ini::Document;

const BLANKS: [char; 2] = [' ', '\t'];

/// A section as the grammar has it. Two sections of one name are two.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RawSection {
    /// The text between the brackets.
    pub name: String,
    /// The header's line, from 1.
    pub line: usize,
    /// Keys in lower case, values with their continuation lines, and the key's line.
    pub properties: Vec<(String, String, usize)>,
}

/// A line that the grammar refuses; the whole file is refused with it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in words.
    pub what: &'static str,
}

/// Reads a document by the SDKs' grammar.
///
/// # Errors
/// The first line that the grammar refuses.
pub fn read(document: &Document) -> Result<Vec<RawSection>, Refusal> {
    let mut sections: Vec<RawSection> = Vec::new();
    // Whether an indented line continues a property, and whether that is a block of nested ones.
    let mut open: Option<bool> = None;
    let bad_utf8 =
        document.faults().iter().find(|fault| fault.kind == crate::ini::FaultKind::NotUtf8);
    for line in 1..=document.line_count() {
        let refuse = |what| Err(Refusal { line, what });
        let text = document.line(line);
        if bad_utf8.is_some_and(|fault| fault.line == line) {
            return refuse("bytes that are not UTF-8");
        }
        if text.trim_matches(BLANKS).is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        if text.starts_with('[') {
            let header = uncommented(&text, false);
            let Some(name) = header.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))
            else {
                return refuse("a section header that does not end with ']'");
            };
            sections.push(RawSection { name: name.to_owned(), line, properties: Vec::new() });
            open = None;
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return refuse(if text.starts_with('\u{feff}') {
                "a byte order mark"
            } else {
                "a key before any [section]"
            });
        };
        if text.starts_with(BLANKS) {
            let (Some(nested), Some(property)) = (open, section.properties.last_mut()) else {
                return refuse("an indented line that continues nothing");
            };
            if nested {
                property_parts(&text).map_err(|what| Refusal { line, what })?;
            }
            property.1.push('\n');
            property.1.push_str(text.trim_matches(BLANKS));
        } else {
            let (key, value) = property_parts(&text).map_err(|what| Refusal { line, what })?;
            open = Some(value.is_empty());
            section.properties.push((key.to_ascii_lowercase(), value.to_owned(), line));
        }
    }
    Ok(sections)
}

/// What stands before an inline comment: `#` or `;`, after white space where `spaced`.
pub fn uncommented(line: &str, spaced: bool) -> &str {
    let line = line.trim_matches(BLANKS);
    if !line.bytes().any(|byte| matches!(byte, b'#' | b';')) {
        return line;
    }
    let mut after_space = false;
    for (at, c) in line.char_indices() {
        if matches!(c, '#' | ';') && (after_space || !spaced) {
            return line[..at].trim_matches(BLANKS);
        }
        after_space = c.is_whitespace();
    }
    line
}

/// Whether a name is one that the SDKs take: `[A-Za-z0-9_\-/.%@:+]+`.
pub fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c))
}

fn property_parts(line: &str) -> Result<(&str, &str), &'static str> {
    let line = uncommented(line, true);
    let (key, value) = line.split_once('=').ok_or("a line without '='")?;
    let (key, value) = (key.trim_matches(BLANKS), value.trim_matches(BLANKS));
    if key.is_empty() { Err("a line with nothing before '='") } else { Ok((key, value)) }
}
