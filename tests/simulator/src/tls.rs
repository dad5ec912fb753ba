//! A certificate authority of its own, and certificates good and bad.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::scenario::Certificate;

/// The names that every good certificate is for; the scenario may add others.
pub const NAMES: [&str; 5] =
    ["localhost", "127.0.0.1", "okta.localhost", "duo.localhost", "sts.localhost"];

/// What the servers show for TLS, by [`Certificate`].
pub struct Tls {
    ca_pem: String,
    good: Arc<ServerConfig>,
    untrusted: Arc<ServerConfig>,
    expired: Arc<ServerConfig>,
    wrong_name: Arc<ServerConfig>,
}

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// From when until when, in years; far enough around any clock that a test may set.
const YEARS: (i32, i32) = (2000, 2099);

impl Tls {
    /// Makes an authority and its certificates; `names` are valid beside [`NAMES`].
    pub(crate) fn new(names: &[String]) -> Self {
        let authority = Authority::new("robo simulator test CA");
        let stranger = Authority::new("robo simulator CA that nobody trusts");
        let mut all: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
        all.extend_from_slice(names);
        let elsewhere = vec!["elsewhere.invalid".to_owned()];
        Self {
            good: authority.server(all.clone(), YEARS),
            untrusted: stranger.server(all.clone(), YEARS),
            expired: authority.server(all, (2000, 2001)),
            wrong_name: authority.server(elsewhere, YEARS),
            ca_pem: authority.pem,
        }
    }

    /// The authority's certificate, to trust.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    pub(crate) fn config(&self, certificate: Certificate) -> Arc<ServerConfig> {
        Arc::clone(match certificate {
            Certificate::Good => &self.good,
            Certificate::Untrusted => &self.untrusted,
            Certificate::Expired => &self.expired,
            Certificate::WrongName => &self.wrong_name,
        })
    }
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = params(Vec::new(), YEARS);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::CrlSign,
        ];
        let key = KeyPair::generate().expect("a key pair");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn server(&self, names: Vec<String>, years: (i32, i32)) -> Arc<ServerConfig> {
        let mut params = params(names, years);
        params.distinguished_name.push(DnType::CommonName, "robo simulator");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Python's strict checks want it.
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().expect("a key pair");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows the protocol's versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a certificate that fits its key");
        Arc::new(config)
    }
}

fn params(names: Vec<String>, years: (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(names).expect("names that a certificate can have");
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params.distinguished_name.push(DnType::OrganizationName, "acme");
    params
}
