//! What the environment says about the network: proxies, and certificates to trust.

use std::fmt;
use std::path::PathBuf;

use ureq::Proxy;
use url::{Host, Url};

use crate::error::{Error, Result};
use crate::sys::env::Env;

/// Proxies and further certificates, as the environment names them. Its `Debug` shows no
/// proxy's address: that may hold a password.
#[derive(Clone, Default)]
pub struct Network {
    proxy: Option<Named<String>>,
    direct: Vec<String>,
    certificates: Vec<Named<PathBuf>>,
}

/// A value with the variable that it comes from.
#[derive(Clone)]
pub(super) struct Named<T> {
    pub(super) variable: &'static str,
    pub(super) value: T,
}

/// The variables for the proxy of an https request, first one first. `HTTP_PROXY` is not among
/// them: by custom (curl, Go, Python) it is for plain http, which here goes to this machine only.
const PROXIES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// Files (or, the last, folders) of certificates to trust beside the system's own.
const CERTIFICATES: [&str; 3] = ["SSL_CERT_FILE", "AWS_CA_BUNDLE", "SSL_CERT_DIR"];

impl Network {
    /// Reads `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` (in either case, the lower one first),
    /// `SSL_CERT_FILE`, `SSL_CERT_DIR` and `AWS_CA_BUNDLE`. `HTTP_PROXY` changes nothing: plain
    /// http goes to this machine only, and this machine is never reached through a proxy.
    pub fn from_env(env: &Env) -> Self {
        let proxy = PROXIES.into_iter().find_map(|variable| {
            env.text(variable).map(|value| Named { variable, value: value.trim().to_owned() })
        });
        let direct = env.text("no_proxy").or_else(|| env.text("NO_PROXY")).unwrap_or_default();
        let direct = direct.split([',', ' ']).map(pattern).filter(|one| !one.is_empty());
        let certificates = CERTIFICATES.into_iter().flat_map(|variable| {
            let folders = variable == "SSL_CERT_DIR";
            let value = env.get(variable).unwrap_or_default();
            let paths: Vec<PathBuf> = if folders {
                std::env::split_paths(value).collect()
            } else {
                vec![PathBuf::from(value)]
            };
            paths
                .into_iter()
                .filter(|path| !path.as_os_str().is_empty())
                .map(move |value| Named { variable, value })
        });
        Self { proxy, direct: direct.collect(), certificates: certificates.collect() }
    }

    /// Trusts the certificates in the PEM file at `path` too.
    #[must_use]
    pub fn trusting(mut self, path: PathBuf) -> Self {
        self.certificates.push(Named { variable: "the certificate file", value: path });
        self
    }

    /// Where further certificates are.
    pub(super) fn certificates(&self) -> &[Named<PathBuf>] {
        &self.certificates
    }

    /// The proxy that a request to `url` goes through, if there is one.
    pub(super) fn proxy(&self, url: &Url) -> Result<Option<Proxy>> {
        let Some(Named { variable, value }) = &self.proxy else { return Ok(None) };
        if is_loopback(url) || self.is_direct(url) {
            return Ok(None);
        }
        let proxy = Proxy::new(value).map_err(|_| {
            // Neither the value nor the cause is shown: a proxy's URL may hold a password.
            Error::failed(format!("{variable} does not name a proxy")).hint(
                "it is written like http://proxy.example.com:3128 or socks5h://127.0.0.1:1080",
            )
        })?;
        Ok(Some(proxy))
    }

    /// Whether `NO_PROXY` names the host of `url`: `*`, a name with everything below it, or an
    /// address.
    fn is_direct(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let host = host.trim_start_matches('[').trim_end_matches([']', '.']);
        self.direct.iter().any(|pattern| {
            pattern == "*"
                || host == pattern
                || host.strip_suffix(pattern.as_str()).is_some_and(|rest| rest.ends_with('.'))
        })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("proxy", &self.proxy.as_ref().map(|proxy| proxy.variable))
            .field("direct", &self.direct)
            .finish_non_exhaustive()
    }
}

/// One pattern of `NO_PROXY`, without what is only decoration: `.example.com` and
/// `*.example.com` mean `example.com`, a port is left out.
fn pattern(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    if text == "*" {
        return text;
    }
    let text = text.trim_start_matches('*').trim_start_matches('.');
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => {
            host.to_owned()
        }
        _ => text.trim_matches(['[', ']']).to_owned(),
    }
}

/// Whether `url` is on this machine: `localhost`, 127.0.0.0/8 or ::1.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn network(vars: &[(&str, &str)]) -> Network {
        Network::from_env(&Env::from_vars(vars.iter().copied()))
    }

    #[test]
    fn the_environment_names_the_proxy() {
        type Vars<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Vars<'_>, Option<&str>); 8] = [
            (&[], None),
            (&[("HTTPS_PROXY", "http://one:3128")], Some("one")),
            (&[("https_proxy", "two:8080"), ("HTTPS_PROXY", "http://one")], Some("two")),
            (&[("ALL_PROXY", "socks5h://three:1080")], Some("three")),
            (&[("all_proxy", "http://a:b@four"), ("HTTP_PROXY", "http://five")], Some("four")),
            (&[("HTTP_PROXY", "http://five")], None),
            (&[("HTTPS_PROXY", "http://one"), ("NO_PROXY", "*")], None),
            (&[("HTTPS_PROXY", "http://one"), ("no_proxy", "a.test,okta.com")], None),
        ];
        for (vars, want) in cases {
            let proxy = network(vars).proxy(&url("https://acme.okta.com/")).unwrap();
            assert_eq!(proxy.as_ref().map(Proxy::host), want, "{vars:?}");
        }
    }

    #[test]
    fn some_hosts_are_reached_directly() {
        let vars = [
            ("HTTPS_PROXY", "http://one"),
            ("NO_PROXY", "acme.test, .dot.test,*.star.test port.test:443 10.1.2.3 [::2]"),
        ];
        let network = network(&vars);
        let direct = |text: &str| network.proxy(&url(text)).unwrap().is_none();
        for host in [
            "acme.test",
            "sub.acme.test",
            "dot.test",
            "a.dot.test",
            "a.star.test",
            "port.test",
            "10.1.2.3",
            "[::2]",
            "localhost",
            "127.8.8.8",
            "[::1]",
            "a.localhost",
            "ACME.test.",
        ] {
            assert!(direct(&format!("https://{host}/")), "{host}");
        }
        for host in ["notacme.test", "acme.test.evil", "10.1.2.30", "[::3]", "localhost.evil"] {
            assert!(!direct(&format!("https://{host}/")), "{host}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_read_is_not_shown() {
        let network = network(&[("HTTPS_PROXY", "ftp://me:hush@proxy")]);
        let error = network.proxy(&url("https://acme.okta.com/")).unwrap_err();
        assert_eq!(error.message(), "HTTPS_PROXY does not name a proxy");
        assert!(!format!("{error:?} {network:?}").contains("hush"));
    }
}
