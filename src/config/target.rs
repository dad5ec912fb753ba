//! The person's file: where it is, what state it is in.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::sys::env::Env;
use crate::sys::files::next_step;
use crate::sys::hash;
use crate::sys::lock::Lock;
use crate::sys::read::{self, Unread, lacks};
use crate::sys::replace::real_path;

/// `$AWS_CONFIG_FILE`, or `~/.aws/config`.
#[derive(Clone, Debug)]
pub struct Target {
    path: PathBuf,
    real: PathBuf,
    shown: String,
}

/// How long a second robo waits for the first to write.
const PATIENCE: Duration = Duration::from_secs(60);

/// More than a config of 30,000 profiles; what is larger is not one.
const LARGEST: u64 = 64 << 20;

impl Target {
    /// Finds it from the environment, as the AWS CLI and SDKs do.
    ///
    /// # Errors
    /// When there is no home folder to look in, or links lead in a circle.
    pub fn find(env: &Env) -> Result<Self> {
        let path = match (env.get("AWS_CONFIG_FILE"), env.home()) {
            (Some(path), _) => env.resolve(path.as_ref()),
            (None, Some(home)) => home.join(".aws").join("config"),
            (None, None) => {
                return Err(Error::failed("cannot tell where the AWS config is: $HOME is not set")
                    .hint("set HOME, or AWS_CONFIG_FILE to the file"));
            }
        };
        let real = real_path(&path)?;
        let shown = env.display(&path);
        Ok(Self { path, real, shown })
    }

    /// The path as the environment gives it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file itself, links followed.
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// The path as a person writes it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// A name for the file that is safe as a file name; another file has another.
    pub fn id(&self) -> String {
        let mut id = hash::sha256(self.real.as_os_str().as_encoded_bytes());
        id.truncate(16);
        id
    }

    /// Its bytes; none when it is not there.
    ///
    /// # Errors
    /// When it is there and cannot be read, or is no ordinary file.
    pub fn read(&self) -> Result<Option<Vec<u8>>> {
        let unread = match read_config(&self.real) {
            Ok(bytes) => return Ok(Some(bytes)),
            Err(Unread::Missing(_)) => return Ok(None),
            Err(unread) => unread,
        };
        let hint = match &unread {
            Unread::Missing(cause) | Unread::OutOfReach(cause) => {
                next_step(cause, self.real.parent().unwrap_or(Path::new(".")))
            }
            Unread::Folder | Unread::TooLarge(_) => {
                format!("move it away ('mv {0} {0}.old'), then try again", self.shown)
            }
            Unread::Special => "unset AWS_CONFIG_FILE".to_owned(),
            Unread::Forbidden => format!("chmod u+r {}", self.shown),
            Unread::Failed(_) => format!("ls -l {}", self.shown),
        };
        Err(self.error(&unread.words()).maybe_because(unread.cause()).hint(hint))
    }

    /// Checks that nobody has forbidden to write it, before a person is asked anything.
    ///
    /// # Errors
    /// When the file or its folder is read-only, even to root, who could write all the same.
    pub fn check_writable(&self) -> Result<()> {
        if fs::metadata(&self.real).is_ok_and(|file| lacks(&file, 0o222)) {
            return Err(self
                .error("is read-only")
                .hint(format!("chmod u+w {} lets robo write it", self.shown)));
        }
        let folder = self.real.parent().unwrap_or(Path::new("."));
        match fs::metadata(folder) {
            Ok(metadata) if !metadata.is_dir() => Err(self
                .error("cannot be made")
                .because(format!("{} is not a folder", folder.display()))),
            Ok(metadata) if lacks(&metadata, 0o222) => Err(self
                .error("is in a read-only folder")
                .hint(format!("chmod u+w {} lets robo write there", folder.display()))),
            _ => Ok(()),
        }
    }

    /// Keeps other robos from writing the file, as long as the lock is held.
    ///
    /// # Errors
    /// When another robo does not let go of it.
    pub fn lock(&self, state: &Path, waiting: impl FnOnce()) -> Result<Lock> {
        let path = state.join("locks").join(format!("config-{}.lock", self.id()));
        Lock::take(&path, PATIENCE, waiting)
    }

    fn error(&self, what: &str) -> Error {
        Error::failed(format!("{} {what}", self.shown))
    }
}

/// Reads a file that ought to be an AWS config.
///
/// # Errors
/// When it cannot be read, or cannot be one.
pub fn read_config(path: &Path) -> Result<Vec<u8>, Unread> {
    read::ordinary(path, LARGEST)
}
