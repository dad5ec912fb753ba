//! The terminal: what robo says, and how it asks.
//!
//! stdout carries only a command's product; everything else goes to stderr; questions go to the
//! terminal itself. Whatever comes from outside is stripped of control characters here, whichever
//! way it came. A reader that closed its pipe ends nothing.

mod diff;
mod notice;
mod report;
mod style;
mod terminal;

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::sys::prompt::{Nobody, Prompt};
use crate::sys::text;

pub use notice::Notice;
pub use style::{ColorChoice, Style, styles};
pub use terminal::Terminal;

/// Where a command's words go.
pub struct Ui {
    verbose: bool,
    prompt: Box<dyn Prompt>,
    somebody: bool,
}

impl Ui {
    /// Finds the terminal, unless `no_input` says that nobody is to be asked.
    pub fn new(color: ColorChoice, verbose: bool, no_input: bool) -> Self {
        style::choose(color);
        match Terminal::open().filter(|_| !no_input) {
            Some(terminal) => Self { verbose, prompt: Box::new(terminal), somebody: true },
            None => Self { verbose, prompt: Box::new(Nobody), somebody: false },
        }
    }

    /// Somebody to ask, or nobody.
    pub fn prompt(&self) -> &dyn Prompt {
        &*self.prompt
    }

    /// Whether a question can be answered.
    pub fn can_ask(&self) -> bool {
        self.somebody
    }

    /// A line on stderr. `line` may hold styles of [`styles`]; what comes from outside goes in
    /// through [`shown`].
    pub fn say(&self, line: impl Display) {
        emit(&mut anstream::stderr().lock(), &format!("{line}\n"));
    }

    /// Tells a person who is there what takes so long, once `patience` is over; nothing if the
    /// notice is dropped before.
    pub fn say_after(&self, patience: Duration, line: String) -> Notice {
        if self.somebody {
            Notice::after(patience, move || {
                emit(&mut anstream::stderr().lock(), &format!("{}\n", text::plain(&line)));
            })
        } else {
            Notice::none()
        }
    }

    /// A warning on stderr.
    pub fn warn(&self, warning: &str) {
        let style = styles::WARNING;
        self.say(format_args!("{style}warning:{style:#} {}", text::plain(warning)));
    }

    /// A line on stderr that only `--verbose` asks for.
    pub fn detail(&self, detail: &str) {
        if self.verbose {
            let style = styles::DIM;
            self.say(format_args!("{style}{}{style:#}", text::plain(detail)));
        }
    }

    /// The product, on stdout. Control characters go through as they are: this is for programs.
    ///
    /// # Errors
    /// When it cannot be written, though its reader is there: a script must not go on with half.
    pub fn product(&self, text: &str) -> Result<()> {
        deliver(&mut anstream::AutoStream::never(io::stdout().lock()), text)
    }

    /// A product for people, on stdout, with styles.
    ///
    /// # Errors
    /// As [`Ui::product`].
    pub fn table(&self, text: &str) -> Result<()> {
        deliver(&mut anstream::stdout().lock(), text)
    }

    /// The diff from `hunks`, on stderr.
    pub fn diff(&self, name: &str, hunks: &[crate::config::diff::Hunk]) {
        emit(&mut anstream::stderr().lock(), &diff::render(name, hunks));
    }

    /// A yes-or-no question.
    ///
    /// # Errors
    /// When nobody is there, or the person left.
    pub fn confirm(&self, question: &str, default: bool) -> Result<bool> {
        self.prompt.confirm(question, default)
    }
}

/// Reports a failure on stderr.
pub fn report(error: &crate::Error) {
    emit(&mut anstream::stderr().lock(), &report::render(error));
}

/// Text from outside, safe to show.
pub fn shown(text: &str) -> String {
    text::plain(text).into_owned()
}

/// Writes the product, and takes a closed pipe for a reader that has seen enough.
fn deliver(out: &mut dyn Write, text: &str) -> Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::failed("cannot write to stdout")
                .because(cause)
                .hint("is the disk full that it goes to?"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes what is said beside the product; nobody listening, or a full disk, stops nothing.
fn emit(out: &mut dyn Write, text: &str) {
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
