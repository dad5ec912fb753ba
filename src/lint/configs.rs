//! Rules about one hand-written file of AWS config.

use crate::aws::duration::{LONGEST, SHORTEST};
use crate::aws::partition::Partition;
use crate::config::arn::RoleArn;
use crate::config::consent::Consent;
use crate::config::hosts;
use crate::config::section::SectionId;
use crate::config::strict::{FlawKind, WarningKind};
use crate::config::tree::{Section, Tree};
use crate::config::unit::Unit;
use crate::config::vet::vet;
use crate::lint::finding::{Findings, placed};
use crate::lint::keys;
use crate::lint::repo::{ConfigFile, Repo};
use crate::sys::duration;

impl ConfigFile {
    fn sections(&self) -> impl Iterator<Item = &Section> {
        self.examined.tree.sections().iter()
    }

    /// The properties of that key in all profiles.
    fn of_profiles(&self, key: &'static str) -> impl Iterator<Item = &Unit> {
        let profiles = self.sections().filter(|section| section.id.as_profile().is_some());
        profiles.filter_map(move |section| section.get(key))
    }

    fn tell_flaws(
        &self,
        code: &'static str,
        wanted: impl Fn(FlawKind, bool) -> bool,
        hint: &str,
        findings: &mut Findings,
    ) {
        for flaw in &self.examined.flaws {
            let is_profile = flaw.what.starts_with("section [profile ")
                || flaw.what.starts_with("section [default]");
            if wanted(flaw.kind, is_profile) {
                let place = (self.path.as_str(), Some(flaw.line));
                findings.add(code, place, &*flaw.what, Some(hint.to_owned()));
            }
        }
    }

    fn tell_warnings(
        &self,
        code: &'static str,
        kind: WarningKind,
        hint: &str,
        findings: &mut Findings,
    ) {
        for warning in self.examined.warnings.iter().filter(|warning| warning.kind == kind) {
            let place = (self.path.as_str(), Some(warning.line));
            findings.add(code, place, &*warning.what, Some(hint.to_owned()));
        }
    }
}

pub(super) fn syntax(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let hint = "aws.config refuses the whole file until the line is mended";
    file.tell_flaws("config-syntax", |kind, _| kind == FlawKind::Broken, hint, findings);
}

pub(super) fn ambiguous(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let hint = "aws.config refuses the whole file until every reader takes the line alike";
    file.tell_flaws("config-ambiguous", |kind, _| kind == FlawKind::Ambiguous, hint, findings);
}

pub(super) fn profile_again(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let hint = "some readers stop at it, the others take either of the two; make them one";
    let wanted = |kind, is_profile| kind == FlawKind::SectionAgain && is_profile;
    file.tell_flaws("duplicate-profile", wanted, hint, findings);
}

pub(super) fn section_again(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let hint = "the AWS CLI reads nothing of the file; make them one";
    let wanted = |kind, is_profile: bool| kind == FlawKind::SectionAgain && !is_profile;
    file.tell_flaws("duplicate-section", wanted, hint, findings);
}

pub(super) fn key_again(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let hint = "the AWS CLI reads nothing of the file; remove one of the two";
    file.tell_flaws("duplicate-key", |kind, _| kind == FlawKind::KeyAgain, hint, findings);
}

pub(super) fn inline_comments(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let hint = "put it on a line of its own, which begins with '#'";
    file.tell_warnings("inline-comment", WarningKind::InlineComment, hint, findings);
}

pub(super) fn odd_names(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let hint = "use letters, digits and any of _ - / . % @ : +";
    file.tell_warnings("odd-name", WarningKind::OddName, hint, findings);
}

pub(super) fn steering_comments(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let hint = "remove the characters that cannot be seen";
    file.tell_warnings("control-characters", WarningKind::SteeringComment, hint, findings);
}

/// Sections that stand for nothing: `[dev]` and `[profiles dev]` are no profiles.
pub(super) fn sections(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    for section in file.sections().filter(|section| !keys::is_section(&section.id)) {
        let (kind, name) = (section.id.kind(), section.id.name());
        let hint = if kind.is_empty() && !name.contains([' ', '\t']) {
            format!("a profile is [profile {name}]")
        } else {
            findings
                .guess(kind, &keys::KINDS)
                .unwrap_or_else(|| "a profile is [profile NAME]".into())
        };
        let message = format!("no reader of the file knows a section [{}]", section.id);
        let place = (file.path.as_str(), Some(section.place.line));
        findings.add("unknown-section", place, message, Some(hint));
    }
}

/// Keys that do nothing, as a misspelt one does.
pub(super) fn keys(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    for section in file.sections() {
        let Some(known) = keys::of_section(&section.id) else { continue };
        for unit in &section.units {
            let mut tell = |key: &str, known: &[&[&'static str]]| {
                let mut known: Vec<&str> = known.iter().copied().flatten().copied().collect();
                known.sort_unstable();
                known.dedup();
                let hint = findings.guess(key, &known);
                let message = format!("no AWS SDK and neither aws-okta nor robo knows '{key}'");
                let place = (file.path.as_str(), Some(unit.place.line));
                let hint = hint.unwrap_or_else(|| {
                    "'--allow unknown-key' if it is for another tool".to_owned()
                });
                findings.add("unknown-key", place, message, Some(hint));
            };
            if !keys::has(known, unit.name()) {
                tell(&unit.key, known);
            } else if let Some(nested) = keys::nested(&section.id, unit.name()) {
                for (key, _) in unit.nested().filter(|(key, _)| !nested.contains(&key.as_str())) {
                    tell(&format!("{}.{key}", unit.key), &[nested]);
                }
            }
        }
    }
}

pub(super) fn arns(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    for unit in file.of_profiles("role_arn") {
        let text = unit.text();
        let place = (file.path.as_str(), Some(unit.place.line));
        if text.is_empty() {
            continue;
        }
        if RoleArn::parse(&text).is_none() {
            let message = format!("'{text}' is not the ARN of an IAM role");
            let hint = "it is written like arn:aws:iam::111111111111:role/NAME, with 12 digits";
            findings.add("malformed-arn", place, message, Some(hint.to_owned()));
        } else if let Err(error) = Partition::of_arn(&text) {
            findings.add("malformed-arn", place, error.message(), error.hints().first().cloned());
        }
    }
}

/// Accounts that the catalogue, which has all, does not have.
pub(super) fn accounts(repo: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let Some(catalog) = &repo.catalog else { return };
    let ids: Vec<&str> = catalog.accounts.keys().map(String::as_str).collect();
    for unit in file.of_profiles("role_arn") {
        let Some(arn) = RoleArn::parse(&unit.value) else { continue };
        if catalog.accounts.contains_key(arn.account) {
            continue;
        }
        let hint = findings.guess(arn.account, &ids);
        let hint = hint.unwrap_or_else(|| format!("add it to {}", catalog.path));
        let message = format!("account {} is not in the catalogue", arn.account);
        findings.add("unknown-account", (&file.path, Some(unit.place.line)), message, Some(hint));
    }
}

/// Durations that cannot be read, or that no role is given for.
pub(super) fn sessions(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    for section in file.sections() {
        let is_okta = section.id == SectionId::plain("okta");
        if section.id.as_profile().is_none() && !is_okta {
            continue;
        }
        for key in ["session_ttl", "assume_role_ttl", "duration_seconds"] {
            let Some(unit) = section.get(key).filter(|unit| !unit.text().is_empty()) else {
                continue;
            };
            let (text, seconds) = (unit.text(), key == "duration_seconds");
            let parsed =
                if seconds { duration::parse_seconds(&text) } else { duration::parse(&text) };
            let what = match parsed {
                Err(why) => format!("'{text}' {why}"),
                Ok(length) if length < SHORTEST => "AWS gives 15 minutes at least".to_owned(),
                Ok(length) if length > LONGEST => "AWS gives 12 hours at most".to_owned(),
                Ok(_) => continue,
            };
            let hint = if seconds { "900 to 43200" } else { "15m to 12h, such as 45m or 1h30m" };
            let place = (file.path.as_str(), Some(unit.place.line));
            findings.add("session-length", place, format!("{key}: {what}"), Some(hint.into()));
        }
    }
}

/// Hosts that browsers would take for others, or that are none.
pub(super) fn hosts(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    for unit in file.sections().flat_map(|section| &section.units) {
        if !matches!(unit.name(), "okta_domain" | "aws_saml_url") {
            continue;
        }
        if let Err(error) = hosts::sign_in_host(unit) {
            let (line, message) = placed(&file.path, error.message());
            let hint = error.hints().first().cloned();
            findings.add("sign-in-host", (&file.path, line), message, hint);
        }
    }
}

/// Keys that run programs or redirect traffic: they reach nobody without consent.
pub(super) fn held_back(_: &Repo<'_>, file: &ConfigFile, findings: &mut Findings) {
    let nothing = Tree::default();
    let vetted = vet(&file.examined.tree, &nothing, &nothing, &Consent::default());
    for held in vetted.held {
        let message =
            format!("[{}] {} is held back from everybody: it {}", held.section, held.key, held.why);
        let hint = format!(
            "everybody who wants it has to say 'robo aws.config --allow {}'; '--allow held-back' \
             here if that is meant",
            held.key
        );
        let place = (file.path.as_str(), Some(held.place.line));
        findings.add("held-back", place, message, Some(hint));
    }
}
