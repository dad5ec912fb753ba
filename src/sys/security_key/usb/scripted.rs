//! A stand-in for the library's transport, which speaks to hardware: this one follows a script.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use authenticator::authenticatorservice::{AuthenticatorTransport, RegisterArgs, SignArgs};
use authenticator::statecallback::StateCallback;
use authenticator::{
    ManageResult, Pin, RegisterResult, ResetResult, Result as Given, SignResult, StatusUpdate,
};

/// What a transport does when it is to sign. It hears through the receiver that it is cancelled.
pub(super) type Script =
    Box<dyn FnOnce(SignArgs, Sender<StatusUpdate>, Receiver<()>) -> Outcome + Send>;

/// What it comes to; nothing, if it dies without a word.
pub(super) type Outcome = Option<Given<SignResult>>;

/// The transport.
pub(super) struct Scripted {
    script: Option<Script>,
    cancel: Option<Sender<()>>,
}

impl Scripted {
    pub(super) fn new(script: Script) -> Self {
        Self { script: Some(script), cancel: None }
    }
}

impl AuthenticatorTransport for Scripted {
    fn sign(
        &mut self,
        _timeout: u64,
        args: SignArgs,
        status: Sender<StatusUpdate>,
        callback: StateCallback<Given<SignResult>>,
    ) -> Given<()> {
        let (cancel, cancelled) = channel();
        self.cancel = Some(cancel);
        let script = self.script.take().unwrap();
        thread::spawn(move || {
            if let Some(result) = script(args, status, cancelled) {
                callback.call(result);
            }
        });
        Ok(())
    }

    fn cancel(&mut self) -> Given<()> {
        self.cancel = None;
        Ok(())
    }

    fn register(
        &mut self,
        _: u64,
        _: RegisterArgs,
        _: Sender<StatusUpdate>,
        _: StateCallback<Given<RegisterResult>>,
    ) -> Given<()> {
        unreachable!()
    }

    fn reset(
        &mut self,
        _: u64,
        _: Sender<StatusUpdate>,
        _: StateCallback<Given<ResetResult>>,
    ) -> Given<()> {
        unreachable!()
    }

    fn set_pin(
        &mut self,
        _: u64,
        _: Pin,
        _: Sender<StatusUpdate>,
        _: StateCallback<Given<ResetResult>>,
    ) -> Given<()> {
        unreachable!()
    }

    fn manage(
        &mut self,
        _: u64,
        _: Sender<StatusUpdate>,
        _: StateCallback<Given<ManageResult>>,
    ) -> Given<()> {
        unreachable!()
    }
}
