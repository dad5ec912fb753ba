//! What has to be true of a home, whatever was done to it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use robo::config::base::BaseStore;
use robo::config::target::Target;
use robo::settings::Settings;
use robo::store::{Backend, Choice, Found, open};
use robo::sys::env::Env;
use robo::sys::folders::Folders;
use robo::sys::lock::Lock;
use robo::sys::prompt::Nobody;
use robo::sys::replace::is_temporary;
use robo::sys::secret::Secret;
use robo::tasks::shared::SharedStore;

use crate::common::Office;
use crate::common::office::PASSPHRASE;
use crate::company::Company;
use crate::plan::{Kind, Round};
use crate::process::End;
use crate::secrets::Secrets;
use crate::stage::Played;

/// The calls that sign in by password.
pub(crate) const SIGN_IN: &str = "POST /api/v1/authn";

pub(crate) struct Aftermath<'a> {
    pub(crate) office: &'a Office,
    pub(crate) company: &'a Company<'a>,
    /// The number of the round.
    pub(crate) round: usize,
}

impl Aftermath<'_> {
    /// Every file is one that there may be.
    pub(crate) fn no_file_is_damaged(&self) {
        let sandbox = &self.office.sandbox;
        let content = sandbox.read_config();
        let version = self.company.version_of(self.round, &content);
        let Some(version) = version else { panic!("no version's config is this:\n{content}") };
        for backup in sandbox.backups() {
            let kept = fs::read_to_string(&backup).unwrap();
            let of_a_round = |round| self.company.version_of(round, &kept).is_some();
            let is_whole = (0..=self.round).any(of_a_round);
            assert!(is_whole, "{} is no config that there was:\n{kept}", backup.display());
        }
        self.base_is_of(version, &content);
        for path in self.all("toml") {
            let text = fs::read_to_string(&path).unwrap();
            let read = toml::from_str::<toml::Table>(&text);
            assert!(read.is_ok(), "{}: {read:?}\n{text}", path.display());
        }
        let settings = sandbox.path(".config/robo/settings.toml");
        let settings: Settings = match fs::read_to_string(settings) {
            Ok(text) => toml::from_str(&text).unwrap(),
            Err(_) => Settings::default(),
        };
        let url = self.company.upstream.url();
        if version > 0 {
            assert_eq!(settings.trust.dotfiles.as_ref(), Some(&url));
            assert_eq!(settings.trust.okta_domains, [self.office.simulator.okta_host()]);
        }
        if let Some(tasks) = SharedStore::new(&sandbox.state()).load().unwrap() {
            let text = fs::read_to_string(tasks.folder().join("robo.yml")).unwrap();
            let is_whole = (1..=self.company.versions.get()).any(|one| Company::tasks(one) == text);
            assert!(is_whole, "no version's tasks are these:\n{text}");
            self.is_a_commit(&tasks.origin().commit);
        }
        self.store_is_whole();
        self.nobody_else_may_read();
    }

    /// What is recorded as applied is what was applied.
    fn base_is_of(&self, version: u32, content: &str) {
        let target = Target::find(&self.env()).unwrap();
        let base = BaseStore::new(&self.office.sandbox.state(), &target);
        let base = base.load(Some(content.as_bytes())).unwrap();
        assert_eq!(base.is_some(), version > 0, "{base:?}");
        if let Some(base) = base {
            assert_eq!(base.config, self.company.team(version));
            self.is_a_commit(&base.origin.commit);
        }
    }

    fn is_a_commit(&self, id: &str) {
        assert!(self.company.commits.borrow().iter().any(|commit| commit == id), "{id}");
    }

    /// Whatever robo keeps is its owner's alone.
    fn nobody_else_may_read(&self) {
        let sandbox = &self.office.sandbox;
        for folder in [sandbox.path(".config/robo"), sandbox.state(), sandbox.path(".cache/robo")] {
            for path in below(&folder) {
                let mode = path.metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o077, 0, "{}", path.display());
            }
        }
    }

    /// Each item of the vault and of the cache opens.
    fn store_is_whole(&self) {
        let folders = Folders::find(&self.env()).unwrap();
        let opened = open(&Choice {
            asked: Some(Backend::File),
            remembered: None,
            keychain: false,
            passphrase: Some(Secret::from(PASSPHRASE.to_owned())),
            folders: &folders,
            prompt: &Nobody,
        });
        let store = opened.unwrap().store;
        let places = [
            (store.vault(), folders.state.join("vault/file")),
            (store.cache(), folders.cache.join("credentials/file")),
        ];
        for (items, folder) in places {
            let names = below(&folder).into_iter().filter(|path| !is_temporary(path));
            let kinds: BTreeSet<String> = names
                .filter_map(|path| Some(path.file_name()?.to_str()?.rsplit_once('-')?.0.to_owned()))
                .collect();
            for kind in kinds {
                for found in items.list::<serde_json::Value>(&kind).unwrap() {
                    assert!(matches!(found, Found::Item(_)), "{kind}: {found:?}");
                }
            }
        }
    }

    /// No secret that there ever was lies in a file, or was said.
    pub(crate) fn no_secret_is_in_the_clear(&self, ends: &[End]) {
        let secrets = self.office.simulator.secrets();
        let secrets = Secrets::new(secrets.into_iter().chain([PASSPHRASE.to_owned()]));
        let sandbox = &self.office.sandbox;
        for path in below(&sandbox.home()).into_iter().chain(below(&sandbox.root().join("tmp"))) {
            let found = secrets.found_in(&fs::read(&path).unwrap());
            assert!(found.is_none(), "{found:?} lies in {}", path.display());
        }
        for end in ends {
            let found = secrets.found_in(end.output.stderr.as_bytes());
            assert!(found.is_none(), "{found:?} was said: {end:#?}");
            // Four commands have secrets for their product.
            if !end.command.kind.signs_in() {
                let found = secrets.found_in(end.output.stdout.as_bytes());
                assert!(found.is_none(), "{found:?} was printed: {end:#?}");
            }
        }
    }

    /// Nobody holds a lock any more.
    pub(crate) fn no_lock_is_left(&self) {
        for path in self.all("lock") {
            let free = Lock::try_take(&path).unwrap();
            assert!(free.is_some(), "{} is held", path.display());
        }
    }

    /// Nothing is left but what the next writer of the same place clears up: a temporary file of
    /// each who was killed so far.
    pub(crate) fn little_is_left(&self, killed: usize) {
        let left: Vec<PathBuf> = below(&self.office.sandbox.home())
            .into_iter()
            .filter(|path| is_temporary(path))
            .collect();
        assert!(left.len() <= killed, "{killed} were killed, and left are {left:#?}");
    }

    /// Nobody signed in without a need: the first one, whose who was killed before they could hand
    /// on what they got, or could not keep it, and who met a fault, or sessions that were gone.
    pub(crate) fn logins_are_few(&self, round: &Round, played: &Played, logins: u64) {
        let count =
            |needed: &dyn Fn(&&End) -> bool| played.ends.iter().filter(needed).count() as u64;
        let lost = count(&|end| {
            let suffered = &end.suffered;
            let may_lose = end.was_stopped() || suffered.full_disk || end.command.limit.is_some();
            end.command.kind.signs_in() && may_lose
        });
        let forgotten = count(&|end| end.command.kind == Kind::Logout);
        let most = u64::from(round.cold) + lost + forgotten + played.hits + played.sessions_ended;
        assert!(
            logins <= most,
            "{logins} logins, where {most} are enough: first {}, lost {lost}, \
             forgotten {forgotten}, hit {}, ended {}, in a round with {:?}",
            u64::from(round.cold),
            played.hits,
            played.sessions_ended,
            round.hazards,
        );
    }

    /// After all that, everything works as if nothing had been, and at once.
    pub(crate) fn a_normal_run_works(&self) {
        let (office, company) = (self.office, self.company);
        let (version, url) = (company.versions.get(), company.upstream.url());
        let logins = || office.simulator.counts().okta(SIGN_IN);
        let before = logins();
        let config = |how: &str| {
            let run = office.robo(["aws.config", "--dotfiles", &url, how]);
            run.env("SEGMENT_TEAM", "foundation").run().exits(0).never_says("warning")
        };
        config("--yes");
        assert_eq!(office.sandbox.read_config(), company.whole(self.round, version));
        config("--check").never_says("diff");
        let exec = ["aws.exec", "dev", "--", "printenv", "AWS_OKTA_ASSUMED_ROLE_ARN"];
        let output = office.robo(exec).run().exits(0);
        assert_eq!(output.stdout, "arn:aws:iam::222222222222:role/dev\n");
        let quiet = ["", "Okta: push sent to your phone.\n"];
        assert!(quiet.contains(&output.stderr.as_str()), "{output}");
        // The session lasts still, or is begun here.
        office.robo(["aws.credentials", "prod", "--no-cache"]).run().exits(0);
        assert!(logins() <= before + 1);
        let calls = office.simulator.counts().all();
        let output = office.robo(exec).run().exits(0);
        assert_eq!(
            (output.stdout.as_str(), output.stderr.as_str()),
            ("arn:aws:iam::222222222222:role/dev\n", "")
        );
        assert_eq!(office.simulator.counts().all(), calls, "it is cached");
        let task = office.robo(["hello"]).run().exits(0);
        assert_eq!(task.stdout, format!("hello v{version}\n"));
        self.no_file_is_damaged();
        self.nothing_of_the_config_or_of_git_is_left();
    }

    /// What only items may leave: they have no lock, and clear up after an hour.
    fn nothing_of_the_config_or_of_git_is_left(&self) {
        let sandbox = &self.office.sandbox;
        let items = [sandbox.state().join("vault"), sandbox.path(".cache")];
        let clone = sandbox.path(".local/share/robo");
        let left: Vec<PathBuf> = below(&sandbox.home())
            .into_iter()
            .filter(|path| !items.iter().any(|folder| path.starts_with(folder)))
            .filter(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let of_git =
                    name.starts_with("tmp_") || name.ends_with(".lock") || name.ends_with(".keep");
                is_temporary(path) || (of_git && path.starts_with(&clone))
            })
            .collect();
        assert_eq!(left, Vec::<PathBuf>::new());
        // Each backup has its note, and no note is without one.
        let names = |folder: &str| {
            let files = below(&sandbox.state().join(folder)).into_iter();
            let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
            files.map(name).collect::<BTreeSet<_>>()
        };
        let notes = names("backups").iter().map(|name| format!("{name}.toml")).collect();
        assert_eq!(names("backup-notes"), notes);
        // The present set of shared commands, the one before it, and the record of both.
        let tasks = fs::read_dir(sandbox.state().join("tasks")).unwrap().count();
        assert!(tasks <= 3, "{tasks} entries");
        let aside = sandbox.path(".local/share/robo/dotfiles.git.damaged");
        assert!(!aside.exists());
        assert_eq!(below(&sandbox.root().join("tmp")), Vec::<PathBuf>::new());
    }

    fn all(&self, extension: &str) -> Vec<PathBuf> {
        let robo_s = |path: &PathBuf| path.components().any(|part| part.as_os_str() == "robo");
        let mut all = below(&self.office.sandbox.home());
        all.retain(|path| path.extension().is_some_and(|one| one == extension) && robo_s(path));
        all
    }

    fn env(&self) -> Env {
        Env::from_vars(self.office.sandbox.environment())
    }
}

/// All files below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}
