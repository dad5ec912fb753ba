//! The variables of a file: filled in with each other, then with what their commands say.
//!
//! tj/robo writes all variables out as YAML, fills that in as one template, runs the commands in
//! it and reads it again. What comes of it is the same here, and a bit more: a variable may refer
//! to one that refers on; what a command says cannot break the file; and only the commands of
//! variables that are asked for are run.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use crate::error::{Error, Result};
use crate::tasks::file::TaskFile;
use crate::tasks::mentions;
use crate::tasks::scalar::{Scalar, is_written_plain};
use crate::tasks::substitution;
use crate::tasks::task::Text;
use crate::tasks::template::{self, Colors, Data};
use crate::tasks::value::{Step, Value};
use crate::tasks::yaml::{self, Document, Flaw, Node, NodeKind};

/// Runs the command of a variable; gives what it wrote to stdout, or why it failed.
pub type RunCommand<'a> = dyn Fn(&str) -> Result<String> + 'a;

/// How deep variables may refer to each other.
const DEEPEST: usize = 50;

/// How much text all variables together may come to.
const MOST_TEXT: usize = 16 * 1024 * 1024;

/// A text among the variables that is not what it says: a template, or one with commands.
struct Leaf {
    path: Vec<Step>,
    line: usize,
    /// Each of the text's lines is one of the file's.
    literal: bool,
    text: String,
    /// What comes of it is read as YAML again: `$(echo 5)` is a number.
    plain: bool,
}

impl Leaf {
    /// `hosts.prod`.
    fn name(&self) -> String {
        let step = |step: &Step| match step {
            Step::Key(key) => key.clone(),
            Step::Index(index) => index.to_string(),
        };
        self.path.iter().map(step).collect::<Vec<_>>().join(".")
    }

    /// The variable that it is a part of.
    fn variable(&self) -> &str {
        match self.path.first() {
            Some(Step::Key(key)) => key,
            _ => "",
        }
    }

    /// What a text that came of it means.
    fn read(&self, text: &str) -> Value {
        if !self.plain {
            return Value::text(text);
        }
        let text = text.trim();
        let is_more = text.starts_with(['[', '{', '"', '\'']);
        match is_more.then(|| yaml::read(text)) {
            Some(Ok(Document { root: Some(node), .. })) => Value::of(&node),
            _ => Value::Scalar(Scalar::read(text)),
        }
    }
}

/// The variables of `file`, over those that every file has, `own`. The commands of those
/// variables that are `wanted` are run; the others keep their text.
pub(super) fn evaluate(
    file: &TaskFile,
    own: Value,
    wanted: &dyn Fn(&str) -> bool,
    run: &RunCommand<'_>,
) -> Result<Value> {
    let mut values = own;
    let mut leaves = Vec::new();
    if let Value::Map(entries) = &mut values {
        for entry in &file.variables {
            let path = vec![Step::Key(entry.key.text.clone())];
            find_leaves(&entry.value, path, &mut leaves);
            entries.insert(entry.key.text.clone(), Value::of(&entry.value));
        }
    }
    interpolate(&mut values, &mut leaves).map_err(|flaw| file.error(&flaw))?;
    let mut said = HashMap::new();
    for leaf in leaves.iter().filter(|leaf| wanted(leaf.variable())) {
        let text = substitute(leaf, &mut said, run)
            .map_err(|(what, error)| of_command(file, leaf, &what, error))?;
        if let (Some(text), Some(value)) = (text, values.at(leaf.path.iter())) {
            *value = leaf.read(&text);
        }
    }
    Ok(values)
}

fn find_leaves(node: &Node, path: Vec<Step>, leaves: &mut Vec<Leaf>) {
    let below = |step: Step| path.iter().cloned().chain([step]).collect();
    match &node.kind {
        NodeKind::Scalar(written) => {
            let Scalar::Text(text) = written.meaning() else { return };
            if template::is_template(&text) || text.contains("$(") {
                let plain = is_written_plain(&text);
                let literal = written.literal;
                leaves.push(Leaf { path, line: node.line, literal, text, plain });
            }
        }
        NodeKind::List(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                find_leaves(node, below(Step::Index(index)), leaves);
            }
        }
        NodeKind::Map(entries) => {
            for entry in entries.iter() {
                find_leaves(&entry.value, below(Step::Key(entry.key.text.clone())), leaves);
            }
        }
    }
}

/// Fills the templates in, over and over, until nothing changes: then every one of them was filled
/// in with what the others came to. In the beginning each holds a mark; one that comes back to the
/// text it stands for tells of a circle.
fn interpolate(values: &mut Value, leaves: &mut [Leaf]) -> Result<(), Flaw> {
    let mut templates = Vec::new();
    for (at, leaf) in leaves.iter_mut().enumerate() {
        if template::is_template(&leaf.text) {
            templates.push((at, std::mem::replace(&mut leaf.text, mark(at))));
        }
    }
    for (at, _) in &templates {
        put(values, &leaves[*at], Value::text(mark(*at)));
    }
    for _ in 0..DEEPEST {
        let data = Data::from(values.clone());
        let (mut settled, mut failed, mut size) = (true, None, 0);
        for (at, text) in &templates {
            let line = leaves[*at].line;
            let filled = match template::render(text, &data, Colors::Off) {
                Ok(filled) => filled,
                // It may be for want of a value that is still to come.
                Err(flaw) => {
                    let text = Text { text: text.clone(), line, literal: leaves[*at].literal };
                    failed = Some(text.flaw(flaw));
                    mark(*at)
                }
            };
            if failed.is_none() && filled.contains(&mark(*at)) {
                let name = leaves[*at].name();
                let way = way_back(leaves, &templates, *at);
                let way = way.map(|way| format!(": {way}")).unwrap_or_default();
                return Err(Flaw::new(
                    line,
                    format!("variable '{name}' leads back to itself{way}"),
                ));
            }
            size += filled.len();
            if size > MOST_TEXT {
                return Err(Flaw::new(line, "the variables grow to more than 16 MiB of text"));
            }
            settled &= filled == leaves[*at].text;
            leaves[*at].text = filled;
        }
        for (at, _) in &templates {
            let value = leaves[*at].read(&leaves[*at].text);
            put(values, &leaves[*at], value);
        }
        match failed {
            Some(flaw) if settled => return Err(flaw),
            None if settled => return Ok(()),
            _ => {}
        }
    }
    let line = templates.first().map_or(1, |(at, _)| leaves[*at].line);
    let what = format!("variables refer to each other in a circle, or more than {DEEPEST} deep");
    Err(Flaw::new(line, what))
}

/// The way from a variable over others to itself, `a → b → a`; nothing where no paths lead along it.
fn way_back(leaves: &[Leaf], templates: &[(usize, String)], start: usize) -> Option<String> {
    let name = |at: usize| leaves[at].name();
    let next = |from: usize| {
        let text = templates.iter().find(|(at, _)| *at == from).map_or("", |(_, text)| text);
        let paths: Vec<String> = mentions::paths(text).map(|path| path.join(".")).collect();
        let leads_to = move |at: &usize| {
            let name = name(*at);
            paths.iter().any(|path| {
                name == *path || name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
            })
        };
        templates.iter().map(|(at, _)| *at).filter(leads_to).collect::<Vec<usize>>()
    };
    // Breadth first, so that the way is a short one. Each is reached from the one that is kept.
    let mut reached_from = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(from) = queue.pop_front() {
        for at in next(from) {
            if at == start {
                let mut way = vec![name(start), name(from)];
                let mut before = from;
                while let Some(at) = reached_from.get(&before) {
                    before = *at;
                    way.push(name(before));
                }
                way.reverse();
                return (from != start).then(|| way.join(" → "));
            }
            if let Entry::Vacant(unseen) = reached_from.entry(at) {
                unseen.insert(from);
                queue.push_back(at);
            }
        }
    }
    None
}

/// No text of a file has this: YAML takes no NUL.
fn mark(at: usize) -> String {
    format!("\0{at}\0")
}

fn put(values: &mut Value, leaf: &Leaf, value: Value) {
    if let Some(place) = values.at(leaf.path.iter()) {
        *place = value;
    }
}

/// The text with what its commands say; nothing where it has none. Each command is run once.
fn substitute(
    leaf: &Leaf,
    said: &mut HashMap<String, String>,
    run: &RunCommand<'_>,
) -> Result<Option<String>, (String, Error)> {
    let commands = substitution::commands(&leaf.text);
    if commands.is_empty() {
        return Ok(None);
    }
    let (mut text, mut rest) = (String::new(), 0);
    for command in commands {
        let inside = substitution::inside(&leaf.text[command.clone()]).to_owned();
        let output = match said.get(&inside) {
            Some(output) => output.clone(),
            None => run(&inside).map_err(|error| (inside.clone(), error))?,
        };
        text += &leaf.text[rest..command.start];
        // As tj/robo: one line end goes.
        text += output.strip_suffix('\n').unwrap_or(&output);
        rest = command.end;
        said.insert(inside, output);
    }
    text += &leaf.text[rest..];
    Ok(Some(text))
}

fn of_command(file: &TaskFile, leaf: &Leaf, command: &str, error: Error) -> Error {
    let what = format!("variable '{}': the command '{command}' failed", leaf.name());
    file.error(&Flaw::new(leaf.line, what)).because(error)
}
