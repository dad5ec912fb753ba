//! A [`SecurityKey`] that is plugged in: it speaks CTAP 2.0 in USB's packets, over a socket that
//! stands where Linux would have `/dev/hidraw0`.

mod cbor;
mod pin;
mod status;
mod wire;

use std::fs;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use cbor::{Value, decode, encode, map};
use pin::Pin;
use status::Status;
use wire::Wire;

use crate::security_key::{PRESENT, SecurityKey, VERIFIED};

/// What a device of FIDO's says of itself (CTAP 2.0, 8.1.8.2).
const DESCRIPTOR: [u8; 34] = [
    0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08,
    0x95, 0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91,
    0x02, 0xc0,
];

/// How often a key says that it still waits.
const TICK: Duration = Duration::from_millis(20);

/// What becomes of a key that waits to be touched.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Touch {
    /// It is touched.
    #[default]
    AtOnce,
    /// It is not.
    Never,
    /// It is not, and gives up.
    TooLate,
    /// It is unplugged.
    Unplugged,
    /// It is not, and does not even say that it waits.
    Silent,
}

/// A key that is plugged in.
pub struct PluggedIn {
    inside: Arc<Inside>,
}

struct Inside {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    key: SecurityKey,
    pin: Option<Pin>,
    touch: Touch,
    cancelled: u32,
}

impl PluggedIn {
    /// Plugs a key in as the device of that name: there is a folder of that name in `folder` then,
    /// as in `/sys/class/hidraw`, and in it the socket that takes the place of the device.
    pub fn new(folder: &Path, name: &str, key: SecurityKey) -> Self {
        let device = folder.join(name).join("device");
        fs::create_dir_all(&device).unwrap();
        fs::write(device.join("report_descriptor"), DESCRIPTOR).unwrap();
        let listener = UnixListener::bind(folder.join(name).join("socket")).unwrap();
        let state = State { key, pin: None, touch: Touch::AtOnce, cancelled: 0 };
        let inside = Arc::new(Inside { state: Mutex::new(state), changed: Condvar::new() });
        let here = Arc::clone(&inside);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let here = Arc::clone(&here);
                // A client that goes away is none of the key's trouble.
                thread::spawn(move || here.serve(client));
            }
        });
        Self { inside }
    }

    /// Sets the key's PIN.
    #[must_use]
    pub fn with_pin(self, pin: &str) -> Self {
        self.inside.state.lock().unwrap().pin = Some(Pin::new(pin));
        self
    }

    /// Sets what becomes of it when it waits to be touched.
    #[must_use]
    pub fn touched(self, touch: Touch) -> Self {
        self.inside.state.lock().unwrap().touch = touch;
        self
    }

    /// Waits until the key was told to stop waiting; gives up after ten seconds.
    pub fn is_cancelled(&self) -> bool {
        let state = self.inside.state.lock().unwrap();
        let patience = Duration::from_secs(10);
        let changed = &self.inside.changed;
        changed
            .wait_timeout_while(state, patience, |state| state.cancelled == 0)
            .unwrap()
            .0
            .cancelled
            > 0
    }
}

impl Inside {
    /// Serves one client, until it goes away or the key is unplugged.
    fn serve(&self, client: UnixStream) -> io::Result<()> {
        let mut wire = Wire(client);
        let own: [u8; 4] = [0, 0, 0, 1];
        while let Some(message) = wire.read(None)? {
            match message.command {
                wire::INIT if message.channel == wire::BROADCAST => {
                    // The versions, and that it speaks CBOR and nothing older.
                    let answer = [&message.data[..], &own, &[2, 1, 0, 0, 0x0c]].concat();
                    wire.write(message.channel, wire::INIT, &answer)?;
                }
                wire::CBOR => {
                    let answer = match self.answer(&mut wire, own, &message.data)? {
                        Ok(Some(value)) => [vec![Status::Success as u8], encode(&value)].concat(),
                        Ok(None) => vec![Status::Success as u8],
                        Err(status) => vec![status as u8],
                    };
                    wire.write(own, wire::CBOR, &answer)?;
                }
                // Nothing is being waited for.
                wire::CANCEL => {}
                _ => wire.write(message.channel, wire::ERROR, &[0x01])?,
            }
        }
        Ok(())
    }

    fn answer(
        &self,
        wire: &mut Wire,
        channel: [u8; 4],
        message: &[u8],
    ) -> io::Result<Result<Option<Value>, Status>> {
        let Some((command, mut rest)) = message.split_first() else {
            return Ok(Err(Status::InvalidCommand));
        };
        let request = decode(&mut rest).unwrap_or(Value::Bool(false));
        Ok(match command {
            0x01 => match self.touch(wire, channel)? {
                // It is only asked to make a credential so that it blinks.
                Ok(()) => Err(Status::PinAuthInvalid),
                Err(status) => Err(status),
            },
            0x02 => match self.may_sign(&request) {
                Ok(false) => self.sign(&request, 0),
                Ok(true) => match self.touch(wire, channel)? {
                    Ok(()) => self.sign(&request, PRESENT),
                    Err(status) => Err(status),
                },
                Err(status) => Err(status),
            },
            0x04 => Ok(Some(self.info())),
            0x06 => match &mut self.state.lock().unwrap().pin {
                Some(pin) => pin.answer(&request).map(Some),
                None => Err(Status::PinNotSet),
            },
            _ => Err(Status::InvalidCommand),
        })
    }

    fn info(&self) -> Value {
        let has_pin = self.state.lock().unwrap().pin.is_some();
        let options = [("rk", true), ("up", true), ("clientPin", has_pin)];
        let options = options.map(|(name, is)| (Value::text(name), Value::Bool(is))).to_vec();
        map([
            (1, Value::Array(vec![Value::text("FIDO_2_0")])),
            (3, Value::Bytes(vec![0; 16])),
            (4, Value::Map(options)),
            (5, Value::Int(1200)),
            (6, Value::Array(vec![Value::Int(1)])),
        ])
    }

    /// Waits to be touched, and says so as long as it does.
    fn touch(&self, wire: &mut Wire, channel: [u8; 4]) -> io::Result<Result<(), Status>> {
        loop {
            let touch = self.state.lock().unwrap().touch;
            if touch != Touch::Silent {
                wire.write(channel, wire::KEEPALIVE, &[2])?;
            }
            match touch {
                Touch::AtOnce => return Ok(Ok(())),
                Touch::TooLate => return Ok(Err(Status::ActionTimeout)),
                Touch::Unplugged => return Err(io::ErrorKind::ConnectionAborted.into()),
                Touch::Never | Touch::Silent => {}
            }
            let stop = wire.read(Some(TICK))?;
            if stop.is_some_and(|message| message.command == wire::CANCEL) {
                self.state.lock().unwrap().cancelled += 1;
                self.changed.notify_all();
                return Ok(Err(Status::KeepaliveCancel));
            }
        }
    }

    /// Whether it has to be touched for the assertion that is asked for, if it can give one at all.
    fn may_sign(&self, request: &Value) -> Result<bool, Status> {
        let state = self.state.lock().unwrap();
        if let Some(proof) = request.at(6).and_then(Value::bytes) {
            let hash = request.at(2).and_then(Value::bytes).unwrap_or_default();
            if !state.pin.as_ref().is_some_and(|pin| pin.proves(hash, proof)) {
                return Err(Status::PinAuthInvalid);
            }
        }
        let asked = request.at(5).and_then(|options| options.named("up"));
        Ok(asked != Some(&Value::Bool(false)))
    }

    fn sign(&self, request: &Value, flags: u8) -> Result<Option<Value>, Status> {
        let Some(Value::Text(rp_id)) = request.at(1) else { return Err(Status::InvalidParameter) };
        let hash = request.at(2).and_then(Value::bytes).ok_or(Status::InvalidParameter)?;
        let Some(Value::Array(allowed)) = request.at(3) else { return Err(Status::NoCredentials) };
        let ids = allowed.iter().filter_map(|one| one.named("id").and_then(Value::bytes));
        let ids: Vec<Vec<u8>> = ids.map(<[u8]>::to_vec).collect();
        let verified = request.at(6).is_some();
        let flags = if verified { flags | VERIFIED } else { flags };
        let signed = self.state.lock().unwrap().key.sign(&[rp_id], hash, &ids, flags);
        let signed = signed.ok_or(Status::NoCredentials)?;
        let credential = Value::Map(vec![
            (Value::text("id"), Value::Bytes(signed.credential_id)),
            (Value::text("type"), Value::text("public-key")),
        ]);
        Ok(Some(map([
            (1, credential),
            (2, Value::Bytes(signed.authenticator_data)),
            (3, Value::Bytes(signed.signature)),
        ])))
    }
}
