//! One run of one program in the sandbox.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use super::{PATIENCE, Pty, Sandbox};

/// Held while a child is started. A terminal's child is made by a plain `fork`, and until it has
/// become its program other children must not be born with the pipes that are open meanwhile.
static STARTING: Mutex<()> = Mutex::new(());

pub(super) fn starting() -> MutexGuard<'static, ()> {
    STARTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What to run, and how. Ends in [`Run::run`], [`Run::spawn`] or [`Run::pty`].
#[must_use = "nothing happens until .run(), .spawn() or .pty()"]
pub(crate) struct Run {
    program: OsString,
    args: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    folder: PathBuf,
    stdin: Option<Vec<u8>>,
}

impl Run {
    pub(super) fn new<S: AsRef<OsStr>>(
        sandbox: &Sandbox,
        program: &OsStr,
        args: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            program: program.to_owned(),
            args: args.into_iter().map(|arg| arg.as_ref().to_owned()).collect(),
            environment: sandbox.environment().into_iter().collect(),
            folder: sandbox.home(),
            stdin: None,
        }
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(self, args: impl IntoIterator<Item = S>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets an environment variable, one of the sandbox's own included.
    pub(crate) fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.insert(key.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Takes an environment variable away, for instance `HOME`.
    pub(crate) fn without_env(mut self, key: impl AsRef<OsStr>) -> Self {
        self.environment.remove(key.as_ref());
        self
    }

    /// Starts in `folder` instead of the home folder.
    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = folder.as_ref().to_owned();
        self
    }

    /// Pipes `content` into standard input, which is `/dev/null` otherwise.
    pub(crate) fn stdin(mut self, content: impl AsRef<[u8]>) -> Self {
        self.stdin = Some(content.as_ref().to_owned());
        self
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(self) -> Output {
        let title = self.title();
        let stdin = self.stdin.clone();
        let mut child = self.spawn();
        let process = child.id();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let pipe = child.stdin.take();
            let feeder = thread::spawn(move || {
                if let (Some(mut pipe), Some(content)) = (pipe, stdin) {
                    // A child may well end without reading all of it.
                    let _ = pipe.write_all(&content);
                }
            });
            let output = child.wait_with_output();
            let _ = feeder.join();
            let _ = sender.send(output);
        });
        match receiver.recv_timeout(PATIENCE) {
            Ok(output) => Output::new(&output.unwrap()),
            Err(_) => {
                // Its session is its own, so this ends whatever it started as well.
                let group = format!("-{process}");
                let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
                panic!("still running after {} s: {title}", PATIENCE.as_secs());
            }
        }
    }

    /// Starts it and returns at once, with all three streams piped (standard input only where
    /// [`Run::stdin`] was called): for tests that signal it or run two at the same time. The
    /// process is robo itself, not something around it.
    #[track_caller]
    pub(crate) fn spawn(self) -> Child {
        let mut command = self.detached();
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let _starting = starting();
        command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.title()))
    }

    /// Starts it on a terminal of its own, as a person would.
    #[track_caller]
    pub(crate) fn pty(self) -> Pty {
        let title = self.title();
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        command.env_clear().env("TERM", "xterm-256color").envs(&self.environment);
        command.current_dir(&self.folder);
        Pty::start(command, title)
    }

    /// The command, in a session without a controlling terminal: otherwise `/dev/tty` would be
    /// the developer's, and a question that nobody should be there to answer would wait for them.
    /// `setsid` does not fork here, because a new child never leads a process group; so the
    /// child's id and status are the program's own.
    fn detached(&self) -> Command {
        let mut command = if cfg!(target_os = "macos") {
            let mut perl = Command::new("perl");
            perl.args(["-e", "use POSIX (); POSIX::setsid(); exec {$ARGV[0]} @ARGV; exit 127"]);
            perl
        } else {
            Command::new("setsid")
        };
        command.arg(&self.program).args(&self.args);
        command.env_clear().envs(&self.environment).current_dir(&self.folder);
        command
    }

    fn title(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.args);
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}

/// What a run left behind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Output {
    /// The exit code; 128+n where signal n ended it.
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    pub(crate) fn new(output: &std::process::Output) -> Self {
        Self {
            status: code(output.status),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test, showing everything, unless the exit code is `status`.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "\n{self}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

/// All three, to be shown or kept as a snapshot (through [`Sandbox::redact`]).
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit {}", self.status)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "--- {name}\n{}", text.trim_end_matches('\n'))?;
            }
        }
        Ok(())
    }
}

/// The exit code of a finished child; 128+n where signal n ended it.
pub(crate) fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}
