//! The profiles of a config, and the chain of roles that leads to each.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::config::sdk::{self, RawSection, Refusal};
use crate::config::section::SectionId;
use crate::config::tree::Tree;
use crate::ini::Document;

/// The profiles of one config file, in its order, and robo's own `[okta]` section.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    list: Vec<Profile>,
    by_name: HashMap<String, usize>,
    okta: BTreeMap<String, String>,
    services: HashMap<String, BTreeMap<String, String>>,
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
        for section in sections {
            let id = SectionId::parse(&section.name);
            if id == SectionId::plain("okta") {
                profiles.okta.extend(properties(section));
                continue;
            }
            if let Some(name) = section.name.trim().strip_prefix("services ") {
                let name = name.trim().to_owned();
                profiles.services.entry(name).or_default().extend(properties(section));
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
            profiles.entry(name, section.line, quoted).properties.extend(properties(section));
        }
        Ok(profiles)
    }

    /// The profiles of a tree, which has each only once.
    pub fn of(tree: &Tree) -> Self {
        Self::of_keys(tree, |_| true)
    }

    /// The same, with no more of each than its chain is made of.
    pub(super) fn chains_of(tree: &Tree) -> Self {
        Self::of_keys(tree, |key| matches!(key, "source_profile" | "aws_access_key_id"))
    }

    fn of_keys(tree: &Tree, wanted: impl Fn(&str) -> bool) -> Self {
        let mut profiles = Self::default();
        for section in tree.sections() {
            let units = section.units.iter().filter(|unit| wanted(unit.name()));
            let properties = units.map(|unit| (unit.name().to_owned(), unit.read_by_python()));
            if section.id == SectionId::plain("okta") {
                profiles.okta.extend(properties);
            } else if let Some(name) = section.id.as_profile() {
                let profile = profiles.entry(name, section.place.line, false);
                profile.properties.extend(properties);
            }
        }
        profiles
    }

    fn entry(&mut self, name: &str, line: usize, quoted: bool) -> &mut Profile {
        let at = *self.by_name.entry(name.to_owned()).or_insert_with(|| {
            let (name, properties) = (name.to_owned(), BTreeMap::new());
            self.list.push(Profile { name, line, properties, quoted });
            self.list.len() - 1
        });
        &mut self.list[at]
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
        self.by_name.get(name).map(|index| &self.list[*index])
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
        let mut chain: Vec<&Profile> = Vec::new();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut next = self.get(name);
        while let Some(profile) = next {
            if let Some(at) = seen.insert(&profile.name, chain.len()) {
                return Err(cycle(&chain[at..]));
            }
            chain.push(profile);
            next = self.source(profile, &elsewhere)?;
        }
        chain.reverse();
        Ok(chain)
    }

    /// What is wrong with the chains: each cycle, and each source that is missing, with how many
    /// more profiles name it.
    pub fn chain_errors(&self, elsewhere: impl Fn(&str) -> bool) -> Vec<(ChainError, usize)> {
        // Each profile is walked over once, so that a chain of any length costs no more than that.
        let mut walked: HashMap<&str, usize> = HashMap::new();
        let mut errors: Vec<(ChainError, usize)> = Vec::new();
        let mut missing: HashMap<String, usize> = HashMap::new();
        for (walk, start) in self.list.iter().enumerate() {
            let mut chain: Vec<&Profile> = Vec::new();
            let mut next = Some(start);
            while let Some(profile) = next {
                match walked.get(profile.name.as_str()) {
                    Some(before) if *before == walk => {
                        let at = chain.iter().position(|one| one.name == profile.name);
                        errors.push((cycle(&chain[at.unwrap_or(0)..]), 0));
                        break;
                    }
                    Some(_) => break,
                    None => {}
                }
                walked.insert(&profile.name, walk);
                chain.push(profile);
                next = match self.source(profile, &elsewhere) {
                    Ok(source) => source,
                    Err(error) => {
                        let source = error.source().to_owned();
                        if let Some(index) = missing.get(&source) {
                            errors[*index].1 += 1;
                        } else {
                            missing.insert(source, errors.len());
                            errors.push((error, 0));
                        }
                        break;
                    }
                };
            }
        }
        errors
    }

    /// The profile that a profile's role is assumed with; none where its chain ends.
    fn source(
        &self,
        profile: &Profile,
        elsewhere: &impl Fn(&str) -> bool,
    ) -> Result<Option<&Profile>, ChainError> {
        let source = profile.properties.get("source_profile").map_or("", String::as_str);
        let holds_keys = profile.properties.contains_key("aws_access_key_id");
        let own = source == profile.name && (holds_keys || elsewhere(source));
        match self.get(source) {
            _ if source.is_empty() || own => Ok(None),
            None if elsewhere(source) => Ok(None),
            None => Err(ChainError::Missing {
                profile: profile.name.clone(),
                source: source.to_owned(),
            }),
            found => Ok(found),
        }
    }

    /// The value of `key` for a profile: its own, else the nearest up its chain, else `[okta]`'s;
    /// and where it stands. An empty value ends the search: it unsets what stands further up.
    pub fn lookup<'a>(&'a self, chain: &[&'a Profile], key: &str) -> Option<Found<'a>> {
        let own =
            chain.iter().rev().map(|profile| (Some(profile.name.as_str()), &profile.properties));
        own.chain([(None, &self.okta)])
            .find_map(|(profile, properties)| {
                properties.get(key).map(|value| Found { value: value.as_str(), profile })
            })
            .filter(|found| !found.value.is_empty())
    }

    /// The URL that a profile's `services` section gives for a service, such as `sts`.
    pub fn service_endpoint(&self, services: &str, service: &str) -> Option<&str> {
        // Only a block is one: a value on the key's own line is no nested key for any SDK, nor for
        // the vetting.
        let block = self.services.get(services)?.get(service)?.strip_prefix('\n')?;
        block.lines().filter_map(|line| line.split_once('=')).find_map(|(key, value)| {
            (key.trim().eq_ignore_ascii_case("endpoint_url")).then(|| value.trim())
        })
    }
}

/// Keys that give a profile credentials of its own.
const OWN_CREDENTIALS: [&str; 6] = [
    "aws_access_key_id",
    "credential_process",
    "credential_source",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

impl Profile {
    /// The key by which the profile has credentials of its own: its role is not SAML's.
    pub fn own_credentials(&self) -> Option<&'static str> {
        OWN_CREDENTIALS.into_iter().find(|key| self.properties.contains_key(*key))
    }
}

/// A value of a profile, and where it stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Found<'a> {
    /// The value, never empty.
    pub value: &'a str,
    /// The profile that says so; none when it is the section `[okta]`.
    pub profile: Option<&'a str>,
}

/// The error for profiles of which the last has the first as its source.
fn cycle(profiles: &[&Profile]) -> ChainError {
    let names = profiles.iter().chain(profiles.first()).map(|profile| profile.name.clone());
    ChainError::Cycle(names.collect())
}

impl ChainError {
    /// The profile that is missing, or that the circle leads back to.
    fn source(&self) -> &str {
        match self {
            ChainError::Cycle(names) => names.last().map_or("", String::as_str),
            ChainError::Missing { source, .. } => source,
        }
    }
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
