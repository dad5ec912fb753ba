//! Which way to sign in to Okta, and why: what the org runs on, what is configured, and what was
//! found out before.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::engine::request::OktaRequest;
use crate::engine::site::Site;
use crate::engine::turn::whole;
use crate::engine::value::{Origin, Value};
use crate::error::{Error, Kind, Result};
use crate::okta::{Domain, Pipeline, SETUP};
use crate::store::Found;

/// `okta_auth`: the way that is asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Auth {
    /// The one that fits the org.
    #[default]
    Auto,
    /// A password, whatever the org is.
    Password,
    /// A browser, whatever the org says that it is.
    Device,
}

impl Auth {
    /// Reads the value of `okta_auth`.
    ///
    /// # Errors
    /// When it is none of the three.
    pub fn parse(text: &str) -> Result<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "password" => Ok(Self::Password),
            "device" => Ok(Self::Device),
            _ => Err(Error::failed(format!("okta_auth = {text} is no way to sign in"))
                .hint("it is 'auto', 'password' or 'device' (in the browser)")),
        }
    }
}

impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Password => "password",
            Self::Device => "device",
        })
    }
}

/// A way to sign in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// A password and a second factor, typed or answered here.
    Password,
    /// In the browser, by device authorization.
    Device,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "by password",
            Self::Device => "in the browser",
        })
    }
}

/// The way that was chosen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chosen {
    /// The way; none as long as the org has to be asked first.
    pub way: Option<Way>,
    /// Why, as a part of a sentence.
    pub why: String,
    /// Whether there is no way at all, for that reason.
    pub barred: bool,
}

/// What an org said of itself.
#[derive(Deserialize, Serialize)]
struct Remembered {
    pipeline: Pipeline,
    asked: Timestamp,
}

const KIND: &str = "org";

/// Classic orgs are upgraded some day, so this is believed for a day. There is no way back from
/// Identity Engine.
const BELIEVED: SignedDuration = SignedDuration::from_hours(24);

/// The way for a request at an org that is known to run on `pipeline`, if it is known.
///
/// # Errors
/// When the way that is asked for cannot be gone.
pub fn weigh(okta: &OktaRequest, pipeline: Option<Pipeline>) -> Result<Chosen> {
    decide((&okta.auth, okta.client_id.as_ref()), okta.given.password.is_some(), pipeline)
}

/// The way by `okta_auth` and `okta_client_id`, with a password `handed_in` or not.
///
/// # Errors
/// As [`weigh`].
pub fn decide(
    (auth, client): (&Value<Auth>, Option<&Value>),
    handed_in: bool,
    pipeline: Option<Pipeline>,
) -> Result<Chosen> {
    let chosen = |way, why: String| Ok(Chosen { way: Some(way), why, barred: false });
    match (auth.value, client, pipeline) {
        (Auth::Password, ..) => {
            chosen(Way::Password, format!("okta_auth = password ({})", auth.origin))
        }
        (Auth::Device, None, _) => {
            let origin = &auth.origin;
            let error =
                format!("okta_auth = device ({origin}), and no okta_client_id is configured");
            let error = Error::failed(error);
            Err(SETUP.iter().fold(error, |error, hint| error.hint(*hint)))
        }
        (Auth::Device, Some(_), _) => {
            chosen(Way::Device, format!("okta_auth = device ({})", auth.origin))
        }
        (Auth::Auto, ..) if handed_in => {
            chosen(Way::Password, "a password was handed in".to_owned())
        }
        (Auth::Auto, None, Some(Pipeline::IdentityEngine)) => {
            let why = "Identity Engine, which may refuse that, and no okta_client_id is configured";
            chosen(Way::Password, why.to_owned())
        }
        (Auth::Auto, Some(client), Some(Pipeline::IdentityEngine)) => {
            let why =
                format!("Identity Engine, and okta_client_id is configured ({})", client.origin);
            chosen(Way::Device, why)
        }
        (Auth::Auto, _, Some(Pipeline::Classic)) => chosen(Way::Password, "Classic".to_owned()),
        (Auth::Auto, None, None) => {
            chosen(Way::Password, "no okta_client_id is configured".to_owned())
        }
        (Auth::Auto, Some(_), None) => {
            let why = "the org is asked what it runs on when somebody signs in".to_owned();
            Ok(Chosen { way: None, why, barred: false })
        }
    }
}

impl Engine<'_> {
    /// The way for a request. The org is asked what it runs on unless that is known, or does not
    /// matter because a way is forced.
    pub(super) fn way(&self, site: &Site<'_>, request: &OktaRequest) -> Result<Way> {
        let known = match site.found.get() {
            None => self.pipeline(site.domain)?,
            found => found,
        };
        let matters = request.auth.value == Auth::Auto && request.given.password.is_none();
        let pipeline = match known {
            None if matters => {
                let said = if site.silent.get() { None } else { self.asked(site, request)? };
                site.found.set(said);
                site.silent.set(said.is_none());
                // One that does not say is no Identity Engine org: those do.
                Some(said.unwrap_or(Pipeline::Classic))
            }
            known => known,
        };
        let chosen = weigh(request, pipeline)?;
        let way = chosen.way.unwrap_or(Way::Password);
        self.prompt.detail(&format!("Okta: signing in {way}: {}.", chosen.why));
        Ok(way)
    }

    /// What an org says that it runs on. Where there is but one way, nobody is kept from it by an
    /// org that has trouble with the answer.
    fn asked(&self, site: &Site<'_>, request: &OktaRequest) -> Result<Option<Pipeline>> {
        match site.okta.discover() {
            Err(error) if request.client_id.is_none() && error.kind() == Kind::Failed => {
                self.prompt.detail(&format!("{error}; so by password, without knowing."));
                Ok(None)
            }
            said => said,
        }
    }

    /// Remembers what an org said that it runs on, if it did.
    pub(super) fn remember(&self, site: &Site<'_>) {
        let Some(pipeline) = site.found.get() else { return };
        let found = Remembered { pipeline, asked: self.clock.now() };
        // Where this cannot be kept, the org is asked again: no more than that.
        let _ = self.store.cache().put(KIND, site.domain.as_str(), &found);
    }

    /// What an org is known to run on, without asking it.
    ///
    /// # Errors
    /// When the key store cannot be opened.
    pub fn pipeline(&self, domain: &Domain) -> Result<Option<Pipeline>> {
        let found = self.store.cache().get::<Remembered>(KIND, domain.as_str())?;
        let Found::Item(found) = found else { return Ok(None) };
        let age = self.clock.now().duration_since(found.asked);
        let believed = found.pipeline == Pipeline::IdentityEngine
            || (SignedDuration::ZERO..BELIEVED).contains(&age);
        Ok(believed.then_some(found.pipeline))
    }
}

/// The error for an org that takes no password, though that is the way that was gone.
pub(super) fn no_password(okta: &OktaRequest, domain: &Domain, cause: &Error) -> Error {
    let message =
        format!("{domain} runs on Identity Engine, and does not let robo sign in with a password");
    let error = Error::new(Kind::OktaRefused, message).because(whole(cause));
    match (&okta.client_id, okta.auth.value) {
        (Some(_), Auth::Password) => error.hint(format!(
            "okta_auth = password comes from {}: without it robo signs in in the browser",
            okta.auth.origin
        )),
        (Some(_), _) if okta.given.password.is_some() => {
            error.hint("without --password-stdin robo signs in in the browser")
        }
        _ => SETUP.iter().fold(error, |error, hint| error.hint(*hint)),
    }
}

impl Default for Value<Auth> {
    fn default() -> Self {
        Value::new(Auth::Auto, Origin::Default)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::store::Store;
    use crate::sys::clock::Clock;
    use crate::sys::http::{Client, Network};
    use crate::sys::prompt::Nobody;
    use crate::sys::security_key::NoSecurityKeys;

    /// A clock that stands still.
    struct At(Timestamp);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            self.0
        }

        fn sleep(&self, _: Duration) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn classic_is_believed_for_a_day_and_identity_engine_for_good() {
        let (domain, store) = (Domain::parse("acme.okta.com").unwrap(), Store::memory());
        let asked: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        for (pipeline, hours, believed) in [
            (Pipeline::Classic, 0, true),
            (Pipeline::Classic, 23, true),
            (Pipeline::Classic, 25, false),
            // The clock was set back.
            (Pipeline::Classic, -1, false),
            (Pipeline::IdentityEngine, 25, true),
            (Pipeline::IdentityEngine, 9000, true),
        ] {
            store.cache().put(KIND, domain.as_str(), &Remembered { pipeline, asked }).unwrap();
            let engine = Engine {
                http: &Client::new(Network::default()),
                store: &store,
                prompt: &Nobody,
                security_keys: &NoSecurityKeys,
                clock: &At(asked + SignedDuration::from_hours(hours)),
                browser: &|_| None,
                locks: Path::new(""),
                trust: &|_| Ok(()),
            };
            let known = engine.pipeline(&domain).unwrap();
            assert_eq!(known, believed.then_some(pipeline), "{pipeline} after {hours} h");
        }
    }
}
