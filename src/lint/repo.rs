//! The files of a dotfiles repo, read once.

use std::collections::BTreeMap;

use crate::config::profiles::Profiles;
use crate::config::section::SectionId;
use crate::config::strict::{self, Examined};
use crate::config::team::TeamConfig;
use crate::config::tree::Tree;
use crate::config::unit::Place;
use crate::dotfiles::manifest::FILE;
use crate::dotfiles::{Manifest, Pattern, TeamName, tasks as shared};
use crate::lint::finding::{Findings, placed};
use crate::lint::folder::{Content, Folder, Found};
use crate::tasks::TaskFile;

/// The files of a repo.
#[derive(Debug)]
pub struct Repo<'a> {
    pub(super) folder: &'a Folder,
    pub(super) manifest: Manifest,
    /// The shared file, where there is one, and those of the teams.
    pub(super) configs: Vec<ConfigFile>,
    /// By name.
    pub(super) teams: Vec<Team>,
    /// The task files that parse, by path.
    pub(super) tasks: BTreeMap<String, TaskFile>,
}

/// A hand-written file of AWS config.
#[derive(Debug)]
pub(super) struct ConfigFile {
    pub(super) path: String,
    pub(super) examined: Examined,
}

/// A team, and what `aws.config` would bring it.
#[derive(Debug)]
pub(super) struct Team {
    pub(super) name: TeamName,
    /// All layers upon each other; none where one of them would be refused.
    pub(super) config: Option<Composed>,
}

/// The layers of a team upon each other.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) tree: Tree,
    pub(super) profiles: Profiles,
}

impl Team {
    /// Whether all of its layers could be read.
    pub(super) fn is_whole(&self) -> bool {
        self.config.is_some()
    }
}

impl Repo<'_> {
    /// Reads the repo in `folder`. What cannot be read is told, and left out.
    pub(super) fn read<'a>(folder: &'a Folder, findings: &mut Findings) -> Repo<'a> {
        let mut reader = Reader { folder, findings };
        let manifest = reader.manifest();
        let base = reader.base(&manifest);
        let mut repo = Repo {
            folder,
            manifest: manifest.unwrap_or_default(),
            configs: Vec::new(),
            teams: Vec::new(),
            tasks: BTreeMap::new(),
        };
        let shared = reader.config(&repo.manifest.aws.shared);
        let base = match &shared {
            Some(file) if !file.examined.flaws.is_empty() => None,
            Some(file) => base.map(|base| laid(base, &file.examined.tree)),
            None => base,
        };
        for (name, path) in reader.teams(&repo.manifest) {
            let file = reader.config(&path);
            let config = file.as_ref().filter(|file| file.examined.flaws.is_empty());
            let config = config
                .and_then(|file| Some(laid(base.clone()?, &file.examined.tree)))
                .map(|tree| Composed { profiles: Profiles::of(&tree), tree });
            repo.configs.extend(file);
            repo.teams.push(Team { name, config });
        }
        repo.configs.extend(shared);
        repo.tasks = reader.tasks();
        repo
    }

    /// The teams whose layers could all be read.
    pub(super) fn whole_teams(&self) -> impl Iterator<Item = &Composed> {
        self.teams.iter().filter_map(|team| team.config.as_ref())
    }

    /// Whether a team gets a profile of that name.
    pub(super) fn has_profile(&self, team: &Team, name: &str) -> bool {
        team.config.as_ref().is_some_and(|config| config.profiles.get(name).is_some())
    }

    /// The names of a team's profiles.
    pub(super) fn profile_names(&self, team: &Team) -> Vec<String> {
        let profiles = team.config.iter().flat_map(|config| config.profiles.list());
        profiles.map(|profile| profile.name.clone()).collect()
    }

    /// The team of that name.
    pub(super) fn team(&self, name: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.name.as_str() == name)
    }
}

fn laid(mut below: Tree, above: &Tree) -> Tree {
    below.overlay(above.clone());
    below
}

struct Reader<'a, 'f> {
    folder: &'a Folder,
    findings: &'f mut Findings,
}

impl Reader<'_, '_> {
    /// The bytes of a file; what is there and cannot be read is told.
    fn bytes(&mut self, path: &str) -> Option<Vec<u8>> {
        match self.folder.read(path) {
            Content::Bytes(bytes) => return Some(bytes),
            Content::Nothing => {}
            Content::Link(link) => self.link(path, &link),
            Content::Unread(why) => {
                let message = format!("{path} {why}");
                self.findings.add("unreadable-file", (path, None), message, None);
            }
        }
        None
    }

    fn link(&mut self, path: &str, link: &str) {
        let message = if path == link {
            "it is a symbolic link, and robo reads none from a repo".to_owned()
        } else {
            format!("it is a symbolic link, and robo reads nothing behind one: {path}")
        };
        let hint = Some("put the file itself there".to_owned());
        self.findings.add("symbolic-link", (link, None), message, hint);
    }

    /// The manifest; nothing where it is wrong, as `aws.config` stops at it.
    fn manifest(&mut self) -> Option<Manifest> {
        let Some(bytes) = self.bytes(FILE) else { return Some(Manifest::default()) };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(cause) => {
                let before = &cause.as_bytes()[..cause.utf8_error().valid_up_to()];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                self.findings.add("robo-toml", (FILE, Some(line)), "it is not UTF-8", None);
                return None;
            }
        };
        // The manifest names its place in full; here the file is enough.
        const PLACE: &str = "this folder";
        match Manifest::parse(&text, PLACE) {
            Ok((manifest, warnings)) => {
                for warning in warnings {
                    let (line, message) = placed(FILE, &warning);
                    self.findings.add("unknown-setting", (FILE, line), message, None);
                }
                Some(manifest)
            }
            Err(error) => {
                let message = error.message().replacen(&format!(" of {PLACE}"), "", 1);
                let (line, message) = placed(FILE, &message);
                let hint = error.hints().first().cloned();
                self.findings.add("robo-toml", (FILE, line), message, hint);
                None
            }
        }
    }

    /// What the manifest says of the way in, as the lowest layer of every team.
    fn base(&mut self, manifest: &Option<Manifest>) -> Option<Tree> {
        let manifest = manifest.as_ref()?;
        let mut config = TeamConfig::new();
        let okta = &manifest.okta;
        for (key, name, value) in [
            ("okta_domain", "okta.domain", &okta.domain),
            ("aws_saml_url", "okta.app", &okta.app),
            ("okta_client_id", "okta.client_id", &okta.client_id),
        ] {
            let Some(value) = value else { continue };
            let place = Place::new(FILE, manifest.line(name).unwrap_or(1));
            if let Err(error) = config.set(&SectionId::plain("okta"), key, value, place) {
                let (line, message) = placed(FILE, error.message());
                self.findings.add("robo-toml", (FILE, line), message, None);
                return None;
            }
        }
        Some(config.tree().clone())
    }

    /// A hand-written file of AWS config, with all that readers stumble over in it.
    fn config(&mut self, path: &str) -> Option<ConfigFile> {
        let bytes = self.bytes(path)?;
        Some(ConfigFile { path: path.to_owned(), examined: strict::examine(path, &bytes) })
    }

    /// The teams that have a file, with its path.
    fn teams(&mut self, manifest: &Manifest) -> Vec<(TeamName, String)> {
        let pattern = Pattern::of(manifest);
        if let Found::Link(link) = self.folder.find(pattern.folder) {
            self.link(pattern.folder, &link);
        }
        let names = self.folder.list(pattern.folder).unwrap_or_else(|why| {
            let message = format!("{} {why}", pattern.folder);
            self.findings.add("unreadable-file", (pattern.folder, None), message, None);
            Vec::new()
        });
        let mut teams = Vec::new();
        for name in names {
            let Some(team) = pattern.team(&name) else { continue };
            let path = manifest.aws.teams.replace("{team}", team);
            match self.folder.find(&path) {
                Found::Nothing => continue,
                // A folder where the team's file would be is something else's.
                Found::Folder => continue,
                Found::Link(link) => {
                    self.link(&path, &link);
                    continue;
                }
                Found::File | Found::Special | Found::OutOfReach(_) => {}
            }
            match TeamName::parse(team) {
                Ok(team) => teams.push((team, path)),
                Err(error) => {
                    let message = format!("the file is left out: {error}");
                    self.findings.add("team-name", (&path, None), message, None);
                }
            }
        }
        teams
    }

    /// The task files: everybody's and the teams'.
    fn tasks(&mut self) -> BTreeMap<String, TaskFile> {
        let mut paths = vec![shared::EVERYBODYS.to_owned()];
        let names = self.folder.list(shared::FOLDER).unwrap_or_default();
        let own = names.iter().filter(|name| name.ends_with(".yml"));
        paths.extend(own.map(|name| format!("{}/{name}", shared::FOLDER)));
        let mut tasks = BTreeMap::new();
        for path in paths {
            let Some(bytes) = self.bytes(&path) else { continue };
            match TaskFile::parse(&path, &bytes) {
                Ok(file) => {
                    for warning in file.warnings() {
                        let (line, message) = placed(&path, warning);
                        self.findings.add("task-warning", (&path, line), message, None);
                    }
                    tasks.insert(path, file);
                }
                Err(error) => {
                    let (line, message) = placed(&path, error.message());
                    let hint = error.hints().first().cloned();
                    self.findings.add("task-syntax", (&path, line), message, hint);
                }
            }
        }
        tasks
    }
}
