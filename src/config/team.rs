//! The team's config: its layers, checked and laid upon each other.

use std::sync::Arc;

use crate::config::profiles::{ChainError, Profiles};
use crate::config::section::SectionId;
use crate::config::strict;
use crate::config::tree::{Section, Tree};
use crate::config::unit::{Place, Unit};
use crate::error::{Error, Result};
use crate::sys::text::plain;

/// What a team's repo says: one tree made of its layers, in which every unit knows its place.
#[derive(Clone, Debug, Default)]
pub struct TeamConfig {
    tree: Tree,
    warnings: Vec<String>,
}

impl TeamConfig {
    /// An empty config, to lay files upon.
    pub fn new() -> Self {
        Self::default()
    }

    /// The sections and properties.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What a person should know, though it stops nothing.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Sets one key, as said at `place` outside of any config file (in the manifest).
    ///
    /// # Errors
    /// When a config file could not say it, in one line and for every reader.
    pub fn set(&mut self, section: &SectionId, key: &str, value: &str, place: Place) -> Result<()> {
        let unit = strict::one(&place.file, section, key, value)
            .map_err(|error| Error::failed(format!("{place}: {}", plain(error.message()))))?;
        let mut above = Tree::default();
        let mut holder = Section::new(section.clone(), place.clone());
        holder.add(Unit { place, ..unit });
        above.add(holder);
        self.tree.overlay(above);
        Ok(())
    }

    /// Lays a file over what is there; a key that both have is the file's.
    ///
    /// # Errors
    /// When a tool fails on the file, or two would take a line of it for different things: what
    /// robo writes has to mean the same to all of them.
    pub fn lay(&mut self, file: &str, text: &[u8]) -> Result<()> {
        let (tree, warnings) = strict::read(file, text)?;
        self.warnings.extend(warnings);
        self.tree.overlay(tree);
        Ok(())
    }

    /// Lays a text over what is there that was made from `file`: `lines` says for each line of
    /// the text which one of the file it comes from.
    ///
    /// # Errors
    /// As [`TeamConfig::lay`].
    pub fn lay_made(&mut self, file: &str, text: &str, lines: &[usize]) -> Result<()> {
        let (tree, warnings) = strict::read(file, text.as_bytes())?;
        self.warnings.extend(warnings);
        self.tree.overlay(tree.placed(file, lines));
        Ok(())
    }

    /// Checks that every chain of roles in the config is whole in itself.
    ///
    /// # Errors
    /// A cycle or a missing source, named in full, with its file and line.
    pub fn check_chains(&self) -> Result<()> {
        let profiles = Profiles::chains_of(&self.tree);
        match profiles.chain_errors(|_| false).into_iter().next() {
            None => Ok(()),
            Some((error, _)) => {
                let at_fault = match &error {
                    ChainError::Cycle(names) => names.first().map_or("", String::as_str),
                    ChainError::Missing { profile, .. } => profile,
                };
                let place = self
                    .tree
                    .get(&SectionId::profile(at_fault))
                    .and_then(|section| section.get("source_profile"))
                    .map(|unit| format!("{}: ", unit.place))
                    .unwrap_or_default();
                Err(Error::failed(format!("{place}{error}")))
            }
        }
    }
}

impl Place {
    /// A line of `file`.
    pub fn new(file: &str, line: usize) -> Self {
        Self { file: Arc::from(file), line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn lay(files: &[(&str, &str)]) -> Result<TeamConfig> {
        let mut team = TeamConfig::new();
        for (file, text) in files {
            team.lay(file, text.as_bytes())?;
        }
        team.check_chains()?;
        Ok(team)
    }

    #[test]
    fn the_team_s_value_lies_over_the_shared_one_in_its_place() {
        let shared = "[okta]\naws_saml_url = a\nsession_ttl = 1h\n\n[profile hub]\nregion = x\n";
        let team = "# ours\n[profile dev]\nsource_profile = hub\n[okta]\nAWS_SAML_URL = b\n";
        let team = lay(&[("shared", shared), ("team", team)]).unwrap();
        assert_eq!(
            team.tree().render(),
            "[okta]\nAWS_SAML_URL = b\nsession_ttl = 1h\n\n[profile hub]\nregion = x\n\n\
             # ours\n[profile dev]\nsource_profile = hub\n"
        );
    }

    #[test]
    fn a_file_that_readers_fail_on_or_disagree_about_is_refused_by_line() {
        let cases = [
            ("[a]\nrole_arn arn:aws\n", "f:2: a line without '='"),
            ("x = 1\n", "f:1: a key before any [section]"),
            ("[a]\nx = 1\nX = 2\n", "f:3: a key that line 2 has already"),
            ("[default]\n[profile default]\n", "f:2: section [default] again, after line 1"),
            ("[profile a]\n[profile \"a\"]\n", "f:2: section [profile a] again, after line 1"),
            ("[a]\nx : 1\n", "f:2: a line without '='"),
            ("[a]\nx = 1\n  # c\n", "f:2: the AWS CLI and the AWS SDKs would read 'x' differently"),
            (
                "[a]\nx = 1\u{b}# c\n",
                "f:2: the AWS CLI and the AWS SDKs would read 'x' differently",
            ),
            ("[a]\ns3 =\n  b\n", "f:2: a line of the block 's3' without '='"),
            ("[a]\ns3 = # c\n  b\n", "f:3: a line without '='"),
            ("\u{feff}[a]\n", "f:1: a byte order mark"),
            (
                "[DEFAULT]\nx = 1\n",
                "f:1: [DEFAULT]: the AWS CLI gives its keys to every section; write [default]",
            ),
            (
                "[profile a]\nsource_profile = b\n",
                "f:2: profile 'a' has source_profile = b, which is not there",
            ),
            (
                "[profile a]\nsource_profile = a\n",
                "f:2: profile 'a' names itself as its source_profile",
            ),
            (
                "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = c\n[profile c]\nsource_profile = b\n",
                "f:4: source_profile leads in a circle: b -> c -> b",
            ),
        ];
        for (text, want) in cases {
            assert_eq!(lay(&[("f", text)]).unwrap_err().message(), want, "{text:?}");
        }
    }

    #[test]
    fn an_inline_comment_is_left_out_with_a_warning() {
        let team = lay(&[("f", "[default] # us\nregion = x # y\n")]).unwrap();
        assert_eq!(team.tree().render(), "[default]\nregion = x\n");
        assert_eq!(team.warnings().len(), 1);
        assert!(team.warnings()[0].starts_with("f:2: "), "{:?}", team.warnings());
    }
}
