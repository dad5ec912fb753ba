//! The person's terminal, whatever stdin, stdout and stderr are.

#[cfg(unix)]
mod hidden;
mod keyboard;

use std::cell::Cell;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::sync::Arc;

use dialoguer::FuzzySelect;
use dialoguer::console::Term;
use dialoguer::theme::Theme;

use crate::error::{Error, Kind, Result};
use crate::sys::interrupt::Interrupt;
use crate::sys::prompt::{Prompt, Waiting};
use crate::sys::secret::Secret;
use crate::sys::text::plain;
use crate::ui::qr;
use crate::ui::screen::Screen;
use crate::ui::terminal::keyboard::{Keyboard, Typed};

/// The controlling terminal. Questions of one line are read as the terminal gives them, line by
/// line, so that there is no mode to restore if robo is killed while it waits; only a secret turns
/// the echo off.
#[derive(Debug)]
pub struct Terminal {
    keyboard: Keyboard,
    screen: Arc<Screen>,
    interrupt: Interrupt,
    verbose: bool,
    /// Whether something was waited for since the last question.
    waited: Cell<bool>,
}

/// What an answer was taken for.
enum Understood<T> {
    Answer(T),
    /// Nothing; this is what to answer.
    Say(String),
}

impl Terminal {
    /// Opens it; none when the process has no terminal. `term` is `$TERM`: on a terminal that
    /// cannot redraw a line, each text of a wait is a line of its own. Questions and waits end
    /// with `interrupt`.
    pub fn open(term: Option<&str>, interrupt: &Interrupt) -> Option<Self> {
        let (input, output) = if cfg!(windows) {
            (OpenOptions::new().read(true).write(true).open("CONIN$").ok()?, write_only("CONOUT$")?)
        } else {
            let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
            let output = tty.try_clone().ok()?;
            (tty, output)
        };
        let can_redraw = cfg!(unix) && term.is_some_and(|term| !term.is_empty() && term != "dumb");
        let live = if can_redraw { pair(&input, &output).ok() } else { None };
        Some(Self {
            keyboard: Keyboard::new(input, interrupt.clone()),
            screen: Arc::new(Screen::new(output, live)),
            interrupt: interrupt.clone(),
            verbose: false,
            waited: Cell::new(false),
        })
    }

    /// As it is, telling details or not.
    pub(super) fn verbose(self, verbose: bool) -> Self {
        Self { verbose, ..self }
    }

    /// Forgets what was typed while something was waited for: it answers no question that was not
    /// there yet. Where no question follows, it is left for whatever comes after robo.
    #[cfg(unix)]
    fn forget_typed(&self) {
        use nix::sys::termios::{FlushArg, tcflush};

        if self.waited.take() {
            let _ = tcflush(&self.keyboard.tty, FlushArg::TCIFLUSH);
        }
    }

    #[cfg(not(unix))]
    fn forget_typed(&self) {
        self.waited.take();
    }

    /// Where this terminal is written on.
    pub(super) fn screen(&self) -> Arc<Screen> {
        Arc::clone(&self.screen)
    }

    /// Asks until `understand` makes something of the answer; `answers` are those that it does.
    fn ask<T>(
        &self,
        question: &str,
        answers: &str,
        understand: impl Fn(&str) -> Option<T>,
    ) -> Result<T> {
        let _held = self.screen.hold();
        self.forget_typed();
        self.until(
            question,
            |typed| match String::from_utf8(typed.to_vec()) {
                Err(_) => Understood::Say(NOT_UTF_8.to_owned()),
                Ok(text) => match understand(text.trim()) {
                    Some(answer) => Understood::Answer(answer),
                    None => Understood::Say(format!("Answer {answers}; Ctrl-C stops.")),
                },
            },
            None,
        )
    }

    /// Asks until `understand` is content. `idle` is handed to [`Keyboard::line`].
    fn until<T>(
        &self,
        question: &str,
        understand: impl Fn(&[u8]) -> Understood<T>,
        mut idle: Option<&mut dyn FnMut()>,
    ) -> Result<T> {
        let hidden = idle.is_some();
        loop {
            self.screen.write(&format!("{question} ")).map_err(gone)?;
            let typed = self.keyboard.line(idle.as_mut().map(|idle| &mut **idle as _));
            // Where Enter was not echoed, and after what is not Enter.
            if hidden || !matches!(typed, Ok(Typed::Line(_) | Typed::TooLong)) {
                let _ = self.screen.write("\n");
            }
            let say = match typed.map_err(gone)? {
                Typed::End => return Err(interrupted()),
                Typed::TooLong => Understood::Say(TOO_LONG.to_owned()),
                Typed::Line(line) => understand(&line),
            };
            match say {
                Understood::Answer(answer) => return Ok(answer),
                Understood::Say(text) => self.screen.write(&format!("{text}\n")).map_err(gone)?,
            }
        }
    }
}

const NOT_UTF_8: &str = "That is not UTF-8: is the terminal set to another encoding?";
const TOO_LONG: &str = "That is longer than a terminal can take in one line (1000 bytes).";

impl Prompt for Terminal {
    fn can_ask(&self) -> bool {
        true
    }

    fn line(&self, question: &str) -> Result<String> {
        let some = |answer: &str| (!answer.is_empty()).then(|| answer.to_owned());
        self.ask(&plain(question), "with something", some)
    }

    #[cfg(unix)]
    fn secret(&self, question: &str) -> Result<Secret> {
        let question = plain(question);
        let _held = self.screen.hold();
        // Before the question is shown: nothing that is typed after it is seen or lost.
        let hidden = hidden::Hidden::begin(&self.keyboard.tty, &self.interrupt).map_err(gone)?;
        let mut hide = || {
            if hidden.again() {
                let _ = self.screen.write(&format!("{question} "));
            }
        };
        self.until(&question, secret_in, Some(&mut hide))
    }

    #[cfg(not(unix))]
    fn secret(&self, question: &str) -> Result<Secret> {
        let _held = self.screen.hold();
        loop {
            self.screen.write(&format!("{} ", plain(question))).map_err(gone)?;
            let typed = zeroize::Zeroizing::new(Term::stderr().read_secure_line().map_err(gone)?);
            match secret_in(typed.as_bytes()) {
                Understood::Answer(secret) => return Ok(secret),
                Understood::Say(text) => self.screen.write(&format!("{text}\n")).map_err(gone)?,
            }
        }
    }

    fn note(&self, text: &str) {
        self.screen.aside(|| {
            let _ = self.screen.write(&format!("{}\n", plain(text)));
        });
    }

    fn detail(&self, text: &str) {
        if self.verbose {
            super::tell_detail(Some(&self.screen), text);
        }
    }

    fn visit(&self, text: &str, address: &str) {
        self.note(text);
        let size = self.screen.size();
        if let Some(picture) =
            size.and_then(|(lines, columns)| qr::picture(address, lines, columns))
        {
            self.screen.aside(|| {
                let _ = self.screen.write(&picture);
            });
        }
    }

    fn waiting<'a>(&'a self, text: &str) -> Box<dyn Waiting + 'a> {
        self.waited.set(true);
        Box::new(self.screen.wait(text, &self.interrupt))
    }

    fn confirm(&self, question: &str, default: bool) -> Result<bool> {
        let choice = if default { "[Y/n]" } else { "[y/N]" };
        self.ask(&format!("{} {choice}", plain(question)), "y or n", |answer| {
            match answer.to_lowercase().as_str() {
                "" => Some(default),
                "y" | "yes" => Some(true),
                "n" | "no" => Some(false),
                _ => None,
            }
        })
    }

    fn letter(&self, question: &str, letters: &[char]) -> Result<char> {
        let answers: Vec<String> = letters.iter().map(char::to_string).collect();
        self.ask(&plain(question), &answers.join(" or "), |answer| {
            let first = answer.chars().next()?.to_ascii_lowercase();
            letters.iter().copied().find(|letter| *letter == first)
        })
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize> {
        let _held = self.screen.hold();
        self.forget_typed();
        let shown: Vec<String> = items.iter().map(|item| plain(item).into_owned()).collect();
        let term = pair(&self.keyboard.tty, self.screen.file()).map_err(gone)?;
        // It reads single keys, and hides the cursor. What ends the program meanwhile has to bring
        // both back.
        #[cfg(unix)]
        let mode = hidden::Mode::keep(&self.keyboard.tty, &self.interrupt).map_err(gone)?;
        #[cfg(unix)]
        mode.each_key().map_err(gone)?;
        let theirs = term.clone();
        let _cursor = self.interrupt.undo_at_exit(move || {
            let _ = theirs.show_cursor();
        });
        let picked = FuzzySelect::with_theme(&Uncoloured)
            .with_prompt(plain(question))
            .items(&shown)
            .default(0)
            .interact_on_opt(&term);
        // It forgets the cursor when it is interrupted.
        let _ = term.show_cursor();
        picked.map_err(|dialoguer::Error::IO(cause)| gone(cause))?.ok_or_else(interrupted)
    }
}

/// How a list looks: without colours, and without a colon behind a question mark.
struct Uncoloured;

impl Theme for Uncoloured {
    fn format_input_prompt_selection(
        &self,
        f: &mut dyn fmt::Write,
        prompt: &str,
        picked: &str,
    ) -> fmt::Result {
        let colon = if prompt.ends_with('?') { "" } else { ":" };
        write!(f, "{prompt}{colon} {picked}")
    }
}

/// The secret in a line: all of it, blanks around it too.
fn secret_in(typed: &[u8]) -> Understood<Secret> {
    match std::str::from_utf8(typed) {
        Ok("") => Understood::Say("Answer with something; Ctrl-C stops.".to_owned()),
        Ok(text) => Understood::Answer(Secret::from(text)),
        Err(_) => Understood::Say(NOT_UTF_8.to_owned()),
    }
}

/// The terminal as the picker wants it.
#[cfg(unix)]
fn pair(input: &File, output: &File) -> io::Result<Term> {
    Ok(Term::read_write_pair(input.try_clone()?, output.try_clone()?))
}

#[cfg(not(unix))]
fn pair(_input: &File, _output: &File) -> io::Result<Term> {
    Ok(Term::stderr())
}

fn write_only(path: &str) -> Option<File> {
    OpenOptions::new().write(true).open(path).ok()
}

fn gone(cause: io::Error) -> Error {
    if cause.kind() == io::ErrorKind::Interrupted {
        interrupted()
    } else {
        Error::new(Kind::NeedsAnswer, "cannot ask: the terminal is gone").because(cause)
    }
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "stopped: nothing was changed")
}
