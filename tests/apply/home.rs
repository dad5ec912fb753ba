//! A home, and what is left in it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use jiff::Timestamp;
use robo::config::apply::{Apply, Outcome};
use robo::config::base::{Base, BaseStore, Origin};
use robo::config::target::Target;
use robo::sys::env::Env;
use robo::sys::files::{Disk, Files};

pub(crate) const OLD: &str = "# mine\n[default]\nregion = eu-west-1\n";

/// The backup that was made; fails the test unless the file was written.
#[track_caller]
pub(crate) fn written(outcome: robo::Result<Outcome>) -> Option<PathBuf> {
    match outcome.unwrap() {
        Outcome::Written { backup } => backup,
        Outcome::Overtaken => panic!("overtaken"),
    }
}

/// A home with a config, a state folder and what was applied to it.
pub(crate) struct Home {
    _folder: tempfile::TempDir,
    pub(crate) state: PathBuf,
    pub(crate) target: Target,
}

pub(crate) fn base(commit: &str) -> Base {
    let origin = Origin { commit: commit.to_owned(), ..Origin::default() };
    Base { origin, config: format!("# {commit}\n") }
}

impl Home {
    /// `old` is the content of the config; with `linked` the config is a symbolic link to it.
    pub(crate) fn new(old: Option<&str>, linked: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_owned();
        let state = home.join("state");
        let aws = home.join(".aws");
        if let Some(old) = old {
            let real = if linked { home.join("dotfiles/config") } else { aws.join("config") };
            Disk.create_folder(real.parent().unwrap()).unwrap();
            Disk.create_folder(&aws).unwrap();
            Disk.write_new(&real, b"", None).unwrap();
            fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
            if linked {
                symlink("../dotfiles/config", aws.join("config")).unwrap();
            }
            let target = Target::find(&Env::from_vars([("HOME", &home)])).unwrap();
            let apply = Apply::begin(&Disk, &state, &target, || {}).unwrap();
            written(apply.write(old.as_bytes(), Some(&base("old")), Timestamp::UNIX_EPOCH));
        }
        let target = Target::find(&Env::from_vars([("HOME", &home)])).unwrap();
        Self { _folder: folder, state, target }
    }

    pub(crate) fn write(
        &self,
        files: &dyn Files,
        new: &str,
        base: Option<&Base>,
    ) -> robo::Result<Outcome> {
        let apply = Apply::begin(files, &self.state, &self.target, || {})?;
        apply.write(new.as_bytes(), base, Timestamp::UNIX_EPOCH)
    }

    /// A run that leaves its announcement, and the content that it was for.
    pub(crate) fn die_before_the_rename(&self) {
        let store = self.state.join("bases").join(format!("{}.toml", self.target.id()));
        let text = fs::read_to_string(&store).unwrap().replace("old", "new");
        fs::write(store.with_extension("pending.toml"), text).unwrap();
        fs::write(robo::sys::replace::temporary(self.target.real()), "# new\n").unwrap();
    }

    /// What the file's owner does to it, in an editor that knows nothing of robo.
    pub(crate) fn edit(&self, content: &str) {
        let path = self.target.real();
        Disk.create_folder(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn content(&self) -> Option<String> {
        self.target.read().unwrap().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    pub(crate) fn applied(&self) -> Option<String> {
        let content = self.target.read().unwrap();
        let store = BaseStore::new(&self.state, &self.target);
        store.load(content.as_deref()).unwrap().map(|base| base.origin.commit)
    }

    /// Files beside the config, and robo's records of what is still to come true.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let beside = self.target.real().parent().unwrap();
        [beside, &self.state.join("bases")]
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
            .filter(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                name.ends_with(".robo-new") || name.ends_with(".pending.toml")
            })
            .collect()
    }
}
