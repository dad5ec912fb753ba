//! `settings.toml`: robo's own choices, what it remembers, and what its owner trusts.
//!
//! A person may edit the file; robo changes only the keys it means to and keeps comments, order
//! and spacing (`toml_edit`).

mod file;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use file::SettingsFile;

/// What the file says; everything may be missing.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Settings {
    /// The team, where neither `--team` nor the environment names one.
    pub team: Option<String>,
    /// The key store for secrets: `keychain`, `file` or `memory`.
    pub backend: Option<String>,
    /// Whether Okta is asked to remember this device, so that it asks for a second factor less
    /// often; unset leaves it to the AWS config.
    pub remember_device: Option<bool>,
    /// The dotfiles repo.
    pub dotfiles: Dotfiles,
    /// What was agreed to.
    pub trust: Trust,
}

/// `[dotfiles]`: the repo, as the first successful run remembered it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Dotfiles {
    /// The URL, without any login.
    pub url: Option<String>,
    /// The branch, tag or commit; the remote's own default branch if unset.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The folder in the repo that holds the manifest and the teams.
    pub path: Option<String>,
}

/// `[trust]`: what this laptop's owner agreed to.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Trust {
    /// The URL of the dotfiles repo that may change the AWS config.
    pub dotfiles: Option<String>,
    /// The hosts that may be signed in at.
    pub okta_domains: Vec<String>,
    /// `key = value` entries, or bare keys, that the repo may set though they run code or
    /// redirect traffic.
    pub allow_keys: Vec<String>,
    /// The path of an allowed-signers file: commits must be signed by one of them. One that is not
    /// absolute is beside the settings, or begins with `~/`.
    pub signers: Option<String>,
    /// The path of a revocation list for those signers.
    pub revoked: Option<String>,
    /// The commit that was taken over last, where commits have to be signed: the next one comes after
    /// it.
    pub signed: Option<String>,
    /// Folders whose `robo.yml` may go before the company's commands of the same name, or not.
    pub folders: BTreeMap<String, bool>,
}

/// What to add to the settings; what is there already is not written again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Remember {
    /// The key store for secrets.
    pub backend: Option<String>,
    /// The dotfiles repo, whole: an unset reference or path is removed.
    pub dotfiles: Option<Dotfiles>,
    /// The URL of the trusted dotfiles repo.
    pub trusted_url: Option<String>,
    /// Who signs that repo's commits.
    pub signers: Option<Pin>,
    /// The commit that is taken over, where commits have to be signed.
    pub signed: Option<String>,
    /// Hosts that may be signed in at.
    pub okta_domains: Vec<String>,
    /// Entries for `allow_keys`.
    pub allow_keys: Vec<String>,
    /// A folder, and whether its `robo.yml` may go first.
    pub folder: Option<(String, bool)>,
}

/// Signers that a repo named and a person agreed to: kept in files beside the settings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Pin {
    /// The content of the allowed-signers file, and of the revocation list.
    Signers(String, Option<Vec<u8>>),
    /// There are none any more.
    Nobody,
}
