//! A file of the team's, read strictly: what robo writes from it has to mean the same to every
//! tool that reads `~/.aws/config`.
//!
//! Two readers are asked, Python's `configparser` (by [`Document`]) and the AWS SDKs' shared
//! grammar ([`sdk`]), and the file is refused where they differ. What other readers are known to
//! take otherwise is refused as well: the AWS SDK for JavaScript and for Go take an indented
//! `key = value` below any property for a key of the section, and botocore takes every header that
//! begins with `profile` for a profile's.

use std::borrow::Cow;

use crate::config::mask::shown_line;
use crate::config::sdk;
use crate::config::section::SectionId;
use crate::config::tree::{Section, Tree, Trouble, TroubleKind};
use crate::config::unit::Unit;
use crate::error::{Error, Result};
use crate::ini::{Document, FaultKind, odd_ends};
use crate::sys::text::plain;

/// The kinds of section that all tools know; no header may only begin like one.
const KINDS: [&str; 3] = ["profile", "sso-session", "services"];

/// A line that makes the file one that is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flaw {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in words.
    pub what: String,
    /// Which mistake it is.
    pub kind: FlawKind,
}

/// Why a line is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FlawKind {
    /// A section that was there before, in this spelling or in another.
    SectionAgain,
    /// A key that its section has already.
    KeyAgain,
    /// A reader fails on it.
    Broken,
    /// Readers take it for different things.
    Ambiguous,
}

impl FlawKind {
    fn of(trouble: &Trouble) -> Self {
        match trouble.kind {
            TroubleKind::SectionAgain => Self::SectionAgain,
            TroubleKind::Line(FaultKind::DuplicateKey { .. }) => Self::KeyAgain,
            _ if trouble.fatal => Self::Broken,
            _ => Self::Ambiguous,
        }
    }
}

/// A file of the team's as it was read.
#[derive(Clone, Debug)]
pub struct Examined {
    /// What it says, as far as that can be told where there are flaws.
    pub tree: Tree,
    /// Why it is refused: the first that a reader meets comes first. None: it is not.
    pub flaws: Vec<Flaw>,
    /// What a person should know, though it stops nothing.
    pub warnings: Vec<Warning>,
}

/// Something that a person should know, though it stops nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Warning {
    /// The line, from 1.
    pub line: usize,
    /// What it is about, in words that follow the place.
    pub what: String,
    /// Which oddity it is.
    pub kind: WarningKind,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WarningKind {
    /// A comment behind a value, which is left out.
    InlineComment,
    /// A comment that holds control characters, which is left out.
    SteeringComment,
    /// A name that some tools pass over.
    OddName,
}

/// Reads the text of `file`; the second value is what a person should know, though it stops
/// nothing.
///
/// # Errors
/// When a reader fails on it or two differ about it: with the line.
pub(super) fn read(file: &str, text: &[u8]) -> Result<(Tree, Vec<String>)> {
    let document = Document::parse(text);
    let Examined { tree, flaws, warnings } = examine_document(file, &document);
    if let Some(Flaw { line, what, .. }) = flaws.first() {
        return Err(Error::failed(format!("{file}:{line}: {what}"))
            .excerpt(*line, &shown_line(&document, *line)));
    }
    let told = |warning: Warning| format!("{file}:{}: {}", warning.line, warning.what);
    Ok((tree, warnings.into_iter().map(told).collect()))
}

/// Reads the text of `file` with all of its flaws.
pub fn examine(file: &str, text: &[u8]) -> Examined {
    examine_document(file, &Document::parse(text))
}

fn examine_document(file: &str, document: &Document) -> Examined {
    let mut tree = Tree::read(document, file);
    let mut flaws: Vec<Flaw> = tree
        .troubles()
        .iter()
        .map(|trouble| Flaw {
            line: trouble.place.line,
            what: trouble.what.clone(),
            kind: FlawKind::of(trouble),
        })
        .collect();
    let flaw = |line, what: &str, kind| Flaw { line, what: what.to_owned(), kind };
    for section in document.sections() {
        if let (Some(line), Some(what)) = (section.line(), header_flaw(section.name())) {
            flaws.push(flaw(line, what, FlawKind::Ambiguous));
        }
    }
    let raw = sdk::read(document)
        .map_err(|refusal| {
            if flaws.iter().all(|flaw| flaw.line != refusal.line) {
                flaws.push(flaw(refusal.line, refusal.what, FlawKind::Broken));
            }
        })
        .ok();
    // Where a reader fails, what the two of them read cannot be laid side by side.
    let raw = raw.filter(|_| tree.troubles().is_empty());
    let mut values = raw.map(|raw| raw.into_iter().flat_map(|section| section.properties));
    let mut warnings = Vec::new();
    for section in tree.sections_mut() {
        drop_steering_comments(&mut section.lead, section.place.line, &mut warnings);
        warnings.extend(odd_name(section));
        for unit in &mut section.units {
            drop_steering_comments(&mut unit.lead, unit.place.line, &mut warnings);
            let line = unit.place.line;
            let next = values.as_mut().map(Iterator::next);
            let alike_before = next.as_ref().is_none_or(|read| {
                read.as_ref().is_some_and(|(_, value, _)| unit.is_read_as(value))
            });
            if leave_comments_out(unit) {
                warnings.push(Warning {
                    line,
                    what: "the comment behind the value is left out: the AWS CLI would take it \
                           for a part of it"
                        .to_owned(),
                    kind: WarningKind::InlineComment,
                });
            }
            let alike = next.is_none_or(|read| {
                read.is_some_and(|(key, value, at)| {
                    let value_alike = alike_before || unit.is_read_as(&value);
                    (key.as_str(), at) == (unit.name(), line) && value_alike
                })
            });
            if !alike || odd_ends(&unit.value) {
                let what =
                    format!("the AWS CLI and the AWS SDKs would read '{}' differently", unit.key);
                flaws.push(flaw(line, &what, FlawKind::Ambiguous));
            } else if let Some(what) = unit_flaw(unit) {
                flaws.push(flaw(line, what, FlawKind::Ambiguous));
            }
        }
    }
    Examined { tree, flaws, warnings }
}

/// What is wrong with the text between a header's brackets.
fn header_flaw(name: &str) -> Option<&'static str> {
    if name == "DEFAULT" {
        return Some("[DEFAULT]: the AWS CLI gives its keys to every section; write [default]");
    }
    let Some((kind, name)) = name.split_once([' ', '\t']) else {
        return (!sdk::is_identifier(name)).then_some(ODD_HEADER);
    };
    if KINDS.iter().any(|known| kind.starts_with(known) && kind != *known) {
        return Some("the AWS CLI takes this for a profile, and no other tool does");
    }
    if !sdk::is_identifier(kind) {
        return Some(ODD_HEADER);
    }
    let name = name.trim_matches([' ', '\t']);
    let quoted = ['"', '\''].iter().find_map(|quote| {
        let inner = name.strip_prefix(*quote)?.strip_suffix(*quote)?;
        (!inner.contains(*quote)).then_some(inner)
    });
    let special = |c: char| c.is_control() || "\"'\\[]#;".contains(c);
    let (word, blanks) = (quoted.unwrap_or(name), quoted.is_some());
    let flawed = word.contains(|c: char| special(c) || c.is_whitespace() && !(blanks && c == ' '));
    (word.is_empty() || flawed || plain(word) != word).then_some(ODD_HEADER)
}

const ODD_HEADER: &str = "a section name that not every tool takes alike; a name of several words \
                          goes in quotes";

/// A name that the SDKs pass over, though the AWS CLI does not.
fn odd_name(section: &Section) -> Option<Warning> {
    let id = &section.id;
    let odd = !id.kind().is_empty() && !sdk::is_identifier(id.name());
    odd.then(|| Warning {
        line: section.place.line,
        what: format!("[{id}]: only the AWS CLI takes this name, the AWS SDKs pass it over"),
        kind: WarningKind::OddName,
    })
}

/// Takes the comments behind the values of a property off; says whether there were any.
fn leave_comments_out(unit: &mut Unit) -> bool {
    let was_nested = unit.is_nested();
    let mut found = false;
    let bare = sdk::uncommented(&unit.value, true);
    if bare != unit.value {
        (found, unit.value) = (true, bare.to_owned());
    }
    for line in unit.continuation.iter_mut().filter(|_| was_nested) {
        let blanks = line.len() - line.trim_start().len();
        let bare = sdk::uncommented(line, true);
        if bare.len() < line.trim().len() && !bare.is_empty() {
            (found, *line) = (true, format!("{}{bare}", &line[..blanks]));
        }
    }
    found
}

/// What some reader takes otherwise in a property.
fn unit_flaw(unit: &Unit) -> Option<&'static str> {
    if unit.key.contains(char::is_control) || plain(&unit.key) != unit.key {
        return Some("a control character in a key");
    }
    let below = || unit.continuation.iter().map(|line| line.trim());
    if below().any(|line| line.starts_with('[')) {
        return Some("an indented '[' below it, which some SDKs take for a section");
    }
    if !unit.is_nested() && below().any(|line| line.contains('=')) {
        return Some("an indented '=' below its value, which some SDKs take for a key of its own");
    }
    let mut keys: Vec<String> = unit.nested().map(|(key, _)| key).collect();
    keys.sort();
    keys.windows(2).any(|pair| pair[0] == pair[1]).then_some("the same key twice in its block")
}

/// Comments travel into people's files, and to their terminals from there.
fn drop_steering_comments(lead: &mut Vec<String>, line: usize, warnings: &mut Vec<Warning>) {
    let before = lead.len();
    lead.retain(|comment| matches!(plain(comment), Cow::Borrowed(_)));
    if lead.len() < before {
        warnings.push(Warning {
            line,
            what: "a comment above it is left out: it holds control characters".to_owned(),
            kind: WarningKind::SteeringComment,
        });
    }
}

/// One key of one section as a file of its own would set it, for what is said elsewhere.
///
/// # Errors
/// When `key = value` in a file would be anything but that key and that value.
pub(super) fn one(file: &str, id: &SectionId, key: &str, value: &str) -> Result<Unit> {
    let text = format!("[{id}]\n{key} = {value}\n");
    let (tree, warnings) = read(file, text.as_bytes())?;
    let unit = match tree.sections() {
        [section] if section.id == *id => match section.units.as_slice() {
            [unit] if unit.value == value && unit.continuation.is_empty() => Some(unit.clone()),
            _ => None,
        },
        _ => None,
    };
    unit.filter(|_| warnings.is_empty() && plain(value) == value)
        .ok_or_else(|| Error::failed(format!("not a plain value of one line: {value}")))
}
