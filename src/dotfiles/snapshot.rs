//! The files of one commit, from the object database.
//!
//! Only the folder of objects is opened, as libgit2's bare object database: no configuration of
//! the person or of the machine is read, and a clone that belongs to another user id (a home
//! folder mounted into a container) can be read as well as one's own.

use std::path::Path;

use git2::{Commit, ErrorCode, ObjectType, Odb, Oid, Repository, Tree, TreeEntry};
use jiff::Timestamp;

use super::files::RepoFiles;
use super::inside;
use super::source::Source;
use crate::error::{Error, Result};
use crate::sys::text::plain;

/// A commit of the dotfiles repo, and the files below the source's folder in it.
pub struct Snapshot {
    objects: Repository,
    name: String,
    head: Head,
}

/// What a commit says of itself.
struct Head {
    id: Oid,
    /// The tree of the source's folder.
    root: Oid,
    subject: String,
    author: String,
    time: Timestamp,
}

impl Head {
    fn read(objects: &Repository, id: Oid, source: &Source) -> Result<Self, Flaw> {
        let found = objects.find_object(id, None)?;
        let commit = match found.peel(ObjectType::Commit) {
            Ok(object) => object.into_commit().ok(),
            Err(cause) if cause.code() == ErrorCode::NotFound => return Err(cause.into()),
            Err(_) => None,
        };
        let Some(commit) = commit else {
            return Err(Flaw::Wrong(Error::failed(format!(
                "'{}' of {} is no commit: {id}",
                source.reference().unwrap_or("HEAD"),
                source.display_name()
            ))));
        };
        Ok(Self {
            id: commit.id(),
            root: root(objects, &commit, source)?,
            subject: text(commit.summary_bytes().unwrap_or_default()),
            author: text(commit.author().name_bytes()),
            time: Timestamp::from_second(commit.time().seconds()).unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot({} at {})", self.name, self.head.id)
    }
}

/// One name in a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The name; bytes that are not UTF-8 are replaced.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// A file of the repo.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RepoFile {
    /// Its path below the source's folder.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it may be run.
    pub executable: bool,
}

/// What is known of a file before it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    id: Oid,
    /// In bytes.
    pub(super) size: usize,
    executable: bool,
}

/// What is at a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    id: Oid,
    pub(super) kind: EntryKind,
    executable: bool,
}

/// What a name in a folder stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, which is never followed.
    Link,
    /// A commit of another repo.
    Submodule,
}

impl EntryKind {
    fn of(entry: &TreeEntry<'_>) -> Self {
        // The modes of git's tree objects (gitformat-tree: 120000 is a symbolic link).
        match (entry.kind(), entry.filemode() & 0o170_000) {
            (Some(ObjectType::Tree), _) => Self::Folder,
            (Some(ObjectType::Commit), _) => Self::Submodule,
            (_, 0o120_000) => Self::Link,
            _ => Self::File,
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
            Self::Submodule => "a submodule",
        }
    }
}

/// Why a commit cannot be opened.
#[derive(Debug)]
pub(super) enum Flaw {
    /// The clone has lost or damaged objects: it can be fetched anew.
    Damaged(git2::Error),
    /// The commit is not what the source asks for.
    Wrong(Error),
}

impl From<git2::Error> for Flaw {
    fn from(cause: git2::Error) -> Self {
        Flaw::Damaged(cause)
    }
}

/// The largest file that is read: a team's config is some kilobytes, and a catalogue of a thousand
/// accounts and two hundred teams some hundred.
pub(super) const LARGEST: usize = 5 * 1024 * 1024;

/// How many bytes of the folder's files are read to see that none is damaged, and of how many
/// more at least the headers are: dotfiles fit, and a monorepo costs no more than this.
const CHECKED_BYTES: usize = 16 * 1024 * 1024;
const CHECKED_ENTRIES: usize = 20_000;

impl Snapshot {
    /// Opens the commit, or the annotated tag of one, that `id` names in the bare clone.
    pub(super) fn open(clone: &Path, id: Oid, source: &Source) -> Result<Self, Flaw> {
        let objects = objects(clone)?;
        let head = Head::read(&objects, id, source)?;
        Ok(Self { objects, name: source.display_name().to_owned(), head })
    }

    /// Reads what is below the folder, to see that nothing is lost or damaged.
    pub(super) fn check(&self) -> Result<(), git2::Error> {
        let odb = self.objects.odb()?;
        let mut bytes = 0;
        let mut entries = 0;
        let mut folders = vec![self.head.root];
        while let Some(folder) = folders.pop() {
            for entry in self.objects.find_tree(folder)?.iter() {
                entries += 1;
                if entries > CHECKED_ENTRIES {
                    return Ok(());
                }
                match EntryKind::of(&entry) {
                    EntryKind::Folder => folders.push(entry.id()),
                    EntryKind::Submodule => {}
                    EntryKind::File | EntryKind::Link => {
                        let (size, _) = odb.read_header(entry.id())?;
                        bytes += size;
                        if bytes <= CHECKED_BYTES {
                            odb.read(entry.id())?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The commit's id: 40 hexadecimal digits.
    pub fn id(&self) -> String {
        self.head.id.to_string()
    }

    /// The first 7 digits of [`Snapshot::id`].
    pub fn short(&self) -> String {
        self.id().chars().take(7).collect()
    }

    /// The first paragraph of the commit's message as one line, safe to show.
    pub fn subject(&self) -> &str {
        &self.head.subject
    }

    /// The name of the commit's author, safe to show.
    pub fn author(&self) -> &str {
        &self.head.author
    }

    /// When it was committed, by the committer's clock.
    pub fn time(&self) -> Timestamp {
        self.head.time
    }

    /// The repo's name for people, as [`Source::display_name`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The content of the file at `path`, or nothing when there is no such name.
    ///
    /// # Errors
    /// When the path leaves the repo, or there is something there, but not a file of at most
    /// 5 MiB: a symbolic link (also on the way) is never followed.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.file(path)?.map(|file| file.bytes))
    }

    /// The file at `path`, or nothing when there is no such name.
    ///
    /// # Errors
    /// As [`Snapshot::read`].
    pub fn file(&self, path: &str) -> Result<Option<RepoFile>> {
        let Some(header) = self.header(path)? else { return Ok(None) };
        if header.size > LARGEST {
            let why = format!("it has {} bytes, and {LARGEST} (5 MiB) is the most", header.size);
            return Err(self.cannot(path, &why));
        }
        self.load(path, header).map(Some)
    }

    /// What is known of the file at `path` without reading it; fails as [`Snapshot::read`] does,
    /// but for the size.
    pub(super) fn header(&self, path: &str) -> Result<Option<Header>> {
        let Some(Found { id, kind, executable }) = self.find(path)? else { return Ok(None) };
        if kind != EntryKind::File {
            return Err(self.cannot(path, &format!("it is {}, not a file", kind.noun())));
        }
        let read = self.objects.odb().and_then(|odb| odb.read_header(id));
        let (size, _) = read.map_err(|cause| self.lost(path, cause))?;
        Ok(Some(Header { id, size, executable }))
    }

    /// Reads the file at `path` that `header` is of, whatever its size.
    pub(super) fn load(&self, path: &str, header: Header) -> Result<RepoFile> {
        let odb = self.objects.odb().map_err(|cause| self.lost(path, cause))?;
        let object = odb.read(header.id).map_err(|cause| self.lost(path, cause))?;
        let bytes = object.data().to_vec();
        Ok(RepoFile { path: path.to_owned(), bytes, executable: header.executable })
    }

    /// The names in `folder`, in git's order; none when there is no such folder. An empty
    /// `folder` is the source's own.
    ///
    /// # Errors
    /// When the path leaves the repo, or there is something there, but not a folder.
    pub fn list(&self, folder: &str) -> Result<Vec<Entry>> {
        let id = if folder.is_empty() {
            self.head.root
        } else {
            match self.find(folder)? {
                None => return Ok(Vec::new()),
                Some(Found { id, kind: EntryKind::Folder, .. }) => id,
                Some(Found { kind, .. }) => {
                    let why = format!("it is {}, not a folder", kind.noun());
                    return Err(self.cannot(folder, &why));
                }
            }
        };
        let tree = self.objects.find_tree(id).map_err(|cause| self.lost(folder, cause))?;
        let entry = |entry: TreeEntry<'_>| Entry {
            name: String::from_utf8_lossy(entry.name_bytes()).into_owned(),
            kind: EntryKind::of(&entry),
        };
        Ok(tree.iter().map(entry).collect())
    }

    /// What is at `path`, part by part: libgit2 by itself would call a link on the way "not found".
    pub(super) fn find(&self, path: &str) -> Result<Option<Found>> {
        if let Some(why) = inside::flaw(path) {
            return Err(self.cannot(path, why));
        }
        let mut found = Found { id: self.head.root, kind: EntryKind::Folder, executable: false };
        for part in path.trim_end_matches('/').split('/') {
            let tree = match found.kind {
                EntryKind::Folder => {
                    self.objects.find_tree(found.id).map_err(|cause| self.lost(path, cause))?
                }
                EntryKind::File => return Ok(None),
                kind => {
                    let why = format!("it is behind {}", kind.noun());
                    return Err(self.cannot(path, &why));
                }
            };
            match tree.get_name_bytes(part.as_bytes()) {
                Some(entry) => {
                    let executable = entry.filemode() & 0o111 != 0;
                    found = Found { id: entry.id(), kind: EntryKind::of(&entry), executable };
                }
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    fn lost(&self, path: &str, cause: git2::Error) -> Error {
        self.cannot(path, "the clone is damaged").because(cause)
    }

    pub(super) fn cannot(&self, path: &str, why: &str) -> Error {
        Error::failed(format!(
            "cannot read {} of {} at {}: {why}",
            plain(path),
            self.name,
            self.short()
        ))
        .hint("that is the team's to mend; your file was not changed")
    }
}

impl RepoFiles for Snapshot {
    fn place(&self) -> String {
        format!("{} at {}", self.name, self.short())
    }

    fn file(&self, path: &str) -> Result<Option<RepoFile>> {
        Snapshot::file(self, path)
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>> {
        Snapshot::list(self, folder)
    }

    fn kind(&self, path: &str) -> Result<Option<EntryKind>> {
        Ok(self.find(path)?.map(|found| found.kind))
    }
}

/// The clone's object database alone, as a repo without refs or configuration.
pub(super) fn objects(clone: &Path) -> Result<Repository, git2::Error> {
    let folder = clone.join("objects");
    let folder = folder
        .to_str()
        .ok_or_else(|| git2::Error::from_str("the path of the clone is not UTF-8"))?;
    let odb = Odb::new()?;
    odb.add_disk_alternate(folder)?;
    Repository::from_odb(odb)
}

/// The tree of the source's folder.
fn root(objects: &Repository, commit: &Commit<'_>, source: &Source) -> Result<Oid, Flaw> {
    let mut tree: Tree<'_> = commit.tree()?;
    let Some(path) = source.path() else { return Ok(tree.id()) };
    for part in path.split('/') {
        let entry = tree.get_name_bytes(part.as_bytes()).map(|entry| entry.to_owned());
        match entry.filter(|entry| entry.kind() == Some(ObjectType::Tree)) {
            Some(entry) => tree = objects.find_tree(entry.id())?,
            None => {
                let short: String = commit.id().to_string().chars().take(7).collect();
                return Err(Flaw::Wrong(
                    Error::failed(format!(
                        "{} has no folder '{path}' at {short}",
                        source.display_name()
                    ))
                    .hint("the folder is what is after the ':' in URL#REF:FOLDER"),
                ));
            }
        }
    }
    Ok(tree.id())
}

/// Bytes that a stranger wrote, as text that is safe to show.
fn text(bytes: &[u8]) -> String {
    plain(&String::from_utf8_lossy(bytes)).into_owned()
}
