//! From TOML to the model: teams, and what they are granted.

use std::collections::{BTreeSet, HashMap};

use toml::de::DeValue;

use crate::catalog::flaw;
use crate::catalog::model::{Account, Grant, Role, Said, Team};
use crate::catalog::page::{Entry, MOST_PROFILES, Page, Value, noun};
use crate::catalog::read::policies;
use crate::catalog::statement;

const KEYS: [&str; 5] = ["okta_group", "hub_role", "hub_policies", "hub_statements", "grants"];

/// What grants may speak of.
pub(super) struct Named<'a> {
    pub(super) accounts: &'a [Account],
    pub(super) roles: &'a [Role],
    /// The hub's account, by its index.
    pub(super) hub: Option<usize>,
    by_account: HashMap<&'a str, usize>,
    by_role: HashMap<&'a str, usize>,
    /// The accounts that have a tag, in order.
    by_tag: HashMap<(&'a str, &'a str), Vec<usize>>,
}

/// How many profiles one team may have. The file of a person with as many would have 20 MB.
const MOST_OF_A_TEAM: usize = 200_000;

impl<'a> Named<'a> {
    pub(super) fn new(accounts: &'a [Account], roles: &'a [Role], hub: Option<usize>) -> Self {
        let index = |(at, name): (usize, &'a String)| (name.as_str(), at);
        let by_account =
            accounts.iter().map(|account| &account.name).enumerate().map(index).collect();
        let by_role = roles.iter().map(|role| &role.name).enumerate().map(index).collect();
        let mut by_tag: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (at, account) in accounts.iter().enumerate() {
            for (key, value) in &account.tags {
                by_tag.entry((key, value)).or_default().push(at);
            }
        }
        Self { accounts, roles, hub, by_account, by_role, by_tag }
    }

    pub(super) fn account(&self, name: &str) -> Option<usize> {
        self.by_account.get(name).copied()
    }

    /// The accounts that have all of the tags, in order.
    fn tagged(&self, tags: &[(String, String)]) -> Vec<usize> {
        let first = tags.first().and_then(|(key, value)| self.by_tag.get(&(key, value)));
        let all = first.into_iter().flatten().copied();
        all.filter(|at| matches(&self.accounts[*at], &tags[1..])).collect()
    }

    pub(super) fn role(&self, name: &str) -> Option<usize> {
        self.by_role.get(name).copied()
    }
}

pub(super) fn teams(page: &mut Page, entry: Entry<'_>, named: &Named<'_>) -> Vec<Team> {
    let Some(table) = page.table(entry, "[teams]") else { return Vec::new() };
    let teams: Vec<Team> =
        page.entries(table).into_iter().filter_map(|entry| team(page, entry, named)).collect();
    let mut by_role: HashMap<String, &Team> = HashMap::new();
    for team in &teams {
        if let Some(first) = by_role.insert(team.hub_role.value.to_lowercase(), team) {
            let what = format!(
                "team '{}' has the hub role of '{}' in line {}, '{}': each team has its own",
                team.name, first.name, first.hub_role.line, team.hub_role.value
            );
            page.mistake(team.hub_role.line, what);
        }
    }
    teams
}

fn team(page: &mut Page, entry: Entry<'_>, named: &Named<'_>) -> Option<Team> {
    let (name, line) = (entry.key, entry.line);
    let whose = format!("team '{name}'");
    if let Some(flaw) = flaw::team_name(name) {
        page.mistake(line, format!("{whose}: {flaw}"));
    }
    let table = page.table(entry, &whose)?;
    let entries = page.entries(table);
    let mut team = Team {
        name: name.to_owned(),
        okta_group: Said { value: String::new(), line },
        hub_role: Said { value: name.to_owned(), line },
        hub_policies: Vec::new(),
        hub_statements: Vec::new(),
        grants: Vec::new(),
        line,
    };
    let has = |key: &str| entries.iter().any(|entry| entry.key == key);
    if !has("okta_group") {
        page.missing(line, &whose, "okta_group", "the name of the Okta group of its members");
    }
    if !has("hub_role") && flaw::team_name(name).is_none() && flaw::iam_name(name).is_some() {
        let what = format!("{whose}: its name is too long for an IAM role: give it a 'hub_role'");
        page.mistake(line, what);
    }
    if !has("grants") && !has("hub_policies") && !has("hub_statements") {
        page.problems
            .warn(line, format!("{whose} may do nothing: it has neither grants nor policies"));
    }
    for entry in entries {
        match entry.key {
            "okta_group" => {
                if let Some(text) = page.text(entry, &whose, flaw::line) {
                    team.okta_group = text;
                }
            }
            "hub_role" => {
                if let Some(text) = page.text(entry, &whose, flaw::iam_name) {
                    team.hub_role = text;
                }
            }
            "hub_policies" => team.hub_policies = policies(page, entry, &whose),
            "hub_statements" => team.hub_statements = statement::read(page, entry, &whose),
            "grants" => team.grants = grants(page, entry, &whose, named),
            _ => page.unknown(entry, &whose, &KEYS),
        }
    }
    Some(team)
}

fn grants(page: &mut Page, entry: Entry<'_>, whose: &str, named: &Named<'_>) -> Vec<Grant> {
    let DeValue::Array(list) = entry.value.get_ref() else {
        let noun = noun(entry.value.get_ref());
        page.mistake(entry.line, format!("{whose}: 'grants' is {noun}, and should be a list"));
        return Vec::new();
    };
    if list.is_empty() {
        let what = format!("{whose}: 'grants' is empty: leave it out for a team of the hub alone");
        page.mistake(entry.line, what);
    }
    let mut grants = Vec::new();
    let mut left = MOST_OF_A_TEAM.min(page.profiles);
    for value in list {
        let before = page.profiles;
        grants.extend(grant(page, value, whose, named, &mut left));
        if left == 0 {
            // Told once: what comes after it would only be more.
            if before > 0 {
                let line = page.line(value.span().start);
                let what = format!(
                    "{whose}: with this grant there are too many profiles: {MOST_OF_A_TEAM} is the \
                     most for a team, {MOST_PROFILES} for all"
                );
                page.mistake(line, what);
            }
            break;
        }
    }
    grants
}

/// Reads a grant; what it may come to is taken from what is `left` to its team.
fn grant(
    page: &mut Page,
    value: &Value<'_>,
    whose: &str,
    named: &Named<'_>,
    left: &mut usize,
) -> Option<Grant> {
    let line = page.line(value.span().start);
    let whose = format!("{whose}: a grant");
    let table = page.table(Entry { key: "grants", value, line }, &whose)?;
    let (mut roles, mut accounts, mut except, mut by_tag) = (None, None, None, false);
    for entry in page.entries(table) {
        match entry.key {
            "roles" => roles = Some(self::roles(page, entry, &whose, named)),
            "accounts" => accounts = Some(self::accounts(page, entry, &whose, named)),
            "except" => {
                by_tag = matches!(entry.value.get_ref(), DeValue::Table(_));
                except = Some(exceptions(page, entry, &whose, named));
            }
            _ => page.unknown(entry, &whose, &["roles", "accounts", "except"]),
        }
    }
    if roles.is_none() {
        page.missing(line, &whose, "roles", "a role, a list of roles, or \"*\"");
    }
    if accounts.is_none() {
        page.missing(line, &whose, "accounts", "a list of accounts, a table of tags, or \"*\"");
    }
    let (roles, chosen) = (roles.flatten(), accounts.flatten());
    let except = except.unwrap_or_else(|| Some(Vec::new()));
    let size = |list: &Option<Vec<usize>>| list.as_ref().map_or(1, Vec::len).max(1);
    let profiles = size(&roles).saturating_mul(size(&chosen)).saturating_add(size(&except));
    *left = left.saturating_sub(profiles);
    page.profiles = page.profiles.saturating_sub(profiles);
    let (roles, chosen, except) = (roles?, chosen?, except?);
    let is_left = |account: &usize| except.binary_search(account).is_err();
    let accounts: Vec<usize> = chosen.iter().copied().filter(is_left).collect();
    if roles.is_empty() {
        page.problems.warn(line, format!("{whose} reaches nothing: there are no roles"));
    } else if accounts.is_empty() && !chosen.is_empty() {
        let what = format!("{whose} reaches no account: all it names is excepted");
        page.problems.warn(line, what);
    } else if accounts.len() == chosen.len() && !chosen.is_empty() && !except.is_empty() {
        page.problems.warn(line, format!("{whose} excepts accounts that it does not name"));
    } else if !by_tag && !chosen.is_empty() {
        // Tags may well say more than the grant does; who writes a name means something by it.
        for at in except.iter().filter(|at| chosen.binary_search(at).is_err()) {
            let name = &named.accounts[*at].name;
            page.problems.warn(line, format!("{whose} excepts '{name}', which it does not name"));
        }
    }
    Some(Grant { roles, accounts, line })
}

/// The roles that a grant names; none when one of them is unknown.
fn roles(page: &mut Page, entry: Entry<'_>, whose: &str, named: &Named<'_>) -> Option<Vec<usize>> {
    if is_star(entry.value) {
        return Some((0..named.roles.len()).collect());
    }
    let known = || named.roles.iter().map(|role| role.name.as_str());
    indices(page, entry, whose, "role", |name| named.role(name), known)
}

/// The accounts that a grant names.
fn accounts(
    page: &mut Page,
    entry: Entry<'_>,
    whose: &str,
    named: &Named<'_>,
) -> Option<Vec<usize>> {
    if is_star(entry.value) {
        let all: Vec<usize> =
            (0..named.accounts.len()).filter(|at| Some(*at) != named.hub).collect();
        if all.is_empty() {
            page.problems.warn(entry.line, format!("{whose}: there is no account but the hub"));
        }
        return Some(all);
    }
    if let DeValue::Table(_) = entry.value.get_ref() {
        let tags = tags(page, entry, whose)?;
        let mut found = named.tagged(&tags);
        let any = !found.is_empty();
        found.retain(|at| Some(*at) != named.hub);
        if found.is_empty() {
            let shown = shown(&tags);
            let what = if any {
                format!("no account but the hub has {shown}, and that is meant only by its name")
            } else {
                format!("no account has {shown}{}", tag_guess(page, &tags, named))
            };
            page.problems.warn(entry.line, format!("{whose}: {what}"));
        }
        return Some(found);
    }
    by_name(page, entry, whose, named)
}

/// The accounts that a grant leaves out. An exception that is misspelt would grant more than is
/// meant, so one that matches nothing at all is a mistake.
fn exceptions(
    page: &mut Page,
    entry: Entry<'_>,
    whose: &str,
    named: &Named<'_>,
) -> Option<Vec<usize>> {
    if !matches!(entry.value.get_ref(), DeValue::Table(_)) {
        return by_name(page, entry, whose, named);
    }
    let tags = tags(page, entry, whose)?;
    let found = named.tagged(&tags);
    if found.is_empty() {
        let (guess, shown) = (tag_guess(page, &tags, named), shown(&tags));
        page.mistake(entry.line, format!("{whose}: 'except': no account has {shown}{guess}"));
        return None;
    }
    Some(found)
}

fn by_name(
    page: &mut Page,
    entry: Entry<'_>,
    whose: &str,
    named: &Named<'_>,
) -> Option<Vec<usize>> {
    let known = || named.accounts.iter().map(|account| account.name.as_str());
    indices(page, entry, whose, "account", |name| named.account(name), known)
}

/// The indices of what a list names, in order and each once.
fn indices<'n, I: Iterator<Item = &'n str>>(
    page: &mut Page,
    entry: Entry<'_>,
    whose: &str,
    noun: &str,
    index: impl Fn(&str) -> Option<usize>,
    known: impl Fn() -> I,
) -> Option<Vec<usize>> {
    let names = page.strings(entry, whose);
    let mut found = Vec::new();
    let mut all = !names.is_empty();
    for name in &names {
        match index(&name.value) {
            Some(at) => found.push(at),
            None => {
                all = false;
                let text = &name.value;
                let what = if text == "*" && entry.key == "except" {
                    format!("{whose}: with 'except' = \"*\" nothing would be left")
                } else if text == "*" {
                    format!("{whose}: '*' stands alone: write {} = \"*\"", entry.key)
                } else {
                    let guess = page.guess(text, known());
                    format!("{whose}: there is no {noun} '{text}'{guess}")
                };
                page.mistake(name.line, what);
            }
        }
    }
    let named = found.len();
    found.sort_unstable();
    found.dedup();
    if found.len() < named {
        page.problems.warn(entry.line, format!("{whose}: '{}' names one twice", entry.key));
    }
    all.then_some(found)
}

/// The tags of a selection: all of them must match.
fn tags(page: &mut Page, entry: Entry<'_>, whose: &str) -> Option<Vec<(String, String)>> {
    let table = page.table(entry, whose)?;
    let entries = page.entries(table);
    if entries.is_empty() {
        page.mistake(entry.line, format!("{whose}: '{}' names no tag", entry.key));
        return None;
    }
    let mut tags = Some(Vec::new());
    for tag in entries {
        let text = if ["id", "region", "partition"].contains(&tag.key) {
            let what = format!("{whose}: '{}' is no tag, and accounts are chosen by tags", tag.key);
            page.mistake(tag.line, what);
            None
        } else {
            page.text(tag, whose, |_| None)
        };
        match (text, &mut tags) {
            (Some(text), Some(tags)) => tags.push((tag.key.to_owned(), text.value)),
            (None, _) => tags = None,
            (Some(_), None) => {}
        }
    }
    tags
}

fn matches(account: &Account, tags: &[(String, String)]) -> bool {
    tags.iter().all(|(key, value)| account.tags.get(key) == Some(value))
}

/// `env = "prod"`
fn shown(tags: &[(String, String)]) -> String {
    let shown: Vec<String> =
        tags.iter().map(|(key, value)| format!("{key} = \"{value}\"")).collect();
    shown.join(" and ")
}

/// The nearest of the tags that there are, to the first that no account has.
fn tag_guess(page: &mut Page, tags: &[(String, String)], named: &Named<'_>) -> String {
    for (key, value) in tags {
        let all = named.by_tag.keys();
        let values: BTreeSet<&str> =
            all.clone().filter(|(known, _)| known == key).map(|(_, value)| *value).collect();
        if values.is_empty() {
            let keys: BTreeSet<&str> = all.map(|(key, _)| *key).collect();
            return page.guess(key, keys);
        }
        if !values.contains(value.as_str()) {
            return page.guess(value, values);
        }
    }
    String::new()
}

fn is_star(value: &Value<'_>) -> bool {
    matches!(value.get_ref(), DeValue::String(text) if text == "*")
}
