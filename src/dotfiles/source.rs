//! What `--dotfiles URL[#REF[:PATH]]` means.

use std::path::Path;

use super::address::{self, Place};
use super::inside;
use super::login::Login;
use crate::error::{Error, Result};
use crate::sys::env::Env;
use crate::sys::text::plain;

/// One dotfiles repo: where it is, which of its branches, tags or commits, and which folder.
///
/// Its URL never holds a secret; two sources are equal when they name the same repo, ref and
/// folder, whoever logs in.
#[derive(Clone, Debug)]
pub struct Source {
    url: String,
    reference: Option<String>,
    path: Option<String>,
    login: Option<Login>,
    place: Place,
    display_name: String,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.url, &self.reference, &self.path) == (&other.url, &other.reference, &other.path)
    }
}

impl Eq for Source {}

impl Source {
    /// Reads what a person typed: any git URL, an scp-like `git@host:acme/dotfiles.git` or a
    /// local folder (which becomes absolute), each with `#REF`, `#REF:PATH` or `#:PATH` after it.
    /// A local folder that exists as written is taken whole, even with a `#` in its name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none of these, or could mean something else to
    /// git than a repo: an option, a helper program (`ext::`), a ref or a folder out of bounds.
    pub fn parse(text: &str, env: &Env) -> Result<Self> {
        let exists = |text: &str| env.resolve(Path::new(text)).exists();
        if text.is_empty() || exists(text) || !text.contains('#') {
            return Self::build(text, text, None, None, env);
        }
        let split = text
            .rmatch_indices('#')
            .map(|(at, _)| at)
            .find(|at| *at > 0 && exists(&text[..*at]))
            .or_else(|| text.find('#'))
            .unwrap_or(text.len());
        let (url, rest) = (&text[..split], &text[(split + 1).min(text.len())..]);
        let (reference, path) = rest.split_once(':').unwrap_or((rest, ""));
        let some = |part| Some(part).filter(|part: &&str| !part.is_empty());
        Self::build(text, url, some(reference), some(path), env)
    }

    /// A source from its parts, as settings remember them; held to the same rules.
    ///
    /// # Errors
    /// As [`Source::parse`].
    pub fn new(url: &str, reference: Option<&str>, path: Option<&str>, env: &Env) -> Result<Self> {
        Self::build(url, url, reference, path, env)
    }

    /// `typed` is what a refusal shows: the whole of it, for a `#` may be in a password.
    fn build(
        typed: &str,
        url: &str,
        reference: Option<&str>,
        path: Option<&str>,
        env: &Env,
    ) -> Result<Self> {
        let address = address::read(url, env).map_err(|why| refuse(typed, &why))?;
        if let Some(why) = reference.and_then(reference_flaw) {
            let reference = plain(reference.unwrap_or_default()).into_owned();
            return Err(refuse(
                typed,
                &format!("'{reference}' is no branch, tag or commit: {why}"),
            ));
        }
        if let Some(why) = path.and_then(inside::flaw) {
            let path = plain(path.unwrap_or_default()).into_owned();
            return Err(refuse(typed, &format!("'{path}' is no folder in it: {why}")));
        }
        let display_name = match &address.place {
            Place::Local(folder) => env.display(folder),
            Place::Host(_) => short_name(&address.repo),
        };
        Ok(Self {
            url: address.url,
            reference: reference.map(str::to_owned),
            path: path.map(|path| path.trim_end_matches('/').to_owned()),
            login: address.login,
            place: address.place,
            display_name,
        })
    }

    /// The URL or absolute path, as git is given it: never with a password, and with a user name
    /// for ssh only.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The branch, tag or commit; nothing for the repo's default branch.
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// The folder of the repo that everything is relative to; nothing for its root.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The login that the URL came with.
    pub fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// A name for people: `acme/dotfiles`, or the path of a local repo with `~` for home.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// `URL#REF:PATH` without the login: what a person types to get the same again.
    pub fn spelling(&self) -> String {
        match (self.reference(), self.path()) {
            (None, None) => self.url.clone(),
            (Some(reference), None) => format!("{}#{reference}", self.url),
            (reference, Some(path)) => {
                format!("{}#{}:{path}", self.url, reference.unwrap_or_default())
            }
        }
    }

    /// Whether the repo is a folder on this machine.
    pub fn is_local(&self) -> bool {
        matches!(self.place, Place::Local(_))
    }

    /// The folder of a local repo.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Local(folder) => Some(folder),
            Place::Host(_) => None,
        }
    }

    /// The server's name, without user and port.
    pub fn host(&self) -> Option<&str> {
        match &self.place {
            Place::Local(_) => None,
            Place::Host(host) => Some(host),
        }
    }
}

fn refuse(text: &str, why: &str) -> Error {
    Error::usage(format!("cannot use '{}' as a dotfiles repo: {why}", without_login(text))).hint(
        "write a git URL or a folder, with #REF and :FOLDER where needed, such as \
         https://github.com/acme/dotfiles.git#main",
    )
}

/// `text` to be shown in a refusal. It was not understood, so anything before its last `@` might
/// be a password.
fn without_login(text: &str) -> String {
    let text = match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            format!("{}***{}", &text[..scheme + 3], &text[at..])
        }
        (_, Some(at)) if text[..at].contains(':') => format!("***{}", &text[at..]),
        _ => text.to_owned(),
    };
    plain(&text).into_owned()
}

/// Why `reference` cannot be fetched, or nothing when it can: git's rules for names
/// (git-check-ref-format(1)), and nothing that reads as an option.
fn reference_flaw(reference: &str) -> Option<&'static str> {
    if reference.starts_with('-') {
        Some("it begins with '-', as an option does")
    } else if reference == "@" || !git2::Reference::is_valid_name(&format!("refs/x/{reference}")) {
        Some("git allows no such name")
    } else {
        None
    }
}

fn short_name(repo: &str) -> String {
    let repo = repo.strip_suffix(".git").filter(|rest| !rest.is_empty()).unwrap_or(repo);
    let parts: Vec<&str> = repo.split('/').filter(|part| !part.is_empty()).collect();
    plain(&parts[parts.len().saturating_sub(2)..].join("/")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn env() -> Env {
        Env::from_vars([("HOME", "/home/jo")])
    }

    #[test]
    fn every_spelling_of_a_repo_is_understood() {
        // What is typed; its URL, ref and folder; its name; its host.
        let cases = [
            (
                "https://github.com/acme/dotfiles.git",
                "https://github.com/acme/dotfiles.git",
                "",
                "",
                "acme/dotfiles",
                "github.com",
            ),
            (
                "HTTPS://GitHub.com/acme/Dotfiles/",
                "https://github.com/acme/Dotfiles",
                "",
                "",
                "acme/Dotfiles",
                "github.com",
            ),
            ("https://h:8443/a/b/c.git#v1", "https://h:8443/a/b/c.git", "v1", "", "b/c", "h"),
            ("https://h/x#main:team/a/", "https://h/x", "main", "team/a", "x", "h"),
            ("https://h/x#:team", "https://h/x", "", "team", "x", "h"),
            ("https://h/x#", "https://h/x", "", "", "x", "h"),
            ("https://h/x#feature/new@2", "https://h/x", "feature/new@2", "", "x", "h"),
            ("https://h/x#0123abc", "https://h/x", "0123abc", "", "x", "h"),
            ("https://jo:s3cret@h/x", "https://h/x", "", "", "x", "h"),
            ("https://jo@h/x", "https://h/x", "", "", "x", "h"),
            ("http://[::1]:80/x/y", "http://[::1]:80/x/y", "", "", "x/y", "::1"),
            ("ssh://git@h:22/acme/d.git", "ssh://git@h:22/acme/d.git", "", "", "acme/d", "h"),
            ("ssh://git:s3cret@h/acme/d.git", "ssh://git@h/acme/d.git", "", "", "acme/d", "h"),
            (
                "git@github.com:acme/dotfiles.git",
                "git@github.com:acme/dotfiles.git",
                "",
                "",
                "acme/dotfiles",
                "github.com",
            ),
            (
                "git@github.com:acme/dotfiles.git#main:x",
                "git@github.com:acme/dotfiles.git",
                "main",
                "x",
                "acme/dotfiles",
                "github.com",
            ),
            ("host:dotfiles", "host:dotfiles", "", "", "dotfiles", "host"),
            ("git://h/acme/d", "git://h/acme/d", "", "", "acme/d", "h"),
            ("file:///srv/d.git/", "file:///srv/d.git", "", "", "/srv/d.git", ""),
            ("/srv/d.git/", "/srv/d.git", "", "", "/srv/d.git", ""),
            ("./srv/./d", "/srv/d", "", "", "/srv/d", ""),
            ("~/src/d#main", "/home/jo/src/d", "main", "", "~/src/d", ""),
            ("~", "/home/jo", "", "", "~", ""),
        ];
        for (text, url, reference, path, name, host) in cases {
            let source =
                Source::parse(text, &env()).unwrap_or_else(|error| panic!("{text}: {error}"));
            let parts = (
                source.url(),
                source.reference().unwrap_or_default(),
                source.path().unwrap_or_default(),
                source.display_name(),
                source.host().unwrap_or_default(),
            );
            assert_eq!(parts, (url, reference, path, name, host), "{text}");
            assert_eq!(source.is_local(), host.is_empty(), "{text}");
            let again = Source::parse(&source.spelling(), &env()).unwrap();
            assert_eq!(again, source, "{text}");
            let from_parts =
                Source::new(source.url(), source.reference(), source.path(), &env()).unwrap();
            assert_eq!(from_parts, source, "{text}");
            assert!(!format!("{source:?}").contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn what_could_mean_something_else_is_refused_without_its_secrets() {
        let cases = [
            ("", "empty"),
            ("-uupload", "option"),
            ("--upload-pack=x", "option"),
            ("ext::sh -c x", "git-remote-ext"),
            ("fd::17", "git-remote-fd"),
            ("::x", "git-remote-"),
            ("ftp://jo:s3cret@h/x", "ftp"),
            ("svn+ssh://h/x", "svn+ssh"),
            ("https://jo:s3cret#x@h/x", "port"),
            ("https://s3cret#x@h/x", "no repo"),
            ("https://jo:s3cret/x@h/x", "port"),
            ("https://jo:s3cret%0a@h/x", "control"),
            ("https://jo:s3cret%zz@h/x", "percent"),
            ("https://h/x?token=1", "query"),
            ("https://h", "no repo"),
            ("https:///x", "host"),
            ("https://-h/x", "host"),
            ("https://h /x", "host"),
            ("ssh://-oProxyCommand=x/y", "host"),
            ("ssh://-oProxyCommand@h/y", "user name"),
            ("-oProxyCommand=x@h:y", "option"),
            ("jo:s3cret@h:y", "password"),
            ("h:", "no repo"),
            ("h:-y", "no repo"),
            ("git://jo@h/x", "users"),
            ("file://srv/x", "absolute"),
            ("https://h/x\u{7}", "control"),
            ("https://h/x\ny", "control"),
            ("https://h/x#-x", "option"),
            ("https://h/x#a..b", "no such name"),
            ("https://h/x#a b", "no such name"),
            ("https://h/x#a*", "no such name"),
            ("https://h/x#a\u{1b}", "no such name"),
            ("https://h/x#@", "no such name"),
            ("https://h/x#a.lock", "no such name"),
            ("https://h/x#main:/etc", "begin"),
            ("https://h/x#main:../x", "leaves"),
            ("https://h/x#main:a/../..", "leaves"),
            ("https://h/x#main:a\u{7}", "control"),
        ];
        for (text, why) in cases {
            let error = Source::parse(text, &env()).expect_err(text);
            assert_eq!(error.kind(), Kind::Usage, "{text}");
            assert!(error.message().contains(why), "{text}: {error}");
            assert!(!error.message().contains("s3cret"), "{text}: {error}");
            assert!(!error.message().chars().any(char::is_control), "{text}: {error}");
        }
    }

    #[test]
    fn a_folder_that_exists_is_taken_whole() {
        let folder = tempfile::tempdir().unwrap();
        let name = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for made in ["c#", "a#b:c", "ext::x"] {
            std::fs::create_dir(name(made)).unwrap();
        }
        let whole = Source::parse(&name("a#b:c"), &env()).unwrap();
        assert_eq!((whole.url(), whole.reference()), (name("a#b:c").as_str(), None));
        let with_ref = Source::parse(&name("c##main:x"), &env()).unwrap();
        assert_eq!(
            (with_ref.url(), with_ref.reference(), with_ref.path()),
            (name("c#").as_str(), Some("main"), Some("x"))
        );
        let climbing = Source::parse(&name("c#/../a#b:c"), &env()).unwrap();
        assert!(!climbing.url().contains(".."), "{}", climbing.url());
    }

    #[test]
    fn a_login_is_kept_apart() {
        let source = Source::parse("https://jo:p%40ss@h/x", &env()).unwrap();
        let login = source.login().unwrap();
        assert_eq!((login.username(), login.password()), ("jo", Some("p@ss")));
        assert_eq!(source, Source::parse("https://h/x", &env()).unwrap());
        assert!(Source::parse("https://@h/x", &env()).unwrap().login().is_none());
    }
}
