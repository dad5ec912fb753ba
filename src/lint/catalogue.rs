//! Rules about the catalogue.

use crate::lint::finding::Findings;
use crate::lint::repo::Repo;

pub(super) fn grants(_repo: &Repo<'_>, _findings: &mut Findings) {}
