//! Tells of files that appear in a folder, where the system has inotify.

use std::path::{Path, PathBuf};

use crate::plan::Spot;
use crate::scene::Scene;

#[cfg(target_os = "linux")]
pub(crate) use linux::Watch;
#[cfg(not(target_os = "linux"))]
pub(crate) use nothing::Watch;

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;

    use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};

    use super::{Path, PathBuf, Scene, Spot};

    /// Watches the folders that are there, and one whose first file ends the watch.
    pub(crate) struct Watch {
        watch: OwnedFd,
        spots: BTreeMap<i32, Spot>,
        bell: i32,
    }

    impl Watch {
        pub(crate) fn new(folders: &[(Spot, PathBuf)], bell: &Path) -> Self {
            let watch = inotify::init(CreateFlags::CLOEXEC).unwrap();
            let appears = WatchFlags::CREATE | WatchFlags::MOVED_TO;
            let bell = inotify::add_watch(&watch, bell, appears).unwrap();
            let spots = folders
                .iter()
                .filter_map(|(spot, path)| {
                    Some((inotify::add_watch(&watch, path, appears).ok()?, *spot))
                })
                .collect();
            Self { watch, spots, bell }
        }

        pub(crate) fn run(&self, scene: &Scene) {
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let mut reader = Reader::new(&self.watch, &mut buffer);
            loop {
                let Ok(event) = reader.next() else { return };
                if event.wd() == self.bell {
                    return;
                }
                if let Some(spot) = self.spots.get(&event.wd()) {
                    scene.change(|state| *state.appeared.entry(*spot).or_default() += 1);
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod nothing {
    use super::{Path, PathBuf, Scene, Spot};

    /// Sees nothing.
    pub(crate) struct Watch;

    impl Watch {
        pub(crate) fn new(_: &[(Spot, PathBuf)], _: &Path) -> Self {
            Self
        }
        pub(crate) fn run(&self, _: &Scene) {}
    }
}
