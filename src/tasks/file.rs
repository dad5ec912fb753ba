//! A file of tasks: `robo.yml`, read and checked, with nothing filled in yet.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::tasks::leaves::Leaf;
use crate::tasks::read::Reader;
use crate::tasks::task::{Body, Step, Task, Text};
use crate::tasks::template;
use crate::tasks::yaml::{self, Document, Entry, Flaw};

/// The largest file that is read: a thousand tasks have a tenth of it.
pub const LARGEST: usize = 1024 * 1024;

/// What a file says.
///
/// ```
/// use robo::tasks::TaskFile;
///
/// let file = TaskFile::parse("robo.yml", b"hello:\n  summary: a greeting\n  command: echo hi\n")?;
/// assert_eq!(file.names().collect::<Vec<_>>(), ["hello"]);
/// let error = TaskFile::parse("robo.yml", b"a: {command: x}\na: {command: y}\n").unwrap_err();
/// assert_eq!(error.message(), "robo.yml:2: 'a' stands in line 1 already");
/// # Ok::<(), robo::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TaskFile {
    name: String,
    source: String,
    pub(super) tasks: BTreeMap<String, Task>,
    pub(super) before: Vec<Step>,
    pub(super) after: Vec<Step>,
    /// For every body that has none of its own.
    pub(super) profile: Option<Text>,
    pub(super) variables: Vec<Entry>,
    pub(super) templates: Templates,
    warnings: Vec<Warning>,
}

/// A script whose path a template makes: `bin/{{ .stage }}.sh`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MadeScript<'a> {
    /// The path, as it is written.
    pub text: &'a str,
    /// The folder that it is in or below, `bin`, seen from the folder of the file; where nothing is
    /// known of it, that one.
    pub folder: &'a str,
    /// The line that it stands in.
    pub line: usize,
}

impl<'a> MadeScript<'a> {
    /// Nothing of a path that is no template, or an absolute one.
    fn of(Text { text, line, .. }: &'a Text) -> Option<Self> {
        if !template::is_template(text) {
            return None;
        }
        let action = text.strip_prefix("{{").and_then(|rest| rest.split_once("}}"));
        let first = action.map(|(inside, _)| {
            let path = inside.trim_matches(|c: char| c == '-' || c.is_whitespace());
            path.trim_start_matches('$')
        });
        let known = match (first, action) {
            (Some(".user.home"), _) => return None,
            (Some(".robo.path"), Some((_, rest))) => rest.strip_prefix('/').unwrap_or_default(),
            _ if text.starts_with('/') => return None,
            _ => text,
        };
        let known = &known[..known.find("{{").unwrap_or(known.len())];
        let folder = known.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(Self { text, folder, line: *line })
    }
}

/// Something odd, and the task that it is in.
#[derive(Clone, Debug)]
pub(super) struct Warning {
    /// Its number.
    pub(super) task: Option<usize>,
    pub(super) text: String,
}

/// What lists, help and variables look like, where that is not tj/robo's own way.
#[derive(Clone, Debug, Default)]
pub(super) struct Templates {
    pub(super) list: Option<Text>,
    pub(super) help: Option<Text>,
    pub(super) variables: Option<Text>,
}

impl TaskFile {
    /// Reads the content of a file; `name` is what it is called in errors and warnings.
    ///
    /// # Errors
    /// When it is larger than [`LARGEST`], no UTF-8, no YAML, has a key twice, or a value or
    /// template that cannot be right: with the line.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self> {
        let lines_before = |end: usize| {
            bytes[..end.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count() + 1
        };
        if bytes.len() > LARGEST {
            let line = lines_before(LARGEST);
            return Err(Error::failed(format!(
                "{name}:{line}: the file goes on, and 1 MiB is the most that is read"
            ))
            .hint("tasks that belong together can have a file of their own (robo -c FILE)"));
        }
        let source = std::str::from_utf8(bytes).map_err(|cause| {
            let line = lines_before(cause.valid_up_to());
            Error::failed(format!("{name}:{line}: the file is not UTF-8")).because(cause)
        })?;
        let mut file = Self { name: name.to_owned(), source: source.to_owned(), ..Self::default() };
        file.fill().map_err(|flaw| file.error(&flaw))?;
        Ok(file)
    }

    fn fill(&mut self) -> Result<(), Flaw> {
        let source = std::mem::take(&mut self.source);
        let document = yaml::read(&source);
        self.source = source;
        let name = self.name.clone();
        let mut reader = Reader::new(&name);
        let Document { root, next } = document?;
        if let Some(root) = root {
            reader.file(root, self)?;
        }
        if let Some(line) = next {
            reader.warn(line, "another YAML document begins here, and is not read");
        }
        self.warnings = reader.warnings;
        let mut leaves = Vec::new();
        self.variables.iter().for_each(|entry| Leaf::find(entry, &mut leaves));
        let of_variables = leaves.iter().filter(|leaf| leaf.is_template()).map(Leaf::as_text);
        let of_variables: Vec<Text> = of_variables.collect();
        template::check(self.texts().chain(&of_variables))
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is odd about it, but no error: unknown keys for one, with their lines.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.iter().map(|warning| warning.text.clone()).collect()
    }

    /// Those that concern whoever runs `task`: what is odd in others is not theirs.
    pub fn warnings_of(&self, task: &Task) -> Vec<String> {
        let concern = |warning: &&Warning| warning.task.is_none_or(|number| number == task.number);
        self.warnings.iter().filter(concern).map(|warning| warning.text.clone()).collect()
    }

    /// The names of its tasks, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tasks.keys().map(String::as_str)
    }

    /// The same, each with the line that it stands in.
    pub fn name_lines(&self) -> impl Iterator<Item = (&str, usize)> {
        self.tasks.values().map(|task| (task.name.as_str(), task.line))
    }

    /// The tasks and steps that have nothing to run, each in words and with its line.
    pub fn empty_lines(&self) -> impl Iterator<Item = (String, usize)> {
        let tasks = self.tasks.values().flat_map(|task| {
            let name = format!("task '{}'", task.name);
            let body = task.body.is_empty().then(|| (name.clone(), task.line));
            body.into_iter().chain(empty_steps(&task.before, &task.after, name))
        });
        tasks.chain(empty_steps(&self.before, &self.after, "all tasks".to_owned()))
    }

    /// The task of that name.
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.get(name)
    }

    /// The names of its tasks with their summaries; of one that is a template, nothing: it is not
    /// filled in here.
    pub fn summaries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tasks.values().map(|task| {
            let summary = task.summary.text.as_str();
            (task.name.as_str(), if template::is_template(summary) { "" } else { summary })
        })
    }

    /// Whether the file says itself what its list looks like.
    pub fn has_list_template(&self) -> bool {
        self.templates.list.is_some()
    }

    /// The paths of the scripts that its tasks and steps run, as they are written; those that a
    /// template makes are not known.
    pub fn scripts(&self) -> Vec<&str> {
        self.script_lines().map(|(script, _)| script).collect()
    }

    /// The same, each with the line that it stands in.
    pub fn script_lines(&self) -> impl Iterator<Item = (&str, usize)> {
        plain(self.bodies().filter_map(|body| body.script.as_ref()))
    }

    /// The scripts whose paths a template makes, but for those that are the machine's own.
    pub fn made_scripts(&self) -> impl Iterator<Item = MadeScript<'_>> {
        self.bodies().filter_map(|body| body.script.as_ref()).filter_map(MadeScript::of)
    }

    /// The AWS profiles that it names for its tasks and steps, each with its line; those that a
    /// template makes are not known.
    pub fn profile_lines(&self) -> impl Iterator<Item = (&str, usize)> {
        let profiles = self.bodies().filter_map(|body| body.profile.as_ref());
        plain(profiles.chain(&self.profile)).filter(|(profile, _)| !profile.is_empty())
    }

    fn bodies(&self) -> impl Iterator<Item = &Body> {
        let steps = self.before.iter().chain(&self.after).map(|step| &step.body);
        self.tasks.values().flat_map(Task::bodies).chain(steps)
    }

    /// The steps around every task, and the profile of all.
    pub(super) fn run_texts(&self) -> impl Iterator<Item = &Text> {
        let steps = self.before.iter().chain(&self.after);
        steps.flat_map(|step| step.body.texts()).chain(&self.profile)
    }

    /// Every text that is filled in from the variables, but for theirs.
    pub(super) fn task_texts(&self) -> impl Iterator<Item = &Text> {
        let tasks = self.tasks.values().flat_map(|task| task.run_texts().chain(task.shown_texts()));
        tasks.chain(self.run_texts())
    }

    /// Every text that may be a template, but for variables.
    fn texts(&self) -> impl Iterator<Item = &Text> {
        let Templates { list, help, variables } = &self.templates;
        self.task_texts().chain([list, help, variables].into_iter().flatten())
    }

    /// The error of a flaw in this file, with its line.
    pub(super) fn error(&self, flaw: &Flaw) -> Error {
        let Flaw { line, what } = flaw;
        // It may hold a whole value.
        let error = Error::failed(format!("{}:{line}: {}", self.name, excerpt(what)));
        match self.source.lines().nth(line.saturating_sub(1)) {
            Some(text) if !text.trim().is_empty() => error.excerpt(*line, &excerpt(text)),
            _ => error,
        }
    }
}

impl Text {
    /// A flaw in this text, whose own first line is 1, as one of the file.
    pub(super) fn flaw(&self, flaw: Flaw) -> Flaw {
        // What is not closed is missed behind the last line.
        let lines = if self.literal { self.text.lines().count().max(1) } else { 1 };
        let within = flaw.line.clamp(1, lines);
        Flaw { line: self.line + within - 1, ..flaw }
    }
}

/// The steps around something that have nothing to run.
fn empty_steps<'a>(
    before: &'a [Step],
    after: &'a [Step],
    whose: String,
) -> impl Iterator<Item = (String, usize)> + 'a {
    let steps = before.iter().map(|step| ("before", step));
    let steps = steps.chain(after.iter().map(|step| ("after", step)));
    steps
        .filter(|(_, step)| step.body.is_empty())
        .map(move |(place, step)| (format!("a step {place} {whose}"), step.line))
}

/// Those that are no templates, each with its line.
fn plain<'a>(texts: impl Iterator<Item = &'a Text>) -> impl Iterator<Item = (&'a str, usize)> {
    texts
        .filter(|text| !template::is_template(&text.text))
        .map(|text| (text.text.as_str(), text.line))
}

/// As much of a line as is of use to a person.
pub(super) fn excerpt(line: &str) -> Cow<'_, str> {
    const LONGEST: usize = 200;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]).into(),
        None => line.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_path_that_a_template_makes_the_beginning_is_known() {
        let cases = [
            ("bin/deploy.sh", None),
            ("bin/{{ .stage }}.sh", Some("bin")),
            ("{{ .stage }}/deploy.sh", Some("")),
            ("deploy-{{ .stage }}.sh", Some("")),
            ("./tasks/lib-{{ .a }}/{{ .b }}.sh", Some("./tasks")),
            ("{{ .robo.path }}/tasks/{{ .a }}.sh", Some("tasks")),
            ("{{$.robo.path}}/bin/deploy.sh", Some("bin")),
            ("{{- .robo.path -}}/{{ .a }}", Some("")),
            ("{{ .robo.path }}{{ .a }}/b", Some("")),
            ("{{ .robo.path", Some("")),
            ("/opt/{{ .a }}", None),
            ("{{ .user.home }}/bin/{{ .a }}", None),
        ];
        for (path, want) in cases {
            let text = Text { text: path.to_owned(), line: 1, literal: false };
            assert_eq!(MadeScript::of(&text).map(|script| script.folder), want, "{path}");
        }
    }
}
