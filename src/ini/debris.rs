//! The blank lines that would be left over where lines went.

use std::collections::BTreeSet;

use crate::ini::document::Document;
use crate::ini::edit::Fate;

/// Takes away the blank lines that set the removed lines off from others, so that what is left
/// looks as if they had never been there. `inserted` are the lines before which new ones come;
/// `ends` says that nothing is appended.
pub(super) fn remove(
    document: &Document,
    fates: &mut [Fate],
    inserted: &BTreeSet<usize>,
    ends: bool,
) {
    let count = fates.len();
    let mut index = 0;
    while index < count {
        if fates[index] != Fate::Remove {
            index += 1;
            continue;
        }
        let run = Run::at(document, fates, index);
        fates[run.start..run.end].fill(Fate::Remove);
        index = run.end;
        if inserted.range(run.start..=run.end).next().is_some() {
            continue;
        }
        let (above, below) = (run.start - run.above, run.end + run.below);
        if above == 0 || (run.above == 0 && follows_header(document, above, below)) {
            fates[run.end..below].fill(Fate::Remove);
        } else if below == count && ends {
            fates[above..run.start].fill(Fate::Remove);
        } else {
            let fewer = run.above.min(run.below);
            fates[run.start - fewer..run.start].fill(Fate::Remove);
        }
    }
}

/// Whether line `first` comes right after a header, and line `next` is of the same section.
fn follows_header(document: &Document, first: usize, next: usize) -> bool {
    let sections = &document.sections;
    let header = first.checked_sub(1);
    sections
        .binary_search_by_key(&header, |section| section.header)
        .is_ok_and(|index| header.is_some() && next < sections[index].end)
}

/// Lines that go, and how many blank ones stay above and below them.
struct Run {
    start: usize,
    end: usize,
    above: usize,
    below: usize,
}

impl Run {
    /// The run that begins at `start`. It goes on over blank lines between two removed ones.
    fn at(document: &Document, fates: &[Fate], start: usize) -> Self {
        let blank = |index: &usize| fates[*index] == Fate::Keep && document.is_blank(*index);
        let above = (0..start).rev().take_while(blank).count();
        let (mut end, mut below) = (start, 0);
        for (index, fate) in fates.iter().enumerate().skip(start) {
            if *fate == Fate::Remove {
                (end, below) = (index + 1, 0);
            } else if blank(&index) {
                below += 1;
            } else {
                break;
            }
        }
        Self { start, end, above, below }
    }
}
