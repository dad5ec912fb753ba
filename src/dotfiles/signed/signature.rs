//! A commit's signature, checked by `git verify-commit`.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use git2::{ErrorCode, Oid};
use serde::Serialize;

use super::keyring::{self, Keyring};
use super::signers::Signers;
use crate::dotfiles::child::{self, Outcome};
use crate::dotfiles::git;
use crate::dotfiles::snapshot;
use crate::error::{Error, Result};
use crate::sys::env::Env;
use crate::sys::text::plain;

/// A good signature by one of the signers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Signature {
    /// Who signed, as the file of signers (or the OpenPGP key) names them; safe to show.
    pub signer: String,
    /// `ssh` or `openpgp`.
    pub kind: &'static str,
    /// The key's fingerprint: `SHA256:…` of an ssh key, hexadecimal digits of an OpenPGP key.
    pub key: String,
}

/// Why a commit is not taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// It has no signature.
    Unsigned,
    /// It is signed by a key that is none of the signers': its fingerprint, where it is known.
    Stranger(Option<String>),
    /// The key was good once.
    Revoked,
    /// The OpenPGP key, or the signature, has expired by now; gpg does not go by the commit's date.
    Expired,
    /// The time of the ssh key was over, or yet to come, at the commit's date.
    OutOfTime,
    /// The signature is not that of the commit.
    Bad,
    /// It does not come after the commit, in 7 digits, that it is compared with.
    NotAfter(String),
    /// Something else; git's words.
    Other(String),
}

/// How long a signature may take to check; a gpg that waits for something is not waited for.
const LIMIT: Duration = Duration::from_secs(30);

/// Checks that `commit` in the repo at `git_dir` carries a good signature by one of `signers`.
///
/// git reads no configuration of the person's or the machine's for it, and x509 signatures, whose
/// signers the machine would choose, are never good. gpg has a configuration of the machine's that
/// cannot be passed over, and it may let more keys in: so the key that signed is looked for among
/// the signers' own.
///
/// # Errors
/// When it cannot be checked: git, ssh-keygen or gpg is not there or too old. A commit that is not
/// signed by one of them is no error but a [`Refusal`].
pub fn verify(
    git_dir: &Path,
    commit: &str,
    signers: &Signers,
    env: &Env,
) -> Result<Result<Signature, Refusal>> {
    match form(git_dir, commit)? {
        Form::None => Ok(Err(Refusal::Unsigned)),
        Form::Other => {
            Ok(Err(Refusal::Other("it is neither one of ssh nor of OpenPGP".to_owned())))
        }
        Form::Ssh => by_ssh(git_dir, commit, signers, env),
        Form::Pgp if signers.pgp().is_empty() => Ok(Err(Refusal::Stranger(None))),
        Form::Pgp => by_pgp(git_dir, commit, signers, env),
    }
}

/// What kind of signature a commit carries, by its first line, as git tells them apart
/// (gpg-interface.c).
enum Form {
    None,
    Ssh,
    Pgp,
    Other,
}

fn form(git_dir: &Path, commit: &str) -> Result<Form> {
    let read = snapshot::objects(git_dir).and_then(|objects| {
        let signature = objects.extract_signature(&Oid::from_str(commit)?, None);
        match signature {
            Ok((signature, _)) => Ok(Some(signature.to_vec())),
            Err(cause) if cause.code() == ErrorCode::NotFound => {
                // There is such a commit, and no signature on it.
                objects.find_commit(Oid::from_str(commit)?).map(|_| None)
            }
            Err(cause) => Err(cause),
        }
    });
    let signature =
        read.map_err(|cause| Error::failed(format!("cannot read {commit}")).because(cause))?;
    let Some(signature) = signature else { return Ok(Form::None) };
    let begins = |line: &str| signature.trim_ascii_start().starts_with(line.as_bytes());
    Ok(if begins("-----BEGIN SSH SIGNATURE-----") {
        Form::Ssh
    } else if begins("-----BEGIN PGP SIGNATURE-----") {
        Form::Pgp
    } else {
        Form::Other
    })
}

fn by_ssh(
    git_dir: &Path,
    commit: &str,
    signers: &Signers,
    env: &Env,
) -> Result<Result<Signature, Refusal>> {
    let keyring = Keyring::ssh(signers)?;
    let read = read(&ask(git_dir, commit, &keyring, env)?)?;
    // git passes on the same words for a key that is revoked as for a signature that is wrong.
    if read == Err(Refusal::Bad) && signers.revoked().is_some() {
        let before = by_ssh(git_dir, commit, &signers.before_revocations(), env)?;
        return Ok(Err(before.map_or(Refusal::Bad, |_| Refusal::Revoked)));
    }
    Ok(read)
}

fn by_pgp(
    git_dir: &Path,
    commit: &str,
    signers: &Signers,
    env: &Env,
) -> Result<Result<Signature, Refusal>> {
    let keyring = Keyring::pgp(signers, env)?;
    let known = keyring::keys(&keyring.listing(env)?);
    let read = read(&ask(git_dir, commit, &keyring, env)?)?;
    Ok(read.and_then(|signature| {
        let is_known = known.iter().any(|key| key.fingerprint == signature.key);
        if is_known { Ok(signature) } else { Err(Refusal::Stranger(Some(signature.key))) }
    }))
}

fn ask(git_dir: &Path, commit: &str, keyring: &Keyring, env: &Env) -> Result<Outcome> {
    let mut command = git::unconfigured(env);
    command.arg("--git-dir").arg(git_dir);
    let mut set = |key: &str, value: &Path| {
        let mut setting = std::ffi::OsString::from(format!("{key}="));
        setting.push(value);
        command.arg("-c").arg(setting);
    };
    set("gpg.ssh.allowedSignersFile", &keyring.allowed());
    set("gpg.ssh.revocationFile", &keyring.revoked().unwrap_or_default());
    for (key, value) in [
        ("gpg.program", "gpg"),
        ("gpg.openpgp.program", "gpg"),
        ("gpg.ssh.program", "ssh-keygen"),
        ("gpg.x509.program", "false"),
        // The keyring's keys are all that there is, and nobody has signed them.
        ("gpg.minTrustLevel", "undefined"),
    ] {
        set(key, Path::new(value));
    }
    command.env("GNUPGHOME", keyring.home());
    command.args(["verify-commit", "--raw", "--", commit]).stdin(Stdio::null());
    child::run(&mut command, Some(LIMIT)).map_err(|cause| {
        Error::failed("cannot run git to check a signature").because(cause).hint("install git")
    })
}

/// What git says of a commit: ssh-keygen's words, or gpg's status lines (its doc/DETAILS).
fn read(outcome: &Outcome) -> Result<Result<Signature, Refusal>> {
    let words = outcome.stderr.trim();
    let Some(status) = outcome.status else {
        return Err(Error::failed(format!(
            "checking a signature took more than {} s, and was stopped",
            LIMIT.as_secs()
        ))
        .hint("is ssh-keygen, or gpg, on the PATH what it seems to be?"));
    };
    if status.success() {
        return Ok(good(words).ok_or_else(|| Refusal::Other(first_line(words))));
    }
    for (program, package) in [("ssh-keygen", "OpenSSH 8.8 or later"), ("gpg", "GnuPG")] {
        if words.contains(&format!("cannot run {program}"))
            || words.contains(&format!("{program}: not found"))
        {
            return Err(Error::failed(format!(
                "cannot check a signature: there is no {program} here"
            ))
            .hint(format!("install {package}")));
        }
    }
    let old = ["usage:", "is needed for ssh signature verification", "bad/incompatible signature"];
    if old.iter().any(|text| words.contains(text)) {
        return Err(Error::failed("cannot check a signature: ssh-keygen or git is too old")
            .because(first_line(words))
            .hint("OpenSSH 8.8 and git 2.34 know signed commits"));
    }
    Ok(Err(refusal(words)))
}

fn good(words: &str) -> Option<Signature> {
    // ssh-keygen: Good "git" signature for WHO with KIND key SHA256:…
    if let Some(rest) =
        words.lines().find_map(|line| line.strip_prefix("Good \"git\" signature for "))
    {
        let (signer, key) = rest.rsplit_once(" with ")?;
        let key = key.split_whitespace().last()?;
        return Some(Signature {
            signer: plain(signer).into_owned(),
            kind: "ssh",
            key: plain(key).into_owned(),
        });
    }
    let status = |name: &str| {
        words
            .lines()
            .find_map(|line| line.strip_prefix("[GNUPG:] ")?.strip_prefix(name)?.strip_prefix(' '))
    };
    let (_, name) = status("GOODSIG")?.split_once(' ')?;
    // The last field is the primary key's fingerprint, the first may be a subkey's.
    let key = status("VALIDSIG")?.split_whitespace().last()?;
    Some(Signature {
        signer: plain(name).into_owned(),
        kind: "openpgp",
        key: plain(key).into_owned(),
    })
}

fn refusal(words: &str) -> Refusal {
    let has = |text: &str| words.contains(text);
    let status = |name: &str| has(&format!("[GNUPG:] {name}"));
    if words.is_empty() {
        return Refusal::Bad;
    }
    if status("REVKEYSIG") {
        return Refusal::Revoked;
    }
    if status("EXPKEYSIG") || status("EXPSIG") {
        return Refusal::Expired;
    }
    if has("not yet valid") || has("expired") {
        return Refusal::OutOfTime;
    }
    if status("BADSIG") || has("Could not verify signature") || has("incorrect signature") {
        return Refusal::Bad;
    }
    let ssh = words.lines().find_map(|line| line.strip_prefix("Good \"git\" signature with "));
    if let Some(rest) = ssh {
        return Refusal::Stranger(
            rest.split_whitespace().last().map(|key| plain(key).into_owned()),
        );
    }
    let unknown = words.lines().find_map(|line| line.strip_prefix("[GNUPG:] NO_PUBKEY "));
    if has("No principal matched") || unknown.is_some() {
        return Refusal::Stranger(unknown.map(|key| plain(key.trim()).into_owned()));
    }
    Refusal::Other(first_line(words))
}

fn first_line(words: &str) -> String {
    plain(words.lines().next().unwrap_or("git says nothing of it")).into_owned()
}

impl Refusal {
    /// The end of a sentence about a commit, such as `is not signed`.
    pub fn words(&self) -> String {
        match self {
            Self::Unsigned => "is not signed".to_owned(),
            Self::Stranger(Some(key)) => format!("is signed by none of the signers, but by {key}"),
            Self::Stranger(None) => "is signed by none of the signers".to_owned(),
            Self::Revoked => "is signed by a key that was revoked".to_owned(),
            Self::Expired => "is signed by a key that has expired".to_owned(),
            Self::OutOfTime => "is signed by a key that was not good at its date".to_owned(),
            Self::Bad => "carries a signature of something else".to_owned(),
            Self::NotAfter(before) => format!("does not come after {before}"),
            Self::Other(words) => format!("carries no signature that can be checked: {words}"),
        }
    }
}
