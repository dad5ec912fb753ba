//! From TOML to the model: the tables about Okta, the hub, profiles, accounts and roles.

use std::collections::{BTreeMap, HashMap, HashSet};

use toml::de::{DeTable, DeValue};

use crate::catalog::flaw;
use crate::catalog::model::{Account, Hub, Naming, Okta, Policy, Role, Said, Session};
use crate::catalog::page::{Entry, Page, noun};
use crate::catalog::partition;

const TABLES: [&str; 6] = ["okta", "hub", "profiles", "accounts", "roles", "teams"];

/// The catalogue's tables, in the order they are written.
#[derive(Default)]
pub(super) struct Tables<'a> {
    pub(super) okta: Option<Entry<'a>>,
    pub(super) hub: Option<Entry<'a>>,
    pub(super) profiles: Option<Entry<'a>>,
    pub(super) accounts: Option<Entry<'a>>,
    pub(super) roles: Option<Entry<'a>>,
    pub(super) teams: Option<Entry<'a>>,
}

impl<'a> Tables<'a> {
    pub(super) fn find(page: &mut Page, root: &'a DeTable<'a>) -> Self {
        let mut tables = Self::default();
        for entry in page.entries(root) {
            let place = match entry.key {
                "okta" => &mut tables.okta,
                "hub" => &mut tables.hub,
                "profiles" => &mut tables.profiles,
                "accounts" => &mut tables.accounts,
                "roles" => &mut tables.roles,
                "teams" => &mut tables.teams,
                _ => {
                    page.unknown(entry, "the catalogue", &TABLES);
                    continue;
                }
            };
            *place = Some(entry);
        }
        tables
    }
}

pub(super) fn okta(page: &mut Page, entry: Entry<'_>) -> Okta {
    let mut okta = Okta::default();
    let Some(table) = page.table(entry, "[okta]") else { return okta };
    for entry in page.entries(table) {
        match entry.key {
            "domain" => okta.domain = page.text(entry, "[okta]", flaw::host),
            "app" => okta.app = page.text(entry, "[okta]", flaw::app),
            "client_id" => okta.client_id = page.text(entry, "[okta]", flaw::word),
            _ => page.unknown(entry, "[okta]", &["domain", "app", "client_id"]),
        }
    }
    okta
}

/// The hub, as far as it is right. The account is looked up by the caller.
pub(super) fn hub(page: &mut Page, entry: Option<Entry<'_>>) -> Hub {
    let line = entry.map_or(1, |entry| entry.line);
    let said = |text: &str| Said { value: text.to_owned(), line };
    let mut hub =
        Hub { account: said(""), saml_provider: said("okta"), session: None, profile: said("hub") };
    let Some(entry) = entry else {
        page.mistake(1, "there is no [hub]: name the account that Okta federates into");
        return hub;
    };
    let Some(table) = page.table(entry, "[hub]") else { return hub };
    let mut named = false;
    for entry in page.entries(table) {
        let keep = |place: &mut Said<String>, text: Option<Said<String>>| {
            if let Some(text) = text {
                *place = text;
            }
        };
        match entry.key {
            "account" => {
                named = true;
                let text = page.text(entry, "[hub]", |_| None);
                keep(&mut hub.account, text);
            }
            "saml_provider" => {
                let text = page.text(entry, "[hub]", flaw::saml_provider);
                keep(&mut hub.saml_provider, text);
            }
            "session" => hub.session = session(page, entry, "[hub]", flaw::FEDERATED),
            "profile" => {
                let text = page.text(entry, "[hub]", flaw::profile_name);
                keep(&mut hub.profile, text);
            }
            _ => {
                page.unknown(entry, "[hub]", &["account", "saml_provider", "session", "profile"]);
            }
        }
    }
    if !named {
        page.missing(line, "[hub]", "account", "the name of an account");
    }
    hub
}

pub(super) fn naming(page: &mut Page, entry: Option<Entry<'_>>) -> Naming {
    let line = entry.map_or(1, |entry| entry.line);
    let pattern = Said { value: "{account}-{role}".to_owned(), line };
    let mut naming = Naming { pattern, default_role: None, region: None };
    let table = entry.and_then(|entry| page.table(entry, "[profiles]"));
    for entry in table.map(|table| page.entries(table)).unwrap_or_default() {
        match entry.key {
            "pattern" => {
                if let Some(pattern) = page.text(entry, "[profiles]", pattern_flaw) {
                    naming.pattern = pattern;
                }
            }
            "default_role" => naming.default_role = page.text(entry, "[profiles]", |_| None),
            "region" => naming.region = page.text(entry, "[profiles]", flaw::region),
            _ => page.unknown(entry, "[profiles]", &["pattern", "default_role", "region"]),
        }
    }
    naming
}

fn pattern_flaw(pattern: &str) -> Option<String> {
    for placeholder in ["{account}", "{role}"] {
        if pattern.matches(placeholder).count() > 1 {
            return Some(format!("{placeholder} is in it twice"));
        }
    }
    let rest = pattern.replace("{account}", "a").replace("{role}", "r");
    if rest.contains(['{', '}']) {
        return Some("only {account} and {role} stand for something".to_owned());
    }
    flaw::profile_name(&rest)
}

pub(super) fn accounts(page: &mut Page, entry: Entry<'_>) -> Vec<Account> {
    let Some(table) = page.table(entry, "[accounts]") else { return Vec::new() };
    let accounts: Vec<Account> =
        page.entries(table).into_iter().map(|entry| account(page, entry)).collect();
    let mut by_id: HashMap<&str, &Account> = HashMap::new();
    for account in accounts.iter().filter(|account| !account.id.is_empty()) {
        if let Some(first) = by_id.insert(&account.id, account) {
            let what = format!(
                "account '{}' has the id of '{}' in line {}, {}",
                account.name, first.name, first.line, account.id
            );
            page.mistake(account.line, what);
        }
    }
    accounts
}

/// An account, as far as it is right: even one that is not is no unknown name.
fn account(page: &mut Page, entry: Entry<'_>) -> Account {
    let mut account = Account {
        name: entry.key.to_owned(),
        id: String::new(),
        region: None,
        partition: partition::USUAL,
        tags: BTreeMap::new(),
        line: entry.line,
    };
    let whose = format!("account '{}'", entry.key);
    if let Some(flaw) = flaw::profile_name(entry.key) {
        page.mistake(entry.line, format!("{whose}: {flaw}"));
    }
    let Some(table) = page.table(entry, &whose) else { return account };
    let (mut has_id, mut known_partition) = (false, true);
    for entry in page.entries(table) {
        match entry.key {
            "id" => {
                has_id = true;
                let id = page.text(entry, &whose, flaw::account_id);
                account.id = id.map(|id| id.value).unwrap_or_default();
            }
            "region" => account.region = page.text(entry, &whose, flaw::region),
            "partition" => {
                known_partition = false;
                let Some(name) = page.text(entry, &whose, |_| None) else { continue };
                match partition::named(&name.value) {
                    Some(partition) => (account.partition, known_partition) = (partition, true),
                    None => {
                        let known = partition::names().join(", ");
                        let guess = page.guess(&name.value, partition::names());
                        let what = format!(
                            "{whose}: robo knows no partition '{}'{guess}: it knows {known}",
                            name.value
                        );
                        page.mistake(name.line, what);
                    }
                }
            }
            key => {
                // "id" is too short for its near ones to be told from tags.
                let guess = page.guess(key, ["region", "partition"]);
                if !guess.is_empty() {
                    let what = format!("{whose}: '{key}' is taken for a tag{guess}");
                    page.problems.warn(entry.line, what);
                }
                if let Some(value) = page.text(entry, &whose, flaw::line) {
                    account.tags.insert(key.to_owned(), value.value);
                }
            }
        }
    }
    if !has_id {
        page.missing(account.line, &whose, "id", "\"111111111111\", its 12 digits");
    }
    let own = account.region.as_ref().and_then(|region| partition::of_region(&region.value));
    if let (Some(region), Some(own)) = (&account.region, own)
        && own != account.partition
        && known_partition
    {
        let what = format!(
            "{whose}: region '{}' is one of the partition {own}, and the account is in {}",
            region.value, account.partition
        );
        page.mistake(region.line, what);
    }
    account
}

pub(super) fn roles(page: &mut Page, entry: Entry<'_>) -> Vec<Role> {
    let Some(table) = page.table(entry, "[roles]") else { return Vec::new() };
    let roles: Vec<Role> = page.entries(table).into_iter().map(|entry| role(page, entry)).collect();
    let mut by_name: HashMap<String, &Role> = HashMap::new();
    for role in &roles {
        // IAM keeps names apart without regard to case (IAM API reference, CreateRole).
        if let Some(first) = by_name.insert(role.iam_name.to_lowercase(), role) {
            let what = format!(
                "role '{}' has the IAM name of '{}' in line {}, {}",
                role.name, first.name, first.line, role.iam_name
            );
            page.mistake(role.line, what);
        }
    }
    roles
}

fn role(page: &mut Page, entry: Entry<'_>) -> Role {
    let mut role = Role {
        name: entry.key.to_owned(),
        iam_name: entry.key.to_owned(),
        policies: Vec::new(),
        session: None,
        line: entry.line,
    };
    let whose = format!("role '{}'", entry.key);
    if let Some(flaw) = flaw::profile_name(entry.key) {
        page.mistake(entry.line, format!("{whose}: {flaw}"));
    }
    let Some(table) = page.table(entry, &whose) else { return role };
    let mut named = false;
    for entry in page.entries(table) {
        match entry.key {
            "policies" => role.policies = policies(page, entry, &whose),
            "session" => role.session = session(page, entry, &whose, flaw::CHAINED),
            "name" => {
                named = true;
                if let Some(name) = page.text(entry, &whose, flaw::iam_name) {
                    role.iam_name = name.value;
                }
            }
            _ => page.unknown(entry, &whose, &["policies", "session", "name"]),
        }
    }
    if !named && let Some(flaw) = flaw::iam_name(&role.name) {
        page.mistake(role.line, format!("{whose}: {flaw}; give it a 'name' of its own"));
    }
    role
}

pub(super) fn policies(page: &mut Page, entry: Entry<'_>, whose: &str) -> Vec<Policy> {
    let policies = page.strings(entry, whose);
    let mut seen = HashSet::new();
    for policy in &policies {
        let text = &policy.value;
        if let Some(flaw) = flaw::policy(text) {
            page.mistake(policy.line, format!("{whose}: '{}' has '{text}': {flaw}", entry.key));
        } else if !seen.insert(text) {
            page.problems.warn(policy.line, format!("{whose}: '{text}' is there twice"));
        }
    }
    policies.into_iter().map(|said| Policy { text: said.value, line: said.line }).collect()
}

fn session(
    page: &mut Page,
    entry: Entry<'_>,
    whose: &str,
    most: std::time::Duration,
) -> Option<Said<Session>> {
    if let DeValue::Integer(_) = entry.value.get_ref() {
        let noun = noun(entry.value.get_ref());
        let what = format!("{whose}: 'session' is {noun}, and should be text such as \"1h\"");
        page.mistake(entry.line, what);
        return None;
    }
    let flaw = |text: &str| flaw::session(text, most).err();
    let text = page.text(entry, whose, flaw)?;
    let length = flaw::session(&text.value, most).ok()?;
    let text_only = text.value.trim().to_owned();
    Some(Said { value: Session { text: text_only, length }, line: text.line })
}
