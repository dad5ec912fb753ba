//! The names in `~/.aws/credentials`: a chain of roles may begin there.

use std::collections::HashSet;
use std::fs;

use crate::ini::Document;
use crate::sys::env::Env;

/// The profiles of `$AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`, by name only; none
/// when it cannot be read. Secrets in it are not looked at.
pub fn profile_names(env: &Env) -> HashSet<String> {
    let path = match (env.get("AWS_SHARED_CREDENTIALS_FILE"), env.home()) {
        (Some(path), _) => env.resolve(path.as_ref()),
        (None, Some(home)) => home.join(".aws").join("credentials"),
        (None, None) => return HashSet::new(),
    };
    let Ok(text) = fs::read(path) else { return HashSet::new() };
    let document = Document::parse(text);
    document.sections().iter().skip(1).map(|section| section.name().to_owned()).collect()
}
