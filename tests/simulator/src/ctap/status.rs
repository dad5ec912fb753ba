//! The first byte of a key's answer (CTAP 2.0, 6.3).

/// What comes of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Status {
    Success = 0x00,
    InvalidCommand = 0x01,
    InvalidParameter = 0x02,
    KeepaliveCancel = 0x2d,
    NoCredentials = 0x2e,
    ActionTimeout = 0x2f,
    PinInvalid = 0x31,
    PinBlocked = 0x32,
    PinAuthInvalid = 0x33,
    PinAuthBlocked = 0x34,
    PinNotSet = 0x35,
}
