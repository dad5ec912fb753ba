//! What robo writes on the terminal: lines that stay, and below them the one line of a wait.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dialoguer::console::{Term, measure_text_width, truncate_str};

use crate::sys::interrupt::{Interrupt, Undoing};
use crate::sys::prompt::Waiting;
use crate::sys::text::plain;

/// How long one picture of the spinner stands.
const FRAME: Duration = Duration::from_millis(100);
const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Back to the first column, and nothing to the right of it.
const ERASE: &str = "\r\x1b[K";

/// The terminal to write on. Everything that may be written while something is waited for goes
/// through here, so that neither spoils the other.
#[derive(Debug)]
pub(super) struct Screen {
    out: File,
    /// Knows how wide it is; none where the line of a wait cannot be redrawn. Then each new text
    /// is a line of its own.
    live: Option<Term>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The last one is shown.
    waits: Vec<Wait>,
    next: u64,
    /// Questions that are being asked; no wait is shown meanwhile.
    held: usize,
    drawn: bool,
}

#[derive(Debug)]
struct Wait {
    id: u64,
    text: String,
    since: Instant,
}

impl Screen {
    pub(super) fn new(out: File, live: Option<Term>) -> Self {
        Self { out, live, state: Mutex::default(), changed: Condvar::new() }
    }

    /// The terminal itself.
    pub(super) fn file(&self) -> &File {
        &self.out
    }

    /// Its lines and columns; none where it is not known.
    pub(super) fn size(&self) -> Option<(usize, usize)> {
        let (lines, columns) = self.live.as_ref()?.size_checked()?;
        Some((usize::from(lines), usize::from(columns)))
    }

    /// Writes `text` as it is.
    pub(super) fn write(&self, text: &str) -> io::Result<()> {
        let mut out = &self.out;
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    }

    /// Calls `write`, which may write whole lines on this terminal, above the line of a wait.
    pub(super) fn aside(&self, write: impl FnOnce()) {
        let mut state = self.state();
        self.erase(&mut state);
        write();
        self.draw(&mut state);
    }

    /// Shows no wait until what this gives is dropped: a question is being asked.
    pub(super) fn hold(&self) -> Held<'_> {
        let mut state = self.state();
        state.held += 1;
        self.erase(&mut state);
        Held { screen: self }
    }

    /// Shows that `text` is waited for. `interrupt` clears the line if it ends the program.
    pub(super) fn wait(self: &Arc<Self>, text: &str, interrupt: &Interrupt) -> Spinner {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.waits.push(Wait { id, text: plain(text).into_owned(), since: Instant::now() });
        self.show(&mut state);
        drop(state);
        let (shared, clear) = (Arc::clone(self), Arc::clone(self));
        let thread = self.live.is_some().then(|| thread::spawn(move || shared.spin(id)));
        let undoing = interrupt.undo_at_exit(move || {
            let mut state = clear.state();
            state.waits.clear();
            clear.erase(&mut state);
        });
        Spinner { screen: Arc::clone(self), id, thread, _undoing: undoing }
    }

    /// Turns the spinner until the wait is over.
    fn spin(&self, id: u64) {
        let mut state = self.state();
        while let Some(place) = state.waits.iter().position(|wait| wait.id == id) {
            if place + 1 == state.waits.len() {
                self.draw(&mut state);
            }
            let waited = self.changed.wait_timeout(state, FRAME);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Shows the text of the last wait, which is new.
    fn show(&self, state: &mut State) {
        match (&self.live, state.waits.last()) {
            (None, Some(wait)) => {
                let _ = self.write(&format!("{}\n", wait.text));
            }
            _ => self.draw(state),
        }
    }

    fn draw(&self, state: &mut State) {
        let (Some(term), Some(wait)) = (&self.live, state.waits.last()) else { return };
        if state.held == 0 && self.in_foreground() {
            let width = usize::from(term.size().1);
            let line = picture(&wait.text, wait.since.elapsed(), width);
            let _ = self.write(&format!("\r{line}\x1b[K"));
            state.drawn = true;
        }
    }

    fn erase(&self, state: &mut State) {
        if std::mem::take(&mut state.drawn) && self.in_foreground() {
            let _ = self.write(ERASE);
        }
    }

    /// Whether the terminal is robo's at the moment: after Ctrl-Z and `bg` it is the shell's.
    #[cfg(unix)]
    fn in_foreground(&self) -> bool {
        nix::unistd::tcgetpgrp(&self.out).map_or(true, |group| group == nix::unistd::getpgrp())
    }

    #[cfg(not(unix))]
    fn in_foreground(&self) -> bool {
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The line of a wait, cut to less than `width` columns, so that the terminal does not wrap it.
/// The seconds stay whatever is cut.
fn picture(text: &str, elapsed: Duration, width: usize) -> String {
    let seconds = elapsed.as_secs();
    let turn = usize::try_from(elapsed.as_millis() / FRAME.as_millis()).unwrap_or(0);
    let frame = FRAMES[turn % FRAMES.len()];
    let tail = format!("  {frame} {}:{:02}", seconds / 60, seconds % 60);
    let room = width.saturating_sub(1);
    let text = match room.checked_sub(measure_text_width(&tail)) {
        Some(left) => truncate_str(text, left, "…"),
        None => Cow::Borrowed(""),
    };
    let line = format!("{text}{tail}");
    truncate_str(line.trim_start(), room, "").into_owned()
}

/// A question is being asked, as long as this is held.
pub(super) struct Held<'a> {
    screen: &'a Screen,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut state = self.screen.state();
        state.held -= 1;
        self.screen.draw(&mut state);
    }
}

/// A wait that a person watches.
pub(super) struct Spinner {
    screen: Arc<Screen>,
    id: u64,
    thread: Option<JoinHandle<()>>,
    _undoing: Undoing,
}

impl Waiting for Spinner {
    fn update(&self, text: &str) {
        let mut state = self.screen.state();
        let text = plain(text);
        if let Some(wait) = state.waits.iter_mut().find(|wait| wait.id == self.id)
            && wait.text != text
        {
            wait.text = text.into_owned();
            self.screen.show(&mut state);
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        let mut state = self.screen.state();
        self.screen.erase(&mut state);
        state.waits.retain(|wait| wait.id != self.id);
        self.screen.draw(&mut state);
        drop(state);
        self.screen.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_wait_is_never_as_wide_as_the_terminal() {
        let (text, after) = ("Okta: push sent to your phone. Answer 92 there.", 4_250);
        let cases = [
            (80, text, after, "Okta: push sent to your phone. Answer 92 there.  ⠹ 0:04"),
            (56, text, after, "Okta: push sent to your phone. Answer 92 there.  ⠹ 0:04"),
            (55, text, after, "Okta: push sent to your phone. Answer 92 ther…  ⠹ 0:04"),
            (20, text, after, "Okta: push…  ⠹ 0:04"),
            (10, text, after, "…  ⠹ 0:04"),
            (7, text, after, "⠹ 0:04"),
            (4, text, after, "⠹ 0"),
            (0, text, after, ""),
            (14, "電話に通知", 0, "電話…  ⠋ 0:00"),
            (80, "x", 754_000, "x  ⠋ 12:34"),
        ];
        for (width, text, after, want) in cases {
            let line = picture(text, Duration::from_millis(after), width);
            assert_eq!(line, want, "{width}");
            assert!(measure_text_width(&line) < width.max(1), "{line:?}");
        }
    }
}
