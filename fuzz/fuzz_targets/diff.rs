//! A diff of any two files, separated by a byte that no text has, holds every line of both once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::config::diff::diff;
use robo::diff::Side;

fuzz_target!(|files: &[u8]| {
    let (before, after) = match files.iter().position(|byte| *byte == 0xff) {
        Some(at) => (&files[..at], &files[at + 1..]),
        None => (files, files),
    };
    let hunks = diff(before, after);
    for hunk in &hunks {
        let count = |side| {
            hunk.lines.iter().filter(|line| line.side == side || line.side == Side::Both).count()
        };
        assert_eq!((hunk.old.1, hunk.new.1), (count(Side::Old), count(Side::New)));
    }
    for pair in hunks.windows(2) {
        assert!(pair[0].old.0 + pair[0].old.1 <= pair[1].old.0);
    }
    assert!(diff(before, before).is_empty());
});
