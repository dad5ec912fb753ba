//! Git's spellings of where a repo is: URLs, scp-like addresses and paths.

use std::path::{Component, Path, PathBuf};

use super::login::Login;
use crate::sys::env::Env;

/// Where a repo is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Place {
    Local(PathBuf),
    Host(String),
}

/// A URL that was looked at, without its login.
pub(super) struct Address {
    pub(super) url: String,
    pub(super) login: Option<Login>,
    pub(super) place: Place,
    /// The repo's path on its host.
    pub(super) repo: String,
}

/// Reads a URL or a path. What is wrong with it is told without repeating any of its login.
pub(super) fn read(text: &str, env: &Env) -> Result<Address, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("it has a control character in it".to_owned());
    }
    if text.starts_with('-') {
        return Err("it begins with '-', as an option does".to_owned());
    }
    if env.resolve(Path::new(text)).exists() {
        return local(text, env);
    }
    if let Some(helper) = helper(text) {
        return Err(format!("'{helper}::' would run the program git-remote-{helper}"));
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        return remote(&scheme.to_ascii_lowercase(), rest);
    }
    match text.split_once(':') {
        Some((host, repo)) if !host.contains('/') && !is_drive(host) => scp_like(host, repo),
        _ => local(text, env),
    }
}

/// The program that `NAME::ADDRESS` names, by git's own rule (transport.c, `transport_get`).
fn helper(text: &str) -> Option<&str> {
    let (name, _) = text.split_once("::")?;
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    name.chars().all(legal).then_some(name)
}

fn is_drive(host: &str) -> bool {
    cfg!(windows) && host.len() == 1 && host.chars().all(|c| c.is_ascii_alphabetic())
}

fn local(text: &str, env: &Env) -> Result<Address, String> {
    let path = env.resolve(Path::new(text));
    // `..` means something else behind a symbolic link, so only the file system may resolve it.
    let climbs = path.components().any(|part| part == Component::ParentDir);
    let path = match path.canonicalize() {
        Ok(real) if climbs => real,
        _ => path.components().collect(),
    };
    let url = path.to_str().ok_or("its absolute path is not UTF-8")?.to_owned();
    Ok(Address { repo: url.clone(), url, login: None, place: Place::Local(path) })
}

fn remote(scheme: &str, rest: &str) -> Result<Address, String> {
    if scheme == "file" {
        let path = rest.strip_prefix("localhost").unwrap_or(rest).trim_end_matches('/');
        if !path.starts_with('/') {
            return Err("a file:// URL has an absolute path: file:///srv/dotfiles.git".to_owned());
        }
        let place = Place::Local(PathBuf::from(path));
        return Ok(Address {
            url: format!("file://{path}"),
            login: None,
            place,
            repo: path.into(),
        });
    }
    if !matches!(scheme, "https" | "http" | "ssh" | "git") {
        return Err(format!("'{scheme}://' is not https, http, ssh, git or file"));
    }
    let (authority, repo) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let repo = repo.trim_end_matches('/');
    let (userinfo, server) = match authority.rsplit_once('@') {
        Some((userinfo, server)) => (Some(userinfo), server),
        None => (None, authority),
    };
    let host = host_of(server)?;
    if repo.is_empty() {
        return Err("it names a server but no repo on it".to_owned());
    }
    let server = server.to_ascii_lowercase();
    let mut login = None;
    let mut user = String::new();
    match (scheme, userinfo) {
        (_, None) => {}
        ("http" | "https", Some(userinfo)) => {
            login = Some(Login::parse(userinfo)?).filter(|login| !login.is_empty());
        }
        ("ssh", Some(userinfo)) => {
            let name = userinfo.split_once(':').map_or(userinfo, |(name, _)| name);
            user = format!("{}@", user_name(name)?);
        }
        (_, Some(_)) => return Err("a git:// server knows no users".to_owned()),
    }
    if matches!(scheme, "http" | "https") && repo.contains('?') {
        return Err("it has a query ('?'), which may hold a secret that would be kept".to_owned());
    }
    let url = format!("{scheme}://{user}{server}{repo}");
    Ok(Address { url, login, place: Place::Host(host), repo: repo.to_owned() })
}

fn scp_like(host: &str, repo: &str) -> Result<Address, String> {
    let (user, server) = match host.rsplit_once('@') {
        Some((user, server)) => (format!("{}@", user_name(user)?), server),
        None => (String::new(), host),
    };
    let place = Place::Host(host_of(server)?);
    if repo.split('/').next().is_some_and(|first| first.contains('@')) {
        return Err("a password has no place before a host".to_owned());
    }
    let trimmed = repo.trim_end_matches('/');
    if trimmed.is_empty() || trimmed.starts_with('-') {
        return Err("it names a server but no repo on it".to_owned());
    }
    let url = format!("{user}{}:{trimmed}", server.to_ascii_lowercase());
    Ok(Address { url, login: None, place, repo: trimmed.to_owned() })
}

/// A user name for ssh, which must not look like an option to it.
fn user_name(name: &str) -> Result<&str, String> {
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%' | '\\');
    if name.is_empty() || name.starts_with('-') || !name.chars().all(legal) {
        return Err("what is before its '@' is no user name".to_owned());
    }
    Ok(name)
}

/// The host of `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`.
fn host_of(server: &str) -> Result<String, String> {
    let (host, port) = match server.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port),
        None => server.split_at(server.find(':').unwrap_or(server.len())),
    };
    let bracketed = server.starts_with('[');
    let legal = |c: char| {
        c.is_alphanumeric() || matches!(c, '.' | '-' | '_') || (bracketed && matches!(c, ':' | '%'))
    };
    if host.is_empty() || host.starts_with('-') || !host.chars().all(legal) {
        return Err("it has no legal host name in it".to_owned());
    }
    let digits = port.strip_prefix(':').unwrap_or(port);
    if !port.is_empty() && digits.parse::<u16>().is_err() {
        return Err("its port is no number (a '#', '/' or '@' in a password is written %23, \
                    %2F, %40)"
            .to_owned());
    }
    Ok(host.to_ascii_lowercase())
}
