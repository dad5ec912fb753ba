//! A commit of the repo that a folder on disk is in: what the folder was.

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::files::RepoFiles as _;
use super::folder::Folder;
use super::manifest::Manifest;
use super::signed::{self, Lineage, Refusal, Signature};
use super::snapshot::Snapshot;
use super::source::Source;
use crate::error::{Error, Result};
use crate::sys::env::Env;
use crate::sys::text::plain;

/// The folder as it was at `reference`: a branch, a tag, a commit, or what git makes of one, such
/// as `HEAD~1`.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when that can be no commit's name; else when the folder is in no
/// repo, the repo lacks the commit, or the commit the folder.
pub fn at(folder: &Folder, reference: &str, env: &Env) -> Result<Snapshot> {
    let (repo, id, source) = find(folder, reference, env)?;
    open(&repo, id, &source)
}

/// Whether a laptop that took over the commit before takes `reference` as signed: a commit, which is
/// compared with its (first) parent, or `BEFORE..COMMIT`. Who may sign is what the earlier one names,
/// and those whom they have handed over to since; the commit's own where that names none. Beside it
/// comes the commit, in 7 digits.
///
/// # Errors
/// As [`at`], and when the repo names no signers, or signatures cannot be checked.
pub fn signed(
    folder: &Folder,
    reference: &str,
    env: &Env,
) -> Result<(String, Result<Signature, Refusal>)> {
    let (before, reference) = match reference.split_once("..") {
        Some((before, reference)) => (Some(before), reference),
        None => (None, reference),
    };
    let (repo, id, source) = find(folder, reference, env)?;
    let snapshot = open(&repo, id, &source)?;
    let before = match before {
        // What GitHub says of a branch that was not there before.
        Some(before) if before.bytes().all(|byte| byte == b'0') => parent(&repo, id)?,
        Some(before) => Some(find(folder, before, env)?.1),
        None => parent(&repo, id)?,
    };
    let signers = |snapshot: &Snapshot| {
        let (manifest, _) = Manifest::read(snapshot)?;
        signed::named(snapshot, &manifest.trust)
    };
    let lineage = Lineage { git_dir: repo.commondir(), source: &source, snapshot: &snapshot, env };
    if let Some(before) = before {
        let earlier = open(&repo, before, &source).map_err(|error| {
            error.hint("the one before is wanted, too: in CI that is fetch-depth: 0")
        })?;
        if !lineage.descends_from(&before.to_string())? {
            return Ok((snapshot.short(), Err(Refusal::NotAfter(earlier.short()))));
        }
        // A slip, after which nobody could sign, is mended by those whom the mended file names.
        let named = signers(&earlier).unwrap_or(None);
        if let Some(signers) = named.filter(|signers| signed::check(signers, env).is_ok()) {
            let verdict = lineage.judge(&signers, &before.to_string())?;
            return Ok((snapshot.short(), verdict.signature));
        }
    }
    let signers = signers(&snapshot)?.ok_or_else(|| {
        Error::failed(format!("robo.toml of {} names no signers", snapshot.place()))
            .hint("[trust] signers = \"FILE\" names an allowed-signers file in the repo")
    })?;
    Ok((snapshot.short(), lineage.verify(&signers)?))
}

/// The first parent, as the commit itself has it: libgit2 knows none where history was cut off.
fn parent(repo: &Repository, id: Oid) -> Result<Option<Oid>> {
    let cannot =
        |cause: git2::Error| Error::failed(format!("cannot read the commit {id}")).because(cause);
    let commit = repo.find_commit(id).map_err(cannot)?;
    let header = String::from_utf8_lossy(commit.raw_header_bytes()).into_owned();
    let parent = header.lines().find_map(|line| line.strip_prefix("parent "));
    parent.map(|parent| Oid::from_str(parent).map_err(cannot)).transpose()
}

/// The repo that the folder is in, a commit of it, and where the folder is in that.
fn find(folder: &Folder, reference: &str, env: &Env) -> Result<(Repository, Oid, Source)> {
    let shown = plain(reference);
    if reference.starts_with('-') || reference.is_empty() || *shown != *reference {
        return Err(Error::usage(format!("'{shown}' is no branch, tag or commit")));
    }
    let root = folder.root();
    let cannot = |what: String| Error::failed(what);
    let repo = Repository::discover(root).map_err(|cause| {
        let what = format!("cannot look into the history of {}", root.display());
        let error = cannot(what).hint(match cause.code() {
            ErrorCode::NotFound => "it is in no git repo, and only git knows what was before",
            ErrorCode::Owner => {
                "the repo is somebody else's: 'git config --global --add safe.directory FOLDER' \
                 says that you trust it"
            }
            _ => "does 'git status' work there?",
        });
        error.because(cause)
    })?;
    let work_tree = repo.workdir().and_then(|path| path.canonicalize().ok());
    let inside = work_tree.as_ref().and_then(|work_tree| {
        let folder = root.canonicalize().ok()?;
        Some(folder.strip_prefix(work_tree).ok()?.to_str()?.to_owned())
    });
    let (Some(work_tree), Some(inside)) = (work_tree, inside) else {
        return Err(cannot(format!("{} is not in the work tree of its repo", root.display())));
    };
    let commit = repo.revparse_single(reference).and_then(|found| found.peel(ObjectType::Commit));
    let commit = commit.map_err(|cause| {
        cannot(format!("there is no commit '{shown}' in {}", env.display(&work_tree)))
            .because(cause)
            .hint("was it fetched? In CI the whole history is there only if it is asked for (fetch-depth: 0)")
    })?;
    let inside = Some(inside.as_str()).filter(|inside| !inside.is_empty());
    let source = Source::new(&work_tree.to_string_lossy(), None, inside, env)?;
    let id = commit.id();
    drop(commit);
    Ok((repo, id, source))
}

fn open(repo: &Repository, id: Oid, source: &Source) -> Result<Snapshot> {
    signed::lineage::commit_of(repo.commondir(), &id.to_string(), source)
}
