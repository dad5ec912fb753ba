//! The person's browser, sent to an address that nobody else is to see.
//!
//! A console sign-in URL is a credential, and the arguments of a program are no secret: `ps` shows
//! them to every user of the machine. So the browser is given a short-lived address on this very
//! machine, which leads it on, once.

mod once;
#[cfg(target_os = "linux")]
mod peer;

use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::sys::browser::once::Once;
use crate::sys::clock::Clock;
use crate::sys::env::Env;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// How long a browser may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// How soon its coming is noticed; it is answered at once.
const GLANCE: Duration = Duration::from_millis(50);

/// Variables that a browser, and what it starts, have no use for.
const SECRETS: [&str; 6] = [
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "ROBO_FILE_PASSPHRASE",
    "ROBO_MFA_CODE",
];

const HINT: &str = "'-s' (--stdout) prints the URL instead, to be opened wherever you like";

/// A way to open a browser.
#[derive(Debug)]
pub struct Browser<'a> {
    env: &'a Env,
    openers: Openers,
}

/// A browser on its way to an address that it is answered with as long as this is held.
#[derive(Debug)]
pub struct Errand {
    over: Arc<AtomicBool>,
    watching: Option<JoinHandle<()>>,
}

impl Drop for Errand {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(watching) = self.watching.take() {
            let _ = watching.join();
        }
    }
}

#[derive(Debug)]
enum Openers {
    /// The words of a command each; the first that works does.
    Named(Vec<Vec<String>>),
    /// Whatever the desktop has.
    Desktop,
}

impl<'a> Browser<'a> {
    /// The browser of `command` (`--browser`), of `$BROWSER`, or of the desktop.
    ///
    /// A command is split into words as a shell does it, but no shell runs it. `%s` or `{}` in it
    /// stands for the address, which is added where neither is. `$BROWSER` may name several, with
    /// `:` between them, as `xdg-open` has it.
    ///
    /// # Errors
    /// When `command` is not to be understood, or there is no desktop.
    pub fn find(command: Option<&str>, env: &'a Env) -> Result<Self> {
        if let Some(command) = command {
            let words = words(command).ok_or_else(|| {
                Error::usage(format!("--browser '{command}' is not a command")).hint(
                    "name a program, with its arguments: --browser 'firefox --private-window'",
                )
            })?;
            return Ok(Self { env, openers: Openers::Named(vec![words]) });
        }
        let listed = env.text("BROWSER").filter(|_| cfg!(unix)).unwrap_or_default();
        let named: Vec<Vec<String>> = listed.split(':').filter_map(words).collect();
        if !named.is_empty() {
            return Ok(Self { env, openers: Openers::Named(named) });
        }
        if cfg!(all(unix, not(target_vendor = "apple"))) && !has_desktop(env) {
            return Err(Error::failed("cannot open a browser: there is no desktop here")
                .hint(HINT)
                .hint("--browser CMD, or $BROWSER, names one that needs none"));
        }
        Ok(Self { env, openers: Openers::Desktop })
    }

    /// Sends the browser to `url` and waits until it has fetched it from here. Only one request,
    /// by a program of the same user, gets it; it is in no argument, file or log.
    ///
    /// # Errors
    /// When no browser starts, when it ends with a failure or does not come within a minute, when
    /// the person stops it.
    pub fn open(&self, url: &Secret, clock: &dyn Clock) -> Result<()> {
        let once = Once::serve(url.expose_secret()).map_err(|cause| {
            Error::failed("cannot open a browser: it cannot be answered on 127.0.0.1")
                .because(cause)
                .hint(HINT)
        })?;
        let mut openers = self.commands(once.address()).into_iter();
        let mut running = Some(start(&mut openers, None)?);
        for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
            // A program that ended with a failure may have handed the address on before.
            let ended = running.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if once.is_fetched() {
                return Ok(());
            }
            match ended {
                Some(status) if status.success() => running = None,
                Some(status) if !once.is_claimed() => {
                    running = Some(start(&mut openers, Some(status))?);
                }
                _ => {}
            }
            clock.sleep(GLANCE)?;
        }
        let seconds = PATIENCE.as_secs();
        Err(Error::failed(format!("no browser came to open the page within {seconds} s"))
            .hint(HINT)
            .hint("'--browser CMD' names another browser"))
    }

    /// Sends the browser to `url`, as [`Browser::open`] does, and does not wait for it: it may
    /// come as long as what this gives is held, for a minute at most.
    ///
    /// # Errors
    /// When no browser starts.
    pub fn send(&self, url: &Secret) -> Result<Errand> {
        let once = Once::serve(url.expose_secret()).map_err(|cause| {
            Error::failed("cannot open a browser: it cannot be answered on 127.0.0.1")
                .because(cause)
        })?;
        let mut openers = self.commands(once.address()).into_iter();
        let mut running = Some(start(&mut openers, None)?);
        let over = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&over);
        let watch = move || {
            for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
                let ended = running.as_mut().and_then(|child| child.try_wait().ok().flatten());
                if once.is_fetched() || theirs.load(Ordering::SeqCst) {
                    return;
                }
                match ended {
                    Some(status) if status.success() => running = None,
                    Some(status) if !once.is_claimed() => match start(&mut openers, Some(status)) {
                        Ok(child) => running = Some(child),
                        Err(_) => return,
                    },
                    _ => {}
                }
                thread::sleep(GLANCE);
            }
        };
        let watching = thread::Builder::new().spawn(watch).ok();
        Ok(Errand { over, watching })
    }

    /// What to start, one after the other.
    fn commands(&self, address: &str) -> Vec<Command> {
        let mut commands = match &self.openers {
            Openers::Desktop => open::commands(address),
            Openers::Named(list) => list.iter().filter_map(|words| named(words, address)).collect(),
        };
        for command in &mut commands {
            let vars = self.env.vars();
            command
                .env_clear()
                .envs(vars.filter(|(name, _)| !SECRETS.iter().any(|secret| name == secret)))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            // Ctrl-C is for robo: the browser stays.
            #[cfg(unix)]
            std::os::unix::process::CommandExt::process_group(command, 0);
        }
        commands
    }
}

/// Starts the first of `openers` that can be started. `before` is how the one before it ended.
fn start(openers: &mut impl Iterator<Item = Command>, before: Option<ExitStatus>) -> Result<Child> {
    let mut cause = before.map(|status| io::Error::other(format!("it ended with {status}")));
    let mut names = Vec::new();
    for mut command in openers {
        match command.spawn() {
            Ok(child) => return Ok(child),
            Err(why) => {
                names.push(command.get_program().to_string_lossy().into_owned());
                cause = cause.or(Some(why));
            }
        }
    }
    let what = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    Err(Error::failed(format!("cannot open a browser{what}"))
        .maybe_because(cause)
        .hint(HINT)
        .hint("'--browser CMD' names another browser"))
}

/// The words of a command; none if there are none, or a quote has no end.
fn words(command: &str) -> Option<Vec<String>> {
    // A path as a file chooser gives it, blanks, backslashes and all.
    if Path::new(command).is_file() {
        return Some(vec![command.to_owned()]);
    }
    let words = shell_words::split(command).ok()?;
    words.first().is_some_and(|program| !program.is_empty()).then_some(words)
}

/// The command of `words` that opens `address`.
fn named(words: &[String], address: &str) -> Option<Command> {
    let (program, args) = words.split_first()?;
    let mut command = Command::new(program);
    let filled: Vec<String> =
        args.iter().map(|arg| arg.replace("%s", address).replace("{}", address)).collect();
    let added = (filled == args).then_some(address);
    command.args(filled).args(added);
    Some(command)
}

/// Whether a browser would have a place to show itself; under WSL that is Windows.
fn has_desktop(env: &Env) -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].iter().any(|name| env.get(name).is_some())
}

#[cfg(test)]
mod tests;
