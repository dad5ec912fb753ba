//! Colours, and whether there are any.

pub use anstyle::Style;

/// `--color`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` speaks against it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The few styles that robo has.
pub mod styles {
    use anstyle::{AnsiColor, Style};

    /// `error:`.
    pub const ERROR: Style = AnsiColor::Red.on_default().bold();
    /// `warning:`.
    pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
    /// `hint:`, and what is to be typed.
    pub const HINT: Style = AnsiColor::Cyan.on_default();
    /// What stands out: a team, a profile.
    pub const BOLD: Style = Style::new().bold();
    /// What steps back: a commit, an age.
    pub const DIM: Style = Style::new().dimmed();
    /// A line that goes.
    pub const OLD: Style = AnsiColor::Red.on_default();
    /// The words in it that changed.
    pub const OLD_WORD: Style = AnsiColor::Red.on_default().bold().underline();
    /// A line that comes.
    pub const NEW: Style = AnsiColor::Green.on_default();
    /// The words in it that changed.
    pub const NEW_WORD: Style = AnsiColor::Green.on_default().bold().underline();
    /// Where a hunk is.
    pub const HUNK: Style = AnsiColor::Cyan.on_default();
}

pub(super) fn choose(color: ColorChoice) {
    match color {
        ColorChoice::Auto => {}
        ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
        ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
    }
}
