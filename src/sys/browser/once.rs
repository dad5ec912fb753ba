//! An address on this machine that leads on to another one, once.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::sys::secret::{ExposeSecret as _, Secret};

/// A request of a browser is some hundred bytes.
const LONGEST_REQUEST: usize = 16 << 10;

/// Browsers open connections in advance, and may leave them idle.
const IDLE: Duration = Duration::from_secs(5);
const MOST_CONNECTIONS: usize = 32;

/// Serves the address until it is dropped.
pub(super) struct Once {
    address: String,
    socket: SocketAddr,
    door: Arc<Door>,
    server: Option<JoinHandle<()>>,
}

/// Who knows the path may go through, once.
struct Door {
    path: String,
    host: String,
    target: Mutex<Option<Secret>>,
    claimed: AtomicBool,
    fetched: AtomicBool,
    closing: AtomicBool,
    connections: AtomicUsize,
}

impl Once {
    /// Leads whoever comes first to `target`.
    pub(super) fn serve(target: &str) -> io::Result<Self> {
        if target.is_empty() || target.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a URL"));
        }
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let nonce: String = nonce.iter().map(|byte| format!("{byte:02x}")).collect();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let socket = listener.local_addr()?;
        let door = Arc::new(Door {
            path: format!("/{nonce}"),
            host: socket.to_string(),
            target: Mutex::new(Some(Secret::from(target))),
            claimed: AtomicBool::new(false),
            fetched: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
        });
        let theirs = Arc::clone(&door);
        let server = thread::Builder::new().spawn(move || accept(&listener, &theirs))?;
        let address = format!("http://{socket}/{nonce}");
        Ok(Self { address, socket, door, server: Some(server) })
    }

    /// Where to send the browser.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Whether somebody is being led on, or was.
    pub(super) fn is_claimed(&self) -> bool {
        self.door.claimed.load(Ordering::SeqCst)
    }

    /// Whether somebody was led on, and knows.
    pub(super) fn is_fetched(&self) -> bool {
        self.door.fetched.load(Ordering::SeqCst)
    }
}

impl Drop for Once {
    fn drop(&mut self) {
        self.door.closing.store(true, Ordering::SeqCst);
        // The server waits for somebody to come.
        let woken = TcpStream::connect_timeout(&self.socket, Duration::from_secs(1)).is_ok();
        if let (true, Some(server)) = (woken, self.server.take()) {
            let _ = server.join();
        }
    }
}

fn accept(listener: &TcpListener, door: &Arc<Door>) {
    for connection in listener.incoming() {
        if door.closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok(connection) = connection else {
            // Out of file descriptors, for one; it comes back at once, so it is not tried at once.
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        let theirs = Arc::clone(door);
        if door.connections.fetch_add(1, Ordering::SeqCst) >= MOST_CONNECTIONS
            || thread::Builder::new()
                .spawn(move || {
                    let _ = theirs.receive(connection);
                    theirs.connections.fetch_sub(1, Ordering::SeqCst);
                })
                .is_err()
        {
            door.connections.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Door {
    /// Answers one request; the connection ends with it.
    fn receive(&self, mut connection: TcpStream) -> io::Result<()> {
        connection.set_read_timeout(Some(IDLE))?;
        connection.set_write_timeout(Some(IDLE))?;
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        let mut welcome = false;
        if is_ours(&connection) {
            while request.len() < LONGEST_REQUEST {
                let count = connection.read(&mut buffer)?;
                request.extend_from_slice(&buffer[..count]);
                match self.judge(&request) {
                    Some(verdict) => {
                        welcome = verdict;
                        break;
                    }
                    None if count == 0 => break,
                    None => {}
                }
            }
        }
        let target = if welcome { self.claim() } else { None };
        let sent = connection
            .write_all(answer(target.as_ref()).as_bytes())
            .and_then(|()| connection.shutdown(Shutdown::Write));
        if target.is_some() {
            self.fetched.store(true, Ordering::SeqCst);
        }
        sent?;
        // Closed with something unread, a connection is reset, and the answer may be lost.
        let mut left = LONGEST_REQUEST;
        while left > 0 {
            match connection.read(&mut buffer)? {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        Ok(())
    }

    /// Whether `request` is a `GET` of the one path, asked of the one host; none if it is not all
    /// there yet.
    fn judge(&self, request: &[u8]) -> Option<bool> {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(request) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return None,
            Err(_) => return Some(false),
        }
        let mut hosts = parsed.headers.iter().filter(|h| h.name.eq_ignore_ascii_case("host"));
        let host = hosts.next().is_some_and(|host| host.value == self.host.as_bytes());
        Some(
            parsed.method == Some("GET")
                && parsed.path == Some(&self.path)
                && host
                && hosts.next().is_none(),
        )
    }

    fn claim(&self) -> Option<Secret> {
        let target = self.target.lock().unwrap_or_else(PoisonError::into_inner).take();
        if target.is_some() {
            self.claimed.store(true, Ordering::SeqCst);
        }
        target
    }
}

/// A redirect that nothing keeps, or a page that is not there.
fn answer(target: Option<&Secret>) -> zeroize::Zeroizing<String> {
    const GONE: &str = "Nothing is here, or it was opened already.\n";
    zeroize::Zeroizing::new(match target {
        Some(target) => format!(
            "HTTP/1.1 302 Found\r\nLocation: {}\r\nCache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            target.expose_secret()
        ),
        None => format!(
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{GONE}",
            GONE.len()
        ),
    })
}

/// Whether a program of the same user is at the other end, as far as the system tells.
#[cfg(target_os = "linux")]
fn is_ours(connection: &TcpStream) -> bool {
    super::peer::is_same_user(connection)
}

#[cfg(not(target_os = "linux"))]
fn is_ours(_connection: &TcpStream) -> bool {
    true
}
