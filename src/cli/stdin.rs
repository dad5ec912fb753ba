//! A password on standard input.

use std::io::{IsTerminal as _, Read as _};

use crate::error::{Error, Result};
use crate::sys::prompt::Prompt;
use crate::sys::secret::Secret;

/// More than any password that Okta takes, in bytes.
const MOST: usize = 4096;

/// The password on stdin, which holds nothing else; `how` is the hint for who has it otherwise.
///
/// # Errors
/// When it is not there, or not alone.
pub(super) fn password(how: &str, prompt: &dyn Prompt) -> Result<Secret> {
    if std::io::stdin().is_terminal() {
        prompt.note("--password-stdin: type the password, then Enter and Ctrl-D. This terminal shows it; without --password-stdin it is asked for unseen.");
    }
    let mut text = String::new();
    // A byte more, and its line ending, tell that there is more.
    std::io::stdin()
        .take(MOST as u64 + 3)
        .read_to_string(&mut text)
        .map_err(|cause| Error::failed("cannot read the password from stdin").because(cause))?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    let odd = if password.is_empty() {
        Some("nothing")
    } else if password.contains('\n') {
        Some("more than one line")
    } else if password.len() > MOST {
        Some("more than a password can have")
    } else {
        None
    };
    if let Some(what) = odd {
        let error = format!("--password-stdin found {what} on stdin");
        return Err(Error::usage(error).hint(how));
    }
    let password = Secret::from(password.to_owned());
    zeroize::Zeroize::zeroize(&mut text);
    Ok(password)
}
