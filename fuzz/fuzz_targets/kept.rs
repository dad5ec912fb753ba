//! Any JSON in a file of the vault or the cache is what it should be or nothing: what was read is
//! written and read again the same, can be asked anything, and shows no secret.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use robo::aws::{Credentials, Stored};
use robo::engine::Account;
use robo::okta::{Cookies, FactorId, Tokens};
use robo::sys::secret::{ExposeSecret as _, Secret};
use robo_fuzz::begin;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|json: &str| {
    if let Some(stored) = read::<Stored>(json) {
        let shown = format!("{stored:?}");
        let credentials = Credentials::from(stored);
        let open = format!("{} {}", credentials.access_key_id, credentials.assumed_role_arn);
        for secret in [&credentials.secret_access_key, &credentials.session_token] {
            is_not_shown(secret, &shown, &open);
        }
        for ttl in [Duration::ZERO, Duration::from_secs(900), Duration::MAX] {
            let fresh = credentials.is_fresh(begin(), ttl);
            assert!(!fresh || credentials.expiration > begin(), "over, and fresh");
        }
        if let Some(role) = credentials.assumed_role() {
            assert!(credentials.assumed_role_arn.contains(role.role));
        }
    }
    if let Some(cookies) = read::<Cookies>(json) {
        let shown = format!("{cookies:?}");
        for secret in [&cookies.sid, &cookies.idx, &cookies.dt].into_iter().flatten() {
            is_not_shown(secret, &shown, "");
        }
        assert_eq!(cookies.has_session(), cookies.sid.is_some() || cookies.idx.is_some());
    }
    if let Some(tokens) = read::<Tokens>(json) {
        let shown = format!("{tokens:?}");
        let open = format!("{} {:?}", tokens.client_id, tokens.name);
        is_not_shown(&tokens.access, &shown, &open);
        is_not_shown(&tokens.identity, &shown, &open);
        let serves = tokens.serve(&tokens.client_id, true, begin());
        assert!(!serves || tokens.may_list && tokens.expires > begin());
        assert!(
            tokens
                .user()
                .is_none_or(|user| user.chars().count() <= 201 || tokens.name == Some(user))
        );
        let _ = tokens.subject();
    }
    if let Some(account) = read::<Account>(json) {
        assert!(account.name.len() <= json.len() && account.username.len() <= json.len());
    }
    read::<FactorId>(json);
});

fn read<T: DeserializeOwned + Serialize>(json: &str) -> Option<T> {
    let read: T = serde_json::from_str(json).ok()?;
    let text = serde_json::to_string(&read).expect("it can be kept");
    let back: T = serde_json::from_str(&text).expect("what was kept can be read");
    assert_eq!(serde_json::to_string(&back).expect("it can be kept"), text);
    Some(read)
}

/// `open` is what may be shown, and may happen to hold the same.
fn is_not_shown(secret: &Secret, shown: &str, open: &str) {
    let secret = secret.expose_secret();
    let words = "Stored Credentials Cookies Tokens SecretBox REDACTED access_key_id session_token";
    let likely = secret.len() >= 8 && !open.contains(secret) && !words.contains(secret);
    // The times, too, are shown.
    let digits = secret.bytes().any(|byte| byte.is_ascii_digit() || byte == b':');
    assert!(!likely || digits || !shown.contains(secret), "shown: {shown}");
}
