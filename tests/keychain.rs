//! The Secret Service for real: GNOME Keyring on a D-Bus session of its own.
//!
//! Each test runs itself once more inside such a session. Where the programs for that are missing
//! it is skipped, unless `ROBO_TEST_KEYCHAIN=1` says that they have to be there.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test is itself the outside world, and says when it is skipped"
)]

use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use dbus_secret_service::{EncryptionType, SecretService};
use robo::store::{Backend, Choice, Found, KeyStore, Keychain, MasterKey, Store, open};
use robo::sys::env::Env;
use robo::sys::folders::Folders;
use robo::sys::prompt::{Nobody, Prompt};

/// Says that the test runs inside; a word for what it has to do there.
const INSIDE: &str = "ROBO_TEST_INSIDE";

/// Longer than a test may take: what waits for it at all does not end in time.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// Runs the test `name`, which calls this, again where a keychain is; there it does `work`.
fn with_keychain(name: &str, work: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return work();
    }
    let missing: Vec<&str> =
        ["dbus-run-session", "gnome-keyring-daemon"].into_iter().filter(|p| !is_here(p)).collect();
    if !missing.is_empty() {
        let missing = missing.join(" and ");
        assert!(
            env::var_os("ROBO_TEST_KEYCHAIN").is_none(),
            "{missing} missing: install them (Debian: apt-get install gnome-keyring dbus), or unset ROBO_TEST_KEYCHAIN"
        );
        println!("skipped, for want of {missing}: {name}");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    fs::DirBuilder::new().mode(0o700).create(&runtime).unwrap();
    let script = "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >&2 && exec \"$0\" \"$@\"";
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", script]).arg(env::current_exe().unwrap());
    again(command.args(["--exact", name, "--nocapture"]), home.path(), "yes")
        .env("XDG_RUNTIME_DIR", &runtime)
        .succeeds();
}

fn is_here(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// This test in another process.
fn again<'a>(command: &'a mut Command, home: &Path, inside: &str) -> &'a mut Command {
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env(INSIDE, inside)
        .stdin(Stdio::null())
}

trait Succeeds {
    fn succeeds(&mut self);
}

impl Succeeds for Command {
    #[track_caller]
    fn succeeds(&mut self) {
        let output = self.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{}\n{stdout}\n{stderr}", output.status);
        assert!(stdout.contains("1 passed"), "it ran nothing:\n{stdout}\n{stderr}");
    }
}

fn keychain() -> Keychain<'static> {
    Keychain::new(&Nobody).with_patience(FOR_EVER)
}

fn service() -> SecretService {
    SecretService::connect(EncryptionType::Plain).unwrap()
}

/// How many items of robo's there are.
fn items() -> usize {
    let service = service();
    let found = service.search_items([("service", "robo")].into()).unwrap();
    found.unlocked.len() + found.locked.len()
}

fn home() -> PathBuf {
    env::var_os("HOME").unwrap().into()
}

fn store() -> Store<'static> {
    let home = home();
    Store::new(Box::new(keychain()), home.join("vault"), home.join("cache"), &home.join("locks"))
}

#[test]
fn the_keychain_gives_back_what_it_keeps() {
    with_keychain("the_keychain_gives_back_what_it_keeps", || {
        assert!(keychain().load().unwrap().is_none());
        keychain().forget().unwrap();
        for _ in 0..2 {
            let key = MasterKey::generate().unwrap();
            keychain().keep(&key).unwrap();
            assert_eq!(keychain().load().unwrap().unwrap().expose(), key.expose());
            assert_eq!(items(), 1, "the older key is replaced");
        }
        keychain().forget().unwrap();
        assert_eq!(items(), 0);
        assert!(keychain().load().unwrap().is_none());
    });
}

#[test]
fn first_starts_at_once_make_one_key() {
    const NAME: &str = "first_starts_at_once_make_one_key";
    with_keychain(NAME, || {
        if let Some(number) = env::var(INSIDE).unwrap().strip_prefix("child ") {
            store().vault().put("k", number, &number).unwrap();
            return;
        }
        let bus = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"]
            .map(|name| (name, env::var_os(name).unwrap()));
        let children: Vec<_> = (0..8)
            .map(|number| {
                let mut command = Command::new(env::current_exe().unwrap());
                command.args(["--exact", NAME]);
                again(&mut command, &home(), &format!("child {number}"))
                    .envs(bus.clone())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let found = store().vault().list::<String>("k").unwrap();
        assert_eq!(found.into_iter().filter_map(Found::item).count(), 8);
        assert_eq!(items(), 1);
    });
}

#[test]
fn a_lost_key_is_made_anew_and_the_old_items_say_so() {
    with_keychain("a_lost_key_is_made_anew_and_the_old_items_say_so", || {
        store().vault().put("k", "old", &"old").unwrap();
        keychain().forget().unwrap();
        let store = store();
        store.vault().put("k", "new", &"new").unwrap();
        let old = store.vault().get::<String>("k", "old").unwrap();
        assert!(
            matches!(old, Found::Unreadable(why) if why.words().contains("another master key"))
        );
        let new: Found<String> = store.vault().get("k", "new").unwrap();
        assert_eq!(new.item().as_deref(), Some("new"));
    });
}

#[test]
fn a_keychain_that_stays_locked_is_an_error_and_keeps_its_key() {
    with_keychain("a_keychain_that_stays_locked_is_an_error_and_keeps_its_key", || {
        let key = MasterKey::generate().unwrap();
        keychain().keep(&key).unwrap();
        // Nobody can answer the dialog: there is no display.
        service().get_default_collection().unwrap().lock().unwrap();
        let other = MasterKey::generate().unwrap();
        let errors =
            [keychain().load().err(), keychain().keep(&other).err(), keychain().forget().err()];
        for error in errors {
            let error = error.expect("it is locked");
            assert!(error.message().contains("the keychain"), "{error:?}");
            assert!(error.hints().iter().any(|hint| hint.contains("--backend file")));
        }
        assert_eq!(items(), 1);
    });
}

#[test]
fn an_item_that_is_no_key_is_an_error_and_stays() {
    with_keychain("an_item_that_is_no_key_is_an_error_and_stays", || {
        let service = service();
        let collection = service.get_default_collection().unwrap();
        let attributes = [("service", "robo"), ("username", "master-key")].into();
        collection.create_item("x", attributes, b"hunter2", true, "text/plain").unwrap();
        let error = keychain().load().unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
        assert!(store().vault().put("k", "n", &1).is_err());
        assert_eq!(items(), 1);
    });
}

#[test]
fn the_keychain_is_the_first_choice_and_is_remembered() {
    with_keychain("the_keychain_is_the_first_choice_and_is_remembered", || {
        let folders = Folders::find(&Env::from_vars([("ROBO_HOME", home())])).unwrap();
        let choice = Choice {
            asked: None,
            remembered: None,
            keychain: true,
            passphrase: None,
            folders: &folders,
            prompt: &Nobody as &dyn Prompt,
        };
        let opened = open(&choice).unwrap();
        assert_eq!(opened.remember, Some(Backend::Keychain));
        assert_eq!(opened.warning, None);
        assert_eq!(items(), 0, "choosing keeps nothing yet");
        // A locked one does not work, and nobody is there to unlock it.
        service().get_default_collection().unwrap().lock().unwrap();
        let opened = open(&choice).unwrap();
        assert_eq!((opened.backend, opened.remember), (Backend::Memory, None));
        assert!(opened.warning.unwrap().contains("the keychain"));
    });
}

/// Runs the test `name` again with `bus` as the address of its bus; there it does `work`.
fn with_bus(name: &str, bus: Option<String>, work: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return work();
    }
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    again(command.args(["--exact", name, "--nocapture"]), home.path(), "yes")
        .envs(bus.map(|bus| ("DBUS_SESSION_BUS_ADDRESS", bus)))
        .succeeds();
}

#[test]
fn without_a_bus_there_is_no_keychain_and_no_wait() {
    for bus in [None, Some("unix:path=/nowhere/bus"), Some("nonsense"), Some("autolaunch:")] {
        let bus = bus.map(str::to_owned);
        with_bus("without_a_bus_there_is_no_keychain_and_no_wait", bus, || {
            let error = keychain().load().unwrap_err();
            assert!(error.message().contains("the keychain"));
        });
    }
}

#[test]
fn a_bus_that_never_answers_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("bus");
    let _listener = UnixListener::bind(&socket).unwrap();
    let bus = Some(format!("unix:path={}", socket.display()));
    with_bus("a_bus_that_never_answers_is_given_up", bus, || {
        let impatient = Keychain::new(&Nobody).with_patience(Duration::from_millis(100));
        let error = impatient.load().unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "it does not answer");
    });
}
