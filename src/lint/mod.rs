//! `dotfiles.lint`: what is wrong with a dotfiles repo, before it reaches anybody's laptop.
//!
//! | file | knows |
//! | --- | --- |
//! | [`finding`] | what is found: severity, code, place, words |
//! | [`rules`] | the table of rules: what each is for, and the function that looks |
//! | [`folder`] | the folder on the disk; links are seen and not followed |
//! | [`repo`] | the files of the folder, read once: manifest, catalogue, configs, tasks |
//! | `files`, `configs`, `teams`, `catalogue`, `tasks` | the rules, each by what it looks at |
//! | `layers` | a team's files, and what they are upon each other |
//! | `keys` | the keys that any reader of `~/.aws/config` knows |
//!
//! The folder is read as it is, without git; nothing of it is run. A file is read once, whatever
//! the number of teams; a rule that looks at a team sees its layers laid upon each other, and what
//! two teams share is told once.

mod catalogue;
mod configs;
mod files;
pub mod finding;
pub mod folder;
mod keys;
mod layers;
pub mod repo;
pub mod rules;
mod tasks;
mod teams;

use std::path::Path;

use crate::error::Result;
use crate::lint::finding::{Finding, Findings};
use crate::lint::folder::Folder;
use crate::lint::repo::Repo;
use crate::lint::rules::{Look, RULES};

/// What was found in a folder.
#[derive(Debug)]
pub struct Report {
    /// By file, line and code; nothing twice.
    pub findings: Vec<Finding>,
    /// How many files were looked at.
    pub files: usize,
    /// How many teams.
    pub teams: usize,
}

/// Looks at the dotfiles repo in the folder `path`; `commands` are the names of robo's own commands,
/// which go before tasks.
///
/// # Errors
/// When it is no folder that can be read; whatever is wrong below it is a finding.
pub fn lint(path: &Path, commands: &[&str]) -> Result<Report> {
    let folder = Folder::open(path)?;
    let mut findings = Findings::default();
    let repo = Repo::read(&folder, commands, &mut findings);
    for rule in RULES {
        match rule.look {
            Look::Reading => {}
            Look::Repo(look) => look(&repo, &mut findings),
            Look::Config(look) => {
                repo.configs.iter().for_each(|config| look(&repo, config, &mut findings));
            }
            Look::Team(look) => {
                repo.whole_teams().for_each(|team| look(&repo, team, &mut findings));
            }
        }
    }
    Ok(Report {
        findings: findings.finish(&folder),
        files: folder.files_read(),
        teams: repo.teams.len(),
    })
}
