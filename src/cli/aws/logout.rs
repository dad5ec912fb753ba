//! `aws.logout`: forget credentials, sessions, passwords.

use crate::cli::Exit;
use crate::cli::app::App;
use crate::cli::choose::BackendFlag;
use crate::cli::parts::Parts;
use crate::engine::Account;
use crate::error::{Error, Result};
use crate::sys::text::{count, did_you_mean};
use crate::ui::shown;

/// Forget cached AWS credentials and Okta sessions; with --all the stored passwords too
///
/// Credentials that were handed out already stay good until they expire: only AWS can end them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Of this Okta account alone: its name, or your name at Okta
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Forget the accounts and their passwords too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    backend: BackendFlag,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let folders = app.folders()?;
    let (settings, file) = app.settings(folders)?;
    let parts = Parts::new(app, folders, settings, file, args.backend.backend.as_deref())?;
    let engine = parts.engine();
    if let Some(name) = &args.account {
        let accounts = engine.known()?;
        if accounts.iter().all(|account| !account.goes_by(name)) {
            let names = accounts.iter().map(|account| account.name.as_str());
            return Err(Error::failed(format!("no Okta account '{name}' is stored"))
                .maybe_hint(did_you_mean(name, names)));
        }
    }
    let forgotten = engine.forget(args.account.as_deref(), args.all)?;
    let named = |account: &Account| format!("{} at {}", account.username, account.domain);
    for account in &forgotten.sessions {
        app.ui.say(format_args!("Ended the Okta session of {}.", shown(&named(account))));
    }
    for account in &forgotten.sign_ins {
        let who = named(account);
        app.ui.say(format_args!(
            "Ended robo's sign-in as {}; the browser's own goes on.",
            shown(&who)
        ));
    }
    app.ui
        .say(format_args!("Forgot {} of AWS.", count(forgotten.credentials, "cached credential")));
    for account in &forgotten.accounts {
        let what = if forgotten.passwords.contains(account) { "password" } else { "account" };
        app.ui.say(format_args!("Forgot the {what} of {}.", shown(&named(account))));
    }
    Ok(Exit::Done)
}
