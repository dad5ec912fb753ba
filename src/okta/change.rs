//! A password that has expired, changed at the terminal where Okta allows it.

use serde_json::json;

use crate::error::{Error, Kind, Result};
use crate::okta::credentials::Credentials;
use crate::okta::exchange::Exchange;
use crate::okta::refusal::Failure;
use crate::okta::transaction::Transaction;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// So many new passwords are tried.
const TRIES: usize = 5;

/// Asks for a new password and sends it to `link`, until one meets the org's policy.
pub(super) fn password(
    exchange: &mut Exchange<'_>,
    link: &str,
    credentials: &mut Credentials,
) -> Result<Transaction, Failure> {
    let org = exchange.org;
    let mut last = None;
    org.prompt.note("Okta: your password has expired. Choose a new one; it is changed at Okta, for everything that you use Okta for.");
    for _ in 0..TRIES {
        let new = ask(exchange, credentials)?;
        let fields = json!({
            "oldPassword": credentials.password.expose_secret(),
            "newPassword": new.expose_secret(),
        });
        match exchange.post(link, fields) {
            Ok(next) => {
                (credentials.password, credentials.changed) = (new, true);
                org.prompt.note("Okta: your password is changed.");
                return Ok(next);
            }
            Err(Failure::Said(refusal))
                if matches!(refusal.code.as_str(), "E0000014" | "E0000001") =>
            {
                let error = Error::new(
                    Kind::OktaRefused,
                    format!("Okta does not take that for a password ({})", org.domain),
                );
                org.prompt.note(&format!("{error}: {}.", refusal.words()));
                last = Some(error.because(refusal.words()));
            }
            Err(Failure::Broke(error)) if error.kind() == Kind::Unreachable => {
                let hint = "the password may be changed already: try the new one with 'robo aws.add' before the old one";
                return Err(error.hint(hint).into());
            }
            Err(failure) => return Err(failure),
        }
    }
    let message = format!("{TRIES} new passwords that Okta does not take ({})", org.domain);
    Err(Error::new(Kind::OktaRefused, message)
        .maybe_because(last.map(|error| error.to_string()))
        .hint(format!("change it at https://{}, which shows the rules", org.domain))
        .into())
}

/// A new password, typed twice alike.
fn ask(exchange: &Exchange<'_>, credentials: &Credentials) -> Result<Secret> {
    let org = exchange.org;
    loop {
        let question = format!("New Okta password of {} ({}):", credentials.username, org.domain);
        let new = org.prompt.secret(&question)?;
        if new.expose_secret() == credentials.password.expose_secret() {
            org.prompt.note("That is the old one.");
            continue;
        }
        let again = org.prompt.secret("The same once more:")?;
        if new.expose_secret() == again.expose_secret() {
            return Ok(new);
        }
        org.prompt.note("The two differ.");
    }
}
