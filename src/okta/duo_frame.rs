//! Duo's own protocol behind the frame that Okta's sign-in page shows ("traditional prompt").
//!
//! It is not documented; what is here is what the open-source clients of Okta have in common.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::error::{Error, Kind, Result};
use crate::okta::domain::Domain;
use crate::okta::duo::DuoWay;
use crate::okta::page::Page;
use crate::okta::words::cut;
use crate::sys::clock::Clock;
use crate::sys::http::{Http, Request, Response};
use crate::sys::prompt::Prompt;

/// Duo, asked about one sign-in.
pub(super) struct Frame<'a> {
    pub(super) http: &'a dyn Http,
    pub(super) clock: &'a dyn Clock,
    pub(super) prompt: &'a dyn Prompt,
    pub(super) host: &'a Domain,
    /// The page that would hold the frame.
    pub(super) parent: String,
    pub(super) way: DuoWay,
    /// `phone1` and so on.
    pub(super) device: &'a str,
}

/// What Duo said.
pub(super) enum Verdict {
    /// Yes, with its part of the signature.
    Yes(String),
    No(Error),
}

#[derive(Deserialize)]
struct Envelope {
    stat: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    response: Said,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    txid: String,
    result: String,
    status: String,
    status_code: String,
    result_url: String,
    cookie: String,
}

const PAUSE: Duration = Duration::from_secs(2);

/// Duo gives up after a minute; this is for when it does not.
const PATIENCE: Duration = Duration::from_secs(300);

/// The pages before the prompt: at most one that posts the browser's traits, and the way on.
const PAGES: usize = 3;

impl Frame<'_> {
    /// Asks, and waits for the answer. `tx` is Duo's part of the signature that Okta made.
    pub(super) fn ask(&self, tx: &str) -> Result<Verdict> {
        if self.device.eq_ignore_ascii_case("u2f") {
            return Err(Error::failed("Duo's security key cannot be used in a terminal yet")
                .hint("--mfa-duo-device phone1 has Duo push to the phone"));
        }
        let sid = self.open(tx)?;
        let code = match self.way {
            DuoWay::Passcode => Some(self.passcode()?),
            DuoWay::Push | DuoWay::Call => None,
        };
        let factor = match self.way {
            DuoWay::Push => "Duo Push",
            DuoWay::Call => "Phone Call",
            DuoWay::Passcode => "Passcode",
        };
        let mut fields = vec![("sid", sid.as_str()), ("device", self.device), ("factor", factor)];
        fields.extend(code.as_deref().map(|code| ("passcode", code)));
        fields.extend([("out_of_date", "False"), ("days_out_of_date", "0")]);
        let prompted = match self.call("/frame/prompt", &fields)? {
            Ok(said) => said,
            Err(why) => return Ok(Verdict::No(why)),
        };
        self.wait(&sid, &prompted.txid)
    }

    fn passcode(&self) -> Result<String> {
        Ok(self.prompt.line("Code from Duo:")?.split_whitespace().collect())
    }

    /// Opens the frame, and gives the number of Duo's session.
    fn open(&self, tx: &str) -> Result<String> {
        let mut url = self.host.at("/frame/web/v1/auth");
        let query = [("tx", tx), ("parent", self.parent.as_str()), ("v", "2.1")];
        url.query_pairs_mut().extend_pairs(query);
        let traits = [("tx", tx), ("parent", self.parent.as_str())];
        let mut answer = self.send(&Request::form(url.clone(), traits))?;
        for _ in 0..PAGES {
            if let Some(sid) = self.sid_of_redirect(&answer)? {
                return Ok(sid);
            }
            let page = Page::read(&answer.text());
            let Some((form, _)) = page.field("sid") else { break };
            let fields: Vec<(&str, &str)> =
                form.fields.iter().map(|f| (f.name.as_str(), f.value.as_str())).collect();
            answer = self.send(&Request::form(url.clone(), fields))?;
        }
        Err(self.nonsense(&answer))
    }

    /// The session's number in the address that Duo leads to, which has to be Duo's own.
    fn sid_of_redirect(&self, answer: &Response) -> Result<Option<String>> {
        let Some(location) = answer.header("location") else { return Ok(None) };
        let url = self.host.url(location)?;
        Ok(url.query_pairs().find(|(name, _)| name == "sid").map(|(_, sid)| sid.into_owned()))
    }

    /// Waits for Duo's verdict. Duo may hold a look back until there is something to tell.
    fn wait(&self, sid: &str, txid: &str) -> Result<Verdict> {
        let _waiting = self.prompt.waiting(match self.way {
            DuoWay::Push => "Duo: push sent to your phone.",
            DuoWay::Call => "Duo: calling your phone.",
            DuoWay::Passcode => "Duo: checking the code.",
        });
        let begun = self.clock.now();
        let mut pause = Duration::from_millis(500);
        if self.way == DuoWay::Passcode {
            pause = Duration::ZERO;
        }
        while self.since(begun) < PATIENCE {
            self.clock.sleep(pause)?;
            pause = PAUSE;
            let looked = self.call("/frame/status", &[("sid", sid), ("txid", txid)]);
            let said = match looked {
                Ok(Ok(said)) => said,
                Ok(Err(why)) => return Ok(Verdict::No(why)),
                // It was held back for longer than robo listens.
                Err(error) if error.kind() == Kind::Unreachable => continue,
                Err(error) => return Err(error),
            };
            match said.result.as_str() {
                "SUCCESS" => return self.signature(sid, said),
                "FAILURE" => return Ok(Verdict::No(self.refused(&said))),
                _ => {}
            }
        }
        Ok(Verdict::No(
            Error::new(Kind::OktaRefused, "Duo was not answered in time")
                .hint("is the phone at hand and online?"),
        ))
    }

    /// Duo's part of the signature, which it gives at once or at another address of its own.
    fn signature(&self, sid: &str, said: Said) -> Result<Verdict> {
        let cookie = match said.cookie {
            cookie if !cookie.is_empty() => cookie,
            _ => match self.call(&said.result_url, &[("sid", sid)])? {
                Ok(said) => said.cookie,
                Err(why) => return Ok(Verdict::No(why)),
            },
        };
        match cookie.is_empty() {
            true => Ok(Verdict::No(
                Error::new(Kind::OktaRefused, "Duo said yes without saying how").hint("try again"),
            )),
            false => Ok(Verdict::Yes(cookie)),
        }
    }

    /// Posts to Duo; what it refuses comes as the inner error.
    fn call(&self, path: &str, fields: &[(&str, &str)]) -> Result<Result<Said>> {
        let url = self.host.url(path)?;
        let answer = self.send(&Request::form(url, fields.iter().copied()))?;
        let envelope: Envelope = answer.json().map_err(|_| self.nonsense(&answer))?;
        if envelope.stat == "OK" {
            return Ok(Ok(envelope.response));
        }
        let why = Error::new(Kind::OktaRefused, "Duo did not accept that")
            .because(cut(&envelope.message, 200))
            .hint("is --mfa-duo-device right, and the phone enrolled? phone1 is the first one");
        Ok(Err(why))
    }

    fn send(&self, request: &Request) -> Result<Response> {
        self.clock.go_on()?;
        self.http.send(request)
    }

    fn since(&self, begun: Timestamp) -> Duration {
        Duration::try_from(self.clock.now().duration_since(begun)).unwrap_or_default()
    }

    fn nonsense(&self, answer: &Response) -> Error {
        let (host, status) = (self.host, answer.status);
        Error::new(Kind::OktaRefused, format!("Duo ({host}) cannot be asked from a terminal (status {status})"))
            .hint("the org may have moved to Duo's Universal Prompt, which needs a browser: choose another factor")
    }

    /// The error for a verdict that is no.
    fn refused(&self, said: &Said) -> Error {
        let refused = |message: &str| Error::new(Kind::OktaRefused, message);
        let error = match said.status_code.as_str() {
            _ if self.way == DuoWay::Passcode => {
                refused("Duo did not accept that code").hint("wait for the next one")
            }
            "deny" => refused("Duo's question was answered with no").hint(
                "if that was not you, somebody else tried to sign in: tell your security team",
            ),
            "timeout" => {
                refused("Duo was not answered in time").hint("is the phone at hand and online?")
            }
            "fraud" => refused("Duo was told that this is fraud").hint("tell your security team"),
            _ => refused("Duo said no").hint("try again, or choose another factor"),
        };
        let status = cut(&said.status, 200);
        error.maybe_because((!status.is_empty()).then_some(status))
    }
}
