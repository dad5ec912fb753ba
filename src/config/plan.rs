//! The plan: before, after, and what lies between, said property by property.

use std::collections::HashSet;

use crate::config::merge::{Conflict, Merge, SectionMerge, Step, Take};
use crate::config::section::SectionId;
use crate::config::tree::{self, Section, Tree, Trouble};
use crate::config::unit::Unit;
use crate::ini::{Document, Edit};

/// The person's file, read for merging.
#[derive(Debug)]
pub struct Mine {
    document: Document,
    tree: Tree,
}

/// What one run would do to the person's file.
#[derive(Debug)]
pub struct Plan {
    /// The file as it is.
    pub before: Vec<u8>,
    /// The file as it would be.
    pub after: Vec<u8>,
    /// Each property that comes, changes or goes.
    pub changes: Vec<Change>,
    /// The conflicts, and how each ends.
    pub conflicts: Vec<(Conflict, Take)>,
    /// How many sections come, change, go and are none of the team's.
    pub tally: Tally,
    /// Sections that the team has no more, and the person's keys that stay in them.
    pub orphans: Vec<(SectionId, Vec<String>)>,
    /// What readers stumble over in the person's file; the sections it is in were left alone.
    pub left_alone: Vec<Trouble>,
    /// The base that holds once the plan is applied.
    pub next_base: String,
}

/// One property that comes, changes or goes; a section without any has no key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// The section.
    pub section: SectionId,
    /// The key, in lower case; none for a section that has no keys.
    pub key: Option<String>,
    /// What it was; none when it comes.
    pub from: Option<String>,
    /// What it will be; none when it goes.
    pub to: Option<String>,
}

/// Sections, counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Sections that come.
    pub added: usize,
    /// Sections in which something comes, changes or goes.
    pub changed: usize,
    /// Sections that go.
    pub removed: usize,
    /// Sections of the person's that the team says nothing of.
    pub yours: usize,
}

impl Mine {
    /// Reads the person's file, which they know as `file`.
    pub fn read(text: Vec<u8>, file: &str) -> Self {
        let document = Document::parse(text);
        let tree = Tree::read(&document, file);
        Self { document, tree }
    }

    /// The sections and properties.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The document.
    pub fn document(&self) -> &Document {
        &self.document
    }
}

impl Plan {
    /// Carries a merge out on paper. `takes` ends the conflicts, in their order.
    pub fn new(merge: &Merge<'_>, mine: &Mine, takes: &[Take]) -> Self {
        let mut work = Work {
            edit: mine.document.edit(),
            changes: Vec::new(),
            orphans: Vec::new(),
            tally: Tally::default(),
            takes,
        };
        let mut theirs: HashSet<&SectionId> =
            merge.next_base.iter().map(|section| &section.id).collect();
        for section in &merge.sections {
            theirs.insert(&section.id);
            work.section(section);
        }
        let ours = |section: &&Section| !theirs.contains(&section.id);
        work.tally.yours = mine.tree.sections().iter().filter(ours).count();
        let conflicts = merge.conflicts.iter().cloned().zip(takes.iter().copied()).collect();
        Self {
            before: mine.document.to_bytes(),
            after: work.edit.finish(),
            changes: work.changes,
            orphans: work.orphans,
            conflicts,
            tally: work.tally,
            left_alone: mine.tree.troubles().to_vec(),
            next_base: tree::render(merge.next_base.iter().copied()),
        }
    }

    /// Whether the file stays as it is.
    pub fn is_empty(&self) -> bool {
        self.before == self.after
    }
}

impl Change {
    /// `added`, `changed` or `removed`.
    pub fn kind(&self) -> &'static str {
        match (&self.from, &self.to) {
            (None, _) => "added",
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "removed",
        }
    }
}

struct Work<'a> {
    edit: Edit<'a>,
    changes: Vec<Change>,
    orphans: Vec<(SectionId, Vec<String>)>,
    tally: Tally,
    takes: &'a [Take],
}

impl Work<'_> {
    fn section(&mut self, merge: &SectionMerge<'_>) {
        let Some(mine) = merge.mine else {
            if let Some(theirs) = merge.theirs {
                self.add_section(theirs);
            }
            return;
        };
        let before = self.changes.len();
        if let Some(lead) = merge.new_lead {
            self.edit.set_section_lead(mine.index, lead);
        }
        let mut left: HashSet<usize> = mine.units.iter().map(|unit| unit.index).collect();
        for step in &merge.steps {
            if let Some(removed) = self.step(merge, mine, step) {
                left.remove(&removed);
            }
        }
        if merge.theirs.is_none() && left.is_empty() && !has_own_comments(mine, merge.base) {
            self.edit.remove_section(mine.index);
            self.tally.removed += 1;
            if self.changes.len() == before {
                self.change(mine, None, None, None);
            }
        } else if self.changes.len() > before {
            self.tally.changed += 1;
            if merge.theirs.is_none() {
                let stays = mine.units.iter().filter(|unit| left.contains(&unit.index));
                let keys = stays.map(|unit| unit.key.clone()).collect();
                self.orphans.push((mine.id.clone(), keys));
            }
        }
    }

    fn add_section(&mut self, theirs: &Section) {
        self.edit.append_section(theirs.lines());
        self.tally.added += 1;
        for unit in &theirs.units {
            self.change(theirs, Some(unit.name().to_owned()), None, Some(unit.text()));
        }
        if theirs.units.is_empty() {
            self.change(theirs, None, None, None);
        }
    }

    /// Does one step; gives the index of the property that went.
    fn step(&mut self, merge: &SectionMerge<'_>, mine: &Section, step: &Step<'_>) -> Option<usize> {
        let base = |unit: &Unit| merge.base.and_then(|base| base.get(unit.name()));
        match step {
            Step::Lead { mine: unit, theirs } => {
                self.edit.set_property_lead(mine.index, unit.index, &theirs.lead);
            }
            Step::Add { theirs } => {
                let lines = theirs.lead.iter().cloned().chain(theirs.lines()).collect();
                self.edit.add_to_section(mine.index, lines);
                self.change(mine, Some(theirs.name().to_owned()), None, Some(theirs.text()));
            }
            Step::Set { mine: unit, theirs } => {
                if base(unit).is_some_and(|base| base.lead == unit.lead && theirs.lead != unit.lead)
                {
                    self.edit.set_property_lead(mine.index, unit.index, &theirs.lead);
                }
                self.edit.set_value(mine.index, unit.index, &theirs.value, &theirs.continuation);
                self.change(
                    mine,
                    Some(unit.name().to_owned()),
                    Some(unit.text()),
                    Some(theirs.text()),
                );
            }
            Step::Remove { mine: unit } => {
                let comments = base(unit).map_or(&[][..], |base| &base.lead);
                self.edit.remove_property(mine.index, unit.index, comments);
                self.change(mine, Some(unit.name().to_owned()), Some(unit.text()), None);
                return Some(unit.index);
            }
            Step::Ask { conflict, mine: unit, theirs } => {
                let decided = match (self.takes.get(*conflict), *unit, *theirs) {
                    (Some(Take::Team), Some(mine), Some(theirs)) => Step::Set { mine, theirs },
                    (Some(Take::Team), Some(mine), None) => Step::Remove { mine },
                    (Some(Take::Team), None, Some(theirs)) => Step::Add { theirs },
                    _ => return None,
                };
                return self.step(merge, mine, &decided);
            }
        }
        None
    }

    fn change(
        &mut self,
        section: &Section,
        key: Option<String>,
        from: Option<String>,
        to: Option<String>,
    ) {
        self.changes.push(Change { section: section.id.clone(), key, from, to });
    }
}

/// Whether the person wrote comments of their own into a section of the team's.
fn has_own_comments(mine: &Section, base: Option<&Section>) -> bool {
    let from_team: HashSet<&String> = base.iter().flat_map(|base| &base.comments).collect();
    mine.comments.iter().any(|comment| !from_team.contains(comment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(base: &str, theirs: &str, mine: &str, takes: &[Take]) -> Plan {
        let read = |text: &str| Tree::read(&Document::parse(text), "f");
        let (base, theirs, mine) = (read(base), read(theirs), Mine::read(mine.into(), "mine"));
        Plan::new(&Merge::new(&base, &theirs, mine.tree()), &mine, takes)
    }

    /// A line for each change: kind, section, key, from, to.
    fn changes(plan: &Plan) -> Vec<String> {
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        plan.changes
            .iter()
            .map(|change| {
                let (kind, section, key) = (change.kind(), &change.section, shown(&change.key));
                format!("{kind} [{section}] {key}: {} > {}", shown(&change.from), shown(&change.to))
            })
            .collect()
    }

    const BASE: &str = "[profile a]\nregion = x\noutput = json\n\n[profile gone]\nregion = x\n";
    const THEIRS: &str = "[profile a]\nREGION = y\ns3 =\n  a = b\n\n[profile new]\n";

    #[test]
    fn each_property_that_comes_changes_or_goes_is_told() {
        let plan = plan(BASE, THEIRS, &format!("{BASE}\n[profile own]\n"), &[]);
        let want = [
            "changed [profile a] region: x > y",
            "added [profile a] s3: - > \na = b",
            "removed [profile a] output: json > -",
            "added [profile new] -: - > -",
            "removed [profile gone] region: x > -",
        ];
        assert_eq!(changes(&plan), want);
        assert_eq!(plan.tally, Tally { added: 1, changed: 1, removed: 1, yours: 1 });
    }

    #[test]
    fn an_empty_section_that_goes_is_told_without_a_key() {
        let plan = plan("[plugins]\n", "", "[plugins]\n", &[]);
        assert_eq!((plan.after.as_slice(), plan.tally.removed), (&b""[..], 1));
        assert_eq!(plan.changes.len(), 1);
        assert_eq!(plan.changes[0].key, None);
    }

    #[test]
    fn each_conflict_ends_as_it_was_decided() {
        let base = "[a]\nx = 1\ny = 1\nz = 1\n";
        let theirs = "[a]\nx = 2\ny = 2\nz = 2\n";
        let plan =
            plan(base, theirs, "[a]\nx = 3\ny = 3\nz = 3\n", &[Take::Team, Take::Mine, Take::Team]);
        assert_eq!(plan.after, b"[a]\nx = 2\ny = 3\nz = 2\n");
        assert_eq!(changes(&plan), ["changed [a] x: 3 > 2", "changed [a] z: 3 > 2"]);
        assert_eq!(plan.next_base, theirs);
        let takes: Vec<Take> = plan.conflicts.iter().map(|(_, take)| *take).collect();
        assert_eq!(takes, [Take::Team, Take::Mine, Take::Team]);
    }

    #[test]
    fn a_section_that_was_left_alone_counts_for_nobody() {
        let plan = plan("[a]\nx = 1\n", "[a]\nx = 2\n", "[a]\nx = 1\nx = 1\n[own]\n", &[]);
        assert!(plan.is_empty());
        assert_eq!(plan.tally, Tally { yours: 1, ..Tally::default() });
        assert_eq!(plan.left_alone.len(), 1);
    }

    #[test]
    fn comments_alone_are_a_change_of_the_file_and_of_no_property() {
        let plan = plan("# old\n[a]\n", "# new\n[a]\n", "# old\n[a]\n", &[]);
        assert_eq!(plan.after, b"# new\n[a]\n");
        assert_eq!((plan.changes.len(), plan.tally), (0, Tally::default()));
    }
}
