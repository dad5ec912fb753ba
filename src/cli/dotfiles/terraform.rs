//! `dotfiles.terraform`: the catalogue as the variables of the repo's Terraform.

use std::path::PathBuf;

use crate::catalog::terraform::{SignIn, Variables, quotas};
use crate::cli::app::App;
use crate::cli::organisation::Organisation;
use crate::cli::{Exit, dotfiles, json};
use crate::config::section::SectionId;
use crate::config::team::TeamConfig;
use crate::dotfiles::{Folder, RepoFiles as _};
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

/// Where everybody signs in, and for how long: the shared file goes before the manifest, that before the catalogue.
/// A team that signs in elsewhere does so by its own file.
fn sign_in(folder: &Folder, organisation: &Organisation) -> Result<SignIn> {
    let mut shared = TeamConfig::new();
    if let Some(file) = folder.file(&organisation.manifest.aws.shared)? {
        shared.lay(&file.path, &file.bytes)?;
    }
    let said = |key: &str| {
        let section = shared.tree().get(&SectionId::plain("okta"))?;
        section.get(key).map(|unit| unit.value.trim().to_owned())
    };
    let manifest = &organisation.manifest.okta;
    let catalog = organisation.catalog.as_ref().map(crate::catalog::Catalog::okta);
    let domain = catalog.and_then(|okta| okta.domain.as_ref()).map(|said| said.value.clone());
    let app = catalog.and_then(|okta| okta.app.as_ref()).map(|said| said.value.clone());
    Ok(SignIn {
        domain: said("okta_domain").or_else(|| manifest.domain.clone()).or(domain),
        app: said("aws_saml_url").or_else(|| manifest.app.clone()).or(app),
        session: said("session_ttl").and_then(|text| duration::parse(&text).ok()),
    })
}
