//! The company's dotfiles repo: fetched by git, read at one commit, never checked out.
//!
//! | file | knows |
//! | --- | --- |
//! | [`source`] | what `--dotfiles URL[#REF[:PATH]]` means |
//! | `address` | git's spellings of where a repo is: URLs, scp-like addresses, paths |
//! | [`login`] | a user name and password out of a URL: used, never stored, printed or logged |
//! | [`repo`] | the bare clone: fetch under the lock, fall back to the last commit, mend damage |
//! | `kept` | the commit that a clone keeps for each repo and ref |
//! | `git` | the `git` program: its arguments and its environment |
//! | `leftovers` | what a git that was killed leaves behind |
//! | `child` | a program that runs with a time limit and whose stderr is kept |
//! | `words` | why a fetch failed, told from the words of git, curl and ssh |
//! | [`failure`] | the reasons, with the class, the sentence and the next step of each |
//! | [`files`] | where files are read from, whether that is a commit or a folder |
//! | [`snapshot`] | the files of one commit, from the object database |
//! | [`folder`] | the files of a folder on disk, by the same rules |
//! | [`history`] | what a folder on disk was at a commit |
//! | [`signed`] | signed commits: who may sign, and whether they have |
//! | [`manifest`] | `robo.toml` |
//! | `page` | the manifest's text, with its lines to point at |
//! | [`mod@teams`] | team names, and a team's files |
//! | [`tasks`] | which files make the commands that a team shares |
//! | `inside` | paths that stay inside the repo |
//!
//! There is no work tree, so no hook, filter, symbolic link or half-finished checkout can matter.
//! Nothing here prints or asks: it gives values, errors and warnings.

mod address;
mod child;
pub mod failure;
pub mod files;
pub mod folder;
mod git;
pub mod history;
mod inside;
mod kept;
mod leftovers;
pub mod login;
pub mod manifest;
mod page;
pub mod repo;
pub mod signed;
pub mod snapshot;
pub mod source;
pub mod tasks;
pub mod teams;
mod words;

pub use failure::FetchFailure;
pub use files::RepoFiles;
pub use folder::Folder;
pub use login::Login;
pub use manifest::Manifest;
pub use repo::{BareClone, Mode, Person, Update};
pub use snapshot::{Entry, EntryKind, RepoFile, Snapshot};
pub use source::Source;
pub use tasks::{TaskFiles, task_files};
pub use teams::{Pattern, TeamFiles, TeamName, Teams, no_such_team, no_team, team_files, teams};
