//! Messages in packets of 64 bytes, as they go over USB (CTAP 2.0, 8.1), here over a socket.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

pub(super) const INIT: u8 = 0x86;
pub(super) const CBOR: u8 = 0x90;
pub(super) const CANCEL: u8 = 0x91;
pub(super) const KEEPALIVE: u8 = 0xbb;
pub(super) const ERROR: u8 = 0xbf;

/// The channel that is spoken on until there is another.
pub(super) const BROADCAST: [u8; 4] = [0xff; 4];

/// A message.
pub(super) struct Message {
    pub(super) channel: [u8; 4],
    pub(super) command: u8,
    pub(super) data: Vec<u8>,
}

/// A client's end of the cable.
pub(super) struct Wire(pub(super) UnixStream);

impl Wire {
    /// The next message; nothing if none comes in time.
    pub(super) fn read(&mut self, patience: Option<Duration>) -> io::Result<Option<Message>> {
        self.0.set_read_timeout(patience)?;
        let first = match self.packet() {
            Ok(packet) => packet,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        };
        self.0.set_read_timeout(None)?;
        let length = usize::from(first[5]) << 8 | usize::from(first[6]);
        let mut data = first[7..].to_vec();
        while data.len() < length {
            data.extend(&self.packet()?[5..]);
        }
        data.truncate(length);
        Ok(Some(Message {
            channel: [first[0], first[1], first[2], first[3]],
            command: first[4],
            data,
        }))
    }

    /// A packet; the driver puts the number of the report before it.
    fn packet(&mut self) -> io::Result<[u8; 64]> {
        let mut report = [0; 65];
        self.0.read_exact(&mut report)?;
        let mut packet = [0; 64];
        packet.copy_from_slice(&report[1..]);
        Ok(packet)
    }

    pub(super) fn write(&mut self, channel: [u8; 4], command: u8, data: &[u8]) -> io::Result<()> {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let (first, mut rest) = data.split_at(data.len().min(57));
        self.packet_of(&[&channel[..], &[command], &length, first].concat())?;
        let mut sequence = 0;
        while !rest.is_empty() {
            let (next, more) = rest.split_at(rest.len().min(59));
            self.packet_of(&[&channel[..], &[sequence], next].concat())?;
            (rest, sequence) = (more, sequence + 1);
        }
        Ok(())
    }

    fn packet_of(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut packet = [0; 64];
        packet[..bytes.len()].copy_from_slice(bytes);
        self.0.write_all(&packet)
    }
}
