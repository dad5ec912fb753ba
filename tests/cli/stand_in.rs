//! A program that asks and waits as robo's commands do: this test binary itself, in a role.
//!
//! It shows what no command shows alone: a secret, a wait, the step to another program.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::thread;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use robo::Result;
use robo::sys::child::Program;
use robo::sys::clock::{Clock as _, SystemClock};
use robo::sys::interrupt::Interrupt;
use robo::sys::secret::{ExposeSecret as _, Secret};
use robo::ui::{ColorChoice, Terminal, Ui};

use crate::common::{Run, Sandbox};

/// Names the role; unset in every other test.
const ROLE: &str = "ROBO_TEST_ROLE";

/// A wait that nothing but an interrupt ends within the life of a test.
const LONG: Duration = Duration::from_secs(3600);

/// The stand-in in `role`, and in front of it `before`, the beginning of a command line.
pub(crate) fn play(sandbox: &Sandbox, role: &str, before: &[&str]) -> Run {
    let own = std::env::current_exe().unwrap();
    let mut words: Vec<OsString> = before.iter().map(OsString::from).collect();
    words.push(own.into());
    // More than one thread, because with one libtest begins a line of its own.
    let rest = ["--exact", "stand_in::stand_in", "--nocapture", "--quiet", "--test-threads=2"];
    words.extend(rest.map(OsString::from));
    let program = words.remove(0);
    sandbox.program(program, words).env(ROLE, role)
}

/// Whether these tests run under `nohup` or so; also where the system does not tell.
pub(crate) fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_none_or(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1)
}

/// Not a test, but what the others start.
#[test]
#[expect(clippy::exit, reason = "its exit code is the role's, not libtest's")]
fn stand_in() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let interrupt = Interrupt::default();
    interrupt.listen(|| {});
    let terminal = Terminal::open(std::env::var("TERM").ok().as_deref(), &interrupt);
    let ui = Ui::new(ColorChoice::Never, false, terminal);
    let code = match act(&role, &ui, &interrupt) {
        Ok(()) => 0,
        Err(error) => {
            robo::ui::report(&error);
            error.kind().exit_code().into()
        }
    };
    std::process::exit(code)
}

#[expect(clippy::exit, reason = "as above")]
fn act(role: &str, ui: &Ui, interrupt: &Interrupt) -> Result<()> {
    let prompt = ui.prompt();
    let clock = SystemClock::new(interrupt.clone());
    match role {
        "secret" => {
            ui.say(format_args!("id {}.", std::process::id()));
            tell(ui, &prompt.secret("Password:")?);
        }
        "ahead" => {
            ui.say(format_args!("got {}", prompt.line("One?")?));
            await_typing();
            ui.say(format_args!("got {}", prompt.line("Two?")?));
            await_typing();
            tell(ui, &prompt.secret("Password:")?);
        }
        "pick" => {
            ui.say(format_args!("id {}.", std::process::id()));
            prompt.pick("Which?", &["push".to_owned(), "sms".to_owned()])?;
        }
        "wait" => {
            let waiting = prompt.waiting("Okta: push sent to your phone.");
            waiting.update("Okta: push sent to your phone. Answer 92 there.");
            waiting.update("Okta: push sent to your phone. Answer 92 there.");
            prompt.note("a note");
            ui.say("a line on stderr");
            if prompt.can_ask() {
                prompt.confirm("Wait on?", true)?;
                ui.say("waiting on");
                clock.sleep(LONG)?;
            }
            drop(waiting);
            prompt.line("Code?")?;
        }
        "stuck" => {
            let _waiting = prompt.waiting("Asking okta.test");
            thread::sleep(LONG);
        }
        "run" => {
            drop(prompt.waiting("Asking sts.test"));
            let _open = File::open("/dev/null").unwrap();
            let _bell = interrupt.bell().unwrap();
            let told = std::env::var("RUN").unwrap();
            let mut words = told.split(' ').map(OsString::from);
            let env = BTreeMap::from([
                ("PATH".into(), std::env::var_os("PATH").unwrap()),
                ("AWS_REGION".into(), "eu-west-1".into()),
            ]);
            let script = std::env::var_os("SCRIPT");
            let command = words.next().unwrap();
            let args = words.chain(script).collect();
            let program = Program { command, file: None, args, env };
            let not_run = program.run(interrupt).unwrap_err();
            robo::ui::report(&not_run.error);
            std::process::exit(not_run.exit_code.into())
        }
        other => panic!("no such role: {other}"),
    }
    Ok(())
}

/// Shows the secret backwards, so that it is not found where it was typed.
fn tell(ui: &Ui, secret: &Secret) {
    let backwards: String = secret.expose_secret().chars().rev().collect();
    ui.say(format_args!("backwards [{backwards}]"));
}

/// Waits until something was typed that nobody has read.
fn await_typing() {
    use std::os::fd::AsFd as _;

    let tty = OpenOptions::new().read(true).open("/dev/tty").unwrap();
    poll(&mut [PollFd::new(tty.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE).unwrap();
}
