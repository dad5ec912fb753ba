//! Whether there is a keychain at all, without asking it.

use std::ffi::OsStr;
use std::path::Path;

/// Whether a keychain can be there. Costs next to nothing and starts nothing.
///
/// `bus` is `DBUS_SESSION_BUS_ADDRESS` and `runtime_folder` is `XDG_RUNTIME_DIR`, as the
/// environment has them: without a socket that one of them names, no Secret Service can be
/// reached. A bus is never started for it (the library that is built in cannot). macOS and Windows
/// always have a keychain.
pub fn is_reachable(bus: Option<&OsStr>, runtime_folder: Option<&Path>) -> bool {
    if cfg!(any(target_os = "macos", windows)) {
        return true;
    }
    match bus.filter(|bus| !bus.is_empty()) {
        Some(bus) => bus.to_string_lossy().split(';').any(may_answer),
        None => runtime_folder.is_some_and(|folder| folder.join("bus").exists()),
    }
}

/// Whether one address of a list may lead somewhere: a socket's file must be there, of anything
/// else (D-Bus specification, "Server Addresses") nothing is known before it is tried.
fn may_answer(address: &str) -> bool {
    let Some((transport, keys)) = address.trim().split_once(':') else { return false };
    let path = keys.split(',').find_map(|key| key.strip_prefix("path="));
    match (transport, path) {
        ("autolaunch", _) => false,
        ("unix", Some(path)) if !path.contains('%') => Path::new(path).exists(),
        _ => true,
    }
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn a_bus_is_where_its_socket_is() {
        let folder = tempfile::tempdir().unwrap();
        let reachable = |bus: &str| is_reachable(Some(bus.as_ref()), Some(folder.path()));
        assert!(!is_reachable(None, None));
        assert!(!reachable(""), "an empty variable is an unset one");
        std::fs::create_dir(folder.path().join("bus")).unwrap();
        assert!(reachable(""));
        assert!(is_reachable(None, Some(folder.path())));

        let here = format!("unix:path={},guid=0123", folder.path().join("bus").display());
        let cases = [
            (here.as_str(), true),
            ("unix:path=/nowhere/bus", false),
            ("unix:path=/nowhere/bus;unix:abstract=/tmp/dbus-x", true),
            ("unix:path=/with%20escape", true),
            ("tcp:host=localhost,port=1", true),
            ("autolaunch:", false),
            ("nonsense", false),
        ];
        for (bus, want) in cases {
            assert_eq!(reachable(bus), want, "{bus}");
        }
    }
}
