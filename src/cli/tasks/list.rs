//! The list of all there is to type.

use std::fmt::Write as _;

use crate::cli::Exit;
use crate::cli::app::App;
use crate::cli::tasks::around::{self, Commands};
use crate::cli::tasks::sources::{Origin, Source, Sources};
use crate::cli::tasks::{TaskFlags, page};
use crate::error::Result;
use crate::tasks::show;
use crate::ui::{shown, styles};

/// Lists the tasks of the file that was named, or everything.
pub(in crate::cli) fn run(flags: &TaskFlags, app: &App, robo: &clap::Command) -> Result<Exit> {
    let sources = match &flags.config {
        Some(path) => Sources::load(app, Some(path))?,
        None => Sources::readable(app, &|error| app.ui.warn(&error.to_string())),
    };
    for source in &sources.all {
        page::warn(app, &source.file.warnings());
    }
    page::warn(app, sources.other_team(app).as_slice());
    if flags.quiet {
        return names(flags, app, robo, &sources);
    }
    if let ([source], Some(_)) = (&sources.all[..], &flags.config) {
        let style = page::style(app);
        let page = around::with(app, source, Commands::Run, |around| {
            show::list(&source.file, around, style)
        })?;
        page::show(app, &page)?;
        return Ok(Exit::Done);
    }
    let mut out = String::from("\n");
    let commands: Vec<(String, String)> = built_in(robo)
        .map(|command| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            (command.get_name().to_owned(), about)
        })
        .collect();
    rows(&mut out, app, &commands);
    for source in &sources.all {
        let (bold, label) = (styles::BOLD, shown(&source.label));
        let _ = writeln!(out, "\n  {bold}{label}{bold:#}");
        section(&mut out, app, source, &sources, robo);
    }
    out.push('\n');
    app.ui.table(&out)?;
    Ok(Exit::Done)
}

fn names(flags: &TaskFlags, app: &App, robo: &clap::Command, sources: &Sources) -> Result<Exit> {
    let mut names: Vec<&str> = sources.names().collect();
    if flags.config.is_none() {
        names.extend(built_in(robo).map(clap::Command::get_name));
    }
    names.sort_unstable();
    names.dedup();
    let style = page::style(app);
    let line = |name: &&str| format!("{}\n", (style.shown)(name));
    app.ui.product(&names.iter().map(line).collect::<String>())?;
    Ok(Exit::Done)
}

/// The commands that are robo's own.
pub(super) fn built_in(robo: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    robo.get_subcommands().filter(|command| !command.is_hide_set())
}

/// The tasks of one file.
fn section(out: &mut String, app: &App, source: &Source, sources: &Sources, robo: &clap::Command) {
    let style = page::style(app);
    let made = around::with(app, source, Commands::RunTrusted, |around| {
        // One from here could print what looks like the company's part of the list.
        let template = source.origin != Origin::Local { trusted: false };
        if template && source.file.has_list_template() {
            let page = show::list(&source.file, around, style)?;
            return Ok((page.text, Vec::new(), page.warnings));
        }
        let (lines, warnings) = show::lines(&source.file, around)?;
        let row = |line: show::Line| {
            let hidden = hidden(&line.name, source, sources, robo);
            let summary = line.summary.split_whitespace().collect::<Vec<_>>().join(" ");
            (shown(&line.name), format!("{}{hidden}", shown(&summary)))
        };
        Ok((String::new(), lines.into_iter().map(row).collect(), warnings))
    });
    match made {
        Ok((text, lines, warnings)) => {
            page::warn(app, &warnings);
            out.push_str(&text);
            rows(out, app, &lines);
        }
        Err(error) => app.ui.warn(&error.to_string()),
    }
}

/// What is typed by a task's name instead of it.
fn hidden(name: &str, source: &Source, sources: &Sources, robo: &clap::Command) -> String {
    let by = if built_in(robo).any(|command| command.get_name() == name) {
        "robo".to_owned()
    } else {
        match sources.task(name) {
            Some((first, _)) if !std::ptr::eq(first, source) => shown(&first.label),
            _ => return String::new(),
        }
    };
    let space = " ";
    format!("{space}(hidden by that of {by})")
}

/// Names and what they do, in two columns.
fn rows(out: &mut String, app: &App, rows: &[(String, String)]) {
    /// A name that is longer pushes no other line to the right.
    const WIDEST: usize = 24;
    /// Columns that are left for the second one at the least.
    const NARROWEST: usize = 20;
    /// How far in it stands then.
    const BELOW: usize = 6;

    let width = |name: &str| name.chars().count();
    let names = rows.iter().map(|(name, _)| width(name)).filter(|width| *width <= WIDEST);
    let column = names.max().unwrap_or(0);
    let indent = column + 4;
    let columns = app.ui.width().unwrap_or(usize::MAX);
    // Where there is no room for a second column, what it would hold stands below.
    let below = columns.saturating_sub(indent) < NARROWEST;
    let indent = if below { BELOW } else { indent };
    let room = columns.saturating_sub(indent);
    let (bold, dim) = (styles::BOLD, styles::DIM);
    for (name, about) in rows {
        let gap = if below {
            format!("\n{}", " ".repeat(indent))
        } else {
            " ".repeat(column.saturating_sub(width(name)) + 2)
        };
        let about = wrapped(about, room).join(&format!("\n{}", " ".repeat(indent)));
        let about = if about.is_empty() { about } else { format!("{gap}{dim}{about}{dim:#}") };
        let _ = writeln!(out, "  {bold}{name}{bold:#}{about}");
    }
}

/// The words of `text` in lines of `room` characters at most, but for longer words.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_break_between_words() {
        let cases: [(&str, usize, &[&str]); 4] = [
            ("a bc def", 4, &["a bc", "def"]),
            ("a bc def", usize::MAX, &["a bc def"]),
            ("longer than that", 3, &["longer", "than", "that"]),
            ("", 3, &[""]),
        ];
        for (text, room, want) in cases {
            assert_eq!(wrapped(text, room), want, "{text}");
        }
    }
}
