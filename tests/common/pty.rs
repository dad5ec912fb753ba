//! A real terminal, with robo on it and the test at the keyboard.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use expectrl::process::Process;
use expectrl::process::unix::{UnixProcess, WaitStatus};

use super::PATIENCE;
use super::run::starting;

/// A program on a terminal of 80 columns and 24 lines, in a session of its own.
///
/// What is expected is looked for in what a person reads: colours and cursor movements are left
/// out, and a line ends in `\n`. The terminal does not echo what is typed (the program may):
/// expect an answer by its effect.
///
/// The crate `expectrl` makes the terminal; reading it is done here, in a thread that blocks,
/// because expectrl's own `expect` spins a processor and cannot see through colours.
pub(crate) struct Pty {
    process: UnixProcess,
    keyboard: File,
    output: Receiver<Vec<u8>>,
    title: String,
    seen: Vec<u8>,
    /// How much of the readable text lies before what is expected next.
    found: usize,
}

impl Pty {
    #[track_caller]
    pub(super) fn start(command: Command, title: String) -> Self {
        let process = {
            let _starting = starting();
            UnixProcess::spawn_command(command).unwrap_or_else(|error| panic!("{title}: {error}"))
        };
        let keyboard = process.get_raw_handle().unwrap();
        let mut display = process.get_raw_handle().unwrap();
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Linux reports the end of a terminal as an error, others as no bytes.
            while let Ok(1..) = display.read(&mut buffer).inspect(|&length| {
                let _ = sender.send(buffer[..length].to_owned());
            }) {}
        });
        Self { process, keyboard, output, title, seen: Vec::new(), found: 0 }
    }

    /// Waits until the terminal shows `text`, somewhere after what was expected before.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) -> &mut Self {
        let started = Instant::now();
        loop {
            let screen = self.screen();
            if let Some(start) = screen[self.found..].find(text) {
                self.found += start + text.len();
                return self;
            }
            if let Err(why) = self.read(started) {
                panic!("{}: {why} without {text:?}\n{}", self.title, self.screen());
            }
        }
    }

    /// Types `text`, without Enter.
    #[track_caller]
    pub(crate) fn send(&mut self, text: &str) -> &mut Self {
        self.send_bytes(text.as_bytes())
    }

    /// Types bytes, which need not be text.
    #[track_caller]
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.keyboard.write_all(bytes).unwrap();
        self
    }

    /// Types `text` and Enter.
    #[track_caller]
    pub(crate) fn send_line(&mut self, text: &str) -> &mut Self {
        self.send(text).send("\r")
    }

    /// Types Ctrl-C.
    #[track_caller]
    pub(crate) fn send_ctrl_c(&mut self) -> &mut Self {
        self.send("\x03")
    }

    /// Types Ctrl-D, the end of input.
    #[track_caller]
    pub(crate) fn send_ctrl_d(&mut self) -> &mut Self {
        self.send("\x04")
    }

    /// Gives the window another size, as dragging its corner does.
    #[track_caller]
    pub(crate) fn resize(&mut self, columns: u16, lines: u16) -> &mut Self {
        self.process.set_window_size(columns, lines).unwrap();
        self
    }

    /// Everything that was read from the terminal so far, without colours.
    pub(crate) fn screen(&self) -> String {
        readable(&self.seen)
    }

    /// The same as it came, to look for colours in.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Whether the terminal takes whole lines, which it lets be edited, rather than single keys.
    pub(crate) fn edits_lines(&self) -> bool {
        use nix::sys::termios::{LocalFlags, tcgetattr};

        tcgetattr(&self.keyboard).unwrap().local_flags.contains(LocalFlags::ICANON)
    }

    /// The process id, to send it a signal.
    pub(crate) fn id(&self) -> i32 {
        self.process.pid().as_raw()
    }

    /// Reads to the end and waits for the program: its exit code (128+n where signal n ended it)
    /// and everything that the terminal showed, without colours.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> (i32, String) {
        let started = Instant::now();
        loop {
            match self.read(started) {
                Ok(()) => {}
                Err("it ended") => break,
                Err(why) => panic!("{}: {why}\n{}", self.title, self.screen()),
            }
        }
        let status = match self.process.wait().unwrap() {
            WaitStatus::Exited(_, code) => code,
            WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
            other => panic!("{}: {other:?}", self.title),
        };
        (status, self.screen())
    }

    /// Waits for more output, as long as patience lasts.
    fn read(&mut self, started: Instant) -> Result<(), &'static str> {
        match self.output.recv_timeout(PATIENCE.saturating_sub(started.elapsed())) {
            Ok(bytes) => {
                self.seen.extend_from_slice(&bytes);
                Ok(())
            }
            Err(RecvTimeoutError::Disconnected) => Err("it ended"),
            Err(RecvTimeoutError::Timeout) => Err("it showed nothing more for minutes"),
        }
    }
}

/// Terminal output as a person reads it: without escape sequences, lines ending in `\n`. A last
/// sequence or character that is not whole yet is left out, so that text only ever grows.
fn readable(bytes: &[u8]) -> String {
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    };
    let text = String::from_utf8_lossy(whole);
    let mut shown = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\x1b' => match characters.next() {
                // Control sequences: colours, cursor movements. They end in a letter or so.
                Some('[') => while characters.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
                // Operating system commands: links, titles. They end in BEL or ESC \.
                Some(']') => {
                    while let Some(c) = characters.next() {
                        if c == '\x07' || (c == '\x1b' && characters.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                _ => {}
            },
            '\r' => {}
            _ => shown.push(character),
        }
    }
    shown
}
