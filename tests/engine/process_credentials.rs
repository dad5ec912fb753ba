//! `aws.credentials`: the JSON that the SDKs read.

use robo_simulator::Factor;
use serde_json::Value;

use crate::common::Office;

const NAMES: [&str; 6] =
    ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"];

#[test]
fn the_json_is_version_1_and_nothing_else() {
    let office = Office::without_factors();
    let output = office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(output.stderr, "");
    let json = output.json();
    let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("{name}: {output}"));
    assert_eq!(json["Version"], 1);
    assert_eq!(text("AccountId"), "222222222222");
    assert!(text("AccessKeyId").starts_with("ASIA"));
    let secrets = office.simulator.secrets();
    for name in ["SecretAccessKey", "SessionToken"] {
        assert!(secrets.iter().any(|secret| secret == text(name)), "{name}");
    }
    let expiration: jiff::Timestamp = text("Expiration").parse().unwrap();
    let whole = expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert_eq!(text("Expiration"), whole, "RFC 3339, in UTC, without fractions");
    let lines: Vec<String> = NAMES.map(|name| format!("\"{name}\":{}", json[name])).into();
    assert_eq!(output.stdout, format!("{{{}}}\n", lines.join(",")));

    // The same, over several lines.
    for flag in ["--pretty", "-p"] {
        let pretty = office.robo(["aws.credentials", "dev", flag]).run().exits(0);
        let lines: Vec<String> = NAMES.map(|name| format!("  \"{name}\": {}", json[name])).into();
        assert_eq!(pretty.stdout, format!("{{\n{}\n}}\n", lines.join(",\n")));
    }
}

#[test]
fn questions_and_progress_go_to_the_terminal_while_both_streams_are_read() {
    let office = Office::signed_up(|s| {
        s.user().factors = vec![Factor::push().polls(["SUCCESS"]), Factor::totp()];
    });
    let robo = env!("CARGO_BIN_EXE_robo");
    // The shell stays: a terminal that nobody has open has ended for who reads it.
    let script = format!(
        "{robo} aws.credentials dev --mfa-factor-type token:software:totp >json 2>log </dev/null; exit $?"
    );
    let mut pty = office.inside(office.sandbox.program("sh", ["-c", &script])).pty();
    pty.expect("Code from Okta Verify: ")
        .send_line("000000")
        .expect("Code from Okta Verify: ")
        .send_line("480362");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    let json: Value = serde_json::from_slice(&office.sandbox.read("json")).unwrap();
    assert_eq!(json["Version"], 1);
    assert_eq!(String::from_utf8(office.sandbox.read("log")).unwrap(), "");
    assert!(!screen.contains(json["SecretAccessKey"].as_str().unwrap()), "{screen}");
    let counts = office.simulator.counts();
    assert_eq!((counts.okta("POST /api/v1/authn"), counts.codes_refused), (1, 1), "{counts:?}");
}

#[test]
fn without_a_terminal_a_question_ends_it_at_once() {
    let office = Office::signed_up(|s| s.user().factors = vec![Factor::totp()]);
    let output = office.robo(["aws.credentials", "dev"]).run().exits(4);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("  hint: "), "{output}");
    let counts = office.simulator.counts();
    assert_eq!(counts.sts("AssumeRoleWithSAML"), 0);
    assert_eq!(counts.cancelled, 1, "what was begun at Okta is ended: {counts:?}");
}

#[test]
fn no_profile_makes_robo_run_what_a_config_names() {
    let office = Office::without_factors();
    let mut config = office.sandbox.read_config();
    config = config.replace("[profile dev]\n", "[profile dev]\ncredential_process = touch ran\n");
    config += "\n[profile tools]\ncredential_process = touch ran\n";
    office.sandbox.write_config(config);
    // robo reads the roles of 'dev'; 'tools' has none.
    office.robo(["aws.credentials", "dev"]).run().exits(0);
    let output = office.robo(["aws.credentials", "tools"]).run().exits(1);
    let output = output.says("error: profile 'tools' does not begin at Okta");
    output.says("credential_process").says("aws --profile tools");
    assert!(!office.sandbox.path("ran").exists());
}
