//! The reasons that a fetch fails for: the class, the sentence and the next step of each.

use super::source::Source;
use crate::error::{Error, Kind};
use crate::sys::text::plain;

/// The reason that a fetch failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FetchFailure {
    /// The server, or the proxy before it, could not be reached.
    Unreachable,
    /// The server's TLS certificate could not be verified.
    Unverified,
    /// It took too long, and git was stopped.
    TimedOut,
    /// A user name, password or passphrase would have to be asked for, and nobody is there.
    LoginNeeded,
    /// The server knows no such login, or grants it nothing.
    LoginRefused,
    /// ssh does not know the server's key, or knows another.
    HostKey,
    /// The repo has no such branch, tag or commit.
    RefMissing,
    /// There is no git repo, or none that this login may see.
    NotARepo,
    /// A local repo belongs to another user of the machine (`safe.directory`).
    NotOwned,
    /// The protocol is not allowed by the person's own configuration.
    NotAllowed,
    /// There is no `git` program.
    NoGit,
    /// The `git` program is too old.
    OldGit,
    /// The disk is full.
    NoRoom,
    /// The person stopped git.
    Interrupted,
    /// Anything else; git's words are the cause.
    Other,
}

use FetchFailure::{
    HostKey, LoginNeeded, LoginRefused, NoRoom, NotARepo, NotAllowed, NotOwned, OldGit, Other,
    RefMissing, Unreachable, Unverified,
};

impl FetchFailure {
    /// The class of the failure.
    pub fn kind(self) -> Kind {
        match self {
            Unreachable | Unverified | Self::TimedOut => Kind::Unreachable,
            LoginNeeded => Kind::NeedsAnswer,
            Self::Interrupted => Kind::Interrupted,
            LoginRefused
            | HostKey
            | RefMissing
            | NotARepo
            | NotOwned
            | NotAllowed
            | Self::NoGit
            | OldGit
            | NoRoom
            | Other => Kind::Failed,
        }
    }

    /// The failure of fetching `source`, with `words` beneath it: git's own, redacted already.
    pub(super) fn error(self, source: &Source, words: Option<&str>) -> Error {
        let name = source.display_name();
        let message = format!("cannot fetch {name}: {}", self.sentence(source));
        let mut error = Error::new(self.kind(), message);
        if let Some(words) = words {
            error = error.because(plain(words).into_owned());
        }
        error.maybe_hint(self.next_step(source))
    }

    fn sentence(self, source: &Source) -> String {
        let server = source.host().unwrap_or("its server");
        match self {
            Unreachable => format!("{server} could not be reached"),
            Unverified => format!("the TLS certificate of {server} could not be verified"),
            Self::TimedOut => format!("{server} took too long, and git was stopped"),
            LoginNeeded => format!("{server} wants a login, and nobody is there to ask for it"),
            LoginRefused => format!("{server} refused the login"),
            HostKey => format!("ssh cannot tell that {server} is who it says it is"),
            RefMissing => match source.reference() {
                Some(reference) => format!("it has no branch, tag or commit '{reference}'"),
                None => "it has no default branch, or no commit yet".to_owned(),
            },
            NotARepo if source.folder().is_some_and(|folder| !folder.exists()) => {
                "there is no such folder".to_owned()
            }
            NotARepo if source.is_local() => "the folder is not a git repo".to_owned(),
            NotARepo => format!("{server} has no such repo, or this login may not see it"),
            NotOwned => {
                "git does not trust a repo that another user of this machine owns".to_owned()
            }
            NotAllowed => "your git does not allow its protocol".to_owned(),
            Self::NoGit => "there is no 'git' on your PATH".to_owned(),
            OldGit => "your git is too old".to_owned(),
            NoRoom => "there is no room for it".to_owned(),
            Self::Interrupted => "git was interrupted".to_owned(),
            Other => "git could not do it".to_owned(),
        }
    }

    fn next_step(self, source: &Source) -> Option<String> {
        let url = quoted(source.url());
        let is_ssh = !source.url().starts_with("http");
        Some(match self {
            Unreachable | Self::TimedOut => format!(
                "check your network, VPN and proxy; 'git ls-remote {url}' goes the same way"
            ),
            Unverified => "tell git the company's certificate authority: 'git config --global \
                           http.sslCAInfo FILE'"
                .to_owned(),
            LoginNeeded => format!(
                "run it on a terminal, or let git keep the login: set up a credential helper and \
                 run 'git ls-remote {url}' once"
            ),
            LoginRefused if is_ssh => format!(
                "is your key loaded ('ssh-add -l') and known to the server? try 'ssh -T {}'",
                ssh_target(source)
            ),
            LoginRefused => format!(
                "the password or token may have expired; 'git ls-remote {url}' tries it by itself"
            ),
            HostKey => format!(
                "compare the server's key with the published one: 'ssh -T {}' once",
                ssh_target(source)
            ),
            RefMissing => match source.reference() {
                Some(reference) if is_short_commit(reference) => {
                    "a commit is fetched by all 40 characters of its id".to_owned()
                }
                Some(_) => format!("'git ls-remote {url}' lists what it has"),
                None => format!("name a branch: '{url}#BRANCH'"),
            },
            NotARepo => return not_a_repo_hint(source, &url),
            NotOwned => format!(
                "if you trust it: 'git config --global --add safe.directory {}'",
                quoted(&source.folder()?.display().to_string())
            ),
            NotAllowed => {
                "see protocol.allow in 'git config --list', and GIT_ALLOW_PROTOCOL".to_owned()
            }
            Self::NoGit => "install git (https://git-scm.com/downloads)".to_owned(),
            OldGit => "robo needs git 2.31 or newer".to_owned(),
            NoRoom => "make room on the disk ('df -h'), then run it again".to_owned(),
            Self::Interrupted => return None,
            Other => format!("'git ls-remote {url}' goes the same way"),
        })
    }
}

fn not_a_repo_hint(source: &Source, url: &str) -> Option<String> {
    let Some(folder) = source.folder() else {
        return Some(format!("check the address and your access: 'git ls-remote {url}'"));
    };
    let is_repo = |folder: &&std::path::Path| {
        folder.join(".git").exists()
            || (folder.join("HEAD").is_file() && folder.join("objects").is_dir())
    };
    if let Some(repo) = folder.ancestors().skip(1).find(is_repo).filter(|_| folder.exists()) {
        let below = folder.strip_prefix(repo).ok()?;
        let reference = source.reference().unwrap_or_default();
        let spelling = format!("{}#{reference}:{}", repo.display(), below.display());
        return Some(format!("a folder of a repo is written {}", quoted(&spelling)));
    }
    Some(if folder.exists() {
        format!("make it one: 'git -C {url} init', then add and commit its files")
    } else {
        "a repo on a server is written with its whole URL, such as \
         https://github.com/acme/dotfiles"
            .to_owned()
    })
}

/// The words for ssh of an ssh URL, as a person would try it: `-p 2222 git@host`.
fn ssh_target(source: &Source) -> String {
    let url = source.url().split_once("://");
    let authority = url.map_or(source.url(), |(_, rest)| rest).split('/').next();
    let (user, server) = match authority.unwrap_or_default().rsplit_once('@') {
        Some((user, server)) => (format!("{user}@"), server),
        None => (String::new(), authority.unwrap_or_default()),
    };
    // Only a URL has a port; behind the colon of 'host:path' is the path.
    let port = server.rsplit_once(':').map(|(_, port)| port).filter(|_| url.is_some());
    let port = port.filter(|port| !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()));
    let port = port.map(|port| format!("-p {port} ")).unwrap_or_default();
    port + &quoted(&format!("{user}{}", source.host().unwrap_or_default()))
}

fn is_short_commit(reference: &str) -> bool {
    (4..40).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `text` as a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/:@._-+~%#".contains(c);
    let text = plain(text);
    if text.chars().all(is_plain) {
        text.into_owned()
    } else {
        format!("\"{}\"", text.replace(['"', '`', '$', '\\'], "?"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::env::Env;

    #[test]
    fn each_failure_has_its_class_and_says_what_to_type() {
        let env = Env::from_vars([("HOME", "/home/jo")]);
        let cases = [
            (
                Unreachable,
                "https://h/a/b",
                7,
                "h could not be reached",
                "'git ls-remote https://h/a/b'",
            ),
            (Unverified, "https://h/a/b", 7, "certificate of h", "http.sslCAInfo"),
            (FetchFailure::TimedOut, "h:a/b", 7, "too long", "VPN"),
            (LoginNeeded, "https://h/a/b", 4, "wants a login", "credential helper"),
            (LoginRefused, "git@h:a/b", 1, "h refused", "'ssh -T git@h'"),
            (LoginRefused, "https://h/a/b", 1, "h refused", "expired"),
            (HostKey, "ssh://git@h:22/a/b", 1, "who it says", "'ssh -T -p 22 git@h' once"),
            (RefMissing, "https://h/a/b#nope", 1, "'nope'", "lists"),
            (RefMissing, "https://h/a/b#0123abc", 1, "'0123abc'", "all 40"),
            (RefMissing, "https://h/a/b", 1, "default branch", "'https://h/a/b#BRANCH'"),
            (NotARepo, "https://h/a/b", 1, "no such repo", "access"),
            (NotARepo, "/nowhere/at/all", 1, "no such folder", "whole URL"),
            (NotOwned, "/srv/d", 1, "another user", "safe.directory /srv/d"),
            (NotAllowed, "git://h/a/b", 1, "protocol", "protocol.allow"),
            (FetchFailure::NoGit, "h:a/b", 1, "no 'git'", "install"),
            (OldGit, "h:a/b", 1, "too old", "newer"),
            (NoRoom, "h:a/b", 1, "no room", "df -h"),
            (Other, "h:a/b", 1, "could not do it", "ls-remote"),
        ];
        for (failure, text, code, sentence, hint) in cases {
            let source = Source::parse(text, &env).unwrap();
            let error = failure.error(&source, Some("its\u{1b}words"));
            assert_eq!(error.kind().exit_code(), code, "{failure:?}");
            let begin = format!("cannot fetch {}: ", source.display_name());
            assert!(error.message().starts_with(&begin), "{error}");
            assert!(error.message().contains(sentence), "{failure:?}: {error}");
            assert!(error.hints()[0].contains(hint), "{failure:?}: {:?}", error.hints());
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert_eq!(cause, "its\\u{1b}words");
        }
    }
}
