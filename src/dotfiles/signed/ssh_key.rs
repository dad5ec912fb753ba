//! A line of an allowed-signers file: who, with which key, and when.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::sys::text::plain;

/// A line of an allowed-signers file (ssh-keygen(1), "ALLOWED SIGNERS").
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct SshKey {
    pub(super) who: String,
    pub(super) options: Option<String>,
    pub(super) algorithm: &'static Algorithm,
    pub(super) base64: String,
    pub(super) fingerprint: String,
}

/// A kind of ssh key.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Algorithm {
    /// Its name in files.
    pub(super) name: &'static str,
    /// Its name for people, as ssh-keygen prints it.
    shown: &'static str,
    /// How many parts its public keys have, the name included (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709
    /// §4; OpenSSH's PROTOCOL.u2f for those of security keys).
    parts: usize,
}

/// The kinds that ssh-keygen makes; DSA is left out, as OpenSSH has left it out.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm { name: "ssh-ed25519", shown: "ED25519", parts: 2 },
    Algorithm { name: "sk-ssh-ed25519@openssh.com", shown: "ED25519-SK", parts: 3 },
    Algorithm { name: "ecdsa-sha2-nistp256", shown: "ECDSA", parts: 3 },
    Algorithm { name: "ecdsa-sha2-nistp384", shown: "ECDSA", parts: 3 },
    Algorithm { name: "ecdsa-sha2-nistp521", shown: "ECDSA", parts: 3 },
    Algorithm { name: "sk-ecdsa-sha2-nistp256@openssh.com", shown: "ECDSA-SK", parts: 4 },
    Algorithm { name: "ssh-rsa", shown: "RSA", parts: 3 },
];

/// The options that ssh-keygen knows; with any other one it passes over the line.
const OPTIONS: &[&str] = &["cert-authority", "namespaces=", "valid-after=", "valid-before="];

impl SshKey {
    pub(super) fn read(line: &str) -> Result<Self, &'static str> {
        let words = words(line).ok_or("a quotation mark has no end")?;
        let (who, options, algorithm, key) = match words.as_slice() {
            [who, name, key, ..] if algorithm(name).is_some() => (who, None, algorithm(name), key),
            [who, options, name, key, ..] => (who, Some(options), algorithm(name), key),
            _ => return Err("it is no signer: a name, a kind of key and the key are wanted"),
        };
        let algorithm = algorithm.ok_or("it has no kind of key that ssh signs with")?;
        if who.contains('"') {
            return Err("its name is in quotation marks, which ssh-keygen takes for a part of it");
        }
        let wrong_date = |option: &str| {
            let date = option.split_once("=\"").filter(|(name, _)| name.starts_with("valid-"));
            date.is_some_and(|(_, date)| {
                let date = date.trim_end_matches('"').trim_end_matches('Z');
                !matches!(date.len(), 8 | 12 | 14)
                    || !date.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        if options.is_some_and(|options| split_options(options).into_iter().any(wrong_date)) {
            return Err("it has a date that ssh-keygen does not read (20270101 is one)");
        }
        let unknown = |option: &str| {
            let option = option.to_ascii_lowercase();
            !OPTIONS.iter().any(|known| match known.strip_suffix('=') {
                Some(name) => option.strip_prefix(name).is_some_and(|rest| rest.starts_with("=\"")),
                None => option == *known,
            })
        };
        if options.is_some_and(|options| split_options(options).into_iter().any(unknown)) {
            return Err("it has an option that ssh-keygen does not know");
        }
        // Such a name is another one to ssh-keygen than to a person, and a mark that begins a file
        // would be no part of it when the file is read again.
        if [Some(who), options].into_iter().flatten().any(|word| plain(word) != word.as_str()) {
            return Err("it has a character that does not show");
        }
        Ok(Self {
            who: who.clone(),
            options: options.cloned(),
            algorithm,
            base64: key.clone(),
            fingerprint: algorithm.fingerprint(key)?,
        })
    }

    /// Whether its options let it sign a commit on that day.
    pub(super) fn allows(&self, today: &str) -> bool {
        let options = self.options.as_deref().map(split_options).unwrap_or_default();
        options.into_iter().all(|option| {
            let Some((name, value)) = option.split_once("=\"") else { return true };
            let value = value.trim_end_matches('"');
            match name.to_ascii_lowercase().as_str() {
                "valid-before" => value.get(..8).is_some_and(|day| day >= today),
                "namespaces" => {
                    let is_git = |name: &str| name == "git" || name.contains(['*', '?']);
                    let names = || value.split(',').map(str::trim);
                    names().any(is_git) && names().all(|name| name != "!git")
                }
                _ => true,
            }
        })
    }

    pub(super) fn shown(&self) -> String {
        let Self { who, options, algorithm, fingerprint, .. } = self;
        let options = options.as_deref().map(|text| format!("  ({text})")).unwrap_or_default();
        plain(&format!("{who}  {} {fingerprint}{options}", algorithm.shown)).into_owned()
    }
}

/// The kind of key that `name` is, if ssh signs with it.
pub(super) fn algorithm(name: &str) -> Option<&'static Algorithm> {
    ALGORITHMS.iter().find(|algorithm| algorithm.name == name)
}

impl Algorithm {
    /// The fingerprint of a public key, as ssh-keygen prints it.
    ///
    /// # Errors
    /// What is wrong with the key: it is not base64, not of this kind, or not whole.
    pub(super) fn fingerprint(&self, base64: &str) -> Result<String, &'static str> {
        let blob = STANDARD.decode(base64).map_err(|_| "its key is not base64")?;
        let mut rest = blob.as_slice();
        for number in 0..self.parts {
            let cut = rest.split_first_chunk::<4>().and_then(|(length, rest)| {
                let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
                rest.split_at_checked(length)
            });
            let (part, behind) = cut.ok_or("its key is cut off")?;
            if number == 0 && part != self.name.as_bytes() {
                return Err("its key is not of the kind that it says");
            }
            rest = behind;
        }
        if !rest.is_empty() {
            return Err("its key has something behind it");
        }
        Ok(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob))))
    }
}

/// Options, parted by commas that are not between quotation marks.
fn split_options(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let outside = |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    };
    text.split(outside).collect()
}

/// The words of a line; blanks between quotation marks are part of a word.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in line.chars() {
        quoted ^= c == '"';
        if c.is_whitespace() && !quoted {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(c);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    (!quoted).then_some(words)
}
