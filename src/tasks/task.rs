//! A task, as a file says it: nothing is filled in yet.

/// A text of a file, which may be a template, and the line that it begins in.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Text {
    pub(super) text: String,
    /// From 1.
    pub(super) line: usize,
    /// Each of its lines is one of the file's.
    pub(super) literal: bool,
}

/// A command that a name stands for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Task {
    pub(super) name: String,
    /// Its own among the file's tasks.
    pub(super) number: usize,
    pub(super) line: usize,
    pub(super) summary: Text,
    pub(super) usage: Text,
    pub(super) examples: Vec<Example>,
    /// `NAME=value` each.
    pub(super) env: Vec<Text>,
    pub(super) body: Body,
    pub(super) before: Vec<Step>,
    pub(super) after: Vec<Step>,
}

/// Something to run before or after.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) body: Body,
}

/// What is run. Of several, `exec` goes first, then `script`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Body {
    /// For the shell.
    pub(super) command: Option<Text>,
    /// A program and its arguments.
    pub(super) exec: Option<Text>,
    /// The path of a file, from the folder of the task file.
    pub(super) script: Option<Text>,
    /// The AWS profile whose credentials it runs with; an empty one is none, though the file
    /// has one for all.
    pub(super) profile: Option<Text>,
}

/// How a task may be used.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Example {
    pub(super) description: Text,
    pub(super) command: Text,
}

impl Task {
    /// What it is called by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The body, and those of the steps around it.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &Body> {
        let steps = self.before.iter().chain(&self.after);
        std::iter::once(&self.body).chain(steps.map(|step| &step.body))
    }

    /// Everything that is filled in when it is run.
    pub(super) fn run_texts(&self) -> impl Iterator<Item = &Text> {
        self.bodies().flat_map(Body::texts).chain(&self.env)
    }

    /// Everything that is filled in when it is shown.
    pub(super) fn shown_texts(&self) -> impl Iterator<Item = &Text> {
        let examples =
            self.examples.iter().flat_map(|example| [&example.description, &example.command]);
        [&self.summary, &self.usage].into_iter().chain(examples)
    }
}

impl Body {
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        [&self.command, &self.exec, &self.script, &self.profile].into_iter().flatten()
    }

    /// Whether there is nothing to run.
    pub(super) fn is_empty(&self) -> bool {
        self.keys().next().is_none()
    }

    /// The keys that it has, in the order in which they count.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        [("exec", &self.exec), ("script", &self.script), ("command", &self.command)]
            .into_iter()
            .filter(|(_, text)| text.is_some())
            .map(|(key, _)| key)
    }
}
