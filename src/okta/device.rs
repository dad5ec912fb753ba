//! Device authorization (RFC 8628): the person signs in in a browser of their choice, wherever it
//! is, and robo waits.

use std::any::Any;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::error::{Error, Kind, Result};
use crate::okta::cookies::Cookies;
use crate::okta::oauth::{self, Denial};
use crate::okta::org::Org;
use crate::okta::tokens::Tokens;
use crate::okta::words::cut;
use crate::sys::http::{Request, Response};
use crate::sys::secret::Secret;

/// Opens an address in the person's browser, where there is one and they want that. The address
/// is answered as long as what comes back is held.
pub type Open<'a> = dyn Fn(&Secret) -> Option<Box<dyn Any>> + 'a;

/// What the person was told to do.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The sentence, with an address and a code.
    pub text: String,
    /// The address with the code in it.
    pub address: String,
    /// When the code runs out.
    pub until: Timestamp,
}

/// Is told what the person was told.
pub type Told<'a> = dyn Fn(&Invited) + 'a;

/// The client that signs in, and what it asks for.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// Its id (`okta_client_id`).
    pub id: &'a str,
    /// Whether the list of the person's apps will be asked for.
    pub lists_apps: bool,
}

/// Why nobody is signed in.
#[derive(Debug)]
pub enum BrowserError {
    /// The person, or Okta in front of them, said no.
    Refused(Error),
    /// Nobody came before the code ran out.
    Expired(Error),
    /// Anything else.
    Other(Error),
}

impl From<Error> for BrowserError {
    fn from(error: Error) -> Self {
        BrowserError::Other(error)
    }
}

impl BrowserError {
    /// The error to show.
    pub fn into_error(self) -> Error {
        let (BrowserError::Refused(error)
        | BrowserError::Expired(error)
        | BrowserError::Other(error)) = self;
        error
    }
}

/// What the org hands out for the browser.
struct Invitation {
    device_code: Secret,
    user_code: String,
    address: String,
    /// The address with the code in it.
    whole_address: String,
    expires: Timestamp,
    interval: Duration,
}

/// RFC 8628, 3.2 and 3.5.
const INTERVAL: u64 = 5;
const SLOWER: Duration = Duration::from_secs(5);

/// Okta gives ten minutes.
const EXPIRES: u64 = 600;

/// Nobody is waited for any longer, whatever the org says.
const LONGEST: u64 = 1800;

/// No trouble of the org's makes it longer than this between two looks.
const SLOWEST: Duration = Duration::from_secs(30);

/// A look that fails is tried again so many times in a row.
const MISSES: u32 = 2;

impl Client<'_> {
    /// No more than is needed. `profile` makes the ID token name the user, and needs no grant.
    fn scope(&self) -> &'static str {
        if self.lists_apps {
            "openid profile okta.apps.sso okta.apps.read okta.users.read.self"
        } else {
            "openid profile okta.apps.sso"
        }
    }
}

/// Has the person sign in in a browser, and waits for it.
pub(super) fn sign_in(
    org: &Org<'_>,
    client: Client<'_>,
    open: &Open<'_>,
    told: &Told<'_>,
) -> Result<Tokens, BrowserError> {
    org.prompt.detail(&format!("Okta: beginning a sign-in in the browser at {}.", org.domain));
    let invitation = invite(org, client)?;
    let Invitation { user_code, address, whole_address, .. } = &invitation;
    let text = format!("Okta: sign in at {address} with the code {user_code}");
    org.prompt.visit(&text, whole_address);
    told(&Invited { text, address: whole_address.clone(), until: invitation.expires });
    // Held until the sign-in is over: a browser may be slow to come.
    let _opening = open(&Secret::from(whole_address.clone()));
    let answer = wait(org, client, &invitation)?;
    let now = org.clock.now();
    Ok(Tokens::read(&answer, client.id, client.lists_apps, (org.domain, now))?)
}

fn invite(org: &Org<'_>, client: Client<'_>) -> Result<Invitation> {
    let fields = [("client_id", client.id), ("scope", client.scope())];
    let answer = oauth::post(org, "/oauth2/v1/device/authorize", &fields)
        .map_err(|denial| denial.error(org, client.id, "device authorization"))?;
    let text = |name: &str| {
        answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| {
            Error::failed(format!("{} does not say how to sign in: no {name}", org.domain))
                .hint(format!("is {} your company's Okta domain?", org.domain))
        })
    };
    let seconds =
        |name: &str, other: u64| answer.get(name).and_then(Value::as_u64).unwrap_or(other);
    // Nobody is sent to a page of another host's.
    let address = org.domain.url(text("verification_uri")?)?;
    let whole = text("verification_uri_complete").ok();
    let whole = whole.map_or_else(|| Ok(address.clone()), |whole| org.domain.url(whole))?;
    let left = Duration::from_secs(seconds("expires_in", EXPIRES).min(LONGEST));
    Ok(Invitation {
        device_code: Secret::from(text("device_code")?.to_owned()),
        user_code: cut(text("user_code")?, 40),
        address: address.to_string(),
        whole_address: whole.to_string(),
        expires: org.clock.now() + left,
        interval: Duration::from_secs(seconds("interval", INTERVAL).clamp(1, LONGEST)),
    })
}

/// Asks as often as the org wants it, and no longer than the code is good.
fn wait(org: &Org<'_>, client: Client<'_>, invitation: &Invitation) -> Result<Value, BrowserError> {
    use crate::sys::secret::ExposeSecret as _;

    let _waiting = org.prompt.waiting("Okta: waiting for you to sign in in the browser.");
    let mut interval = invitation.interval;
    let mut misses = 0;
    let mut trouble = None;
    let mut pause: Option<Duration> = None;
    let fields = [
        ("client_id", client.id),
        ("device_code", invitation.device_code.expose_secret()),
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
    ];
    loop {
        let left = invitation.expires.duration_since(org.clock.now());
        let left = Duration::try_from(left).unwrap_or_default();
        if left.is_zero() {
            return Err(BrowserError::Expired(expired(org).maybe_because(trouble)));
        }
        org.clock.sleep(pause.take().unwrap_or(interval).min(left))?;
        let answer = match look(org, &fields) {
            Ok(answer) => answer,
            // One dropped connection shall not cost a sign-in that is half done.
            Err(error) if error.kind() == Kind::Unreachable && misses < MISSES => {
                misses += 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        misses = 0;
        let denial = match oauth::read(org, &answer) {
            Ok(answer) => return Ok(answer),
            Err(denial) => denial,
        };
        match denial {
            // Neither shall an outage, a rate limit or a proxy's page: they pass, or the code does.
            denial if is_passing(&answer, &denial) => {
                let error = denial.error(org, client.id, "token");
                org.prompt.detail(&format!("{error}; asking again."));
                interval = (interval + SLOWER).min(SLOWEST.max(invitation.interval));
                pause = (answer.status == 429).then(|| org.pause(&answer).max(interval));
                trouble = Some(error.to_string());
            }
            Denial::OAuth(error) => {
                trouble = None;
                match error.error.as_str() {
                    "authorization_pending" => {}
                    "slow_down" => interval += SLOWER,
                    "expired_token" => return Err(BrowserError::Expired(expired(org))),
                    "access_denied" => {
                        return Err(BrowserError::Refused(refused(org, &error.words())));
                    }
                    _ => return Err(Denial::OAuth(error).error(org, client.id, "token").into()),
                }
            }
            denial => return Err(denial.error(org, client.id, "token").into()),
        }
    }
}

/// One look whether the person is done. What a rate limit asks for is waited for by the caller,
/// who looks again and again anyway.
fn look(org: &Org<'_>, fields: &[(&str, &str)]) -> Result<Response> {
    let request = Request::form(org.domain.at("/oauth2/v1/token"), fields.iter().copied())
        .header("Accept", "application/json");
    org.send_once(&request, &mut Cookies::default())
}

/// Whether an answer says nothing about the sign-in, and another may.
fn is_passing(answer: &Response, denial: &Denial) -> bool {
    match denial {
        Denial::OAuth(error) => {
            answer.status >= 500 || (answer.status == 429 && error.error != "slow_down")
        }
        Denial::Okta(_) => answer.status >= 500 || answer.status == 429,
        // No JSON, or none that OAuth or Okta speak.
        Denial::Broke(_) => true,
    }
}

fn expired(org: &Org<'_>) -> Error {
    Error::new(
        Kind::OktaRefused,
        format!("nobody signed in in the browser before the code ran out ({})", org.domain),
    )
    .hint("run it again for a new code")
}

fn refused(org: &Org<'_>, words: &str) -> Error {
    Error::new(
        Kind::OktaRefused,
        format!("the sign-in was refused in the browser ({})", org.domain),
    )
    .because(words.to_owned())
    .hint("if that was not you, somebody else saw the code: run it again for a new one")
    .hint("if it was Okta that refused, ask whoever runs it to assign the app of okta_client_id to you")
}

#[cfg(test)]
mod tests;
