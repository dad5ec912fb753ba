//! The table of rules: what each is called, how bad it is, what it is for, and who looks.

use crate::lint::finding::{Findings, Severity};
use crate::lint::layers::Composed;
use crate::lint::repo::{ConfigFile, Repo};
use crate::lint::{catalogue, configs, files, tasks, teams};
use crate::sys::text::did_you_mean;

/// A rule.
pub struct Rule {
    /// Its name, which never changes: `--allow` and programs go by it.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub about: &'static str,
    pub(super) look: Look,
}

/// What a rule looks at.
pub(super) enum Look {
    /// Found while a file is read.
    Reading,
    /// The repo as a whole.
    Repo(fn(&Repo<'_>, &mut Findings)),
    /// One hand-written file of AWS config.
    Config(fn(&Repo<'_>, &ConfigFile, &mut Findings)),
    /// All layers of a team upon each other.
    Team(fn(&Repo<'_>, &Composed, &mut Findings)),
}

const fn error(code: &'static str, about: &'static str, look: Look) -> Rule {
    Rule { code, severity: Severity::Error, about, look }
}

const fn warning(code: &'static str, about: &'static str, look: Look) -> Rule {
    Rule { code, severity: Severity::Warning, about, look }
}

use Look::{Config, Reading, Team};

/// Every rule there is.
pub const RULES: &[Rule] = &[
    // The files.
    error("unreadable-file", "a file that robo cannot read, or that is too large", Reading),
    error("symbolic-link", "a symbolic link where robo reads none", Look::Repo(files::links)),
    error("robo-toml", "a mistake in robo.toml", Reading),
    warning("unknown-setting", "a key of robo.toml that robo does not know", Reading),
    warning(
        "missing-file",
        "a file that robo.toml names and that is not there",
        Look::Repo(files::missing),
    ),
    error("signers", "a file of signers with a line that is none, or with none at all", Reading),
    error("unsigned", "a commit that its signers did not sign (with --signed)", Reading),
    error("team-name", "a team whose name is none", Reading),
    error("no-team", "a repo without any team", Look::Repo(files::no_team)),
    // The catalogue.
    error("catalog", "a mistake in the catalogue", Reading),
    warning("catalog-warning", "something odd in the catalogue", Reading),
    warning(
        "unreachable-grant",
        "a grant that reaches no account, or one in another partition",
        Reading,
    ),
    warning(
        "redundant-grant",
        "a grant that gives nothing which another does not give",
        Look::Repo(catalogue::redundant_grants),
    ),
    warning(
        "not-granted",
        "a hand-written role that the catalogue does not grant to the team",
        Look::Repo(catalogue::not_granted),
    ),
    // The files of AWS config, each by itself.
    error("config-syntax", "a line that a reader fails on", Config(configs::syntax)),
    error("config-ambiguous", "a line that readers disagree about", Config(configs::ambiguous)),
    error(
        "duplicate-profile",
        "a profile twice in a file, in whatever spelling",
        Config(configs::profile_again),
    ),
    error("duplicate-section", "another section twice in a file", Config(configs::section_again)),
    error("duplicate-key", "a key twice in a section", Config(configs::key_again)),
    warning("inline-comment", "a comment behind a value", Config(configs::inline_comments)),
    warning("odd-name", "a name that some readers pass over", Config(configs::odd_names)),
    warning(
        "control-characters",
        "a comment with control characters, which is left out",
        Config(configs::steering_comments),
    ),
    warning("unknown-section", "a section that no reader knows", Config(configs::sections)),
    warning("unknown-key", "a key that no reader knows", Config(configs::keys)),
    error("malformed-arn", "a role_arn that is not the ARN of a role", Config(configs::arns)),
    error(
        "unknown-account",
        "a role in an account that the catalogue lacks",
        Config(configs::accounts),
    ),
    error(
        "wrong-partition",
        "a role in another partition than its account's, or than the role it is assumed with",
        Team(teams::partitions),
    ),
    error("session-length", "a session that AWS does not give", Config(configs::sessions)),
    error("sign-in-host", "an Okta host or app that is written wrong", Config(configs::hosts)),
    warning("held-back", "a key that people have to consent to", Config(configs::held_back)),
    // What a team gets, all layers upon each other.
    error("missing-source", "a source_profile that is not there", Team(teams::missing_sources)),
    error("source-cycle", "a source_profile that leads in a circle", Team(teams::cycles)),
    warning(
        "no-role",
        "a profile without a role in a team of the catalogue",
        Team(teams::without_role),
    ),
    error("no-okta-app", "a profile that signs in, and no Okta app for it", Team(teams::apps)),
    error(
        "chained-session",
        "more than 1 h for a role that another role assumes",
        Team(teams::chained_sessions),
    ),
    error("wrong-region", "a region that is none, or of another partition", Team(teams::regions)),
    // The tasks.
    error("task-syntax", "a task file that does not parse", Reading),
    warning("task-warning", "something odd in a task file", Reading),
    error("missing-script", "a script that a task names and the repo has not", {
        Look::Repo(tasks::scripts)
    }),
    warning("template-script", "a script outside tasks/ whose path a template makes", {
        Look::Repo(tasks::template_scripts)
    }),
    warning("empty-task", "a task or a step that has nothing to run", Look::Repo(tasks::empty)),
    warning("hidden-task", "a task with the name of one of robo's own commands", {
        Look::Repo(tasks::hidden)
    }),
    warning("unknown-variable", "a variable that a text uses and that is not there", {
        Look::Repo(tasks::variables)
    }),
    warning("unknown-profile", "a profile of a task that no team has", Look::Repo(tasks::profiles)),
    warning("orphan-tasks", "tasks of a team that is not there", Look::Repo(tasks::orphans)),
    error("too-many-files", "more files of tasks than robo takes over", Look::Repo(tasks::size)),
];

/// How bad what the rule `code` finds is.
pub(super) fn severity(code: &str) -> Severity {
    find(code).map_or(Severity::Error, |rule| rule.severity)
}

/// The rule of that name.
pub fn find(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// The names of rules that somebody who typed `code` may have meant, as a question.
pub fn nearest(code: &str) -> Option<String> {
    did_you_mean(code, RULES.iter().map(|rule| rule.code))
}
