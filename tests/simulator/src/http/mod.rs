//! HTTP/1.1 as a server needs it here: connections that can be counted, cut off and kept alive.

pub(crate) mod listener;
mod reply;
mod request;
mod stream;

pub use listener::Listener;
pub use reply::{Cut, Reply};
pub use request::Request;
pub use stream::{Broken, Stream};
