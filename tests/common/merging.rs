//! A whole merge on paper, from bytes to bytes, as `aws.config` does it.

use robo::Result;
use robo::config::consent::Consent;
use robo::config::merge::{Merge, Take};
use robo::config::plan::{Mine, Plan};
use robo::config::team::TeamConfig;
use robo::config::tree::Tree;
use robo::config::vet::{self, Held};
use robo::ini::Document;

/// What came of it.
pub(crate) struct Merged {
    pub(crate) plan: Plan,
    pub(crate) held: Vec<Held>,
}

/// Merges `theirs`, of which `base` was applied before, into `mine`; every conflict ends in
/// `take`.
///
/// # Errors
/// When `theirs` is a file that no team may have.
pub(crate) fn merge(base: &str, theirs: &[u8], mine: &[u8], take: Take) -> Result<Merged> {
    let mut team = TeamConfig::new();
    team.lay("theirs", theirs)?;
    let base = Tree::read(&Document::parse(base), "base");
    let mine = Mine::read(mine.to_vec(), "mine");
    let vetted = vet::vet(team.tree(), &base, mine.tree(), &Consent::default());
    let merge = Merge::new(&base, &vetted.tree, mine.tree());
    let takes = vec![take; merge.conflicts().len()];
    Ok(Merged { plan: Plan::new(&merge, &mine, &takes), held: vetted.held })
}

/// What a team's file is once it was applied: the base of the next merge.
pub(crate) fn applied(theirs: &[u8]) -> Result<String> {
    merge("", theirs, b"", Take::Team).map(|merged| merged.plan.next_base)
}
