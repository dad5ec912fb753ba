//! The name of who signed in in the browser, from where it is when the ID token lacks it.

use crate::error::{Error, Result};
use crate::okta::cookies::Cookies;
use crate::okta::oauth;
use crate::okta::org::Org;
use crate::okta::tokens::{Tokens, text};
use crate::sys::http::Request;
use crate::sys::secret::ExposeSecret as _;

/// The tokens, with the user's name.
pub(super) fn named(org: &Org<'_>, mut tokens: Tokens) -> Result<Tokens> {
    if tokens.user().is_some() {
        return Ok(tokens);
    }
    org.prompt.detail("Okta: the ID token does not say who signed in; asking for it.");
    let request = Request::get(org.domain.at("/oauth2/v1/userinfo"))
        .header("Accept", "application/json")
        .header("Authorization", format!("Bearer {}", tokens.access.expose_secret()));
    let answer = org.send(request, None, &mut Cookies::default())?;
    let unsaid = || {
        Error::failed(format!("{} does not say who signed in", org.domain))
            .hint("whoever runs Okta lets the client of okta_client_id ask for 'profile'")
    };
    let claims = oauth::read(org, &answer).map_err(|denial| {
        let error = denial.error(org, &tokens.client_id, "name of the user");
        unsaid().because(error.to_string())
    })?;
    // What is said of another user than the ID token's counts for nothing (OpenID Connect Core
    // 1.0, 5.3.2).
    let same = text(&claims, "sub").is_some_and(|subject| Some(subject) == tokens.subject());
    tokens.name = text(&claims, "preferred_username").filter(|_| same);
    if tokens.name.is_none() { Err(unsaid()) } else { Ok(tokens) }
}
