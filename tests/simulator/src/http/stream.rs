//! One connection: requests are read off it, answers written to it.

use std::io::{Read, Write};

use super::Request;

/// More than any request here has.
const MOST_HEAD: usize = 64 << 10;
const MOST_BODY: usize = 4 << 20;

/// Why no request could be read.
#[derive(Debug)]
pub enum Broken {
    /// The other side closed the connection, or it failed.
    Gone,
    /// What came is not a request that can be served; the words to answer with.
    Malformed(&'static str),
}

trait Both: Read + Write + Send {}
impl<T: Read + Write + Send> Both for T {}

/// A connection, plain or TLS.
pub struct Stream {
    inner: Box<dyn Both>,
    /// What was read beyond the last request.
    ahead: Vec<u8>,
}

impl Stream {
    /// Speaks over `inner`.
    pub fn new(inner: impl Read + Write + Send + 'static) -> Self {
        Self { inner: Box::new(inner), ahead: Vec::new() }
    }

    /// Writes all of it.
    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.inner.write_all(bytes)?;
        self.inner.flush()
    }

    /// Reads the next request.
    pub fn request(&mut self) -> Result<Request, Broken> {
        let (mut request, head) = loop {
            if let Some(found) = parse(&self.ahead)? {
                break found;
            }
            if self.ahead.len() > MOST_HEAD {
                return Err(Broken::Malformed("the head of the request is too long"));
            }
            self.fill()?;
        };
        self.ahead.drain(..head);
        request.body = self.body(&request)?;
        Ok(request)
    }

    fn body(&mut self, request: &Request) -> Result<Vec<u8>, Broken> {
        if request.header("transfer-encoding").is_some() {
            return Err(Broken::Malformed("a body needs a Content-Length here"));
        }
        let length = match request.header("content-length").map(str::parse::<usize>) {
            None => 0,
            Some(Ok(length)) if length <= MOST_BODY => length,
            Some(_) => return Err(Broken::Malformed("the Content-Length is wrong or too large")),
        };
        if request.header("expect").is_some_and(|wish| wish.eq_ignore_ascii_case("100-continue")) {
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(|_| Broken::Gone)?;
        }
        while self.ahead.len() < length {
            self.fill()?;
        }
        Ok(self.ahead.drain(..length).collect())
    }

    fn fill(&mut self) -> Result<(), Broken> {
        let mut buffer = [0; 8192];
        match self.inner.read(&mut buffer) {
            Ok(0) | Err(_) => Err(Broken::Gone),
            Ok(count) => {
                self.ahead.extend_from_slice(&buffer[..count]);
                Ok(())
            }
        }
    }
}

/// The head of a request and its length, once it is there as a whole.
fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, Broken> {
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(Broken::Malformed("this is not HTTP/1.1")),
    };
    let target = parsed.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = parsed.headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value).trim().to_owned();
        (header.name.to_ascii_lowercase(), value)
    });
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.collect(),
        body: Vec::new(),
    };
    Ok(Some((request, length)))
}
