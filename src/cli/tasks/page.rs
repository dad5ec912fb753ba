//! Pages about tasks: the very bytes for a program, safe and in colours for a terminal.

use crate::cli::app::App;
use crate::error::Result;
use crate::sys::text::count;
use crate::tasks::Colors;
use crate::tasks::show::{Page, Style};
use crate::ui::shown;

/// How pages are made for where stdout goes.
pub(super) fn style(app: &App) -> Style<'static> {
    let colors = if app.ui.has_colors() { Colors::On } else { Colors::Off };
    let safe: &dyn Fn(&str) -> String =
        &|text| text.split('\n').map(shown).collect::<Vec<_>>().join("\n");
    let raw: &dyn Fn(&str) -> String = &str::to_owned;
    Style { colors, shown: if app.ui.is_watched() { safe } else { raw } }
}

/// Shows a page, and tells what was amiss.
pub(super) fn show(app: &App, page: &Page) -> Result<()> {
    warn(app, &page.warnings);
    if app.ui.has_colors() { app.ui.table(&page.text) } else { app.ui.product(&page.text) }
}

/// Tells what is odd, as much of it as a person reads.
pub(super) fn warn(app: &App, warnings: &[String]) {
    const MOST: usize = 100;

    for warning in warnings.iter().take(MOST) {
        app.ui.warn(warning);
    }
    if let Some(more) = warnings.len().checked_sub(MOST).filter(|more| *more > 0) {
        app.ui.warn(&format!("there is more that is odd: {}", count(more, "warning")));
    }
}
