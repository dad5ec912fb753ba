//! A program that runs with a time limit, and whose stderr is kept.

use std::io::{self, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How a child ended, and what it said.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Nothing when it was stopped because its time was over.
    pub(super) status: Option<ExitStatus>,
    /// The end of its stderr, [`KEPT`] bytes at most.
    pub(super) stderr: String,
}

/// How much of a child's stderr is kept: its last words are the ones that matter.
const KEPT: usize = 64 * 1024;

/// How often a silent child is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// How long to wait for more once a child has gone and something else still holds its stderr: an
/// ssh master connection (`ControlPersist`) keeps it open for hours.
const REST: Duration = Duration::from_millis(200);

/// Runs `command`, whose stdin the caller has set, to its end; with a `limit` no longer than
/// that.
///
/// With a limit the child gets a process group of its own, so that what it has started itself
/// (ssh, git-remote-https) stops with it. Without one it stays in the terminal's group, where it
/// may ask and where Ctrl-C reaches it.
///
/// # Errors
/// When it cannot be started.
pub(super) fn run(command: &mut Command, limit: Option<Duration>) -> io::Result<Outcome> {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    #[cfg(unix)]
    if limit.is_some() {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
    }
    let mut child = command.spawn()?;
    let said = listen(&mut child);
    let deadline = limit.map(|limit| Instant::now() + limit);
    let mut stderr = Vec::new();
    let status = loop {
        match said.recv_timeout(INTERVAL) {
            Ok(words) => keep(&mut stderr, &words),
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(INTERVAL / 10),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            stop(&mut child)?;
            break None;
        }
    };
    let rest = Instant::now() + REST;
    while let Ok(words) = said.recv_timeout(rest.saturating_duration_since(Instant::now())) {
        keep(&mut stderr, &words);
    }
    Ok(Outcome { status, stderr: String::from_utf8_lossy(&stderr).into_owned() })
}

fn listen(child: &mut Child) -> Receiver<Vec<u8>> {
    let (tell, said) = channel();
    if let Some(mut stderr) = child.stderr.take() {
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                match stderr.read(&mut buffer) {
                    Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                    Ok(0) | Err(_) => return,
                    Ok(length) if tell.send(buffer[..length].to_vec()).is_err() => return,
                    Ok(_) => {}
                }
            }
        });
    }
    said
}

fn keep(stderr: &mut Vec<u8>, words: &[u8]) {
    stderr.extend_from_slice(words);
    if stderr.len() > KEPT {
        stderr.drain(..stderr.len() - KEPT);
    }
}

/// Ends the child and what it has started. The child has not been waited for yet, so its id,
/// and with it the group's, cannot have gone to anybody else. What git leaves behind, lock files
/// and half a pack, is cleared before the next fetch.
#[cfg(unix)]
fn stop(child: &mut Child) -> io::Result<()> {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;

    let group = i32::try_from(child.id()).map(Pid::from_raw).map_err(io::Error::other)?;
    let _ = killpg(group, Signal::SIGKILL);
    child.wait().map(drop)
}

#[cfg(not(unix))]
fn stop(child: &mut Child) -> io::Result<()> {
    child.kill()?;
    child.wait().map(drop)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::null());
        command
    }

    #[test]
    fn the_end_of_stderr_and_the_status_are_kept() {
        let outcome =
            run(&mut sh("yes | head -c 100000 >&2; echo last >&2; exit 3"), None).unwrap();
        assert_eq!(outcome.status.and_then(|status| status.code()), Some(3));
        assert_eq!(outcome.stderr.len(), KEPT);
        assert!(outcome.stderr.ends_with("last\n"));
    }

    #[test]
    fn a_grandchild_that_keeps_stderr_open_is_not_waited_for() {
        // The grandchild tells its id and would live far longer than the test may take.
        let outcome = run(&mut sh("sleep 600 & echo $! >&2"), None).unwrap();
        assert!(outcome.status.is_some_and(|status| status.success()));
        let id = outcome.stderr.trim().parse().unwrap();
        let id = nix::unistd::Pid::from_raw(id);
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGKILL).unwrap();
    }

    #[test]
    fn a_child_whose_time_is_over_is_ended_with_all_that_it_started() {
        let started = Instant::now();
        let outcome =
            run(&mut sh("sleep 600 & echo $! >&2; sleep 600"), Some(Duration::from_millis(300)))
                .unwrap();
        assert!(outcome.status.is_none());
        let grandchild = nix::unistd::Pid::from_raw(outcome.stderr.trim().parse().unwrap());
        // A killed process is there until whoever inherited it has reaped it.
        let is_gone = || {
            let stat = std::fs::read_to_string(format!("/proc/{grandchild}/stat"));
            nix::sys::signal::kill(grandchild, None).is_err()
                || stat.is_ok_and(|stat| stat.contains(") Z"))
        };
        while !is_gone() && started.elapsed() < Duration::from_secs(60) {
            std::thread::yield_now();
        }
        assert!(started.elapsed() < Duration::from_secs(60));
    }
}
