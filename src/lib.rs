//! robo: every AWS account behind Okta, from an empty laptop to a running command.
//!
//! A company federates Okta into one hub AWS account; every other account trusts only the hub.
//! Each team's `~/.aws/config` lives in the company's dotfiles git repo. robo brings it onto the
//! laptop and keeps it true, without harm to what its owner wrote there.
//!
//! # The map
//!
//! | module | knows |
//! | --- | --- |
//! | [`cli`] | what was typed; one file a command |
//! | [`ui`] | the terminal: words, colours, questions |
//! | [`lint`] | what is wrong with a dotfiles repo, before it reaches anybody |
//! | [`engine`] | from a profile to credentials; it can be embedded |
//! | [`catalog`] | accounts, roles, teams and grants in one TOML file; a team's config of it |
//! | [`okta`] | Okta as a protocol: by password or in the browser, factors, the SAML assertion |
//! | [`aws`] | AWS as a protocol: partitions, STS, credentials, console sign-in |
//! | [`config`] | `~/.aws/config`: merge, vetting, plan, diff, apply, profiles and chains |
//! | [`ini`] | a lossless INI document |
//! | [`diff`] | two texts line by line, as a person is shown them |
//! | [`dotfiles`] | the git repo: fetch, read at a commit, manifest, teams |
//! | [`store`] | vault and cache, sealed, and where the master key rests |
//! | [`tasks`] | robo.yml: the commands that a company shares |
//! | [`settings`] | robo's own choices, and what its owner trusts |
//! | [`sys`] | the outside world: environment, folders, files, locks, questions |
//! | [`error`] | what went wrong, and what to type next |
//!
//! Arrows point down this list and never up; `tests/tidy.rs` holds them. `ARCHITECTURE.md` says
//! why things are as they are.
//!
//! # A merge, on paper
//!
//! ```
//! use robo::config::merge::Merge;
//! use robo::config::plan::{Mine, Plan};
//! use robo::config::team::TeamConfig;
//! use robo::config::tree::Tree;
//!
//! let mut team = TeamConfig::new();
//! team.lay("aws/teams/data.config", b"[profile dev]\nregion = eu-west-1\n")?;
//! let mine = Mine::read(b"# mine\n[default]\nregion=us-east-1".to_vec(), "~/.aws/config");
//!
//! let base = Tree::default(); // the first run: nothing was applied before
//! let merge = Merge::new(&base, team.tree(), mine.tree());
//! assert!(merge.conflicts().is_empty());
//!
//! let plan = Plan::new(&merge, &mine, &[]);
//! let after = "# mine\n[default]\nregion=us-east-1\n\n[profile dev]\nregion = eu-west-1\n";
//! assert_eq!(plan.after, after.as_bytes());
//! # Ok::<(), robo::Error>(())
//! ```

pub mod aws;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod diff;
pub mod dotfiles;
pub mod engine;
pub mod error;
pub mod ini;
pub mod lint;
pub mod okta;
pub mod settings;
pub mod store;
pub mod sys;
pub mod tasks;
pub mod ui;

pub use error::{Error, Kind, Result};
