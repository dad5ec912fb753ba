//! A search for many secrets in much text.

use std::collections::HashMap;

/// Shorter ones could be anywhere by chance.
const LEAST: usize = 8;

/// Secrets, by how they begin.
pub(crate) struct Secrets {
    by_start: HashMap<[u8; LEAST], Vec<String>>,
}

impl Secrets {
    pub(crate) fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut by_start: HashMap<_, Vec<String>> = HashMap::new();
        for secret in secrets {
            if let Some(start) = secret.as_bytes().first_chunk() {
                by_start.entry(*start).or_default().push(secret);
            }
        }
        Self { by_start }
    }

    /// One that is in `bytes`.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        (0..bytes.len()).find_map(|at| {
            let rest = &bytes[at..];
            let secrets = self.by_start.get(rest.first_chunk::<LEAST>()?)?;
            let found = secrets.iter().find(|secret| rest.starts_with(secret.as_bytes()));
            found.map(String::as_str)
        })
    }
}

#[test]
fn a_secret_is_found_wherever_it_is() {
    let secrets = Secrets::new(["a secret of ours", "a secret", "short"].map(str::to_owned));
    assert_eq!(secrets.found_in(b"xx a secret of ours"), Some("a secret of ours"));
    assert_eq!(secrets.found_in(b"a secret o"), Some("a secret"));
    assert_eq!(secrets.found_in(b"short a secre"), None);
}
