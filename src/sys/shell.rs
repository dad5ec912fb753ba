//! A command for the shell, whose output is wanted.

use std::ffi::OsStr;
use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// How much output is taken.
const MOST: u64 = 4 * 1024 * 1024;

/// Runs `command` with `shell -c`, in this process's environment and folder, with its stdin and
/// stderr; gives what it wrote to stdout.
///
/// # Errors
/// When it cannot be started, ends with a failure, or writes more than 4 MiB or no UTF-8.
pub fn output(shell: &OsStr, command: &str) -> Result<String> {
    let name = shell.to_string_lossy();
    let mut child =
        Command::new(shell).arg("-c").arg(command).stdout(Stdio::piped()).spawn().map_err(
            |cause| Error::failed(format!("cannot run the shell {name}")).because(cause),
        )?;
    let mut output = Vec::new();
    let read = child.stdout.take().map(|out| out.take(MOST + 1).read_to_end(&mut output));
    if output.len() as u64 > MOST {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Error::failed("it writes more than 4 MiB"));
    }
    let lost = |cause| Error::failed("what it wrote was lost").because(cause);
    let status = child.wait().map_err(lost)?;
    read.transpose().map_err(lost)?;
    if !status.success() {
        return Err(Error::failed(status.to_string()));
    }
    String::from_utf8(output).map_err(|_| Error::failed("what it wrote is not UTF-8"))
}
