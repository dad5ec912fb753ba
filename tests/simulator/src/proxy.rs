//! A forward proxy: `CONNECT`, refused or counted, and names that lead to the simulator.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use crate::bytes;
use crate::http::{Reply, Request, Stream};
use crate::world::{State, World};

/// Serves one connection: a tunnel, or a refusal.
pub(crate) fn serve(world: &World, connection: TcpStream) {
    let Ok(mut tunnel) = connection.try_clone() else { return };
    let mut stream = Stream::new(connection);
    let Ok(request) = stream.request() else { return };
    let target = world.change(|state| {
        let target = target(state, &request);
        let counts = &mut state.record.counts;
        match target {
            Ok(_) => counts.tunnels += 1,
            Err(_) => counts.refused_tunnels += 1,
        }
        target
    });
    let connected = target.and_then(|target| {
        TcpStream::connect(target).map_err(|_| Reply::text(502, "nobody listens there"))
    });
    match connected {
        Ok(server) => {
            if stream.write(b"HTTP/1.1 200 Connection established\r\n\r\n").is_ok() {
                join(&mut tunnel, server);
            }
        }
        Err(reply) => drop(stream.write(&reply.encode("", true).0)),
    }
}

/// Where the tunnel leads to.
fn target(state: &State, request: &Request) -> Result<(&'static str, u16), Reply> {
    let proxy = &state.scenario.proxy;
    if let Some(status) = proxy.refuse {
        return Err(refusal(status));
    }
    if let Some(credentials) = &proxy.credentials {
        let wanted = format!("Basic {}", bytes::base64(credentials));
        if request.header("proxy-authorization") != Some(&wanted) {
            return Err(refusal(407));
        }
    }
    if request.method != "CONNECT" {
        return Err(Reply::text(405, "CONNECT is all that this proxy knows"));
    }
    let (host, port) = request.path.rsplit_once(':').unwrap_or((&request.path, ""));
    let port = match proxy.routes.get(&request.path).map(String::as_str) {
        Some("okta") => state.ports.okta,
        Some("duo") => state.ports.duo,
        Some("sts") => state.ports.sts_tls,
        Some("signin") => state.ports.signin_tls,
        // A test never leaves this machine.
        _ if !matches!(host, "localhost" | "127.0.0.1") && !host.ends_with(".localhost") => {
            return Err(Reply::text(502, "this proxy leads nowhere but to loopback"));
        }
        _ => port.parse().map_err(|_| Reply::text(400, "CONNECT wants a host and a port"))?,
    };
    Ok(("127.0.0.1", port))
}

fn refusal(status: u16) -> Reply {
    let reply = Reply::text(status, "the proxy refuses");
    if status == 407 { reply.header("Proxy-Authenticate", "Basic realm=\"acme\"") } else { reply }
}

/// Carries bytes both ways until one side ends.
fn join(client: &mut TcpStream, mut server: TcpStream) {
    let (Ok(mut from_client), Ok(mut to_server)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    let upward = thread::spawn(move || carry(&mut from_client, &mut to_server));
    carry(&mut server, client);
    let _ = client.shutdown(Shutdown::Both);
    let _ = upward.join();
}

fn carry(from: &mut TcpStream, to: &mut TcpStream) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
