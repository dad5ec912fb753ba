//! A company's dotfiles repo, made by git itself.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::Sandbox;

/// When the first commit of every upstream was made; each later one is a minute younger. So the
/// same commits have the same ids in every run.
const FIRST_COMMIT: u64 = 1_780_000_000;

/// A git repo with a work tree and the branch `main`, beside the home folder, committed to by
/// `acme-platform`.
pub(crate) struct Upstream<'a> {
    sandbox: &'a Sandbox,
    path: PathBuf,
}

impl<'a> Upstream<'a> {
    /// An empty repo, `acme/dotfiles`.
    pub(crate) fn new(sandbox: &'a Sandbox) -> Self {
        Self::named(sandbox, "acme/dotfiles")
    }

    /// An empty repo, `name` below the sandbox's root.
    pub(crate) fn named(sandbox: &'a Sandbox, name: &str) -> Self {
        let path = sandbox.root().join(name);
        fs::create_dir_all(&path).unwrap();
        let upstream = Self { sandbox, path };
        upstream.git(["init", "--quiet", "--initial-branch=main"]);
        upstream
    }

    /// The sandbox that it is in.
    pub(super) fn sandbox(&self) -> &'a Sandbox {
        self.sandbox
    }

    /// The repo's work tree, which `--dotfiles` takes as well.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The `file://` URL.
    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.path.display())
    }

    /// Writes the files and commits everything in the work tree. Returns the commit's id.
    #[track_caller]
    pub(crate) fn commit<P: AsRef<Path>, C: AsRef<[u8]>>(
        &self,
        message: &str,
        files: impl IntoIterator<Item = (P, C)>,
    ) -> String {
        for (path, content) in files {
            let path = self.path.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        self.commit_all(message)
    }

    /// Removes the files (or folders) and commits. Returns the commit's id.
    #[track_caller]
    pub(crate) fn remove<P: AsRef<Path>>(
        &self,
        message: &str,
        paths: impl IntoIterator<Item = P>,
    ) -> String {
        for path in paths {
            let path = self.path.join(path);
            let removed =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
        self.commit_all(message)
    }

    /// Replaces `from`, which has to be there, in one file and commits. Returns the commit's id.
    #[track_caller]
    pub(crate) fn edit(&self, message: &str, path: &str, from: &str, to: &str) -> String {
        let text = fs::read_to_string(self.path.join(path)).unwrap();
        assert!(text.contains(from), "{path} does not hold {from:?}");
        self.commit(message, [(path, text.replace(from, to))])
    }

    /// Commits the sample repo: all of the package's `dotfiles/` folder. Returns the commit's id.
    #[track_caller]
    pub(crate) fn copy_sample(&self) -> String {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles"), &self.path);
        self.commit_all("the profiles of acme")
    }

    /// Runs git in the work tree, as acme-platform, and returns its output without the last line
    /// ending. Fails the test when git fails.
    #[track_caller]
    pub(crate) fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        let commits = fs::read_to_string(self.clock()).map_or(0, |text| text.lines().count());
        let date = format!("@{} +0000", FIRST_COMMIT + 60 * commits as u64);
        let output = self
            .sandbox
            .program("git", args)
            .folder(&self.path)
            .env("GIT_AUTHOR_NAME", "acme-platform")
            .env("GIT_AUTHOR_EMAIL", "platform@acme.com")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_NAME", "acme-platform")
            .env("GIT_COMMITTER_EMAIL", "platform@acme.com")
            .env("GIT_COMMITTER_DATE", &date)
            .run()
            .exits(0);
        output.stdout.trim_end_matches('\n').to_owned()
    }

    fn commit_all(&self, message: &str) -> String {
        self.git(["add", "--all", "--force"]);
        self.git(["commit", "--quiet", "--message", message]);
        self.git(["rev-parse", "HEAD"])
    }

    /// HEAD's log has a line for every commit, and so tells the time of the next one.
    fn clock(&self) -> PathBuf {
        self.path.join(".git/logs/HEAD")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
