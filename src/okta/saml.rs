//! From a session at Okta to the SAML assertion of an app.

use url::{Host, Position, Url};

use crate::error::{Error, Kind, Result};
use crate::okta::assertion::Assertion;
use crate::okta::cookies::Cookies;
use crate::okta::org::Org;
use crate::okta::page::{Form, Page};
use crate::okta::refusal::Refusal;
use crate::okta::words::{cut, unescaped};
use crate::sys::http::{Request, Response};
use crate::sys::secret::Secret;
use crate::sys::text;

/// What asking for an app came to.
pub(super) enum Outcome {
    /// The page that posts the assertion to AWS.
    Assertion(Assertion),
    /// Nobody is signed in.
    SignIn,
    /// The app wants more than the session has: another factor, a fresher sign-in.
    /// With the state token that its page has, by which more can be given.
    StepUp(Option<Secret>),
    /// The app's link leads to another host.
    Elsewhere(Error),
    /// Okta says no in another way.
    No(Error),
}

/// More redirects lead nowhere.
const REDIRECTS: usize = 10;

/// The hosts of AWS's sign-in pages, by partition; each also has regional ones, `region.host`.
/// The European sovereign cloud's is named by its console's.
const SIGN_IN: [&str; 4] = [
    "signin.aws.amazon.com",
    "signin.amazonaws-us-gov.com",
    "signin.amazonaws.cn",
    "signin.amazonaws-eusc.eu",
];

/// Asks for the app at `url`, following redirects within the org and with GET only.
///
/// A session token in the query of `url` works once, so nothing is asked for twice, and it goes
/// nowhere but into that one address.
pub(super) fn ask(org: &Org<'_>, url: Url, cookies: &mut Cookies) -> Result<Outcome> {
    let url = org.domain.own(url)?;
    let answer = get(org, &url, cookies)?;
    follow(org, url, answer, cookies)
}

fn get(org: &Org<'_>, url: &Url, cookies: &mut Cookies) -> Result<Response> {
    let request = Request::get(url.clone()).header("Accept", "text/html");
    org.send(request, cookies.header(), cookies)
}

/// Goes where `answer`, which came from `url`, leads.
pub(super) fn follow(
    org: &Org<'_>,
    mut url: Url,
    mut answer: Response,
    cookies: &mut Cookies,
) -> Result<Outcome> {
    let mut left = REDIRECTS;
    loop {
        if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
            return read(org, &url, &answer);
        }
        let location = answer.header("location").unwrap_or_default();
        let next = url.join(location).map_err(|_| org.nonsense(&answer))?;
        // Nowhere, `#` and `https:` are this very address; a token in it works once.
        if is_spent(&url) && url[..Position::AfterQuery] == next[..Position::AfterQuery] {
            break;
        }
        url = match org.domain.own(next) {
            Ok(next) => next,
            Err(error) => return Ok(Outcome::Elsewhere(error)),
        };
        // No need to fetch a page that says no by its address alone.
        if let Some(outcome) = by_path(&url) {
            return Ok(outcome);
        }
        match left.checked_sub(1) {
            Some(fewer) => left = fewer,
            None => break,
        }
        answer = get(org, &url, cookies)?;
    }
    Err(Error::failed(format!("{} redirects the app's page in circles", org.domain))
        .hint("check aws_saml_url: it is the app's embed link in Okta"))
}

/// Whether an address has a token in it that it has used up.
fn is_spent(url: &Url) -> bool {
    url.query_pairs().any(|(name, _)| name == "sessionToken" || name == "token")
}

/// What a page's address says of it.
fn by_path(url: &Url) -> Option<Outcome> {
    let path = url.path().to_ascii_lowercase();
    let begins = |with: &str| {
        path.strip_prefix(with)
            .is_some_and(|rest| matches!(rest.bytes().next(), None | Some(b'/' | b'.')))
    };
    if begins("/login/step-up") || begins("/signin/verify") || begins("/login/second-factor") {
        let token = url.query_pairs().find(|(name, _)| name == "stateToken");
        return Some(Outcome::StepUp(token.map(|(_, token)| Secret::from(token.into_owned()))));
    }
    if path == "/login/sessioncookieredirect" || path.starts_with("/login/token") {
        return None;
    }
    (begins("/login") || begins("/signin")).then_some(Outcome::SignIn)
}

/// The state token in a script of a page: `var stateToken = '00a\x2Db';`, or in the address that
/// it leads to: `'…?stateToken=00a'`.
fn state_token(page: &str) -> Option<Secret> {
    let mut rest = page;
    while let Some(at) = rest.find("stateToken") {
        rest = &rest[at + "stateToken".len()..];
        let value = rest.trim_start_matches(['"', '\'', ' ', '\t', '\n', '\r', ':', '=']);
        let between = &rest[..rest.len() - value.len()];
        let token = match between.chars().last() {
            Some(quote @ ('"' | '\'')) => value.split(quote).next(),
            Some('=') => value.split(['"', '\'', '&', ' ', '<', ';']).next(),
            _ => None,
        };
        let token = token.and_then(unescaped);
        let is_token = |token: &String| {
            (1..=4096).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if between.contains([':', '=']) && token.as_ref().is_some_and(is_token) {
            return token.map(Secret::from);
        }
    }
    None
}

fn read(org: &Org<'_>, url: &Url, answer: &Response) -> Result<Outcome> {
    if let Some(refusal) = Refusal::read(answer) {
        return Ok(match refusal.code.as_str() {
            "E0000005" | "E0000011" => Outcome::SignIn,
            "E0000058" => Outcome::StepUp(None),
            _ => Outcome::No(refusal.error(org.domain)),
        });
    }
    let html = answer.text();
    let page = Page::read(&html);
    if let Some((form, value)) = page.field("SAMLResponse") {
        let destination = destination(org, url, form)?;
        let assertion = Assertion::read(value.to_owned().into(), destination)?;
        let count = text::count(assertion.roles.len(), "role");
        org.prompt.detail(&format!("Okta: the app gives an assertion with {count}."));
        return Ok(Outcome::Assertion(assertion));
    }
    if html.contains("/login/step-up/") || html.contains(r"\/login\/step-up\/") {
        return Ok(Outcome::StepUp(state_token(&html)));
    }
    if let Some(outcome) = by_path(url) {
        return Ok(outcome);
    }
    let says = |words: &[&str]| words.iter().any(|word| page.words.contains(word));
    if says(&["not assigned", "don't have access", "do not have access", "not have permission"]) {
        return Ok(Outcome::No(not_assigned(org, &page)));
    }
    if answer.status == 404 {
        return Ok(Outcome::No(
            about(
                &page,
                Kind::OktaRefused,
                format!("{} has no such app: {}", org.domain, url.path()),
            )
            .hint("check aws_saml_url: it is the path of the app's embed link in Okta"),
        ));
    }
    if page.asks_for_password() || looks_like_sign_in(&html) || answer.status == 401 {
        return Ok(Outcome::SignIn);
    }
    if answer.status == 403 {
        return Ok(Outcome::No(not_assigned(org, &page)));
    }
    if answer.status >= 400 {
        return Ok(Outcome::No(org.nonsense(answer)));
    }
    let domain = org.domain;
    let message = match html.trim().is_empty() {
        true => format!("{domain} gave an empty page for the app"),
        false => format!("{domain} gave a page without a SAML assertion for the app"),
    };
    Ok(Outcome::No(
        about(&page, Kind::Failed, message)
            .hint("check aws_saml_url: it is the embed link of Okta's AWS Account Federation app"),
    ))
}

/// Signs of Okta's sign-in page where its form is made by a script: the widget's container, and
/// the names that its configuration goes by.
fn looks_like_sign_in(html: &str) -> bool {
    ["okta-sign-in", "OktaSignIn", "okta-login-container", "signin-container"]
        .iter()
        .any(|sign| html.contains(sign))
}

fn not_assigned(org: &Org<'_>, page: &Page) -> Error {
    let message = format!("Okta does not let your account use the AWS app ({})", org.domain);
    about(page, Kind::OktaRefused, message)
        .hint("ask whoever runs Okta to assign the app to you; it is the one in aws_saml_url")
}

/// An error with the page's title as its cause.
fn about(page: &Page, kind: Kind, message: String) -> Error {
    let title =
        (!page.title.is_empty()).then(|| format!("the page's title: {}", cut(&page.title, 100)));
    Error::new(kind, message).maybe_because(title)
}

/// Where the assertion goes, if that is AWS: nobody else may have it, and it tells the partition.
fn destination(org: &Org<'_>, page: &Url, form: &Form) -> Result<Url> {
    let action = page.join(&form.action).ok();
    let aws = action.filter(|url| {
        let named = !url.username().is_empty() || url.password().is_some();
        let path = url.path() == "/saml" || url.path().starts_with("/saml/");
        url.scheme() == "https" && url.port().is_none() && !named && path && is_sign_in(url)
    });
    aws.ok_or_else(|| {
        let host = page.join(&form.action).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or("nowhere").to_owned();
        Error::failed(format!(
            "the app at {} signs in to {}, which is not AWS",
            org.domain,
            cut(&host, 100)
        ))
        .hint("check aws_saml_url: it is the embed link of Okta's AWS Account Federation app")
    })
}

fn is_sign_in(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    let region = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    SIGN_IN.iter().any(|known| {
        host == *known
            || host.strip_suffix(known).and_then(|rest| rest.strip_suffix('.')).is_some_and(region)
    })
}

#[cfg(test)]
mod tests;
