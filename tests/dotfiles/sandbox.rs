//! A temporary home, upstream repos in it, and nothing of the person's own environment.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use robo::dotfiles::{BareClone, Mode, Person, Source, Update};
use robo::error::{Error, Result};
use robo::sys::env::Env;
use robo::sys::folders::Folders;
use tempfile::TempDir;

pub(crate) struct Sandbox {
    folder: TempDir,
    vars: Vec<(String, String)>,
    commits: Cell<u32>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let path = Env::capture().text("PATH").unwrap();
        let vars = [
            ("HOME", at("home")),
            ("ROBO_HOME", at("robo")),
            ("PATH", path),
            ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
        ];
        let vars = vars.map(|(name, value)| (name.to_owned(), value)).into();
        Self { folder, vars, commits: Cell::new(0) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.vars.retain(|(set, _)| set != name);
        self.vars.push((name.to_owned(), value.to_owned()));
    }

    /// Puts a shell script before every other program of that name.
    pub(crate) fn program(&mut self, name: &str, script: &str) {
        let bin = self.path("bin");
        fs::create_dir_all(&bin).unwrap();
        let path = self.env().text("PATH").unwrap();
        let script = format!("#!/bin/sh\nreal() {{ PATH='{path}' exec {name} \"$@\"; }}\n{script}");
        fs::write(bin.join(name), script).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        self.set("PATH", &format!("{}:{path}", bin.display()));
    }

    pub(crate) fn env(&self) -> Env {
        Env::from_vars(self.vars.iter().cloned())
    }

    /// Runs git in `repo`, below the sandbox, and gives what it printed.
    pub(crate) fn git(&self, repo: &str, args: &[&str]) -> String {
        let date = format!("{} +0000", 1_700_000_000 + self.commits.get());
        let output = Command::new("git")
            .env_clear()
            .envs(self.vars.iter().map(|(name, value)| (name, value)))
            .env("GIT_AUTHOR_NAME", "Jo")
            .env("GIT_AUTHOR_EMAIL", "jo@acme.test")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_NAME", "Jo")
            .env("GIT_COMMITTER_EMAIL", "jo@acme.test")
            .env("GIT_COMMITTER_DATE", &date)
            .arg("-C")
            .arg(self.path(repo))
            .args(args)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Commits `files` to the repo `repo`, which is made where it is missing; gives the id.
    pub(crate) fn commit(&self, repo: &str, files: &[(&str, &str)]) -> String {
        let folder = self.path(repo);
        if !folder.exists() {
            fs::create_dir_all(&folder).unwrap();
            self.git(repo, &["init", "--quiet", "--initial-branch=main"]);
        }
        for (name, content) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        self.commits.set(self.commits.get() + 1);
        self.git(repo, &["add", "--all"]);
        self.git(repo, &["commit", "--quiet", "--allow-empty", "--message=Change the teams"]);
        self.git(repo, &["rev-parse", "HEAD"])
    }

    pub(crate) fn source(&self, text: &str) -> Source {
        Source::parse(text, &self.env()).unwrap()
    }

    pub(crate) fn clone_folder(&self) -> PathBuf {
        self.path("robo/dotfiles.git")
    }

    pub(crate) fn lock_path(&self) -> PathBuf {
        self.path("robo/locks/dotfiles.lock")
    }

    /// Updates from `text` with nobody there to answer.
    pub(crate) fn update(&self, text: &str) -> Result<Update> {
        self.update_as(text, Mode::Online, Person::Absent)
    }

    pub(crate) fn update_as(&self, text: &str, mode: Mode, person: Person) -> Result<Update> {
        let env = self.env();
        let clone = BareClone::new(&Folders::find(&env)?, &env, person);
        clone.update(&self.source(text), mode, || {})
    }

    /// As [`Sandbox::update`], of a repo that can be fetched.
    pub(crate) fn fetched(&self, text: &str) -> Update {
        let update = self.update(text).unwrap_or_else(|error| panic!("{}", all_of(&error)));
        assert!(update.fallback.is_none(), "{}", all_of(update.fallback.as_ref().unwrap()));
        update
    }
}

/// Everything that an error says.
pub(crate) fn all_of(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    format!("{} | {cause} | {}", error.message(), error.hints().join(" | "))
}

/// Every file below `folder`.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
