//! `aws.credentials`: what the AWS SDKs call as `credential_process`.

use clap_complete::engine::ArgValueCompleter;

use crate::cli::app::App;
use crate::cli::choose::Choose;
use crate::cli::handover::ProcessCredentials;
use crate::cli::parts::Parts;
use crate::cli::{Exit, complete};
use crate::error::{Error, Result};

/// Print a profile's credentials as JSON, for 'credential_process' of the AWS CLI and SDKs
///
/// In ~/.aws/config:  credential_process = robo aws.credentials dev
///
/// The profile that says so must be another one than the one that is named: robo reads 'dev' for
/// its roles.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The profile; a list to pick from, if it is left out on a terminal
    #[arg(add = ArgValueCompleter::new(complete::profiles))]
    profile: Option<String>,
    #[command(flatten)]
    choose: Choose,
    /// Over several lines, as aws-okta has it
    #[arg(short, long)]
    pretty: bool,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let (parts, request) = Parts::for_profile(app, args.profile.as_deref(), &args.choose)?;
    let session = parts.credentials(&request)?;
    let credentials = ProcessCredentials::new(&session);
    let json = if args.pretty {
        serde_json::to_string_pretty(&credentials)
    } else {
        serde_json::to_string(&credentials)
    };
    let json = json.map_err(|cause| Error::failed("cannot write JSON").because(cause))?;
    app.ui.product(&format!("{json}\n"))?;
    Ok(Exit::Done)
}
