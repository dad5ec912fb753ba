//! The three-way merge: what the team changed since last time, laid over what the person has.
//!
//! The unit is one property with its continuation lines. With *base* the team's config as robo
//! last applied it, *theirs* the team's config now and *mine* the person's file:
//!
//! | base → mine | base → theirs | result |
//! | --- | --- | --- |
//! | same | changed, new, gone | theirs |
//! | changed, new, gone | same | mine |
//! | changed alike | changed alike | that |
//! | changed | changed otherwise, or gone | conflict |
//!
//! Without a base everything is new on both sides. A section of the base that the person deleted
//! stays deleted, whatever the team does to it.

use std::collections::HashSet;

use crate::config::section::SectionId;
use crate::config::tree::{Section, Tree};
use crate::config::unit::Unit;

/// What is to be done with the person's file, conflicts still open.
#[derive(Debug)]
pub struct Merge<'a> {
    /// Steps for each section that the team has or had, in the team's order.
    pub(super) sections: Vec<SectionMerge<'a>>,
    /// The open questions, in the order of the steps.
    pub(super) conflicts: Vec<Conflict>,
    /// The base that holds once this merge is applied.
    pub(super) next_base: Vec<&'a Section>,
}

/// What is to be done with one section.
#[derive(Debug)]
pub(super) struct SectionMerge<'a> {
    pub(super) id: SectionId,
    pub(super) theirs: Option<&'a Section>,
    pub(super) mine: Option<&'a Section>,
    pub(super) base: Option<&'a Section>,
    pub(super) steps: Vec<Step<'a>>,
    /// The comments above the header follow the team's.
    pub(super) new_lead: Option<&'a [String]>,
}

/// What is to be done with one property.
#[derive(Clone, Debug)]
pub(super) enum Step<'a> {
    Add {
        theirs: &'a Unit,
    },
    Set {
        mine: &'a Unit,
        theirs: &'a Unit,
    },
    Remove {
        mine: &'a Unit,
    },
    /// Only the comments above it change.
    Lead {
        mine: &'a Unit,
        theirs: &'a Unit,
    },
    /// The conflict of that index decides between the person's and the team's.
    Ask {
        conflict: usize,
        mine: Option<&'a Unit>,
        theirs: Option<&'a Unit>,
    },
}

/// The person and the team changed the same property, each otherwise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conflict {
    /// The section.
    pub section: SectionId,
    /// The key, in lower case.
    pub key: String,
    /// What it was when robo last applied the team's config.
    pub base: Option<String>,
    /// The person's value; none when they removed it.
    pub mine: Option<String>,
    /// The team's value; none when the team removed it.
    pub team: Option<String>,
    /// Where the team says so; none when the team removed it.
    pub place: Option<String>,
}

/// How a conflict ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Take {
    /// The person's value stays.
    Mine,
    /// The team's value comes.
    Team,
}

impl<'a> Merge<'a> {
    /// Compares the three. `base` is empty when there is none.
    pub fn new(base: &'a Tree, theirs: &'a Tree, mine: &'a Tree) -> Self {
        let mut merge = Self { sections: Vec::new(), conflicts: Vec::new(), next_base: Vec::new() };
        let gone = base.sections().iter().filter(|section| theirs.get(&section.id).is_none());
        for section in theirs.sections().iter().chain(gone) {
            let id = &section.id;
            let sides = (base.get(id), theirs.get(id), mine.get(id));
            merge.section(id, sides);
        }
        merge
    }

    /// The open questions.
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    fn section(
        &mut self,
        id: &SectionId,
        (base, theirs, mine): (Option<&'a Section>, Option<&'a Section>, Option<&'a Section>),
    ) {
        if mine.is_some_and(|mine| mine.troubled) {
            // Left alone; what was applied to it before is still what was applied.
            self.next_base.extend(base);
            return;
        }
        self.next_base.extend(theirs);
        if base.is_some() && mine.is_none() {
            return;
        }
        let mut merge = SectionMerge {
            id: id.clone(),
            theirs,
            mine,
            base,
            steps: Vec::new(),
            new_lead: match (base, theirs, mine) {
                (Some(base), Some(theirs), Some(mine)) => {
                    new_lead(&base.lead, &theirs.lead, &mine.lead)
                }
                _ => None,
            },
        };
        let units = |section: Option<&'a Section>| section.map_or(&[][..], |s| s.units.as_slice());
        let mut seen = HashSet::new();
        for unit in units(theirs).iter().chain(units(base)) {
            let key = unit.name();
            if !seen.insert(key) {
                continue;
            }
            let find = |section: Option<&'a Section>| section.and_then(|s| s.get(key));
            if let Some(step) = self.step(id, key, (find(base), find(theirs), find(mine))) {
                merge.steps.push(step);
            }
        }
        self.sections.push(merge);
    }

    fn step(
        &mut self,
        id: &SectionId,
        key: &str,
        (base, theirs, mine): (Option<&'a Unit>, Option<&'a Unit>, Option<&'a Unit>),
    ) -> Option<Step<'a>> {
        if alike(base, theirs) || alike(mine, theirs) {
            let (base, theirs, mine) = (base?, theirs?, mine?);
            let lead = new_lead(&base.lead, &theirs.lead, &mine.lead);
            return lead.map(|_| Step::Lead { mine, theirs });
        }
        if alike(base, mine) {
            return match (mine, theirs) {
                (None, Some(theirs)) => Some(Step::Add { theirs }),
                (Some(mine), Some(theirs)) => Some(Step::Set { mine, theirs }),
                (Some(mine), None) => Some(Step::Remove { mine }),
                (None, None) => None,
            };
        }
        self.conflicts.push(Conflict {
            section: id.clone(),
            key: key.to_owned(),
            base: base.map(Unit::text),
            mine: mine.map(Unit::text),
            team: theirs.map(Unit::text),
            place: theirs.map(|unit| unit.place.to_string()),
        });
        Some(Step::Ask { conflict: self.conflicts.len() - 1, mine, theirs })
    }
}

fn alike(one: Option<&Unit>, other: Option<&Unit>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.means(other),
        _ => false,
    }
}

/// The team's comments, where they changed and the person left the old ones as they were.
fn new_lead<'a>(base: &[String], theirs: &'a [String], mine: &[String]) -> Option<&'a [String]> {
    (base == mine && theirs != mine).then_some(theirs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::Document;

    #[test]
    fn a_conflict_tells_all_sides_and_where_the_team_says_it() {
        let read = |text: &str, file| Tree::read(&Document::parse(text), file);
        let base = read("[a]\nx = 1\ny = 1\nz = 1\n", "base");
        let theirs = read("# c\n[a]\nX = 2\nY = 2\nn = 2\n", "team.config");
        let mine = read("[a]\nx = 3\nz =\n  s = 3\nn = 3\n", "mine");
        let told: Vec<[String; 5]> = Merge::new(&base, &theirs, &mine)
            .conflicts()
            .iter()
            .map(|conflict| {
                assert_eq!(conflict.section, SectionId::plain("a"));
                let Conflict { key, base, mine, team, place, .. } = conflict.clone();
                let [base, mine, team, place] =
                    [base, mine, team, place].map(|side| side.unwrap_or_else(|| "-".to_owned()));
                [key, base, mine, team, place]
            })
            .collect();
        let want = [
            ["x", "1", "3", "2", "team.config:3"],
            ["y", "1", "-", "2", "team.config:4"],
            ["n", "-", "3", "2", "team.config:5"],
            ["z", "1", "\ns = 3", "-", "-"],
        ];
        assert_eq!(told, want);
    }
}
