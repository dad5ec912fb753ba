//! The real binary and a security key that is plugged in: Firefox's library, its cryptography and
//! USB's packets included.
//!
//! Where the kernel has no virtual devices to offer, the list of devices is stood in for outside of
//! robo: `hidraw.c`, loaded into it by the dynamic linker, has sockets take the place of devices.
//! At their other end is a key in software (`robo_simulator::ctap`), whose signatures the simulated
//! Okta verifies. robo itself knows nothing of that, and has no way in for a false key.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is itself the outside world, and one that cannot be set up fails"
)]

#[path = "../common/mod.rs"]
mod common;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use common::{Office, Output, Pty};
use robo_simulator::ctap::{PluggedIn, Touch};
use robo_simulator::{Factor, SecurityKey};

/// The relying party of the simulated org: its host.
const RP: &str = "localhost";

/// The stand-in for the list of devices, compiled once.
fn stand_in() -> &'static PathBuf {
    static STAND_IN: OnceLock<PathBuf> = OnceLock::new();
    STAND_IN.get_or_init(|| {
        let library = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hidraw.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fido/hidraw.c");
        // Beside it first: another run of the tests may be loading it.
        let fresh = library.with_extension(format!("{}", std::process::id()));
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([fresh.as_os_str(), source.as_ref()])
            .arg("-ldl")
            .status();
        assert!(compiled.unwrap().success(), "{source} cannot be compiled");
        std::fs::rename(fresh, &library).unwrap();
        library
    })
}

/// An office with a place to plug keys in.
struct Desk {
    office: Office,
}

impl Desk {
    fn new(factors: Vec<Factor>) -> Self {
        let office = Office::signed_up(|scenario| scenario.user().factors = factors);
        std::fs::create_dir_all(office.sandbox.path("hidraw")).unwrap();
        Self { office }
    }

    fn plug_in(&self, name: &str, key: SecurityKey) -> PluggedIn {
        PluggedIn::new(&self.office.sandbox.path("hidraw"), name, key)
    }

    fn robo(&self, args: &[&str]) -> common::Run {
        self.office
            .robo(args)
            .env("LD_PRELOAD", stand_in())
            .env("FIDO_TEST_DEVICES", self.office.sandbox.path("hidraw"))
    }

    /// Signs in anew for the first role's credentials, with nobody there.
    fn unattended(&self) -> Output {
        self.office.simulator.end_sessions();
        let output = self.robo(&["aws.credentials", "okta-hub", "--no-cache"]).run();
        let stderr = output.stderr.replace(&self.office.simulator.okta_host(), "<okta>");
        Output { stderr, ..output }
    }

    /// The same on a terminal.
    fn on_a_terminal(&self) -> Pty {
        self.office.simulator.end_sessions();
        self.robo(&[
            "aws.exec",
            "okta-hub",
            "--no-cache",
            "--",
            "printenv",
            "AWS_OKTA_ASSUMED_ROLE",
        ])
        .pty()
    }

    /// How often a challenge or an answer to one was sent, and sign-ins were abandoned.
    fn counts(&self) -> (u64, u64) {
        let counts = self.office.simulator.counts();
        (counts.okta("POST /api/v1/authn/factors/…/verify"), counts.cancelled)
    }
}

/// Waits for the end, which has to be the role; gives the screen.
#[track_caller]
fn done(mut pty: Pty) -> String {
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.ends_with("okta-hub\n"), "{screen}");
    screen
}

fn key(id: &str) -> (SecurityKey, Factor) {
    let mut key = SecurityKey::new();
    let factor = key.register(id, RP);
    (key, factor)
}

#[test]
fn a_key_that_is_touched_signs_in() {
    let (key, factor) = key("k1");
    let desk = Desk::new(vec![factor]);
    let _key = desk.plug_in("hidraw0", key);
    let output = desk.unattended().exits(0);
    assert_eq!(
        output.stderr, "Waiting for your security key.\nTouch your security key.\n",
        "a touch needs nobody who types"
    );
    assert_eq!(output.json()["Version"], 1);
    let mut pty = desk.on_a_terminal();
    pty.expect("Touch your security key.");
    done(pty);
}

#[test]
fn a_key_from_the_days_of_u2f_signs_by_its_old_name() {
    let app_id = "https://localhost/app-id.json";
    let mut key = SecurityKey::new();
    let mut factor = key.register("k1", app_id);
    factor.fido.app_id = Some(app_id.to_owned());
    let desk = Desk::new(vec![factor]);
    let _key = desk.plug_in("hidraw0", key);
    desk.unattended().exits(0);
}

#[test]
fn without_a_key_the_next_factor_is_taken() {
    let (_, factor) = key("k1");
    let desk = Desk::new(vec![factor, Factor::push().polls(["SUCCESS"])]);
    let output = desk.unattended().exits(0);
    assert_eq!(
        output.stderr,
        "Okta: a security key is left out: no security key is plugged in.\nOkta: push sent to your phone.\n"
    );
    // Whoever asks for the key gets to know.
    desk.office.simulator.end_sessions();
    let asked = ["aws.credentials", "okta-hub", "--no-cache", "--mfa-factor-type", "webauthn"];
    let output = desk.robo(&asked).run().exits(5);
    assert!(
        output.stderr.contains("hint: a security key: no security key is plugged in\n"),
        "{output}"
    );
}

#[test]
fn a_pin_is_asked_for_and_never_shown() {
    let (key, mut factor) = key("k1");
    factor.fido.verification = "required".to_owned();
    let desk = Desk::new(vec![factor]);
    let _key = desk.plug_in("hidraw0", key).with_pin("271828");
    let mut pty = desk.on_a_terminal();
    pty.expect("PIN of your security key: ").send_line("314159");
    pty.expect("That PIN is wrong; 7 tries are left before the security key blocks it.\n");
    pty.expect("PIN of your security key: ").send_line("12");
    pty.expect("A PIN has at least 4 characters, and 63 at most.\n");
    pty.expect("PIN of your security key: ").send_line("271828");
    let screen = done(pty);
    assert!(!screen.contains("314159") && !screen.contains("271828"), "{screen}");
    assert_eq!(desk.counts(), (2, 0));

    // With nobody there, nothing is touched in vain.
    let output = desk.unattended().exits(4);
    assert!(output.stderr.contains("nobody is there: PIN of your security key:"), "{output}");
}

#[test]
fn where_a_pin_is_only_preferred_nobody_has_to_type_it() {
    let (key, factor) = key("k1");
    let desk = Desk::new(vec![factor]);
    let _key = desk.plug_in("hidraw0", key).with_pin("271828");
    desk.unattended().exits(0);
    let mut pty = desk.on_a_terminal();
    pty.expect("PIN of your security key: ").send_line("271828");
    done(pty);
}

#[test]
fn three_wrong_pins_in_a_row_lock_the_key_until_it_is_unplugged() {
    let (key, mut factor) = key("k1");
    factor.fido.verification = "required".to_owned();
    let desk = Desk::new(vec![factor]);
    let _key = desk.plug_in("hidraw0", key).with_pin("271828");
    let mut pty = desk.on_a_terminal();
    for _ in 0..3 {
        pty.expect("PIN of your security key: ").send_line("314159");
    }
    pty.expect("Okta: the security key takes no more PINs for now: too many were wrong. Try it (a)gain, or (s)top?");
    pty.send_line("s");
    let (status, screen) = pty.wait();
    assert_eq!(status, 125, "{screen}");
    assert!(screen.contains("hint: unplug it, plug it in again, then try again"), "{screen}");
}

#[test]
fn a_key_without_a_pin_is_told_of_where_okta_wants_one() {
    let (key, mut factor) = key("k1");
    factor.fido.verification = "required".to_owned();
    let desk = Desk::new(vec![factor]);
    let _key = desk.plug_in("hidraw0", key);
    let output = desk.unattended().exits(5);
    assert!(
        output.stderr.contains(
            "error: Okta wants the security key to ask for its PIN, and it has none\n  hint: set a PIN on it"
        ),
        "{output}"
    );
    assert_eq!(desk.counts(), (1, 1), "nothing of it is sent");
}

#[test]
fn ctrl_c_stops_even_where_the_key_does_not_answer() {
    let (key, factor) = key("k1");
    let desk = Desk::new(vec![factor]);
    let _key = desk.plug_in("hidraw0", key).touched(Touch::Silent);
    let mut pty = desk.on_a_terminal();
    pty.expect("Touch your security key.").send_ctrl_c();
    assert_eq!(pty.wait().0, 130);
    assert_eq!(desk.counts(), (1, 1), "Okta is told too");
}

#[test]
fn ctrl_c_stops_the_key_and_the_sign_in() {
    let (key, factor) = key("k1");
    let desk = Desk::new(vec![factor]);
    let key = desk.plug_in("hidraw0", key).touched(Touch::Never);
    let mut pty = desk.on_a_terminal();
    pty.expect("Touch your security key.").send_ctrl_c();
    assert_eq!(pty.wait().0, 130);
    assert!(key.is_cancelled());
    assert_eq!(desk.counts(), (1, 1));
}

#[test]
fn what_goes_wrong_with_a_key_is_told() {
    let cases = [
        (Touch::TooLate, "error: the security key was not touched in time\n"),
        (
            Touch::Unplugged,
            "error: the security key is gone: it was unplugged, or does not answer any more\n",
        ),
    ];
    for (touch, want) in cases {
        let (key, factor) = key("k1");
        let desk = Desk::new(vec![factor]);
        let _key = desk.plug_in("hidraw0", key).touched(touch);
        let output = desk.unattended().exits(5);
        assert!(output.stderr.contains(want), "{output}");
        assert_eq!(desk.counts(), (1, 1));
    }
    let (_, factor) = key("k1");
    let (stranger, _) = key("k9");
    let desk = Desk::new(vec![factor]);
    let _key = desk.plug_in("hidraw0", stranger);
    let output = desk.unattended().exits(5);
    assert!(
        output.stderr.contains("error: this security key is not set up for you at <okta>\n"),
        "{output}"
    );
}

#[test]
fn of_several_keys_the_one_that_is_touched_signs() {
    let ((first, one), (second, two)) = (key("k1"), key("k2"));
    let desk = Desk::new(vec![one, two]);
    let first = desk.plug_in("hidraw0", first).touched(Touch::Never);
    let _second = desk.plug_in("hidraw1", second);
    let mut pty = desk.on_a_terminal();
    pty.expect("Several security keys are plugged in: touch the one to sign in with.");
    done(pty);
    assert!(first.is_cancelled());
    assert_eq!(desk.counts(), (2, 0));
}
