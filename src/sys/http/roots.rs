//! The certificates that a server's own must lead to: the system's, and those that the
//! environment adds.

use std::path::{Path, PathBuf};

use rustls_native_certs::{CertificateResult, load_certs_from_paths};
use ureq::tls::{Certificate, RootCerts};

use crate::sys::http::network::{Named, Network};

/// Trusted certificates, and what was asked for and could not be had.
#[derive(Debug)]
pub(super) struct Roots {
    /// All of them; cheap to clone.
    pub(super) trusted: RootCerts,
    /// Sentences about files that could not be read: told when a server is not trusted.
    pub(super) problems: Vec<String>,
}

/// Where systems that have no trust store but files keep them in one: Debian and its kin, Fedora
/// and its kin, openSUSE, Alpine and the BSDs, FreeBSD, NixOS (the list of the crate
/// `openssl-probe`, which itself would read the environment).
const BUNDLES: [&str; 7] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/etc/ssl/certs/ca-bundle.crt",
];

/// Where they keep one file for each, if there is no bundle.
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

impl Roots {
    /// Reads them: some 200 kB of text, so only before the first request.
    pub(super) fn read(network: &Network) -> Self {
        let mut certificates = system().certs;
        let mut problems = Vec::new();
        if certificates.is_empty() {
            problems.push("the system's own certificates were not found".to_owned());
        }
        for Named { variable, value } in network.certificates() {
            let found = read(value);
            if found.certs.is_empty() {
                problems.push(match found.errors.first() {
                    Some(error) => format!("{variable}: {error}"),
                    None => format!("{variable}: there is no certificate in {}", value.display()),
                });
            }
            certificates.extend(found.certs);
        }
        let trusted = certificates.iter().map(|one| Certificate::from_der(one).to_owned());
        Self { trusted: RootCerts::from(trusted), problems }
    }
}

fn read(path: &Path) -> CertificateResult {
    if path.is_dir() {
        load_certs_from_paths(None, Some(path))
    } else {
        load_certs_from_paths(Some(path), None)
    }
}

/// The system's own. Where it has a store that is not made of files, the crate asks that; with
/// `SSL_CERT_FILE` set it would not, so there the file that macOS has too comes in beside.
fn system() -> CertificateResult {
    let bundle = BUNDLES.iter().map(PathBuf::from).find(|path| path.is_file());
    let mut found = bundle.as_deref().map(read).unwrap_or_default();
    if cfg!(any(target_os = "macos", windows)) {
        found.certs.extend(rustls_native_certs::load_native_certs().certs);
    }
    if found.certs.is_empty() {
        let folder = FOLDERS.iter().map(Path::new).find(|path| path.is_dir());
        found = folder.map(read).unwrap_or_default();
    }
    found
}
