//! What a run says to a program, with `--json`.

use std::path::Path;

use serde::Serialize;

use crate::cli::aws::config::decide::Decided;
use crate::cli::aws::config::tasks::Told;
use crate::cli::aws::config::team::Theirs;
use crate::config::mask;
use crate::config::merge::Take;
use crate::config::plan::Plan;
use crate::config::vet::Vetted;
use crate::dotfiles::signed::Signature;

#[derive(Serialize)]
pub(super) struct Answer {
    team: String,
    dotfiles: Dotfiles,
    changes: Vec<Change>,
    conflicts: Vec<Conflict>,
    held_back: Vec<HeldBack>,
    pub(super) written: bool,
    backup: Option<String>,
    /// What becomes of the shared commands; that is known last.
    pub(super) tasks: Option<Told>,
}

impl Answer {
    /// All but the shared commands.
    pub(super) fn new(
        theirs: &Theirs,
        plan: &Plan,
        decided: &Decided,
        vetted: &Vetted,
        backup: Option<&Path>,
        written: bool,
    ) -> Self {
        let masked = |key: &str, value: &Option<String>| {
            value.as_ref().map(|value| mask::masked(key, value).into_owned())
        };
        Self {
            team: theirs.team.as_str().to_owned(),
            dotfiles: Dotfiles {
                url: theirs.source.url().to_owned(),
                reference: theirs.source.reference().map(str::to_owned),
                commit: theirs.snapshot.id(),
                signature: theirs.checked.signature.clone(),
            },
            changes: plan
                .changes
                .iter()
                .map(|change| Change {
                    section: change.section.to_string(),
                    kind: change.kind(),
                    from: masked(change.key.as_deref().unwrap_or(""), &change.from),
                    to: masked(change.key.as_deref().unwrap_or(""), &change.to),
                    key: change.key.clone(),
                })
                .collect(),
            conflicts: plan
                .conflicts
                .iter()
                .map(|(conflict, take)| Conflict {
                    section: conflict.section.to_string(),
                    mine: masked(&conflict.key, &conflict.mine),
                    team: masked(&conflict.key, &conflict.team),
                    key: conflict.key.clone(),
                    taken: match take {
                        _ if decided.open => None,
                        Take::Mine => Some("mine"),
                        Take::Team => Some("team"),
                    },
                })
                .collect(),
            held_back: vetted
                .held
                .iter()
                .map(|held| HeldBack {
                    section: held.section.to_string(),
                    key: held.key.clone(),
                    value: mask::masked(&held.key, &held.value).into_owned(),
                    why: held.why,
                })
                .collect(),
            written,
            backup: backup.map(|path| path.to_string_lossy().into_owned()),
            tasks: None,
        }
    }
}

#[derive(Serialize)]
struct Dotfiles {
    url: String,
    #[serde(rename = "ref")]
    reference: Option<String>,
    commit: String,
    /// The signature that was checked; nothing where signatures are not asked for.
    signature: Option<Signature>,
}

#[derive(Serialize)]
struct Change {
    section: String,
    key: Option<String>,
    kind: &'static str,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Serialize)]
struct Conflict {
    section: String,
    key: String,
    mine: Option<String>,
    team: Option<String>,
    taken: Option<&'static str>,
}

#[derive(Serialize)]
struct HeldBack {
    section: String,
    key: String,
    value: String,
    why: &'static str,
}
