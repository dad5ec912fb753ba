//! A task file.

use crate::error::{Error, Result};

/// A task file, as far as the store needs it.
#[derive(Clone, Debug, Default)]
pub struct TaskFile {
    scripts: Vec<String>,
    warnings: Vec<String>,
}

impl TaskFile {
    /// Reads a task file.
    ///
    /// # Errors
    /// When it cannot be understood, with `name:line:`.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut found = Self::default();
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('\t') {
                let place = format!("{name}:{}: a tab indents the line", number + 1);
                return Err(Error::failed(place).excerpt(number + 1, line));
            }
            if let Some(script) = line.trim().strip_prefix("script:") {
                found.scripts.push(script.trim().to_owned());
            }
        }
        Ok(found)
    }

    /// The scripts that it names literally.
    pub fn scripts(&self) -> Vec<String> {
        self.scripts.clone()
    }

    /// What is odd about it.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}
