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
use crate::config::tree::{Section, Tree};
use crate::config::unit::Unit;
use crate::error::{Error, Result};
use crate::ini::{Document, odd_ends};
use crate::sys::text::plain;

/// The kinds of section that all tools know; no header may only begin like one.
const KINDS: [&str; 3] = ["profile", "sso-session", "services"];

/// Reads the text of `file`; the second value is what a person should know, though it stops
/// nothing.
///
/// # Errors
/// When a reader fails on it or two differ about it: with the line.
pub(super) fn read(file: &str, text: &[u8]) -> Result<(Tree, Vec<String>)> {
    let document = Document::parse(text);
    let refuse = |line: usize, what: &str| {
        Error::failed(format!("{file}:{line}: {what}")).excerpt(line, &shown_line(&document, line))
    };
    let mut tree = Tree::read(&document, file);
    if let Some(trouble) = tree.troubles().first() {
        return Err(refuse(trouble.place.line, &trouble.what));
    }
    for section in document.sections() {
        if let (Some(line), Some(flaw)) = (section.line(), header_flaw(section.name())) {
            return Err(refuse(line, flaw));
        }
    }
    let raw = sdk::read(&document).map_err(|refusal| refuse(refusal.line, refusal.what))?;
    let mut values = raw.into_iter().flat_map(|section| section.properties);
    let mut warnings = Vec::new();
    for section in tree.sections_mut() {
        drop_steering_comments(&mut section.lead, section.place.line, file, &mut warnings);
        if let Some(warning) = odd_name(section) {
            warnings.push(warning);
        }
        for unit in &mut section.units {
            drop_steering_comments(&mut unit.lead, unit.place.line, file, &mut warnings);
            let read = values.next();
            let (line, was) = (unit.place.line, unit.read_by_python());
            if leave_comments_out(unit) {
                warnings.push(format!(
                    "{}: the comment behind the value is left out: the AWS CLI would take it for \
                     a part of it",
                    unit.place
                ));
            }
            let alike = read.is_some_and(|(key, value, at)| {
                let value_alike = value == unit.read_by_python() || value == was;
                (key.as_str(), at) == (unit.name(), line) && value_alike
            });
            if !alike || odd_ends(&unit.value) {
                let what =
                    format!("the AWS CLI and the AWS SDKs would read '{}' differently", unit.key);
                return Err(refuse(line, &what));
            }
            if let Some(flaw) = unit_flaw(unit) {
                return Err(refuse(line, flaw));
            }
        }
    }
    Ok((tree, warnings))
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
fn odd_name(section: &Section) -> Option<String> {
    let id = &section.id;
    let odd = !id.kind().is_empty() && !sdk::is_identifier(id.name());
    odd.then(|| {
        let place = &section.place;
        format!("{place}: [{id}]: only the AWS CLI takes this name, the AWS SDKs pass it over")
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
fn drop_steering_comments(
    lead: &mut Vec<String>,
    line: usize,
    file: &str,
    warnings: &mut Vec<String>,
) {
    let before = lead.len();
    lead.retain(|comment| matches!(plain(comment), Cow::Borrowed(_)));
    if lead.len() < before {
        warnings.push(format!(
            "{file}: a comment above line {line} is left out: it holds control characters"
        ));
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
