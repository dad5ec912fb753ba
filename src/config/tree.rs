//! A config as sections and units, for comparing; the bytes stay with the [`Document`].

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::config::section::SectionId;
use crate::config::unit::{Place, Unit};
use crate::ini::{Document, Fault, FaultKind};

/// Sections in order, found by identity.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    sections: Vec<Section>,
    by_id: HashMap<SectionId, usize>,
    troubles: Vec<Trouble>,
}

/// One section: its units in order, found by key.
#[derive(Clone, Debug)]
pub struct Section {
    /// Which section.
    pub id: SectionId,
    /// The comment lines right above its header.
    pub lead: Vec<String>,
    /// Where its header stands.
    pub place: Place,
    /// Its properties.
    pub units: Vec<Unit>,
    /// Where each key is, once there are more than [`FEW`].
    by_key: HashMap<String, usize>,
    /// Every comment line in it and right above it.
    pub(super) comments: Vec<String>,
    /// Its index in the document it was read from.
    pub(super) index: usize,
    /// Readers disagree about it, or fail on it: robo must not touch it.
    pub(super) troubled: bool,
}

/// Something that a reader of the file stumbles over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trouble {
    /// The line.
    pub place: Place,
    /// The section it is in; none before the first header.
    pub section: Option<SectionId>,
    /// What is wrong, in words.
    pub what: String,
    /// Which mistake it is.
    pub kind: TroubleKind,
    /// The AWS CLI gives up on the whole file because of it.
    pub fatal: bool,
}

/// What a reader stumbles over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TroubleKind {
    /// A section that was there before, in this spelling or in another.
    SectionAgain,
    /// A line of a nested block that is no `key = value`.
    BlockLine,
    /// A line by itself.
    Line(FaultKind),
}

impl Tree {
    /// Reads a document that a person knows as `file`.
    pub fn read(document: &Document, file: &str) -> Self {
        let file: Arc<str> = file.into();
        let place = |line| Place { file: Arc::clone(&file), line };
        let mut tree = Self::default();
        for (index, section) in document.sections().iter().enumerate() {
            let Some(line) = section.line() else { continue };
            let id = SectionId::parse(section.name());
            if let Some(first) = tree.get_mut(&id) {
                first.troubled = true;
                let what = format!("section [{id}] again, after line {}", first.place.line);
                let fatal = document.sections()[first.index].name() == section.name();
                tree.troubles.push(Trouble {
                    place: place(line),
                    section: Some(id),
                    what,
                    kind: TroubleKind::SectionAgain,
                    fatal,
                });
                continue;
            }
            let mut read = Section {
                lead: document.section_lead(index),
                comments: document.section_comments(index),
                ..Section::new(id.clone(), place(line))
            };
            read.index = index;
            for (number, property) in section.properties().iter().enumerate() {
                let value = document.first_value(property).into_owned();
                let unit = Unit {
                    continuation: document.continuation(property),
                    lead: document.property_lead(property),
                    index: number,
                    ..Unit::new(property.key(), value, place(property.line()))
                };
                if has_bad_nested_line(&unit) {
                    read.troubled = true;
                    let what = format!("a line of the block '{}' without '='", unit.key);
                    tree.troubles.push(Trouble {
                        place: unit.place.clone(),
                        section: Some(id.clone()),
                        what,
                        kind: TroubleKind::BlockLine,
                        fatal: true,
                    });
                }
                read.add(unit);
            }
            tree.add(read);
        }
        for fault in document.faults() {
            let section = &document.sections()[fault.section];
            let section = section.line().map(|_| SectionId::parse(section.name()));
            if let Some(section) = section.as_ref().and_then(|id| tree.get_mut(id)) {
                section.troubled = true;
            }
            if let Some(above) = swallowed_by_a_key(document, fault)
                && let Some(section) = tree.get_mut(&SectionId::parse(above))
            {
                section.troubled = true;
            }
            tree.troubles.push(Trouble {
                place: place(fault.line),
                section,
                what: fault.kind.to_string(),
                kind: TroubleKind::Line(fault.kind),
                fatal: fault.kind.is_fatal(),
            });
        }
        tree.troubles.sort_by_key(|trouble| trouble.place.line);
        tree
    }

    /// The sections in order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    pub(super) fn sections_mut(&mut self) -> &mut [Section] {
        &mut self.sections
    }

    /// The section of that identity.
    pub fn get(&self, id: &SectionId) -> Option<&Section> {
        self.by_id.get(id).map(|index| &self.sections[*index])
    }

    /// What readers stumble over, by line.
    pub fn troubles(&self) -> &[Trouble] {
        &self.troubles
    }

    /// Whether there is no section at all.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The same, said to be in `file`: `lines` has the line there for each line of this one's.
    #[must_use]
    pub fn placed(mut self, file: &str, lines: &[usize]) -> Self {
        let file: Arc<str> = file.into();
        let moved = |place: &Place| {
            let line = lines.get(place.line.saturating_sub(1)).copied().unwrap_or(1);
            Place { file: Arc::clone(&file), line }
        };
        for section in &mut self.sections {
            section.place = moved(&section.place);
            for unit in &mut section.units {
                unit.place = moved(&unit.place);
            }
        }
        self
    }

    /// Adds a section; one of its identity that is there already is replaced, in its place.
    pub(super) fn add(&mut self, section: Section) {
        match self.by_id.entry(section.id.clone()) {
            Entry::Occupied(at) => self.sections[*at.get()] = section,
            Entry::Vacant(free) => {
                free.insert(self.sections.len());
                self.sections.push(section);
            }
        }
    }

    /// Lays `over` upon this: a key that both have is `over`'s, in this one's place.
    pub fn overlay(&mut self, over: Tree) {
        if self.is_empty() {
            (self.sections, self.by_id) = (over.sections, over.by_id);
            return;
        }
        for section in over.sections {
            match self.by_id.entry(section.id.clone()) {
                Entry::Vacant(free) => {
                    free.insert(self.sections.len());
                    self.sections.push(section);
                }
                Entry::Occupied(at) => {
                    let below = &mut self.sections[*at.get()];
                    if !section.lead.is_empty() {
                        below.lead = section.lead;
                    }
                    for unit in section.units {
                        below.add(unit);
                    }
                }
            }
        }
    }

    /// The tree as the text of a config file, in robo's own spacing.
    pub fn render(&self) -> String {
        render(&self.sections)
    }

    fn get_mut(&mut self, id: &SectionId) -> Option<&mut Section> {
        self.by_id.get(id).map(|index| &mut self.sections[*index])
    }
}

/// Up to how many keys a section is searched one by one.
const FEW: usize = 16;

impl Section {
    /// An empty section.
    pub(super) fn new(id: SectionId, place: Place) -> Self {
        Self {
            id,
            lead: Vec::new(),
            place,
            units: Vec::new(),
            by_key: HashMap::new(),
            comments: Vec::new(),
            index: 0,
            troubled: false,
        }
    }

    /// The same section without its properties.
    pub(super) fn emptied(section: &Section) -> Self {
        Self {
            lead: section.lead.clone(),
            comments: section.comments.clone(),
            index: section.index,
            troubled: section.troubled,
            ..Self::new(section.id.clone(), section.place.clone())
        }
    }

    /// The property of that key, which is given in lower case.
    pub fn get(&self, name: &str) -> Option<&Unit> {
        self.position(name).map(|index| &self.units[index])
    }

    /// Adds a property; one of that key that is there already is replaced, in its place.
    pub(super) fn add(&mut self, unit: Unit) {
        match self.position(unit.name()) {
            Some(index) => self.units[index] = unit,
            None => {
                self.units.push(unit);
                // A map pays off in a section of many keys only, and there are few of those.
                let new = if self.by_key.is_empty() { 0 } else { self.units.len() - 1 };
                if self.units.len() > FEW {
                    for (index, unit) in self.units.iter().enumerate().skip(new) {
                        self.by_key.insert(unit.name().to_owned(), index);
                    }
                }
            }
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.by_key.is_empty() {
            self.units.iter().position(|unit| unit.name() == name)
        } else {
            self.by_key.get(name).copied()
        }
    }

    /// The whole section as lines: comments, header, properties.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = self.lead.clone();
        lines.push(format!("[{}]", self.id));
        for unit in &self.units {
            lines.extend(unit.lead.iter().cloned());
            lines.extend(unit.lines());
        }
        lines
    }
}

/// The section that must not get a key, if any: it has none, and the line at fault is an indented
/// header below it, which would go on with that key's value.
fn swallowed_by_a_key<'a>(document: &'a Document, fault: &Fault) -> Option<&'a str> {
    let sections = document.sections();
    let above = &sections[fault.section.checked_sub(1)?];
    let is_header = sections[fault.section].line() == Some(fault.line);
    let indented = fault.kind == FaultKind::Indented && is_header;
    (indented && above.properties().is_empty()).then(|| above.name())
}

/// Sections as the text of a config file, in robo's own spacing.
pub(super) fn render<'a>(sections: impl IntoIterator<Item = &'a Section>) -> String {
    let mut text = String::new();
    for section in sections {
        if !text.is_empty() {
            text.push('\n');
        }
        for line in section.lines() {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// Whether botocore raises an error on a line of a nested block.
fn has_bad_nested_line(unit: &Unit) -> bool {
    let lines = if unit.is_nested() { unit.continuation.as_slice() } else { &[] };
    lines
        .iter()
        .map(|line| line.trim())
        .any(|line| !line.starts_with(['#', ';']) && !line.contains('='))
}
