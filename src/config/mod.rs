//! `~/.aws/config`: what it says, and how the team's config gets into it without harm.
//!
//! ```text
//! team files ─ team ─► tree ─ vet ─► tree (theirs) ┐
//! last applied ─ base ─────► tree (base) ──────────┼─ merge ─► plan ─ apply ─► the file
//! ~/.aws/config ─ target ──► Mine (mine) ──────────┘            │
//!                                                               └─ diff ─► what a person sees
//! ```
//!
//! * [`section`], [`mod@unit`], [`tree`]: identity and meaning; what two configs are compared by.
//! * [`team`]: the layers of a team's config, each read strictly ([`strict`]); [`hosts`]: where it signs in;
//!   [`vet`], [`consent`]: what needs it.
//! * [`merge`], [`plan`]: three trees become edits of the person's document, on paper.
//! * [`target`], [`base`], [`backups`], [`apply`]: the disk.
//! * [`sdk`], [`profiles`]: the file as an AWS SDK reads it, and the chains of roles in it.
//! * [`mod@diff`], [`mask`]: showing it.
//!
//! Nothing here prints, asks, or reads the environment but for [`target`], which is handed it.

pub mod apply;
pub mod arn;
pub mod backups;
pub mod base;
pub mod consent;
pub mod credentials;
pub mod diff;
pub mod hosts;
pub mod mask;
pub mod merge;
pub mod plan;
pub mod profiles;
pub mod sdk;
pub mod section;
pub mod strict;
pub mod target;
pub mod team;
pub mod tree;
pub mod unit;
pub mod vet;
