//! Any manifest is read or refused by a line that it has; its paths stay in the repo, its host is
//! one, and it means the same when it is written anew.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::dotfiles::Manifest;

const KEYS: [&str; 10] = [
    "team_env",
    "min_robo_version",
    "okta.domain",
    "okta.app",
    "okta.client_id",
    "aws.teams",
    "aws.shared",
    "aws.catalog",
    "trust.signers",
    "trust.revoked",
];

fuzz_target!(|text: &str| {
    let lines = text.split('\n').count();
    let (manifest, warnings) = match Manifest::parse(text, "acme/dotfiles at 0123abc") {
        Ok(read) => read,
        Err(error) => {
            let place = error.message().split("robo.toml:").nth(1).expect("a place");
            let digits: String = place.chars().take_while(char::is_ascii_digit).collect();
            assert!((1..=lines).contains(&digits.parse().expect("a line")), "{error}");
            return;
        }
    };
    assert!(warnings.iter().all(|warning| !warning.chars().any(char::is_control)));
    assert!(
        KEYS.iter().filter_map(|key| manifest.line(key)).all(|line| (1..=lines).contains(&line))
    );
    let Manifest { okta, aws, trust, .. } = &manifest;
    let paths = [Some(&aws.teams), Some(&aws.shared), Some(&aws.catalog)];
    for path in paths.into_iter().chain([trust.signers.as_ref(), trust.revoked.as_ref()]).flatten()
    {
        assert!(!path.is_empty() && !path.starts_with('/') && !path.chars().any(char::is_control));
        assert!(!path.split('/').any(|part| part == ".."), "leaves the repo: {path}");
    }
    assert_eq!(aws.teams.matches("{team}").count(), 1);
    if let Some(domain) = &okta.domain {
        let url: url::Url = format!("https://{domain}/").parse().expect("a host");
        assert!(url.path() == "/" && url.username().is_empty() && url.query().is_none());
    }

    let values = [
        Some(&manifest.team_env),
        manifest.min_robo_version.as_ref(),
        okta.domain.as_ref(),
        okta.app.as_ref(),
        okta.client_id.as_ref(),
        Some(&aws.teams),
        Some(&aws.shared),
        Some(&aws.catalog),
        trust.signers.as_ref(),
        trust.revoked.as_ref(),
    ];
    let written: String = KEYS
        .iter()
        .zip(values)
        .filter_map(|(key, value)| Some(format!("{key} = \"{}\"\n", escaped(value?))))
        .collect();
    let (again, warnings) = Manifest::parse(&written, "f").expect("what is written is right");
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(again.team_env, manifest.team_env);
    assert_eq!(again.min_robo_version, manifest.min_robo_version);
    assert_eq!((&again.okta, &again.aws, &again.trust), (okta, aws, trust));
});

fn escaped(text: &str) -> String {
    text.chars().map(|c| format!("\\U{:08X}", u32::from(c))).collect()
}
