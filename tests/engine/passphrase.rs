//! The key of all secrets in a file under a passphrase: wrong, missing, chosen; and broken files.

use crate::common::office::{PASSPHRASE, PASSWORD, USER};
use crate::common::{Office, Run};

/// Without a word about the key store.
fn plain<const N: usize>(office: &Office, args: [&str; N]) -> Run {
    office.robo(args).without_env("ROBO_BACKEND").without_env("ROBO_FILE_PASSPHRASE")
}

fn settings(office: &Office) -> String {
    let path = office.sandbox.path(".config/robo/settings.toml");
    std::fs::read_to_string(path).unwrap_or_default()
}

/// What a new login session of the system is: the kernel holds no key any more.
fn new_session(office: &Office) {
    #[cfg(target_os = "linux")]
    {
        use linux_keyutils::{KeyRing, KeyRingIdentifier};
        let file = office.sandbox.read(".local/state/robo/master-key");
        let name = format!("robo:passphrase:{}", robo::sys::hash::sha256(&file));
        let ring = KeyRing::from_special_id(KeyRingIdentifier::Session, false);
        if let Ok(key) = ring.and_then(|ring| ring.search(&name)) {
            key.invalidate().unwrap();
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = office;
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_harms_nothing() {
    let office = Office::without_factors();
    new_session(&office);
    let before = office.sandbox.own_files();
    for args in [["aws.env", "dev"], ["aws.explain", "dev"], ["aws.logout", "--all"]] {
        let output = office.robo(args).env("ROBO_FILE_PASSPHRASE", "wrong").run().exits(1);
        let output = output.says("ROBO_FILE_PASSPHRASE is not the passphrase of robo's master key");
        let output = output.says("hint: set it to the right one").says("starts anew");
        assert_eq!(output.stdout, "");
    }
    assert_eq!(office.sandbox.own_files(), before);
    assert_eq!(office.simulator.counts().all(), 0);
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
}

#[test]
fn without_a_passphrase_it_is_asked_for_or_an_answer_is_missing() {
    let office = Office::without_factors();
    new_session(&office);
    // The choice was remembered: nothing else has to be said.
    assert!(settings(&office).starts_with("backend = \"file\"\n"), "{}", settings(&office));
    let output = plain(&office, ["aws.env", "dev"]).run().exits(4);
    assert_eq!(
        output.stderr,
        "error: a passphrase for robo's secrets is needed, and nobody is there to type it\n  \
         hint: set ROBO_FILE_PASSPHRASE, or run it on a terminal\n"
    );
    let mut pty = plain(&office, ["aws.env", "dev"]).pty();
    for _ in 0..3 {
        pty.expect("Passphrase for robo's secrets: ").send_line("wrong");
    }
    let (status, screen) = pty.wait();
    assert_eq!(status, 1, "{screen}");
    assert!(screen.contains("that is not the passphrase of robo's master key"), "{screen}");
    let mut pty = plain(&office, ["aws.exec", "dev", "--", "echo", "ran"]).pty();
    pty.expect("Passphrase for robo's secrets: ").send_line("wrong");
    pty.expect("That is not the passphrase.\n").expect("Passphrase for robo's secrets: ");
    pty.send_line(PASSPHRASE).expect("ran\n");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains(PASSPHRASE), "{screen}");
}

#[test]
fn a_first_start_on_a_terminal_chooses_a_passphrase() {
    let office = Office::with(|s| s.user().factors.clear());
    let mut pty = plain(&office, ["aws.exec", "dev", "--", "echo", "ran"]).pty();
    pty.expect("there is no keychain here; secrets are kept in a file under a passphrase");
    pty.expect("Okta username").send_line(USER).expect("Okta password").send_line(PASSWORD);
    pty.expect("New passphrase for robo's secrets: ").send_line("one");
    pty.expect("The same passphrase again: ").send_line("two").expect("Those two differ.\n");
    pty.expect("New passphrase for robo's secrets: ").send_line(PASSPHRASE);
    pty.expect("The same passphrase again: ").send_line(PASSPHRASE).expect("ran\n");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains(PASSPHRASE) && !screen.contains(PASSWORD), "{screen}");
    new_session(&office);
    // Warm, and kept under that very passphrase.
    let before = office.simulator.counts().all();
    office.robo(["aws.exec", "dev", "--", "true"]).without_env("ROBO_BACKEND").run().exits(0);
    assert_eq!(office.simulator.counts().all(), before);
}

#[test]
fn broken_files_are_told_and_what_can_be_had_again_is() {
    let office = Office::without_factors();
    office.robo(["aws.exec", "reader", "--", "true"]).run().exits(0);
    // The cache is had again.
    let cache = office.sandbox.path(".cache/robo/credentials/file");
    for (number, entry) in std::fs::read_dir(cache).unwrap().enumerate() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let broken = match number {
            0 => &bytes[..bytes.len() / 2],
            1 => &[],
            _ => b"of another robo".as_slice(),
        };
        std::fs::write(path, broken).unwrap();
    }
    office.robo(["aws.exec", "reader", "--", "true"]).run().exits(0);
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 4);
    // The vault is not: it is told, and counts as empty.
    let vault = office.sandbox.path(".local/state/robo/vault/file");
    for entry in std::fs::read_dir(vault).unwrap() {
        std::fs::write(entry.unwrap().path(), "garbage").unwrap();
    }
    let output = office.robo(["aws.env", "dev", "--no-cache"]).run().exits(4);
    let output = output.says("it counts as not there").says("robo aws.add");
    assert_eq!(output.stdout, "");
    office.store_password(PASSWORD);
    office.robo(["aws.env", "dev", "--no-cache"]).run().exits(0);
    // And without its key nothing opens.
    office.sandbox.write(".local/state/robo/master-key", "garbage");
    let output = office.robo(["aws.env", "dev"]).run().exits(1);
    output.says("robo's master key cannot be used").says("hint: ");
}
