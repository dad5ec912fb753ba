//! From YAML's events to nodes: what anchors name, what aliases repeat, what a merge takes in.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, Span};

use crate::tasks::yaml::{DEEPEST, Entry, Flaw, Node, NodeKind, Tag, Written, too_deep};

/// How many nodes aliases may repeat: a hand-written file repeats some hundreds, an alias bomb
/// billions.
const MOST_REPEATED: usize = 50_000;

/// How much text they may repeat, in MiB.
const MOST_REPEATED_MIB: usize = 4;

/// Builds the tree from events, without recursion.
#[derive(Default)]
pub(super) struct Composer {
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, Extent)>,
    repeated: Extent,
    pub(super) root: Option<Node>,
}

/// How much a node comes to.
#[derive(Clone, Copy, Default)]
struct Extent {
    nodes: usize,
    text: usize,
    height: usize,
}

impl Extent {
    fn of(written: &Written) -> Self {
        Self { nodes: 1, text: written.text.len(), height: 1 }
    }

    /// Takes in what stands within it.
    fn add(&mut self, inner: Self) {
        self.nodes += inner.nodes;
        self.text += inner.text;
        self.height = self.height.max(inner.height + 1);
    }
}

/// A list or mapping whose end is still to come.
struct Open {
    span: Span,
    anchor: usize,
    extent: Extent,
    content: Content,
}

impl Open {
    fn new(span: Span, anchor: usize, content: Content) -> Self {
        let extent = Extent { nodes: 1, text: 0, height: 1 };
        Self { span, anchor, extent, content }
    }
}

enum Content {
    List(Vec<Node>),
    Map(Mapping),
}

#[derive(Default)]
struct Mapping {
    entries: Vec<Entry>,
    /// It stands alone until its value comes.
    key: Option<(Written, usize)>,
    /// The line of each key.
    lines: HashMap<String, usize>,
}

impl Composer {
    pub(super) fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Flaw> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let tag = match tag.as_ref().map(|tag| tag.core_suffix()) {
                    None => Tag::None,
                    Some(Some("int" | "float" | "bool" | "null")) => Tag::Looks,
                    Some(_) => Tag::Text,
                };
                let literal = style == ScalarStyle::Literal;
                let written = Written { text: text.into_owned(), plain, literal, tag };
                let extent = Extent::of(&written);
                self.add(Node::new(span, NodeKind::Scalar(written)), extent, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open.push(Open::new(span, anchor, Content::List(Vec::new())));
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => {
                self.open.push(Open::new(span, anchor, Content::Map(Mapping::default())));
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { span, anchor, extent, content }) = self.open.pop() else {
                    return Ok(());
                };
                let kind = match content {
                    Content::List(nodes) => NodeKind::List(Arc::new(nodes)),
                    Content::Map(mapping) => NodeKind::Map(Arc::new(merged(mapping.entries)?)),
                };
                self.add(Node::new(span, kind), extent, anchor)
            }
            Event::Alias(anchor) => self.repeat(anchor, span),
            _ => Ok(()),
        }
    }

    /// Puts in once more what an anchor names.
    fn repeat(&mut self, anchor: usize, span: Span) -> Result<(), Flaw> {
        let line = span.start.line();
        let Some((node, extent)) = self.anchors.get(&anchor) else {
            return Err(Flaw::new(line, "this alias stands within what it names"));
        };
        self.repeated.add(*extent);
        if self.repeated.nodes > MOST_REPEATED {
            let what = format!("aliases repeat more than {MOST_REPEATED} values up to here");
            return Err(Flaw::new(line, what));
        }
        if self.repeated.text > MOST_REPEATED_MIB * 1024 * 1024 {
            let what = format!("aliases repeat more than {MOST_REPEATED_MIB} MiB up to here");
            return Err(Flaw::new(line, what));
        }
        if self.open.len() + extent.height > DEEPEST {
            return Err(too_deep(line));
        }
        let (node, extent) = (Node { line, ..node.clone() }, *extent);
        self.add(node, extent, 0)
    }

    fn add(&mut self, node: Node, extent: Extent, anchor: usize) -> Result<(), Flaw> {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), extent));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        // A key is a part of its entry, and no value more.
        let is_key = matches!(&open.content, Content::Map(mapping) if mapping.key.is_none());
        open.extent.add(if is_key { Extent { nodes: 0, ..extent } } else { extent });
        match &mut open.content {
            Content::List(nodes) => nodes.push(node),
            Content::Map(mapping) => mapping.add(node)?,
        }
        Ok(())
    }
}

impl Mapping {
    /// Takes a key, or the value of the key before.
    fn add(&mut self, node: Node) -> Result<(), Flaw> {
        if let Some((key, line)) = self.key.take() {
            self.entries.push(Entry { key, line, value: node });
            return Ok(());
        }
        let NodeKind::Scalar(written) = node.kind else {
            return Err(Flaw::new(node.line, format!("{} cannot be a key", node.noun())));
        };
        if !written.is_merge()
            && let Some(first) = self.lines.insert(written.text.clone(), node.line)
        {
            let what = format!("'{}' stands in line {first} already", written.text);
            return Err(Flaw::new(node.line, what));
        }
        self.key = Some((written, node.line));
        Ok(())
    }
}

/// Carries out `<<: *base` (the YAML 1.1 merge key) as go-yaml v2 does: in its place among the
/// others, so that it replaces what stands before it, and what stands behind it goes first. Of
/// several bases the first that has a key goes first.
fn merged(entries: Vec<Entry>) -> Result<Vec<Entry>, Flaw> {
    if entries.iter().all(|entry| !entry.key.is_merge()) {
        return Ok(entries);
    }
    let mut own = Own::default();
    for entry in entries {
        if !entry.key.is_merge() {
            own.put(entry);
            continue;
        }
        let bases = match entry.value.kind {
            NodeKind::List(bases) => Arc::unwrap_or_clone(bases),
            kind => vec![Node { line: entry.value.line, kind }],
        };
        for base in bases.into_iter().rev() {
            let NodeKind::Map(entries) = base.kind else {
                let what = format!("'<<' takes in mappings, and this is {}", base.noun());
                return Err(Flaw::new(base.line, what));
            };
            Arc::unwrap_or_clone(entries).into_iter().for_each(|entry| own.put(entry));
        }
    }
    Ok(own.entries)
}

/// Entries of which the last one of a key counts.
#[derive(Default)]
struct Own {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
}

impl Own {
    fn put(&mut self, entry: Entry) {
        match self.places.get(&entry.key.text) {
            Some(&at) => self.entries[at] = entry,
            None => {
                self.places.insert(entry.key.text.clone(), self.entries.len());
                self.entries.push(entry);
            }
        }
    }
}
