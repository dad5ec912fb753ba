//! Where an Okta org is, and which addresses are its own.

use std::fmt;

use url::Url;

use crate::error::{Error, Result};

/// The host of an Okta org, such as `acme.okta.com`, with its port where that is not 443. Its
/// origin is always https.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Domain {
    host: String,
    origin: Url,
}

impl Domain {
    /// Reads a host, or a host and a port; `https://` before it and `/` after it are left out.
    ///
    /// # Errors
    /// When it is anything more or other than that.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Error::usage(format!("'{}' is not the domain of an Okta org: {why}", cut(text)))
                .hint("it is the host of its sign-in page, such as acme.okta.com")
        };
        let host = text.trim();
        if host.to_ascii_lowercase().starts_with("http://") {
            return Err(wrong("Okta is only reached by https"));
        }
        let bare = host.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://"));
        let host = bare.map_or(host, |scheme| &host[scheme.len()..]);
        let host = host.strip_suffix('/').unwrap_or(host);
        if host.is_empty() {
            return Err(wrong("there is no host in it"));
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        if !host.bytes().all(plain) {
            return Err(wrong("a host has only letters, digits, '.' and '-'"));
        }
        let url = Url::parse(&format!("https://{host}/")).map_err(|cause| {
            let why = cause.to_string();
            wrong(&why)
        })?;
        let name = url.host_str().unwrap_or_default();
        if !name.contains(['.', ':']) && name != "localhost" && url.port().is_none() {
            return Err(wrong("the domain is missing").hint(format!("perhaps {name}.okta.com")));
        }
        Ok(Self { host: host_and_port(&url), origin: url })
    }

    /// The host, with its port where that is not 443.
    pub fn as_str(&self) -> &str {
        &self.host
    }

    /// `https://acme.okta.com/`.
    pub fn origin(&self) -> Url {
        self.origin.clone()
    }

    /// The address at this org that `path` means: a path, with or without a leading slash, or a
    /// whole URL.
    ///
    /// # Errors
    /// When it is an address of another host, and so may be told no secret of this org's. The
    /// error names that host and nothing else of the address.
    pub fn url(&self, path: &str) -> Result<Url> {
        let path = path.trim();
        let url = match path.split_once("://") {
            Some((scheme, _)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Url::parse(path)
            }
            _ => self.origin.join(path),
        };
        let url = url.map_err(|cause| {
            Error::failed(format!("an address at {self} cannot be read")).because(cause)
        })?;
        self.own(url)
    }

    /// `url`, if it is of this very origin: scheme, host and port, and no user name in it.
    ///
    /// # Errors
    /// As [`Domain::url`].
    pub fn own(&self, url: Url) -> Result<Url> {
        if url.scheme() != "https" && url.host_str().is_some() {
            let scheme = url.scheme();
            return Err(Error::failed(format!(
                "{self} is only spoken to by https, not by {scheme} at {}",
                host_and_port(&url)
            ))
            .hint(format!("is {self} still your company's Okta domain?")));
        }
        let named = !url.username().is_empty() || url.password().is_some();
        if url.origin() != self.origin.origin() || named {
            return Err(Error::failed(format!(
                "{self} leads to another host, {}: nothing is sent there",
                host_and_port(&url)
            ))
            .hint(format!("is {self} still your company's Okta domain?")));
        }
        Ok(url)
    }

    /// An address of Okta's own documented paths.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.origin.clone();
        url.set_path(path);
        url
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)
    }
}

/// What may be shown of an address: its host, and a port that is not the usual one.
fn host_and_port(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => format!("{}:", url.scheme()),
    }
}

fn cut(text: &str) -> String {
    super::words::cut(text, 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_host_and_perhaps_a_port() {
        let cases = [
            ("acme.okta.com", "acme.okta.com"),
            (" https://ACME.okta.com/ ", "acme.okta.com"),
            ("acme.okta.com:443", "acme.okta.com"),
            ("localhost:8443", "localhost:8443"),
            ("127.0.0.1:1", "127.0.0.1:1"),
            ("[::1]:2", "[::1]:2"),
            ("login.acme.example", "login.acme.example"),
        ];
        for (text, want) in cases {
            assert_eq!(Domain::parse(text).unwrap().as_str(), want, "{text}");
        }
        assert_eq!(Domain::parse("localhost").unwrap().origin().as_str(), "https://localhost/");
    }

    #[test]
    fn anything_else_is_not_a_domain() {
        for text in [
            "",
            " ",
            "https://",
            "http://acme.okta.com",
            "acme.okta.com/app",
            "a@acme.okta.com",
            "acme okta",
            "acme.okta.com?x",
            "acme.okta.com:99999",
            "acme",
            "äcme.okta.com",
            "acme.okta.com\\evil.test",
            "a\tb.okta.com",
            "ftp://a.b",
        ] {
            assert!(Domain::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_addresses_of_the_org_are_its_own() {
        let domain = Domain::parse("acme.okta.com").unwrap();
        let app = "https://acme.okta.com/home/amazon_aws/0oa1/272";
        for path in ["home/amazon_aws/0oa1/272", "/home/amazon_aws/0oa1/272", app] {
            assert_eq!(domain.url(path).unwrap().as_str(), app);
        }
        for (path, host) in [
            ("https://evil.test/home", "evil.test"),
            ("http://acme.okta.com/home", "acme.okta.com"),
            ("https://acme.okta.com:444/home", "acme.okta.com:444"),
            ("https://acme.okta.com.evil.test/", "acme.okta.com.evil.test"),
            ("https://acme.okta.com@evil.test/?token=hush", "evil.test"),
            ("https://me@acme.okta.com/", "acme.okta.com"),
            ("//evil.test/home", "evil.test"),
            ("/\\evil.test/home", "evil.test"),
            ("\\\\evil.test", "evil.test"),
            ("javascript:alert(1)", "javascript:"),
        ] {
            let error = domain.url(path).unwrap_err();
            assert!(error.message().contains(host), "{path}: {error}");
            assert!(!error.message().contains("hush"), "{path}: {error}");
        }
    }
}
