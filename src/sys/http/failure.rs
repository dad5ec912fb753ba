//! What to say when a request got no whole answer. Nothing of a URL but its host is ever said.

use std::io;

use rustls::CertificateError;
use url::Url;

use crate::error::{Error, Kind};
use crate::sys::http::host;

/// A request that failed: where it went, and through what.
pub(super) struct Failure<'a> {
    pub(super) url: &'a Url,
    /// The proxy in between, `host:port`.
    pub(super) proxy: Option<String>,
    /// The most bytes that the answer might have had.
    pub(super) limit: u64,
    /// Certificates that were asked for and could not be read.
    pub(super) problems: &'a [String],
}

const AGAIN: &str = "check the network and the VPN, then try again";

impl Failure<'_> {
    /// The error to show for `cause`.
    pub(super) fn error(&self, cause: ureq::Error) -> Error {
        match cause {
            ureq::Error::Io(cause) => self.io(cause),
            ureq::Error::Rustls(cause) => self.tls(cause),
            ureq::Error::HostNotFound => self.name_not_found(),
            ureq::Error::Timeout(phase) => self.timeout(phase),
            ureq::Error::ConnectProxyFailed(answer) => self.proxy_refused(&answer),
            ureq::Error::ConnectionFailed => self.unreachable("no connection could be made"),
            ureq::Error::BodyExceedsLimit(_) => self.too_large(),
            ureq::Error::LargeResponseHeader(..) => {
                Error::failed(format!("{} answered with headers of more than 64 kB", self.host()))
            }
            ureq::Error::Decompress(..) => self.broken_off("what it sent cannot be unpacked"),
            ureq::Error::Protocol(_) | ureq::Error::BodyStalled => {
                self.broken_off("what it sent is not HTTP")
            }
            ureq::Error::Tls(cause) => self.unreachable("no secure connection").because(cause),
            // What else there is speaks of requests that cannot be made. Some causes have the
            // URL in them, so they are not shown.
            _ => Error::failed(format!("the request to {} cannot be sent", self.host())),
        }
    }

    fn host(&self) -> String {
        host(self.url)
    }

    fn unreachable(&self, why: &str) -> Error {
        let host = self.host();
        let via = self.proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}"));
        let via = via.unwrap_or_default();
        Error::new(Kind::Unreachable, format!("cannot reach {host}{via}: {why}"))
    }

    /// Which host a failed connection was for: all that is opened is the one to the proxy.
    fn peer(&self) -> String {
        self.proxy.clone().unwrap_or_else(|| self.host())
    }

    fn name_not_found(&self) -> Error {
        self.unreachable(&format!("there is no host {}", self.peer())).hint(match self.proxy {
            Some(_) => "the proxy is the one in HTTPS_PROXY or ALL_PROXY",
            None => "check the name, the network and the VPN",
        })
    }

    fn io(&self, cause: io::Error) -> Error {
        if let Some(tls) = cause.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return self.tls(tls.clone());
        }
        match cause.kind() {
            io::ErrorKind::ConnectionRefused => self
                .unreachable(&format!("{} refused the connection", self.peer()))
                .hint("nothing listens there: check the name, the port and the VPN"),
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                self.unreachable("it took too long").hint(AGAIN)
            }
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => {
                // Whether TLS was closed properly is a matter of who was faster.
                let cause = match cause.kind() {
                    kind @ io::ErrorKind::UnexpectedEof => {
                        io::Error::new(kind, "Peer disconnected")
                    }
                    _ => cause,
                };
                // Callers look at the cause: what changes nothing may be sent once more.
                self.broken_off("the connection was closed").because(cause)
            }
            _ if is_lookup(&cause) => self.name_not_found(),
            _ => self.unreachable("the connection failed").because(cause).hint(AGAIN),
        }
    }

    fn broken_off(&self, why: &str) -> Error {
        let host = self.host();
        Error::new(Kind::Unreachable, format!("the answer of {host} broke off: {why}"))
            .hint("try again; if it stays so, something between here and there is at fault")
    }

    fn timeout(&self, phase: ureq::Timeout) -> Error {
        let why = match phase {
            ureq::Timeout::Resolve => "its name was not resolved in time",
            ureq::Timeout::Connect => "there was no connection in time",
            _ => "there was no answer in time",
        };
        self.unreachable(why).hint(AGAIN)
    }

    fn proxy_refused(&self, answer: &str) -> Error {
        // The cause is ureq's own: `proxy server responded 407/407`.
        if answer.contains("407") {
            return self.unreachable("the proxy asks for a login (407)").hint(
                "put user and password into HTTPS_PROXY: http://USER:PASSWORD@proxy.example.com:3128",
            );
        }
        let status = answer.rsplit('/').next().filter(|s| s.bytes().all(|b| b.is_ascii_digit()));
        let status = status.map(|status| format!(" ({status})")).unwrap_or_default();
        self.unreachable(&format!("the proxy refused{status}"))
            .hint("the proxy is the one in HTTPS_PROXY or ALL_PROXY; NO_PROXY names hosts to reach without it")
    }

    fn too_large(&self) -> Error {
        let (host, most) = (self.host(), self.limit >> 20);
        Error::failed(if most > 0 {
            format!("{host} answered with more than {most} MB")
        } else {
            format!("{host} answered with more than {} kB", self.limit >> 10)
        })
        .hint(format!("is {host} the right host, and no proxy's page in between?"))
    }

    fn tls(&self, cause: rustls::Error) -> Error {
        use CertificateError as Bad;
        let rustls::Error::InvalidCertificate(bad) = &cause else {
            return self.unreachable("no secure connection (TLS)").because(cause);
        };
        let error = |why: &str| self.unreachable(&format!("its certificate {why}"));
        match bad {
            Bad::UnknownIssuer | Bad::BadSignature => {
                let mut error = error("is not from an issuer that this machine trusts").hint(
                    "if your company inspects TLS, SSL_CERT_FILE or AWS_CA_BUNDLE names its certificate",
                );
                for problem in self.problems {
                    error = error.hint(problem.clone());
                }
                error
            }
            Bad::Expired | Bad::ExpiredContext { .. } => {
                error("has expired").hint("is the clock of this machine right?")
            }
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                error("is not valid yet").hint("is the clock of this machine right?")
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
                error("is for another name").because(cause).hint(
                    "is the name right, and does the network lead to it? A proxy or a sign-in page of the network's own may stand between",
                )
            }
            Bad::Revoked => error("has been revoked"),
            _ => error("is not valid").because(cause),
        }
    }
}

/// Whether the system's resolver said that there is no such name. Its errors have no kind of
/// their own: on Unix they are known by their text, on Windows by their numbers (WSAHOST_NOT_FOUND
/// and WSANO_DATA).
fn is_lookup(cause: &io::Error) -> bool {
    matches!(cause.raw_os_error(), Some(11001 | 11004))
        || cause.to_string().starts_with("failed to lookup address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_too_early_is_told_in_the_same_words_however_it_came() {
        let url = Url::parse("https://acme.okta.com/x?secret").unwrap();
        let failure = Failure { url: &url, proxy: None, limit: 1, problems: &[] };
        for words in
            ["Peer disconnected", "peer closed connection without sending TLS close_notify"]
        {
            let cause = io::Error::new(io::ErrorKind::UnexpectedEof, words);
            let error = failure.error(ureq::Error::Io(cause));
            let cause = std::error::Error::source(&error).unwrap();
            assert_eq!(cause.to_string(), "Peer disconnected");
            let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
            assert_eq!(kind, Some(io::ErrorKind::UnexpectedEof));
        }
    }
}
