//! What is shown of a file: its list, the help of a task, its variables.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::tasks::file::TaskFile;
use crate::tasks::scope::{Scope, Surroundings};
use crate::tasks::task::{Body, Step, Task, Text};
use crate::tasks::template::{self, Colors, Data};
use crate::tasks::value::Value;

/// A page, and what was amiss in making it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    /// What to show.
    pub text: String,
    /// What to tell beside it.
    pub warnings: Vec<String>,
}

/// How a page is made.
#[derive(Clone, Copy)]
pub struct Style<'a> {
    /// Whether there are colours.
    pub colors: Colors,
    /// What makes a text from the file safe to show; for a program it stays as it is.
    pub shown: &'a dyn Fn(&str) -> String,
}

impl Style<'_> {
    /// A page that a template made, which may write anything: only the colours stay as they are.
    fn painted(&self, page: &str) -> String {
        let mut safe = String::new();
        let mut rest = page;
        while let Some((at, paint)) = template::first_paint(rest) {
            safe += &(self.shown)(&rest[..at]);
            safe += paint;
            rest = &rest[at + paint.len()..];
        }
        safe + &(self.shown)(rest)
    }

    fn cyan(&self, text: &str) -> String {
        let text = (self.shown)(text);
        if self.colors == Colors::On { format!("\x1b[36m{text}\x1b[0m") } else { text }
    }
}

/// A task with one line about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// What it is called by.
    pub name: String,
    /// What it does, filled in.
    pub summary: String,
}

/// The tasks of a file, each with its summary, in order.
///
/// # Errors
/// When a template cannot be filled in, or the command of a variable that a summary needs fails.
pub fn lines(file: &TaskFile, around: &Surroundings<'_>) -> Result<(Vec<Line>, Vec<String>)> {
    let scope = Scope::new(file, around, file.tasks.values().map(|task| &task.summary))?;
    let line =
        |task: &Task| Ok(Line { name: task.name.clone(), summary: scope.fill(&task.summary)? });
    let lines = file.tasks.values().map(line).collect::<Result<_>>()?;
    Ok((lines, scope.into_warnings()))
}

/// The list, as tj/robo prints it, or as the file's own template has it.
///
/// # Errors
/// As [`lines`].
pub fn list(file: &TaskFile, around: &Surroundings<'_>, style: Style<'_>) -> Result<Page> {
    if let Some(template) = &file.templates.list {
        let texts = file.tasks.values().flat_map(|task| task.run_texts().chain(task.shown_texts()));
        // It may use any of them without its name: `{{ range $name, $value := .Variables }}`.
        let scope = if template.text.contains(".Variables") {
            Scope::whole(file, around)?
        } else {
            Scope::new(file, around, texts.chain(file.run_texts()))?
        };
        let data = Data::from(of_file(&scope, around)?);
        return page(scope, template, &data, style);
    }
    let (lines, warnings) = lines(file, around)?;
    let mut text = String::from("\n");
    for Line { name, summary } in lines {
        text += &format!("  {} – {}\n", style.cyan(&name), (style.shown)(&summary));
    }
    text.push('\n');
    Ok(Page { text, warnings })
}

/// The help of a task, as tj/robo prints it, or as the file's own template has it.
///
/// # Errors
/// As [`lines`].
pub fn help(
    file: &TaskFile,
    task: &Task,
    around: &Surroundings<'_>,
    style: Style<'_>,
) -> Result<Page> {
    if let Some(template) = &file.templates.help {
        let scope = Scope::new(file, around, task.run_texts().chain(task.shown_texts()))?;
        let data = Data::from(of_task(&scope, task)?);
        return page(scope, template, &data, style);
    }
    let scope = Scope::new(file, around, task.shown_texts())?;
    let fill = |text: &Text| -> Result<String> { Ok((style.shown)(&scope.fill(text)?)) };
    let mut text = format!(
        "\n  {}\n\n    {} {}\n\n  {}\n\n    {}\n",
        style.cyan("Usage:"),
        (style.shown)(&task.name),
        fill(&task.usage)?,
        style.cyan("Description:"),
        fill(&task.summary)?
    );
    if !task.examples.is_empty() {
        text += &format!("\n  {}\n  ", style.cyan("Examples:"));
        for example in &task.examples {
            let (description, command) = (fill(&example.description)?, fill(&example.command)?);
            text += &format!("\n    {description}\n    $ {command}\n  ");
        }
    }
    text.push('\n');
    Ok(Page { text, warnings: scope.into_warnings() })
}

/// The variables with their values, as tj/robo prints them (numbers and lists, too), or as the
/// file's own template has it.
///
/// # Errors
/// As [`lines`], for every variable.
pub fn variables(file: &TaskFile, around: &Surroundings<'_>, style: Style<'_>) -> Result<Page> {
    let scope = Scope::whole(file, around)?;
    let flat = scope.values.flattened();
    let flat = flat.into_iter().map(|(path, value)| (path, value.to_string()));
    if let Some(template) = &file.templates.variables {
        let values = flat.map(|(path, value)| (path, Value::text(value))).collect();
        let data = Data::from(Value::Map(values));
        return page(scope, template, &data, style);
    }
    let mut text = String::new();
    for (path, value) in flat {
        text += &format!("\n{}: {}", style.cyan(&path), (style.shown)(&value));
    }
    text.push('\n');
    Ok(Page { text, warnings: Vec::new() })
}

fn page(scope: Scope<'_>, template: &Text, data: &Data, style: Style<'_>) -> Result<Page> {
    let file = scope.file;
    let text = template::render(&template.text, data, style.colors, &scope.budget)
        .map_err(|flaw| file.error(&template.flaw(flaw)))?;
    Ok(Page { text: style.painted(&text), warnings: scope.into_warnings() })
}

/// The file as a template meets it: `.Tasks`, `.File`, `.Variables`, …
fn of_file(scope: &Scope<'_>, around: &Surroundings<'_>) -> Result<Value> {
    let mut tasks = BTreeMap::new();
    for task in scope.file.tasks.values() {
        tasks.insert(task.name.clone(), of_task(scope, task)?);
    }
    let templates = &scope.file.templates;
    let raw = |text: &Option<Text>| {
        Value::text(text.as_ref().map(|text| text.text.clone()).unwrap_or_default())
    };
    Ok(Value::record([
        ("File", Value::text(around.path.to_string_lossy())),
        ("Tasks", Value::Map(tasks)),
        ("Variables", scope.values.clone()),
        ("Before", of_steps(scope, &scope.file.before)?),
        ("After", of_steps(scope, &scope.file.after)?),
        (
            "Templates",
            Value::record([
                ("List", raw(&templates.list)),
                ("Help", raw(&templates.help)),
                ("Variables", raw(&templates.variables)),
            ]),
        ),
    ]))
}

/// A task as a template meets it: `.Name`, `.Summary`, …
fn of_task(scope: &Scope<'_>, task: &Task) -> Result<Value> {
    let fill = |text: &Text| -> Result<Value> { Ok(Value::text(scope.fill(text)?)) };
    let mut examples = Vec::new();
    for example in &task.examples {
        examples.push(Value::record([
            ("Description", fill(&example.description)?),
            ("Command", fill(&example.command)?),
        ]));
    }
    let env = task.env.iter().map(fill).collect::<Result<_>>()?;
    let [command, exec, script] = of_body(scope, &task.body)?;
    Ok(Value::record([
        // tj/robo knows it only when it runs the task.
        ("LookupPath", Value::text("")),
        ("Name", Value::text(&task.name)),
        ("Summary", fill(&task.summary)?),
        ("Command", command),
        ("Exec", exec),
        ("Script", script),
        ("Usage", fill(&task.usage)?),
        ("Examples", Value::List(examples)),
        ("Env", Value::List(env)),
        ("Before", of_steps(scope, &task.before)?),
        ("After", of_steps(scope, &task.after)?),
    ]))
}

fn of_steps(scope: &Scope<'_>, steps: &[Step]) -> Result<Value> {
    let mut all = Vec::new();
    for step in steps {
        let [command, exec, script] = of_body(scope, &step.body)?;
        all.push(Value::record([("Command", command), ("Exec", exec), ("Script", script)]));
    }
    Ok(Value::List(all))
}

fn of_body(scope: &Scope<'_>, body: &Body) -> Result<[Value; 3]> {
    let fill = |text: &Option<Text>| -> Result<Value> {
        let filled = text.as_ref().map(|text| scope.fill(text)).transpose()?;
        Ok(Value::text(filled.unwrap_or_default()))
    };
    Ok([fill(&body.command)?, fill(&body.exec)?, fill(&body.script)?])
}
