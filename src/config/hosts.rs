//! The hosts that a config asks people to sign in at.

use crate::config::tree::Tree;
use crate::config::unit::{Place, Unit};
use crate::error::{Error, Result};
use crate::sys::host::is_host;

/// A host that a config asks people to sign in at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host {
    /// The host, in lower case, with its port if it has one.
    pub name: String,
    /// Where the config says so.
    pub place: Place,
}

/// The hosts of a config: each `okta_domain`, and the host of each `aws_saml_url` that is a whole
/// URL.
///
/// # Errors
/// When one of them is neither a plain host name, nor a plain path, nor an https URL: browsers and
/// tools find hosts in many odd spellings.
pub fn sign_in_hosts(tree: &Tree) -> Result<Vec<Host>> {
    let mut hosts: Vec<Host> = Vec::new();
    for unit in units(tree) {
        let name = sign_in_host(unit)?;
        if let Some(name) = name.filter(|name| hosts.iter().all(|host| host.name != *name)) {
            hosts.push(Host { name, place: unit.place.clone() });
        }
    }
    Ok(hosts)
}

/// The host that one property names, if it names one.
///
/// # Errors
/// As [`sign_in_hosts`].
pub fn sign_in_host(unit: &Unit) -> Result<Option<String>> {
    host(unit).map_err(|(what, hint)| {
        Error::failed(format!("{}: {} {what}: {}", unit.place, unit.name(), unit.text())).hint(hint)
    })
}

/// The names of those hosts that can be told, in a file that may have any mistake.
pub fn host_names(tree: &Tree) -> Vec<String> {
    units(tree).filter_map(|unit| host(unit).ok().flatten()).collect()
}

fn units(tree: &Tree) -> impl Iterator<Item = &Unit> {
    tree.sections().iter().flat_map(|section| &section.units)
}

/// The host that a property names, or what is wrong with it and what to write instead.
fn host(unit: &Unit) -> Result<Option<String>, (&'static str, &'static str)> {
    let value = unit.value.as_str();
    let one_line = unit.continuation.is_empty();
    match unit.name() {
        "okta_domain" if one_line && is_host(value) => Ok(Some(value.to_ascii_lowercase())),
        "okta_domain" => Err((
            "is not a plain host name",
            "write it as acme.okta.com, without https:// and slashes",
        )),
        "aws_saml_url" if one_line => {
            let lower = value.to_ascii_lowercase();
            let authority = |rest: &str| {
                let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
                is_host(host).then(|| host.to_owned())
            };
            if let Some(host) = lower.strip_prefix("https://").and_then(authority) {
                Ok(Some(host))
            } else if lower.strip_prefix("http://").and_then(authority).is_some() || is_path(value)
            {
                // Plain http is held back by the vetting, and so names no host.
                Ok(None)
            } else {
                Err(ODD_URL)
            }
        }
        "aws_saml_url" => Err(ODD_URL),
        _ => Ok(None),
    }
}

const ODD_URL: (&str, &str) = (
    "is neither a path nor an https URL",
    "write it as home/amazon_aws/0oa1b2c3d4/272, or https://acme.okta.com/home/…",
);

/// Whether `text` is the link of an Okta app: a path of more than a word, or an https URL with one.
pub(crate) fn is_app_link(text: &str) -> bool {
    // Behind one word, such as an app's id, there is no app.
    let is_link = |path: &str| is_path(path) && path.trim_matches('/').contains('/');
    match text.split_once("://") {
        None => is_link(text),
        Some((scheme, rest)) => {
            let parts = rest.split_once('/');
            scheme.eq_ignore_ascii_case("https")
                && parts.is_some_and(|(host, path)| is_host(host) && is_link(path))
        }
    }
}

/// A path of an Okta app, with or without its first `/`, that stays one behind any host.
fn is_path(text: &str) -> bool {
    let path = text.strip_prefix('/').unwrap_or(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_.~%-?=&+".contains(c);
    text.is_empty()
        || path.starts_with(|c: char| c.is_ascii_alphanumeric()) && path.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::Document;

    fn hosts(text: &str) -> Result<Vec<String>> {
        let tree = Tree::read(&Document::parse(text), "f");
        Ok(sign_in_hosts(&tree)?.into_iter().map(|host| host.name).collect())
    }

    #[test]
    fn hosts_are_found_in_lower_case_and_once() {
        let text = "[okta]\nokta_domain = Acme.okta.com\naws_saml_url = home/amazon_aws/0oa/272\n\
                    [profile a]\naws_saml_url = HTTPS://other.example/home?x=1\n\
                    [profile b]\naws_saml_url = https://ACME.okta.com/home\n\
                    [profile c]\naws_saml_url = http://held.back/home\n\
                    [profile d]\naws_saml_url = /home/x%20y\n";
        assert_eq!(hosts(text).unwrap(), ["acme.okta.com", "other.example"]);
    }

    #[test]
    fn the_link_of_an_app_is_a_path_or_a_whole_https_url() {
        for link in [
            "home/amazon_aws/0oa1/272",
            "/app/amazon_aws/exk1/sso/saml",
            "https://acme.okta.com/home/amazon_aws/0oa1/272?x=1",
        ] {
            assert!(is_app_link(link), "{link}");
        }
        for other in [
            "0oa1",
            "",
            "/0oa1/",
            "../../x",
            "//evil.example/home",
            "https://acme.okta.com/",
            "https://acme.okta.com",
            "https://x@evil.example/home/a",
            "http://acme.okta.com/home/amazon_aws/0oa1/272",
        ] {
            assert!(!is_app_link(other), "{other}");
        }
    }

    #[test]
    fn what_a_browser_may_take_for_a_host_is_refused() {
        for domain in ["https://acme.okta.com", "acme.okta.com/x", "a b", "аcme.okta.com", "a@b"] {
            assert!(hosts(&format!("[okta]\nokta_domain = {domain}\n")).is_err(), "{domain}");
        }
        for url in [
            "https://x@evil.example/home",
            "https:evil.example",
            "https:\\\\evil.example",
            "//evil.example",
            "/\t/evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "@evil.example/",
            ".evil.example/",
            ":443@evil.example/",
            "home/x:y",
            "https://аcme.okta.com/",
            "ftp://evil.example/",
            "\n  https://evil.example/home?a=b",
        ] {
            assert!(hosts(&format!("[okta]\naws_saml_url = {url}\n")).is_err(), "{url}");
        }
    }

    #[test]
    fn a_file_with_mistakes_still_tells_its_hosts() {
        let text = "[a]\nokta_domain = a b\n[b]\nokta_domain = c.example\n";
        assert_eq!(host_names(&Tree::read(&Document::parse(text), "f")), ["c.example"]);
    }
}
