//! The Secret Service as the key store: GNOME Keyring, on a D-Bus session of its own.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::common::office::{PASSWORD, USER};
use crate::common::{Office, Output, Run};

/// Starts the keyring in the session that `dbus-run-session` makes, then runs the script.
const UNLOCKED: &str = "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets \
                        >/dev/null 2>&1; exec sh -c \"$0\"";

/// Runs a script where a keychain is, with `$ROBO`; nothing where there is none to be had.
fn with_keychain(office: &Office, script: &str) -> Option<Output> {
    let path = std::env::var_os("PATH").unwrap();
    let is_here = |name: &str| std::env::split_paths(&path).any(|p| p.join(name).is_file());
    if !(is_here("dbus-run-session") && is_here("gnome-keyring-daemon")) {
        assert!(std::env::var_os("ROBO_TEST_KEYCHAIN").is_none(), "ROBO_TEST_KEYCHAIN is set");
        eprintln!("skipped: dbus-run-session or gnome-keyring-daemon is not installed");
        return None;
    }
    let runtime = office.sandbox.root().join("run");
    if !runtime.exists() {
        fs::create_dir(&runtime).unwrap();
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let words = ["--", "sh", "-c", UNLOCKED, script];
    let run = office.sandbox.program("dbus-run-session", words).env("XDG_RUNTIME_DIR", runtime);
    Some(chosen_freely(office.inside(run)).env("ROBO", env!("CARGO_BIN_EXE_robo")).run())
}

/// Without a word about the key store.
fn chosen_freely(run: Run) -> Run {
    run.without_env("ROBO_BACKEND").without_env("ROBO_FILE_PASSPHRASE")
}

#[test]
fn a_session_with_the_keychain_asks_nothing_and_keeps_nothing_in_the_clear() {
    let office = Office::with(|s| s.user().factors.clear());
    let script = format!(
        "set -e; exec 2>said
         printf %s '{PASSWORD}' | $ROBO aws.add --username {USER} --password-stdin 2>add
         $ROBO aws.exec reader -- printenv AWS_OKTA_PROFILE
         $ROBO aws.exec reader -- echo warm
         $ROBO aws.doctor --offline >doctor"
    );
    let Some(output) = with_keychain(&office, &script) else { return };
    let output = output.exits(0);
    let text = |path: &str| String::from_utf8(office.sandbox.read(path)).unwrap();
    assert_eq!((output.stdout.as_str(), text("said").as_str()), ("reader\nwarm\n", ""));
    assert!(text("add").starts_with("Stored the Okta sign-in"), "{}", text("add"));
    assert!(text("doctor").contains("keychain: it opens"), "{}", text("doctor"));
    assert!(text(".config/robo/settings.toml").starts_with("backend = \"keychain\"\n"));
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 2, "the second was warm");
    assert!(office.sandbox.path(".local/state/robo/vault/keychain").is_dir());
    assert!(!office.sandbox.path(".local/state/robo/master-key").exists());
    for (path, content) in office.sandbox.files() {
        for secret in office.simulator.secrets().iter().filter(|secret| secret.len() > 6) {
            let found = content.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }

    // Later, from where no bus leads to it: nothing is asked anew in secret, and nothing is lost.
    let before = office.sandbox.own_files();
    let output = chosen_freely(office.robo(["aws.exec", "reader", "--", "true"])).run().exits(125);
    output.says("the keychain cannot be reached from here").says("  hint: ");
    assert_eq!(office.sandbox.own_files(), before);

    // A new session, with the same keyring.
    let output = with_keychain(&office, "$ROBO aws.exec reader -- echo again").unwrap().exits(0);
    assert_eq!(output.stdout, "again\n");
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 2);
}

#[test]
fn what_a_flag_wants_goes_before_the_keychain() {
    let office = Office::with(|s| s.user().factors.clear());
    let script = format!(
        "export ROBO_FILE_PASSPHRASE=words AWS_OKTA_BACKEND=secret-service
         printf %s '{PASSWORD}' | $ROBO aws.add -b file --username {USER} --password-stdin
         $ROBO aws.env dev -b file >/dev/null && echo from the file
         $ROBO aws.env dev; echo $?"
    );
    let Some(output) = with_keychain(&office, &script) else { return };
    // The keychain's own vault is empty.
    assert_eq!(output.stdout, "from the file\n4\n", "{output}");
    output.says("no Okta account for").says("robo aws.add");
}
