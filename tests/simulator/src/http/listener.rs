//! A port on loopback and the threads that serve it.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Listens on a free port of 127.0.0.1 and gives each connection a thread; closes all of them when
/// it is dropped.
pub struct Listener {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    next: AtomicU64,
    /// A second handle of each open connection, to close it by.
    open: Mutex<HashMap<u64, TcpStream>>,
}

/// A port that is taken and not yet served: addresses are known before any handler exists.
pub(crate) struct Bound(TcpListener);

impl Bound {
    pub(crate) fn new(port: u16) -> Self {
        Self(TcpListener::bind(("127.0.0.1", port)).expect("a port on loopback"))
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().expect("a bound port").port()
    }

    /// Serves every connection by `serve`, each on a thread of its own.
    pub(crate) fn serve(self, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Listener {
        let address = self.0.local_addr().expect("a bound port");
        let shared = Arc::new(Shared::default());
        let (accepting, serve) = (Arc::clone(&shared), Arc::new(serve));
        thread::spawn(move || {
            for connection in self.0.incoming() {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(connection) = connection else { continue };
                let (shared, serve) = (Arc::clone(&accepting), Arc::clone(&serve));
                thread::spawn(move || shared.run(connection, serve.as_ref()));
            }
        });
        Listener { address, shared }
    }
}

impl Shared {
    fn run(&self, connection: TcpStream, serve: &(impl Fn(TcpStream) + ?Sized)) {
        // Small answers: waiting for more to send would add 40 ms to each.
        let _ = connection.set_nodelay(true);
        let Ok(handle) = connection.try_clone() else { return };
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        self.open.lock().unwrap().insert(id, handle);
        if !self.stopped.load(Ordering::SeqCst) {
            serve(connection);
        }
        if let Some(handle) = self.open.lock().unwrap().remove(&id) {
            let _ = handle.shutdown(Shutdown::Both);
        }
    }
}

impl Listener {
    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // The accepting thread looks at the flag when a connection comes.
        let _ = TcpStream::connect(self.address);
        for connection in self.shared.open.lock().unwrap().values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}
