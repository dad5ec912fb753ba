//! What every command is handed: the environment, the terminal, the folders, the settings.

use std::cell::OnceCell;
use std::io::Write as _;

use crate::cli::Global;
use crate::error::Result;
use crate::settings::{Settings, SettingsFile};
use crate::sys::env::Env;
use crate::sys::folders::Folders;
use crate::sys::interrupt::Interrupt;
use crate::ui::{Terminal, Ui};

/// The world of one command. Nothing is opened before a command asks for it.
pub(super) struct App {
    pub(super) env: Env,
    pub(super) ui: Ui,
    /// Whether nothing is to be asked, be somebody there or not.
    pub(super) no_input: bool,
    interrupt: Interrupt,
    folders: OnceCell<Folders>,
}

impl App {
    pub(super) fn new(env: Env, global: &Global) -> Self {
        let no_input = global.no_input || env.flag("ROBO_NO_INPUT");
        let interrupt = Interrupt::default();
        let term = env.text("TERM");
        let terminal = if no_input { None } else { Terminal::open(term.as_deref(), &interrupt) };
        let ui = Ui::new(global.color.into(), global.verbose, terminal);
        Self { env, ui, no_input, interrupt, folders: OnceCell::new() }
    }

    pub(super) fn folders(&self) -> Result<&Folders> {
        if let Some(folders) = self.folders.get() {
            return Ok(folders);
        }
        let found = Folders::find(&self.env)?;
        Ok(self.folders.get_or_init(|| found))
    }

    /// The settings and their file; unknown keys are told.
    pub(super) fn settings(&self, folders: &Folders) -> Result<(Settings, SettingsFile)> {
        let file = SettingsFile::new(folders);
        let (settings, warnings) = file.load()?;
        for warning in warnings {
            self.ui.warn(&warning);
        }
        Ok((settings, file))
    }

    /// Makes Ctrl-C end the process with code 130, at any instant. Commands that write are made
    /// so that this harms nothing.
    pub(super) fn stop_on_ctrl_c() {
        let stop = || {
            farewell();
            std::process::exit(130)
        };
        // A second handler is refused: the first does the same.
        let _ = ctrlc::set_handler(stop);
    }

    /// Makes Ctrl-C (SIGTERM, SIGHUP) something that waits and questions end with, so that the
    /// command can end what it began elsewhere; one that does not end is ended soon after.
    pub(super) fn interrupt(&self) -> Interrupt {
        self.interrupt.listen(farewell);
        self.interrupt.clone()
    }
}

/// A picker may have hidden the cursor; the shell's prompt goes on a line of its own.
fn farewell() {
    let _ = anstream::stderr().write_all(b"\x1b[?25h\n");
}
