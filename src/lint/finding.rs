//! What is found: how bad, which rule, where, what, and what to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::config::mask::shown_line;
use crate::ini::Document;
use crate::lint::folder::Folder;
use crate::lint::rules;
use crate::sys::text::did_you_mean;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody's `aws.config`, sign-in or command fails on it.
    Error,
    /// It does nothing, or not what it looks like.
    Warning,
}

/// Something that is wrong in a file.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The rule's name.
    pub code: &'static str,
    /// The path below the folder, with `/` between its parts.
    pub file: String,
    /// The line, from 1; none where the whole file is meant.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line's text, secrets left out.
    #[serde(skip)]
    pub excerpt: Option<String>,
}

/// Findings as they come in.
#[derive(Debug)]
pub struct Findings {
    list: Vec<Finding>,
    /// How many more names are compared to find the one that was meant.
    comparisons: usize,
    /// The file, line, code and message of each: a file that two teams share is told once.
    known: BTreeSet<(String, Option<usize>, &'static str, String)>,
}

/// How many names are compared in all, so that a file of nothing but unknown names costs no more.
const MOST_COMPARISONS: usize = 500_000;

/// No name that a person mistyped is longer.
const LONGEST_NAME: usize = 128;

/// For how many findings of a file its lines are shown.
const MOST_EXCERPTS: usize = 100;

impl Default for Findings {
    fn default() -> Self {
        Self { list: Vec::new(), comparisons: MOST_COMPARISONS, known: BTreeSet::new() }
    }
}

impl Findings {
    /// `did you mean 'dev'?`, if `name` is nearly one of those.
    pub(super) fn guess<S: AsRef<str>>(&mut self, name: &str, among: &[S]) -> Option<String> {
        if name.len() > LONGEST_NAME {
            return None;
        }
        self.comparisons = self.comparisons.checked_sub(among.len())?;
        let among = among.iter().map(AsRef::as_ref);
        did_you_mean(name, among.filter(|name| name.len() <= LONGEST_NAME))
    }

    /// Adds a finding of the rule `code`, unless it is there already.
    pub(super) fn add(
        &mut self,
        code: &'static str,
        (file, line): (&str, Option<usize>),
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let (severity, file, message) = (rules::severity(code), file.to_owned(), message.into());
        if self.known.insert((file.clone(), line, code, message.clone())) {
            self.list.push(Finding { severity, code, file, line, message, hint, excerpt: None });
        }
    }

    /// Whether the rule `code` found something.
    pub(super) fn knows(&self, code: &str) -> bool {
        self.list.iter().any(|finding| finding.code == code)
    }

    /// All of them by file and line, with the text of their lines.
    pub(super) fn finish(self, folder: &Folder) -> Vec<Finding> {
        let mut list = self.list;
        list.sort_by(|one, other| {
            let key = |finding: &Finding| (finding.line, finding.severity, finding.code);
            one.file
                .cmp(&other.file)
                .then_with(|| key(one).cmp(&key(other)))
                .then_with(|| one.message.cmp(&other.message))
        });
        let mut documents: BTreeMap<String, (Option<Document>, usize)> = BTreeMap::new();
        for finding in &mut list {
            let Some(line) = finding.line else { continue };
            let (document, shown) = documents
                .entry(finding.file.clone())
                .or_insert_with(|| (folder.seen(&finding.file).map(Document::parse), 0));
            *shown += 1;
            finding.excerpt = document
                .as_ref()
                .filter(|document| *shown <= MOST_EXCERPTS && line <= document.line_count())
                .map(|document| excerpt(&shown_line(document, line)))
                .filter(|text| !text.trim().is_empty());
        }
        list
    }
}

/// As much of a line as is of use to a person.
fn excerpt(line: &str) -> String {
    const LONGEST: usize = 160;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    }
}

/// `file:line: what`, or `file: what`, as errors and warnings of other modules have it, in its
/// parts.
pub(super) fn placed<'a>(file: &str, message: &'a str) -> (Option<usize>, &'a str) {
    let Some(rest) = message.strip_prefix(file).and_then(|rest| rest.strip_prefix(':')) else {
        return (None, message);
    };
    let rest = rest.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    match (rest[..digits].parse(), rest[digits..].strip_prefix(':')) {
        (Ok(line), Some(what)) => (Some(line), what.trim_start()),
        _ => (None, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_off_a_message() {
        let cases = [
            ("f.yml:12: what: it is", (Some(12), "what: it is")),
            ("f.yml: what", (None, "what")),
            ("f.yml: 3 of them", (None, "3 of them")),
            ("g.yml:1: what", (None, "g.yml:1: what")),
        ];
        for (message, want) in cases {
            assert_eq!(placed("f.yml", message), want);
        }
    }
}
