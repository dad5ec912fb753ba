//! The profiles of a config, and the chain of roles that leads to each.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use crate::config::sdk::{self, RawSection, Refusal};
use crate::config::section::SectionId;
use crate::config::tree::Tree;
use crate::ini::Document;

/// The profiles of one config file, in its order, and robo's own `[okta]` section.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    list: Vec<Profile>,
    okta: BTreeMap<String, String>,
    ignored: Vec<(usize, String)>,
}

/// A profile: its own keys and values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// Its name, without `profile` and quotes.
    pub name: String,
    /// The line of its header.
    pub line: usize,
    /// Its keys (in lower case) and values; a nested block is its lines, each after a line feed.
    pub properties: BTreeMap<String, String>,
    /// The spelling of its header is one that only botocore (the AWS CLI) takes for a profile.
    pub quoted: bool,
}

/// Why a profile has no chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ChainError {
    /// `source_profile` leads in a circle: the names from the first that comes again to itself.
    Cycle(Vec<String>),
    /// `source_profile` names a profile that is not there.
    Missing {
        /// The profile that names it.
        profile: String,
        /// The profile that is missing.
        source: String,
    },
}

impl Profiles {
    /// Reads them by the SDKs' grammar: sections of one profile are merged, the last value of a
    /// key wins, `[profile default]` hides `[default]`.
    ///
    /// # Errors
    /// The first line that the grammar refuses.
    pub fn read(document: &Document) -> Result<Self, Refusal> {
        let sections = sdk::read(document)?;
        let prefixed_default = sections.iter().any(|section| {
            let words: Vec<&str> = section.name.split_whitespace().collect();
            words == ["profile", "default"]
        });
        let mut profiles = Self::default();
        let mut index: BTreeMap<String, usize> = BTreeMap::new();
        for section in sections {
            let id = SectionId::parse(&section.name);
            if id == SectionId::plain("okta") {
                profiles.okta.extend(properties(section));
                continue;
            }
            let Some(name) = id.as_profile() else {
                if id.name().starts_with("profile ") || id.name().starts_with("profile\t") {
                    profiles.ignored.push((section.line, section.name));
                }
                continue;
            };
            if section.name.trim() == "default" && prefixed_default {
                continue;
            }
            let quoted = section.name.contains(['"', '\'']);
            if !quoted && !sdk::is_identifier(name) {
                profiles.ignored.push((section.line, section.name));
                continue;
            }
            let at = *index.entry(name.to_owned()).or_insert_with(|| {
                profiles.list.push(Profile {
                    name: name.to_owned(),
                    line: section.line,
                    properties: BTreeMap::new(),
                    quoted,
                });
                profiles.list.len() - 1
            });
            profiles.list[at].properties.extend(properties(section));
        }
        Ok(profiles)
    }

    /// The profiles of a tree, which has each only once.
    pub fn of(tree: &Tree) -> Self {
        let mut profiles = Self::default();
        for section in tree.sections() {
            let properties =
                section.units.iter().map(|unit| (unit.name().to_owned(), unit.read_by_python()));
            if section.id == SectionId::plain("okta") {
                profiles.okta.extend(properties);
            } else if let Some(name) = section.id.as_profile() {
                profiles.list.push(Profile {
                    name: name.to_owned(),
                    line: section.place.line,
                    properties: properties.collect(),
                    quoted: false,
                });
            }
        }
        profiles
    }

    /// The profiles in order.
    pub fn list(&self) -> &[Profile] {
        &self.list
    }

    /// Headers that look like a profile's, and that readers pass over: line and text.
    pub fn ignored(&self) -> &[(usize, String)] {
        &self.ignored
    }

    /// The profile of that name.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.list.iter().find(|profile| profile.name == name)
    }

    /// The profiles from the one whose role Okta gives to `name` itself.
    ///
    /// `elsewhere` says whether a profile that is not in this file is in the credentials file: it
    /// ends the chain without being in it. A profile that is its own source and holds static keys
    /// assumes its role with those, as the AWS CLI has it, and ends the chain too.
    ///
    /// # Errors
    /// A cycle or a missing source, named in full.
    pub fn chain(
        &self,
        name: &str,
        elsewhere: impl Fn(&str) -> bool,
    ) -> Result<Vec<&Profile>, ChainError> {
        let by_name: BTreeMap<&str, &Profile> =
            self.list.iter().map(|profile| (profile.name.as_str(), profile)).collect();
        chain_in(&by_name, name, elsewhere)
    }

    /// What is wrong with the chains: an error for each cycle (told once) and each missing source.
    pub fn chain_errors(&self, elsewhere: impl Fn(&str) -> bool) -> Vec<(&Profile, ChainError)> {
        let by_name: BTreeMap<&str, &Profile> =
            self.list.iter().map(|profile| (profile.name.as_str(), profile)).collect();
        let mut told = HashSet::new();
        let mut errors: Vec<(&Profile, ChainError)> = Vec::new();
        for profile in &self.list {
            let Err(error) = chain_in(&by_name, &profile.name, &elsewhere) else { continue };
            let mut key = match &error {
                ChainError::Cycle(names) => names[1..].to_vec(),
                ChainError::Missing { profile, source } => vec![profile.clone(), source.clone()],
            };
            key.sort();
            if told.insert(key) {
                errors.push((profile, error));
            }
        }
        errors
    }

    /// The value of `key` for a profile: its own, else the nearest up its chain, else `[okta]`'s.
    pub fn lookup<'a>(&'a self, chain: &[&'a Profile], key: &str) -> Option<&'a str> {
        chain
            .iter()
            .rev()
            .map(|profile| &profile.properties)
            .chain([&self.okta])
            .find_map(|properties| properties.get(key))
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

fn chain_in<'a>(
    by_name: &BTreeMap<&str, &'a Profile>,
    name: &str,
    elsewhere: impl Fn(&str) -> bool,
) -> Result<Vec<&'a Profile>, ChainError> {
    let mut chain: Vec<&Profile> = Vec::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut next = name;
    loop {
        if let Some(at) = seen.get(next).copied() {
            let last = chain.last().map(|profile| &profile.properties);
            let holds_keys = last.is_some_and(|keys| keys.contains_key("aws_access_key_id"));
            if at + 1 == chain.len() && (holds_keys || elsewhere(next)) {
                break;
            }
            let mut names: Vec<String> =
                chain[at..].iter().map(|profile| profile.name.clone()).collect();
            names.push(next.to_owned());
            return Err(ChainError::Cycle(names));
        }
        let Some(profile) = by_name.get(next) else {
            match chain.last() {
                Some(_) if elsewhere(next) => break,
                Some(asks) => {
                    return Err(ChainError::Missing {
                        profile: asks.name.clone(),
                        source: next.to_owned(),
                    });
                }
                None => break,
            }
        };
        seen.insert(&profile.name, chain.len());
        chain.push(profile);
        match profile.properties.get("source_profile") {
            Some(source) if !source.is_empty() => next = source,
            _ => break,
        }
    }
    chain.reverse();
    Ok(chain)
}

fn properties(section: RawSection) -> impl Iterator<Item = (String, String)> {
    section
        .properties
        .into_iter()
        .filter(|(key, _, _)| sdk::is_identifier(key))
        .map(|(key, value, _)| (key, value))
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChainError::Cycle(names) if names.len() == 2 => {
                write!(f, "profile '{}' names itself as its source_profile", names[0])
            }
            ChainError::Cycle(names) => {
                write!(f, "source_profile leads in a circle: {}", names.join(" -> "))
            }
            ChainError::Missing { profile, source } => {
                write!(f, "profile '{profile}' has source_profile = {source}, which is not there")
            }
        }
    }
}
