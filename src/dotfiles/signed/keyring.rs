//! The keys as git's helpers want them: files in a folder that nobody else can enter.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::signers::Signers;
use crate::error::{Error, Result};
use crate::sys::env::Env;
use crate::sys::files::Disk;
use crate::sys::replace::replace;
use crate::sys::text::plain;

/// The signers' keys in files; they go with it.
///
/// OpenPGP keys are put into a keyring of their own, so that a key which only happens to be in a
/// person's keyring signs nothing here.
#[derive(Debug)]
pub(super) struct Keyring {
    folder: TempDir,
    revoked: bool,
}

impl Keyring {
    /// Writes the keys down.
    ///
    /// # Errors
    /// When the disk does not take them, or gpg not the OpenPGP keys.
    pub(super) fn new(signers: &Signers, env: &Env) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("robo-signers-").tempdir();
        let folder = folder.map_err(|cause| {
            Error::failed("cannot make a folder for the signers' keys").because(cause)
        })?;
        let keyring = Self { revoked: signers.revoked().is_some(), folder };
        replace(&Disk, &keyring.allowed(), signers.allowed().as_bytes())?;
        if let Some(list) = signers.revoked() {
            replace(&Disk, &keyring.list(), list)?;
        }
        if !signers.pgp().is_empty() {
            let mut command = gpg(env);
            command.arg("--homedir").arg(keyring.home()).arg("--import");
            let output = feed(command, signers.pgp())?;
            if !output.status.success() {
                return Err(unreadable(&output));
            }
        }
        Ok(keyring)
    }

    /// The file of allowed ssh keys.
    pub(super) fn allowed(&self) -> PathBuf {
        self.folder.path().join("allowed")
    }

    /// The revocation list, if there is one.
    pub(super) fn revoked(&self) -> Option<PathBuf> {
        self.revoked.then(|| self.list())
    }

    /// The home folder of gpg, with no more than the signers' keys in it.
    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    fn list(&self) -> PathBuf {
        self.folder.path().join("revoked")
    }
}

/// All of the signers' keys for people, a line each, safe to show.
///
/// # Errors
/// When there are OpenPGP keys, and gpg is not there or cannot read them.
pub fn describe(signers: &Signers, env: &Env) -> Result<Vec<String>> {
    let mut lines: Vec<String> = signers.shown().collect();
    if signers.pgp().is_empty() {
        return Ok(lines);
    }
    let keyring = Keyring::new(signers, env)?;
    let mut command = gpg(env);
    command.arg("--homedir").arg(keyring.home()).args(["--with-colons", "--list-keys"]);
    let output = feed(command, "")?;
    if !output.status.success() {
        return Err(unreadable(&output));
    }
    lines.extend(keys(&String::from_utf8_lossy(&output.stdout)));
    Ok(lines)
}

/// The primary keys of a listing with colons (GnuPG's doc/DETAILS): the first fingerprint and the
/// first user id behind each `pub`.
fn keys(listing: &str) -> Vec<String> {
    let mut keys: Vec<(Option<&str>, Option<&str>)> = Vec::new();
    for line in listing.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let value = fields.get(9).copied();
        match (fields[0], keys.last_mut()) {
            ("pub", _) => keys.push((None, None)),
            ("fpr", Some((fingerprint @ None, _))) => *fingerprint = value,
            ("uid", Some((_, name @ None))) => *name = value,
            _ => {}
        }
    }
    let shown = |(fingerprint, name): &(Option<&str>, Option<&str>)| {
        let text =
            format!("{}  OpenPGP {}", name.unwrap_or("nobody"), fingerprint.unwrap_or_default());
        plain(&text).into_owned()
    };
    keys.iter().map(shown).collect()
}

/// gpg without anything of the person's own: no configuration, no agent, no network.
fn gpg(env: &Env) -> Command {
    let mut command = Command::new("gpg");
    command.env_clear();
    command.envs(env.vars().filter(|(name, _)| *name != "GNUPGHOME"));
    command.env("LC_ALL", "C").args(["--batch", "--no-tty", "--quiet", "--no-autostart"]);
    command
}

fn feed(mut command: Command, text: &str) -> Result<Output> {
    let cannot = |cause: std::io::Error| {
        let error = Error::failed("cannot run gpg, which reads the signers' OpenPGP keys");
        match cause.kind() {
            std::io::ErrorKind::NotFound => error.hint("install GnuPG (gnupg)"),
            _ => error.because(cause),
        }
    };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(cannot)?;
    let stdin = child.stdin.take();
    // A listing of a megabyte of keys is longer than a pipe: it is read while the keys are written.
    let output = std::thread::scope(|scope| {
        // A gpg that stops reading says by its status why.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
        child.wait_with_output()
    });
    output.map_err(cannot)
}

fn unreadable(output: &Output) -> Error {
    let words = String::from_utf8_lossy(&output.stderr);
    let words = words.lines().next().unwrap_or("gpg says nothing of it");
    Error::failed("gpg cannot read the signers' OpenPGP keys").because(plain(words).into_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_is_shown_by_its_first_name_and_its_own_fingerprint() {
        let listing = "pub:-:255:22:01:1:::-:::scESC::::::23::0:\nfpr:::::::::AA:\nuid:-::::1::H::Jo <jo@acme.com>::::::::::0:\n\
                       uid:-::::1::H::Other::::::::::0:\nsub:-:255:18:02:1::::::e::::::23:\nfpr:::::::::BB:\n\
                       pub:-:255:22:03:1:::-:::scESC::::::23::0:\nfpr:::::::::CC:\n";
        assert_eq!(super::keys(listing), ["Jo <jo@acme.com>  OpenPGP AA", "nobody  OpenPGP CC"]);
    }
}
