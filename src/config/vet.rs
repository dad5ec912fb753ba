//! Vetting: what a shared config must not do to a laptop without its owner's consent.
//!
//! A key that runs a program or sends requests elsewhere is held back: the merge goes on as if
//! the team had not touched it.

use std::borrow::Cow;

use crate::config::consent::{Consent, Danger};
use crate::config::section::SectionId;
use crate::config::tree::{Section, Tree};
use crate::config::unit::{Place, Unit};
use crate::sys::text::plain;

/// Keys that act on the machine or steer its traffic, in lower case.
///
/// Sources: the AWS CLI's configuration guide (`credential_process`, `cli_pager`, `endpoint_url`,
/// `ca_bundle`, `sso_start_url`, `ec2_metadata_service_endpoint`) and its plugin
/// loader (`cli_legacy_plugin_path`, `[plugins]`); botocore's `configprovider.py` (`data_path`,
/// from which it reads API models with their endpoints, and `csm_*`, which sends a record of each
/// call with its access key to a host); aws-vault (`mfa_process`); granted
/// (`granted_sso_start_url`,
/// `common_fate_url`); robo itself (`mfa_code_command`). Its `okta_auth`, `okta_client_id` and
/// `okta_app_id` are not among them: they choose among what the pinned Okta host has, where the
/// host is what decides who gets a password or a token.
const DANGEROUS: [(&str, &str); 17] = [
    ("credential_process", RUNS),
    ("mfa_process", RUNS),
    ("mfa_code_command", RUNS),
    ("cli_pager", RUNS),
    ("cli_legacy_plugin_path", LOADS),
    ("endpoint_url", REDIRECTS),
    ("ec2_metadata_service_endpoint", REDIRECTS),
    ("data_path", REDIRECTS),
    ("csm_enabled", REPORTS),
    ("csm_host", REPORTS),
    ("csm_port", REPORTS),
    ("ca_bundle", "trusts other certificates"),
    ("sso_start_url", SIGNS_IN),
    ("sso_issuer_url", SIGNS_IN),
    ("granted_sso_start_url", SIGNS_IN),
    ("common_fate_url", SIGNS_IN),
    ("web_identity_token_file", "sends a file of yours to AWS"),
];
const REPORTS: &str = "reports every call to another host";
const RUNS: &str = "runs a program";
const LOADS: &str = "loads code into the AWS CLI";
const REDIRECTS: &str = "sends requests elsewhere";
const STEERS: &str = "holds control characters, which steer a terminal";
const WITHOUT_TLS: &str = "asks people to sign in without TLS";
const SIGNS_IN: &str = "asks people to sign in elsewhere";

/// A key of the team's that was not applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Held {
    /// The section.
    pub section: SectionId,
    /// The key; `s3.endpoint_url` for one in a nested block, which is held back whole.
    pub key: String,
    /// The value that was held back.
    pub value: String,
    /// What it would do.
    pub why: &'static str,
    /// Where the team says so.
    pub place: Place,
}

/// What is left of the team's config once it is vetted.
#[derive(Clone, Debug, Default)]
pub struct Vetted {
    /// The config to merge.
    pub tree: Tree,
    /// What is not in it.
    pub held: Vec<Held>,
    /// What is in it because somebody agreed to it in this run: entries of
    /// [`Consent`], to be remembered.
    pub agreed: Vec<String>,
}

impl Vetted {
    /// Whether a key that somebody agreed to was there to be let in.
    pub fn met(&self, entry: &str) -> bool {
        let key = entry.split('=').next().unwrap_or(entry).trim().to_lowercase();
        let key = key.rsplit(']').next().unwrap_or(&key).trim();
        self.agreed.iter().any(|agreed| {
            let path = agreed.split_once("] ").map_or(agreed.as_str(), |(_, rest)| rest);
            let path = path.split(" = ").next().unwrap_or(path);
            path == key || path.rsplit('.').next() == Some(key)
        })
    }
}

/// Takes out of `theirs` what needs consent and has none. What `base` or `mine` has already, with
/// the same meaning, is no change and needs none.
pub fn vet(theirs: &Tree, base: &Tree, mine: &Tree, consent: &Consent) -> Vetted {
    let mut vetted = Vetted::default();
    for section in theirs.sections() {
        let dangers: Vec<Vec<Danger>> =
            section.units.iter().map(|unit| dangers(section, unit)).collect();
        if dangers.iter().all(Vec::is_empty) {
            vetted.tree.add(section.clone());
            continue;
        }
        let mut kept = Section::emptied(section);
        for (unit, dangers) in section.units.iter().zip(dangers) {
            let in_base = find(base, section, unit);
            let known = in_base.is_some_and(|old| old.means(unit))
                || find(mine, section, unit).is_some_and(|own| own.means(unit));
            let refused = !known && dangers.iter().any(|danger| !consent.allows(danger));
            if !refused {
                if !known {
                    vetted.agreed.extend(dangers.iter().map(Danger::entry));
                }
                kept.add(unit.clone());
                continue;
            }
            vetted.held.extend(dangers.into_iter().filter(|d| !consent.allows(d)).map(|danger| {
                Held {
                    section: section.id.clone(),
                    key: danger.path,
                    value: danger.value,
                    why: danger.why,
                    place: unit.place.clone(),
                }
            }));
            // The change is held back, not what was there before it.
            if let Some(old) = in_base {
                kept.add(old.clone());
            }
        }
        if !kept.units.is_empty() || section.units.is_empty() {
            vetted.tree.add(kept);
        }
    }
    vetted
}

fn dangers(section: &Section, unit: &Unit) -> Vec<Danger> {
    let plugins = section.id.kind().is_empty() && section.id.name() == "plugins";
    let why = |key: &str, value: &str| {
        let listed = DANGEROUS.iter().find(|(dangerous, _)| *dangerous == key).map(|(_, why)| *why);
        let http = key == "aws_saml_url" && value.to_ascii_lowercase().starts_with("http://");
        // Older SDKs put a region into the host's name as it is.
        let region = matches!(key, "region" | "sso_region")
            && !unit.is_nested()
            && value.contains(['/', '\\', '@', '#', '?', ':', '.', '%']);
        let steers = !matches!(plain(value), Cow::Borrowed(_));
        [(plugins, LOADS), (http, WITHOUT_TLS), (region, REDIRECTS), (steers, STEERS)]
            .into_iter()
            .find_map(|(is_so, why)| is_so.then_some(why))
            .or(listed)
            .filter(|_| !value.is_empty())
    };
    let danger =
        |path, key, value, why| Danger { section: section.id.clone(), key, path, value, why };
    let name = unit.name();
    let mut lines = std::iter::once(unit.value.as_str())
        .chain(unit.continuation.iter().map(|line| line.trim()));
    if let Some(why) = lines.find_map(|line| why(name, line)) {
        return vec![danger(name.to_owned(), name.to_owned(), unit.text(), why)];
    }
    unit.nested()
        .filter_map(|(key, value)| {
            let why = why(&key, value)?;
            Some(danger(format!("{name}.{key}"), key, value.to_owned(), why))
        })
        .collect()
}

fn find<'a>(tree: &'a Tree, section: &Section, unit: &Unit) -> Option<&'a Unit> {
    tree.get(&section.id)?.get(unit.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::Document;

    fn tree(text: &str) -> Tree {
        Tree::read(&Document::parse(text), "f")
    }

    #[track_caller]
    fn check(theirs: &str, base: &str, mine: &str, consent: &Consent, want: &str, held: &[&str]) {
        let vetted = vet(&tree(theirs), &tree(base), &tree(mine), consent);
        assert_eq!(vetted.tree.render(), want);
        let keys: Vec<String> =
            vetted.held.iter().map(|held| format!("{} {}", held.place, held.key)).collect();
        assert_eq!(keys, held);
    }

    #[test]
    fn what_runs_code_or_redirects_is_held_back() {
        let no = Consent::default();
        check(
            "[profile a]\nCredential_Process = x\nregion = y\n",
            "",
            "",
            &no,
            "[profile a]\nregion = y\n",
            &["f:2 credential_process"],
        );
        // robo's own key that runs code; those that choose a way to sign in do not redirect.
        let okta = "[okta]\nokta_client_id = 0oa1\nokta_app_id = 0oa2\nokta_auth = device\n";
        check(
            &format!("{okta}mfa_code_command = x\n"),
            "",
            "",
            &no,
            okta,
            &["f:5 mfa_code_command"],
        );
        check(
            "[services s]\ns3 =\n  endpoint_url = http://x\n  a = b\n",
            "",
            "",
            &no,
            "",
            &["f:2 s3.endpoint_url"],
        );
        check("[plugins]\nx = y\n", "", "", &no, "", &["f:2 x"]);
        check("[default]\ncli_pager =\n", "", "", &no, "[default]\ncli_pager =\n", &[]);
        check(
            "[okta]\naws_saml_url = http://acme.okta.com/home\n",
            "",
            "",
            &no,
            "",
            &["f:2 aws_saml_url"],
        );
    }

    #[test]
    fn a_held_back_change_leaves_the_old_value() {
        let (theirs, base) = ("[a]\nca_bundle = new\n", "[a]\nca_bundle = old\n");
        check(theirs, base, base, &Consent::default(), base, &["f:2 ca_bundle"]);
    }

    #[test]
    fn what_is_there_already_needs_no_consent() {
        let text = "[a]\nca_bundle = x\n";
        check(text, text, "", &Consent::default(), text, &[]);
        check(text, "", text, &Consent::default(), text, &[]);
    }

    #[test]
    fn consent_is_to_a_value() {
        let text = "[a]\nca_bundle = x\n";
        let remembered = |entries: &[&str]| Consent {
            remembered: entries.iter().map(|entry| (*entry).to_owned()).collect(),
            now: Vec::new(),
        };
        check(text, "", "", &remembered(&["ca_bundle = x"]), text, &[]);
        check(text, "", "", &remembered(&["ca_bundle = y"]), "", &["f:2 ca_bundle"]);
        check(text, "", "", &remembered(&["ca_bundle"]), text, &[]);
        let both = remembered(&["ca_bundle", "ca_bundle = y"]);
        check(text, "", "", &both, "", &["f:2 ca_bundle"]);
        let now = Consent { now: vec!["CA_Bundle".to_owned()], ..Consent::default() };
        check(text, "", "", &now, text, &[]);
        assert_eq!(vet(&tree(text), &tree(""), &tree(""), &now).agreed, ["[a] ca_bundle = x"]);
    }
}
