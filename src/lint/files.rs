//! Rules about the files as such.

use crate::dotfiles::manifest::FILE;
use crate::lint::finding::Findings;
use crate::lint::folder::Found;
use crate::lint::repo::Repo;

/// Links below `tasks/`, which would stop the shared commands from being taken over. Those at the
/// files that are read are found when that is done.
pub(super) fn links(repo: &Repo<'_>, findings: &mut Findings) {
    for path in repo.shared_files().links {
        let message = "it is a symbolic link, and robo reads none from a repo";
        let hint = Some("put the file itself there".to_owned());
        findings.add("symbolic-link", (&path, None), message, hint);
    }
}

/// Files that the manifest names.
pub(super) fn missing(repo: &Repo<'_>, findings: &mut Findings) {
    let manifest = &repo.manifest;
    let named = [
        ("aws.shared", Some(&manifest.aws.shared)),
        ("aws.catalog", Some(&manifest.aws.catalog)),
        ("trust.signers", manifest.trust.signers.as_ref()),
        ("trust.revoked", manifest.trust.revoked.as_ref()),
    ];
    for (key, path) in named {
        let (Some(line), Some(path)) = (manifest.line(key), path) else { continue };
        if repo.folder.find(path) == Found::Nothing {
            let message = format!("'{key}' names {path}, which is not there");
            findings.add("missing-file", (FILE, Some(line)), message, None);
        }
    }
}

/// A repo from which nobody can get anything.
pub(super) fn no_team(repo: &Repo<'_>, findings: &mut Findings) {
    let told = ["robo-toml", "symbolic-link", "team-name", "catalog", "unreadable-file"];
    if repo.teams.is_empty() && !told.iter().any(|code| findings.knows(code)) {
        let aws = &repo.manifest.aws;
        let message =
            format!("no team: no file is at {}, and no [teams] in {}", aws.teams, aws.catalog);
        let hint = "'[aws] teams' in robo.toml says where they are; this has to be the folder of \
                    the dotfiles repo";
        let line = repo.manifest.line("aws.teams");
        findings.add("no-team", (FILE, line), message, Some(hint.to_owned()));
    }
}
