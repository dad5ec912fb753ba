//! The kernel's keyring: what a passphrase gave is held there until the login session ends.
//!
//! The kernel keeps it in memory that is not swapped out, and gives it to processes of the same
//! session only: like an ssh agent, without a process of its own. Where there is no such kernel,
//! or a container refuses it, nothing is held, and the passphrase is worked through each time.

use zeroize::Zeroizing;

/// How long a derived key is held, in seconds: a working day.
#[cfg(target_os = "linux")]
const LIFETIME: usize = 12 * 3600;

/// The bytes that are held under `name`, if they are `N`.
#[cfg(target_os = "linux")]
pub(super) fn find<const N: usize>(name: &str) -> Option<Zeroizing<[u8; N]>> {
    let key = ring()?.search(&description(name)).ok()?;
    let mut bytes = Zeroizing::new([0; N]);
    let length = key.read(&mut *bytes).ok()?;
    (length == N).then_some(bytes)
}

/// Holds `bytes` under `name`, if it can.
#[cfg(target_os = "linux")]
pub(super) fn hold(name: &str, bytes: &[u8]) {
    use linux_keyutils::{KeyPermissionsBuilder, Permission};
    let possessor = Permission::ALL.difference(Permission::LINK);
    let permissions = KeyPermissionsBuilder::builder().posessor(possessor).build();
    let Some(key) = ring().and_then(|ring| ring.add_key(&description(name), bytes).ok()) else {
        return;
    };
    if key.set_timeout(LIFETIME).and_then(|()| key.set_perms(permissions)).is_err() {
        let _ = key.invalidate();
    }
}

/// Holds nothing under `name` any longer.
#[cfg(target_os = "linux")]
pub(super) fn drop(name: &str) {
    if let Some(key) = ring().and_then(|ring| ring.search(&description(name)).ok()) {
        let _ = key.invalidate();
    }
}

/// The session's keyring, or the one that all sessions of the user share where a login made none
/// (session-keyring(7)).
#[cfg(target_os = "linux")]
fn ring() -> Option<linux_keyutils::KeyRing> {
    use linux_keyutils::{KeyRing, KeyRingIdentifier};
    KeyRing::from_special_id(KeyRingIdentifier::Session, false).ok()
}

#[cfg(target_os = "linux")]
fn description(name: &str) -> String {
    format!("robo:passphrase:{name}")
}

/// Nothing is held here.
#[cfg(not(target_os = "linux"))]
pub(super) fn find<const N: usize>(_name: &str) -> Option<Zeroizing<[u8; N]>> {
    None
}

/// Nothing is held here.
#[cfg(not(target_os = "linux"))]
pub(super) fn hold(_name: &str, _bytes: &[u8]) {}

/// Nothing is held here.
#[cfg(not(target_os = "linux"))]
pub(super) fn drop(_name: &str) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_found_until_it_is_dropped() {
        let name = format!("test-{:016x}", getrandom::u64().unwrap());
        assert!(find::<4>(&name).is_none());
        hold(&name, b"1234");
        // A container may refuse; then nothing is held, and nothing fails.
        let held = find::<4>(&name).is_some();
        assert_eq!(held, ring().is_some_and(|ring| ring.search(&description(&name)).is_ok()));
        if held {
            assert_eq!(*find::<4>(&name).unwrap(), *b"1234");
            assert!(find::<5>(&name).is_none());
            hold(&name, b"5678");
            assert_eq!(*find::<4>(&name).unwrap(), *b"5678");
        }
        drop(&name);
        assert!(find::<4>(&name).is_none());
    }
}
