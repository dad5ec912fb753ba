//! `aws.login`: the AWS console in the browser, signed in.

use clap_complete::engine::ArgValueCompleter;

use crate::cli::app::App;
use crate::cli::choose::Choose;
use crate::cli::parts::Parts;
use crate::cli::{Exit, complete};
use crate::engine::ConsoleRequest;
use crate::error::Result;
use crate::sys::browser::Browser;
use crate::sys::secret::ExposeSecret as _;

/// Open the AWS console in your browser, signed in with a profile's role
///
/// The address that signs you in is a secret for the 15 minutes that it works. The browser gets it
/// from robo itself, over this machine's loopback, so that it shows in no list of processes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The profile; a list to pick from, if it is left out on a terminal
    #[arg(add = ArgValueCompleter::new(complete::profiles))]
    profile: Option<String>,
    /// Print the address instead: it is a secret
    #[arg(short, long)]
    stdout: bool,
    /// The service to open, such as s3 or ec2
    #[arg(long, value_name = "SERVICE", conflicts_with = "destination")]
    service: Option<String>,
    /// The page to open: an address in the console, or its path
    #[arg(long, value_name = "URL")]
    destination: Option<String>,
    /// The program to open it with [env: BROWSER]
    #[arg(long, value_name = "COMMAND")]
    browser: Option<String>,
    /// Sign out first of the account that the browser is signed in to
    #[arg(long)]
    logout_first: bool,
    /// How long the console session shall be; AWS grants it only to a role that Okta gives itself
    /// [default: as long as the credentials]
    #[arg(long, value_name = "DURATION")]
    console_ttl: Option<String>,
    #[command(flatten)]
    choose: Choose,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let browser = if args.stdout {
        None
    } else {
        // That there is none is told before anybody is asked for anything.
        Some(Browser::find(args.browser.as_deref(), &app.env)?)
    };
    let (parts, request) = Parts::for_profile(app, args.profile.as_deref(), &args.choose)?;
    let console = ConsoleRequest {
        service: args.service.clone(),
        destination: args.destination.clone(),
        logout_first: args.logout_first,
        ttl: args.console_ttl.clone(),
    };
    let url = parts.engine().console(&request, &console)?;
    parts.kept();
    match browser {
        None => app.ui.product(&format!("{}\n", url.expose_secret()))?,
        Some(browser) => {
            let prompt = app.ui.prompt();
            // A person alone wonders what takes so long.
            let waiting = || prompt.waiting("Waiting for the browser to open the console.");
            let _waiting = app.ui.can_ask().then(waiting);
            browser.open(&url, parts.clock())?;
            app.ui.detail("the browser has the address");
        }
    }
    Ok(Exit::Done)
}
