//! The bytes of an edited document, put together line by line.

/// Bytes in the making; knows whether the last line still lacks its ending.
pub(super) struct Output {
    bytes: Vec<u8>,
    open: bool,
}

impl Output {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), open: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Adds a line; `main` ends the one before it if that has no ending of its own.
    pub(super) fn line(&mut self, content: &[u8], ending: &[u8], main: &[u8]) {
        if self.open {
            self.bytes.extend_from_slice(main);
        }
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(ending);
        self.open = ending.is_empty();
    }

    /// Takes the last ending off again.
    pub(super) fn drop_ending(&mut self) {
        if self.bytes.ends_with(b"\n") {
            self.bytes.pop();
        }
        if self.bytes.ends_with(b"\r") {
            self.bytes.pop();
        }
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.bytes
    }
}
