//! A file with its variables: where its texts are filled in.

use std::cell::RefCell;
use std::path::Path;

use crate::error::Result;
use crate::tasks::file::TaskFile;
use crate::tasks::find::Owner;
use crate::tasks::mentions::{self, Mentions};
use crate::tasks::scalar::Scalar;
use crate::tasks::shared::Accepted;
use crate::tasks::task::Text;
use crate::tasks::template::{self, Budget, Colors, Data, NO_VALUE};
use crate::tasks::value::Value;
use crate::tasks::variables::{RunCommand, Variables};

/// Who runs the tasks, for `user.name`, `user.username` and `user.home`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct User {
    /// The whole name.
    pub name: String,
    /// The name to log in by.
    pub username: String,
    /// The home folder.
    pub home: String,
}

/// Where a file is, whose it is, and how the commands of its variables are run.
pub struct Surroundings<'a> {
    /// The file's absolute path, for `robo.file` and `robo.path`; scripts are found from its
    /// folder.
    pub path: &'a Path,
    /// Who runs the tasks.
    pub user: &'a User,
    /// A file whose variables this one has beneath its own, with that file's path.
    pub base: Option<(&'a TaskFile, &'a Path)>,
    /// Which scripts it may run.
    pub scripts: Scripts<'a>,
    /// Runs the commands of variables.
    pub run: &'a RunCommand<'a>,
}

/// How much is told of what was missing.
const MOST_WARNINGS: usize = 100;

/// Which scripts the tasks of a file may run.
#[derive(Clone, Copy, Debug)]
pub enum Scripts<'a> {
    /// All: somebody named the file, and vouches for them.
    All,
    /// Nobody named the file, so that they have to be this user's own as well as itself.
    Own(Owner),
    /// Those that were accepted together with the file; and others of this machine by their
    /// absolute paths, if they are this user's own, or root's.
    Accepted(&'a Accepted, Owner),
}

/// A file whose variables are known.
pub(super) struct Scope<'a> {
    pub(super) file: &'a TaskFile,
    pub(super) values: Value,
    data: Data,
    pub(super) budget: Budget,
    warnings: RefCell<Vec<String>>,
}

impl<'a> Scope<'a> {
    /// Evaluates the variables that `texts` may need.
    pub(super) fn new(
        file: &'a TaskFile,
        around: &Surroundings<'a>,
        texts: impl IntoIterator<Item = &'a Text>,
    ) -> Result<Self> {
        let wanted = Mentions::of(texts.into_iter().map(|text| text.text.as_str()));
        Self::evaluate(file, around, &wanted)
    }

    /// Evaluates all variables and runs all of their commands.
    pub(super) fn whole(file: &'a TaskFile, around: &Surroundings<'a>) -> Result<Self> {
        Self::evaluate(file, around, &Mentions::everything())
    }

    fn evaluate(
        file: &'a TaskFile,
        around: &Surroundings<'a>,
        commands: &Mentions<'a>,
    ) -> Result<Self> {
        let budget = Budget::default();
        let mut wanted = commands.clone();
        let variables = Variables::of(file, &mut wanted);
        let mut own = Value::map([("user", user(around.user))]);
        if let Some((base, path)) = around.base {
            insert(&mut own, "robo", robo(path));
            let beneath = Variables::of(base, &mut wanted);
            own = beneath.fill(own, commands, &budget, around.run)?;
        }
        insert(&mut own, "robo", robo(around.path));
        let values = variables.fill(own, commands, &budget, around.run)?;
        let data = Data::from(values.clone());
        Ok(Self { file, values, data, budget, warnings: RefCell::default() })
    }

    /// A text, filled in. What is missing becomes `<no value>`, as in Go, and a warning.
    pub(super) fn fill(&self, text: &Text) -> Result<String> {
        let filled = template::render(&text.text, &self.data, Colors::Off, &self.budget)
            .map_err(|flaw| self.file.error(&text.flaw(flaw)))?;
        if filled.contains(NO_VALUE) && !text.text.contains(NO_VALUE) {
            self.warn_of_missing(text);
        }
        Ok(filled)
    }

    fn warn_of_missing(&self, text: &Text) {
        let said_of = |found: fn(Option<&Value>) -> bool, what: &str| {
            let path = mentions::paths(&text.text).find(|path| found(self.at(path)))?;
            Some(format!("variable '{}' {what}", path.join(".")))
        };
        let what = said_of(|value| value.is_none(), "is not there")
            .or_else(|| {
                said_of(|value| value == Some(&Value::Scalar(Scalar::Null)), "holds nothing")
            })
            .unwrap_or_else(|| "a variable is not there".to_owned());
        self.warn(text.line, &format!("{what}; it becomes '{NO_VALUE}'"));
    }

    /// Keeps something to tell of a line of the file, once.
    pub(super) fn warn(&self, line: usize, what: &str) {
        let warning = format!("{}:{line}: {what}", self.file.name());
        let mut warnings = self.warnings.borrow_mut();
        match warnings.len() {
            ..MOST_WARNINGS if warnings.contains(&warning) => {}
            ..MOST_WARNINGS => warnings.push(warning),
            MOST_WARNINGS => {
                warnings.push("there is more that is missing, and not told".to_owned());
            }
            _ => {}
        }
    }

    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.values, |value, key| match value {
            Value::Map(entries) => entries.get(*key),
            _ => None,
        })
    }

    /// What was missing so far.
    pub(super) fn into_warnings(self) -> Vec<String> {
        self.warnings.into_inner()
    }
}

fn insert(values: &mut Value, key: &str, value: Value) {
    if let Value::Map(entries) = values {
        entries.insert(key.to_owned(), value);
    }
}

fn robo(path: &Path) -> Value {
    let text = |path: &Path| Value::text(path.to_string_lossy());
    let folder = path.parent().unwrap_or(Path::new("/"));
    Value::map([("file", text(path)), ("path", text(folder))])
}

fn user(user: &User) -> Value {
    Value::map([
        ("name", Value::text(&user.name)),
        ("username", Value::text(&user.username)),
        ("home", Value::text(&user.home)),
    ])
}
