//! Which section is which: `[default]` and `[profile default]` are one, quotes do not count.

use std::borrow::Cow;
use std::fmt;

/// The identity of a section of `~/.aws/config`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SectionId {
    /// `profile`, `sso-session`, `services`, …; empty for a section of one word, such as `[okta]`,
    /// and for one whose name no reader takes for a single word.
    kind: Cow<'static, str>,
    name: String,
}

impl SectionId {
    /// Reads what stands between the brackets: `profile dev`, `profile "a b"`, `default`, `okta`.
    pub fn parse(header: &str) -> Self {
        let header = header.trim();
        let parts = header.split_once([' ', '\t']);
        match parts.and_then(|(kind, name)| Some((kind, word(name.trim())?))) {
            Some(("profile", name)) => Self::profile(name),
            Some((kind, name)) => Self { kind: kind.to_owned().into(), name: name.to_owned() },
            None if header == "default" => Self::profile(header),
            None => Self::plain(header),
        }
    }

    /// The section of profile `name`.
    pub fn profile(name: &str) -> Self {
        Self { kind: Cow::Borrowed("profile"), name: name.to_owned() }
    }

    /// A section of one word, such as `okta`.
    pub fn plain(name: &str) -> Self {
        Self { kind: Cow::Borrowed(""), name: name.to_owned() }
    }

    /// The profile's name, if this is a profile.
    pub fn as_profile(&self) -> Option<&str> {
        (self.kind == "profile").then_some(self.name.as_str())
    }

    /// What the section is of: `profile`, `sso-session`, …; empty for `[okta]`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The name behind the kind.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// As it is written between the brackets.
impl fmt::Display for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        if self.kind.is_empty() || self.as_profile() == Some("default") {
            f.write_str(name)
        } else if name.contains(['"', '\\']) {
            write!(f, "{} '{name}'", self.kind)
        } else if name.is_empty() || name.contains([' ', '\t', '\'']) {
            write!(f, "{} \"{name}\"", self.kind)
        } else {
            write!(f, "{} {name}", self.kind)
        }
    }
}

/// The one word that botocore's `shlex.split` makes of a name, where that is plain to see: the
/// name itself, or what stands in its quotes.
fn word(name: &str) -> Option<&str> {
    let within = |quote: char| name.strip_prefix(quote)?.strip_suffix(quote);
    let special: &[char] = &['"', '\'', '\\', ' ', '\t'];
    if let Some(inner) = within('"') {
        (!inner.contains(['"', '\\'])).then_some(inner)
    } else if let Some(inner) = within('\'') {
        (!inner.contains('\'')).then_some(inner)
    } else {
        (!name.contains(special)).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_section_are_equal() {
        let same = [
            ("default", "profile default"),
            ("profile dev", "profile\t\"dev\""),
            ("profile 'a b'", "profile \"a b\""),
            ("sso-session x", "sso-session  x"),
        ];
        for (one, other) in same {
            assert_eq!(SectionId::parse(one), SectionId::parse(other));
        }
        assert_ne!(SectionId::parse("dev"), SectionId::parse("profile dev"));
        assert_ne!(SectionId::parse("profile Dev"), SectionId::parse("profile dev"));
        assert_ne!(SectionId::parse("profile a b"), SectionId::parse("profile \"a b\""));
    }

    #[test]
    fn a_section_is_written_so_that_readers_find_it() {
        let headers = [
            "default",
            "profile dev",
            "profile \"a b\"",
            "profile \"it's\"",
            "profile 'say \"hi\"'",
            r"profile 'a\\b'",
            "profile \"\"",
            "profile a b",
            "profile a\"b",
            r#"profile "a\"b""#,
            "okta",
            "services local",
        ];
        for header in headers {
            assert_eq!(SectionId::parse(header).to_string(), header);
        }
        assert_eq!(SectionId::parse("profile default").to_string(), "default");
    }
}
