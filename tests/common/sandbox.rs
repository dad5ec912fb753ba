//! The sandbox: a temporary home, and nothing of the developer's own around it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::run::Run;

/// A temporary home folder, and children that know of nothing else.
///
/// A child's environment holds `PATH`, `HOME`, `TMPDIR`, the two variables that keep git away from
/// the machine's own configuration, and (when coverage is measured) `LLVM_PROFILE_FILE`. It has no
/// controlling terminal unless it is started with [`Run::pty`]. The folder goes with the sandbox.
pub(crate) struct Sandbox {
    /// The real path: a temporary folder can stand behind a symbolic link, and robo resolves them.
    root: PathBuf,
    _folder: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("robo-").tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("home")).unwrap();
        fs::create_dir(root.join("tmp")).unwrap();
        Self { root, _folder: folder }
    }

    /// The folder that holds everything of this sandbox: `home`, `tmp` and the upstream repos.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The child's home folder, which is also where it starts.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// `path` below the home folder.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.home().join(path)
    }

    /// The binary under test, with `args`.
    pub(crate) fn robo<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        self.program(env!("CARGO_BIN_EXE_robo"), args)
    }

    /// Any other program, just as sealed as robo.
    pub(crate) fn program<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = S>,
    ) -> Run {
        Run::new(self, program.as_ref(), args)
    }

    /// The environment that every child gets.
    pub(crate) fn environment(&self) -> Vec<(OsString, OsString)> {
        let mut environment: Vec<(OsString, OsString)> = vec![
            ("HOME".into(), self.home().into()),
            ("TMPDIR".into(), self.root.join("tmp").into()),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
            ("GIT_CONFIG_GLOBAL".into(), "/dev/null".into()),
        ];
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            environment.extend(std::env::var_os(name).map(|value| (name.into(), value)));
        }
        environment
    }

    /// `~/.aws/config`.
    pub(crate) fn config_path(&self) -> PathBuf {
        self.path(".aws/config")
    }

    /// The text of `~/.aws/config`. Fails the test when it is not there or not UTF-8.
    #[track_caller]
    pub(crate) fn read_config(&self) -> String {
        String::from_utf8(self.read(".aws/config")).expect("~/.aws/config is not UTF-8")
    }

    /// Writes `~/.aws/config`, and its folder where that is missing.
    #[track_caller]
    pub(crate) fn write_config(&self, content: impl AsRef<[u8]>) {
        self.write(".aws/config", content);
    }

    /// The bytes of `path` below the home folder.
    #[track_caller]
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(path);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Writes `path` below the home folder, and the folders above it where they are missing.
    #[track_caller]
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// robo's state folder: bases, backups, locks.
    pub(crate) fn state(&self) -> PathBuf {
        self.path(if cfg!(target_os = "macos") {
            "Library/Application Support/robo"
        } else {
            ".local/state/robo"
        })
    }

    /// The backups of `~/.aws/config`, oldest first; empty when there never was one.
    pub(crate) fn backups(&self) -> Vec<PathBuf> {
        let name = Regex::new(r"^config-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?$").unwrap();
        let mut backups: Vec<PathBuf> = fs::read_dir(self.state().join("backups"))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| name.is_match(&path.file_name().unwrap().to_string_lossy()))
            .collect();
        backups.sort();
        backups
    }

    /// Every file below the home folder with its bytes, in order: equal before and after means
    /// that nothing was written at all.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.home()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_symlink() {
                    let target = fs::read_link(&path).unwrap();
                    files.push((path, target.into_os_string().into_encoded_bytes()));
                } else if path.is_dir() {
                    folders.push(path);
                } else {
                    let content = fs::read(&path).unwrap_or_default();
                    files.push((path, content));
                }
            }
        }
        files.sort();
        files
    }

    /// `text` with everything that differs from run to run named instead: `<home>`, `<sandbox>`,
    /// `<commit>` (40 or 7 hexadecimal digits), `<time>` and `<ago>`.
    pub(crate) fn redact(&self, text: &str) -> String {
        let text = text.replace(&*self.home().to_string_lossy(), "<home>");
        let text = text.replace(&*self.root.to_string_lossy(), "<sandbox>");
        let volatile = [
            (r"\b[0-9]{8}T[0-9]{6}Z(-[0-9]+)?\b", "<time>"),
            (
                r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?( ?(Z|UTC)\b)?",
                "<time>",
            ),
            (
                r"\b([0-9]+ (second|minute|hour|day|week|month|year)s? ago|yesterday|just now)\b",
                "<ago>",
            ),
            (r"\bdated [0-9]{4}-[0-9]{2}-[0-9]{2}\b", "<ago>"),
            (r"\b([0-9a-f]{40}|[0-9a-f]{7})\b", "<commit>"),
        ];
        volatile.iter().fold(text, |text, (pattern, name)| {
            Regex::new(pattern).unwrap().replace_all(&text, *name).into_owned()
        })
    }
}
