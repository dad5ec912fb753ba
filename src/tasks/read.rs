//! From YAML to tasks: what each key holds, and what a key that nobody knows may have meant.

use std::sync::Arc;

use crate::sys::text::did_you_mean;
use crate::tasks::file::{TaskFile, Templates, Warning, excerpt};
use crate::tasks::task::{Body, Example, Step, Task, Text};
use crate::tasks::template;
use crate::tasks::yaml::{Entry, Flaw, Node, NodeKind, Written};

/// Reads the nodes of one file.
pub(super) struct Reader<'a> {
    name: &'a str,
    pub(super) warnings: Vec<Warning>,
    /// The number of the task that is being read.
    task: Option<usize>,
    /// Where the warnings about it begin.
    first: usize,
}

/// How much is told of one task, or of what stands between tasks.
const MOST_WARNINGS: usize = 100;

const BODY_KEYS: [&str; 4] = ["command", "exec", "script", "profile"];

const TASK_KEYS: [&str; 10] = [
    "command", "exec", "script", "profile", "summary", "usage", "examples", "env", "before",
    "after",
];

impl<'a> Reader<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        Self { name, warnings: Vec::new(), task: None, first: 0 }
    }

    /// The whole file: some keys are its own, every other is a task.
    pub(super) fn file(&mut self, root: Node, file: &mut TaskFile) -> Result<(), Flaw> {
        for Entry { key, line, value } in entries(root, "the file")? {
            let is_text = matches!(value.kind, NodeKind::Scalar(_));
            match key.text.as_str() {
                "before" => file.before = self.steps(value, "before")?,
                "after" => file.after = self.steps(value, "after")?,
                "variables" => file.variables = entries(value, "'variables'")?,
                "templates" => file.templates = self.templates(value)?,
                "profile" if is_text => file.profile = text(value, "profile")?,
                "file" if is_text => self.warn(line, "'file' has no effect; robo.file is set"),
                name => {
                    let number = file.tasks.len();
                    self.turn_to(Some(number));
                    let task = self.task(name, number, line, value)?;
                    self.turn_to(None);
                    file.tasks.insert(name.to_owned(), task);
                }
            }
        }
        Ok(())
    }

    fn task(&mut self, name: &str, number: usize, line: usize, node: Node) -> Result<Task, Flaw> {
        let mut task = Task { name: name.to_owned(), number, line, ..Task::default() };
        let whose = format!("task '{}'", excerpt(name));
        let mut body = Vec::new();
        for entry in entries(node, &whose)? {
            match entry.key.text.as_str() {
                "summary" => task.summary = text(entry.value, "summary")?.unwrap_or_default(),
                "usage" => task.usage = text(entry.value, "usage")?.unwrap_or_default(),
                "env" => task.env = texts(entry.value, "env")?,
                "examples" => task.examples = self.examples(entry.value)?,
                "before" => task.before = self.steps(entry.value, "before")?,
                "after" => task.after = self.steps(entry.value, "after")?,
                key if BODY_KEYS.contains(&key) => body.push(entry),
                key => self.unknown(entry.line, key, &whose, &TASK_KEYS),
            }
        }
        for variable in task.env.iter().filter(|text| !text.text.contains('=')) {
            let text = excerpt(&variable.text);
            let what = format!("{whose}: '{text}' sets nothing: an 'env' is written NAME=value");
            self.warn(variable.line, &what);
        }
        task.body = self.body(body, line, &whose)?;
        Ok(task)
    }

    fn steps(&mut self, node: Node, key: &str) -> Result<Vec<Step>, Flaw> {
        let mut steps = Vec::new();
        for node in items(node, key)? {
            let line = node.line;
            let whose = format!("a step of '{key}'");
            let (known, unknown): (Vec<Entry>, Vec<Entry>) = entries(node, &whose)?
                .into_iter()
                .partition(|entry| BODY_KEYS.contains(&entry.key.text.as_str()));
            for entry in unknown {
                self.unknown(entry.line, &entry.key.text, &whose, &BODY_KEYS);
            }
            steps.push(Step { line, body: self.body(known, line, &whose)? });
        }
        Ok(steps)
    }

    fn body(&mut self, entries: Vec<Entry>, line: usize, whose: &str) -> Result<Body, Flaw> {
        let mut body = Body::default();
        for Entry { key, value, .. } in entries {
            let text = text(value, &key.text)?;
            // An empty profile says something: none.
            let filled = text.filter(|text| key.text == "profile" || !text.text.is_empty());
            match key.text.as_str() {
                "command" => body.command = filled,
                "exec" => body.exec = filled,
                "script" => body.script = filled,
                _ => body.profile = filled.or_else(|| Some(Text::default())),
            }
        }
        let keys: Vec<&str> = body.keys().collect();
        // One that is a template may turn out to be empty: then the next one runs.
        let first_text = body.exec.as_ref().or(body.script.as_ref());
        if let [first, _, ..] = keys[..]
            && first_text.is_none_or(|text| !template::is_template(&text.text))
        {
            let all = keys.join(", ");
            self.warn(line, &format!("{whose} has {all}; '{first}' is what runs"));
        }
        Ok(body)
    }

    fn examples(&mut self, node: Node) -> Result<Vec<Example>, Flaw> {
        let mut examples = Vec::new();
        for node in items(node, "examples")? {
            let mut example = Example::default();
            for Entry { key, line, value } in entries(node, "an example")? {
                match key.text.as_str() {
                    "description" => {
                        example.description = text(value, "description")?.unwrap_or_default();
                    }
                    "command" => example.command = text(value, "command")?.unwrap_or_default(),
                    key => self.unknown(line, key, "an example", &["description", "command"]),
                }
            }
            examples.push(example);
        }
        Ok(examples)
    }

    fn templates(&mut self, node: Node) -> Result<Templates, Flaw> {
        let mut templates = Templates::default();
        for Entry { key, line, value } in entries(node, "'templates'")? {
            let kept = match key.text.as_str() {
                "list" => &mut templates.list,
                "help" => &mut templates.help,
                "variables" => &mut templates.variables,
                key => {
                    self.unknown(line, key, "'templates'", &["list", "help", "variables"]);
                    continue;
                }
            };
            *kept = text(value, &key.text)?.filter(|text| !text.text.is_empty());
        }
        Ok(templates)
    }

    fn unknown(&mut self, line: usize, key: &str, whose: &str, known: &[&str]) {
        if self.warnings.len() - self.first > MOST_WARNINGS {
            return;
        }
        let guess = did_you_mean(key, known.iter().copied());
        let guess = guess.map(|guess| format!(" ({guess})")).unwrap_or_default();
        self.warn(line, &format!("{whose} has an unknown key '{}'{guess}", excerpt(key)));
    }

    pub(super) fn warn(&mut self, line: usize, what: &str) {
        let before = self.warnings.len() - self.first;
        let what = match before {
            ..MOST_WARNINGS => what,
            MOST_WARNINGS => "there is more here that is odd, and not told",
            _ => return,
        };
        let text = format!("{}:{line}: {what}", self.name);
        self.warnings.push(Warning { task: self.task, text });
    }

    /// Goes on with a task, or with what is none.
    fn turn_to(&mut self, task: Option<usize>) {
        self.task = task;
        self.first = self.warnings.len();
    }
}

/// The entries of a mapping; none of nothing.
fn entries(node: Node, whose: &str) -> Result<Vec<Entry>, Flaw> {
    if node.is_null() {
        return Ok(Vec::new());
    }
    match node.kind {
        NodeKind::Map(entries) => Ok(Arc::unwrap_or_clone(entries)),
        _ => Err(Flaw::new(node.line, format!("{whose} is {}, not a mapping", node.noun()))),
    }
}

/// The items of a list; none of nothing.
fn items(node: Node, key: &str) -> Result<Vec<Node>, Flaw> {
    if node.is_null() {
        return Ok(Vec::new());
    }
    match node.kind {
        NodeKind::List(nodes) => Ok(Arc::unwrap_or_clone(nodes)),
        _ => Err(Flaw::new(node.line, format!("'{key}' is {}, not a list", node.noun()))),
    }
}

fn texts(node: Node, key: &str) -> Result<Vec<Text>, Flaw> {
    let items = items(node, key)?.into_iter();
    items.map(|item| Ok(text(item, key)?.unwrap_or_default())).collect()
}

/// The text of a scalar as it is written, whatever it would mean: `summary: 0777` is that.
fn text(node: Node, key: &str) -> Result<Option<Text>, Flaw> {
    let null = node.is_null();
    match node.kind {
        _ if null => Ok(None),
        NodeKind::Scalar(Written { text, literal, .. }) => {
            Ok(Some(Text { text, line: node.line, literal }))
        }
        _ => Err(Flaw::new(node.line, format!("'{key}' is {}, not a text", node.noun()))),
    }
}
