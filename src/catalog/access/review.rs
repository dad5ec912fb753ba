//! How changes of access are shown, by team.

use crate::catalog::access::Record;
use crate::catalog::access::changes::{Change, Changes};
use crate::catalog::access::{markdown, table};
use crate::sys::text::{count, plain};

impl Changes {
    /// For a person at a terminal. `since` names the commit.
    pub fn table(&self, since: &str) -> String {
        if self.is_empty() {
            return format!("No access changed since {}.\n", plain(since));
        }
        let mut text = String::new();
        for team in self.teams() {
            text.push_str(&format!("{}\n", plain(team)));
            let lines = self.of(team).map(|(sign, record)| {
                let [account, id, role, policies] = cells(record);
                let place = record.granted_at.join(" ");
                vec![format!("  {sign} {role}"), account, id, policies, place]
            });
            text.push_str(&table::columns(&lines.collect::<Vec<_>>()));
        }
        for change in &self.changed {
            let teams = change.teams.join(", ");
            text.push_str(&format!("{}\n  touches {}\n", plain(&said(change)), plain(&teams)));
        }
        text.push_str(&format!("{} since {}.\n", self.summary(), plain(since)));
        text
    }

    /// For a comment on a pull request.
    pub fn markdown(&self, since: &str) -> String {
        let since = markdown::escaped(since);
        if self.is_empty() {
            return format!("## Changed access\n\nNo access changed since {since}.\n");
        }
        let mut text = format!("## Changed access\n\n{} since {since}.\n", self.summary());
        for team in self.teams() {
            text.push_str(&format!("\n### {}\n\n", markdown::escaped(team)));
            let rows = self.of(team).map(|(sign, record)| {
                let [account, id, role, policies] = cells(record);
                let word = if sign == '+' { "added" } else { "removed" };
                vec![word.to_owned(), role, account, id, policies, record.granted_at.join(" ")]
            });
            let head = ["", "role", "account", "id", "policies", "granted at"];
            text.push_str(&markdown::table(&head.map(str::to_owned), rows));
        }
        if !self.changed.is_empty() {
            text.push_str("\n### Changed\n\n");
            let head = ["what", "before", "after", "touches"].map(str::to_owned);
            let rows = self.changed.iter().map(|change| {
                let what = format!("{} {}: {}", change.of, change.name, change.what);
                let teams = change.teams.join(", ");
                vec![what, change.before.clone(), change.after.clone(), teams]
            });
            text.push_str(&markdown::table(&head, rows));
        }
        text
    }

    fn summary(&self) -> String {
        let (added, removed) = (self.added.len(), self.removed.len());
        format!("{added} added, {removed} removed, {} changed", self.changed.len())
    }

    /// The teams that gain or lose something, each once, in the order of the catalogue; those
    /// that are gone come last.
    fn teams(&self) -> Vec<&str> {
        let mut teams: Vec<&str> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for record in self.added.iter().chain(&self.removed) {
            if known.insert(&record.team) {
                teams.push(&record.team);
            }
        }
        teams
    }

    fn of<'a>(&'a self, team: &'a str) -> impl Iterator<Item = (char, &'a Record)> {
        let added = self.added.iter().map(|record| ('+', record));
        let removed = self.removed.iter().map(|record| ('-', record));
        added.chain(removed).filter(move |(_, record)| record.team == team)
    }
}

fn cells(record: &Record) -> [String; 4] {
    let mut policies = record.policies.clone();
    if !record.statements.is_empty() {
        policies.push(count(record.statements.len(), "own statement"));
    }
    [
        record.account.clone(),
        record.account_id.clone(),
        record.role.clone().unwrap_or_else(|| "hub".to_owned()),
        policies.join(", "),
    ]
}

/// `role readonly: policies was ReadOnlyAccess, is AdministratorAccess`
fn said(change: &Change) -> String {
    let or_nothing = |text: &str| if text.is_empty() { "nothing" } else { text }.to_owned();
    format!(
        "{} {}: {} was {}, is {}",
        change.of,
        change.name,
        change.what,
        or_nothing(&change.before),
        or_nothing(&change.after)
    )
}
