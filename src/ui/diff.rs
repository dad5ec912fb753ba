//! A diff as a person reads it.

use std::fmt::Write as _;

use crate::diff::{DiffLine, Hunk, Side};
use crate::sys::text::plain;
use crate::ui::style::styles;

/// What stands in the place of a file that is not there.
const NOTHING: &str = "/dev/null";

pub(super) fn render(old: Option<&str>, new: Option<&str>, hunks: &[Hunk]) -> String {
    let mut out = String::new();
    let bold = styles::BOLD;
    let name = |name: Option<&str>| plain(name.unwrap_or(NOTHING)).into_owned();
    let (old, new) = (name(old), name(new));
    let _ = writeln!(out, "{bold}--- {old}{bold:#}\n{bold}+++ {new}{bold:#}");
    for hunk in hunks {
        let style = styles::HUNK;
        let section = hunk.section.as_deref().map(plain).unwrap_or_default();
        let gap = if section.is_empty() { "" } else { " " };
        let (old, new) = (range(hunk.old), range(hunk.new));
        let _ = writeln!(out, "{style}@@ -{old} +{new} @@{style:#}{gap}{section}");
        for line in &hunk.lines {
            render_line(&mut out, line);
        }
    }
    out
}

/// `12,3`; a single line is `12`, as `diff -u` has it.
fn range((start, count): (usize, usize)) -> String {
    if count == 1 { start.to_string() } else { format!("{start},{count}") }
}

fn render_line(out: &mut String, line: &DiffLine) {
    let (sign, style, word) = match line.side {
        Side::Both => (' ', styles::DIM, styles::DIM),
        Side::Old => ('-', styles::OLD, styles::OLD_WORD),
        Side::New => ('+', styles::NEW, styles::NEW_WORD),
        Side::Remark => ('\\', styles::DIM, styles::DIM),
    };
    // A line that is new from end to end has no word to mark.
    let whole = line.pieces.iter().all(|(changed, _)| *changed);
    let _ = write!(out, "{style}{sign}{style:#}");
    for (changed, piece) in &line.pieces {
        let style = if *changed && !whole { word } else { style };
        let _ = write!(out, "{style}{}{style:#}", plain(piece));
    }
    out.push('\n');
}
