//! `aws.env` in the shells that it is for.

use serde_json::Value;

use crate::common::{Office, Output, Run};

/// Names that a careless quotation would let out of their quotes.
const AWKWARD: [&str; 5] = ["a b", "it's", "dollar$HOME`id`", "back\\slash", "bang! $(touch ran)"];

/// An office with a profile of each awkward name, as `dev` is.
fn office() -> Office {
    let office = Office::without_factors();
    let mut config = office.sandbox.read_config();
    for name in AWKWARD {
        let quoted = if name.contains('\'') { format!("\"{name}\"") } else { format!("'{name}'") };
        config += &format!(
            "[profile {quoted}]\nrole_arn = arn:aws:iam::222222222222:role/dev\n\
             source_profile = okta-hub\n"
        );
    }
    office.sandbox.write_config(config);
    office
}

/// Variables of the shell before, none of which may lead a program any more.
const BEFORE: [(&str, &str); 4] = [
    ("AWS_PROFILE", "prod"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "/x"),
    ("AWS_SESSION_TOKEN", "old"),
];

fn before(run: Run) -> Run {
    BEFORE.into_iter().fold(run, |run, (name, value)| run.env(name, value))
}

/// What the shell's children see, by a script that takes over `robo aws.env PROFILE`.
fn taken_over(office: &Office, shell: &str, script: &str, profile: &str) -> Output {
    let script = format!("{script} && env -0");
    let words = ["-c", &script];
    let path = format!(
        "{}:{}",
        std::path::Path::new(env!("CARGO_BIN_EXE_robo")).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let run = office.inside(office.sandbox.program(shell, words)).env("PATH", path);
    before(run).env("PROFILE", profile).run().exits(0)
}

fn is_here(shell: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap();
    let here = std::env::split_paths(&path).any(|folder| folder.join(shell).is_file());
    if !here {
        eprintln!("skipped: {shell} is not installed");
    }
    here
}

#[test]
fn a_shell_takes_over_what_is_printed_for_it() {
    let office = office();
    let posix = "eval \"$(robo aws.env \"$PROFILE\")\"";
    let shells = [
        ("sh", posix),
        ("bash", posix),
        ("dash", posix),
        ("zsh", posix),
        ("fish", "robo aws.env \"$PROFILE\" --format fish | source"),
    ];
    for (shell, script) in shells.into_iter().filter(|(shell, _)| is_here(shell)) {
        for profile in ["dev"].iter().chain(&AWKWARD) {
            let output = taken_over(&office, shell, script, profile);
            assert_eq!(output.stderr, "", "{shell}, {profile}");
            let get = |name: &str| {
                let mut lines = output.stdout.split('\0');
                lines.find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap_or("(unset)")
            };
            assert_eq!(get("AWS_OKTA_PROFILE"), *profile, "{shell}");
            assert!(get("AWS_ACCESS_KEY_ID").starts_with("ASIA"), "{shell}");
            assert!(office.simulator.secrets().iter().any(|s| s == get("AWS_SECRET_ACCESS_KEY")));
            assert_eq!(get("AWS_SESSION_TOKEN"), get("AWS_SECURITY_TOKEN"), "{shell}");
            for (name, _) in &BEFORE[..3] {
                assert_eq!(get(name), "(unset)", "{shell}: {name}");
            }
        }
    }
    assert!(!office.sandbox.path("ran").exists(), "a profile's name was run");
}

#[test]
fn strict_shells_take_it_too() {
    // In `set -eu` a variable that is not set, or a command that fails, ends the shell.
    let office = office();
    let posix = "set -eu; unset AWS_PROFILE; eval \"$(robo aws.env dev)\"";
    for shell in ["sh", "bash", "dash", "zsh"].into_iter().filter(|shell| is_here(shell)) {
        assert_eq!(taken_over(&office, shell, posix, "dev").stderr, "", "{shell}");
    }
    if is_here("fish") {
        let script = "set -e AWS_PROFILE; robo aws.env dev --format fish | source; or exit 9";
        assert_eq!(taken_over(&office, "fish", script, "dev").stderr, "");
    }
}

#[test]
fn a_failure_prints_nothing_for_the_shell_to_run() {
    let office = office();
    for format in ["sh", "fish", "powershell", "dotenv", "json"] {
        let output = office.robo(["aws.env", "dve", "--format", format]).run().exits(1);
        assert_eq!(output.stdout, "");
    }
    office.robo(["aws.env", "dev", "--format", "tcsh"]).run().exits(2).says("powershell");
}

/// Each pair of `NAME=value` lines, read by the rules that dotenv libraries share.
#[test]
fn dotenv_values_are_quoted_where_they_need_it() {
    let office = office();
    let of = |profile: &str| {
        let args = ["aws.env", profile, "--format", "dotenv"];
        let output = office.robo(args).run().exits(0);
        let line = output.stdout.lines().find(|line| line.starts_with("AWS_OKTA_PROFILE="));
        line.unwrap_or_else(|| panic!("{output}")).to_owned()
    };
    assert_eq!(of("dev"), "AWS_OKTA_PROFILE=dev");
    for (profile, line) in [
        ("a b", "AWS_OKTA_PROFILE='a b'"),
        ("it's", "AWS_OKTA_PROFILE=\"it's\""),
        ("dollar$HOME`id`", "AWS_OKTA_PROFILE='dollar$HOME`id`'"),
        ("back\\slash", "AWS_OKTA_PROFILE='back\\slash'"),
    ] {
        assert_eq!(of(profile), line);
    }
    let output = office.robo(["aws.env", "dev", "--format", "dotenv"]).run().exits(0);
    assert!(!output.stdout.contains("unset"), "a file has nothing to unset");
    // Session tokens are base64, which ends in '=' and has '/' and '+'.
    for line in output.stdout.lines() {
        let (name, value) = line.split_once('=').unwrap();
        assert!(!value.contains(['\'', '"']), "{name}");
    }
}

#[test]
fn json_is_one_object_of_all_that_is_set() {
    let office = office();
    for profile in AWKWARD {
        let json = office.robo(["aws.env", profile, "--format", "json"]).run().exits(0).json();
        let Value::Object(map) = json else { panic!("{json}") };
        assert_eq!(map["AWS_OKTA_PROFILE"], *profile);
        assert!(map.values().all(Value::is_string));
        let names: Vec<&str> = map.keys().map(String::as_str).collect();
        let want = [
            "AWS_ACCESS_KEY_ID",
            "AWS_CREDENTIAL_EXPIRATION",
            "AWS_OKTA_ASSUMED_ROLE",
            "AWS_OKTA_ASSUMED_ROLE_ARN",
            "AWS_OKTA_PROFILE",
            "AWS_OKTA_SESSION_EXPIRATION",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SECURITY_TOKEN",
            "AWS_SESSION_TOKEN",
        ];
        assert_eq!(names, want);
    }
}

#[test]
fn powershell_gets_its_own_quotes() {
    let office = office();
    let of = |profile: &str| {
        office.robo(["aws.env", profile, "--format", "powershell"]).run().exits(0).stdout
    };
    let text = of("it's");
    assert!(text.contains("$Env:AWS_OKTA_PROFILE = 'it''s'\n"), "{text}");
    assert!(text.contains("Remove-Item -ErrorAction Ignore Env:AWS_PROFILE\n"), "{text}");
    assert!(of("dollar$HOME`id`").contains("$Env:AWS_OKTA_PROFILE = 'dollar$HOME`id`'\n"));
}
