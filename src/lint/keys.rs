//! The keys of `~/.aws/config` that some reader knows.
//!
//! Sources: botocore 1.43 (`configprovider.py`, `credentials.py`, `args.py`, `utils.py`), the AWS
//! CLI 1.44 and 2 (`cli_*`, its configuration guide, `help config-vars` and `s3-config`), the AWS
//! SDKs' reference guide of settings, aws-okta's README and `lib/provider.go`, aws-vault's
//! `vault/config.go`, granted's documentation of profiles, and robo itself (README, "Signing in").

use crate::config::section::SectionId;

/// The kinds of sections that have a name.
pub(super) const KINDS: [&str; 3] = ["profile", "sso-session", "services"];

/// Sections without a name: robo's and aws-okta's, and those of the AWS CLI.
const PLAIN: [&str; 3] = ["okta", "plugins", "preview"];

/// Whom a profile's credentials come from, and what is read wherever a role is assumed.
const CREDENTIALS: &[&str] = &[
    "account_id",
    "aws_access_key_id",
    "aws_account_id",
    "aws_secret_access_key",
    "aws_security_token",
    "aws_session_token",
    "credential_process",
    "credential_source",
    "duration_seconds",
    "external_id",
    "login_session",
    "mfa_serial",
    "role_arn",
    "role_session_name",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

/// What the AWS CLI and the SDKs are set by.
const SETTINGS: &[&str] = &[
    "account_id_endpoint_mode",
    "api_versions",
    "auth_scheme_preference",
    "ca_bundle",
    "cli_auto_prompt",
    "cli_binary_format",
    "cli_error_format",
    "cli_follow_urlparam",
    "cli_help_output",
    "cli_history",
    "cli_legacy_plugin_path",
    "cli_pager",
    "cli_timestamp_format",
    "csm_client_id",
    "csm_enabled",
    "csm_host",
    "csm_port",
    "data_path",
    "defaults_mode",
    "disable_host_prefix_injection",
    "disable_request_compression",
    "ec2_metadata_service_endpoint",
    "ec2_metadata_service_endpoint_mode",
    "ec2_metadata_v1_disabled",
    "emr",
    "endpoint_discovery_enabled",
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "imds_use_ipv6",
    "max_attempts",
    "metadata_service_num_attempts",
    "metadata_service_timeout",
    "output",
    "parameter_validation",
    "region",
    "request_checksum_calculation",
    "request_min_compression_size_bytes",
    "response_checksum_validation",
    "retry_mode",
    "s3",
    "s3_disable_express_session_auth",
    "s3_disable_multiregion_access_points",
    "s3_us_east_1_regional_endpoint",
    "s3_use_arn_region",
    "sdk_ua_app_id",
    "services",
    "sigv4a_signing_region_set",
    "sts_regional_endpoints",
    "tcp_keepalive",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
];

/// aws-okta's keys and robo's own: in a profile, or in `[okta]` for all of them.
const OKTA: &[&str] = &[
    "assume_role_ttl",
    "aws_saml_url",
    "mfa_code_command",
    "mfa_duo_device",
    "mfa_factor_type",
    "mfa_provider",
    "mfa_remember_device",
    "okta_account_name",
    "okta_app_id",
    "okta_auth",
    "okta_client_id",
    "okta_domain",
    "okta_session_cookie_key",
    "region",
    "role_session_name",
    "session_ttl",
    "source_identity",
    "sts_regional_endpoints",
    "use_fips_endpoint",
];

/// Keys of aws-vault and granted, which read the same file.
const OTHER_TOOLS: &[&str] = &[
    "common_fate_generated_from",
    "common_fate_url",
    "granted_color",
    "granted_sso_account_id",
    "granted_sso_region",
    "granted_sso_registration_scopes",
    "granted_sso_role_name",
    "granted_sso_start_url",
    "include_profile",
    "mfa_process",
    "session_tags",
    "transitive_session_tags",
];

const SSO_SESSION: &[&str] =
    &["sso_issuer_url", "sso_region", "sso_registration_scopes", "sso_start_url"];

/// What stands in a profile's block `s3`.
const S3: &[&str] = &[
    "addressing_style",
    "disable_multiregion_access_points",
    "io_chunksize",
    "max_bandwidth",
    "max_concurrent_requests",
    "max_queue_size",
    "multipart_chunksize",
    "multipart_threshold",
    "payload_signing_enabled",
    "preferred_transfer_client",
    "s3_disable_multiregion_access_points",
    "signature_version",
    "target_bandwidth",
    "us_east_1_regional_endpoint",
    "use_accelerate_endpoint",
    "use_arn_region",
    "use_dualstack_endpoint",
];

/// What stands in the block of a service in `[services NAME]`.
const SERVICE: &[&str] = &["endpoint_url"];

/// Whether some reader takes the section for something.
pub(super) fn is_section(id: &SectionId) -> bool {
    if id.kind().is_empty() { PLAIN.contains(&id.name()) } else { KINDS.contains(&id.kind()) }
}

/// The keys of a section; none where any key may be (a service's name, a plugin's), or where
/// nobody reads it.
pub(super) fn of_section(id: &SectionId) -> Option<&'static [&'static [&'static str]]> {
    match (id.kind(), id.name()) {
        ("profile", _) => Some(&[CREDENTIALS, SETTINGS, OKTA, OTHER_TOOLS]),
        ("sso-session", _) => Some(&[SSO_SESSION]),
        ("", "okta") => Some(&[OKTA]),
        ("services", _) => Some(&[]),
        _ => None,
    }
}

/// Whether a key is among those.
pub(super) fn has(known: &[&[&str]], key: &str) -> bool {
    known.is_empty() || known.iter().any(|keys| keys.contains(&key))
}

/// What stands in the block of that key, where that is known.
pub(super) fn nested(id: &SectionId, key: &str) -> Option<&'static [&'static str]> {
    match (id.kind(), key) {
        ("services", _) => Some(SERVICE),
        ("profile", "s3") => Some(S3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_order_and_compare_in_lower_case() {
        for keys in [CREDENTIALS, SETTINGS, OKTA, OTHER_TOOLS, SSO_SESSION, S3] {
            assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
            assert!(keys.iter().all(|key| *key == key.to_lowercase()));
        }
    }
}
