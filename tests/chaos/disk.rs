//! A disk that can be full: a small one of its own for the home, where one can be mounted.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Room for a home, its clone and all that git makes on the way.
const SIZE: &str = "size=24m";

const PAGE: u64 = 4096;

/// A disk in memory on the home folder, as long as this is held. Only root can mount one; for
/// anybody else the disk is full by the limit of the size of files alone.
pub(crate) struct SmallDisk {
    home: PathBuf,
}

impl SmallDisk {
    pub(crate) fn mount(home: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "robo-chaos"]).arg(home);
        let mounted = mount.stdin(Stdio::null()).stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self { home: home.to_owned() })
    }

    /// Takes all the room there is, but for so many pages.
    pub(crate) fn fill(&self, but_pages: u64) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        let mut size = PAGE << 6;
        while size >= PAGE {
            if ballast.write_all(&vec![0; usize::try_from(size).unwrap()]).is_err() {
                size /= 2;
            }
        }
        let length = ballast.metadata().unwrap().len();
        ballast.set_len(length.saturating_sub(but_pages * PAGE)).unwrap();
    }

    pub(crate) fn free(&self) {
        let _ = fs::remove_file(self.ballast());
    }

    fn ballast(&self) -> PathBuf {
        self.home.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.home).status();
    }
}
