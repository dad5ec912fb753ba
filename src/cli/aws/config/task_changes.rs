//! What differs between the shared files as they were accepted and as they are now.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::tasks::shared::{Accepted, SharedFile};

/// A file that is not as it was accepted.
pub(super) struct Change {
    pub(super) path: String,
    pub(super) kind: ChangeKind,
    /// What was accepted; nothing where none was, or where it is lost.
    pub(super) old: Option<Side>,
    pub(super) new: Option<Side>,
}

/// A file as it was, or as it is.
pub(super) struct Side {
    pub(super) bytes: Vec<u8>,
    pub(super) executable: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChangeKind {
    Added,
    Changed,
    Removed,
    /// It may be run now, or not any more; the content is the same.
    Mode,
}

impl Side {
    /// Whether there is nothing to read in it: a program for the processor, or a large file of
    /// data. Anything else is shown, though it were no text: a shell would take its lines for
    /// commands.
    pub(super) fn is_binary(&self) -> bool {
        // ELF, Mach-O (both byte orders, 32 and 64 bits, universal), PE.
        const MAGIC: [&[u8]; 7] = [
            b"\x7fELF",
            b"\xfe\xed\xfa\xce",
            b"\xfe\xed\xfa\xcf",
            b"\xce\xfa\xed\xfe",
            b"\xcf\xfa\xed\xfe",
            b"\xca\xfe\xba\xbe",
            b"MZ",
        ];
        /// The headers of programs are no longer, and have NUL bytes, all of them.
        const HEADER: usize = 64;
        /// Where git looks for a NUL byte.
        const LOOKED_AT: usize = 8000;
        /// Less than that is shown: a person can pass over it.
        const LARGE: usize = 64 * 1024;

        let has_nul = |length: usize| self.bytes.iter().take(length).any(|byte| *byte == 0);
        let is_program = || MAGIC.iter().any(|magic| self.bytes.starts_with(magic));
        if self.executable {
            is_program() && has_nul(HEADER)
        } else {
            self.bytes.len() > LARGE && has_nul(LOOKED_AT)
        }
    }

    /// Its text; bytes that are none are written as `\xff`.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for chunk in self.bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
        }
        text
    }
}

/// What differs, in the order of `files`; then what is gone. Of another repo or team as well it is
/// the differences that a person has to see.
pub(super) fn changes(accepted: Option<&Accepted>, files: &[SharedFile]) -> Vec<Change> {
    if accepted.is_some_and(|accepted| accepted.matches(files)) {
        return Vec::new();
    }
    let old = |path: &str| {
        let file = accepted?.file(path)?;
        let bytes = accepted?.read(file).ok()?;
        Some(Side { bytes, executable: file.executable })
    };
    let mut changes = Vec::new();
    for SharedFile { path, bytes, executable } in files {
        let old = old(path);
        let kind = match &old {
            None => ChangeKind::Added,
            Some(old) if old.bytes != *bytes => ChangeKind::Changed,
            Some(old) if old.executable != *executable => ChangeKind::Mode,
            Some(_) => continue,
        };
        let new = Some(Side { bytes: bytes.clone(), executable: *executable });
        changes.push(Change { path: path.clone(), kind, old, new });
    }
    let there: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let gone = accepted.into_iter().flat_map(Accepted::files);
    for file in gone.filter(|file| !there.contains(file.path.as_str())) {
        let old = old(&file.path);
        changes.push(Change { path: file.path.clone(), kind: ChangeKind::Removed, old, new: None });
    }
    changes
}
