//! A terminal that does not show what is typed.

use std::fs::File;
use std::io;

use nix::sys::termios::{self, InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios};

use crate::sys::interrupt::{Interrupt, Undoing};

/// The mode that a terminal was in. It is brought back when this is dropped, and when
/// [`Interrupt`] ends the program.
pub(super) struct Mode {
    tty: File,
    before: Termios,
    _undoing: Undoing,
}

impl Mode {
    /// Keeps the mode that `tty` is in.
    pub(super) fn keep(tty: &File, interrupt: &Interrupt) -> io::Result<Self> {
        let before = termios::tcgetattr(tty)?;
        let (theirs, mode) = (tty.try_clone()?, before.clone());
        let undoing = interrupt.undo_at_exit(move || {
            let _ = termios::tcsetattr(&theirs, SetArg::TCSANOW, &mode);
        });
        Ok(Self { tty: tty.try_clone()?, before, _undoing: undoing })
    }

    /// Gives each key at once, as long as this is held. A picker that reads them one by one puts
    /// back after each what was there before it: a terminal that still edits a line would take a
    /// backspace between two keys for itself. Ctrl-C and Ctrl-Z mean what they always do.
    pub(super) fn each_key(&self) -> io::Result<()> {
        let mut mode = self.before.clone();
        mode.local_flags.remove(
            LocalFlags::ECHO | LocalFlags::ECHONL | LocalFlags::ICANON | LocalFlags::IEXTEN,
        );
        mode.local_flags.insert(LocalFlags::ISIG);
        mode.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        mode.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        Ok(termios::tcsetattr(&self.tty, SetArg::TCSADRAIN, &mode)?)
    }
}

impl Drop for Mode {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(&self.tty, SetArg::TCSANOW, &self.before);
    }
}

/// The terminal shows nothing of what is typed, as long as this is held.
pub(super) struct Hidden {
    mode: Mode,
}

impl Hidden {
    /// Forgets what was typed so far, and shows nothing from now on. Still the terminal gives a
    /// line at a time, and Ctrl-C and Ctrl-Z mean what they always do.
    pub(super) fn begin(tty: &File, interrupt: &Interrupt) -> io::Result<Self> {
        let hidden = Self { mode: Mode::keep(tty, interrupt)? };
        hidden.hide(hidden.mode.before.clone())?;
        Ok(hidden)
    }

    /// Hides again what a shell has made visible while robo was stopped (Ctrl-Z, `fg`); gives
    /// whether it had to.
    pub(super) fn again(&self) -> bool {
        termios::tcgetattr(&self.mode.tty).is_ok_and(|mode| {
            mode.local_flags.contains(LocalFlags::ECHO) && self.hide(mode).is_ok()
        })
    }

    fn hide(&self, mut mode: Termios) -> io::Result<()> {
        mode.local_flags.remove(LocalFlags::ECHO | LocalFlags::ECHONL);
        mode.local_flags.insert(LocalFlags::ICANON | LocalFlags::ISIG);
        mode.input_flags.remove(InputFlags::INLCR | InputFlags::IGNCR);
        mode.input_flags.insert(InputFlags::ICRNL);
        Ok(termios::tcsetattr(&self.mode.tty, SetArg::TCSAFLUSH, &mode)?)
    }
}
