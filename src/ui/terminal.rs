//! The person's terminal, whatever stdin, stdout and stderr are.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};

use dialoguer::FuzzySelect;
use dialoguer::console::Term;
use dialoguer::theme::SimpleTheme;

use crate::error::{Error, Kind, Result};
use crate::sys::prompt::{Prompt, Waiting};
use crate::sys::secret::Secret;
use crate::sys::text::plain;

/// The controlling terminal. Questions of one line are read as the terminal gives them, line by
/// line, so that there is no mode to restore if robo is killed while it waits.
#[derive(Debug)]
pub struct Terminal {
    input: RefCell<BufReader<File>>,
    output: File,
}

impl Terminal {
    /// Opens it; none when the process has no terminal.
    pub fn open() -> Option<Self> {
        let (input, output) = if cfg!(windows) {
            (OpenOptions::new().read(true).write(true).open("CONIN$").ok()?, write_only("CONOUT$")?)
        } else {
            let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
            let output = tty.try_clone().ok()?;
            (tty, output)
        };
        Some(Self { input: RefCell::new(BufReader::new(input)), output })
    }

    /// Asks until `understand` makes something of the answer; `answers` are those that it does.
    fn ask<T>(
        &self,
        question: &str,
        answers: &str,
        understand: impl Fn(&str) -> Option<T>,
    ) -> Result<T> {
        loop {
            let mut answer = String::new();
            let mut output = &self.output;
            write!(output, "{question} ").and_then(|()| output.flush()).map_err(gone)?;
            let read = self.input.borrow_mut().read_line(&mut answer).map_err(gone)?;
            if read == 0 {
                let _ = writeln!(output);
                return Err(interrupted());
            }
            if let Some(answer) = understand(answer.trim()) {
                return Ok(answer);
            }
            writeln!(output, "Answer {answers}; Ctrl-C stops.").map_err(gone)?;
        }
    }
}

impl Prompt for Terminal {
    fn can_ask(&self) -> bool {
        true
    }

    fn line(&self, question: &str) -> Result<String> {
        let some = |answer: &str| (!answer.is_empty()).then(|| answer.to_owned());
        self.ask(&plain(question), "with something", some)
    }

    fn secret(&self, question: &str) -> Result<Secret> {
        self.line(question).map(Secret::from)
    }

    fn note(&self, text: &str) {
        let _ = writeln!(&self.output, "{}", plain(text));
    }

    fn waiting<'a>(&'a self, text: &str) -> Box<dyn Waiting + 'a> {
        self.note(text);
        Box::new(())
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
        let shown: Vec<String> = items.iter().map(|item| plain(item).into_owned()).collect();
        let term = self.term()?;
        let picked = FuzzySelect::with_theme(&SimpleTheme)
            .with_prompt(plain(question))
            .items(&shown)
            .default(0)
            .interact_on_opt(&term);
        // It hides the cursor, and forgets to show it when it is interrupted.
        let _ = term.show_cursor();
        picked.map_err(|dialoguer::Error::IO(cause)| gone(cause))?.ok_or_else(interrupted)
    }
}

impl Terminal {
    #[cfg(unix)]
    fn term(&self) -> Result<Term> {
        let input = self.input.borrow().get_ref().try_clone().map_err(gone)?;
        Ok(Term::read_write_pair(input, self.output.try_clone().map_err(gone)?))
    }

    #[cfg(not(unix))]
    fn term(&self) -> Result<Term> {
        Ok(Term::stderr())
    }
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
