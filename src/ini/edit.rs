//! Edits: lines that go, lines that come; every other byte stays.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::ini::debris;
use crate::ini::document::{BLANKS, Document, Property};
use crate::ini::output::Output;

/// A set of edits to one document. Sections and properties are named by their indices in the
/// document as it was parsed; [`Edit::finish`] gives the new bytes.
#[derive(Debug)]
pub struct Edit<'a> {
    document: &'a Document,
    fates: Vec<Fate>,
    /// New lines, by the index of the line that they stand before, and by what they are.
    inserted: BTreeMap<(usize, New), Vec<Vec<u8>>>,
    /// New sections at the end.
    appended: Vec<Vec<String>>,
}

/// What new lines are; before one line they stand in this order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum New {
    /// They end the section above.
    Addition,
    /// They are the comments of the line.
    Lead,
    /// They take the line's place.
    Replacement,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    Keep,
    /// Goes, and something comes in its place.
    Replace,
    /// Goes, and so may a blank line that it leaves over.
    Remove,
}

impl<'a> Edit<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            fates: vec![Fate::Keep; document.lines.len()],
            inserted: BTreeMap::new(),
            appended: Vec::new(),
        }
    }

    /// Gives a property another value. The key and the blanks around its `=` stay as they are; a
    /// `:` becomes `=`, which every reader takes. `continuation` are whole lines, indented.
    pub fn set_value(
        &mut self,
        section: usize,
        property: usize,
        value: &str,
        continuation: &[String],
    ) {
        let property = self.property(section, property);
        let mut first = self.prefix(property);
        first.extend_from_slice(value.as_bytes());
        trim_end(&mut first);
        let mut lines = vec![first];
        lines.extend(continuation.iter().map(|line| line.clone().into_bytes()));
        self.replace(property.lines.clone(), lines);
    }

    /// Puts other comment lines above a property.
    pub fn set_property_lead(&mut self, section: usize, property: usize, comments: &[String]) {
        let property = self.property(section, property);
        self.set_lead(property.lead.clone(), comments);
    }

    /// Puts other comment lines above a section's header.
    pub fn set_section_lead(&mut self, section: usize, comments: &[String]) {
        self.set_lead(self.document.sections[section].lead.clone(), comments);
    }

    /// Takes a property away, with those of the comment lines above it that are in `comments`.
    pub fn remove_property(&mut self, section: usize, property: usize, comments: &[String]) {
        let property = self.property(section, property);
        for index in property.lead.clone() {
            let line = self.document.content(index);
            if comments.iter().any(|comment| comment == line.trim_matches(BLANKS)) {
                self.mark(index..index + 1, Fate::Remove);
            }
        }
        self.mark(property.lines.clone(), Fate::Remove);
    }

    /// Takes a whole section away: header, properties, and all comments in it and above it.
    pub fn remove_section(&mut self, section: usize) {
        let section = &self.document.sections[section];
        for index in section.lead.start..section.end {
            if !self.document.is_blank(index) {
                self.mark(index..index + 1, Fate::Remove);
            }
        }
    }

    /// Adds whole lines (comments, a property, its continuation) after a section's last property.
    pub fn add_to_section(&mut self, section: usize, lines: Vec<String>) {
        let at = self.last_line(section) + 1;
        self.insert(at, New::Addition, lines.into_iter().map(String::into_bytes).collect());
    }

    /// Adds a section at the end: comments, header, properties, as whole lines. A blank line
    /// comes before it.
    pub fn append_section(&mut self, lines: Vec<String>) {
        self.appended.push(lines);
    }

    /// The new bytes.
    pub fn finish(mut self) -> Vec<u8> {
        let document = self.document;
        let inserted: BTreeSet<usize> = self.inserted.keys().map(|(index, _)| *index).collect();
        debris::remove(document, &mut self.fates, &inserted, self.appended.is_empty());
        let main = document.main_ending();
        let mut out = Output::new(document.text.len());
        for index in 0..=document.lines.len() {
            let ending = self.ending_near(index, main);
            for kind in [New::Addition, New::Lead, New::Replacement] {
                for line in self.inserted.remove(&(index, kind)).unwrap_or_default() {
                    out.line(&line, ending, main);
                }
            }
            let Some(line) = document.lines.get(index) else { break };
            if self.fates[index] == Fate::Keep {
                let content = &document.text[line.content.clone()];
                out.line(content, &document.text[line.content.end..line.end], main);
            }
        }
        // A last line that had no ending keeps none when it was replaced.
        let unended = document.lines.last().is_some_and(|line| line.content.end == line.end);
        if unended && self.fates.last() == Some(&Fate::Replace) && self.appended.is_empty() {
            out.drop_ending();
        }
        for section in self.appended {
            out.blank_line(main);
            for line in section {
                out.line(line.as_bytes(), main, main);
            }
        }
        out.into_bytes()
    }

    fn property(&self, section: usize, property: usize) -> &'a Property {
        &self.document.sections[section].properties[property]
    }

    /// Everything on a property's first line up to its value.
    fn prefix(&self, property: &Property) -> Vec<u8> {
        let line = &self.document.lines[property.lines.start].content;
        let content = &self.document.text[line.clone()];
        let (before, after) = content.split_at(property.value_at.min(content.len()));
        if property.colon {
            let mut prefix = before.strip_suffix(b":").unwrap_or(before).to_vec();
            trim_end(&mut prefix);
            prefix.extend_from_slice(b" = ");
            return prefix;
        }
        let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let mut prefix = before.to_vec();
        if blanks < after.len() {
            prefix.extend_from_slice(&after[..blanks]);
        } else if before.iter().rev().nth(1).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            // `key =` without a value: a value that comes is set off as the key is.
            prefix.push(b' ');
        }
        prefix
    }

    fn set_lead(&mut self, lead: Range<usize>, comments: &[String]) {
        let lines = comments.iter().map(|line| line.clone().into_bytes()).collect();
        let fate = if comments.is_empty() { Fate::Remove } else { Fate::Replace };
        self.mark(lead.clone(), fate);
        self.insert(lead.start, New::Lead, lines);
    }

    fn replace(&mut self, lines: Range<usize>, with: Vec<Vec<u8>>) {
        self.insert(lines.start, New::Replacement, with);
        self.mark(lines, Fate::Replace);
    }

    fn insert(&mut self, at: usize, what: New, lines: Vec<Vec<u8>>) {
        self.inserted.entry((at, what)).or_default().extend(lines);
    }

    fn mark(&mut self, lines: Range<usize>, fate: Fate) {
        self.fates[lines].fill(fate);
    }

    /// The ending of new lines before line `index`: that of the line they replace, or of the line
    /// above them.
    fn ending_near(&self, index: usize, main: &'static [u8]) -> &'a [u8] {
        let replaced = self.fates.get(index) == Some(&Fate::Replace);
        let model = if replaced { Some(index) } else { index.checked_sub(1) };
        let ending = model
            .and_then(|model| self.document.lines.get(model))
            .map_or(main, |line| &self.document.text[line.content.end..line.end]);
        if ending.is_empty() { main } else { ending }
    }

    /// The index of the last line of a section that is a property's, or its header. Indented
    /// comments right below a header count too: below a property they would be a part of its value.
    fn last_line(&self, section: usize) -> usize {
        let sections = &self.document.sections;
        let next = sections.get(section + 1).and_then(|next| next.header);
        let section = &sections[section];
        let header = section.header.unwrap_or(0);
        let indented = |index: &usize| {
            self.document.content(*index).starts_with(BLANKS) && !self.document.is_blank(*index)
        };
        match section.properties.last() {
            Some(property) => property.lines.end - 1,
            None => (header + 1..next.unwrap_or(self.document.lines.len()))
                .rev()
                .find(indented)
                .unwrap_or(header),
        }
    }
}

fn trim_end(line: &mut Vec<u8>) {
    while line.last().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
        line.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, edits: impl FnOnce(&mut Edit<'_>), after: &str) {
        let document = Document::parse(before);
        let mut edit = document.edit();
        edits(&mut edit);
        assert_eq!(String::from_utf8(edit.finish()).unwrap(), after);
    }

    fn lines(text: &[&str]) -> Vec<String> {
        text.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn no_edit_changes_nothing() {
        check("\u{feff}[a\r\n x\n\r\r\n= 1", |_| {}, "\u{feff}[a\r\n x\n\r\r\n= 1");
    }

    #[test]
    fn a_new_value_keeps_the_key_its_blanks_and_the_ending() {
        check("[a]\nRegion=x\ny = 2\n", |e| e.set_value(1, 0, "z", &[]), "[a]\nRegion=z\ny = 2\n");
        check("[a]\r\nx  =  1  \r\n", |e| e.set_value(1, 0, "2", &[]), "[a]\r\nx  =  2\r\n");
        check("[a]\nx = 1", |e| e.set_value(1, 0, "2", &[]), "[a]\nx = 2");
        check("[a]\nx : 1\n", |e| e.set_value(1, 0, "2", &[]), "[a]\nx = 2\n");
        check("\u{feff}x: 1\n", |e| e.set_value(0, 0, "2", &[]), "\u{feff}x = 2\n");
        check("[a]\nx =\n", |e| e.set_value(1, 0, "2", &[]), "[a]\nx = 2\n");
    }

    #[test]
    fn a_nested_block_is_replaced_whole() {
        check(
            "[a]\ns3 =\n  b = 1\n  c = 2\n\ny = 3\n",
            |e| e.set_value(1, 0, "", &lines(&["  d = 4"])),
            "[a]\ns3 =\n  d = 4\n\ny = 3\n",
        );
    }

    #[test]
    fn a_removed_key_leaves_no_debris() {
        check("[a]\nx = 1\ny = 2\n", |e| e.remove_property(1, 0, &[]), "[a]\ny = 2\n");
        check(
            "[a]\nx = 1\n\n# of y\ny = 2\n\nz = 3\n",
            |e| e.remove_property(1, 1, &lines(&["# of y"])),
            "[a]\nx = 1\n\nz = 3\n",
        );
        check(
            "[a]\nx = 1\n\n# mine\n# of y\ny = 2\n",
            |e| e.remove_property(1, 1, &lines(&["# of y"])),
            "[a]\nx = 1\n\n# mine\n",
        );
    }

    #[test]
    fn a_removed_section_leaves_no_debris() {
        let remove = |section: usize| move |edit: &mut Edit<'_>| edit.remove_section(section);
        check("[a]\nx = 1\n\n# b\n[b]\ny = 2\n", remove(2), "[a]\nx = 1\n");
        check("[a]\nx = 1\n\n[b]\ny = 2\n\n[c]\n", remove(2), "[a]\nx = 1\n\n[c]\n");
        check("[a]\nx = 1\n\ny = 2\n\n[b]\n", remove(1), "[b]\n");
        check("[a]\n[b]\nx = 1\n[c]\n", remove(2), "[a]\n[c]\n");
    }

    #[test]
    fn a_new_key_goes_after_the_last_one_in_the_file_s_own_ending() {
        check(
            "[a]\r\nx = 1\r\n\r\n# of b\r\n[b]\r\n",
            |e| e.add_to_section(1, lines(&["y = 2"])),
            "[a]\r\nx = 1\r\ny = 2\r\n\r\n# of b\r\n[b]\r\n",
        );
        check("[a]", |e| e.add_to_section(1, lines(&["y = 2"])), "[a]\ny = 2\n");
        check("[a]\rx = 1\r", |e| e.add_to_section(1, lines(&["y = 2"])), "[a]\rx = 1\ry = 2\r");
    }

    #[test]
    fn a_new_section_is_set_off_by_one_blank_line() {
        let add = |edit: &mut Edit<'_>| {
            edit.append_section(lines(&["# c", "[c]", "z = 3"]));
            edit.append_section(lines(&["[d]"]));
        };
        check("", add, "# c\n[c]\nz = 3\n\n[d]\n");
        check("[a]\nx = 1", add, "[a]\nx = 1\n\n# c\n[c]\nz = 3\n\n[d]\n");
        check("[a]\r\n\r\n", add, "[a]\r\n\r\n# c\r\n[c]\r\nz = 3\r\n\r\n[d]\r\n");
    }

    #[test]
    fn edits_of_neighbours_stay_apart() {
        check(
            "[a]\nx = 1\n[b]\ny = 2\n",
            |e| {
                e.set_value(2, 0, "3", &[]);
                e.set_property_lead(2, 0, &lines(&["# of y"]));
                e.set_section_lead(2, &lines(&["# of b"]));
                e.add_to_section(1, lines(&["z = 0"]));
            },
            "[a]\nx = 1\nz = 0\n# of b\n[b]\n# of y\ny = 3\n",
        );
    }

    #[test]
    fn the_comment_above_can_change_alone() {
        check(
            "[a]\n# old\nx = 1\n",
            |e| e.set_property_lead(1, 0, &lines(&["# new", "# more"])),
            "[a]\n# new\n# more\nx = 1\n",
        );
        check("[a]\n# old\nx = 1\n", |e| e.set_property_lead(1, 0, &[]), "[a]\nx = 1\n");
    }
}
