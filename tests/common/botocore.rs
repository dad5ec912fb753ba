//! botocore, the reader behind the AWS CLI, as an independent judge of what robo writes.

use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

/// A Python that has botocore and the AWS CLI.
pub(crate) struct Botocore {
    python: PathBuf,
}

impl Botocore {
    /// The Python that `ROBO_TEST_PYTHON` names. Without that variable the caller's test is
    /// skipped, which it says; in CI (`CI=true`) it fails instead.
    pub(crate) fn find() -> Option<Self> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        match set("ROBO_TEST_PYTHON") {
            Some(python) => Some(Self { python: python.into() }),
            None if set("CI").is_some_and(|value| value == "true") => panic!(
                "CI has to compare with botocore: set ROBO_TEST_PYTHON to a Python that has it \
                 (.ci/run does)"
            ),
            None => {
                eprintln!(
                    "skipped: ROBO_TEST_PYTHON names no Python with botocore; `bash .ci/run` \
                     makes one in target/ci/python"
                );
                None
            }
        }
    }

    /// That Python.
    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    /// The AWS CLI that was installed with it: `aws`, beside it.
    #[track_caller]
    pub(crate) fn aws(&self) -> PathBuf {
        let aws = self.python.with_file_name("aws");
        assert!(
            aws.is_file(),
            "{} has no AWS CLI beside it: `bash .ci/run`",
            self.python.display()
        );
        aws
    }

    /// How botocore reads each file: `profiles`, `sso_sessions`, `services` and `sections` (all
    /// others), each a map of names to keys, a nested block being a map itself; or `error`. One
    /// Python reads all of them, so hand it many.
    #[track_caller]
    pub(crate) fn read<P: AsRef<Path>>(&self, paths: &[P]) -> Vec<Value> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/botocore/read.py");
        let mut child = Command::new(&self.python)
            .arg(script)
            // As on a person's machine, whatever the locale here: files are UTF-8.
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.python.display()));
        let mut names = Vec::new();
        for path in paths {
            names.extend_from_slice(path.as_ref().as_os_str().as_bytes());
            names.push(0);
        }
        let mut stdin = child.stdin.take().unwrap();
        let feeder = thread::spawn(move || stdin.write_all(&names));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap().unwrap();
        assert!(output.status.success(), "tests/botocore/read.py failed: {}", output.status);
        let read: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(read.len(), paths.len());
        read
    }
}
