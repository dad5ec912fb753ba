//! What the person is shown and asked, and what each word of the library's comes to. In the place
//! of the library's own transport, which speaks to hardware, stands one that follows a script.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::mpsc::channel;

use authenticator::Assertion;
use authenticator::ctap2::attestation::{AuthenticatorData, AuthenticatorDataFlags, Extension};
use authenticator::ctap2::server::{
    AuthenticationExtensionsClientOutputs, AuthenticatorAttachment, RpIdHash,
};

use super::scripted::{Script, Scripted};
use super::*;
use crate::Result;
use crate::sys::prompt::Nobody;
use crate::sys::secret::Secret;

/// Somebody who types these PINs, and presses Ctrl-C on seeing a text.
#[derive(Default)]
struct Person {
    pins: RefCell<VecDeque<&'static str>>,
    leaves_at: Option<&'static str>,
    interrupt: Interrupt,
    saw: RefCell<Vec<String>>,
}

impl Person {
    fn typing(pins: &[&'static str]) -> Self {
        Self { pins: RefCell::new(pins.iter().copied().collect()), ..Self::default() }
    }

    fn see(&self, text: String) {
        if self.leaves_at.is_some_and(|at| text.contains(at)) {
            self.interrupt.set();
        }
        self.saw.borrow_mut().push(text);
    }

    /// Has the script's transport sign for this person.
    fn sign(&self, script: Script) -> Result<Signed, KeyFailure> {
        sign_for(self, &self.interrupt, PATIENCE, script)
    }
}

impl Prompt for Person {
    fn can_ask(&self) -> bool {
        true
    }

    fn confirm(&self, _: &str, _: bool) -> Result<bool> {
        unreachable!()
    }

    fn letter(&self, _: &str, _: &[char]) -> Result<char> {
        unreachable!()
    }

    fn pick(&self, _: &str, _: &[String]) -> Result<usize> {
        unreachable!()
    }

    fn line(&self, _: &str) -> Result<String> {
        unreachable!()
    }

    fn secret(&self, question: &str) -> Result<Secret> {
        self.see(format!("? {question}"));
        let pin = self.pins.borrow_mut().pop_front();
        let gone = || Error::new(Kind::Interrupted, "gone");
        pin.map(|pin| pin.to_owned().into()).ok_or_else(gone)
    }

    fn note(&self, text: &str) {
        self.see(format!("! {text}"));
    }

    fn waiting<'a>(&'a self, text: &str) -> Box<dyn Waiting + 'a> {
        self.see(format!("… {text}"));
        Box::new(Watched(self))
    }
}

struct Watched<'a>(&'a Person);

impl Waiting for Watched<'_> {
    fn update(&self, text: &str) {
        self.0.see(format!("… {text}"));
    }
}

fn sign_for(
    prompt: &dyn Prompt,
    interrupt: &Interrupt,
    patience: Duration,
    script: Script,
) -> Result<Signed, KeyFailure> {
    let mut service = AuthenticatorService::new().unwrap();
    service.add_transport(Box::new(Scripted::new(script)));
    let allowed = [vec![1, 2], vec![3]];
    let request = SignRequest {
        origin: "https://acme.okta.com",
        rp_id: "acme.okta.com",
        app_id: Some("https://acme.okta.com/app-id"),
        client_data_hash: [9; 32],
        allowed: &allowed,
        verification: UserVerification::Preferred,
    };
    sign(service, &request, prompt, interrupt, patience)
}

/// What a key gives that was touched and has asked for its PIN.
fn assertion() -> SignResult {
    SignResult {
        assertion: Assertion {
            credentials: None,
            auth_data: AuthenticatorData {
                rp_id_hash: RpIdHash([7; 32]),
                flags: AuthenticatorDataFlags::USER_PRESENT | AuthenticatorDataFlags::USER_VERIFIED,
                counter: 0x0102_0304,
                credential_data: None,
                extensions: Extension::default(),
            },
            signature: vec![0x30, 1, 2],
            user: None,
        },
        attachment: AuthenticatorAttachment::Unknown,
        extensions: AuthenticationExtensionsClientOutputs::default(),
    }
}

const WAITING: &str = "… Waiting for your security key.";
const TOUCH: &str = "… Touch your security key.";
const PIN: &str = "? PIN of your security key:";

#[test]
fn what_is_to_be_signed_reaches_the_key_and_what_it_signed_comes_back_as_it_was() {
    let person = Person::default();
    let (tell, told) = channel();
    let signed = person.sign(Box::new(move |args, status, _| {
        tell.send(args).unwrap();
        status.send(StatusUpdate::PresenceRequired).unwrap();
        Some(Ok(assertion()))
    }));
    let signed = signed.unwrap();
    assert_eq!(signed.authenticator_data, [&[7; 32][..], &[5, 1, 2, 3, 4]].concat());
    assert_eq!(signed.signature, [0x30, 1, 2]);
    let args = told.recv().unwrap();
    assert_eq!((args.client_data_hash, args.user_presence_req), ([9; 32], true));
    assert_eq!(args.relying_party_id, "acme.okta.com");
    assert_eq!(args.origin, "https://acme.okta.com");
    assert_eq!(args.extensions.app_id.as_deref(), Some("https://acme.okta.com/app-id"));
    let ids: Vec<Vec<u8>> = args.allow_list.into_iter().map(|one| one.id).collect();
    assert_eq!(ids, [vec![1, 2], vec![3]]);
    assert_eq!(args.user_verification_req, UserVerificationRequirement::Preferred);
}

#[test]
fn the_person_is_told_when_to_touch_and_which() {
    let person = Person::default();
    let (seen, go_on) = channel();
    let signed = person.sign(Box::new(move |_, status, _| {
        status.send(StatusUpdate::SelectDeviceNotice).unwrap();
        status.send(StatusUpdate::PresenceRequired).unwrap();
        // It is answered once all before it was heard.
        let (reply, answer) = channel();
        status.send(StatusUpdate::SelectResultNotice(reply, Vec::new())).unwrap();
        seen.send(answer.recv().unwrap()).unwrap();
        Some(Ok(assertion()))
    }));
    assert!(signed.is_ok());
    assert_eq!(go_on.recv().unwrap(), Some(0));
    let several = "… Several security keys are plugged in: touch the one to sign in with.";
    assert_eq!(person.saw.take(), [WAITING, several, TOUCH]);
}

/// Asks for a PIN, and gives what was typed as `Pin` shows its bytes.
fn asks(status: &Sender<StatusUpdate>, ask: impl FnOnce(Sender<Pin>) -> StatusPinUv) -> String {
    let (reply, pin) = channel();
    status.send(StatusUpdate::PinUvError(ask(reply))).unwrap();
    String::from_utf8(pin.recv().unwrap().as_bytes().to_vec()).unwrap()
}

#[test]
fn a_pin_is_asked_for_when_the_key_wants_it_and_the_tries_that_are_left_are_told() {
    let long = "1234567890123456789012345678901234567890123456789012345678901234";
    let person = Person::typing(&["1111", "123", long, "2222", "3333", "4444"]);
    let (tell, told) = channel();
    let signed = person.sign(Box::new(move |_, status, _| {
        let pins = [
            asks(&status, StatusPinUv::PinRequired),
            asks(&status, |reply| StatusPinUv::InvalidPin(reply, Some(7))),
            asks(&status, |reply| StatusPinUv::InvalidPin(reply, Some(1))),
            asks(&status, |reply| StatusPinUv::InvalidPin(reply, None)),
        ];
        tell.send(pins).unwrap();
        Some(Ok(assertion()))
    }));
    assert!(signed.is_ok());
    // What can be no PIN costs no try.
    assert_eq!(told.recv().unwrap(), ["1111", "2222", "3333", "4444"]);
    let odd = "! A PIN has at least 4 characters, and 63 at most.";
    assert_eq!(
        person.saw.take(),
        [
            WAITING,
            PIN,
            WAITING,
            "! That PIN is wrong; 7 tries are left before the security key blocks it.",
            PIN,
            odd,
            PIN,
            odd,
            PIN,
            WAITING,
            "! That PIN is wrong; after one more wrong one the security key blocks it.",
            PIN,
            WAITING,
            "! That PIN is wrong.",
            PIN,
            WAITING,
        ]
    );
}

#[test]
fn a_finger_that_is_not_recognised_is_told() {
    let person = Person::typing(&["1111"]);
    let signed = person.sign(Box::new(|_, status, _| {
        status.send(StatusUpdate::PinUvError(StatusPinUv::InvalidUv(Some(2)))).unwrap();
        status.send(StatusUpdate::PinUvError(StatusPinUv::UvBlocked)).unwrap();
        asks(&status, StatusPinUv::PinRequired);
        Some(Ok(assertion()))
    }));
    assert!(signed.is_ok());
    let want = [
        WAITING,
        "! The security key did not recognise the finger.",
        "! The security key takes no more fingers for now; its PIN does.",
        PIN,
        WAITING,
    ];
    assert_eq!(person.saw.take(), want);
}

#[test]
fn ctrl_c_stops_the_key() {
    let stops = |person: Person, script: fn(&Sender<StatusUpdate>)| {
        let (tell, told) = channel();
        let signed = person.sign(Box::new(move |_, status, cancelled| {
            script(&status);
            // Blocks until it is cancelled.
            tell.send(cancelled.recv().is_err()).unwrap();
            Some(Err(AuthenticatorError::CancelledByUser))
        }));
        let Err(KeyFailure::Other(error)) = signed else { panic!("{signed:?}") };
        assert_eq!(error.kind(), Kind::Interrupted);
        assert!(told.recv().unwrap());
    };
    let person = Person { leaves_at: Some("Touch"), ..Person::default() };
    stops(person, |status| status.send(StatusUpdate::PresenceRequired).unwrap());
    // At the PIN; the key's thread waits for one, and gets to know that none will come.
    stops(Person::typing(&[]), |status| {
        let (reply, pin) = channel();
        status.send(StatusUpdate::PinUvError(StatusPinUv::PinRequired(reply))).unwrap();
        assert!(pin.recv().is_err());
    });
}

#[test]
fn where_nobody_is_there_a_pin_is_not_waited_for() {
    let signed = sign_for(
        &Nobody,
        &Interrupt::default(),
        PATIENCE,
        Box::new(|_, status, cancelled| {
            let (reply, _pin) = channel();
            status.send(StatusUpdate::PinUvError(StatusPinUv::PinRequired(reply))).unwrap();
            assert!(cancelled.recv().is_err());
            None
        }),
    );
    let Err(KeyFailure::Other(error)) = signed else { panic!("{signed:?}") };
    assert_eq!(error.kind(), Kind::NeedsAnswer);
    assert!(error.message().contains("PIN of your security key"), "{error}");
}

#[test]
fn each_way_to_fail_is_told_from_the_others() {
    let status = |code| {
        AuthenticatorError::HIDError(HIDError::Command(CommandError::StatusCode(code, None)))
    };
    let gone = || std::io::Error::other("no such device");
    let cases: [(AuthenticatorError, &str); 20] = [
        (AuthenticatorError::U2FToken(U2FTokenError::NotAllowed), "TimedOut"),
        (status(StatusCode::UserActionTimeout), "TimedOut"),
        (status(StatusCode::ActionTimeout), "TimedOut"),
        (AuthenticatorError::CancelledByUser, "Declined"),
        (status(StatusCode::OperationDenied), "Declined"),
        (status(StatusCode::NoCredentials), "NotRegistered"),
        (status(StatusCode::InvalidCredential), "NotRegistered"),
        (AuthenticatorError::HIDError(HIDError::IO(None, gone())), "Removed"),
        (AuthenticatorError::HIDError(HIDError::DeviceError), "Removed"),
        (AuthenticatorError::Io(gone()), "Removed"),
        (AuthenticatorError::PinError(PinError::PinNotSet), "CannotVerify"),
        (
            AuthenticatorError::UnsupportedOption(UnsupportedOption::UserVerification),
            "CannotVerify",
        ),
        (status(StatusCode::PinNotSet), "CannotVerify"),
        (AuthenticatorError::PinError(PinError::PinAuthBlocked), "PinLocked"),
        (status(StatusCode::PinAuthBlocked), "PinLocked"),
        (AuthenticatorError::PinError(PinError::PinBlocked), "PinBlocked"),
        (status(StatusCode::PinBlocked), "PinBlocked"),
        (status(StatusCode::InvalidCBOR), "Other"),
        (AuthenticatorError::Platform, "Other"),
        (AuthenticatorError::NoConfiguredTransports, "Other"),
    ];
    for (error, want) in cases {
        let words = error.to_string();
        let failure = Person::default().sign(Box::new(move |_, _, _| Some(Err(error))));
        let failure = failure.unwrap_err();
        let shown = format!("{failure:?}");
        assert!(shown.starts_with(want), "{words}: {shown}");
        if let KeyFailure::Other(error) = failure {
            assert_eq!(error.message(), "the security key could not be asked");
            assert_eq!((error.kind(), error.hints().len()), (Kind::Failed, 1));
        }
    }
}

#[test]
fn a_library_that_dies_without_a_word_is_not_waited_for() {
    let failure = Person::default().sign(Box::new(|_, _, _| None)).unwrap_err();
    assert!(matches!(failure, KeyFailure::Removed), "{failure:?}");
}

#[test]
fn a_key_that_says_nothing_is_not_waited_for_for_ever() {
    let (script, held) = channel::<()>();
    let failure = sign_for(
        &Person::default(),
        &Interrupt::default(),
        Duration::ZERO,
        // It neither ends nor heeds that it is to.
        Box::new(move |_, _status, _| held.recv().err().and(None)),
    );
    assert!(matches!(failure, Err(KeyFailure::TimedOut)), "{failure:?}");
    drop(script);
}
