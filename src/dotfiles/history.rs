//! A commit of the repo that a folder on disk is in: what the folder was.

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::files::RepoFiles as _;
use super::folder::Folder;
use super::manifest::Manifest;
use super::signed::{self, Refusal, Signature};
use super::snapshot::{Flaw, Snapshot};
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

/// Whether the commit `reference` is signed by those who may sign it: the signers that its (first)
/// parent names, as laptops have them that took over the parent; its own where that names none.
/// Beside it comes the commit, in 7 digits.
///
/// # Errors
/// As [`at`], and when the repo names no signers, or signatures cannot be checked.
pub fn signed(
    folder: &Folder,
    reference: &str,
    env: &Env,
) -> Result<(String, Result<Signature, Refusal>)> {
    let (repo, id, source) = find(folder, reference, env)?;
    let snapshot = open(&repo, id, &source)?;
    let parent = repo.find_commit(id).ok().and_then(|commit| commit.parent_id(0).ok());
    let before = match parent {
        Some(parent) => {
            let parent = open(&repo, parent, &source).map_err(|error| {
                error.hint("its parent is wanted, too: in CI that is fetch-depth: 2")
            })?;
            let (manifest, _) = Manifest::read(&parent)?;
            signed::named(&parent, &manifest.trust)?
        }
        None => None,
    };
    let signers = match before {
        Some(signers) => signers,
        None => {
            let (manifest, _) = Manifest::read(&snapshot)?;
            signed::named(&snapshot, &manifest.trust)?.ok_or_else(|| {
                Error::failed(format!("robo.toml of {} names no signers", snapshot.place()))
                    .hint("[trust] signers = \"FILE\" names an allowed-signers file in the repo")
            })?
        }
    };
    let signature = signed::verify(repo.commondir(), &snapshot.id(), &signers, env)?;
    Ok((snapshot.short(), signature))
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
    Snapshot::open(repo.commondir(), id, source).map_err(|flaw| match flaw {
        Flaw::Wrong(error) => error,
        Flaw::Damaged(cause) => {
            Error::failed(format!("cannot read the commit {id}")).because(cause)
        }
    })
}
