//! The layers of a team's config: each by itself, and upon each other.

use std::collections::BTreeSet;

use crate::config::profiles::Profiles;
use crate::config::tree::Tree;
use crate::dotfiles::TeamName;
use crate::lint::catalogue::Catalogue;
use crate::lint::repo::ConfigFile;

/// The layers of a team upon each other; of the catalogue's profiles only those that a layer
/// above it can make wrong.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) name: TeamName,
    pub(super) tree: Tree,
    pub(super) profiles: Profiles,
}

impl Composed {
    pub(super) fn new(
        name: TeamName,
        catalog: Option<&Catalogue>,
        base: &Tree,
        above: &[&Tree],
    ) -> Self {
        let sections = above.iter().flat_map(|tree| tree.sections());
        let named: BTreeSet<&str> = sections
            .flat_map(|section| {
                let source = section.get("source_profile").map(|unit| unit.value.as_str());
                section.id.as_profile().into_iter().chain(source)
            })
            .collect();
        let team =
            catalog.and_then(|catalog| Some((catalog, catalog.catalog.team(name.as_str())?)));
        let mut tree = team.map(|(catalog, team)| catalog.tree(team, &named)).unwrap_or_default();
        for layer in [base].into_iter().chain(above.iter().copied()) {
            tree.overlay(layer.clone());
        }
        Self { name, profiles: Profiles::of(&tree), tree }
    }
}

/// A hand-written layer of a team's config.
pub(super) enum Layer {
    /// There is none.
    Absent,
    /// It is there and cannot be read, which was told.
    Unread,
    Read(ConfigFile),
}

impl Layer {
    /// Whether it stops a run of `aws.config`.
    pub(super) fn is_refused(&self) -> bool {
        match self {
            Layer::Absent => false,
            Layer::Unread => true,
            Layer::Read(file) => !file.examined.flaws.is_empty(),
        }
    }

    pub(super) fn tree(&self) -> Option<&Tree> {
        match self {
            Layer::Absent | Layer::Unread => None,
            Layer::Read(file) => Some(&file.examined.tree),
        }
    }

    pub(super) fn file(self) -> Option<ConfigFile> {
        match self {
            Layer::Absent | Layer::Unread => None,
            Layer::Read(file) => Some(file),
        }
    }
}
