//! What is typed, a line at a time.

use std::fs::File;
use std::io::{self, Read as _};

use zeroize::Zeroizing;

use crate::sys::interrupt::Interrupt;

/// The longest answer, in bytes. Terminals cut longer lines without a word: macOS after 1,024
/// bytes (`MAX_INPUT`), Linux after 4,095.
const LONGEST: usize = 1000;

/// A line as it came, without its end. Its memory is wiped when it goes: it may be a password.
pub(super) type Line = Zeroizing<Vec<u8>>;

/// What came from the keyboard.
pub(super) enum Typed {
    Line(Line),
    /// A line that is too long to be sure that all of it is there.
    TooLong,
    /// Ctrl-D, or nobody there any more.
    End,
}

/// Where answers come from.
#[derive(Debug)]
pub(super) struct Keyboard {
    pub(super) tty: File,
    interrupt: Interrupt,
}

impl Keyboard {
    pub(super) fn new(tty: File, interrupt: Interrupt) -> Self {
        Self { tty, interrupt }
    }

    /// Waits for a line. `idle`, where there is one, is called about ten times a second meanwhile.
    ///
    /// # Errors
    /// [`io::ErrorKind::Interrupted`] when the person wants to stop; whatever else the terminal
    /// may say.
    pub(super) fn line(&self, mut idle: Option<&mut dyn FnMut()>) -> io::Result<Typed> {
        // Never moved while it grows: that would leave a copy of a password behind.
        let mut line = Line::new(Vec::with_capacity(LONGEST));
        let mut buffer = Zeroizing::new([0; 4096]);
        let mut too_long = false;
        loop {
            self.wait(&mut idle)?;
            let count = match (&self.tty).read(&mut buffer[..]) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            let typed = &buffer[..count];
            let (part, ended) = match typed.iter().position(|byte| *byte == b'\n') {
                Some(end) => (&typed[..end], true),
                None => (typed, false),
            };
            too_long |= line.len() + part.len() > LONGEST;
            if !too_long {
                line.extend_from_slice(part);
            }
            if ended || count == 0 {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(match (too_long, ended || !line.is_empty()) {
                    (true, _) => Typed::TooLong,
                    (false, true) => Typed::Line(line),
                    (false, false) => Typed::End,
                });
            }
        }
    }
}

#[cfg(unix)]
impl Keyboard {
    /// Waits until there is something to read.
    fn wait(&self, idle: &mut Option<&mut dyn FnMut()>) -> io::Result<()> {
        use std::time::Duration;

        let bell = self.interrupt.bell()?;
        let pause = idle.is_some().then_some(Duration::from_millis(100));
        loop {
            let ready = match readable(&self.tty, &bell, pause) {
                Err(nix::Error::EINTR) => false,
                other => other?,
            };
            if self.interrupt.is_set() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if ready {
                return Ok(());
            }
            if let Some(idle) = idle {
                idle();
            }
        }
    }
}

#[cfg(not(unix))]
impl Keyboard {
    /// Reading waits by itself; Ctrl-C ends the program from elsewhere.
    fn wait(&self, _idle: &mut Option<&mut dyn FnMut()>) -> io::Result<()> {
        if self.interrupt.is_set() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }
}

/// Waits for input on either, for `pause` at most; gives whether there is some.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn readable(
    tty: &File,
    bell: &io::PipeReader,
    pause: Option<std::time::Duration>,
) -> nix::Result<bool> {
    use std::os::fd::AsFd as _;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    let timeout = match pause {
        Some(pause) => PollTimeout::try_from(pause).unwrap_or(PollTimeout::MAX),
        None => PollTimeout::NONE,
    };
    let wanted = |fd| PollFd::new(fd, PollFlags::POLLIN);
    Ok(poll(&mut [wanted(tty.as_fd()), wanted(bell.as_fd())], timeout)? > 0)
}

/// The same: macOS polls no terminals, but selects among them.
#[cfg(target_vendor = "apple")]
fn readable(
    tty: &File,
    bell: &io::PipeReader,
    pause: Option<std::time::Duration>,
) -> nix::Result<bool> {
    use std::os::fd::{AsFd as _, AsRawFd as _};

    use nix::sys::select::{FD_SETSIZE, FdSet, select};
    use nix::sys::time::{TimeVal, TimeValLike as _};

    let mut wanted = FdSet::new();
    for fd in [tty.as_fd(), bell.as_fd()] {
        if usize::try_from(fd.as_raw_fd()).is_ok_and(|number| number >= FD_SETSIZE) {
            return Err(nix::Error::EMFILE);
        }
        wanted.insert(fd);
    }
    let mut timeout =
        pause.map(|pause| TimeVal::milliseconds(i64::try_from(pause.as_millis()).unwrap_or(0)));
    Ok(select(None, &mut wanted, None, None, &mut timeout)? > 0)
}
