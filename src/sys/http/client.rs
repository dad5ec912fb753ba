//! The real client.

use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::http;
use ureq::tls::TlsConfig;
use ureq::{Agent, Proxy};

use crate::error::{Error, Kind, Result};
use crate::sys::http::failure::Failure;
use crate::sys::http::network::{Network, is_loopback};
use crate::sys::http::roots::Roots;
use crate::sys::http::{Http, Method, Request, Response, host};
use crate::sys::interrupt::Interrupt;

/// Sends requests over the network, one connection to a host. Nothing is opened or read before
/// the first.
#[derive(Debug)]
pub struct Client {
    network: Network,
    patience: Patience,
    interrupt: Option<Interrupt>,
    roots: OnceLock<Roots>,
    direct: OnceLock<Agent>,
    proxied: OnceLock<Agent>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Finding the host's address, and again: connecting, with TLS.
    connect: Duration,
    /// A request from its beginning to the end of its answer.
    whole: Duration,
    /// Keeping a connection that nothing is sent on: as long as a person takes to type a code.
    idle: Duration,
    /// A request that is begun when the person has stopped robo already: only to clear up.
    farewell: Duration,
}

const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(10),
    whole: Duration::from_secs(30),
    idle: Duration::from_secs(120),
    farewell: Duration::from_secs(1),
};

impl Client {
    /// A client for that network.
    pub fn new(network: Network) -> Self {
        Self {
            network,
            patience: PATIENCE,
            interrupt: None,
            roots: OnceLock::new(),
            direct: OnceLock::new(),
            proxied: OnceLock::new(),
        }
    }

    /// As it is, but a request that is under way when `interrupt` comes ends at once, with
    /// [`Kind::Interrupted`]. One that is begun after that has one second: what was under way
    /// can be called off at the server.
    #[must_use]
    pub fn stopped_by(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = Some(interrupt);
        self
    }

    fn roots(&self) -> &Roots {
        self.roots.get_or_init(|| Roots::read(&self.network))
    }

    /// The agent for requests through `proxy`, or without one. There is one proxy at most.
    fn agent(&self, proxy: Option<&Proxy>) -> &Agent {
        let slot = if proxy.is_some() { &self.proxied } else { &self.direct };
        slot.get_or_init(|| {
            let tls = TlsConfig::builder()
                .root_certs(self.roots().trusted.clone())
                .unversioned_rustls_crypto_provider(rustls::crypto::ring::default_provider().into())
                .build();
            Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .proxy(proxy.cloned())
                .tls_config(tls)
                .user_agent(user_agent())
                .accept_encoding("gzip")
                .timeout_resolve(Some(self.patience.connect))
                .timeout_connect(Some(self.patience.connect))
                .timeout_global(Some(self.patience.whole))
                .max_idle_age(self.patience.idle)
                .max_idle_connections_per_host(1)
                .build()
                .into()
        })
    }
}

/// `robo/0.1.0 (linux; x86_64)`. Okta refuses a push to a client without a name.
fn user_agent() -> String {
    let (version, os) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    format!("robo/{version} ({os}; {})", std::env::consts::ARCH)
}

impl Http for Client {
    fn send(&self, request: &Request) -> Result<Response> {
        let url = &request.url;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
            return Err(Error::new(
                Kind::Failed,
                format!("{} is not asked: only https is safe outside this machine", host(url)),
            )
            .hint("write the address with https://"));
        }
        let proxy = self.network.proxy(url)?;
        let agent = self.agent(proxy.as_ref());
        let answer = match &self.interrupt {
            None => exchange(agent, request),
            Some(interrupt) => self.watch(agent, request, interrupt)?,
        };
        answer.map_err(|cause| {
            let failure = Failure {
                url,
                proxy: proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())),
                limit: request.limit,
                problems: self.roots.get().map(|roots| &*roots.problems).unwrap_or_default(),
            };
            failure.error(cause)
        })
    }
}

/// What an exchange came to.
type Answer = Result<Response, ureq::Error>;

impl Client {
    /// Sends `request` on a thread of its own, which is left to itself when the person stops robo:
    /// neither the resolver nor a connection being made can be called back.
    fn watch(&self, agent: &Agent, request: &Request, interrupt: &Interrupt) -> Result<Answer> {
        /// How soon a stop is noticed; an answer is taken as soon as it is there.
        const GLANCE: Duration = Duration::from_millis(50);

        let stopped_before = interrupt.is_set();
        let until = Instant::now() + self.patience.farewell;
        let (sender, receiver) = mpsc::channel();
        let (agent, request) = (agent.clone(), request.clone());
        thread::spawn(move || sender.send(exchange(&agent, &request)));
        loop {
            match receiver.recv_timeout(GLANCE) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::failed("a request ended without an answer"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let over = if stopped_before { Instant::now() >= until } else { interrupt.is_set() };
            if over {
                return Err(Error::new(Kind::Interrupted, "stopped"));
            }
        }
    }
}

/// Sends `request` and reads the answer to its end, so that the connection can be used again.
fn exchange(agent: &Agent, request: &Request) -> Answer {
    let method = match request.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Delete => http::Method::DELETE,
    };
    let mut outgoing = http::Request::builder().method(method).uri(request.url.as_str());
    for (name, value) in &request.headers {
        outgoing = outgoing.header(*name, value);
    }
    let answer = match request.method {
        Method::Post => agent.run(outgoing.body(request.body.as_slice())?)?,
        Method::Get | Method::Delete => agent.run(outgoing.body(())?)?,
    };
    let (head, body) = answer.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Ok(Response {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body: body.into_with_config().limit(request.limit).read_to_vec()?,
    })
}

#[cfg(test)]
mod tests;
