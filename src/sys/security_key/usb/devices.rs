//! Linux's list of devices: whether a key is plugged in, and may be opened.

use std::fs;
use std::path::Path;

/// What keeps a key from being asked. Elsewhere than on Linux there is no cheap way to look; there
/// one is waited for.
pub(super) fn hindrance() -> Option<&'static str> {
    let linux = cfg!(target_os = "linux");
    linux.then(|| looked_for(Path::new("/sys/class/hidraw"), Path::new("/dev"))).flatten()
}

/// The same, by these folders.
fn looked_for(devices: &Path, nodes: &Path) -> Option<&'static str> {
    let entries = fs::read_dir(devices).into_iter().flatten().flatten();
    let keys: Vec<_> = entries.filter(|entry| is_key(&entry.path())).collect();
    let opens = |name: &Path| fs::OpenOptions::new().read(true).write(true).open(name).is_ok();
    match keys.as_slice() {
        [] => Some("no security key is plugged in"),
        keys if keys.iter().any(|key| opens(&nodes.join(key.file_name()))) => None,
        _ => Some(
            "you may not open the one that is plugged in (/dev/hidraw…): udev's rules for FIDO keys let who sits at the machine do so",
        ),
    }
}

/// Whether the device's report descriptor opens with FIDO's usage page, 0xF1D0 (CTAP 2.1, 11.2.8).
fn is_key(device: &Path) -> bool {
    let descriptor = fs::read(device.join("device/report_descriptor")).unwrap_or_default();
    descriptor.windows(3).any(|item| item == [0x06, 0xd0, 0xf1])
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn whether_a_key_is_plugged_in_is_seen_in_the_list_of_devices() {
        let sandbox = tempfile::tempdir().unwrap();
        let (devices, nodes) = (sandbox.path().join("hidraw"), sandbox.path().join("dev"));
        let hindered = || looked_for(&devices, &nodes).map(|why| why.split(' ').next().unwrap());
        let plug_in = |name: &str, descriptor: &[u8]| {
            let device = devices.join(name).join("device");
            fs::create_dir_all(&device).unwrap();
            let mut file = fs::File::create(device.join("report_descriptor")).unwrap();
            file.write_all(descriptor).unwrap();
        };
        fs::create_dir_all(&nodes).unwrap();
        assert_eq!(hindered(), Some("no"));
        let mouse = [0x05, 0x01, 0x09, 0x02, 0xa1, 0x01];
        let key = [0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01];
        plug_in("hidraw0", &mouse);
        fs::File::create(nodes.join("hidraw0")).unwrap();
        assert_eq!(hindered(), Some("no"));
        plug_in("hidraw1", &key);
        assert_eq!(hindered(), Some("you"), "there is nothing to open");
        fs::File::create(nodes.join("hidraw1")).unwrap();
        assert_eq!(hindered(), None);
    }
}
