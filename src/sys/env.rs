//! The environment, read once.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use crate::sys::read::is_program;

/// A snapshot of the process's environment variables, working folder and home folder.
///
/// Nothing below `main` reads the environment by itself; tests build their own with
/// [`Env::from_vars`].
#[derive(Clone, Debug, Default)]
pub struct Env {
    vars: BTreeMap<OsString, OsString>,
    home: Option<PathBuf>,
    working_folder: PathBuf,
}

impl Env {
    /// Takes the snapshot. The home folder is `$HOME`, or what the operating system's user
    /// database says when that is unset.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn capture() -> Self {
        Self {
            vars: std::env::vars_os().collect(),
            home: dirs::home_dir().filter(|home| home.is_absolute()),
            working_folder: working_folder(std::env::var_os("PWD")),
        }
    }

    /// An environment made of `vars` alone; `HOME` among them is the home folder.
    pub fn from_vars<K, V>(vars: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let vars: BTreeMap<OsString, OsString> =
            vars.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        let home = vars.get(OsStr::new("HOME")).map(PathBuf::from);
        Self { vars, home, working_folder: PathBuf::from("/") }
    }

    /// The value of `name`; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The value of `name` as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// Whether `name` is set to something that means yes (anything but empty, `0`, `false`, `no`).
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| {
            !matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off")
        })
    }

    /// The value of `name` as an absolute path; a relative one is ignored, as the XDG base
    /// directory specification asks.
    pub fn absolute_path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// The file in `PATH` that a program's name stands for; none for a path.
    pub fn which(&self, program: &OsStr) -> Option<PathBuf> {
        if program.as_encoded_bytes().contains(&b'/') {
            return None;
        }
        let folders = self.get("PATH")?;
        let files = std::env::split_paths(folders).map(|folder| folder.join(program));
        files.into_iter().find(|file| is_program(file).unwrap_or(false) && file.is_file())
    }

    /// Every variable as it was set, for a child process to inherit.
    pub fn vars(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.vars.iter().map(|(key, value)| (key.as_os_str(), value.as_os_str()))
    }

    /// The folder that the process is in: by the name that the shell has for it.
    pub fn working_folder(&self) -> &Path {
        &self.working_folder
    }

    /// The home folder, if there is one.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// `path` made absolute: a leading `~/` is the home folder, anything relative is below the
    /// working folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) if rest.as_os_str().is_empty() => home.clone(),
            (Ok(rest), Some(home)) => home.join(rest),
            _ => self.working_folder.join(path),
        }
    }

    /// `path` as a person would write it, with `~` for the home folder.
    pub fn display(&self, path: &Path) -> String {
        match self.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
            Some(rest) => format!("~/{}", rest.display()),
            None => path.display().to_string(),
        }
    }
}

/// `$PWD`, with the links that led here, if it is this folder (POSIX has it so for `pwd -L`);
/// else what the operating system says.
fn working_folder(pwd: Option<OsString>) -> PathBuf {
    let real = std::env::current_dir().unwrap_or_default();
    let named = pwd.map(PathBuf::from).filter(|folder| {
        let dots = folder.components().any(|part| matches!(part, Component::ParentDir));
        folder.is_absolute() && !dots && folder.canonicalize().is_ok_and(|named| named == real)
    });
    named.unwrap_or(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_unset() {
        let env = Env::from_vars([("A", ""), ("B", "x")]);
        assert_eq!(env.get("A"), None);
        assert_eq!(env.text("B").as_deref(), Some("x"));
    }

    #[test]
    fn a_path_is_resolved_and_shown_against_home() {
        let env = Env::from_vars([("HOME", "/home/jo")]);
        assert_eq!(env.resolve(Path::new("~/.aws/config")), Path::new("/home/jo/.aws/config"));
        assert_eq!(env.resolve(Path::new("x")), Path::new("/x"));
        assert_eq!(env.display(Path::new("/home/jo/.aws/config")), "~/.aws/config");
        assert_eq!(env.display(Path::new("/home/joan")), "/home/joan");
    }
}
