//! Rules about the commands that the repo shares.

use std::collections::BTreeSet;

use crate::dotfiles::tasks::{
    EVERYBODYS, FOLDER, MOST_BYTES, MOST_FILES, beside, comes_whole, is_task_file,
};
use crate::lint::finding::Findings;
use crate::lint::folder::Found;
use crate::lint::repo::{Repo, Team};
use crate::tasks::{KnownVariables, MadeScript, MissingVariable};

/// What is below `tasks/`, but for task files.
#[derive(Debug, Default)]
pub(super) struct SharedFiles {
    /// Symbolic links.
    pub(super) links: Vec<String>,
    files: usize,
    bytes: u64,
}

impl Repo<'_> {
    /// What is below `tasks/`: all of it goes to whoever takes the commands over.
    pub(super) fn shared_files(&self) -> SharedFiles {
        let mut shared = SharedFiles::default();
        if self.tasks.is_empty() {
            return shared;
        }
        let mut folders = vec![FOLDER.to_owned()];
        while let Some(folder) = folders.pop() {
            for name in self.folder.list(&folder).unwrap_or_default() {
                let path = format!("{folder}/{name}");
                match self.folder.find(&path) {
                    Found::Folder => folders.push(path),
                    // The reader has met a task file that is a link.
                    _ if folder == FOLDER && is_task_file(&name) => {}
                    Found::Link(_) => shared.links.push(path),
                    _ => {
                        shared.files += 1;
                        shared.bytes += self.folder.size(&path);
                    }
                }
                if shared.files + folders.len() > MOST_FILES {
                    return shared;
                }
            }
        }
        shared
    }
}

/// The team whose own tasks are in the file at `path`.
fn team_of(path: &str) -> Option<&str> {
    path.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".yml")
}

/// Scripts that are not there: the task fails, and the rest is not taken over where it leaves the
/// repo.
pub(super) fn scripts(repo: &Repo<'_>, findings: &mut Findings) {
    for (path, file) in &repo.tasks {
        // One with an absolute path is a machine's own.
        for (script, line) in file.script_lines().filter(|(script, _)| !script.starts_with('/')) {
            let place = (path.as_str(), Some(line));
            match beside(path, script).map(|script| (repo.folder.find(&script), script)) {
                Err(why) => {
                    let message = format!("the script {script}: {why}");
                    let hint = "robo takes over none of the commands with it";
                    findings.add("missing-script", place, message, Some(hint.to_owned()));
                }
                Ok((Found::File, _)) => {}
                Ok((Found::Link(link), _)) => {
                    let message = format!("the script {script} is, or is behind, a symbolic link");
                    let hint = format!("put the file itself at {link}");
                    findings.add("symbolic-link", place, message, Some(hint));
                }
                Ok((_, at)) => {
                    let message = format!("the script {script} is not in the repo");
                    let hint = format!("the path goes from the folder of the task file: {at}");
                    findings.add("missing-script", place, message, Some(hint));
                }
            }
        }
    }
}

/// Scripts that are not taken over, since it is known only when they run what their paths are.
pub(super) fn template_scripts(repo: &Repo<'_>, findings: &mut Findings) {
    for (path, file) in &repo.tasks {
        for MadeScript { text, folder, line } in file.made_scripts() {
            if !comes_whole(path, folder) {
                let message =
                    format!("the script {text} is not found, as a template makes its path");
                let hint = format!("put it below {FOLDER}/, all of which is taken over");
                findings.add("template-script", (path, Some(line)), message, Some(hint));
            }
        }
    }
}

/// Tasks and steps that fail when they are run.
pub(super) fn empty(repo: &Repo<'_>, findings: &mut Findings) {
    for (path, file) in &repo.tasks {
        for (what, line) in file.empty_lines() {
            let message = format!("{what} has nothing to run, and fails");
            let hint = "give it a command, an exec or a script".to_owned();
            findings.add("empty-task", (path, Some(line)), message, Some(hint));
        }
    }
}

/// Tasks that nobody can run.
pub(super) fn hidden(repo: &Repo<'_>, findings: &mut Findings) {
    for (path, file) in &repo.tasks {
        for (name, line) in file.name_lines().filter(|(name, _)| repo.commands.contains(name)) {
            let message = format!("task '{name}' is never run: robo has a command of that name");
            let hint = "give the task another name".to_owned();
            findings.add("hidden-task", (path, Some(line)), message, Some(hint));
        }
    }
}

/// Variables that a text uses and that neither its file has nor the one beneath it.
pub(super) fn variables(repo: &Repo<'_>, findings: &mut Findings) {
    let everybodys = repo.tasks.get(EVERYBODYS);
    // What is in it cannot be told when it does not parse.
    if everybodys.is_none() && repo.folder.find(EVERYBODYS) != Found::Nothing {
        return;
    }
    for (path, file) in &repo.tasks {
        let base = everybodys.filter(|_| path != EVERYBODYS);
        for missing in KnownVariables::of(file, base).missing() {
            let MissingVariable { name, key, keys, replaced, line } = missing;
            let message = format!("variable '{name}' is not there");
            let first = name.split('.').next().unwrap_or_default();
            let hint = if replaced {
                format!(
                    "{EVERYBODYS} has it, but the '{first}' of this file takes its place, whole"
                )
            } else {
                findings.guess(key, keys).unwrap_or_else(|| {
                    "write it under 'variables', or ask with 'if' where it may be missing"
                        .to_owned()
                })
            };
            findings.add("unknown-variable", (path, Some(line)), message, Some(hint));
        }
    }
}

/// Profiles that no team has, or not the one whose tasks they are.
pub(super) fn profiles(repo: &Repo<'_>, findings: &mut Findings) {
    // What a team has cannot be told while a layer of it is broken.
    if repo.teams.is_empty() || repo.teams.iter().any(|team| !team.is_whole()) {
        return;
    }
    for (path, file) in &repo.tasks {
        let own = team_of(path);
        let teams: Vec<&Team> = match own {
            Some(name) => repo.team(name).into_iter().collect(),
            None => repo.teams.iter().collect(),
        };
        if teams.is_empty() {
            continue;
        }
        let mut unknown: BTreeSet<&str> =
            file.profile_lines().map(|(profile, _)| profile).collect();
        unknown.remove("default");
        for team in &teams {
            if unknown.is_empty() {
                break;
            }
            repo.take_profiles(&team.name, &mut unknown);
        }
        // The names of one team are enough to tell what may have been meant.
        let mut names = None;
        for (profile, line) in file.profile_lines().filter(|(name, _)| unknown.contains(name)) {
            let message = match own {
                Some(team) => format!("team '{team}' has no profile '{profile}'"),
                None => format!("no team has a profile '{profile}'"),
            };
            let names: &mut Vec<String> =
                names.get_or_insert_with(|| repo.profile_names(&teams[0].name));
            let hint = findings.guess(profile, names).unwrap_or_else(|| {
                "'--allow unknown-profile' if people have one of that name themselves".to_owned()
            });
            findings.add("unknown-profile", (path, Some(line)), message, Some(hint));
        }
    }
}

/// Task files that nobody gets.
pub(super) fn orphans(repo: &Repo<'_>, findings: &mut Findings) {
    if repo.teams.is_empty() || repo.may_have_more_teams {
        return;
    }
    for path in repo.tasks.keys() {
        let Some(team) = team_of(path).filter(|team| repo.team(team).is_none()) else { continue };
        let names: Vec<&str> = repo.teams.iter().map(|team| team.name.as_str()).collect();
        let hint = findings.guess(team, &names).unwrap_or_else(|| {
            format!("{FOLDER}/<team>.yml is that team's; everybody's tasks are in {EVERYBODYS}")
        });
        let message = format!("nobody gets these tasks: there is no team '{team}'");
        findings.add("orphan-tasks", (path, None), message, Some(hint));
    }
}

/// The limits of what is taken over.
pub(super) fn size(repo: &Repo<'_>, findings: &mut Findings) {
    let shared = repo.shared_files();
    let hint = || Some("keep in tasks/ what the tasks need, and nothing else".to_owned());
    if shared.files > MOST_FILES {
        let message = format!("there are more than {MOST_FILES} files below {FOLDER}/");
        findings.add("too-many-files", (FOLDER, None), message, hint());
    } else if shared.bytes > MOST_BYTES as u64 {
        let message = format!("the files below {FOLDER}/ have more than {MOST_BYTES} bytes");
        findings.add("too-many-files", (FOLDER, None), format!("{message} (16 MiB)"), hint());
    }
}
