//! `dotfiles.terraform`: the catalogue as the variables of the repo's Terraform.

use std::path::PathBuf;

use crate::catalog::terraform::{SignIn, Variables, quotas};
use crate::cli::app::App;
use crate::cli::organisation::Organisation;
use crate::cli::{Exit, dotfiles, json};
use crate::config::section::SectionId;
use crate::dotfiles::Folder;
use crate::error::Result;
use crate::sys::duration;

/// Print the variables that Terraform sets up AWS and Okta from, as JSON
///
/// Write them to terraform/robo.auto.tfvars.json, beside the sample's modules, and run Terraform
/// once for each account. The folder is read as it is on disk, committed or not.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of the repo, instead of this one
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let folder = dotfiles::folder(args.dir.as_ref())?;
    let organisation = Organisation::read(&folder)?;
    for warning in organisation.warnings.iter().chain(&organisation.catalog_warnings) {
        app.ui.warn(warning);
    }
    let catalog = dotfiles::catalog(&organisation, &folder)?;
    let variables = Variables::of(catalog, &sign_in(&folder, &organisation)?)?;
    for warning in quotas(catalog) {
        app.ui.warn(&warning);
    }
    app.ui.product(&json::render(&variables)?)?;
    Ok(Exit::Done)
}

/// Where everybody signs in, and for how long, by the layers that all teams have. A team that signs
/// in elsewhere does so by its own file.
fn sign_in(folder: &Folder, organisation: &Organisation) -> Result<SignIn> {
    let config = organisation.common_config(folder)?;
    let section = config.tree().get(&SectionId::plain("okta"));
    let said = |key: &str| Some(section?.get(key)?.value.trim().to_owned());
    Ok(SignIn {
        domain: said("okta_domain"),
        app: said("aws_saml_url"),
        session: said("session_ttl").and_then(|text| duration::parse(&text).ok()),
    })
}
