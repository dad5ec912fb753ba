//! Teams, and the files of one.

use std::fmt;

use super::files::RepoFiles;
use super::manifest::Manifest;
use super::snapshot::{EntryKind, RepoFile};
use crate::error::{Error, Result};
use crate::sys::text::{did_you_mean, plain};

/// The name of a team: `[A-Za-z0-9][A-Za-z0-9._-]*` without `..`, so that it is safe in a path.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TeamName(String);

impl TeamName {
    /// Reads a team's name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is not legal; the error says the rule.
    pub fn parse(text: &str) -> Result<Self> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && text.chars().all(legal) && !text.contains("..") {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::usage(format!(
            "'{}' is no team name: letters, digits, '.', '_' and '-', a letter or digit first, \
             no '..'",
            plain(text)
        )))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TeamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The teams of a repo.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Teams {
    /// Their names, sorted.
    pub names: Vec<TeamName>,
    /// What looked like a team's file and was left out, and why.
    pub warnings: Vec<String>,
}

impl Teams {
    /// Adds teams that have no file of their own, or may have none.
    pub fn add(&mut self, names: impl IntoIterator<Item = TeamName>) {
        self.names.extend(names);
        self.names.sort();
        self.names.dedup();
    }
}

/// The files that make a team's config.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TeamFiles {
    /// What every team gets, where the repo has it.
    pub shared: Option<RepoFile>,
    /// What this team adds, where it has a file.
    pub team: Option<RepoFile>,
}

/// The manifest's pattern, taken apart around the `{team}` in one of its parts.
#[derive(Clone, Copy, Debug)]
pub struct Pattern<'a> {
    /// The folder that the part with `{team}` is in; empty for the top.
    pub folder: &'a str,
    before: &'a str,
    after: &'a str,
    /// What comes below that part; empty when the part is the file itself.
    pub below: &'a str,
}

impl<'a> Pattern<'a> {
    /// The pattern of a manifest.
    pub fn of(manifest: &'a Manifest) -> Self {
        let pattern = manifest.aws.teams.as_str();
        let (head, tail) = pattern.split_once("{team}").unwrap_or((pattern, ""));
        let (folder, before) = head.rsplit_once('/').unwrap_or(("", head));
        let (after, below) = tail.split_once('/').unwrap_or((tail, ""));
        Self { folder, before, after, below }
    }

    /// What stands for the team in the name of something in the folder, if it fits.
    pub fn team<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.before)?.strip_suffix(self.after)
    }
}

/// Finds every team that has a file, by the manifest's pattern.
///
/// # Errors
/// When the folder of the teams is no folder, or cannot be read.
pub fn teams(files: &dyn RepoFiles, manifest: &Manifest) -> Result<Teams> {
    let pattern = Pattern::of(manifest);
    let mut found = Teams::default();
    for entry in files.list(pattern.folder)? {
        let Some(name) = pattern.team(&entry.name) else { continue };
        let is_team = match entry.kind {
            EntryKind::File => pattern.below.is_empty(),
            EntryKind::Folder => {
                !pattern.below.is_empty() && {
                    let path = manifest.aws.teams.replace("{team}", name);
                    matches!(files.kind(&path), Ok(Some(EntryKind::File)))
                }
            }
            EntryKind::Link | EntryKind::Submodule => false,
        };
        if !is_team {
            continue;
        }
        match TeamName::parse(name) {
            Ok(name) => found.names.push(name),
            Err(error) => found.warnings.push(format!(
                "{} is left out: {error}",
                plain(&manifest.aws.teams.replace("{team}", name))
            )),
        }
    }
    found.names.sort();
    Ok(found)
}

/// Reads the files of `team`; it may have none.
///
/// # Errors
/// When one of the files is there but cannot be read: see [`RepoFiles::file`].
pub fn team_files(
    files: &dyn RepoFiles,
    manifest: &Manifest,
    team: &TeamName,
) -> Result<TeamFiles> {
    let path = manifest.aws.teams.replace("{team}", team.as_str());
    Ok(TeamFiles { shared: files.file(&manifest.aws.shared)?, team: files.file(&path)? })
}

/// That `team` is none of `teams`, which are all there are: the nearest names, and the list.
pub fn no_such_team(
    files: &dyn RepoFiles,
    manifest: &Manifest,
    team: &TeamName,
    teams: &Teams,
) -> Error {
    let names: Vec<&str> = teams.names.iter().map(TeamName::as_str).collect();
    if names.is_empty() {
        return no_team(files, manifest);
    }
    Error::failed(format!("team '{team}' is not in {}", files.place()))
        .maybe_hint(did_you_mean(team.as_str(), names.iter().copied()))
        .hint(format!("its teams: {}", names.join(", ")))
}

/// That the repo has no team at all.
pub fn no_team(files: &dyn RepoFiles, manifest: &Manifest) -> Error {
    Error::failed(format!(
        "{} has no team: no file is at {}, and no [teams] in {}",
        files.place(),
        plain(&manifest.aws.teams),
        plain(&manifest.aws.catalog)
    ))
    .hint(
        "'[aws] teams' in robo.toml says where they are, '#REF:FOLDER' after the URL in which \
         folder",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_team_name_is_safe_in_a_path() {
        for good in ["a", "foundation", "Data-Eng_2.0", "9"] {
            assert_eq!(TeamName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "-a", "_a", ".a", "a/b", "a\\b", "a..b", "a b", "ä", "a\u{1b}"]
        {
            let error = TeamName::parse(bad).expect_err(bad);
            assert_eq!(error.kind(), Kind::Usage, "{bad}");
            assert!(error.message().contains("letters, digits"), "{error}");
            assert!(!error.message().contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn a_pattern_is_taken_apart_around_the_team() {
        let cases = [
            ("aws/teams/{team}.config", ("aws/teams", "", ".config", "")),
            ("aws/{team}/config", ("aws", "", "", "config")),
            ("{team}", ("", "", "", "")),
            ("a/t-{team}-x/b/c", ("a", "t-", "-x", "b/c")),
        ];
        for (teams, want) in cases {
            let mut manifest = Manifest::default();
            manifest.aws.teams = teams.to_owned();
            let pattern = Pattern::of(&manifest);
            assert_eq!(
                (pattern.folder, pattern.before, pattern.after, pattern.below),
                want,
                "{teams}"
            );
        }
    }
}
