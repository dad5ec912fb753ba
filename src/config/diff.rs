//! The diff that a person is shown: unified, with the words that changed marked.

use std::borrow::Cow;
use std::ops::Range;

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};

use crate::config::mask;

/// A run of changed lines with some unchanged ones around it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hunk {
    /// The first old line (from 1) and how many.
    pub old: (usize, usize),
    /// The first new line (from 1) and how many.
    pub new: (usize, usize),
    /// The header of the section that the hunk begins in.
    pub section: Option<String>,
    /// Its lines.
    pub lines: Vec<DiffLine>,
}

/// A line of a diff.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DiffLine {
    /// Where it stands.
    pub side: Side,
    /// Its text in pieces; those marked `true` are what changed in it.
    pub pieces: Vec<(bool, String)>,
}

/// Which side of a diff a line is on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// On both.
    Both,
    /// Only before.
    Old,
    /// Only after.
    New,
}

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// Compares two texts line by line. Secrets are masked, bytes that are not UTF-8 replaced; the
/// line endings are left out.
pub fn diff(before: &[u8], after: &[u8]) -> Vec<Hunk> {
    let (before, after) = (Text::read(before), Text::read(after));
    let (old, new) = (before.lines(), after.lines());
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_slices(&old, &new);
    diff.grouped_ops(CONTEXT)
        .iter()
        .map(|ops| Hunk {
            old: span(ops.iter().map(DiffOp::old_range)),
            new: span(ops.iter().map(DiffOp::new_range)),
            section: section_above(&old, ops),
            lines: ops
                .iter()
                .flat_map(|op| diff.iter_inline_changes(op))
                .map(|change| {
                    let (side, masked) = match change.tag() {
                        ChangeTag::Equal => (Side::Both, before.masked(change.old_index())),
                        ChangeTag::Delete => (Side::Old, before.masked(change.old_index())),
                        ChangeTag::Insert => (Side::New, after.masked(change.new_index())),
                    };
                    let pieces = match masked {
                        Some(line) => vec![(false, line)],
                        None => change
                            .iter_strings_lossy()
                            .map(|(changed, text)| {
                                (changed, text.trim_end_matches('\n').to_owned())
                            })
                            .filter(|(_, text)| !text.is_empty())
                            .collect(),
                    };
                    DiffLine { side, pieces }
                })
                .collect(),
        })
        .collect()
}

/// Start (from 1; a unified diff names the line before an empty range) and length.
fn span(ranges: impl Iterator<Item = Range<usize>>) -> (usize, usize) {
    let whole = ranges.reduce(|one, next| one.start..next.end).unwrap_or_default();
    (if whole.is_empty() { whole.start } else { whole.start + 1 }, whole.len())
}

fn section_above(old: &[&str], ops: &[DiffOp]) -> Option<String> {
    let first = ops.first()?.old_range().start;
    let above = old.get(..first)?.iter().rev();
    above.clone().find(|line| line.starts_with('[')).map(|line| line.trim_end().to_owned())
}

/// A text, and what is shown in place of its lines that hold a secret.
struct Text {
    text: String,
    masks: Vec<Option<String>>,
}

impl Text {
    fn read(text: &[u8]) -> Self {
        let mut text = String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        let mut key = None;
        let masks = text
            .lines()
            .map(|line| {
                if !line.starts_with([' ', '\t', '#', ';']) {
                    key = line.split(['=', ':']).next();
                }
                match mask::masked_line(line, key) {
                    Cow::Owned(masked) => Some(masked),
                    Cow::Borrowed(_) => None,
                }
            })
            .collect();
        Self { text, masks }
    }

    /// The lines with their endings: `similar` passes over empty ones at the end of a change.
    fn lines(&self) -> Vec<&str> {
        self.text.split_inclusive('\n').collect()
    }

    fn masked(&self, index: Option<usize>) -> Option<String> {
        self.masks.get(index?)?.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(hunks: &[Hunk]) -> String {
        let mut out = String::new();
        for hunk in hunks {
            let section = hunk.section.as_deref().unwrap_or("");
            out += &format!("@@ {:?} {:?} {section}\n", hunk.old, hunk.new);
            for line in &hunk.lines {
                out.push(match line.side {
                    Side::Both => ' ',
                    Side::Old => '-',
                    Side::New => '+',
                });
                for (changed, piece) in &line.pieces {
                    out += &if *changed { format!("<{piece}>") } else { piece.clone() };
                }
                out.push('\n');
            }
        }
        out
    }

    #[test]
    fn a_changed_word_is_marked_and_a_secret_is_not_shown() {
        let before = "[a]\r\nregion = eu-west-1\r\naws_secret_access_key = abc\r\n";
        let after = "[a]\r\nregion = eu-central-1\r\naws_secret_access_key = abc\r\n";
        let text = render(&diff(before.as_bytes(), after.as_bytes()));
        assert_eq!(
            text,
            "@@ (1, 3) (1, 3) \n [a]\n-region = <eu-west-1>\n+region = <eu-central-1>\n \
             aws_secret_access_key = ********\n"
        );
    }

    #[test]
    fn a_secret_that_changes_is_told_but_not_shown() {
        let hunks = diff(b"[a]\npassword = a\n", b"[a]\npassword = b\n");
        let want = "@@ (1, 2) (1, 2) \n [a]\n-password = ********\n+password = ********\n";
        assert_eq!(render(&hunks), want);
    }

    #[test]
    fn blank_lines_are_shown_too() {
        let before = "[a]\nregion = x\noutput = json\n\n\n";
        let after = "[a]\nregion = y\noutput = json # z";
        let text = render(&diff(before.as_bytes(), after.as_bytes()));
        let count = |side| text.lines().filter(|line| line.starts_with(side)).count();
        assert_eq!((count(' ') + count('-'), count(' ') + count('+')), (5, 3), "{text}");
    }

    #[test]
    fn a_hunk_says_which_section_it_is_in() {
        let before = "[a]\n1 = 1\n2 = 2\n3 = 3\n4 = 4\n5 = 5\n";
        let after = "[a]\n1 = 1\n2 = 2\n3 = 3\n4 = 4\n5 = 6\n";
        let hunks = diff(before.as_bytes(), after.as_bytes());
        assert_eq!(hunks.len(), 1);
        assert_eq!((hunks[0].old, hunks[0].section.as_deref()), ((3, 4), Some("[a]")));
        assert_eq!(diff(b"", b"[a]\n")[0].old, (0, 0));
        assert!(diff(b"x\n", b"x\n").is_empty());
    }
}
