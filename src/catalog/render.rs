//! A team's AWS config, as the catalogue has it.

use std::fmt::Write as _;

use crate::catalog::Catalog;
use crate::catalog::model::{Account, Team};
use crate::catalog::partition;
use crate::catalog::reach::pairs;
use crate::config::section::SectionId;

/// What stands above the hub's profile in people's files.
const HUB_COMMENT: &str = "the hub: everything else is reached through it";

/// The text of a team's config, and where each of its lines comes from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rendering {
    /// The text. It means the same to every tool that reads `~/.aws/config`.
    pub text: String,
    /// The line of the catalogue that each line of the text is made from.
    pub lines: Vec<usize>,
}

impl Rendering {
    fn line(&mut self, from: usize, text: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "{text}");
        self.lines.push(from);
    }

    fn section(&mut self, from: usize, comment: &str, id: &SectionId) {
        if !self.text.is_empty() {
            self.line(from, format_args!(""));
        }
        if !comment.is_empty() {
            self.line(from, format_args!("# {comment}"));
        }
        self.line(from, format_args!("[{id}]"));
    }
}

impl Catalog {
    /// A team's AWS config: `[okta]`, the hub's profile, and one for each role that the team can
    /// get into, in the order of [`Catalog::reach`]. What changes in one account or role changes
    /// the profiles of that alone.
    pub fn render(&self, team: &Team) -> Vec<u8> {
        self.rendering(team).text.into_bytes()
    }

    /// The same, with the line of the catalogue that each line is made from.
    pub fn rendering(&self, team: &Team) -> Rendering {
        self.rendering_of(team, pairs(team).map(|(account, role, _)| (account, role)))
    }

    /// A part of the same: what is before the profiles, and those of these roles in these accounts,
    /// by their indices in [`Catalog::accounts`] and [`Catalog::roles`].
    pub fn rendering_of(
        &self,
        team: &Team,
        pairs: impl IntoIterator<Item = (usize, usize)>,
    ) -> Rendering {
        let mut out = Rendering::default();
        self.render_okta(&mut out);
        self.render_hub(&mut out, team);
        let hub = &self.hub.profile.value;
        for (account, role) in pairs {
            let (account, role) = (&self.accounts[account], &self.roles[role]);
            let id = SectionId::profile(&self.profile_name(account, role));
            out.section(account.line, "", &id);
            out.line(self.hub.profile.line, format_args!("source_profile = {hub}"));
            out.line(account.line, format_args!("role_arn = {}", self.role_arn(account, role)));
            if let Some((region, line)) = self.region(account) {
                out.line(line, format_args!("region = {region}"));
            }
            if let Some(session) = &role.session {
                let text = &session.value.text;
                out.line(session.line, format_args!("assume_role_ttl = {text}"));
            }
        }
        out
    }

    /// What the catalogue says to everybody, be they in a team of its or not: `[okta]`.
    pub fn rendering_for_all(&self) -> Rendering {
        let mut out = Rendering::default();
        self.render_okta(&mut out);
        out
    }

    fn render_okta(&self, out: &mut Rendering) {
        let okta = &self.okta;
        let values = [
            ("okta_domain", &okta.domain),
            ("aws_saml_url", &okta.app),
            ("okta_client_id", &okta.client_id),
        ];
        let said: Vec<_> =
            values.iter().filter_map(|(key, said)| Some((key, said.as_ref()?))).collect();
        if let Some((_, first)) = said.first() {
            out.section(first.line, "", &SectionId::plain("okta"));
        }
        for (key, said) in said {
            out.line(said.line, format_args!("{key} = {}", said.value));
        }
    }

    fn render_hub(&self, out: &mut Rendering, team: &Team) {
        let hub = self.hub_account();
        out.section(team.line, HUB_COMMENT, &SectionId::profile(&self.hub.profile.value));
        let arn = self.hub_role_arn(team);
        out.line(team.hub_role.line, format_args!("role_arn = {arn}"));
        if let Some((region, line)) = self.region(hub) {
            out.line(line, format_args!("region = {region}"));
        }
        if let Some(session) = &self.hub.session {
            out.line(session.line, format_args!("session_ttl = {}", session.value.text));
        }
    }

    /// The region of an account, and where it is said: its own, or everybody's if that is one of
    /// its partition.
    fn region<'a>(&'a self, account: &'a Account) -> Option<(&'a str, usize)> {
        let everybodys = self.naming.region.as_ref();
        let fits = everybodys
            .filter(|region| partition::of_region(&region.value) == Some(account.partition));
        account.region.as_ref().or(fits).map(|region| (region.value.as_str(), region.line))
    }
}
