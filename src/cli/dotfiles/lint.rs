//! `dotfiles.lint`: what is wrong in a dotfiles repo.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::cli::app::App;
use crate::cli::dotfiles::annotations;
use crate::cli::{Exit, json};
use crate::dotfiles::signed::Signature;
use crate::dotfiles::{self, history, manifest};
use crate::error::Result;
use crate::lint::finding::{Finding, Severity};
use crate::lint::{self, Report, rules};
use crate::sys::env::Env;
use crate::sys::text::count;
use crate::ui::{shown, styles};

/// Look for mistakes in a dotfiles repo: catalogue, configs of all teams, tasks
///
/// The folder is read as it is on the disk, committed or not; links are not followed, and nothing
/// of it is run. Exit code 3 when there is something to say.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of the dotfiles repo
    #[arg(value_name = "DIR", default_value = ".", value_hint = clap::ValueHint::DirPath)]
    folder: PathBuf,
    /// Leave out what this rule finds, such as 'held-back'; may be given several times
    #[arg(long, value_name = "CODE", value_parser = code)]
    allow: Vec<&'static str>,
    /// Check as well that this commit is signed by those who signed for its parent: a branch, a tag
    /// or a commit
    #[arg(long, value_name = "REF", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "HEAD")]
    signed: Option<String>,
    /// Print the findings as JSON on stdout
    #[arg(long)]
    json: bool,
    /// Print them as GitHub's annotations on stdout, for its Actions
    #[arg(long, conflicts_with = "json")]
    github: bool,
}

fn code(text: &str) -> Result<&'static str, String> {
    rules::find(text).map(|rule| rule.code).ok_or_else(|| {
        let known: Vec<&str> = rules::RULES.iter().map(|rule| rule.code).collect();
        rules::nearest(text).unwrap_or_else(|| format!("the rules are: {}", known.join(", ")))
    })
}

pub(crate) fn run(args: &Args, app: &App, robo: &clap::Command) -> Result<Exit> {
    App::stop_on_ctrl_c();
    let unsigned = match &args.signed {
        Some(reference) => unsigned(args, app, reference)?,
        None => None,
    };
    let commands: Vec<&str> = robo.get_subcommands().map(clap::Command::get_name).collect();
    let Report { mut findings, files, teams } = lint::lint(&args.folder, &commands)?;
    findings.extend(unsigned);
    findings.sort_by(|one, other| one.file.cmp(&other.file));
    findings.retain(|finding| !args.allow.contains(&finding.code));
    if args.json {
        app.ui.product(&json::render(&findings)?)?;
    } else if args.github {
        app.ui.product(&annotations::render(&findings, &in_repo(&args.folder, &app.env)))?;
    } else {
        app.ui.table(&for_people(&findings))?;
    }
    let looked_at = format!("{} of {}", count(files, "file"), count(teams, "team"));
    if findings.is_empty() {
        app.ui.say(format_args!("Nothing wrong in {looked_at}."));
        return Ok(Exit::Done);
    }
    let number = |wanted| findings.iter().filter(|finding| finding.severity == wanted).count();
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    app.ui.say(format_args!(
        "{}, {} in {looked_at}.",
        count(errors, "error"),
        count(warnings, "warning")
    ));
    Ok(Exit::Findings)
}

/// What is wrong with a commit's signature; a good one is said.
fn unsigned(args: &Args, app: &App, reference: &str) -> Result<Option<Finding>> {
    let folder = dotfiles::Folder::open(&args.folder)?;
    let (commit, signature) = history::signed(&folder, reference, &app.env)?;
    Ok(match signature {
        Ok(Signature { signer, kind, key }) => {
            app.ui.say(format_args!("{commit} is signed by {signer} ({kind} {key})."));
            None
        }
        Err(refusal) => Some(Finding {
            severity: Severity::Error,
            code: "unsigned",
            file: manifest::FILE.to_owned(),
            line: None,
            message: format!("the commit {commit} {}", refusal.words()),
            hint: Some("laptops that have its signers pinned refuse it".to_owned()),
            excerpt: None,
        }),
    })
}

/// Where the folder is in the repo that GitHub has checked out: nothing, or with a `/` behind it.
fn in_repo(folder: &Path, env: &Env) -> String {
    let workspace = env.text("GITHUB_WORKSPACE").map(PathBuf::from);
    let workspace = workspace.and_then(|path| path.canonicalize().ok());
    let inside = workspace.and_then(|workspace| {
        let folder = folder.canonicalize().ok()?;
        Some(folder.strip_prefix(workspace).ok()?.to_owned())
    });
    let inside = inside.unwrap_or_else(|| folder.to_owned());
    let parts = inside.components().filter(|part| *part != Component::CurDir);
    let parts = parts.map(|part| format!("{}/", part.as_os_str().to_string_lossy()));
    parts.collect::<String>().replace("//", "/")
}

/// By file, with the line that is meant.
fn for_people(findings: &[Finding]) -> String {
    let (bold, dim, hint_style) = (styles::BOLD, styles::DIM, styles::HINT);
    let mut text = String::new();
    for group in findings.chunk_by(|one, other| one.file == other.file) {
        let _ = writeln!(text, "{bold}{}{bold:#}", shown(&group[0].file));
        for finding in group {
            let (style, word) = match finding.severity {
                Severity::Error => (styles::ERROR, "error"),
                Severity::Warning => (styles::WARNING, "warning"),
            };
            let line = finding.line.map(|line| format!("{line}: ")).unwrap_or_default();
            let _ = writeln!(
                text,
                "  {line}{style}{word}:{style:#} {} {dim}[{}]{dim:#}",
                shown(&finding.message),
                finding.code
            );
            if let Some(excerpt) = &finding.excerpt {
                let _ = writeln!(text, "    {dim}|{dim:#} {}", shown(excerpt));
            }
            if let Some(hint) = &finding.hint {
                let _ = writeln!(text, "    {hint_style}hint:{hint_style:#} {}", shown(hint));
            }
        }
        text.push('\n');
    }
    text
}
