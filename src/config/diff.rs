//! The diff that a person is shown: unified, with the words that changed marked.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use similar::{
    Algorithm, ChangeTag, DiffOp, DiffTag, TextDiff, capture_diff_slices, group_diff_ops,
};

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

/// Compares two texts line by line. A line is compared with those of its own section only, so that
/// `region = eu-west-1` of one profile is never taken for another's. Secrets are masked, bytes that
/// are not UTF-8 replaced; the line endings are left out.
pub fn diff(before: &[u8], after: &[u8]) -> Vec<Hunk> {
    let (before, after) = (Text::read(before), Text::read(after));
    let (old, new) = (before.rows(), after.rows());
    let ops = capture_diff_slices(Algorithm::Patience, &old, &new);
    group_diff_ops(ops, CONTEXT)
        .iter()
        .map(|ops| Hunk {
            old: span(ops.iter().map(DiffOp::old_range)),
            new: span(ops.iter().map(DiffOp::new_range)),
            section: section_above(&old, ops),
            lines: ops.iter().flat_map(|op| lines(op, &old, &new)).collect(),
        })
        .collect()
}

/// The lines of one step from old to new.
fn lines<'a>(op: &DiffOp, old: &[Row<'a>], new: &[Row<'a>]) -> Vec<DiffLine> {
    let (gone, come) = (&old[op.old_range()], &new[op.new_range()]);
    if op.tag() == DiffTag::Equal {
        return gone.iter().map(|row| row.whole(Side::Both)).collect();
    }
    let place = |row: &Row<'a>| Some((row.section, row.key()?));
    let by_key = |rows: &[Row<'a>]| -> HashMap<(&'a str, &'a str), &'a str> {
        rows.iter().filter_map(|row| Some((place(row)?, row.line))).collect()
    };
    let (old_lines, new_lines) = (by_key(gone), by_key(come));
    let old_side = gone.iter().map(|row| match place(row).and_then(|key| new_lines.get(&key)) {
        Some(new) => row.marked(Side::Old, row.line, new),
        None => row.whole(Side::Old),
    });
    let new_side = come.iter().map(|row| match place(row).and_then(|key| old_lines.get(&key)) {
        Some(old) => row.marked(Side::New, old, row.line),
        None => row.whole(Side::New),
    });
    old_side.chain(new_side).collect()
}

/// Start (from 1; a unified diff names the line before an empty range) and length.
fn span(ranges: impl Iterator<Item = Range<usize>>) -> (usize, usize) {
    let whole = ranges.reduce(|one, next| one.start..next.end).unwrap_or_default();
    (if whole.is_empty() { whole.start } else { whole.start + 1 }, whole.len())
}

fn section_above(old: &[Row<'_>], ops: &[DiffOp]) -> Option<String> {
    let first = ops.first()?.old_range().start.checked_sub(1)?;
    let section = old.get(first)?.section;
    (!section.is_empty()).then(|| section.to_owned())
}

/// A line, where it stands, and what is shown in its place if it holds a secret.
#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    section: &'a str,
    line: &'a str,
    mask: Option<&'a str>,
}

/// Lines are the same when they are of one section and say the same, hidden or not.
impl PartialEq for Row<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.section, self.line) == (other.section, other.line)
    }
}

impl Eq for Row<'_> {}

impl Hash for Row<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.section, self.line).hash(state);
    }
}

impl<'a> Row<'a> {
    /// The key of a property.
    fn key(&self) -> Option<&'a str> {
        let key = self.line.split_once('=')?.0.trim();
        (!key.starts_with(['#', ';', '['])).then_some(key)
    }

    fn whole(&self, side: Side) -> DiffLine {
        DiffLine { side, pieces: vec![(false, self.mask.unwrap_or(self.line).to_owned())] }
    }

    /// The line with what differs between `old` and `new`, of which it is one, marked.
    fn marked(&self, side: Side, old: &str, new: &str) -> DiffLine {
        if self.mask.is_some() {
            return self.whole(side);
        }
        let hidden = if side == Side::Old { ChangeTag::Insert } else { ChangeTag::Delete };
        let words = TextDiff::from_words(old, new);
        let shown = words.iter_all_changes().filter(|change| change.tag() != hidden);
        let pieces =
            shown.map(|change| (change.tag() != ChangeTag::Equal, change.value().to_owned()));
        DiffLine { side, pieces: pieces.collect() }
    }
}

/// A text, and what is shown in place of its lines that hold a secret.
struct Text {
    text: String,
    masks: Vec<Option<String>>,
}

impl Text {
    fn read(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n");
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

    fn rows(&self) -> Vec<Row<'_>> {
        let mut section = "";
        let masks = self.masks.iter().map(Option::as_deref);
        let row = |(line, mask): (_, _)| {
            if str::starts_with(line, '[') {
                section = line;
            }
            Row { section, line, mask }
        };
        self.text.lines().zip(masks).map(row).collect()
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
    fn a_line_of_one_section_is_not_taken_for_another_s() {
        let before = "[a]\nx = 1\n";
        let after = "[a]\nx = 2\n\n[b]\nx = 1\n";
        let want = "@@ (1, 2) (1, 5) \n [a]\n-x = <1>\n+x = <2>\n+\n+[b]\n+x = 1\n";
        assert_eq!(render(&diff(before.as_bytes(), after.as_bytes())), want);
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
