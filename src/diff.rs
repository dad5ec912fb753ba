//! Two texts compared line by line, and what of it a person is shown: hunks, with the words that
//! changed marked.
//!
//! [`texts`] takes any two texts, byte for byte. [`hunks`] takes lines that know more of themselves
//! than their text: [`crate::config::diff`] has them stand in sections, and masks secrets.

use std::hash::Hash;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{
    Algorithm, ChangeTag, DiffOp, DiffTag, TextDiff, capture_diff_slices_deadline, group_diff_ops,
};

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
    /// On none: it says of the line above that no line end follows it.
    Remark,
}

/// A line that is compared. Lines are the same when they are equal, whatever is shown of them.
pub trait Row: Copy + Eq + Hash {
    /// What is shown of it, without its line end.
    fn shown(&self) -> &str;

    /// The header of the section that it stands in.
    fn section(&self) -> Option<&str> {
        None
    }

    /// Whether a line end follows it, where that makes a difference.
    fn is_ended(&self) -> bool {
        true
    }
}

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// How long the shortest diff is looked for; after that, one that is right but longer is taken.
const PATIENCE: Duration = Duration::from_secs(1);

/// Compares two lists of lines. `pairs` says which of the lines that go and of those that come in
/// one place are one line that changed, by their indices: the words that differ are marked in these.
pub fn hunks<R: Row>(
    old: &[R],
    new: &[R],
    pairs: impl Fn(&[R], &[R]) -> Vec<(usize, usize)>,
) -> Vec<Hunk> {
    let deadline = Instant::now().checked_add(PATIENCE);
    let ops = capture_diff_slices_deadline(Algorithm::Patience, old, new, deadline);
    group_diff_ops(ops, CONTEXT)
        .iter()
        .map(|ops| Hunk {
            old: span(ops.iter().map(DiffOp::old_range)),
            new: span(ops.iter().map(DiffOp::new_range)),
            section: section_above(old, ops),
            lines: ops.iter().flat_map(|op| lines(op, old, new, &pairs)).collect(),
        })
        .collect()
}

/// Compares two texts. Everything counts, line endings too.
pub fn texts(before: &str, after: &str) -> Vec<Hunk> {
    let rows = |text| str::split_inclusive(text, '\n').map(Line).collect::<Vec<_>>();
    hunks(&rows(before), &rows(after), in_order)
}

/// The lines of one step from old to new.
fn lines<R: Row>(
    op: &DiffOp,
    old: &[R],
    new: &[R],
    pairs: impl Fn(&[R], &[R]) -> Vec<(usize, usize)>,
) -> Vec<DiffLine> {
    let (gone, come) = (&old[op.old_range()], &new[op.new_range()]);
    let mut shown = Vec::new();
    if op.tag() == DiffTag::Equal {
        for row in gone {
            push(&mut shown, row, whole(Side::Both, row));
        }
        return shown;
    }
    let mut partners = (vec![None; gone.len()], vec![None; come.len()]);
    for (old, new) in pairs(gone, come) {
        partners.0[old] = Some(&come[new]);
        partners.1[new] = Some(&gone[old]);
    }
    for (row, partner) in gone.iter().zip(partners.0) {
        let line = partner.map(|new| marked(Side::Old, row, new));
        push(&mut shown, row, line.unwrap_or_else(|| whole(Side::Old, row)));
    }
    for (row, partner) in come.iter().zip(partners.1) {
        let line = partner.map(|old| marked(Side::New, old, row));
        push(&mut shown, row, line.unwrap_or_else(|| whole(Side::New, row)));
    }
    shown
}

fn push<R: Row>(lines: &mut Vec<DiffLine>, row: &R, line: DiffLine) {
    lines.push(line);
    if !row.is_ended() {
        let pieces = vec![(false, "no line end at the end of the file".to_owned())];
        lines.push(DiffLine { side: Side::Remark, pieces });
    }
}

fn whole<R: Row>(side: Side, row: &R) -> DiffLine {
    DiffLine { side, pieces: vec![(false, row.shown().to_owned())] }
}

/// The line of `old` and `new` that is on `side`, with what differs between them marked.
fn marked<R: Row>(side: Side, old: &R, new: &R) -> DiffLine {
    let hidden = if side == Side::Old { ChangeTag::Insert } else { ChangeTag::Delete };
    let words = TextDiff::from_words(old.shown(), new.shown());
    let shown = words.iter_all_changes().filter(|change| change.tag() != hidden);
    let pieces = shown.map(|change| (change.tag() != ChangeTag::Equal, change.value().to_owned()));
    DiffLine { side, pieces: pieces.collect() }
}

/// Start (from 1; a unified diff names the line before an empty range) and length.
fn span(ranges: impl Iterator<Item = Range<usize>>) -> (usize, usize) {
    let whole = ranges.reduce(|one, next| one.start..next.end).unwrap_or_default();
    (if whole.is_empty() { whole.start } else { whole.start + 1 }, whole.len())
}

fn section_above<R: Row>(old: &[R], ops: &[DiffOp]) -> Option<String> {
    let first = ops.first()?.old_range().start.checked_sub(1)?;
    old.get(first)?.section().map(str::to_owned)
}

/// A line of a text, its line end with it.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
struct Line<'a>(&'a str);

impl Row for Line<'_> {
    fn shown(&self) -> &str {
        self.0.strip_suffix('\n').unwrap_or(self.0)
    }

    fn is_ended(&self) -> bool {
        self.0.ends_with('\n')
    }
}

/// More lines than this in one place are a rewrite, in which no word is looked for; nor is one in a
/// line of more than so many bytes.
const MOST_LINES: usize = 200;
const LONGEST: usize = 2000;

/// Lines are one that changed where as many go as come, and most of their words stay.
fn in_order(gone: &[Line<'_>], come: &[Line<'_>]) -> Vec<(usize, usize)> {
    if gone.len() != come.len() || gone.len() > MOST_LINES {
        return Vec::new();
    }
    let alike = |(old, new): (&Line<'_>, &Line<'_>)| {
        old.0.len().max(new.0.len()) <= LONGEST
            && TextDiff::from_words(old.shown(), new.shown()).ratio() >= 0.5
    };
    let pairs = gone.iter().zip(come).enumerate();
    pairs.filter(|(_, pair)| alike(*pair)).map(|(number, _)| (number, number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(before: &str, after: &str) -> String {
        let mut out = String::new();
        for hunk in texts(before, after) {
            out += &format!("@@ {:?} {:?}\n", hunk.old, hunk.new);
            for line in hunk.lines {
                out.push(match line.side {
                    Side::Both => ' ',
                    Side::Old => '-',
                    Side::New => '+',
                    Side::Remark => '\\',
                });
                for (changed, piece) in line.pieces {
                    out += &if changed { format!("<{piece}>") } else { piece };
                }
                out.push('\n');
            }
        }
        out
    }

    #[test]
    fn what_differs_is_shown_with_three_lines_around_it() {
        let before = "1\n2\n3\n4\n5\n6\n7\nrm -r build\n8\n9\n10\n11\n12\n";
        let after = before.replace("rm -r build", "rm -r /");
        let want = "@@ (5, 7) (5, 7)\n 5\n 6\n 7\n-rm -r <build>\n+rm -r </>\n 8\n 9\n 10\n";
        assert_eq!(render(before, &after), want);
        assert_eq!(render(before, before), "");
    }

    #[test]
    fn a_text_from_nothing_and_one_to_nothing_are_shown_whole() {
        assert_eq!(render("", "a\n\n"), "@@ (0, 0) (1, 2)\n+a\n+\n");
        assert_eq!(render("a\n", ""), "@@ (1, 1) (0, 0)\n-a\n");
    }

    #[test]
    fn line_endings_count() {
        assert_eq!(render("a\n", "a\r\n"), "@@ (1, 1) (1, 1)\n-a\n+a<\r>\n");
        let want = "@@ (1, 1) (1, 1)\n-a\n+a\n\\no line end at the end of the file\n";
        assert_eq!(render("a\n", "a"), want);
    }

    #[test]
    fn words_are_marked_only_in_a_line_that_stayed_the_same_for_the_most_part() {
        let text = render("echo one two\nx\n", "echo one three\na b c d e\n");
        assert!(text.contains("-echo one <two>\n-x\n+echo one <three>\n+a b c d e\n"), "{text}");
    }

    #[test]
    fn texts_that_have_nothing_in_common_take_no_longer_than_they_may() {
        let text = |seed: usize| -> String {
            (0..500_000).map(|line| format!("{}\n", line * seed % 9973)).collect()
        };
        let started = Instant::now();
        assert!(!texts(&text(7919), &text(104_729)).is_empty());
        assert!(started.elapsed() < 10 * PATIENCE, "{:?}", started.elapsed());
    }
}
