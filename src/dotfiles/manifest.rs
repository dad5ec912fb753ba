//! `robo.toml`: what the company's repo says about itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::files::RepoFiles;
use super::inside;
use super::page::Page;
use crate::error::{Error, Result};
use crate::sys::host::is_host;
use crate::sys::text::{did_you_mean, plain};

/// The manifest's name, at the top of the source's folder.
pub const FILE: &str = "robo.toml";

/// What the manifest says, with the defaults for what it leaves out.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Manifest {
    /// The environment variable that names a person's team.
    pub team_env: String,
    /// The oldest robo that understands this repo.
    pub min_robo_version: Option<String>,
    /// Where the team logs in.
    pub okta: Okta,
    /// Where the AWS configuration is.
    pub aws: Aws,
    /// Who signs the repo's commits.
    pub trust: Trust,
    /// The line of each key that is there, by its dotted name.
    #[serde(skip)]
    lines: BTreeMap<String, usize>,
}

/// `[okta]`
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Okta {
    /// The host name of the company's Okta, such as `acme.okta.com`.
    pub domain: Option<String>,
    /// The AWS app: its id or the path of its embed link.
    pub app: Option<String>,
    /// The client id of the native app that robo is to Okta's Identity Engine.
    pub client_id: Option<String>,
}

/// `[aws]`
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Aws {
    /// The path of a team's config; `{team}` in it is the team's name.
    pub teams: String,
    /// The path of what every team gets.
    pub shared: String,
    /// The path of the catalog.
    pub catalog: String,
}

/// `[trust]`
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Trust {
    /// The path of an allowed-signers file (ssh-keygen(1)).
    pub signers: Option<String>,
    /// The path of a key revocation list.
    pub revoked: Option<String>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            team_env: "SEGMENT_TEAM".to_owned(),
            min_robo_version: None,
            okta: Okta::default(),
            aws: Aws::default(),
            trust: Trust::default(),
            lines: BTreeMap::new(),
        }
    }
}

impl Default for Aws {
    fn default() -> Self {
        Self {
            teams: "aws/teams/{team}.config".to_owned(),
            shared: "aws/shared.config".to_owned(),
            catalog: "aws/catalog.toml".to_owned(),
        }
    }
}

/// Every key there is, by the table it is in; an unknown one is compared with these.
const KEYS: &[(&str, &[&str])] = &[
    ("", &["team_env", "min_robo_version", "okta", "aws", "trust"]),
    ("okta", &["domain", "app", "client_id"]),
    ("aws", &["teams", "shared", "catalog"]),
    ("trust", &["signers", "revoked"]),
];

impl Manifest {
    /// Reads the manifest of a repo; the defaults when it has none. Beside it come warnings
    /// about keys that robo does not know.
    ///
    /// # Errors
    /// When it is not a plain file, is not TOML, holds a value that cannot be right, or asks for
    /// a newer robo: with its line, which is the error's excerpt, and the commit.
    pub fn read(files: &dyn RepoFiles) -> Result<(Self, Vec<String>)> {
        let Some(file) = files.file(FILE)? else {
            return Ok((Self::default(), Vec::new()));
        };
        let place = files.place();
        let text = String::from_utf8(file.bytes).map_err(|cause| {
            Error::failed(format!("{FILE} of {place} is not UTF-8")).because(cause)
        })?;
        Self::parse(&text, &place)
    }

    /// Reads the text of a manifest; `place` says whose it is: `acme/dotfiles at 0123abc`.
    ///
    /// # Errors
    /// As [`Manifest::read`].
    pub fn parse(text: &str, place: &str) -> Result<(Self, Vec<String>)> {
        let page = Page { text, place };
        let table = DeTable::parse(text).map_err(|error| page.toml_error(&error))?;
        let mut lines = BTreeMap::new();
        page.note_lines("", table.get_ref(), &mut lines);
        // First of all: what a newer robo wants may be wrong for this one in any other way, too.
        let wanted = table.get_ref().get("min_robo_version").map(toml::Spanned::get_ref);
        if let Some(DeValue::String(wanted)) = wanted {
            check_version(&page, wanted, lines.get("min_robo_version").copied().unwrap_or(1))?;
        }
        let mut warnings = Vec::new();
        let warn = |path: serde_ignored::Path<'_>| {
            warnings.push(unknown(&path.to_string(), &lines));
        };
        let deserializer = toml::Deserializer::from(table);
        let mut manifest: Self = serde_ignored::deserialize(deserializer, warn)
            .map_err(|error| page.toml_error(&error))?;
        manifest.lines = lines;
        manifest.check(&page)?;
        Ok((manifest, warnings))
    }

    /// The line of `key`, such as `okta.domain`, when it is in the file.
    pub fn line(&self, key: &str) -> Option<usize> {
        self.lines.get(key).copied()
    }

    /// `robo.toml:7` for `key`, or `robo.toml` when it is not in the file.
    pub fn place(&self, key: &str) -> String {
        match self.line(key) {
            Some(line) => format!("{FILE}:{line}"),
            None => FILE.to_owned(),
        }
    }

    fn check(&self, page: &Page<'_>) -> Result<()> {
        let refuse = |key: &str, why: &str| Err(page.error(self.line(key).unwrap_or(1), key, why));
        if !is_variable(&self.team_env) {
            return refuse(
                "team_env",
                "an environment variable has letters, digits and '_', and begins with no digit",
            );
        }
        if self.okta.domain.as_deref().is_some_and(|domain| !is_host(domain)) {
            return refuse("okta.domain", "a domain is a plain host name, such as acme.okta.com");
        }
        if self.aws.teams.matches("{team}").count() != 1 {
            return refuse("aws.teams", "'{team}' must be in it once");
        }
        let paths = [
            ("aws.teams", Some(&self.aws.teams)),
            ("aws.shared", Some(&self.aws.shared)),
            ("aws.catalog", Some(&self.aws.catalog)),
            ("trust.signers", self.trust.signers.as_ref()),
            ("trust.revoked", self.trust.revoked.as_ref()),
        ];
        for (key, path) in paths {
            let Some(path) = path else { continue };
            if let Some(why) = inside::flaw(path) {
                return refuse(key, why);
            }
            if path.ends_with('/') {
                return refuse(key, "it names a folder, not a file");
            }
        }
        Ok(())
    }
}

/// `robo.toml:7: unknown key 'okta.domian' (did you mean 'domain'?)`
fn unknown(path: &str, lines: &BTreeMap<String, usize>) -> String {
    let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
    let known = KEYS.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, keys)| keys);
    let place = match lines.get(path) {
        Some(line) => format!("{FILE}:{line}"),
        None => FILE.to_owned(),
    };
    let guess = did_you_mean(key, known.iter().copied())
        .map(|guess| format!(" ({guess})"))
        .unwrap_or_default();
    format!("{place}: unknown key '{}'{guess}", plain(path))
}

/// Whether this robo is new enough for the repo.
fn check_version(page: &Page<'_>, wanted: &str, line: usize) -> Result<()> {
    let own = env!("CARGO_PKG_VERSION");
    let error = |why: &str| page.error(line, "min_robo_version", why);
    match version(wanted) {
        None => Err(error("a version is written as 1.2.3")),
        Some(parts) if version(own) < Some(parts) => {
            Err(error(&format!("the repo needs robo {wanted}, and this is {own}"))
                .hint("update robo"))
        }
        Some(_) => Ok(()),
    }
}

/// `1.2.3`, `1.2` or `1` as numbers.
fn version(text: &str) -> Option<[u64; 3]> {
    let mut parts = [0; 3];
    for (at, part) in text.split('.').enumerate() {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        *parts.get_mut(at)? = part.parse().ok().filter(|_| digits)?;
    }
    Some(parts)
}

/// POSIX's rule for the names of environment variables (XBD 8.1), with small letters as well.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(Manifest, Vec<String>)> {
        Manifest::parse(text, "acme/dotfiles at 0123abc")
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let (manifest, warnings) = parse("").unwrap();
        assert_eq!(manifest, Manifest::default());
        assert_eq!(warnings, [""; 0]);
        let (manifest, _) = parse("[aws]\nshared = 'x'\n").unwrap();
        assert_eq!(manifest.aws.shared, "x");
        assert_eq!(manifest.aws.teams, "aws/teams/{team}.config");
        assert_eq!(manifest.team_env, "SEGMENT_TEAM");
    }

    #[test]
    fn every_key_is_read_and_has_its_line() {
        let text = "team_env = \"ACME_TEAM\"\nmin_robo_version = \"0.0.9\"\n\n[okta]\ndomain = \"acme.okta.com:8443\"\napp = \"home/amazon_aws/x/272\"\nclient_id = \"0oa1\"\n\n[aws]\nteams = \"aws/{team}/config\"\nshared = \"s\"\ncatalog = \"c\"\n\n[trust]\nsigners = \"keys/allowed\"\nrevoked = \"keys/revoked\"\n";
        let (manifest, warnings) = parse(text).unwrap();
        assert_eq!(warnings, [""; 0]);
        assert_eq!(manifest.team_env, "ACME_TEAM");
        assert_eq!(manifest.okta.domain.as_deref(), Some("acme.okta.com:8443"));
        assert_eq!(manifest.okta.app.as_deref(), Some("home/amazon_aws/x/272"));
        assert_eq!(manifest.okta.client_id.as_deref(), Some("0oa1"));
        assert_eq!(manifest.aws.teams, "aws/{team}/config");
        assert_eq!((manifest.aws.shared.as_str(), manifest.aws.catalog.as_str()), ("s", "c"));
        assert_eq!(manifest.trust.signers.as_deref(), Some("keys/allowed"));
        assert_eq!(manifest.trust.revoked.as_deref(), Some("keys/revoked"));
        assert_eq!(manifest.line("okta.domain"), Some(5));
        assert_eq!(manifest.place("okta.client_id"), "robo.toml:7");
        assert_eq!(manifest.place("okta.nothing"), "robo.toml");
    }

    #[test]
    fn an_unknown_key_is_a_warning_with_its_line_at_every_level() {
        let cases = [
            ("team_evn = 'x'", "robo.toml:1: unknown key 'team_evn' (did you mean 'team_env'?)"),
            (
                "\n[okta]\ndomian = 'x'",
                "robo.toml:3: unknown key 'okta.domian' (did you mean 'domain'?)",
            ),
            ("[okto]\ndomain = 'x'", "robo.toml:1: unknown key 'okto' (did you mean 'okta'?)"),
            ("aws.zzzzzzzz.deep = 1", "robo.toml:1: unknown key 'aws.zzzzzzzz'"),
            ("[[extra]]\na = 1", "robo.toml:1: unknown key 'extra'"),
            ("\n\n\"a\\u001bb\" = 1", "robo.toml:3: unknown key 'a\\u{1b}b'"),
        ];
        for (text, want) in cases {
            let (_, warnings) = parse(text).unwrap();
            assert_eq!(warnings, [want], "{text}");
        }
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_its_line() {
        let cases = [
            ("a = 1\nb = ", "robo.toml:2 "),
            ("\n[okta]\ndomain = 7", "robo.toml:3 "),
            ("okta = 'x'", "robo.toml:1 "),
            ("team_env = '1X'", "'team_env'"),
            ("team_env = ''", "'team_env'"),
            ("team_env = 'A-B'", "'team_env'"),
            ("min_robo_version = 'new'", "1.2.3"),
            ("min_robo_version = '1.2.3.4'", "1.2.3"),
            ("min_robo_version = '+1'", "1.2.3"),
            (
                "[aws]\nteams = 'aws/team.config'",
                "robo.toml:2 of acme/dotfiles at 0123abc: 'aws.teams'",
            ),
            ("[aws]\nteams = '{team}/{team}'", "once"),
            ("[aws]\nteams = '../{team}'", "leaves"),
            ("[aws]\nshared = '/etc/passwd'", "begin"),
            ("[aws]\nshared = 'a//b'", "empty part"),
            ("[aws]\nshared = ''", "empty"),
            ("[aws]\nshared = 'a/'", "folder"),
            ("[aws]\ncatalog = 'a\\b'", "between"),
            ("[trust]\nsigners = \"a\\u0007\"", "control"),
            ("[trust]\nrevoked = 'a/../../b'", "leaves"),
        ];
        for (text, want) in cases {
            let error = parse(text).expect_err(text);
            assert!(error.message().contains(want), "{text}: {error}");
            assert!(error.message().contains("acme/dotfiles at 0123abc"), "{text}: {error}");
            let line = text.lines().count();
            let last = text.lines().last().unwrap();
            assert_eq!(error.excerpt_text(), Some(format!("{line} | {last}").as_str()), "{text}");
        }
    }

    #[test]
    fn an_okta_domain_is_a_plain_host_name() {
        for good in ["acme.okta.com", "ACME.okta-emea.com", "127.0.0.1:8443", "localhost"] {
            assert!(parse(&format!("okta.domain = '{good}'")).is_ok(), "{good}");
        }
        let bad = [
            "",
            "https://acme.okta.com",
            "acme.okta.com/",
            "jo@acme.okta.com",
            "a b",
            "a..b",
            "-a.b",
            "a.b:",
            "a.b:x",
            "a.b:99999",
            "a.b:1:2",
            "äcme.okta.com",
            "a.b?x",
            "a.b.",
        ];
        for bad in bad {
            let error = parse(&format!("okta.domain = '{bad}'")).expect_err(bad);
            assert!(error.message().contains("robo.toml:1"), "{error}");
        }
    }

    #[test]
    fn a_repo_for_a_newer_robo_says_update() {
        let error = parse("okta = 'new'\nmin_robo_version = '99.0'").unwrap_err();
        assert!(error.message().contains("needs robo 99.0"), "{error}");
        assert_eq!(error.hints(), ["update robo"]);
        assert!(parse(&format!("min_robo_version = '{}'", env!("CARGO_PKG_VERSION"))).is_ok());
        assert!(version("0.10") > version("0.9.9"));
    }
}
