//! A program that is run for the one line that it prints.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::sys::clock::Clock;
use crate::sys::secret::Secret;

/// Variables of robo's own that are no business of the program's.
const SECRETS: [&str; 2] = ["ROBO_FILE_PASSPHRASE", "ROBO_MFA_CODE"];

/// More than any code or password.
const MOST: u64 = 4096;

/// How soon a stop is noticed; an end is noticed at once.
const GLANCE: Duration = Duration::from_millis(50);

/// The line that the program of `words` prints on its stdout, without blanks around it. It has no
/// stdin; its stderr is robo's own, and the terminal is its to ask on. No shell runs it.
///
/// # Errors
/// When it cannot be run, ends with a failure, prints no line or several, or takes longer than
/// `patience`: then it is ended. What it printed is in no error.
pub fn one_line(words: &[String], patience: Duration, clock: &dyn Clock) -> Result<Secret> {
    let (name, args) =
        words.split_first().ok_or_else(|| Error::failed("a command without words"))?;
    let failed = |why: String| Error::failed(format!("the command '{name}' {why}"));
    let mut command = Command::new(name);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped());
    for secret in SECRETS {
        command.env_remove(secret);
    }
    let mut child =
        command.spawn().map_err(|cause| failed("cannot be run".into()).because(cause))?;
    let until = Instant::now() + patience;
    let printed = read(&mut child, until, clock).and_then(|printed| {
        let status = if printed.is_some() { wait(&mut child, until, clock)? } else { None };
        Ok(printed.zip(status))
    });
    if !matches!(printed, Ok(Some(_))) {
        let _ = child.kill();
        let _ = child.wait();
    }
    let (printed, status) =
        printed?.ok_or_else(|| failed(format!("was not done within {} s", patience.as_secs())))?;
    if !status.success() {
        return Err(failed(format!("ended with {status}")));
    }
    let text = std::str::from_utf8(&printed).map(str::trim).unwrap_or_default();
    if text.is_empty() || text.contains('\n') || printed.len() as u64 > MOST {
        return Err(failed("did not print one line of text".into()));
    }
    Ok(Secret::from(text.to_owned()))
}

/// How it ends; nothing when it takes too long.
fn wait(child: &mut Child, until: Instant, clock: &dyn Clock) -> Result<Option<ExitStatus>> {
    while Instant::now() < until {
        if let Some(status) = child.try_wait().ok().flatten() {
            return Ok(Some(status));
        }
        clock.sleep(Duration::from_millis(1))?;
    }
    Ok(None)
}

/// All that it prints; nothing when it takes too long.
fn read(
    child: &mut Child,
    until: Instant,
    clock: &dyn Clock,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(stdout) = child.stdout.take() else { return Ok(None) };
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut printed = Zeroizing::new(Vec::with_capacity(MOST as usize + 1));
        let read = stdout.take(MOST + 1).read_to_end(&mut printed);
        let _ = sender.send(read.map(|_| printed));
    });
    loop {
        match receiver.recv_timeout(GLANCE) {
            Ok(Ok(printed)) => return Ok(Some(printed)),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
        clock.go_on()?;
        if Instant::now() >= until {
            return Ok(None);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::sys::clock::SystemClock;

    fn run(script: &str, patience: Duration) -> Result<Secret> {
        let words = ["sh", "-c", script].map(str::to_owned);
        one_line(&words, patience, &SystemClock::default())
    }

    #[test]
    fn one_line_is_all_that_counts() {
        use crate::sys::secret::ExposeSecret as _;
        let long = Duration::from_secs(30);
        assert_eq!(run("echo ' 123 456 '", long).unwrap().expose_secret(), "123 456");
        for (script, want) in [
            ("true", "did not print one line"),
            ("echo hush; echo hush", "did not print one line"),
            ("echo hush; exit 3", "ended with"),
            ("printf '%5000s' hush", "did not print one line"),
            ("printf '\\377'", "did not print one line"),
        ] {
            let error = run(script, long).unwrap_err();
            assert!(error.message().contains(want), "{script}: {error}");
            assert!(!error.message().contains("hush"), "{script}: {error}");
        }
        let error = run("exec sleep 60", Duration::from_millis(100)).unwrap_err();
        assert!(error.message().contains("was not done within"), "{error}");
        let gone = one_line(&["no-such-program-here".to_owned()], long, &SystemClock::default());
        assert!(gone.unwrap_err().message().contains("cannot be run"));
    }
}
