//! What variables hold, and how Go prints it.

use std::collections::BTreeMap;

use crate::tasks::scalar::Scalar;
use crate::tasks::template;
use crate::tasks::yaml::{Entry, Node, NodeKind};

/// A value in a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Scalar(Scalar),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// What has these fields and no others: to ask for another one is an error.
    Record(BTreeMap<String, Value>),
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Scalar(Scalar::Text(text.into()))
    }

    pub(super) fn map<const N: usize>(entries: [(&str, Value); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    pub(super) fn record<const N: usize>(fields: [(&str, Value); N]) -> Self {
        Self::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The value that a node stands for. A key is the text that was written, `on` as well.
    pub(super) fn of(node: &Node) -> Self {
        match &node.kind {
            NodeKind::Scalar(written) => Self::Scalar(written.meaning()),
            NodeKind::List(nodes) => Self::List(nodes.iter().map(Self::of).collect()),
            NodeKind::Map(entries) => {
                let entry = |entry: &Entry| (entry.key.text.clone(), Self::of(&entry.value));
                Self::Map(entries.iter().map(entry).collect())
            }
        }
    }

    /// Every value that is no mapping, with its path: `.hosts.prod`.
    pub(super) fn flattened(&self) -> BTreeMap<String, &Value> {
        let mut all = BTreeMap::new();
        self.flatten_into(String::new(), &mut all);
        all
    }

    fn flatten_into<'a>(&'a self, path: String, all: &mut BTreeMap<String, &'a Value>) {
        match self {
            Self::Map(entries) => {
                for (key, value) in entries {
                    value.flatten_into(format!("{path}.{key}"), all);
                }
            }
            value => {
                all.insert(path, value);
            }
        }
    }
}

/// As Go's `%v` has it, but for nothing at all: there a template says `<no value>`.
impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("<no value>"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Uint(number) => number.fmt(f),
            Self::Float(number) => f.write_str(&template::float(*number)),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scalar(scalar) => scalar.fmt(f),
            value => f.write_str(&template::print(value)),
        }
    }
}
