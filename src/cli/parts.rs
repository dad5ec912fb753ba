//! The engine's parts, put together for a command: the network, the store, the person, the time.

use std::any::Any;
use std::path::PathBuf;

use crate::cli::app::App;
use crate::cli::aws::refused;
use crate::cli::choose::Choose;
use crate::cli::{store, trust};
use crate::config::credentials;
use crate::config::profiles::Profiles;
use crate::config::target::Target;
use crate::engine::{Engine, Request, Session};
use crate::error::{Error, Kind, Result};
use crate::ini::Document;
use crate::okta::{Domain, Open};
use crate::settings::{Settings, SettingsFile};
use crate::store::{Backend, Store};
use crate::sys::browser::Browser;
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::folders::Folders;
use crate::sys::http::{Client, Network};
use crate::sys::prompt::Prompt;
use crate::sys::secret::Secret;
use crate::sys::security_key::{self, SecurityKeys};
use crate::sys::text::did_you_mean;

/// Says whether a password may go to a host.
type Trust<'a> = dyn Fn(&Domain) -> Result<()> + 'a;

/// What the engine borrows.
pub(super) struct Parts<'a> {
    client: Client,
    store: Store<'a>,
    remember: Option<(SettingsFile, Backend)>,
    prompt: &'a dyn Prompt,
    security_keys: Box<dyn SecurityKeys>,
    clock: SystemClock,
    locks: PathBuf,
    trust: Box<Trust<'a>>,
    browser: Box<Open<'a>>,
}

impl<'a> Parts<'a> {
    /// The parts for a command that names a profile, and what it asks for.
    pub(super) fn for_profile(
        app: &'a App,
        profile: Option<&str>,
        choose: &Choose,
    ) -> Result<(Self, Request)> {
        // Before the first question: what ends one brings the cursor back.
        app.interrupt();
        let folders = app.folders()?;
        let (settings, file) = app.settings(folders)?;
        let request = request(app, profile, choose, &settings)?;
        let backend = choose.backend.backend.as_deref();
        let mut parts = Self::new(app, folders, settings, file, backend)?;
        if !choose.no_browser && !app.no_input {
            parts.browser = Box::new(|address| open(app, address));
        }
        Ok((parts, request))
    }

    /// The parts alone.
    pub(super) fn new(
        app: &'a App,
        folders: &'a Folders,
        settings: Settings,
        file: SettingsFile,
        backend: Option<&str>,
    ) -> Result<Self> {
        let opened = store::open(app, folders, &settings, backend)?;
        Ok(Self {
            client: Client::new(Network::from_env(&app.env)).stopped_by(app.interrupt()),
            store: opened.store,
            remember: opened.remember.map(|backend| (file.clone(), backend)),
            prompt: app.ui.prompt(),
            security_keys: Box::new(security_key::usb(app.interrupt())),
            clock: SystemClock::new(app.interrupt()),
            locks: folders.state.join("locks"),
            browser: Box::new(|_address| None),
            trust: Box::new(move |domain| trust::may_sign_in(app, domain, &settings, &file)),
        })
    }

    /// The credentials for a request.
    pub(super) fn credentials(&self, request: &Request) -> Result<Session> {
        let session = self.engine().credentials(request)?;
        self.kept();
        Ok(session)
    }

    /// Remembers which key store was chosen, now that something is kept under its key.
    pub(super) fn kept(&self) {
        let Some((file, backend)) = &self.remember else { return };
        if let Err(error) = store::remember(file, *backend) {
            self.prompt.note(&format!("{error}: the next run may choose another key store"));
        }
    }

    /// The engine.
    pub(super) fn engine(&self) -> Engine<'_> {
        Engine {
            http: &self.client,
            store: &self.store,
            prompt: self.prompt,
            security_keys: &*self.security_keys,
            clock: &self.clock,
            locks: &self.locks,
            browser: &*self.browser,
            trust: &*self.trust,
        }
    }

    /// Where the master key rests.
    pub(super) fn backend(&self) -> Backend {
        self.store.key_store().backend()
    }

    /// Opens the key store; says whether it holds a key already.
    pub(super) fn key_is_there(&self) -> Result<bool> {
        Ok(self.store.key_store().load()?.is_some())
    }

    /// The network.
    pub(super) fn http(&self) -> &Client {
        &self.client
    }

    /// The time.
    pub(super) fn clock(&self) -> &dyn Clock {
        &self.clock
    }
}

/// Opens an address in the browser, if there is one: the address was shown as well.
fn open(app: &App, address: &Secret) -> Option<Box<dyn Any>> {
    match Browser::find(None, &app.env).and_then(|browser| browser.send(address)) {
        Ok(errand) => Some(Box::new(errand)),
        Err(error) => {
            app.ui.detail(&error.to_string());
            None
        }
    }
}

/// What a command with these arguments asks for.
pub(super) fn request(
    app: &App,
    profile: Option<&str>,
    choose: &Choose,
    settings: &Settings,
) -> Result<Request> {
    let target = Target::find(&app.env)?;
    let profiles = profiles(&target)?;
    let name = match profile {
        Some(name) => name.to_owned(),
        None => pick(app, &profiles, &target)?,
    };
    if profiles.get(&name).is_none() {
        return Err(no_such_profile(&name, &profiles, &target));
    }
    let elsewhere = credentials::profile_names(&app.env);
    let chain = profiles.chain(&name, |name| elsewhere.contains(name)).map_err(|error| {
        Error::failed(format!("the chain of profile '{name}' leads nowhere: {error}")).hint(
            format!("mend source_profile in {}; 'robo aws.list' shows all chains", target.shown()),
        )
    })?;
    Request::resolve(&profiles, &chain, &choose.asked(app, settings)?)
}

/// The profiles of the person's file.
pub(super) fn profiles(target: &Target) -> Result<Profiles> {
    let Some(content) = target.read()? else {
        return Err(Error::failed(format!("{} is not there yet", target.shown()))
            .hint("'robo aws.config' fetches your team's profiles"));
    };
    let document = Document::parse(content);
    Profiles::read(&document).map_err(|refusal| refused(target, &document, &refusal))
}

fn pick(app: &App, profiles: &Profiles, target: &Target) -> Result<String> {
    let mut names: Vec<String> =
        profiles.list().iter().map(|profile| profile.name.clone()).collect();
    if names.is_empty() {
        return Err(Error::failed(format!("there are no profiles in {}", target.shown()))
            .hint("'robo aws.config' fetches your team's"));
    }
    if !app.ui.can_ask() {
        return Err(Error::new(
            Kind::NeedsAnswer,
            "which profile? None was named, and nobody is there to pick one",
        )
        .hint("name it after the command; 'robo aws.list' shows all"));
    }
    let at = app.ui.prompt().pick("Which profile?", &names)?;
    Ok(names.swap_remove(at))
}

fn no_such_profile(name: &str, profiles: &Profiles, target: &Target) -> Error {
    let names = profiles.list().iter().map(|profile| profile.name.as_str());
    let near = did_you_mean(name, names).map(|near| format!("{near} "));
    Error::failed(format!("profile '{name}' is not in {}", target.shown())).hint(format!(
        "{}'robo aws.list' shows all; 'robo aws.config' fetches your team's newest",
        near.unwrap_or_default()
    ))
}
