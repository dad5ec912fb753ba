//! `aws.env`: credentials for the shell that one is in.

use std::borrow::Cow;

use clap::ValueEnum;
use clap_complete::engine::ArgValueCompleter;

use crate::cli::app::App;
use crate::cli::choose::Choose;
use crate::cli::handover::Environment;
use crate::cli::parts::Parts;
use crate::cli::{Exit, complete, json};
use crate::error::Result;

/// Print a profile's credentials as commands for your shell: eval "$(robo aws.env dev)"
///
/// For fish: robo aws.env dev --format fish | source.
/// For PowerShell: robo aws.env dev --format powershell | Out-String | Invoke-Expression.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The profile; a list to pick from, if it is left out on a terminal
    #[arg(add = ArgValueCompleter::new(complete::profiles))]
    profile: Option<String>,
    /// What to print them for
    #[arg(long, value_enum, default_value_t = Format::Sh)]
    format: Format,
    #[command(flatten)]
    choose: Choose,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// sh, bash, zsh
    Sh,
    Fish,
    Powershell,
    /// A .env file
    Dotenv,
    Json,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let (parts, request) = Parts::for_profile(app, args.profile.as_deref(), &args.choose)?;
    let session = parts.credentials(&request)?;
    let environment = Environment::new(&request.profile, &session);
    app.ui.product(&rendered(args.format, &environment)?)?;
    Ok(Exit::Done)
}

fn rendered(format: Format, environment: &Environment) -> Result<String> {
    // Whoever goes on in this shell must not be led by what it had before.
    let unset = |command: &str| -> String {
        environment.removed().map(|name| format!("{command}{name}\n")).collect()
    };
    let set = |line: fn(&str, &str) -> String| -> String {
        environment.set().iter().map(|(key, value)| line(key, value)).collect()
    };
    Ok(match format {
        Format::Sh => unset("unset ") + &set(|key, value| format!("export {key}={}\n", sh(value))),
        Format::Fish => {
            // What is not set cannot be erased, which would be the status of all of it.
            unset("set -e ")
                + "true\n"
                + &set(|key, value| format!("set -gx {key} {}\n", fish(value)))
        }
        Format::Powershell => {
            unset("Remove-Item -ErrorAction Ignore Env:")
                + &set(|key, value| format!("$Env:{key} = {}\n", powershell(value)))
        }
        Format::Dotenv => set(|key, value| format!("{key}={}\n", dotenv(value))),
        Format::Json => {
            let set = environment.set().iter().map(|(key, value)| (*key, value.as_str()));
            json::render(&set.collect::<std::collections::BTreeMap<_, _>>())?
        }
    })
}

/// In single quotes nothing means anything to sh but the quote itself.
fn sh(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// fish also takes `\` before a quote or itself, in single quotes.
fn fish(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// PowerShell doubles the quote; it takes the typographic ones for quotes too.
fn powershell(value: &str) -> String {
    let doubled = |c: char| match c {
        '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => format!("{c}{c}"),
        c => c.to_string(),
    };
    format!("'{}'", value.chars().map(doubled).collect::<String>())
}

/// Bare where it can be: `docker --env-file` knows no quotes. Libraries take nothing in single
/// quotes for anything else; a quote in the value leaves the double ones, where `$` has a meaning.
fn dotenv(value: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.,:/+=@%".contains(c);
    if value.chars().all(plain) {
        return value.into();
    }
    if !value.contains('\'') {
        return format!("'{value}'").into();
    }
    let mut quoted = String::from('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_can_leave_its_quotes() {
        let value = r"a'b\c $(x)";
        assert_eq!(sh(value), r"'a'\''b\c $(x)'");
        assert_eq!(fish(value), r"'a\'b\\c $(x)'");
        assert_eq!(dotenv(value), r#""a'b\\c \$(x)""#);
        assert_eq!(dotenv("a#b c"), "'a#b c'");
        assert_eq!(dotenv("arn:aws:iam::1:role/a+b="), "arn:aws:iam::1:role/a+b=");
        assert_eq!(powershell("a'b\u{2019}"), "'a''b\u{2019}\u{2019}'");
    }
}
