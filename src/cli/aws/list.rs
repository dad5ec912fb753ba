//! `aws.list`: the profiles in your AWS config.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::app::App;
use crate::cli::aws::refused;
use crate::cli::{Exit, json};
use crate::config::arn::RoleArn;
use crate::config::base::BaseStore;
use crate::config::credentials;
use crate::config::mask::masked;
use crate::config::plan::Mine;
use crate::config::profiles::{Profile, Profiles};
use crate::config::sdk;
use crate::config::section::SectionId;
use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::error::Result;
use crate::ini::Document;
use crate::ui::{shown, styles};

/// List the profiles of your AWS config: their roles, accounts, regions, and what is wrong
///
/// A profile is the team's if 'aws.config' put it there, else yours. Roles are listed from the
/// one that Okta's SAML assertion gives to the profile's own.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print them as JSON on stdout
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let target = Target::find(&app.env)?;
    let content = target.read()?;
    let base = BaseStore::new(&app.folders()?.state, &target).load(content.as_deref());
    let base = base.unwrap_or_else(|error| {
        app.ui.warn(&format!("{error}; going on as if all profiles were yours"));
        None
    });
    let base = base.map(|base| base.config).unwrap_or_default();
    let team = Tree::read(&Document::parse(base), "");
    let mine = Mine::read(content.unwrap_or_default(), target.shown());
    let profiles = Profiles::read(mine.document())
        .map_err(|refusal| refused(&target, mine.document(), &refusal))?;
    for (line, header) in profiles.ignored() {
        app.ui.warn(&format!(
            "{}:{line}: [{header}]: the AWS SDKs take no profile of this name",
            target.shown()
        ));
    }
    let elsewhere = credentials::profile_names(&app.env);
    let lister = Lister { profiles: &profiles, mine: &mine, team: &team, elsewhere: &elsewhere };
    let rows: Vec<Row> = profiles.list().iter().map(|profile| lister.row(profile)).collect();
    if args.json {
        app.ui.product(&json::render(&rows)?)?;
    } else if rows.is_empty() {
        app.ui.say(format_args!(
            "There are no profiles in {}; 'robo aws.config' fetches your team's.",
            target.shown()
        ));
    } else {
        app.ui.table(&table(&rows))?;
    }
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Row {
    name: String,
    role_chain: Vec<Role>,
    region: Option<String>,
    account_id: Option<String>,
    aws_saml_url: Option<String>,
    from: &'static str,
    problems: Vec<String>,
    properties: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Role {
    role_arn: String,
    via: &'static str,
    profile: String,
}

struct Lister<'a> {
    profiles: &'a Profiles,
    mine: &'a Mine,
    team: &'a Tree,
    elsewhere: &'a HashSet<String>,
}

impl Lister<'_> {
    fn row(&self, profile: &Profile) -> Row {
        let id = SectionId::profile(&profile.name);
        let mut problems: Vec<String> = Vec::new();
        let troubles = self.mine.tree().troubles().iter();
        for trouble in troubles.filter(|trouble| trouble.section.as_ref() == Some(&id)) {
            problems.push(format!("line {}: {}", trouble.place.line, trouble.what));
        }
        let units = self.mine.tree().get(&id).map_or(&[][..], |section| &section.units);
        for unit in units.iter().filter(|unit| sdk::uncommented(&unit.value, true) != unit.value) {
            problems.push(format!(
                "line {}: the AWS CLI takes the comment for a part of '{}'",
                unit.place.line, unit.key
            ));
        }
        if profile.quoted {
            problems.push("its name is in quotes: only the AWS CLI finds it".to_owned());
        }
        let chain = self.profiles.chain(&profile.name, |name| self.elsewhere.contains(name));
        let chain = chain.unwrap_or_else(|error| {
            problems.push(error.to_string());
            vec![profile]
        });
        let lookup =
            |key: &str| self.profiles.lookup(&chain, key).map(|found| found.value.to_owned());
        let role_chain = self.roles(&chain, &mut problems);
        let saml = role_chain.first().is_some_and(|role| role.via == "saml");
        let aws_saml_url = lookup("aws_saml_url");
        if saml && aws_saml_url.is_none() {
            problems.push("no aws_saml_url: there is no Okta app to sign in to".to_owned());
        }
        let own = |key: &str| profile.properties.get(key).cloned();
        let account_id = role_chain
            .last()
            .and_then(|role| RoleArn::parse(&role.role_arn))
            .map(|arn| arn.account.to_owned())
            .or_else(|| own("sso_account_id"));
        Row {
            name: profile.name.clone(),
            role_chain,
            region: lookup("region"),
            account_id,
            aws_saml_url,
            from: if self.team.get(&id).is_some() { "team" } else { "mine" },
            problems,
            properties: profile
                .properties
                .iter()
                .map(|(key, value)| (key.clone(), masked(key, value).into_owned()))
                .collect(),
        }
    }

    /// The roles of a chain, each with how it is reached.
    fn roles(&self, chain: &[&Profile], problems: &mut Vec<String>) -> Vec<Role> {
        let mut roles: Vec<Role> = Vec::new();
        for (index, profile) in chain.iter().enumerate() {
            let Some(role_arn) = profile.properties.get("role_arn") else { continue };
            if RoleArn::parse(role_arn).is_none() {
                problems.push(format!("role_arn is not the ARN of an IAM role: {role_arn}"));
            }
            let own_credentials = profile.own_credentials().is_some();
            let outside = profile
                .properties
                .get("source_profile")
                .is_some_and(|source| self.elsewhere.contains(source));
            let first = index == 0 && !own_credentials && !outside;
            roles.push(Role {
                role_arn: role_arn.clone(),
                via: if first { "saml" } else { "assume-role" },
                profile: profile.name.clone(),
            });
        }
        roles
    }
}

fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 5]> = rows.iter().map(cells).collect();
    let heads = ["PROFILE", "ACCOUNT", "REGION", "FROM", "ROLES"];
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let longest = cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
            longest.max(heads[column].len())
        })
        .collect();
    let mut out = String::new();
    let (dim, bold, yellow) = (styles::DIM, styles::BOLD, styles::WARNING);
    let mut line = |cells: [&str; 5], name_style: anstyle::Style| {
        let padding = widths[0].saturating_sub(cells[0].chars().count());
        let _ = write!(out, "{name_style}{}{name_style:#}{:padding$}", cells[0], "");
        for column in 1..4 {
            let _ = write!(out, "  {:1$}", cells[column], widths[column]);
        }
        let _ = writeln!(out, "  {}", cells[4]);
    };
    line(heads, dim);
    for row in &cells {
        line([&row[0], &row[1], &row[2], &row[3], &row[4]], bold);
    }
    for row in rows {
        for problem in &row.problems {
            let (name, problem) = (shown(&row.name), shown(problem));
            let _ = writeln!(out, "{yellow}{name}:{yellow:#} {problem}");
        }
    }
    out
}

fn cells(row: &Row) -> [String; 5] {
    let or_dash = |text: &Option<String>| text.as_deref().map_or("-".to_owned(), shown);
    let roles: Vec<String> = row
        .role_chain
        .iter()
        .map(|role| {
            RoleArn::parse(&role.role_arn)
                .map_or_else(|| shown(&role.role_arn), |arn| arn.name.to_owned())
        })
        .collect();
    [
        shown(&row.name),
        or_dash(&row.account_id),
        or_dash(&row.region),
        if row.from == "team" { "team" } else { "you" }.to_owned(),
        if roles.is_empty() { "-".to_owned() } else { roles.join(" > ") },
    ]
}
