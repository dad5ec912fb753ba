//! The files of a dotfiles repo, read once.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Weight};
use crate::config::hosts;
use crate::config::section::SectionId;
use crate::config::strict::{self, Examined};
use crate::config::team::TeamConfig;
use crate::config::tree::Tree;
use crate::config::unit::Place;
use crate::dotfiles::manifest::FILE;
use crate::dotfiles::signed::Signers;
use crate::dotfiles::{Manifest, Pattern, TeamName, tasks as shared};
use crate::lint::catalogue::Catalogue;
use crate::lint::finding::{Findings, placed};
use crate::lint::folder::{Content, Folder, Found};
use crate::lint::layers::{Composed, Layer};
use crate::tasks::TaskFile;

/// The files of a repo.
#[derive(Debug)]
pub struct Repo<'a> {
    pub(super) folder: &'a Folder,
    pub(super) manifest: Manifest,
    /// The catalogue, where there is one without a mistake.
    pub(super) catalog: Option<Catalogue>,
    /// The shared file, where there is one, and those of the teams.
    pub(super) configs: Vec<ConfigFile>,
    /// By name.
    pub(super) teams: Vec<Team>,
    /// Whether there may be more, in a catalogue that cannot be read.
    pub(super) may_have_more_teams: bool,
    /// The task files that parse, by path.
    pub(super) tasks: BTreeMap<String, TaskFile>,
    /// robo's own commands.
    pub(super) commands: &'a [&'a str],
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

impl Team {
    /// Whether all of its layers could be read.
    pub(super) fn is_whole(&self) -> bool {
        self.config.is_some()
    }
}

impl Repo<'_> {
    /// Reads the repo in `folder`. What cannot be read is told, and left out.
    pub(super) fn read<'a>(
        folder: &'a Folder,
        commands: &'a [&'a str],
        findings: &mut Findings,
    ) -> Repo<'a> {
        let mut reader = Reader { folder, findings };
        let manifest = reader.manifest();
        let base = reader.base(&manifest);
        let manifest = manifest.unwrap_or_default();
        let catalog = reader.catalog(&manifest.aws.catalog);
        // What is wrong in a layer that all have stops everybody.
        let may_have_more_teams = catalog.is_err();
        let (mut base, catalog) = match catalog {
            Ok(catalog) => (base, catalog),
            Err(Broken) => (None, None),
        };
        let shared = reader.config(&manifest.aws.shared);
        if shared.is_refused() {
            base = None;
        }
        let mut layers: BTreeMap<TeamName, Layer> = BTreeMap::new();
        for team in catalog.iter().flat_map(|catalog| catalog.catalog.teams()) {
            layers.extend(TeamName::parse(&team.name).ok().map(|name| (name, Layer::Absent)));
        }
        for (name, path) in reader.teams(&manifest) {
            layers.insert(name, reader.config(&path));
        }
        let (mut configs, mut teams): (Vec<ConfigFile>, _) = (Vec::new(), Vec::new());
        for (name, layer) in layers {
            let above: Vec<&Tree> = shared.tree().into_iter().chain(layer.tree()).collect();
            let base = base.as_ref().filter(|_| !layer.is_refused());
            let config =
                base.map(|base| Composed::new(name.clone(), catalog.as_ref(), base, &above));
            configs.extend(layer.file());
            teams.push(Team { name, config });
        }
        configs.extend(shared.file());
        reader.signers(&manifest);
        let tasks = reader.tasks();
        Repo { folder, manifest, catalog, configs, teams, may_have_more_teams, tasks, commands }
    }

    /// Whether `file` is the catalogue.
    pub(super) fn is_catalog(&self, file: &str) -> bool {
        self.catalog.as_ref().is_some_and(|catalog| catalog.path == file)
    }

    /// The teams whose layers could all be read.
    pub(super) fn whole_teams(&self) -> impl Iterator<Item = &Composed> {
        self.teams.iter().filter_map(|team| team.config.as_ref())
    }

    /// Takes out of `wanted` the profiles that a team gets.
    pub(super) fn take_profiles(&self, team: &TeamName, wanted: &mut BTreeSet<&str>) {
        let config = self.team(team.as_str()).and_then(|team| team.config.as_ref());
        for profile in config.into_iter().flat_map(|config| config.profiles.list()) {
            wanted.remove(profile.name.as_str());
        }
        if let Some(catalog) = &self.catalog {
            catalog.take_given(team.as_str(), wanted);
        }
    }

    /// The names of a team's profiles.
    pub(super) fn profile_names(&self, team: &TeamName) -> Vec<String> {
        let config = self.team(team.as_str()).and_then(|team| team.config.as_ref());
        let own = config.into_iter().flat_map(|config| config.profiles.list());
        let mut names: Vec<String> = own.map(|profile| profile.name.clone()).collect();
        names.extend(self.catalog.iter().flat_map(|catalog| catalog.profile_names(team.as_str())));
        names.sort();
        names.dedup();
        names
    }

    /// The team of that name.
    pub(super) fn team(&self, name: &str) -> Option<&Team> {
        let at = self.teams.binary_search_by(|team| team.name.as_str().cmp(name)).ok()?;
        Some(&self.teams[at])
    }
}

/// A file that stops everybody, which was told.
struct Broken;

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
                let message = format!("it {why}");
                self.findings.add("unreadable-file", (path, None), message, None);
            }
        }
        None
    }

    fn link(&mut self, path: &str, link: &str) {
        let message = if path == link {
            "it is a symbolic link, and robo reads none from a repo"
        } else {
            "it is a symbolic link, and robo reads nothing of a repo that is behind one"
        };
        let hint = Some("put the file itself there".to_owned());
        self.findings.add("symbolic-link", (link, None), message, hint);
    }

    /// The manifest; nothing where it is wrong, as `aws.config` stops at it.
    fn manifest(&mut self) -> Option<Manifest> {
        let Some(bytes) = self.bytes(FILE) else {
            return (self.folder.find(FILE) == Found::Nothing).then(Manifest::default);
        };
        let text = self.text("robo-toml", FILE, bytes)?;
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
        if let Err(error) = hosts::sign_in_hosts(config.tree()) {
            let (line, message) = placed(FILE, error.message());
            let hint = error.hints().first().cloned();
            self.findings.add("sign-in-host", (FILE, line), message, hint);
        }
        Some(config.tree().clone())
    }

    /// The catalogue, with all that is wrong in it.
    fn catalog(&mut self, path: &str) -> Result<Option<Catalogue>, Broken> {
        let Some(bytes) = self.bytes(path) else {
            return if self.folder.find(path) == Found::Nothing { Ok(None) } else { Err(Broken) };
        };
        let Some(text) = self.text("catalog", path, bytes) else { return Err(Broken) };
        let (catalog, problems) = Catalog::read(path, &text);
        let catalog = catalog.map(|catalog| Catalogue::new(path, catalog));
        for problem in problems.list() {
            let unreachable =
                || catalog.as_ref().is_some_and(|catalog| catalog.is_unreachable(problem.line));
            let code = match problem.weight {
                Weight::Mistake => "catalog",
                Weight::Warning if unreachable() => "unreachable-grant",
                Weight::Warning => "catalog-warning",
            };
            self.findings.add(code, (path, Some(problem.line)), &*problem.what, None);
        }
        catalog.map(Some).ok_or(Broken)
    }

    /// Who signs the repo's commits. (A file that is not there is told by another rule.)
    fn signers(&mut self, manifest: &Manifest) {
        let Some(path) = &manifest.trust.signers else { return };
        let Some(bytes) = self.bytes(path) else { return };
        let signers = Signers::read(&bytes, path).map_err(|error| (path, error));
        let revoked = manifest.trust.revoked.as_ref();
        let revoked = revoked.and_then(|path| Some((path, self.bytes(path)?)));
        let read = match (signers, revoked) {
            (Ok(signers), Some((path, list))) => {
                signers.without(Some(list), path).map_err(|error| (path, error))
            }
            (signers, _) => signers,
        };
        if let Err((path, error)) = read {
            let (line, message) = placed(path, error.message());
            self.findings.add("signers", (path, line), message, error.hints().first().cloned());
        }
    }

    /// Bytes as text; the line that is none is told.
    fn text(&mut self, code: &'static str, path: &str, bytes: Vec<u8>) -> Option<String> {
        String::from_utf8(bytes)
            .map_err(|cause| {
                let before = &cause.as_bytes()[..cause.utf8_error().valid_up_to()];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                self.findings.add(code, (path, Some(line)), "the file is not UTF-8", None);
            })
            .ok()
    }

    /// A hand-written file of AWS config, with all that readers stumble over in it.
    fn config(&mut self, path: &str) -> Layer {
        match self.bytes(path) {
            Some(bytes) => {
                let examined = strict::examine(path, &bytes);
                Layer::Read(ConfigFile { path: path.to_owned(), examined })
            }
            None if self.folder.find(path) == Found::Nothing => Layer::Absent,
            None => Layer::Unread,
        }
    }

    /// The teams that have a file, with its path.
    fn teams(&mut self, manifest: &Manifest) -> Vec<(TeamName, String)> {
        let pattern = Pattern::of(manifest);
        if let Found::Link(link) = self.folder.find(pattern.folder) {
            self.link(pattern.folder, &link);
        }
        let names = self.folder.list(pattern.folder).unwrap_or_else(|why| {
            let message = format!("it {why}");
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
                        let (line, message) = placed(&path, &warning);
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
