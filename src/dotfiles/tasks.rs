//! The files of a commit that make the commands which a team shares.
//!
//! They are `robo.yml`, the team's own `tasks/<team>.yml`, whatever else is below `tasks/` (scripts
//! and what those read), and the scripts elsewhere that one of the first two names. What stands in
//! a task file is not known here: the caller says which scripts it names.

use std::collections::BTreeSet;

use super::snapshot::{EntryKind, RepoFile, Snapshot};
use super::teams::TeamName;
use crate::error::{Error, Result};
use crate::sys::text::plain;

/// The tasks of everybody.
pub const EVERYBODYS: &str = "robo.yml";

/// Where the teams' own tasks are, and the scripts.
pub const FOLDER: &str = "tasks";

/// The path of a team's own task file.
pub fn file_of_team(team: &str) -> String {
    format!("{FOLDER}/{team}.yml")
}

/// The largest task file.
pub const LARGEST: usize = 1 << 20;

/// How many files there may be, and how many folders to look for them in.
pub const MOST_FILES: usize = 500;

/// How many bytes all of them may have.
pub const MOST_BYTES: usize = 16 << 20;

/// The files that make the shared commands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TaskFiles {
    /// The task files first (`robo.yml`, then the team's), then the others by their paths.
    pub files: Vec<RepoFile>,
    /// Scripts that a task file names and the repo has not, as sentences.
    pub warnings: Vec<String>,
}

/// Reads the files that make the shared commands of `team`; none when there is no task file.
///
/// `scripts` gives the paths of the scripts that a task file names; each is relative to the file's
/// own folder (an absolute one is the machine's own, and left out).
///
/// # Errors
/// What `scripts` fails with; and when one of the files is a symbolic link or a submodule, leaves
/// the repo, or is too large, or there are too many.
pub fn task_files(
    snapshot: &Snapshot,
    team: &TeamName,
    scripts: &mut dyn FnMut(&RepoFile) -> Result<Vec<String>>,
) -> Result<TaskFiles> {
    let own = file_of_team(team.as_str());
    let mut reader = Reader { snapshot, found: TaskFiles::default(), left: MOST_BYTES };
    let mut others = BTreeSet::new();
    for path in [EVERYBODYS, &own] {
        let Some(file) = reader.task_file(path)? else { continue };
        for script in scripts(&file)? {
            let script = beside(path, &script).map_err(|why| {
                snapshot.cannot(&script, &format!("{path} names it as a script, and {why}"))
            })?;
            if snapshot.find(&script)?.is_some() {
                others.insert(script);
            } else {
                reader.found.warnings.push(format!(
                    "{path}: the script {} is not in {} at {}",
                    plain(&script),
                    snapshot.name(),
                    snapshot.short()
                ));
            }
        }
        reader.found.files.push(file);
    }
    if reader.found.files.is_empty() {
        return Ok(reader.found);
    }
    others.extend(below_tasks(snapshot)?);
    for path in others {
        if path != EVERYBODYS && path != own {
            let file = reader.file(&path)?;
            reader.found.files.push(file);
        }
    }
    Ok(reader.found)
}

struct Reader<'a> {
    snapshot: &'a Snapshot,
    found: TaskFiles,
    /// How many more bytes may come.
    left: usize,
}

impl Reader<'_> {
    fn task_file(&mut self, path: &str) -> Result<Option<RepoFile>> {
        match self.snapshot.header(path)? {
            None => Ok(None),
            Some(header) if header.size > LARGEST => {
                let why =
                    format!("it has {} bytes, and {LARGEST} (1 MiB) is the most", header.size);
                Err(self.snapshot.cannot(path, &why))
            }
            Some(_) => self.file(path).map(Some),
        }
    }

    fn file(&mut self, path: &str) -> Result<RepoFile> {
        if self.found.files.len() >= MOST_FILES {
            return Err(too_many(self.snapshot));
        }
        let header = self.snapshot.header(path)?;
        let Some(header) = header else { return Err(self.snapshot.cannot(path, "it is gone")) };
        self.left = self.left.checked_sub(header.size).ok_or_else(|| {
            Error::failed(format!(
                "the shared commands of {} at {} have more than {MOST_BYTES} bytes (16 MiB) in all",
                self.snapshot.name(),
                self.snapshot.short()
            ))
        })?;
        self.snapshot.load(path, header)
    }
}

/// The paths of all files below `tasks/` but for the teams' task files.
fn below_tasks(snapshot: &Snapshot) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![FOLDER.to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        seen += 1;
        for entry in snapshot.list(&folder)? {
            if entry.name.contains(char::REPLACEMENT_CHARACTER) {
                let name = format!("{folder}/{}", entry.name);
                return Err(snapshot.cannot(&name, "its name is not UTF-8"));
            }
            let path = format!("{folder}/{}", entry.name);
            match entry.kind {
                EntryKind::Folder => folders.push(path),
                _ if folder == FOLDER && is_task_file(&entry.name) => {}
                EntryKind::File | EntryKind::Link | EntryKind::Submodule => files.push(path),
            }
            if files.len() > MOST_FILES || seen + folders.len() > MOST_FILES {
                return Err(too_many(snapshot));
            }
        }
    }
    Ok(files)
}

/// Whether the file `name` in [`FOLDER`] is a team's, and nothing that a script reads.
pub fn is_task_file(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".yml") || name.ends_with(".yaml")
}

fn too_many(snapshot: &Snapshot) -> Error {
    Error::failed(format!(
        "the shared commands of {} at {} have more than {MOST_FILES} files",
        snapshot.name(),
        snapshot.short()
    ))
}

/// Whether all that is below `folder`, seen from the folder of `file`, is taken over, whatever a
/// task file names.
pub fn comes_whole(file: &str, folder: &str) -> bool {
    let is_below = |path: String| path.split('/').next() == Some(FOLDER);
    beside(file, folder).is_ok_and(is_below)
}

/// The path in the repo that `script` is, seen from the folder of `file`. A path that begins with
/// '/' is the machine's own, and not to be asked for here.
///
/// # Errors
/// When it leaves the repo.
pub fn beside(file: &str, script: &str) -> Result<String, &'static str> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in script.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("the path leaves the repo by '..'")?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_found_from_the_folder_of_its_file_and_never_outside() {
        let cases = [
            ("robo.yml", "deploy.sh", Some("deploy.sh")),
            ("robo.yml", "./scripts//deploy.sh", Some("scripts/deploy.sh")),
            ("robo.yml", "a/../b", Some("b")),
            ("tasks/data.yml", "run.sh", Some("tasks/run.sh")),
            ("tasks/data.yml", "../bin/run", Some("bin/run")),
            ("tasks/data.yml", "../../bin/run", None),
            ("robo.yml", "../x", None),
            ("robo.yml", "a/../../x", None),
        ];
        for (file, script, want) in cases {
            assert_eq!(beside(file, script).ok().as_deref(), want, "{file}: {script}");
        }
    }

    #[test]
    fn what_is_below_tasks_comes_whole() {
        let cases = [
            ("robo.yml", "tasks", true),
            ("robo.yml", "./tasks/lib", true),
            ("robo.yml", "", false),
            ("robo.yml", "bin", false),
            ("robo.yml", "tasks-of-old", false),
            ("robo.yml", "tasks/../bin", false),
            ("robo.yml", "..", false),
            ("tasks/data.yml", "", true),
            ("tasks/data.yml", "lib", true),
            ("tasks/data.yml", "../bin", false),
            ("tasks/data.yml", "../../tasks", false),
        ];
        for (file, folder, want) in cases {
            assert_eq!(comes_whole(file, folder), want, "{file}: {folder}");
        }
    }
}
