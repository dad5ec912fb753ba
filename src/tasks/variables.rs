//! The variables of a file: filled in with each other, then with what their commands say.
//!
//! tj/robo writes all variables out as YAML, fills that in as one template, runs the commands in
//! it and reads it again. What comes of it is the same here, and a bit more: a variable may refer
//! to one that refers on; what a command says cannot break the file; and only those variables
//! are filled in, and only the commands of those run, that are asked for.

use std::collections::HashMap;
use std::ops::Range;

use crate::error::{Error, Result};
use crate::tasks::file::TaskFile;
use crate::tasks::leaves::{self, Leaf};
use crate::tasks::mentions::Mentions;
use crate::tasks::substitution;
use crate::tasks::template::{self, Budget, Colors, Data};
use crate::tasks::value::Value;
use crate::tasks::yaml::{Entry, Flaw};

/// Runs the command of a variable; gives what it wrote to stdout, or why it failed.
pub type RunCommand<'a> = dyn Fn(&str) -> Result<String> + 'a;

/// How deep variables may refer to each other.
const DEEPEST: usize = 50;

/// How much text all variables together may come to.
const MOST_TEXT: usize = 16 * 1024 * 1024;

/// Those of one file.
pub(super) struct Variables<'a> {
    file: &'a TaskFile,
    all: Vec<Variable<'a>>,
    leaves: Vec<Leaf<'a>>,
}

struct Variable<'a> {
    entry: &'a Entry,
    /// Its own among all leaves.
    leaves: Range<usize>,
    /// Which others, or itself, it may refer to.
    refers_to: Vec<usize>,
    refers_to_everything: bool,
    /// It is filled in.
    wanted: bool,
    /// Its value is another one than a round ago.
    changed: bool,
}

impl<'a> Variables<'a> {
    /// Finds out which variables are to be filled in: those that are wanted, and those that these
    /// refer to. What they ask of a file beneath is then wanted, too.
    pub(super) fn of(file: &'a TaskFile, wanted: &mut Mentions<'a>) -> Self {
        let names = file.variables.iter().enumerate();
        let names: HashMap<&str, usize> =
            names.map(|(at, entry)| (entry.key.text.as_str(), at)).collect();
        let (mut all, mut leaves) = (Vec::new(), Vec::new());
        for entry in &file.variables {
            let first = leaves.len();
            Leaf::find(entry, &mut leaves);
            let mentions = Mentions::of(leaves[first..].iter().map(|leaf| leaf.written));
            all.push(Variable {
                entry,
                leaves: first..leaves.len(),
                refers_to: mentions.names().filter_map(|name| names.get(name).copied()).collect(),
                refers_to_everything: mentions.have_everything(),
                wanted: wanted.have(&entry.key.text),
                changed: false,
            });
        }
        let mut variables = Self { file, all, leaves };
        variables.want(wanted);
        variables
    }

    fn want(&mut self, wanted: &mut Mentions<'a>) {
        for at in self.not_in_order() {
            self.all[at].wanted = true;
        }
        let mut everything = false;
        let is_wanted = |(at, variable): (usize, &Variable<'_>)| variable.wanted.then_some(at);
        let mut open: Vec<usize> = self.all.iter().enumerate().filter_map(is_wanted).collect();
        while let Some(at) = open.pop() {
            for leaf in &self.leaves[self.all[at].leaves.clone()] {
                wanted.add(leaf.written);
            }
            let next = if self.all[at].refers_to_everything && !everything {
                everything = true;
                (0..self.all.len()).collect()
            } else {
                self.all[at].refers_to.clone()
            };
            for at in next {
                if !std::mem::replace(&mut self.all[at].wanted, true) {
                    open.push(at);
                }
            }
        }
    }

    /// Those that may be a part of a circle, or lie too deep. That is an error whoever asks, and
    /// to fill them in tells for sure.
    fn not_in_order(&self) -> Vec<usize> {
        let mut referred_by = vec![Vec::new(); self.all.len()];
        let mut waits_for = Vec::new();
        for (at, variable) in self.all.iter().enumerate() {
            variable.refers_to.iter().for_each(|other| referred_by[*other].push(at));
            // For itself as well, so without end.
            waits_for.push(variable.refers_to.len() + usize::from(variable.refers_to_everything));
        }
        let mut depth = vec![0; self.all.len()];
        let mut ready: Vec<usize> = (0..self.all.len()).filter(|at| waits_for[*at] == 0).collect();
        while let Some(at) = ready.pop() {
            for &other in &referred_by[at] {
                depth[other] = depth[other].max(depth[at] + 1);
                waits_for[other] -= 1;
                if waits_for[other] == 0 {
                    ready.push(other);
                }
            }
        }
        (0..self.all.len()).filter(|at| waits_for[*at] > 0 || depth[*at] + 2 > DEEPEST).collect()
    }

    /// Their values, over those that every file has, `own`. The commands of those that
    /// `commands` have are run; the others keep their text.
    pub(super) fn fill(
        mut self,
        own: Value,
        commands: &Mentions<'_>,
        budget: &Budget,
        run: &RunCommand<'_>,
    ) -> Result<Value> {
        let mut values = self.interpolate(own, budget).map_err(|flaw| self.file.error(&flaw))?;
        let mut said = HashMap::new();
        for at in 0..self.all.len() {
            let Variable { entry, leaves, .. } = &self.all[at];
            if !commands.have(&entry.key.text) {
                continue;
            }
            for leaf in &mut self.leaves[leaves.clone()] {
                let text = substitute(leaf, &mut said, run)
                    .map_err(|(what, error)| of_command(self.file, leaf, &what, error))?;
                leaf.text = text.unwrap_or_else(|| std::mem::take(&mut leaf.text));
            }
            self.put(&mut values, at);
        }
        Ok(values)
    }

    fn put(&self, values: &mut Value, at: usize) {
        let Variable { entry, leaves, .. } = &self.all[at];
        if let Value::Map(entries) = values {
            let value = leaves::value(entry, &self.leaves[leaves.clone()]);
            entries.insert(entry.key.text.clone(), value);
        }
    }

    /// Fills the templates in, over and over, until nothing changes: then every one of them was
    /// filled in with what the others came to. In the beginning each holds a mark; one that comes
    /// back to the text it stands for tells of a circle.
    fn interpolate(&mut self, mut values: Value, budget: &Budget) -> Result<Value, Flaw> {
        for at in 0..self.all.len() {
            if self.all[at].wanted {
                for at in self.all[at].leaves.clone() {
                    if self.leaves[at].is_template() {
                        self.leaves[at].text = mark(at);
                    }
                }
            }
            self.put(&mut values, at);
        }
        for round in 0..DEEPEST {
            let data = Data::from(values);
            let settled = self.round(&data, round == 0, budget)?;
            values = data.into_value();
            if settled {
                let flaw = self.leaves.iter_mut().find_map(|leaf| leaf.flaw.take());
                return flaw.map_or(Ok(values), Err);
            }
            for at in 0..self.all.len() {
                if self.all[at].changed {
                    self.put(&mut values, at);
                }
            }
        }
        let templates = self.all.iter().filter(|variable| variable.wanted);
        let mut leaves = templates.flat_map(|variable| &self.leaves[variable.leaves.clone()]);
        let line = leaves.find(|leaf| leaf.is_template()).map_or(1, |leaf| leaf.line);
        let what =
            format!("variables refer to each other in a circle, or more than {DEEPEST} deep");
        Err(Flaw::new(line, what))
    }

    /// Fills in once what is wanted and refers to something that has changed. Gives whether
    /// nothing has, now.
    fn round(&mut self, data: &Data, is_first: bool, budget: &Budget) -> Result<bool, Flaw> {
        let changed: Vec<bool> = self.all.iter().map(|variable| variable.changed).collect();
        let any_changed = changed.contains(&true);
        let (mut settled, mut failed, mut size) = (true, false, 0);
        for variable in self.all.iter_mut() {
            let stale = is_first
                || (variable.refers_to_everything && any_changed)
                || variable.refers_to.iter().any(|at| changed[*at]);
            variable.changed = false;
            for at in variable.leaves.clone().filter(|_| variable.wanted) {
                if !self.leaves[at].is_template() {
                    continue;
                }
                if stale {
                    let filled = fill_in(&mut self.leaves[at], at, data, budget)?;
                    let leaf = &mut self.leaves[at];
                    variable.changed |= filled != leaf.text;
                    leaf.text = filled;
                }
                let leaf = &self.leaves[at];
                failed |= leaf.flaw.is_some();
                if leaf.is_circle && !failed {
                    let way = leaves::way_back(&self.leaves, at);
                    let way = way.map(|way| format!(": {way}")).unwrap_or_default();
                    let what = format!("variable '{}' leads back to itself{way}", leaf.name());
                    return Err(Flaw::new(leaf.line, what));
                }
                size += leaf.text.len();
                if size > MOST_TEXT {
                    let what = "the variables grow to more than 16 MiB of text";
                    return Err(Flaw::new(leaf.line, what));
                }
            }
            settled &= !variable.changed;
        }
        Ok(settled)
    }
}

fn fill_in(leaf: &mut Leaf<'_>, at: usize, data: &Data, budget: &Budget) -> Result<String, Flaw> {
    leaf.flaw = None;
    leaf.is_circle = false;
    match template::render(leaf.written, data, Colors::Off, budget) {
        Ok(filled) => {
            leaf.is_circle = filled.contains(&mark(at));
            Ok(filled)
        }
        Err(flaw) => {
            let flaw = leaf.as_text().flaw(flaw);
            if budget.spent().is_some() {
                return Err(flaw);
            }
            // It may be for want of a value that is still to come.
            leaf.flaw = Some(flaw);
            Ok(mark(at))
        }
    }
}

/// No text of a file has this: YAML takes no NUL.
fn mark(at: usize) -> String {
    format!("\0{at}\0")
}

/// The text with what its commands say; nothing where it has none. Each command is run once.
fn substitute(
    leaf: &Leaf<'_>,
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

fn of_command(file: &TaskFile, leaf: &Leaf<'_>, command: &str, error: Error) -> Error {
    let what = format!("variable '{}': the command '{command}' failed", leaf.name());
    file.error(&Flaw::new(leaf.line, what)).because(error)
}
