//! Who may sign a repo's commits: an allowed-signers file, which may hold OpenPGP keys as well.

use super::ssh_key::{SshKey, algorithm};
use crate::error::{Error, Result};

/// The largest file of signers, or of revoked keys, that is read: some thousand keys.
pub const LARGEST: u64 = 1024 * 1024;

/// The keys that a commit may be signed by, and those that it may not be signed by any more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signers {
    keys: Vec<SshKey>,
    /// Armoured blocks of OpenPGP public keys (RFC 9580 §6.2).
    pgp: String,
    revoked: Option<Vec<u8>>,
}

/// What a key revocation list begins with (OpenSSH's PROTOCOL.krl).
const KRL: &[u8] = b"SSHKRL\n\0";

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

impl Signers {
    /// Reads a file of signers: lines of an allowed-signers file, comments, and armoured OpenPGP
    /// public keys. `place` says which file it is, in errors.
    ///
    /// # Errors
    /// When a line is none of these, and when there is no key at all: ssh-keygen would pass over
    /// a line that it cannot read, and a typing mistake would lock people out.
    pub fn read(bytes: &[u8], place: &str) -> Result<Self> {
        let text = std::str::from_utf8(bytes)
            .map_err(|cause| Error::failed(format!("{place} is not UTF-8")).because(cause))?;
        let mut signers = Self { keys: Vec::new(), pgp: String::new(), revoked: None };
        let mut block = None;
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let at = |why: &str| {
                Error::failed(format!("{place}:{}: {why}", index + 1)).excerpt(index + 1, line)
            };
            let line = line.trim();
            if block.is_some() || line == BEGIN {
                block = Some(index + 1).filter(|_| line != END);
                signers.pgp.push_str(line);
                signers.pgp.push('\n');
            } else if !line.is_empty() && !line.starts_with('#') {
                signers.keys.push(SshKey::read(line).map_err(|why| {
                    at(why).hint(
                        "a line is: WHO@COMPANY.COM ssh-ed25519 AAAA… (ssh-keygen(1), ALLOWED SIGNERS)",
                    )
                })?);
            }
        }
        if let Some(line) = block {
            return Err(Error::failed(format!("{place}:{line}: the OpenPGP key has no end"))
                .hint(format!("a block of keys ends in {END}")));
        }
        if signers.keys.is_empty() && signers.pgp.is_empty() {
            return Err(Error::failed(format!("{place} holds no key"))
                .hint("who may sign? A line is: WHO@COMPANY.COM ssh-ed25519 AAAA…"));
        }
        // The order means nothing, and nor does a line that is there twice.
        signers.keys.sort();
        signers.keys.dedup();
        Ok(signers)
    }

    /// The same, less the keys that `list` revokes: a key revocation list of ssh-keygen, or public
    /// keys in lines. (An OpenPGP key says by itself that it is revoked.) `place` says which file it
    /// is, in errors.
    ///
    /// # Errors
    /// When it is neither, for then ssh-keygen takes every key for revoked; and when it leaves
    /// nobody who can sign.
    pub fn without(mut self, list: Option<Vec<u8>>, place: &str) -> Result<Self> {
        self.revoked = list;
        let Some(list) = self.revoked.as_deref().filter(|list| !list.starts_with(KRL)) else {
            return Ok(self);
        };
        let text = std::str::from_utf8(list).map_err(|cause| {
            Error::failed(format!("{place} is no list of revoked keys")).because(cause)
        })?;
        let mut gone = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            let kind = words.first().and_then(|name| algorithm(name));
            let key = match (kind, words.get(1)) {
                (Some(kind), Some(key)) => kind.fingerprint(key),
                _ => Err("it is no public key"),
            };
            gone.push(key.map_err(|why| {
                Error::failed(format!("{place}:{}: {why}", index + 1))
                    .excerpt(index + 1, line)
                    .hint("a line is: ssh-ed25519 AAAA…, without a name before it (or the whole file is ssh-keygen -k's)")
            })?);
        }
        if self.pgp.is_empty() && self.keys.iter().all(|key| gone.contains(&key.fingerprint)) {
            return Err(Error::failed(format!("{place} revokes every key that may sign")));
        }
        Ok(self)
    }

    /// Whether the revoked keys are in a list of ssh-keygen's own form.
    pub(super) fn has_krl(&self) -> bool {
        self.revoked.as_deref().is_some_and(|list| list.starts_with(KRL))
    }

    /// The same, with nothing revoked.
    pub(super) fn before_revocations(&self) -> Self {
        Self { revoked: None, ..self.clone() }
    }

    /// The ssh keys that can sign commits on the day `today` (`20261126`), as public keys.
    ///
    /// # Errors
    /// When there are none.
    pub(super) fn usable(&self, today: &str) -> Result<Vec<String>> {
        let can_sign = |key: &&SshKey| {
            key.who.split(',').any(|who| !who.starts_with('!')) && key.allows(today)
        };
        let keys = self.keys.iter().filter(can_sign);
        let keys: Vec<String> =
            keys.map(|key| format!("{} {}\n", key.algorithm.name, key.base64)).collect();
        if keys.is_empty() {
            return Err(Error::failed("none of the signers' keys can sign a commit today")
                .hint("is each past its 'valid-before', or its 'namespaces' without git?"));
        }
        Ok(keys)
    }

    /// How many keys there are; a block of OpenPGP keys counts as one.
    pub fn keys(&self) -> usize {
        self.keys.len() + self.pgp.matches(BEGIN).count()
    }

    /// The ssh keys, a line each, as ssh-keygen reads them: what [`Signers::shown`] shows, and
    /// nothing else.
    pub(super) fn allowed(&self) -> String {
        let line = |key: &SshKey| {
            let options = key.options.as_deref().map(|text| format!("{text} ")).unwrap_or_default();
            format!("{} {options}{} {}\n", key.who, key.algorithm.name, key.base64)
        };
        self.keys.iter().map(line).collect()
    }

    /// The armoured OpenPGP keys; empty when there are none.
    pub(super) fn pgp(&self) -> &str {
        &self.pgp
    }

    /// All of them, as a file that [`Signers::read`] reads, without what it passes over.
    pub fn file(&self) -> String {
        self.allowed() + &self.pgp
    }

    /// The revocation list for ssh keys.
    pub fn revoked(&self) -> Option<&[u8]> {
        self.revoked.as_deref()
    }

    /// The ssh keys for people, safe to show: `jo@acme.com  ED25519 SHA256:…`.
    pub(super) fn shown(&self) -> impl Iterator<Item = String> {
        self.keys.iter().map(SshKey::shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaqzrQ1mRPxKDGbGJGYJsGGYJoyBCqXkT6tJYXCyDzq";

    #[test]
    fn lines_comments_options_and_blocks_are_read() {
        let text = format!(
            "\u{feff}# the platform team\r\n\r\njo@acme.com,ann@acme.com {KEY} laptop\r\n\
             *@acme.com valid-before=\"20300101\",namespaces=\"git, file\" {KEY}\n{BEGIN}\n\nAAAA\n{END}\n"
        );
        let signers = Signers::read(text.as_bytes(), "f").unwrap();
        let shown: Vec<String> = signers.shown().collect();
        assert!(shown[1].starts_with("jo@acme.com,ann@acme.com  ED25519 SHA256:"), "{shown:?}");
        assert!(shown[0].ends_with("(valid-before=\"20300101\",namespaces=\"git, file\")"));
        assert_eq!(signers.pgp(), format!("{BEGIN}\n\nAAAA\n{END}\n"));
        let want = format!(
            "*@acme.com valid-before=\"20300101\",namespaces=\"git, file\" {KEY}\n\
             jo@acme.com,ann@acme.com {KEY}\n"
        );
        assert_eq!(signers.allowed(), want);
        assert_eq!(Signers::read(want.as_bytes(), "f").unwrap().keys, signers.keys);
    }

    #[test]
    fn what_is_no_signer_is_told_by_its_line() {
        let cases = [
            (String::new(), "f holds no key"),
            ("# nobody\n".to_owned(), "f holds no key"),
            ("jo@acme.com\n".to_owned(), "f:1: it is no signer"),
            (format!("\n{KEY}\n"), "f:2: it is no signer"),
            ("jo@acme.com ssh-dss AAAA x\n".to_owned(), "f:1: it has no kind of key"),
            ("jo@acme.com ssh-ed25519 A?\n".to_owned(), "f:1: its key is not base64"),
            (format!("jo@acme.com ssh-rsa {}\n", &KEY[12..]), "f:1: its key is not of the kind"),
            (format!("\"jo {KEY}\n"), "f:1: a quotation mark has no end"),
            (format!("\"jo\" {KEY}\n"), "f:1: its name is in quotation marks"),
            (format!("jo namespace=\"git\" {KEY}\n"), "f:1: it has an option"),
            (format!("jo valid-before=20300101 {KEY}\n"), "f:1: it has an option"),
            (format!("jo valid-before=\"soon\" {KEY}\n"), "f:1: it has a date"),
            (format!("jo {}\n", &KEY[..KEY.len() - 4]), "f:1: its key is cut off"),
            (
                format!("\n\u{feff}jo@acme.com {KEY}\n"),
                "f:2: it has a character that does not show",
            ),
            (format!("jo\u{202e} {KEY}\n"), "f:1: it has a character that does not show"),
            (format!("{BEGIN}\nAAAA\n"), "f:2: the OpenPGP key has no end"),
        ];
        for (text, want) in cases {
            let error = Signers::read(text.as_bytes(), "f").unwrap_err();
            assert!(error.message().starts_with(want), "{text:?}: {}", error.message());
        }
        assert_eq!(Signers::read(b"\xff", "f").unwrap_err().message(), "f is not UTF-8");
    }

    #[test]
    fn a_list_of_revoked_keys_is_one_and_leaves_somebody() {
        let signers = || Signers::read(format!("jo {KEY}\n").as_bytes(), "f").unwrap();
        let other = KEY.replace("Dzq", "Dzr");
        for good in [&*format!("# ann's\n{other} ann@acme.com\r\n"), "", "SSHKRL\n\0…"] {
            assert!(signers().without(Some(good.as_bytes().to_vec()), "r").is_ok(), "{good}");
        }
        for (bad, want) in [
            (format!("ann@acme.com {other}\n"), "r:1: it is no public key"),
            ("SHA256:abc\n".to_owned(), "r:1: it is no public key"),
            ("ssh-ed25519 A?\n".to_owned(), "r:1: its key is not base64"),
            (format!("{KEY} jo\n"), "r revokes every key that may sign"),
        ] {
            let error = signers().without(Some(bad.clone().into_bytes()), "r").unwrap_err();
            assert_eq!(error.message(), want, "{bad}");
        }
    }

    #[test]
    fn somebody_has_to_be_able_to_sign() {
        for (line, want) in [
            ("jo", true),
            ("!jo,*@acme.com", true),
            ("!jo", false),
            ("jo valid-before=\"20261126\"", true),
            ("jo valid-before=\"20261125\"", false),
            ("jo valid-after=\"20300101\"", true),
            ("jo namespaces=\"file\"", false),
            ("jo namespaces=\"file,git\"", true),
            ("jo namespaces=\"!git,*\"", false),
        ] {
            let signers = Signers::read(format!("{line} {KEY}\n").as_bytes(), "f").unwrap();
            assert_eq!(signers.usable("20261126").is_ok(), want, "{line}");
        }
    }
}
