//! YAML as a tree of nodes, each with its line: the first document of a text.
//!
//! The events are `granit-parser`'s. What is made of them here follows go-yaml v2, tj/robo's
//! reader, but for keys that stand twice in one mapping: there the last one won without a word.

mod compose;
mod escapes;

use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Options, Parser, ScanError, Span};

use crate::tasks::scalar::Scalar;
use crate::tasks::yaml::compose::Composer;

/// One node and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// From 1; that of a `|` or `>` block is its first line of text.
    pub(super) line: usize,
    pub(super) kind: NodeKind,
}

#[derive(Clone, Debug)]
pub(super) enum NodeKind {
    Scalar(Written),
    // Shared with what an anchor names: lists within lists may each have one.
    List(Arc<Vec<Node>>),
    Map(Arc<Vec<Entry>>),
}

/// A scalar as it was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) text: String,
    /// Without quotes, and no block: what it means goes by its looks.
    plain: bool,
    /// A `|` block: each of its lines is one of the file's.
    pub(super) literal: bool,
    tag: Tag,
}

/// What a tag says of a scalar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tag {
    None,
    /// `!!int` and others that go by how it looks.
    Looks,
    /// `!!str`, or one that is not YAML's own.
    Text,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Written,
    pub(super) line: usize,
    pub(super) value: Node,
}

/// What cannot be read, and where.
#[derive(Debug)]
pub(super) struct Flaw {
    /// From 1.
    pub(super) line: usize,
    pub(super) what: String,
}

impl Flaw {
    pub(super) fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

/// How deep nodes may lie within each other.
const DEEPEST: usize = 100;

/// What a text holds.
#[derive(Debug)]
pub(super) struct Document {
    /// Nothing where there is nothing in it.
    pub(super) root: Option<Node>,
    /// The line in which another document begins, which is not read.
    pub(super) next: Option<usize>,
}

/// How many bytes are read again for the sake of strings that are written anew. A file of 50 KB
/// may have 160 of them.
const MOST_READ_AGAIN: usize = 8 * 1024 * 1024;

/// Reads the first document of `text`.
pub(super) fn read(text: &str) -> Result<Document, Flaw> {
    let mut text = Cow::Borrowed(text);
    let mut left = MOST_READ_AGAIN;
    loop {
        let (at, flaw) = match parse(&text) {
            Ok(document) => return Ok(document),
            Err(Unread::Flaw(flaw)) => return Err(flaw),
            Err(Unread::Escape(at, flaw)) => (at, flaw),
        };
        let Some(rewritten) = escapes::without_apostrophes(&text, at) else { return Err(flaw) };
        left = left.checked_sub(rewritten.len()).ok_or_else(|| {
            let what = "too many strings up to here have \\' where an apostrophe alone would do";
            Flaw::new(flaw.line, what)
        })?;
        text = Cow::Owned(rewritten);
    }
}

/// Why a text was not read.
enum Unread {
    /// The quoted string that begins at this byte has an escape that YAML has not.
    Escape(usize, Flaw),
    Flaw(Flaw),
}

fn parse(text: &str) -> Result<Document, Unread> {
    let mut options = Options::default();
    options.block_scalar_eof_without_line_feed = true;
    options.block_nesting_limit = DEEPEST;
    options.flow_nesting_limit = DEEPEST;
    let mut composer = Composer::default();
    let mut events = Parser::new_from_str_with_options(text, options);
    for event in events.by_ref() {
        let (event, span) = event.map_err(|error| {
            let flaw = not_yaml(&error, text);
            match (error.kind(), error.marker().byte_offset()) {
                (ErrorKind::UnknownQuotedScalarEscape, Some(at)) => Unread::Escape(at, flaw),
                _ => Unread::Flaw(flaw),
            }
        })?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        composer.take(event, span).map_err(|flaw| Unread::Flaw(with_advice(flaw, text)))?;
    }
    let next = match events.next() {
        Some(Ok((Event::DocumentStart(..), span))) => Some(span.start.line()),
        _ => None,
    };
    Ok(Document { root: composer.root, next })
}

fn not_yaml(error: &ScanError, text: &str) -> Flaw {
    let line = error.marker().line();
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(line),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => {
            // It is told by where that began which the tab stands in.
            let is_indented = |line: &str| {
                let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
                line[..blank].contains('\t') && blank < line.len()
            };
            let mut lines = text.lines().enumerate().skip(line.saturating_sub(1));
            let line = lines.find(|(_, text)| is_indented(text)).map_or(line, |(at, _)| at + 1);
            Flaw::new(line, "this is no YAML: a tab cannot be used as indentation")
        }
        _ => Flaw::new(line, format!("this is no YAML: {}", error.info())),
    }
}

fn too_deep(line: usize) -> Flaw {
    Flaw::new(line, format!("values lie more than {DEEPEST} deep here"))
}

/// What a person meant who wrote `exec: {{ .program }}`.
fn with_advice(flaw: Flaw, text: &str) -> Flaw {
    let line = text.lines().nth(flaw.line.saturating_sub(1)).unwrap_or_default();
    if flaw.what != CANNOT_BE_KEY || !line.contains("{{") {
        return flaw;
    }
    let what = "a text that begins with '{{' needs quotes around it: '{{ … }}'";
    Flaw::new(flaw.line, what)
}

/// What is said of a mapping within a mapping's key.
const CANNOT_BE_KEY: &str = "a mapping cannot be a key";

impl Node {
    fn new(span: Span, kind: NodeKind) -> Self {
        Self { line: span.start.line(), kind }
    }

    /// What it is, for an error.
    pub(super) fn noun(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar(written) if written.is_null() => "nothing",
            NodeKind::Scalar(_) => "a text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar(written) if written.is_null())
    }
}

impl Written {
    /// What it means.
    pub(super) fn meaning(&self) -> Scalar {
        match self.tag {
            Tag::Looks => Scalar::read(&self.text),
            Tag::None if self.plain => Scalar::read(&self.text),
            Tag::None | Tag::Text => Scalar::Text(self.text.clone()),
        }
    }

    fn is_null(&self) -> bool {
        self.meaning() == Scalar::Null
    }

    fn is_merge(&self) -> bool {
        self.plain && self.text == "<<"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(node: &Node) -> String {
        match &node.kind {
            NodeKind::Scalar(written) => format!("{:?}@{}", written.text, node.line),
            NodeKind::List(nodes) => {
                format!("[{}]", nodes.iter().map(shape).collect::<Vec<_>>().join(" "))
            }
            NodeKind::Map(entries) => {
                let entry = |entry: &Entry| format!("{}:{}", entry.key.text, shape(&entry.value));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn every_node_has_its_line() {
        let cases = [
            ("", "none"),
            ("# only this\n", "none"),
            ("a: b\nc:\n- d\n- |\n  e\n  f\n", r#"{a:"b"@1 c:["d"@3 "e\nf\n"@5]}"#),
            ("a: &x {k: v}\nb: *x\n", r#"{a:{k:"v"@1} b:{k:"v"@1}}"#),
            (
                "base: &b {x: 1, y: 2}\nz:\n  <<: *b\n  y: 3\n",
                r#"{base:{x:"1"@1 y:"2"@1} z:{x:"1"@1 y:"3"@4}}"#,
            ),
            (
                "- &a {x: 1}\n- &b {x: 2, y: 2}\n- <<: [*a, *b]\n",
                r#"[{x:"1"@1} {x:"2"@2 y:"2"@2} {x:"1"@1 y:"2"@2}]"#,
            ),
            ("a: x\n---\nb: y\n", r#"{a:"x"@1}"#),
            ("a: |\n  x", r#"{a:"x"@2}"#),
        ];
        for (text, want) in cases {
            let read = read(text).unwrap();
            assert_eq!(read.root.as_ref().map_or("none".to_owned(), shape), want, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_line() {
        let bomb = {
            let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
            for level in 1..10 {
                let below = level - 1;
                let ten = vec![format!("*a{below}"); 10].join(", ");
                text += &format!("a{level}: &a{level} [{ten}]\n");
            }
            text
        };
        let mut deep = String::from("a0: &a0 x\n");
        for level in 1..150 {
            deep += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
        }
        let nested = format!("a: {}", "[".repeat(1000));
        let cases = [
            (bomb.as_str(), 5, "aliases repeat more"),
            (deep.as_str(), 100, "deep"),
            (nested.as_str(), 1, "more than 100 deep"),
            ("a: 1\nb: 2\na: 3\n", 3, "'a' stands in line 1 already"),
            ("a: &x\n  b: *x\n", 2, "within what it names"),
            ("a:\n  x: 1\n\ty: 2\n", 3, "a tab cannot be used as indentation"),
            ("a:\n\ty: 2\n", 2, "tab"),
            ("a:\n  b: [1]\n\tc: 2\n", 3, "tab"),
            ("a: [1\nb: 2\n", 2, "no YAML"),
            ("a: *nothing\n", 1, "no YAML"),
            ("a: \"\\q\"\n", 1, "escape"),
            ("a: \"\\'\\q\"\n", 1, "escape"),
            ("a: \"\\'\n", 1, "no YAML"),
            ("? [a]\n: b\n", 1, "a list cannot be a key"),
            ("? {a: b}\n: c\n", 1, "a mapping cannot be a key"),
            ("a:\n  exec: {{ .b }}\n", 2, "needs quotes around it"),
            ("a:\n  <<: x\n", 2, "'<<' takes in mappings"),
        ];
        for (text, line, what) in cases {
            let flaw = read(text).unwrap_err();
            assert!(flaw.what.contains(what), "{text}: {flaw:?}");
            assert_eq!(flaw.line, line, "{text}: {flaw:?}");
        }
    }
}
