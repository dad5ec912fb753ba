//! The files that tasks come from, and which of two tasks of one name goes first.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::cli::app::App;
use crate::dotfiles::tasks::{EVERYBODYS, file_of_team};
use crate::error::{Error, Result};
use crate::tasks::shared::{self, Accepted, SharedStore};
use crate::tasks::{self, Owner, Task, TaskFile};

/// Where a file of tasks is from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::cli) enum Origin {
    /// It was named on the command line.
    Named,
    /// It is the company's, as it was accepted.
    Shared,
    /// It was found from here upwards.
    Local {
        /// Its folder is trusted: it goes before the company's.
        trusted: bool,
    },
}

/// A file of tasks.
#[derive(Debug)]
pub(in crate::cli) struct Source {
    pub(in crate::cli) file: TaskFile,
    /// Its absolute path.
    pub(in crate::cli) path: PathBuf,
    pub(in crate::cli) origin: Origin,
    /// The file is not everybody's in the company, but a team's own.
    pub(super) of_team: bool,
    /// What it is called in a list: `acme/dotfiles @ 3f2c1ab`, `~/src/robo.yml`.
    pub(in crate::cli) label: String,
    /// The file whose variables are beneath this one's: the company's, for a team's own.
    pub(in crate::cli) base: Option<(TaskFile, PathBuf)>,
    /// What it was accepted with.
    pub(super) accepted: Option<Rc<Accepted>>,
}

impl Source {
    pub(super) fn is_local(&self) -> bool {
        matches!(self.origin, Origin::Local { .. })
    }

    /// Fails when one of the files that came with it is not what was accepted any more: a script,
    /// say.
    pub(super) fn check_whole(&self) -> Result<()> {
        match &self.accepted {
            Some(accepted) if !accepted.is_whole() => {
                let folder = accepted.folder().display();
                Err(Error::failed(format!(
                    "the files in {folder} are not what you accepted any more"
                ))
                .hint("'robo aws.config' puts back what you accepted"))
            }
            _ => Ok(()),
        }
    }
}

/// All files that count, those that go first at the front.
#[derive(Debug, Default)]
pub(in crate::cli) struct Sources {
    pub(in crate::cli) all: Vec<Source>,
}

impl Sources {
    /// The file that was named, alone, or those that are there.
    pub(in crate::cli) fn load(app: &App, named: Option<&Path>) -> Result<Self> {
        if let Some(path) = named {
            return Ok(Self { all: vec![self::named(app, path)?] });
        }
        Ok(Self::of(shared(app)?, local(app)?))
    }

    /// Those of the files that may have the task. What the company has is not lost to a file here
    /// that cannot be read, unless that would go first: then its own task would be meant.
    pub(super) fn for_task(app: &App, name: &str) -> Result<Self> {
        let shared = Self { all: shared(app)? };
        let Some(here) = Here::find(app)? else { return Ok(shared) };
        let local = match here.source(app) {
            Err(error) if !here.trusted && shared.task(name).is_some() => {
                app.ui.warn(&format!("{error}; '{name}' is the company's"));
                None
            }
            local => Some(local?),
        };
        Ok(Self::of(shared.all, local))
    }

    /// Those of the files that can be read. Why the others cannot is `told`: a list is for looking.
    pub(in crate::cli) fn readable(app: &App, told: &dyn Fn(&Error)) -> Self {
        let shared = shared(app).inspect_err(told).unwrap_or_default();
        Self::of(shared, local(app).inspect_err(told).unwrap_or_default())
    }

    /// The company's files and the one from here, which goes first if it is trusted.
    pub(super) fn of(shared: Vec<Source>, local: Option<Source>) -> Self {
        let mut all = shared;
        if let Some(local) = local {
            let first = local.origin == Origin::Local { trusted: true };
            all.insert(if first { 0 } else { all.len() }, local);
        }
        Self { all }
    }

    /// The first task of that name, and its file.
    pub(in crate::cli) fn task(&self, name: &str) -> Option<(&Source, &Task)> {
        self.all.iter().find_map(|source| Some((source, source.file.task(name)?)))
    }

    /// What to tell somebody whose team is another one by now than that whose commands they have.
    pub(super) fn other_team(&self, app: &App) -> Option<String> {
        let accepted = self.all.iter().find_map(|source| source.accepted.as_ref())?;
        other_team(app, accepted.origin())
    }

    /// The names of all tasks; one of several files stands there as often.
    pub(in crate::cli) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().flat_map(|source| source.file.names())
    }
}

/// The file of `-c`.
fn named(app: &App, path: &Path) -> Result<Source> {
    let path = tasks::clean(&app.env.resolve(path));
    let bytes = tasks::read(&path)?;
    let label = app.env.display(&path);
    let file = TaskFile::parse(&label, &bytes)?;
    Ok(Source {
        file,
        path,
        origin: Origin::Named,
        of_team: false,
        label,
        base: None,
        accepted: None,
    })
}

/// The company's files as they were accepted: the team's own, then everybody's.
fn shared(app: &App) -> Result<Vec<Source>> {
    let Some(accepted) = SharedStore::new(&app.folders()?.state).load()? else {
        return Ok(Vec::new());
    };
    let company = shared_file(&accepted, EVERYBODYS)?;
    let team_file = file_of_team(&accepted.origin().team);
    let team = shared_file(&accepted, &team_file)?;
    let label = format!("{} @ {}", accepted.origin().name, accepted.origin().short());
    let accepted = Rc::new(accepted);
    let source = |(file, path), label, of_team, base| Source {
        file,
        path,
        origin: Origin::Shared,
        of_team,
        label,
        base,
        accepted: Some(Rc::clone(&accepted)),
    };
    let mut all = Vec::new();
    if let Some(team) = team {
        let label = format!("{label}, {team_file}");
        all.push(source(team, label, true, company.clone()));
    }
    all.extend(company.map(|company| source(company, label, false, None)));
    Ok(all)
}

fn shared_file(accepted: &Accepted, name: &str) -> Result<Option<(TaskFile, PathBuf)>> {
    let Some(file) = accepted.file(name) else { return Ok(None) };
    let shown = format!("{name} of {}", accepted.origin().name);
    let file = TaskFile::parse(&shown, &accepted.read(file)?)?;
    Ok(Some((file, accepted.folder().join(name))))
}

/// What to tell somebody whose team is another one by now than that whose commands they accepted.
pub(in crate::cli) fn other_team(app: &App, accepted: &shared::Origin) -> Option<String> {
    let shared::Origin { team, team_env, .. } = accepted;
    let variable = team_env.as_ref()?;
    // What the variable holds is not shown: the repo chose it.
    app.env.text(variable).filter(|now| now != team)?;
    Some(format!(
        "the shared commands are those of team '{team}', and ${variable} names another one: \
         'robo aws.config' takes over that one's"
    ))
}

/// The nearest `robo.yml` from here upwards, which nobody named.
struct Here {
    path: PathBuf,
    /// Its folder is trusted: it goes before the company's.
    trusted: bool,
}

impl Here {
    fn find(app: &App) -> Result<Option<Self>> {
        let Some(path) = tasks::nearest(app.env.working_folder()) else { return Ok(None) };
        let trusted = super::trust::answer(app, &path)? == Some(true);
        Ok(Some(Self { path, trusted }))
    }

    fn source(&self, app: &App) -> Result<Source> {
        let Self { path, trusted } = self;
        let bytes = tasks::read_own(path, owner(app))?;
        let label = app.env.display(path);
        let file = TaskFile::parse(&label, &bytes)?;
        let (path, origin) = (path.clone(), Origin::Local { trusted: *trusted });
        Ok(Source { file, path, origin, of_team: false, label, base: None, accepted: None })
    }
}

/// Whose files are one's own.
pub(super) fn owner(app: &App) -> Owner {
    Owner::new(app.env.text("SUDO_UID").as_deref())
}

/// The file from here.
fn local(app: &App) -> Result<Option<Source>> {
    Here::find(app)?.map(|here| here.source(app)).transpose()
}
