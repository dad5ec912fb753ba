//! The commands that a company shares: `robo.yml`, as tj/robo has it.
//!
//! | file | knows |
//! | --- | --- |
//! | `file`, `read`, `task` | a file of tasks: its keys, what they hold, its warnings |
//! | `yaml`, `scalar` | YAML as a tree with lines, and what go-yaml v2 takes a scalar for |
//! | `value`, `template` | values, and Go's templates, which print them as Go does |
//! | `variables`, `leaves`, `substitution`, `mentions` | variables: filled in with each other, and with what their commands say, where they are needed |
//! | `scope` | a file with its variables: where its texts are filled in |
//! | `action`, `uses`, `missing` | paths in templates; the variables that texts use and nobody has, for who looks at a file without running it |
//! | [`show`] | its list, the help of a task, its variables |
//! | `run`, `words` | a task as a row of programs |
//! | `find` | the nearest file, and whose it is |
//! | [`shared`] | the company's files, as they were accepted |
//!
//! The measure is tj/robo 0.8: what it prints is printed here, byte for byte
//! (`tests/cases/tasks`). Nothing here prints, runs or asks: the commands of variables are run by
//! a function that is handed in, and what a task comes to is a value.
//!
//! # Limitations
//! - Only the first document of a file is read; a second one is passed over, as in tj/robo.
//! - A key is the text that was written: `on: x` in a variable is `.on`, where Go has `.true`.

mod action;
mod file;
mod find;
mod leaves;
mod mentions;
mod missing;
mod read;
mod run;
mod scalar;
mod scope;
pub mod shared;
pub mod show;
mod substitution;
mod task;
mod template;
mod uses;
mod value;
mod variables;
mod words;
mod yaml;

pub use file::{LARGEST, MadeScript, TaskFile};
pub use find::{FILE, Owner, clean, nearest, read, read_own};
pub use missing::{KnownVariables, MissingVariable};
pub use run::{Command, Place, Run, RunStep, prepare};
pub use scope::{Scripts, Surroundings, User};
pub use task::Task;
pub use template::Colors;
pub use variables::RunCommand;
