//! The kinds of key store, by the names that a person writes.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A kind of key store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Backend {
    /// The operating system's: macOS Keychain, Windows Credential Manager, Secret Service.
    Keychain,
    /// A file under a passphrase.
    File,
    /// None: nothing outlives the process.
    Memory,
}

impl Backend {
    /// The name, as in `--backend` and in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "file",
            Self::Memory => "memory",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a name. aws-okta has one for each system's keychain (those of 99designs/keyring, which it
/// is built on); they all mean `keychain`.
impl FromStr for Backend {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "keychain" | "secret-service" | "libsecret" | "kwallet" | "wincred" => {
                Ok(Self::Keychain)
            }
            "file" => Ok(Self::File),
            "memory" => Ok(Self::Memory),
            _ => {
                let shown: String = name.chars().take(40).collect();
                Err(Error::usage(format!("there is no backend '{shown}'")).hint(
                    "use 'keychain' (the system's own), 'file' (under a passphrase) or 'memory' (nothing is kept)",
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn every_name_of_aws_okta_that_means_a_keychain_is_known() {
        for name in ["keychain", "secret-service", "wincred", "kwallet", "libsecret", "Keychain"] {
            assert_eq!(name.parse::<Backend>().unwrap(), Backend::Keychain);
        }
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for backend in [Backend::Keychain, Backend::File, Backend::Memory] {
            assert_eq!(backend.to_string().parse::<Backend>().unwrap(), backend);
        }
    }

    #[test]
    fn another_name_is_a_usage_error_that_names_the_three() {
        for name in ["pass", "", "keyctl", &"x".repeat(5000)] {
            let error = name.parse::<Backend>().unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.message().len() < 80);
            for known in ["keychain", "file", "memory"] {
                assert!(error.hints()[0].contains(known));
            }
        }
    }
}
