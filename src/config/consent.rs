//! What a person agreed to: values of keys that a repo may set though they run code or redirect
//! traffic.

use crate::config::section::SectionId;

/// Consent as `[trust] allow_keys` in settings and `--allow` say it.
///
/// An entry is `[section] key = value`, `key = value` (in any section), or a bare `key`. Keys may
/// name their block, as `s3.endpoint_url`.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// Entries of the settings. A bare key agrees to the value that it has when it is first met;
    /// once there is an entry with a value for it, it agrees to nothing more.
    pub remembered: Vec<String>,
    /// Entries of this run. A bare key agrees to every value that it has now.
    pub now: Vec<String>,
}

/// One thing in a property that needs consent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Danger {
    /// The section that it is in.
    pub(super) section: SectionId,
    /// The key that is dangerous, in lower case.
    pub(super) key: String,
    /// The key, with the block that it is nested in.
    pub(super) path: String,
    /// Its value.
    pub(super) value: String,
    /// What it would do.
    pub(super) why: &'static str,
}

impl Consent {
    pub(super) fn allows(&self, danger: &Danger) -> bool {
        let valued = |entry: &Entry<'_>| entry.names(danger) && entry.value.is_some();
        let agrees = |entry: &Entry<'_>| entry.names(danger) && entry.value == Some(&danger.value);
        let bare = |entry: &Entry<'_>| entry.names(danger) && entry.value.is_none();
        let remembered = || self.remembered.iter().map(|entry| Entry::read(entry));
        let now = || self.now.iter().map(|entry| Entry::read(entry));
        let in_section = |entry: &Entry<'_>| {
            entry.section.as_ref().is_none_or(|section| *section == danger.section)
        };
        now().any(|entry| bare(&entry) || agrees(&entry) && in_section(&entry))
            || remembered().any(|entry| agrees(&entry) && in_section(&entry))
            || remembered().any(|entry| bare(&entry)) && !remembered().any(|entry| valued(&entry))
    }
}

impl Danger {
    /// The entry that agrees to this and to nothing else.
    pub(super) fn entry(&self) -> String {
        format!("[{}] {} = {}", self.section, self.path, self.value)
    }
}

struct Entry<'a> {
    section: Option<SectionId>,
    key: String,
    value: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn read(text: &'a str) -> Self {
        let text = text.trim();
        let (section, rest) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((section, rest)) => (Some(SectionId::parse(section)), rest),
            None => (None, text),
        };
        let (key, value) = match rest.split_once('=') {
            Some((key, value)) => (key, Some(value.trim())),
            None => (rest, None),
        };
        Self { section, key: key.trim().to_lowercase(), value }
    }

    fn names(&self, danger: &Danger) -> bool {
        self.key == danger.key || self.key == danger.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn danger(section: &str, path: &str, value: &str) -> Danger {
        Danger {
            section: SectionId::parse(section),
            key: path.rsplit('.').next().unwrap().to_owned(),
            path: path.to_owned(),
            value: value.to_owned(),
            why: "",
        }
    }

    #[test]
    fn an_entry_agrees_to_a_value_in_its_section() {
        let (a, b) = (danger("profile a", "ca_bundle", "x"), danger("profile b", "ca_bundle", "x"));
        let nested = danger("services s", "s3.endpoint_url", "x");
        let cases: &[(&[&str], &Danger, bool)] = &[
            (&["[profile a] ca_bundle = x"], &a, true),
            (&["[profile a] ca_bundle = x"], &b, false),
            (&["[profile a] ca_bundle = y"], &a, false),
            (&["CA_Bundle=x"], &b, true),
            (&["ca_bundle"], &a, true),
            (&["ca_bundle", "[profile b] ca_bundle = x"], &a, false),
            (&["endpoint_url"], &nested, true),
            (&["s3.endpoint_url = x"], &nested, true),
            (&["sqs.endpoint_url = x"], &nested, false),
            (&[""], &a, false),
            (&["["], &a, false),
        ];
        for (entries, danger, want) in cases {
            let remembered = entries.iter().map(|entry| (*entry).to_owned()).collect();
            let consent = Consent { remembered, now: Vec::new() };
            assert_eq!(consent.allows(danger), *want, "{entries:?} {danger:?}");
        }
        assert_eq!(nested.entry(), "[services s] s3.endpoint_url = x");
        let consent = Consent { remembered: vec![nested.entry()], now: Vec::new() };
        assert!(consent.allows(&nested));
    }

    #[test]
    fn in_this_run_a_bare_key_agrees_to_all_that_it_is_now() {
        let consent = |entry: &str| Consent {
            remembered: vec!["[profile b] ca_bundle = y".to_owned()],
            now: vec![entry.to_owned()],
        };
        let a = danger("profile a", "ca_bundle", "x");
        assert!(consent("ca_bundle").allows(&a));
        assert!(consent("ca_bundle=x").allows(&a));
        assert!(!consent("ca_bundle=z").allows(&a));
    }
}
