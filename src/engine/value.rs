//! A value, and where it comes from.

use std::collections::BTreeMap;
use std::fmt;

/// A value that was decided, with the place that decided it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Value<T = String> {
    /// The value.
    pub value: T,
    /// Who says so.
    pub origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// A flag of the command line, such as `--region`.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A profile of the AWS config.
    Profile(String),
    /// The section `[okta]` of the AWS config.
    Okta,
    /// robo's settings.
    Settings,
    /// Nobody: it is what robo does unless told otherwise.
    Default,
}

impl<T> Value<T> {
    /// A value from there.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// What nobody decided.
    pub fn default(value: T) -> Self {
        Self::new(value, Origin::Default)
    }

    /// The same place with another value.
    pub fn with<U>(&self, value: U) -> Value<U> {
        Value { value, origin: self.origin.clone() }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => f.write_str(name),
            Origin::Environment(name) => write!(f, "${name}"),
            Origin::Profile(name) => write!(f, "profile '{name}'"),
            Origin::Okta => f.write_str("[okta]"),
            Origin::Settings => f.write_str("robo's settings"),
            Origin::Default => f.write_str("the default"),
        }
    }
}

/// What flags and environment say, by the name of the key in the AWS config that they overrule.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Overrides(BTreeMap<&'static str, Value>);

impl Overrides {
    /// Overrules `key`, unless something did before: who speaks first wins, so flags come before
    /// the environment.
    pub fn add(&mut self, key: &'static str, value: Option<impl Into<String>>, origin: Origin) {
        if let Some(value) = value {
            self.0.entry(key).or_insert_with(|| Value::new(value.into(), origin));
        }
    }

    /// What overrules `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }
}
