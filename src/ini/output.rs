//! The bytes of an edited document in the making.

/// Lines so far; knows whether the last one still lacks its ending, and whether it is blank.
pub(super) struct Output {
    bytes: Vec<u8>,
    open: bool,
    blank: bool,
}

impl Output {
    pub(super) fn new(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), open: false, blank: false }
    }

    /// Adds a line; `main` ends the one above where that has no ending.
    pub(super) fn line(&mut self, content: &[u8], ending: &[u8], main: &[u8]) {
        if self.open {
            self.bytes.extend_from_slice(main);
        }
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(ending);
        self.open = ending.is_empty();
        self.blank = content.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// Adds a blank line, unless there is one or nothing at all.
    pub(super) fn blank_line(&mut self, main: &[u8]) {
        if !self.bytes.is_empty() && !self.blank {
            // LF right behind a lone CR would be one line ending with it.
            let fuses = main == b"\n" && self.bytes.ends_with(b"\r");
            self.line(b"", if fuses { b"\r" } else { main }, main);
        }
    }

    /// Takes the last line's ending away.
    pub(super) fn drop_ending(&mut self) {
        if self.bytes.ends_with(b"\n") {
            self.bytes.pop();
        }
        if self.bytes.ends_with(b"\r") {
            self.bytes.pop();
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
