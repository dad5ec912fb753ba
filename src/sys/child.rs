//! Another program, in place of this one or beside it: the command of `aws.exec`, the steps of a
//! task.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::error::{Error, Kind};
use crate::sys::interrupt::Interrupt;
use crate::sys::signals::HandingOn;

/// A command with its arguments and the whole of its environment.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name, looked for in the `PATH` of `env`, or its path.
    pub command: OsString,
    /// The file that it is, where it was looked for already; its name stays what it is called by.
    pub file: Option<PathBuf>,
    /// What comes after the name.
    pub args: Vec<OsString>,
    /// Every variable that it gets; it inherits no other.
    pub env: BTreeMap<OsString, OsString>,
}

/// Why a program does not run.
#[derive(Debug)]
pub struct NotRun {
    /// What to tell.
    pub error: Error,
    /// What to end with, as `env(1)` does: 127 when the command is not found, 126 when it cannot
    /// be run, 125 when it was not tried; 130 when the person stopped it.
    pub exit_code: u8,
}

impl Program {
    /// Runs it. On Unix it takes the place of this process (`execve`), with its id, its terminal
    /// and its open streams, so that signals, window sizes and job control are its own; this
    /// returns only if that fails. Signals that robo listened to have their default meaning again,
    /// those that robo was told to ignore stay ignored, and SIGPIPE is back to its default. Files
    /// that robo opened are closed by then: Rust opens all of them so.
    ///
    /// On other systems it is waited for, `interrupt` hears nothing meanwhile, and what is
    /// returned is the exit code.
    ///
    /// # Errors
    /// When it does not run at all, or the person stopped it before.
    pub fn run(&self, interrupt: &Interrupt) -> Result<u8, NotRun> {
        self.check()?;
        if interrupt.is_set() {
            let error = Error::new(Kind::Interrupted, "stopped before the command was run");
            return Err(NotRun { error, exit_code: Kind::Interrupted.exit_code() });
        }
        let mut command = self.started();
        replace(&mut command, interrupt).map_err(|cause| self.explain(cause))
    }

    /// Runs it beside this process, which waits for it; gives its exit status, or 128 and the number
    /// of the signal that ended it. The terminal's Ctrl-C reaches both, and is the program's
    /// business; SIGTERM and SIGHUP to this process are handed on by `signals`, and
    /// [`HandingOn::is_stopped`] tells of all three afterwards.
    ///
    /// # Errors
    /// When it does not run at all.
    pub fn run_beside(&self, interrupt: &Interrupt, signals: &HandingOn) -> Result<u8, NotRun> {
        self.check()?;
        let _aside = interrupt.stand_aside();
        let mut command = self.started();
        let start = || {
            let child = command.spawn()?;
            let id = child.id();
            Ok((child, id))
        };
        let ended = signals.to(start).and_then(|mut child| child.wait());
        signals.to_nobody();
        ended.map(code).map_err(|cause| self.explain(cause))
    }

    fn started(&self) -> Command {
        let mut command =
            Command::new(self.file.as_ref().map_or(&*self.command, |file| file.as_os_str()));
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut command, &self.command);
        command.args(&self.args).env_clear().envs(&self.env);
        command
    }

    /// What no operating system would take.
    fn check(&self) -> Result<(), NotRun> {
        let refuse = |error: Error, exit_code| Err(NotRun { error, exit_code });
        if self.command.is_empty() {
            let error = Error::failed("cannot run '': the command has no name")
                .hint("is a variable empty in 'robo aws.exec PROFILE -- COMMAND'?");
            return refuse(error, 127);
        }
        let nul = |text: &OsStr| text.as_encoded_bytes().contains(&0);
        if nul(&self.command) || self.args.iter().any(|arg| nul(arg)) {
            let error = Error::failed("cannot run the command: an argument has a NUL byte in it")
                .hint("arguments are text; hand bytes over in a file, or through a pipe");
            return refuse(error, 125);
        }
        match self.env.iter().find(|(name, value)| nul(name) || nul(value)) {
            // The value stays out of it: it may be secret.
            Some((name, _)) => refuse(
                Error::failed(format!(
                    "cannot run the command: its environment cannot hold '{}'",
                    name.to_string_lossy()
                ))
                .hint("it has a NUL byte in it: correct it where it is set"),
                125,
            ),
            None => Ok(()),
        }
    }

    /// Says why the operating system did not run it.
    fn explain(&self, cause: io::Error) -> NotRun {
        let name = self.command.to_string_lossy();
        let found = self.find();
        let kind = cause.kind();
        let told = |exit_code, why: String, hint: String| NotRun {
            error: Error::failed(format!("cannot run '{name}': {why}")).because(cause).hint(hint),
            exit_code,
        };
        match (kind, found) {
            (io::ErrorKind::ArgumentListTooLong, _) => told(
                126,
                "its arguments and environment are more than the system takes".to_owned(),
                "hand them over in a file, or in parts with 'xargs'".to_owned(),
            ),
            (io::ErrorKind::NotFound, None) if self.is_path() => told(
                127,
                "there is no such file".to_owned(),
                "a relative path begins at the current folder".to_owned(),
            ),
            (io::ErrorKind::NotFound, None) => told(
                127,
                "no folder in PATH has it".to_owned(),
                "is it spelt right, and installed? an alias of your shell is no program".to_owned(),
            ),
            (io::ErrorKind::NotFound, Some(path)) => told(
                126,
                format!("what would run {} is missing", path.display()),
                "its first line (#!) names an interpreter that is not there, or it was built for \
                 another system"
                    .to_owned(),
            ),
            (_, Some(path)) if path.is_dir() => told(
                126,
                format!("{} is a folder", path.display()),
                "name a program in it".to_owned(),
            ),
            (io::ErrorKind::PermissionDenied, Some(path)) => told(
                126,
                format!("{} may not be executed", path.display()),
                format!("'chmod +x {}', if it is a program of yours", path.display()),
            ),
            _ => told(
                126,
                "the system does not take it for a program".to_owned(),
                "was it built for this machine?".to_owned(),
            ),
        }
    }

    /// What the system must have tried: the file of that path, or the first of that name in
    /// `PATH`, where a folder counts only if there is nothing else.
    fn find(&self) -> Option<PathBuf> {
        if self.is_path() {
            return Some(PathBuf::from(&self.command))
                .filter(|path| path.symlink_metadata().is_ok());
        }
        let folders = self.env.get(OsStr::new("PATH"))?;
        let mut there: Vec<PathBuf> = std::env::split_paths(folders)
            .map(|folder| folder.join(&self.command))
            .filter(|path| path.exists())
            .collect();
        there.sort_by_key(|path| path.is_dir());
        there.into_iter().next()
    }

    fn is_path(&self) -> bool {
        Path::new(&self.command).components().count() != 1
            || self.command.as_encoded_bytes().contains(&b'/')
    }
}

fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or(signal.map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(unix)]
fn replace(command: &mut Command, _interrupt: &Interrupt) -> io::Result<u8> {
    use std::os::unix::process::CommandExt as _;

    Err(command.exec())
}

#[cfg(not(unix))]
fn replace(command: &mut Command, interrupt: &Interrupt) -> io::Result<u8> {
    let mut child = command.spawn()?;
    // The console sends Ctrl-C to both.
    let _aside = interrupt.stand_aside();
    Ok(code(child.wait()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_run(command: &str, args: &[&str], env: &[(&str, &str)]) -> NotRun {
        let program = Program {
            command: command.into(),
            file: None,
            args: args.iter().map(OsString::from).collect(),
            env: env.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        };
        program.run(&Interrupt::default()).unwrap_err()
    }

    #[test]
    #[cfg(unix)]
    fn what_cannot_be_run_says_why_with_env_s_exit_code() {
        use std::os::unix::fs::PermissionsExt as _;

        use crate::sys::files::{Disk, Files as _};

        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str, mode: u32| {
            let path = folder.path().join(name);
            Disk.write_new(&path, content.as_bytes(), None).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let here = folder.path().to_str().unwrap();
        let plain = file("plain", "text", 0o644);
        let orphan = file("orphan", "#!/no/such/interpreter\n", 0o755);
        let path = [("PATH", here)];
        let long = "x".repeat(16 << 20);
        type Case<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)], u8, &'a str);
        let cases: [Case<'_>; 13] = [
            ("", &[], &[], 127, "the command has no name"),
            ("no-such", &[], &path, 127, "no folder in PATH has it"),
            ("plain/x", &[], &path, 127, "there is no such file"),
            ("/no/such", &[], &path, 127, "there is no such file"),
            (&plain, &[], &path, 126, "may not be executed"),
            ("plain", &[], &path, 126, "may not be executed"),
            (&orphan, &[], &path, 126, "is missing"),
            ("orphan", &[], &path, 126, "is missing"),
            (here, &[], &[], 126, "is a folder"),
            ("/bin/sh", &[&long], &[], 126, "more than the system takes"),
            ("sh", &["a\0b"], &[], 125, "NUL byte"),
            ("s\0h", &[], &[], 125, "NUL byte"),
            ("sh", &[], &[("AWS_REGION", "a\0secret")], 125, "AWS_REGION"),
        ];
        for (command, args, env, code, part) in cases {
            let NotRun { error, exit_code } = not_run(command, args, env);
            let message = error.message();
            assert_eq!(exit_code, code, "{message}");
            assert!(message.contains(part) && !message.contains("secret"), "{message}");
            assert!(!error.hints().is_empty(), "{message}");
        }
    }

    #[test]
    fn nothing_is_run_after_ctrl_c() {
        let interrupt = Interrupt::default();
        interrupt.set();
        let program =
            Program { command: "sh".into(), file: None, args: Vec::new(), env: BTreeMap::new() };
        assert_eq!(program.run(&interrupt).unwrap_err().exit_code, 130);
    }
}
