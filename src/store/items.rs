//! Items of the vault or the cache, by kind and name.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::store::found::{Found, Reason, Why};
use crate::store::keys::Keys;
use crate::store::sealed::{Sealed, seal};
use crate::store::shelf::{self, Shelf, file_name};

/// The items of the vault or of the cache. Each lies in a file of its own, so that nobody who
/// writes one can lose another.
///
/// `kind` is a word of robo's, in lower-case letters and `-`; `name` may be anything. Only one
/// item has the same kind and name.
#[derive(Clone, Copy)]
pub struct Items<'s> {
    pub(super) shelf: &'s Shelf,
    pub(super) keys: &'s Keys<'s>,
}

impl Items<'_> {
    /// What is kept under `name`. The master key is asked for only where there is something.
    ///
    /// # Errors
    /// When the key store cannot be opened. A file that cannot be read is no error, but
    /// [`Found::Unreadable`].
    pub fn get<T: DeserializeOwned>(&self, kind: &str, name: &str) -> Result<Found<T>> {
        let file_name = file_name(kind, name);
        match self.shelf {
            Shelf::Memory(items) => Ok(items
                .borrow()
                .get(&file_name)
                .map_or(Found::Nothing, |content| understand(Path::new(&file_name), content))),
            Shelf::Folder { path, .. } => self.read(&path.join(file_name)),
        }
    }

    /// Keeps `item` under `name`, in the place of what may be there. The master key is made first
    /// where there is none.
    ///
    /// # Errors
    /// When there is no master key to be had, or the file cannot be written; what was there is
    /// there still.
    pub fn put<T: Serialize>(&self, kind: &str, name: &str, item: &T) -> Result<()> {
        let file_name = file_name(kind, name);
        let content = to_json(item).map_err(|cause| {
            Error::failed(format!("cannot keep this {kind}: it does not fit into a file"))
                .because(cause)
        })?;
        match self.shelf {
            Shelf::Memory(items) => {
                items.borrow_mut().insert(file_name, content);
                Ok(())
            }
            Shelf::Folder { path, durable } => {
                let sealed = seal(self.keys.get_or_make()?, &file_name, &content)?;
                shelf::write(path, *durable, &file_name, &sealed)
            }
        }
    }

    /// Removes what is kept under `name`, readable or not; false when there is nothing.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(&self, kind: &str, name: &str) -> Result<bool> {
        let file_name = file_name(kind, name);
        match self.shelf {
            Shelf::Memory(items) => Ok(items.borrow_mut().remove(&file_name).is_some()),
            Shelf::Folder { path, .. } => shelf::remove(&path.join(file_name)),
        }
    }

    /// Everything of a kind, in no particular but always the same order. [`Found::Nothing`] is
    /// not among it.
    ///
    /// # Errors
    /// As [`Items::get`].
    pub fn list<T: DeserializeOwned>(&self, kind: &str) -> Result<Vec<Found<T>>> {
        match self.shelf {
            Shelf::Memory(items) => {
                let items = items.borrow();
                let names = shelf::names_of_kind(&items, kind);
                let found = |name: &String| Some(understand(Path::new(name), items.get(name)?));
                Ok(names.iter().filter_map(found).collect())
            }
            Shelf::Folder { path, .. } => match shelf::of_kind(path, kind) {
                Err(why) => Ok(vec![Found::Unreadable(why)]),
                Ok(paths) => {
                    let mut all = Vec::with_capacity(paths.len());
                    for path in paths {
                        match self.read(&path)? {
                            Found::Nothing => {} // Somebody has just removed it.
                            found => all.push(found),
                        }
                    }
                    Ok(all)
                }
            },
        }
    }

    /// Removes every item, readable or not. Needs no key.
    ///
    /// # Errors
    /// When one of them cannot be removed; the others are gone.
    pub fn clear(&self) -> Result<()> {
        match self.shelf {
            Shelf::Memory(items) => {
                items.borrow_mut().clear();
                Ok(())
            }
            Shelf::Folder { path, .. } => shelf::clear(path),
        }
    }

    fn read<T: DeserializeOwned>(&self, path: &Path) -> Result<Found<T>> {
        let bytes = match shelf::read(path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Found::Nothing),
            Err(why) => return Ok(Found::Unreadable(why)),
        };
        let unreadable = |reason| Ok(Found::Unreadable(Why::new(path, reason)));
        let sealed = match Sealed::parse(&bytes) {
            Ok(sealed) => sealed,
            Err(reason) => return unreadable(reason),
        };
        // A file without any key to open it: the key store has lost its own.
        let Some(key) = self.keys.get()? else { return unreadable(Reason::OtherKey) };
        match sealed.open(key, shelf::name(path).unwrap_or_default()) {
            Ok(content) => Ok(understand(path, &content)),
            Err(reason) => unreadable(reason),
        }
    }
}

fn understand<T: DeserializeOwned>(path: &Path, content: &[u8]) -> Found<T> {
    // What serde says may quote the content.
    serde_json::from_slice(content)
        .map_or_else(|_| Found::Unreadable(Why::new(path, Reason::OtherShape)), Found::Item)
}

/// `item` as JSON, in memory that is wiped. It is written twice: a buffer that had to grow would
/// leave parts of the secret behind.
fn to_json<T: Serialize>(item: &T) -> Result<Zeroizing<Vec<u8>>, String> {
    // What serde says may quote the content here too.
    let unsaid = |_| "it cannot be written as JSON".to_owned();
    let mut length = Length(0);
    serde_json::to_writer(&mut length, item).map_err(unsaid)?;
    if length.0 as u64 > shelf::MOST / 2 {
        return Err(format!("{} bytes are too many", length.0));
    }
    let mut content = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *content, item).map_err(unsaid)?;
    Ok(content)
}

/// Counts what is written to it.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
