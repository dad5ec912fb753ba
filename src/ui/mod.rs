//! The terminal: what robo says, and how it asks.
//!
//! stdout carries only a command's product; everything else goes to stderr; questions go to the
//! terminal itself. Whatever comes from outside is stripped of control characters here, whichever
//! way it came. A reader that closed its pipe ends nothing.

mod diff;
mod notice;
mod qr;
mod report;
mod screen;
mod style;
mod terminal;
mod unattended;

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::time::Duration;

use crate::diff::Hunk;
use crate::error::{Error, Result};
use crate::sys::prompt::Prompt;
use crate::sys::text;
use crate::ui::screen::Screen;
use crate::ui::unattended::Unattended;

pub use notice::Notice;
pub use style::{ColorChoice, Style, styles};
pub use terminal::Terminal;

/// Where a command's words go.
pub struct Ui {
    verbose: bool,
    prompt: Box<dyn Prompt>,
    screen: Option<Arc<Screen>>,
}

impl Ui {
    /// Words for a person at `terminal`, or, without one, for a log: then every question is an
    /// error that says that nobody is there.
    pub fn new(color: ColorChoice, verbose: bool, terminal: Option<Terminal>) -> Self {
        style::choose(color);
        match terminal {
            Some(terminal) => {
                let screen = Some(terminal.screen());
                Self { verbose, prompt: Box::new(terminal.verbose(verbose)), screen }
            }
            None => Self { verbose, prompt: Box::new(Unattended { verbose }), screen: None },
        }
    }

    /// Somebody to ask, or nobody.
    pub fn prompt(&self) -> &dyn Prompt {
        &*self.prompt
    }

    /// Whether a question can be answered.
    pub fn can_ask(&self) -> bool {
        self.prompt.can_ask()
    }

    /// A line on stderr. `line` may hold styles of [`styles`]; what comes from outside goes in
    /// through [`shown`].
    pub fn say(&self, line: impl Display) {
        tell(self.screen.as_deref(), &format!("{line}\n"));
    }

    /// Tells a person who is there what takes so long, once `patience` is over; nothing if the
    /// notice is dropped before.
    pub fn say_after(&self, patience: Duration, line: String) -> Notice {
        match self.screen.clone() {
            Some(screen) => Notice::after(patience, move || {
                tell(Some(&*screen), &format!("{}\n", text::plain(&line)));
            }),
            None => Notice::none(),
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
            tell_detail(self.screen.as_deref(), detail);
        }
    }

    /// The product, on stdout. A program gets every byte of it; on a terminal control characters are
    /// written as escapes.
    ///
    /// # Errors
    /// When it cannot be written, though its reader is there: a script must not go on with half.
    pub fn product(&self, text: &str) -> Result<()> {
        if io::stdout().is_terminal() {
            let lines: Vec<_> = text.split('\n').map(text::plain).collect();
            return deliver(&mut io::stdout().lock(), &lines.join("\n"));
        }
        deliver(&mut io::stdout().lock(), text)
    }

    /// A product for people, on stdout, with styles.
    ///
    /// # Errors
    /// As [`Ui::product`].
    pub fn table(&self, text: &str) -> Result<()> {
        deliver(&mut anstream::stdout().lock(), text)
    }

    /// Whether stdout is a terminal, with somebody before it.
    pub fn is_watched(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// How many columns a person sees of stdout; none where nobody looks at it.
    pub fn width(&self) -> Option<usize> {
        let screen = self.screen.as_ref().filter(|_| self.is_watched())?;
        screen.size().map(|(_, columns)| columns)
    }

    /// Whether [`Ui::table`] shows styles.
    pub fn has_colors(&self) -> bool {
        anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
    }

    /// The diff of a file, on stderr.
    pub fn diff(&self, name: &str, hunks: &[Hunk]) {
        self.diff_of(Some(name), Some(name), hunks);
    }

    /// The diff of a file that is not there before, or not after, on stderr.
    pub fn diff_of(&self, old: Option<&str>, new: Option<&str>, hunks: &[Hunk]) {
        tell(self.screen.as_deref(), &diff::render(old, new, hunks));
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

/// Writes to stderr, above the line of whatever is being waited for.
fn tell(screen: Option<&Screen>, text: &str) {
    let emit = || emit(&mut anstream::stderr().lock(), text);
    match screen {
        Some(screen) => screen.aside(emit),
        None => emit(),
    }
}

/// Writes what only `--verbose` asks for to stderr.
fn tell_detail(screen: Option<&Screen>, detail: &str) {
    let style = styles::DIM;
    tell(screen, &format!("{style}{}{style:#}\n", text::plain(detail)));
}

/// Writes what is said beside the product; nobody listening, or a full disk, stops nothing.
fn emit(out: &mut dyn Write, text: &str) {
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
