//! Security keys that are plugged in by USB, new ones and those of U2F, by the library that
//! Firefox uses.
//!
//! The library does its work in threads of its own and sends word of what it waits for; this is
//! where that becomes questions to the person, and where Ctrl-C is listened for meanwhile.

mod devices;

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use authenticator::authenticatorservice::{AuthenticatorService, SignArgs};
use authenticator::ctap2::commands::StatusCode;
use authenticator::ctap2::server::{
    AuthenticationExtensionsClientInputs, PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
};
use authenticator::errors::{
    AuthenticatorError, CommandError, HIDError, PinError, U2FTokenError, UnsupportedOption,
};
use authenticator::statecallback::StateCallback;
use authenticator::{Pin, SignResult, StatusPinUv, StatusUpdate};

use crate::error::{Error, Kind};
use crate::sys::interrupt::Interrupt;
use crate::sys::prompt::{Prompt, Waiting};
use crate::sys::secret::ExposeSecret as _;
use crate::sys::security_key::{KeyFailure, SecurityKeys, SignRequest, Signed, UserVerification};

/// How long a key is waited for, the PIN's typing included. Okta's challenge lives for five
/// minutes.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(50);

/// How long a key has for coming to its end. After Ctrl-C Okta is to be told as well, and all of that
/// has a second and a half ([`crate::sys::interrupt`]).
const GRACE: Duration = Duration::from_millis(500);

/// The shortest PIN, in characters, and the longest, in bytes (CTAP 2.1, 6.5.1).
const PIN_LENGTHS: (usize, usize) = (4, 63);

/// The keys that are plugged in.
pub(super) struct UsbKeys {
    interrupt: Interrupt,
}

impl UsbKeys {
    /// Keys of which nobody is waited for any more when `interrupt` comes.
    pub(super) fn new(interrupt: Interrupt) -> Self {
        Self { interrupt }
    }
}

impl SecurityKeys for UsbKeys {
    fn hindrance(&self) -> Option<&'static str> {
        devices::hindrance()
    }

    fn sign(&self, request: &SignRequest<'_>, prompt: &dyn Prompt) -> Result<Signed, KeyFailure> {
        let mut service = AuthenticatorService::new().map_err(failure)?;
        service.add_u2f_usb_hid_platform_transports();
        sign(service, request, prompt, &self.interrupt, PATIENCE)
    }
}

/// Signs by whatever `service` reaches, within `patience`.
fn sign(
    mut service: AuthenticatorService,
    request: &SignRequest<'_>,
    prompt: &dyn Prompt,
    interrupt: &Interrupt,
    patience: Duration,
) -> Result<Signed, KeyFailure> {
    let (status, updates) = mpsc::channel();
    let (done, outcome) = mpsc::channel();
    let callback =
        StateCallback::new(Box::new(move |result: authenticator::Result<SignResult>| {
            // Nobody listens any more where the person has left.
            let _ = done.send(result);
        }));
    let millis = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
    service.sign(millis, arguments(request), status, callback).map_err(failure)?;
    let mut talk = Talk { prompt, waiting: None };
    talk.wait("Waiting for your security key.");
    // The library keeps to the time by itself, but not with a key that does not say a word.
    let until = Instant::now() + patience + GRACE;
    let signed = loop {
        if let Ok(result) = outcome.try_recv() {
            // What was to be shown before it still is; a PIN is not wanted any more.
            let left = updates.try_iter().filter(|update| {
                matches!(update, StatusUpdate::PresenceRequired | StatusUpdate::SelectDeviceNotice)
            });
            left.for_each(|update| drop(talk.hear(update)));
            break result.map(signed).map_err(failure);
        }
        let heard = match updates.recv_timeout(TICK) {
            Ok(update) => talk.hear(update),
            // All has been said: the outcome is on its way, or there will be none.
            Err(RecvTimeoutError::Disconnected) => {
                let last = outcome.recv_timeout(GRACE).map_err(|_| KeyFailure::Removed);
                break last.and_then(|result| result.map(signed).map_err(failure));
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
        };
        if let Err(error) = heard {
            break Err(KeyFailure::Other(error));
        }
        if interrupt.is_set() {
            break Err(KeyFailure::Other(Error::new(Kind::Interrupted, "stopped")));
        }
        if Instant::now() > until {
            break Err(KeyFailure::TimedOut);
        }
    };
    let_go(service);
    signed
}

/// Has every key stop blinking. That takes as long as it takes a key to answer, and one that does
/// not is left behind.
fn let_go(mut service: AuthenticatorService) {
    let (done, gone) = mpsc::channel::<()>();
    thread::spawn(move || {
        let _ = service.cancel();
        drop(service);
        drop(done);
    });
    let _ = gone.recv_timeout(GRACE);
}

fn arguments(request: &SignRequest<'_>) -> SignArgs {
    let allowed = request.allowed.iter();
    SignArgs {
        client_data_hash: request.client_data_hash,
        origin: request.origin.to_owned(),
        relying_party_id: request.rp_id.to_owned(),
        allow_list: allowed
            .map(|id| PublicKeyCredentialDescriptor { id: id.clone(), transports: Vec::new() })
            .collect(),
        user_verification_req: match request.verification {
            UserVerification::Required => UserVerificationRequirement::Required,
            UserVerification::Preferred => UserVerificationRequirement::Preferred,
            UserVerification::Discouraged => UserVerificationRequirement::Discouraged,
        },
        user_presence_req: true,
        extensions: AuthenticationExtensionsClientInputs {
            app_id: request.app_id.map(str::to_owned),
            ..AuthenticationExtensionsClientInputs::default()
        },
        pin: None,
        use_ctap1_fallback: false,
    }
}

/// What the person is shown and asked while a key is being asked.
struct Talk<'a> {
    prompt: &'a dyn Prompt,
    waiting: Option<Box<dyn Waiting + 'a>>,
}

impl Talk<'_> {
    fn wait(&mut self, text: &str) {
        match &self.waiting {
            Some(waiting) => waiting.update(text),
            None => self.waiting = Some(self.prompt.waiting(text)),
        }
    }

    /// Does what the library asks for.
    fn hear(&mut self, update: StatusUpdate) -> crate::Result<()> {
        match update {
            StatusUpdate::PresenceRequired => self.wait("Touch your security key."),
            StatusUpdate::SelectDeviceNotice => {
                self.wait("Several security keys are plugged in: touch the one to sign in with.");
            }
            StatusUpdate::PinUvError(StatusPinUv::PinRequired(reply)) => self.pin(&reply)?,
            StatusUpdate::PinUvError(StatusPinUv::InvalidPin(reply, left)) => {
                self.prompt.note(&match left {
                    Some(1) => "That PIN is wrong; after one more wrong one the security key blocks it.".to_owned(),
                    Some(left) => format!("That PIN is wrong; {left} tries are left before the security key blocks it."),
                    None => "That PIN is wrong.".to_owned(),
                });
                self.pin(&reply)?;
            }
            StatusUpdate::PinUvError(StatusPinUv::InvalidUv(_)) => {
                self.prompt.note("The security key did not recognise the finger.");
            }
            StatusUpdate::PinUvError(StatusPinUv::UvBlocked) => {
                self.prompt.note("The security key takes no more fingers for now; its PIN does.");
            }
            // Of several accounts under one credential any will do: Okta knows whose it is.
            StatusUpdate::SelectResultNotice(reply, _) => drop(reply.send(Some(0))),
            // The outcome says the same; robo manages no keys.
            StatusUpdate::PinUvError(_) | StatusUpdate::InteractiveManagement(_) => {}
        }
        Ok(())
    }

    /// Asks for the PIN, and again for one that can be none: the key would count it as a wrong one.
    fn pin(&mut self, reply: &Sender<Pin>) -> crate::Result<()> {
        self.waiting = None;
        let (shortest, longest) = PIN_LENGTHS;
        let pin = loop {
            let pin = self.prompt.secret("PIN of your security key:")?;
            let text = pin.expose_secret();
            if text.chars().count() >= shortest && text.len() <= longest {
                break Pin::new(text);
            }
            let note = format!("A PIN has at least {shortest} characters, and {longest} at most.");
            self.prompt.note(&note);
        };
        // A key that was unplugged meanwhile does not take it; the outcome says so.
        let _ = reply.send(pin);
        self.wait("Waiting for your security key.");
        Ok(())
    }
}

fn signed(result: SignResult) -> Signed {
    let assertion = result.assertion;
    Signed { authenticator_data: assertion.auth_data.to_vec(), signature: assertion.signature }
}

/// What the library's error means to the person.
fn failure(error: AuthenticatorError) -> KeyFailure {
    match error {
        // Its word for a wait that was over before a key had signed.
        AuthenticatorError::U2FToken(U2FTokenError::NotAllowed) => KeyFailure::TimedOut,
        AuthenticatorError::CancelledByUser => KeyFailure::Declined,
        AuthenticatorError::UnsupportedOption(UnsupportedOption::UserVerification)
        | AuthenticatorError::PinError(PinError::PinNotSet) => KeyFailure::CannotVerify,
        AuthenticatorError::PinError(PinError::PinAuthBlocked) => KeyFailure::PinLocked,
        AuthenticatorError::PinError(PinError::PinBlocked) => KeyFailure::PinBlocked,
        AuthenticatorError::HIDError(HIDError::Command(CommandError::StatusCode(code, _))) => {
            status(code)
        }
        AuthenticatorError::HIDError(HIDError::IO(..) | HIDError::DeviceError)
        | AuthenticatorError::Io(_) => KeyFailure::Removed,
        other => unknown(&other.to_string()),
    }
}

/// What a key's own status means (CTAP 2.1, 8.2).
fn status(code: StatusCode) -> KeyFailure {
    match code {
        StatusCode::NoCredentials | StatusCode::InvalidCredential => KeyFailure::NotRegistered,
        StatusCode::UserActionTimeout | StatusCode::Timeout | StatusCode::ActionTimeout => {
            KeyFailure::TimedOut
        }
        StatusCode::OperationDenied | StatusCode::NotAllowed | StatusCode::KeepaliveCancel => {
            KeyFailure::Declined
        }
        StatusCode::PinNotSet => KeyFailure::CannotVerify,
        StatusCode::PinAuthBlocked => KeyFailure::PinLocked,
        StatusCode::PinBlocked => KeyFailure::PinBlocked,
        other => unknown(&format!("{other:?}")),
    }
}

fn unknown(words: &str) -> KeyFailure {
    let error = Error::failed("the security key could not be asked").because(words.to_owned());
    KeyFailure::Other(error.hint("unplug it, plug it in again, then try again"))
}

#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;
