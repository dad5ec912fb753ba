//! What a company's repo says of its teams, put together: manifest, catalogue, shared file, the
//! teams' own files.
//!
//! The layers of a team's config, each over those before: the manifest's `[okta]`, what the
//! catalogue renders for the team, the shared file, the team's own file. So what somebody wrote as
//! config wins over what is derived, and what is about one team over what is about all.

use crate::catalog::{Catalog, Team};
use crate::config::section::SectionId;
use crate::config::team::TeamConfig;
use crate::config::unit::Place;
use crate::dotfiles::{self, Manifest, RepoFiles, TeamFiles, TeamName, Teams};
use crate::error::{Error, Result};

/// A repo, as far as all its teams have it in common.
pub(super) struct Organisation {
    pub(super) manifest: Manifest,
    /// Where the repo has one.
    pub(super) catalog: Option<Catalog>,
    /// What a person should know about the manifest.
    pub(super) warnings: Vec<String>,
    /// What the platform team should know about the catalogue; nobody else can mend it.
    pub(super) catalog_warnings: Vec<String>,
}

impl Organisation {
    /// Reads the manifest and the catalogue.
    ///
    /// # Errors
    /// When one of them has a mistake, with its line.
    pub(super) fn read(files: &dyn RepoFiles) -> Result<Self> {
        let (manifest, warnings) = Manifest::read(files)?;
        let (catalog, catalog_warnings) = match catalog_text(files, &manifest)? {
            Some(text) => {
                let (catalog, warnings) = Catalog::parse(&manifest.aws.catalog, &text)?;
                (Some(catalog), warnings)
            }
            None => (None, Vec::new()),
        };
        Ok(Self { manifest, catalog, warnings, catalog_warnings })
    }

    /// All teams: those that have a file and those of the catalogue.
    ///
    /// # Errors
    /// When the folder of the teams cannot be read.
    pub(super) fn teams(&self, files: &dyn RepoFiles) -> Result<Teams> {
        let mut teams = dotfiles::teams(files, &self.manifest)?;
        let known = self.catalog.iter().flat_map(Catalog::teams);
        teams.add(known.filter_map(|team| TeamName::parse(&team.name).ok()));
        Ok(teams)
    }

    /// The files of `team`, which may have none of its own if it is in the catalogue.
    ///
    /// # Errors
    /// When there is no such team, or a file of it cannot be read.
    pub(super) fn team_files(&self, files: &dyn RepoFiles, team: &TeamName) -> Result<TeamFiles> {
        let own = dotfiles::team_files(files, &self.manifest, team)?;
        if own.team.is_none() && self.entry(team).is_none() {
            let teams = self.teams(files)?;
            return Err(dotfiles::no_such_team(files, &self.manifest, team, &teams));
        }
        Ok(own)
    }

    /// The config of `team`, whose own files are `files`: all layers, each checked by itself.
    /// Whether chains are whole is not checked.
    ///
    /// # Errors
    /// When a layer has a mistake.
    pub(super) fn team_config(&self, team: &TeamName, files: &TeamFiles) -> Result<TeamConfig> {
        let mut config = TeamConfig::new();
        self.lay_manifest(&mut config)?;
        if let Some(catalog) = &self.catalog {
            let made = match self.entry(team) {
                Some(entry) => catalog.rendering(entry),
                None => catalog.rendering_for_all(),
            };
            config.lay_made(catalog.file(), &made.text, &made.lines)?;
        }
        for file in files.shared.iter().chain(&files.team) {
            config.lay(&file.path, &file.bytes)?;
        }
        Ok(config)
    }

    /// What all teams have: the layers below those that are about one of them.
    ///
    /// # Errors
    /// As [`Organisation::team_config`].
    pub(super) fn common_config(&self, files: &dyn RepoFiles) -> Result<TeamConfig> {
        let mut config = TeamConfig::new();
        self.lay_manifest(&mut config)?;
        if let Some(catalog) = &self.catalog {
            let made = catalog.rendering_for_all();
            config.lay_made(catalog.file(), &made.text, &made.lines)?;
        }
        if let Some(file) = files.file(&self.manifest.aws.shared)? {
            config.lay(&file.path, &file.bytes)?;
        }
        Ok(config)
    }

    fn entry(&self, team: &TeamName) -> Option<&Team> {
        self.catalog.as_ref()?.team(team.as_str())
    }

    fn lay_manifest(&self, config: &mut TeamConfig) -> Result<()> {
        let okta = &self.manifest.okta;
        for (key, name, value) in [
            ("okta_domain", "okta.domain", &okta.domain),
            ("aws_saml_url", "okta.app", &okta.app),
            ("okta_client_id", "okta.client_id", &okta.client_id),
        ] {
            if let Some(value) = value {
                let line = self.manifest.line(name).unwrap_or(1);
                let place = Place::new(dotfiles::manifest::FILE, line);
                config.set(&SectionId::plain("okta"), key, value, place)?;
            }
        }
        Ok(())
    }
}

/// The text of the catalogue, where there is one.
///
/// # Errors
/// When it cannot be read, or is no text.
pub(super) fn catalog_text(files: &dyn RepoFiles, manifest: &Manifest) -> Result<Option<String>> {
    let path = &manifest.aws.catalog;
    let Some(file) = files.file(path)? else { return Ok(None) };
    match String::from_utf8(file.bytes) {
        Ok(text) => Ok(Some(text)),
        Err(cause) => {
            let before = &cause.as_bytes()[..cause.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(Error::failed(format!("{path}:{line}: bytes that are not UTF-8")))
        }
    }
}
