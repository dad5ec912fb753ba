//! Who has access to what: what a catalogue grants, one role of one team in one account a row.
//!
//! | file | knows |
//! | --- | --- |
//! | [`changes`] | what access changed between two catalogues |
//! | [`choice`] | `--team`, `--account`, `--role` |
//! | [`handwritten`] | profiles of hand-written files that the catalogue does not grant |
//! | `table`, `csv`, `markdown`, `html` | how it is shown; JSON is [`Record`] as it stands |
//! | `review` | how changes are shown |
//!
//! A team also has its role in the hub: what it may do there by itself is access like any other,
//! and it is the way to everything else.

pub mod changes;
pub mod choice;
mod csv;
pub mod handwritten;
mod html;
mod markdown;
mod matrix;
mod review;
mod table;

use serde::Serialize;

use self::choice::Choice;
use self::handwritten::NotGranted;
use crate::catalog::{Account, Catalog, Policy, Role, Team};

/// All access that a choice leaves, in the order of the catalogue.
#[derive(Debug)]
pub struct Access<'a> {
    catalog: &'a Catalog,
    rows: Vec<Row<'a>>,
    not_granted: Vec<NotGranted>,
    teams: Vec<&'a Team>,
    accounts: Vec<&'a Account>,
}

/// One role of one team in one account.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Who.
    pub team: &'a Team,
    /// Where.
    pub account: &'a Account,
    /// What.
    pub what: What<'a>,
}

/// What a team has in an account.
#[derive(Clone, Debug)]
pub enum What<'a> {
    /// Its own role in the hub.
    Hub,
    /// A role of the catalogue's.
    Role {
        /// The role.
        role: &'a Role,
        /// The lines of the grants that give it.
        lines: Vec<usize>,
    },
}

/// A row for programs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Record {
    team: String,
    okta_group: String,
    account: String,
    account_id: String,
    partition: String,
    /// None for the team's own role in the hub.
    role: Option<String>,
    role_arn: String,
    hub_role_arn: String,
    policies: Vec<String>,
    statements: Vec<serde_json::Value>,
    session: Option<String>,
    profile: String,
    granted_at: Vec<String>,
}

/// The answer for programs.
#[derive(Serialize)]
struct Answer<'a> {
    access: Vec<Record>,
    not_granted: &'a [NotGranted],
}

impl<'a> Access<'a> {
    /// What `catalog` grants, as far as `choice` asks for it. `not_granted` is what hand-written
    /// files name beside it.
    pub fn of(catalog: &'a Catalog, not_granted: Vec<NotGranted>, choice: &Choice) -> Self {
        let mut rows = Vec::new();
        for team in catalog.teams().iter().filter(|team| choice.has_team(&team.name)) {
            let hub = catalog.hub_account();
            if choice.has_account(hub) && choice.has_hub_roles() {
                rows.push(Row { team, account: hub, what: What::Hub });
            }
            for reach in catalog.within_partition(team) {
                let (account, role) = (reach.account, reach.role);
                if choice.has_account(account) && choice.has_role(&role.name) {
                    let lines = reach.grants.iter().map(|grant| team.grants[*grant].line).collect();
                    rows.push(Row { team, account, what: What::Role { role, lines } });
                }
            }
        }
        let not_granted =
            not_granted.into_iter().filter(|found| choice.has_profile(catalog, found)).collect();
        let teams = catalog.teams().iter().filter(|team| choice.has_team(&team.name)).collect();
        let accounts =
            catalog.accounts().iter().filter(|account| choice.has_account(account)).collect();
        Self { catalog, rows, not_granted, teams, accounts }
    }

    /// The rows.
    pub fn rows(&self) -> &[Row<'a>] {
        &self.rows
    }

    /// What hand-written files name without a grant.
    pub fn not_granted(&self) -> &[NotGranted] {
        &self.not_granted
    }

    /// For a person at a terminal: a matrix where it is small enough and nothing was chosen, else
    /// the list.
    pub fn table(&self, everything: bool) -> String {
        table::render(self, everything)
    }

    /// For a spreadsheet: RFC 4180, without anything that it would take for a formula.
    pub fn csv(&self) -> String {
        csv::render(self)
    }

    /// For a page of documentation or a pull request.
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// A page of its own that needs nothing from anywhere.
    pub fn html(&self) -> String {
        html::render(self)
    }

    /// For programs.
    pub fn answer(&self) -> impl Serialize + '_ {
        let access = self.rows.iter().map(|row| row.record(self.catalog)).collect();
        Answer { access, not_granted: &self.not_granted }
    }

    /// `2 teams reach 3 roles in 2 accounts`, as all formats begin.
    fn summary(&self) -> String {
        use crate::sys::text::count;
        let reached = self.rows.iter().filter(|row| row.role().is_some()).count();
        format!(
            "{} and {} of {}: {} reached",
            count(self.teams.len(), "team"),
            count(self.accounts.len(), "account"),
            self.catalog.file(),
            count(reached, "role"),
        )
    }
}

impl<'a> Row<'a> {
    /// The role, unless it is the team's own in the hub.
    pub fn role(&self) -> Option<&'a Role> {
        match self.what {
            What::Hub => None,
            What::Role { role, .. } => Some(role),
        }
    }

    /// `admin`, or `hub` for the team's own role there.
    fn role_name(&self) -> &'a str {
        self.role().map_or("hub", |role| &role.name)
    }

    /// The role's ARN.
    pub fn role_arn(&self, catalog: &Catalog) -> String {
        match self.what {
            What::Hub => catalog.hub_role_arn(self.team),
            What::Role { role, .. } => catalog.role_arn(self.account, role),
        }
    }

    fn policies(&self) -> Vec<&'a str> {
        let policies: &'a [Policy] = match self.what {
            What::Hub => &self.team.hub_policies,
            What::Role { role, .. } => &role.policies,
        };
        policies.iter().map(|policy| policy.text.as_str()).collect()
    }

    /// The policies, and that there are statements beside them; for people.
    fn may(&self) -> String {
        let mut may: Vec<String> = self.policies().into_iter().map(str::to_owned).collect();
        let own = self.statements().len();
        if own > 0 {
            may.push(crate::sys::text::count(own, "own statement"));
        }
        may.join(", ")
    }

    fn statements(&self) -> Vec<&'a serde_json::Value> {
        match self.what {
            What::Hub => self.team.hub_statements.iter().map(|said| &said.value).collect(),
            What::Role { .. } => Vec::new(),
        }
    }

    fn session(&self, catalog: &'a Catalog) -> Option<&'a str> {
        let session = match self.what {
            What::Hub => catalog.hub().session.as_ref(),
            What::Role { role, .. } => role.session.as_ref(),
        };
        session.map(|said| said.value.text.as_str())
    }

    fn profile(&self, catalog: &Catalog) -> String {
        match self.what {
            What::Hub => catalog.hub().profile.value.clone(),
            What::Role { role, .. } => catalog.profile_name(self.account, role),
        }
    }

    fn granted_at(&self, catalog: &Catalog) -> Vec<String> {
        match &self.what {
            What::Hub => vec![catalog.place(self.team.line)],
            What::Role { lines, .. } => lines.iter().map(|line| catalog.place(*line)).collect(),
        }
    }

    fn record(&self, catalog: &Catalog) -> Record {
        Record {
            team: self.team.name.clone(),
            okta_group: self.team.okta_group.value.clone(),
            account: self.account.name.clone(),
            account_id: self.account.id.clone(),
            partition: self.account.partition.to_owned(),
            role: self.role().map(|role| role.name.clone()),
            role_arn: self.role_arn(catalog),
            hub_role_arn: catalog.hub_role_arn(self.team),
            policies: self.policies().into_iter().map(str::to_owned).collect(),
            statements: self.statements().into_iter().cloned().collect(),
            session: self.session(catalog).map(str::to_owned),
            profile: self.profile(catalog),
            granted_at: self.granted_at(catalog),
        }
    }
}
