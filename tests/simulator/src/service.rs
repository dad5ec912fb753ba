//! The services by name, and the thread of one connection to one of them.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConnection, StreamOwned};

use crate::http::{Broken, Reply, Request, Stream};
use crate::world::{State, World};
use crate::{duo, okta, signin, sts};

/// A service that is played.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Service {
    Okta,
    Duo,
    Sts,
    Signin,
}

impl Service {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Duo => "duo",
            Self::Sts => "sts",
            Self::Signin => "signin",
        }
    }

    /// What a request asks for, as it is counted.
    pub(crate) fn endpoint(self, request: &Request) -> String {
        match self {
            Self::Okta => okta::endpoint(request),
            Self::Duo => duo::endpoint(request),
            Self::Sts => sts::endpoint(request),
            Self::Signin => signin::endpoint(request),
        }
    }

    /// What a request asks for in detail, as it is logged.
    pub(crate) fn parameters(self, request: &Request) -> BTreeMap<String, String> {
        match self {
            Self::Sts => sts::parameters(request),
            Self::Okta | Self::Duo | Self::Signin => BTreeMap::new(),
        }
    }

    pub(crate) fn handle(self, state: &mut State, request: &Request) -> Reply {
        match self {
            Self::Okta => okta::handle(state, request),
            Self::Duo => duo::handle(state, request),
            Self::Sts => sts::handle(state, request),
            Self::Signin => signin::handle(state, request),
        }
    }

    /// Serves a connection until one of the two sides ends it.
    pub(crate) fn serve(self, world: &World, connection: TcpStream, tls: bool) {
        let number = world.change(|state| {
            let count = state.record.counts.connections.entry(self.name().to_owned()).or_default();
            *count += 1;
            *count
        });
        let stream =
            if tls { self.shake(world, connection) } else { Some(Stream::new(connection)) };
        let Some(mut stream) = stream else { return };
        loop {
            let request = match stream.request() {
                Ok(request) => request,
                Err(Broken::Gone) => return,
                Err(Broken::Malformed(words)) => {
                    let _ = stream.write(&Reply::text(400, words).encode("", true).0);
                    return;
                }
            };
            let sent = world.answer(self, number, &request);
            if stream.write(&sent.bytes).is_err() || sent.close {
                return;
            }
        }
    }

    /// The TLS handshake; nothing if it fails, which is counted too.
    fn shake(self, world: &World, mut connection: TcpStream) -> Option<Stream> {
        let certificate = {
            let tls = &world.lock().scenario.tls;
            match self {
                Self::Okta => tls.okta,
                Self::Duo => tls.duo,
                Self::Sts => tls.sts,
                Self::Signin => tls.signin,
            }
        };
        let config = Arc::clone(&world.tls.config(certificate));
        let mut session = ServerConnection::new(config).ok()?;
        let mut done = Ok((0, 0));
        while session.is_handshaking() && done.is_ok() {
            done = session.complete_io(&mut connection);
        }
        world.change(|state| {
            let counts = &mut state.record.counts;
            let counts =
                if done.is_ok() { &mut counts.handshakes } else { &mut counts.failed_handshakes };
            *counts.entry(self.name().to_owned()).or_default() += 1;
        });
        done.is_ok().then(|| Stream::new(StreamOwned::new(session, connection)))
    }
}
