//! Which engine an org runs on, as it says itself.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::okta::org::Org;
use crate::sys::http::{Request, Response};

/// The engine that an org runs on; it decides which ways of signing in there are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Pipeline {
    /// `v1`: a password and a second factor, by `/api/v1/authn`.
    #[serde(rename = "v1")]
    Classic,
    /// `idx`: device authorization; `/api/v1/authn` where policies permit.
    #[serde(rename = "idx")]
    IdentityEngine,
}

/// The path of an org's description of itself, which needs no login.
pub const WELL_KNOWN: &str = "/.well-known/okta-organization";

impl Pipeline {
    /// What an org's answer to [`WELL_KNOWN`] says; nothing where it says nothing that is known.
    pub fn read(answer: &Response) -> Option<Self> {
        #[derive(Deserialize)]
        struct Organization {
            pipeline: Pipeline,
        }
        let organization = (answer.status == 200).then(|| answer.json::<Organization>().ok());
        organization.flatten().map(|organization| organization.pipeline)
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Classic => "Classic",
            Self::IdentityEngine => "Identity Engine",
        })
    }
}

/// An org in trouble is asked once more, after so long.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks the org; none where it does not say. One that has trouble of its own has not said so.
pub(super) fn discover(org: &Org<'_>) -> Result<Option<Pipeline>> {
    let ask = || {
        let request = Request::get(org.domain.at(WELL_KNOWN)).header("Accept", "application/json");
        org.send(request, None, &mut Default::default())
    };
    let in_trouble = |answer: &Response| answer.status >= 500 || answer.status == 429;
    let mut answer = ask()?;
    if in_trouble(&answer) {
        org.clock.sleep(PAUSE)?;
        answer = ask()?;
    }
    if in_trouble(&answer) {
        return Err(org.nonsense(&answer));
    }
    let pipeline = Pipeline::read(&answer);
    org.prompt.detail(&match pipeline {
        Some(pipeline) => format!("Okta: {} runs on {pipeline}.", org.domain),
        None => format!(
            "Okta: {} does not say what it runs on (status {}): it is taken for Classic.",
            org.domain, answer.status
        ),
    });
    Ok(pipeline)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::okta::stage::{Stage, html};

    #[test]
    fn an_org_says_what_it_runs_on() {
        for (status, body, want) in [
            (200, r#"{"pipeline":"v1","id":"00o"}"#, Some(Pipeline::Classic)),
            (200, r#"{"pipeline":"idx"}"#, Some(Pipeline::IdentityEngine)),
            (200, r#"{"pipeline":"v9"}"#, None),
            (200, r#"{"pipeline":1}"#, None),
            (200, "<html>", None),
            (200, "", None),
            (404, r#"{"pipeline":"idx"}"#, None),
            (302, "", None),
        ] {
            let stage = Stage::new(vec![html(status, body)]);
            assert_eq!(stage.okta().discover().unwrap(), want, "{status} {body}");
            assert_eq!(stage.log()[0], "GET /.well-known/okta-organization");
        }
    }

    #[test]
    fn an_org_in_trouble_is_asked_once_more_and_taken_for_nothing() {
        let idx = || html(200, r#"{"pipeline":"idx"}"#);
        let stage = Stage::new(vec![html(503, "busy"), idx()]);
        assert_eq!(stage.okta().discover().unwrap(), Some(Pipeline::IdentityEngine));
        let stage = Stage::new(vec![html(503, "busy"), html(500, "{}")]);
        assert!(stage.okta().discover().unwrap_err().message().contains("status 500"));
    }
}
