//! The `git` program: what it is told, and what it inherits.
//!
//! The network is git's own, so that ~/.ssh/config, agents, security keys, credential helpers
//! and proxies work as they do for the person. Nothing in the environment or the configuration
//! may lead it elsewhere than to the clone, make it run a hook, or make it ask where nobody is.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::child::{self, Outcome};
use super::repo::Person;
use super::source::Source;
use crate::error::Result;
use crate::sys::env::Env;
use crate::sys::lock::Lock;

/// git, set up for one bare clone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Git<'a> {
    pub(super) env: &'a Env,
    pub(super) person: Person,
    pub(super) folder: &'a Path,
    /// How long git may take when nobody is there to see it hang.
    pub(super) limit: Duration,
}

/// How much of the history comes with a commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Depth {
    /// None of it.
    Tip,
    /// All that is younger than what is here already.
    Since,
    /// All of it, also what was left out before.
    Whole,
}

/// Variables that would lead git to another repo, or make it write its secrets somewhere: those
/// of `git rev-parse --local-env-vars`, but for the configuration that a person or a CI system
/// hands down, and what git(1) lists beside them.
const REMOVED: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CONFIG",
    "GIT_GRAFT_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TEMPLATE_DIR",
    "GIT_PROTOCOL_FROM_USER",
    "GIT_CURL_VERBOSE",
    "LANGUAGE",
];

/// The protocols that a [`Source`] can name; git must not be led to another by a redirect, an
/// `insteadOf` or a default.
const PROTOCOLS: &[&str] = &["file", "git", "http", "https", "ssh"];

impl Git<'_> {
    /// Makes an empty bare clone of SHA-1 objects and plain files, which is what is read later.
    ///
    /// # Errors
    /// As [`Git::fetch`].
    pub(super) fn init(&self, lock: &Lock) -> Result<io::Result<Outcome>> {
        let mut command = self.command();
        command
            .env("GIT_DEFAULT_HASH", "sha1")
            .env("GIT_DEFAULT_REF_FORMAT", "files")
            .stdin(lock.share()?)
            .args(["-c", "init.defaultBranch=main", "init", "--quiet", "--bare", "--template="]);
        Ok(child::run(&mut command, self.time_limit()))
    }

    /// Fetches the commit that `source` names, and as much of its history as `depth` says, and puts
    /// it under `reference`.
    ///
    /// git gets the lock as its stdin: it holds it for as long as it lives, even when robo is
    /// killed, and no helper or daemon that it starts inherits it.
    ///
    /// # Errors
    /// When git cannot be started, or the lock not be shared with it.
    pub(super) fn fetch(
        &self,
        source: &Source,
        reference: &str,
        depth: Depth,
        lock: &Lock,
    ) -> Result<io::Result<Outcome>> {
        let depth: &[&str] = match depth {
            Depth::Tip => &["--depth=1"],
            Depth::Since => &[],
            Depth::Whole => &["--unshallow"],
        };
        let tip = self.fetch_with(depth, source, reference, lock)?;
        // A web server that only hands out files ("dumb", gitprotocol-http(5)) cannot cut the
        // history off; git says so before it fetches anything.
        match tip {
            Ok(outcome) if outcome.stderr.contains("dumb http transport does not support") => {
                self.fetch_with(&[], source, reference, lock)
            }
            tip => Ok(tip),
        }
    }

    fn fetch_with(
        &self,
        depth: &[&str],
        source: &Source,
        reference: &str,
        lock: &Lock,
    ) -> Result<io::Result<Outcome>> {
        let mut command = self.command();
        command.stdin(lock.share()?);
        // One pack a fetch: loose objects would never be counted, nor cleared.
        command.args(["-c", "fetch.unpackLimit=1", "-c", "fetch.writeCommitGraph=false"]);
        command.args(["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30"]);
        self.hand_over_login(source, &mut command);
        if !source.is_local() {
            self.set_up_ssh(&mut command);
        }
        command.args(["fetch", "--quiet", "--update-shallow", "--force"]);
        command.args(depth);
        command.args(["--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--"]);
        command.arg(source.url());
        command.arg(format!("+{}:{reference}", source.reference().unwrap_or("HEAD")));
        Ok(child::run(&mut command, self.time_limit()))
    }

    /// Puts all packs into one and drops what no ref leads to.
    ///
    /// # Errors
    /// When git cannot be started, or the lock not be shared with it.
    pub(super) fn gc(&self, lock: &Lock) -> Result<io::Result<Outcome>> {
        let mut command = self.command();
        command.stdin(lock.share()?);
        // Refs stay plain files, which is how they are read.
        command.args(["-c", "gc.packRefs=false", "gc", "--quiet", "--prune=now"]);
        Ok(child::run(&mut command, self.time_limit()))
    }

    fn time_limit(&self) -> Option<Duration> {
        (self.person == Person::Absent).then_some(self.limit)
    }

    fn command(&self) -> Command {
        let mut command = self.bare_command();
        command.arg("--git-dir").arg(self.folder);
        for setting in [
            "gc.auto=0",
            "maintenance.auto=false",
            "core.hooksPath=/dev/null",
            "protocol.ext.allow=never",
        ] {
            command.args(["-c", setting]);
        }
        command
    }

    /// git with its environment, and nothing told yet.
    fn bare_command(&self) -> Command {
        let mut command = Command::new("git");
        command.env_clear();
        for (name, value) in self.env.vars() {
            if !is_removed(name) {
                command.env(name, value);
            }
        }
        // Its words are read by a program, too.
        command.env("LC_ALL", "C").env("GIT_ALLOW_PROTOCOL", self.protocols());
        if self.person == Person::Absent {
            command
                .env("GIT_TERMINAL_PROMPT", "0")
                // Set but empty: no other askpass program is looked for (git's prompt.c).
                .env("GIT_ASKPASS", "")
                .env("SSH_ASKPASS_REQUIRE", "never")
                // Git Credential Manager's own switch; it would open a window.
                .env("GCM_INTERACTIVE", "never");
        }
        command
    }

    /// [`PROTOCOLS`], or those of them that the person allows.
    fn protocols(&self) -> String {
        let allowed = self.env.text("GIT_ALLOW_PROTOCOL");
        let is_allowed = |protocol: &&&str| {
            allowed.as_ref().is_none_or(|allowed| allowed.split(':').any(|one| one == **protocol))
        };
        PROTOCOLS.iter().filter(is_allowed).copied().collect::<Vec<_>>().join(":")
    }

    /// Lets ssh give up soon, and ask nothing where nobody is.
    fn set_up_ssh(&self, command: &mut Command) {
        let own = self.env.text("GIT_SSH_COMMAND").or_else(|| self.configured_ssh());
        let ssh = match own {
            Some(ssh) => ssh,
            None if self.env.get("GIT_SSH").is_some() => return,
            None => "ssh".to_owned(),
        };
        if !is_openssh(&ssh) {
            return;
        }
        // ssh takes the first value of an option, so the person's own outrank these.
        let mut ssh = format!("{ssh} -oConnectTimeout=10");
        if self.person == Person::Absent {
            ssh.push_str(" -oBatchMode=yes");
        }
        command.env("GIT_SSH_COMMAND", ssh);
    }

    /// `core.sshCommand`, asked of git itself: it knows its includes and its environment.
    fn configured_ssh(&self) -> Option<String> {
        let mut command = self.command();
        command.args(["config", "--get", "core.sshCommand"]);
        let output = command.stdin(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let text = text.trim_end_matches(['\n', '\r']);
        (output.status.success() && !text.is_empty()).then(|| text.to_owned())
    }

    /// Gives git the login by its environment, for the URL's own server only: a command line is
    /// everybody's to read, and git-remote-https gets the URL on its own.
    fn hand_over_login(&self, source: &Source, command: &mut Command) {
        let Some(login) = source.login() else { return };
        let server: String = source.url().split('/').take(3).collect::<Vec<_>>().join("/");
        let Some(password) = login.password() else {
            // The variables of git-config(1) that hold settings; others may be there already.
            let count = self.env.text("GIT_CONFIG_COUNT").and_then(|count| count.parse().ok());
            let count: usize = count.unwrap_or(0);
            command
                .env("GIT_CONFIG_COUNT", (count + 1).to_string())
                .env(format!("GIT_CONFIG_KEY_{count}"), format!("credential.{server}.username"))
                .env(format!("GIT_CONFIG_VALUE_{count}"), login.username());
            return;
        };
        command.env("ROBO_GIT_USERNAME", login.username()).env("ROBO_GIT_PASSWORD", password);
        // The empty one takes the person's helpers out of the list: they would store what works.
        command.arg("-c").arg(format!("credential.{server}.helper="));
        command.arg("-c").arg(format!("credential.{server}.helper={HELPER}"));
    }
}

/// git that reads no configuration of the person's or the machine's, and takes no object for
/// another: for what it says of objects, not for the network.
pub(super) fn unconfigured(env: &Env) -> Command {
    let mut command = Command::new("git");
    command.env_clear();
    let is_setting = |name: &OsStr| name.to_string_lossy().starts_with("GIT_");
    command.envs(env.vars().filter(|(name, _)| !is_setting(name) && !is_removed(name)));
    command.envs([
        ("LC_ALL", "C"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
    ]);
    command
}

/// A credential helper (gitcredentials(7)) that only answers, and stores nothing.
const HELPER: &str = r#"!f() { test "$1" != get || printf 'username=%s\npassword=%s\n' "$ROBO_GIT_USERNAME" "$ROBO_GIT_PASSWORD"; }; f"#;

fn is_removed(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    REMOVED.contains(&name.as_ref())
        || name.starts_with("GIT_TRACE")
        || name.starts_with("ROBO_GIT_")
}

/// Whether a command line runs OpenSSH's client, whose options these are; a wrapper or another
/// client is left as it is.
fn is_openssh(command: &str) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default().trim_matches(['"', '\'']);
    matches!(program.rsplit(['/', '\\']).next(), Some("ssh" | "ssh.exe"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_openssh_gets_its_options() {
        for yes in ["ssh", "/usr/bin/ssh -i k", "\"/usr/bin/ssh\" -v", "C:\\x\\ssh.exe"] {
            assert!(is_openssh(yes), "{yes}");
        }
        for no in ["", "plink -batch", "mssh", "FOO=1 ssh", "/opt/ssh-wrapper"] {
            assert!(!is_openssh(no), "{no}");
        }
    }

    #[test]
    fn git_inherits_what_it_needs_and_no_more() {
        let env = Env::from_vars([
            ("HOME", "/h"),
            ("GIT_DIR", "/elsewhere"),
            ("GIT_TRACE_CURL", "1"),
            ("GIT_SSL_CAINFO", "/ca"),
            ("GIT_ALLOW_PROTOCOL", "https:ext"),
            ("LANGUAGE", "de"),
        ]);
        let git = |person| Git {
            env: &env,
            person,
            folder: Path::new("/c"),
            limit: Duration::from_secs(1),
        };
        let value = |person, name: &str| {
            let command = git(person).command();
            let found = command.get_envs().find(|(key, _)| *key == name);
            found.and_then(|(_, value)| value.map(|value| value.to_string_lossy().into_owned()))
        };
        for gone in ["GIT_DIR", "GIT_TRACE_CURL", "LANGUAGE"] {
            assert_eq!(value(Person::Absent, gone), None, "{gone}");
        }
        let cases = [
            ("HOME", Some("/h"), Some("/h")),
            ("GIT_SSL_CAINFO", Some("/ca"), Some("/ca")),
            ("GIT_ALLOW_PROTOCOL", Some("https"), Some("https")),
            ("LC_ALL", Some("C"), Some("C")),
            ("GIT_TERMINAL_PROMPT", Some("0"), None),
            ("GIT_ASKPASS", Some(""), None),
        ];
        for (name, absent, there) in cases {
            assert_eq!(value(Person::Absent, name).as_deref(), absent, "{name}");
            assert_eq!(value(Person::There, name).as_deref(), there, "{name}");
        }
    }
}
