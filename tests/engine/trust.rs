//! Which hosts a password goes to: a pinned one, or one that its owner wrote down.

use crate::common::office::{PASSWORD, USER};
use crate::common::{Office, Upstream};

const FIRST: &str = "okta_domain = acme.okta.com\n";

/// A laptop whose team's repo signs in at acme.okta.com, which was agreed to, and whose config
/// signs in at the simulator since.
fn redirected(office: &Office, by_the_repo: bool) {
    let host = office.simulator.okta_host();
    let own = format!("okta_domain = {host}\n");
    let config = office.sandbox.read_config();
    std::fs::remove_file(office.sandbox.config_path()).unwrap();
    let upstream = Upstream::applied(&office.sandbox, &config.replace(&own, FIRST));
    if by_the_repo {
        upstream.push(&config);
        let refused = upstream.config(["--yes"]).run();
        assert_ne!(refused.status, 0, "a change of the host wants --trust: {refused}");
    }
    office.edit_config(FIRST, &own);
}

fn settings(office: &Office) -> String {
    String::from_utf8(office.sandbox.read(".config/robo/settings.toml")).unwrap()
}

#[test]
fn a_host_of_one_s_own_needs_no_question() {
    let office = Office::without_factors();
    redirected(&office, false);
    // No repo put it there: the person did.
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
}

/// As somebody who changes the file of what was applied, and the config, would do it.
fn with_a_host_of_the_repo_s(office: &Office) {
    redirected(office, false);
    let bases: Vec<_> = office
        .sandbox
        .files()
        .into_iter()
        .filter(|(path, text)| {
            path.starts_with(office.sandbox.state())
                && text.windows(FIRST.len() - 1).any(|part| part == FIRST.trim_end().as_bytes())
        })
        .collect();
    assert!(!bases.is_empty(), "there is a base");
    for (path, text) in bases {
        let text = String::from_utf8(text).unwrap();
        std::fs::write(path, text.replace("acme.okta.com", &office.simulator.okta_host())).unwrap();
    }
}

#[test]
fn a_host_named_to_aws_add_is_agreed_to() {
    let office = Office::without_factors();
    with_a_host_of_the_repo_s(&office);
    let host = office.simulator.okta_host();
    let add = ["aws.add", "--username", USER, "--password-stdin"];
    office.robo(add).stdin(PASSWORD).run().exits(4).says("is no host that you agreed to");
    assert_eq!(office.simulator.counts().all(), 0);
    let add = ["aws.add", "--username", USER, "--password-stdin", "--domain", &host];
    office.robo(add).stdin(PASSWORD).run().exits(0);
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
}

#[test]
fn a_host_that_the_repo_changes_is_not_followed() {
    let office = Office::without_factors();
    redirected(&office, true);
    // Nothing of the repo's was applied, so the line is the person's own.
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    assert!(!settings(&office).contains(&office.simulator.okta_host()));
}

#[test]
fn a_sign_in_link_of_another_host_gets_no_session() {
    let office = Office::without_factors();
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    let before = office.simulator.counts().all();
    let own = "aws_saml_url = home/amazon_aws/0oa1sim2ula3tor4/272";
    for link in [
        "https://evil.example/home/amazon_aws/0oa/272",
        "//evil.example/home",
        "http://127.0.0.1/home",
    ] {
        office.edit_config(own, &format!("aws_saml_url = {link}"));
        let output = office.robo(["aws.env", "dev"]).run();
        assert!([1, 4].contains(&output.status), "{output}");
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("  hint: "), "{output}");
        office.edit_config(&format!("aws_saml_url = {link}"), own);
    }
    assert_eq!(office.simulator.counts().all(), before);
}
