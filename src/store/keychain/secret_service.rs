//! The Secret Service, over the session's D-Bus.
//!
//! Every step has a limit: a bus or a service that accepts and never answers, and a dialog that
//! nobody sees, end in an error. libdbus has no limit of its own for all of that, so it runs in a
//! thread that is left behind when its time is over.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use dbus_secret_service::{Collection, EncryptionType, Error as Fault, Item, SecretService};
use zeroize::Zeroizing;

use super::{INSTEAD, Keychain, SERVICE, USER};
use crate::error::{Error, Result};

/// How long a person may take to unlock the keychain, in seconds.
const PERSON: u64 = 60;

/// A step of the work.
enum Progress<T> {
    /// From here on a person is needed, who sees a dialog of the service's.
    Locked,
    /// It is over.
    Done(Result<T, Fault>),
}

/// Tells that a person is needed.
struct Locked<T>(Sender<Progress<T>>);

impl<T> Locked<T> {
    fn tell(&self) {
        // Nobody listens any more when the time was over.
        let _ = self.0.send(Progress::Locked);
    }
}

/// The text of robo's item; none when there is no such item.
pub(super) fn load(keychain: &Keychain<'_>) -> Result<Option<Zeroizing<Vec<u8>>>> {
    within_limits(keychain, "read robo's master key from", |locked| {
        let service = connect()?;
        let text = |items: Vec<Item<'_>>| {
            items.first().map(|item| item.get_secret().map(Zeroizing::new)).transpose()
        };
        let found = items(&service, locked)?;
        if !found.is_empty() {
            return text(found);
        }
        // Some services show no item of a locked collection. To take that for "no key yet" would
        // put a new key in the old one's place.
        match service.get_default_collection() {
            Ok(collection) if unlock(&collection, locked)? => text(items(&service, locked)?),
            Ok(_) | Err(Fault::NoResult) => Ok(None),
            Err(fault) => Err(fault),
        }
    })
}

/// Keeps `text` as robo's item, in the place of an older one.
pub(super) fn keep(keychain: &Keychain<'_>, text: Zeroizing<String>) -> Result<()> {
    within_limits(keychain, "keep robo's master key in", move |locked| {
        let service = connect()?;
        let collection = match service.get_default_collection() {
            Err(Fault::NoResult) => {
                locked.tell();
                service.create_collection("Default keyring", "default")?
            }
            collection => collection?,
        };
        unlock(&collection, locked)?;
        let attributes = HashMap::from([
            ("service", SERVICE),
            ("username", USER),
            // What libsecret and its tools look for.
            ("xdg:schema", "org.freedesktop.Secret.Generic"),
        ]);
        collection.create_item(
            "robo's master key",
            attributes,
            text.as_bytes(),
            true,
            "text/plain",
        )?;
        Ok(())
    })
}

/// Removes robo's item.
pub(super) fn forget(keychain: &Keychain<'_>) -> Result<()> {
    within_limits(keychain, "remove robo's master key from", |locked| {
        let service = connect()?;
        items(&service, locked)?.iter().try_for_each(Item::delete)
    })
}

fn connect() -> Result<SecretService, Fault> {
    let connect = || SecretService::connect_with_max_prompt_timeout(EncryptionType::Plain, PERSON);
    match connect() {
        // The library waits 2 s; a service that the bus has to start first may take longer.
        Err(Fault::Dbus(fault)) if fault.name() == Some("org.freedesktop.DBus.Error.NoReply") => {
            connect()
        }
        other => other,
    }
}

/// Robo's items, unlocked: none or one, unless somebody copied it.
fn items<'a, T>(service: &'a SecretService, locked: &Locked<T>) -> Result<Vec<Item<'a>>, Fault> {
    let found = service.search_items(HashMap::from([("service", SERVICE), ("username", USER)]))?;
    if found.unlocked.is_empty() && !found.locked.is_empty() {
        locked.tell();
        service.unlock_all(&found.locked.iter().collect::<Vec<_>>())?;
        return Ok(found.locked);
    }
    Ok(found.unlocked)
}

/// Unlocks it; false when it was not locked.
fn unlock<T>(collection: &Collection<'_>, locked: &Locked<T>) -> Result<bool, Fault> {
    if !collection.is_locked()? {
        return Ok(false);
    }
    locked.tell();
    collection.unlock()?;
    Ok(true)
}

/// Runs `work`, which is told of in the words `doing`, and waits for it as long as it may take.
fn within_limits<T: Send + 'static>(
    keychain: &Keychain<'_>,
    doing: &str,
    work: impl FnOnce(&Locked<T>) -> Result<T, Fault> + Send + 'static,
) -> Result<T> {
    let failed = || Error::failed(format!("cannot {doing} the keychain (the Secret Service)"));
    let (sender, receiver) = channel();
    thread::Builder::new()
        .name("secret-service".to_owned())
        .spawn(move || {
            let locked = Locked(sender);
            let done = work(&locked);
            let _ = locked.0.send(Progress::Done(done));
        })
        .map_err(|cause| failed().because(cause))?;
    let (mut limit, mut dialog) = (keychain.patience, None);
    loop {
        match receiver.recv_timeout(limit) {
            Ok(Progress::Done(done)) => return done.map_err(|fault| explain(failed(), &fault)),
            Ok(Progress::Locked) => {
                limit = Duration::from_secs(PERSON) + keychain.patience;
                dialog.get_or_insert_with(|| {
                    keychain.prompt.waiting("Waiting for the keychain to be unlocked…")
                });
            }
            Err(RecvTimeoutError::Timeout) => {
                return Err(failed().because("it does not answer").hint(INSTEAD));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(failed().because("it answered with nonsense").hint(INSTEAD));
            }
        }
    }
}

fn explain(failed: Error, fault: &Fault) -> Error {
    match fault {
        Fault::Prompt | Fault::Locked => failed
            .because("it stays locked")
            .hint("unlock it on the desktop, then run this again")
            .hint(INSTEAD),
        Fault::Dbus(fault) => {
            let said: String =
                fault.message().unwrap_or("D-Bus failed").chars().take(300).collect();
            failed.because(said).hint(INSTEAD)
        }
        // Not the fault's own words: they could quote an answer.
        Fault::Unavailable => failed.because("nobody offers it").hint(INSTEAD),
        _ => failed.because("it answered with nonsense").hint(INSTEAD),
    }
}
