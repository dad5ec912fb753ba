//! The keys as git's helpers want them: files in a folder that nobody else can enter.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use jiff::Timestamp;
use tempfile::TempDir;

use super::signers::Signers;
use crate::error::{Error, Result};
use crate::sys::env::Env;
use crate::sys::text::plain;

/// The signers' keys in files; they go with it.
#[derive(Debug)]
pub(super) struct Keyring {
    folder: TempDir,
}

impl Keyring {
    /// The ssh keys as ssh-keygen reads them, with the revoked ones.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub(super) fn ssh(signers: &Signers) -> Result<Self> {
        let keyring = Self::empty()?;
        keyring.write(ALLOWED, signers.allowed().as_bytes())?;
        if let Some(list) = signers.revoked() {
            keyring.write(REVOKED, list)?;
        }
        Ok(keyring)
    }

    /// The OpenPGP keys in a keyring of gpg's that holds nothing else: a key which only happens to
    /// be in a person's keyring signs nothing here.
    ///
    /// # Errors
    /// When gpg is not there, or does not take them.
    pub(super) fn pgp(signers: &Signers, env: &Env) -> Result<Self> {
        let keyring = Self::empty()?;
        let output = feed(keyring.gpg(env, &["--import"]), signers.pgp())?;
        if !output.status.success() {
            return Err(unreadable(&output));
        }
        Ok(keyring)
    }

    /// A folder of its own, that nobody else can enter whatever the umask says.
    fn empty() -> Result<Self> {
        let mut folder = tempfile::Builder::new();
        folder.prefix("robo-signers-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            folder.permissions(std::fs::Permissions::from_mode(0o700));
        }
        let folder = folder.tempdir().map_err(|cause| {
            Error::failed("cannot make a folder for the signers' keys")
                .because(cause)
                .hint("it is made where temporary files go; TMPDIR names that folder, if it is set")
        })?;
        Ok(Self { folder })
    }

    /// The home folder of gpg, and of the files for ssh-keygen.
    pub(super) fn home(&self) -> &Path {
        self.folder.path()
    }

    /// The file of allowed ssh keys.
    pub(super) fn allowed(&self) -> PathBuf {
        self.home().join(ALLOWED)
    }

    /// The revocation list, if there is one.
    pub(super) fn revoked(&self) -> Option<PathBuf> {
        Some(self.home().join(REVOKED)).filter(|path| path.exists())
    }

    /// The OpenPGP keys as gpg lists them, with colons (GnuPG's doc/DETAILS).
    ///
    /// # Errors
    /// When gpg does not list them.
    pub(super) fn listing(&self, env: &Env) -> Result<String> {
        let output = feed(self.gpg(env, &["--with-colons", "--list-keys"]), "")?;
        if !output.status.success() {
            return Err(unreadable(&output));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    #[expect(clippy::disallowed_methods, reason = "it is gone in a moment, and need not last")]
    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        std::fs::write(self.home().join(name), bytes).map_err(|cause| {
            Error::failed("cannot write the signers' keys where git can read them").because(cause)
        })
    }

    /// gpg without anything of the person's own: no keys, no agent, no terminal.
    fn gpg(&self, env: &Env, args: &[&str]) -> Command {
        let mut command = Command::new("gpg");
        command.env_clear();
        command.envs(env.vars().filter(|(name, _)| *name != "GNUPGHOME"));
        command.env("LC_ALL", "C").args(["--batch", "--no-tty", "--quiet", "--no-autostart"]);
        command.arg("--homedir").arg(self.home()).args(args);
        command
    }
}

const ALLOWED: &str = "allowed";
const REVOKED: &str = "revoked";

/// Checks that somebody could sign under these signers: a slip in them would lock everybody out.
///
/// # Errors
/// When gpg cannot read the OpenPGP keys, or when there are ssh keys alone and each of them is
/// revoked, past its time, or not for git.
pub fn check(signers: &Signers, env: &Env) -> Result<()> {
    if !signers.pgp().is_empty() {
        return Keyring::pgp(signers, env).map(drop);
    }
    let today = Timestamp::now().strftime("%Y%m%d").to_string();
    // Lists in lines were looked at when they were read; `-Q` is for the others.
    if !signers.has_krl() {
        return signers.usable(&today).map(drop);
    }
    let keyring = Keyring::ssh(signers)?;
    let list = keyring.home().join(REVOKED);
    for key in signers.usable(&today)? {
        keyring.write("key.pub", key.as_bytes())?;
        let mut command = Command::new("ssh-keygen");
        command.env_clear().envs(env.vars()).args(["-Q", "-q", "-f"]).arg(&list);
        command.arg(keyring.home().join("key.pub"));
        if feed(command, "")?.status.success() {
            return Ok(());
        }
    }
    Err(Error::failed("the list of revoked keys leaves nobody who can sign").hint(
        "either it names every key, or ssh-keygen cannot read it and takes every key for revoked",
    ))
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
    let listing = Keyring::pgp(signers, env)?.listing(env)?;
    lines.extend(keys(&listing).iter().map(PgpKey::shown));
    lines.sort();
    lines.dedup();
    Ok(lines)
}

/// A key of a listing that can sign: a primary key, or a subkey of one.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct PgpKey {
    pub(super) fingerprint: String,
    name: String,
    /// When it expires, in seconds since 1970; empty for never.
    expires: String,
    is_subkey: bool,
}

impl PgpKey {
    fn shown(&self) -> String {
        let until = self.expires.parse().ok().and_then(|time| Timestamp::from_second(time).ok());
        let until = until.map(|time| format!("  (until {})", time.strftime("%Y-%m-%d")));
        let sub = if self.is_subkey { " subkey" } else { "" };
        let (name, key) = (&self.name, &self.fingerprint);
        plain(&format!("{name}  OpenPGP{sub} {key}{}", until.unwrap_or_default())).into_owned()
    }
}

/// The primary keys of a listing, and the subkeys that sign, each by the fingerprint that follows
/// it; the name is a key's first.
pub(super) fn keys(listing: &str) -> Vec<PgpKey> {
    let mut keys: Vec<PgpKey> = Vec::new();
    let (mut name, mut wanted) = (String::new(), false);
    for line in listing.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let field = |number: usize| fields.get(number).copied().unwrap_or_default().to_owned();
        match fields[0] {
            kind @ ("pub" | "sub") => {
                let is_subkey = kind == "sub";
                wanted = !is_subkey || field(11).contains('s');
                if !is_subkey {
                    name.clear();
                }
                if wanted {
                    let (expires, name) = (field(6), name.clone());
                    keys.push(PgpKey { expires, is_subkey, name, ..PgpKey::default() });
                }
            }
            "fpr" if wanted => {
                wanted = false;
                if let Some(key) = keys.last_mut() {
                    key.fingerprint = field(9);
                }
            }
            "uid" if name.is_empty() => {
                name = field(9);
                if let Some(key) = keys.last_mut() {
                    key.name.clone_from(&name);
                }
            }
            _ => {}
        }
    }
    keys
}

fn feed(mut command: Command, text: &str) -> Result<Output> {
    let program = command.get_program().to_owned();
    let cannot = |cause: std::io::Error| {
        let program = program.display();
        let error = Error::failed(format!("cannot run {program}, which reads the signers' keys"));
        match cause.kind() {
            std::io::ErrorKind::NotFound => {
                error.hint("install GnuPG for OpenPGP keys, OpenSSH for ssh keys")
            }
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
    let is_said = |line: &&str| !line.contains("WARNING");
    let words = words.lines().find(is_said).unwrap_or("gpg says nothing of it");
    Error::failed("gpg cannot read the signers' OpenPGP keys").because(plain(words).into_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_that_sign_are_shown_by_name_fingerprint_and_end() {
        let listing = "tru::1:1:0:3:1:5\npub:-:255:22:01:1:1798761600::-:::scESC::::::23::0:\n\
                       fpr:::::::::AA:\nuid:-::::1::H::Jo <jo@acme.com>::::::::::0:\n\
                       uid:-::::1::H::Other::::::::::0:\nsub:-:255:18:02:1::::::e::::::23:\n\
                       fpr:::::::::BB:\nsub:-:255:22:05:1::::::s::::::23:\nfpr:::::::::DD:\n\
                       pub:-:255:22:03:1:::-:::scESC::::::23::0:\nfpr:::::::::CC:\n";
        let shown: Vec<String> = super::keys(listing).iter().map(super::PgpKey::shown).collect();
        assert_eq!(
            shown,
            [
                "Jo <jo@acme.com>  OpenPGP AA  (until 2027-01-01)",
                "Jo <jo@acme.com>  OpenPGP subkey DD",
                "  OpenPGP CC"
            ]
        );
    }
}
