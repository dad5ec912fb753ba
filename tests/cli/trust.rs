//! What a shared repo cannot do to a laptop that has not agreed to it.

use crate::common::{Output, Sandbox, TEAM, Upstream};

const MANIFEST: &str = "[okta]\ndomain = \"acme.okta.com\"\n";

/// A repo whose manifest names a domain, and that was trusted by a first run with `--yes`.
fn trusted(sandbox: &Sandbox) -> Upstream<'_> {
    let upstream = Upstream::of_team(sandbox, TEAM);
    upstream.commit("change the team's config", [("robo.toml", MANIFEST)]);
    upstream.config(["--yes"]).run().exits(0);
    upstream
}

/// robo's settings, wherever they are.
fn settings(sandbox: &Sandbox) -> String {
    let files = sandbox.files();
    let found = files.into_iter().find(|(path, _)| path.ends_with("settings.toml"));
    found.map(|(_, text)| String::from_utf8(text).unwrap()).unwrap_or_default()
}

#[test]
fn a_first_run_with_nobody_there_trusts_nothing() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("change the team's config", [("robo.toml", MANIFEST)]);
    sandbox.refused(
        upstream.config([""; 0]),
        4,
        "foundation · <sandbox>/acme/dotfiles @ <commit> \"change the team's config\" \
         (acme-platform, <ago>)\n\n  \
         This repo will be able to set your AWS profiles.\n  \
         It asks you to sign in to Okta at\n    acme.okta.com\n\n\
         error: a question needs an answer, and nobody is there: Trust \
         file://<sandbox>/acme/dotfiles and acme.okta.com from now on?\n  \
         hint: robo aws.config --dotfiles 'file://<sandbox>/acme/dotfiles' --yes answers yes; \
         nothing was changed\n",
    );
    assert!(!sandbox.path(".aws").exists());
}

#[test]
fn yes_pins_the_first_repo_and_its_domain() {
    let sandbox = Sandbox::new();
    let upstream = trusted(&sandbox);
    assert_eq!(
        settings(&sandbox),
        format!(
            "[trust]\ndotfiles = \"{url}\"\nokta_domains = [\"acme.okta.com\"]\n\n\
             [dotfiles]\nurl = \"{url}\"\n",
            url = upstream.url()
        )
    );
}

#[test]
fn another_repo_is_refused_though_yes_is_said_until_trust_is() {
    let sandbox = Sandbox::new();
    let before = trusted(&sandbox);
    let other = Upstream::named(&sandbox, "evil/dotfiles");
    other.push("[profile dev]\nregion = elsewhere\n");
    sandbox.refused(
        other.config(["--yes"]),
        4,
        "foundation · <sandbox>/evil/dotfiles @ <commit> \"change the team's config\" \
         (acme-platform, <ago>)\n\n  \
         This is not what you trusted before.\n    \
         dotfiles repo  was file://<sandbox>/acme/dotfiles\n                   \
         now file://<sandbox>/evil/dotfiles\n\n\
         error: a question needs an answer, and nobody is there: Trust \
         file://<sandbox>/evil/dotfiles from now on?\n  \
         hint: robo aws.config --dotfiles 'file://<sandbox>/evil/dotfiles' --trust answers yes; nothing was changed\n",
    );
    other.config(["--yes", "--trust"]).run().exits(0);
    other.config(["--yes"]).run().exits(0);
    // The pin has moved: the first one is the stranger now.
    before.config(["--yes"]).run().exits(4);
}

#[test]
fn another_domain_of_the_same_repo_is_refused_until_trust_is_said() {
    let sandbox = Sandbox::new();
    let upstream = trusted(&sandbox);
    let before = upstream.edit("phish", "robo.toml", "acme.okta.com", "acme-okta.example");
    assert!(!before.is_empty());
    sandbox.refused(
        upstream.config(["--yes"]),
        4,
        "foundation · <sandbox>/acme/dotfiles @ <commit> \"phish\" (acme-platform, <ago>)\n\n  \
         This is not what you trusted before.\n    \
         sign in at     was acme.okta.com\n                   \
         now acme-okta.example  (robo.toml:2)\n                   \
         it looks like acme.okta.com, which you trust, and is another\n\n\
         error: a question needs an answer, and nobody is there: Trust acme-okta.example from \
         now on?\n  \
         hint: robo aws.config --dotfiles 'file://<sandbox>/acme/dotfiles' --trust answers yes; nothing was changed\n",
    );
    upstream.config(["--yes", "--trust"]).run().exits(0);
    assert!(settings(&sandbox).contains("[\"acme.okta.com\", \"acme-okta.example\"]"));
}

/// A domain can come by any file of the repo, and as the host of a whole URL.
#[test]
fn every_way_to_name_a_domain_is_seen() {
    for line in [
        "okta_domain = evil.example",
        "OKTA_Domain = Evil.example",
        "aws_saml_url = https://evil.example/home/1",
        "aws_saml_url = HTTPS://Evil.example?x",
    ] {
        let sandbox = Sandbox::new();
        let upstream = trusted(&sandbox);
        upstream.push(&format!("[profile dev]\n{line}\n"));
        let output = upstream.config(["--yes"]).run();
        assert_eq!(output.status, 4, "{line}\n{output}");
        assert!(output.stderr.contains("now evil.example  (aws/teams/foundation.config:2)"));
    }
}

#[test]
fn an_odd_spelling_of_a_url_is_refused() {
    for line in [
        "aws_saml_url = https://acme.okta.com@evil.example/home/1",
        "aws_saml_url = //evil.example/home/1",
        "aws_saml_url = https:\\\\evil.example\\home",
        "aws_saml_url =\n  https://evil.example/home?a=b",
    ] {
        let sandbox = Sandbox::new();
        let upstream = trusted(&sandbox);
        upstream.push(&format!("[profile dev]\n{line}\n"));
        let output = upstream.config(["--yes", "--trust"]).run().exits(1);
        output
            .says("aws/teams/foundation.config:2: aws_saml_url is neither a path nor an https URL");
    }
}

#[test]
fn the_manifest_can_say_no_more_than_one_value() {
    for value in [
        "x\\n[profile evil]\\ncredential_process = sh",
        "x\\n  credential_process = sh",
        " x",
        "x # y",
        "\\u001b[2J",
    ] {
        let sandbox = Sandbox::new();
        let upstream = Upstream::of_team(&sandbox, TEAM);
        upstream.commit("inject", [("robo.toml", format!("[okta]\nclient_id = \"{value}\"\n"))]);
        let output = upstream.config(["--yes"]).run().exits(1);
        output.says("error: robo.toml:2: ");
        assert!(!sandbox.config_path().exists(), "{value}");
    }
}

#[test]
fn what_one_tool_would_take_for_a_key_of_its_own_is_refused() {
    for (text, line) in [
        ("[profile dev]\nregion = x\n  credential_process = evil\n", 2),
        ("[profile dev]\nregion = x\n  [profile prod]\n", 2),
        ("[profile dev]\ns3 =\n  [profile prod] = x\n", 2),
        ("[profilex prod]\nrole_arn = evil\n", 1),
        ("[profile st\\age]\nrole_arn = evil\n", 1),
        ("[profile \"de\"v]\nrole_arn = evil\n", 1),
        ("[profile\u{a0}prod]\nrole_arn = evil\n", 1),
        ("[profile dev]\ns3 =\n  a = 1\n  A = 2\n", 2),
    ] {
        let sandbox = Sandbox::new();
        let upstream = Upstream::of_team(&sandbox, text);
        let output = upstream.config(["--yes"]).run().exits(1);
        output.says(&format!("error: aws/teams/foundation.config:{line}: "));
    }
}

#[test]
fn neither_fresh_nor_a_lost_record_makes_the_repo_s_domain_mine() {
    let sandbox = Sandbox::new();
    let upstream = trusted(&sandbox);
    let file = sandbox.files().into_iter().map(|(path, _)| path);
    let file = file.into_iter().find(|path| path.ends_with("settings.toml")).unwrap();
    let text = settings(&sandbox).replace("okta_domains = [\"acme.okta.com\"]\n", "");
    sandbox.write(file.to_str().unwrap(), text);
    upstream.config(["--yes", "--fresh"]).run().exits(4);
    std::fs::remove_dir_all(sandbox.state().join("bases")).unwrap();
    upstream.config(["--yes"]).run().exits(4);
}

#[test]
fn a_domain_that_i_wrote_myself_needs_no_question() {
    let sandbox = Sandbox::new();
    let upstream = trusted(&sandbox);
    let config = sandbox.read_config() + "\n[profile mine]\nokta_domain = new.okta.com\n";
    sandbox.write_config(config);
    upstream.edit("move", "robo.toml", "acme.okta.com", "new.okta.com");
    upstream.config(["--yes"]).run().exits(0).never_says("Trust");
    // From now on the repo says it too: that it was mine is remembered.
    assert!(settings(&sandbox).contains("new.okta.com"));
    upstream.config(["--yes"]).run().exits(0).never_says("Trust");
}

#[test]
fn a_domain_that_the_repo_put_into_my_file_is_not_mine() {
    let sandbox = Sandbox::new();
    let upstream = trusted(&sandbox);
    assert!(sandbox.read_config().contains("okta_domain = acme.okta.com"));
    let pinned = settings(&sandbox);
    let forgotten = pinned.replace("okta_domains = [\"acme.okta.com\"]\n", "");
    let files = sandbox.files();
    let (path, _) = files.iter().find(|(path, _)| path.ends_with("settings.toml")).unwrap();
    std::fs::write(path, forgotten).unwrap();
    // Its record says that the repo put it there.
    upstream.config(["--yes"]).run().exits(4).says("now acme.okta.com");
}

#[test]
fn looking_pins_nothing_and_is_asked_nothing() {
    let sandbox = Sandbox::new();
    let upstream = trusted(&sandbox);
    upstream.edit("move", "robo.toml", "acme.okta.com", "new.okta.com");
    let before = sandbox.own_files();
    upstream.config(["--check", "--trust"]).run().exits(3).says("now new.okta.com");
    upstream.config(["--dry-run", "--trust"]).run().exits(0);
    assert_eq!(sandbox.own_files(), before);
}

const RUNS_CODE: &str = "[profile dev]\nregion = x\ncredential_process = /opt/creds --a\n";

#[track_caller]
fn held(output: &Output, key: &str, value: &str, why: &str, line: usize) {
    let want = format!(
        "held back: [profile dev] {key} = {value}  {why}; aws/teams/foundation.config:{line}\n  \
         hint: 'robo aws.config --allow {key}' lets in what it is now\n"
    );
    assert!(output.stderr.contains(&want), "{want}\n{output}");
}

#[test]
fn a_key_that_runs_code_is_held_back_and_the_rest_goes_on() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, RUNS_CODE);
    let output = upstream.config(["--yes", "--trust"]).run().exits(0);
    held(&output, "credential_process", "/opt/creds --a", "runs a program", 3);
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = x\n");
    // It is told each time, and there is nothing to apply.
    upstream.config(["--check"]).run().exits(0).says("held back: ");
}

#[test]
fn consent_is_to_the_value_and_not_to_the_key() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, RUNS_CODE);
    upstream.config(["--yes"]).run().exits(0);
    let allowed = upstream.config(["--yes", "--allow", "credential_process"]).run().exits(0);
    allowed.never_says("held back");
    assert_eq!(sandbox.read_config(), RUNS_CODE);
    assert!(
        settings(&sandbox)
            .contains("allow_keys = [\"[profile dev] credential_process = /opt/creds --a\"]")
    );

    upstream.push(&RUNS_CODE.replace("--a", "--b"));
    let output = upstream.config(["--yes"]).run().exits(0);
    held(&output, "credential_process", "/opt/creds --b", "runs a program", 3);
    assert_eq!(sandbox.read_config(), RUNS_CODE);
    upstream.push(RUNS_CODE);
    upstream.config(["--check"]).run().exits(0).never_says("held back");
}

#[test]
fn consent_to_another_key_lets_nothing_in() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, RUNS_CODE);
    let output = upstream.config(["--yes", "--allow", "endpoint_url"]).run().exits(0);
    held(&output, "credential_process", "/opt/creds --a", "runs a program", 3);
    output.says("warning: --allow endpoint_url: there is nothing to let in by that name\n");
}

#[test]
fn a_region_that_would_make_another_host_is_held_back() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, "[profile dev]\nx = 1\nregion = evil.example/#\n");
    let output = upstream.config(["--yes"]).run().exits(0);
    held(&output, "region", "evil.example/#", "sends requests elsewhere", 3);
}

#[test]
fn consent_is_to_a_value_in_its_own_section() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, RUNS_CODE);
    upstream.config(["--yes", "--allow", "credential_process=/opt/creds --a"]).run().exits(0);
    assert_eq!(sandbox.read_config(), RUNS_CODE);
    upstream.push(&(RUNS_CODE.to_owned() + "\n" + &RUNS_CODE.replace("dev", "prod")));
    upstream.config(["--yes"]).run().exits(0).says("held back: [profile prod]");
    assert!(!sandbox.read_config().contains("prod]\nregion = x\ncredential"));
}

#[test]
fn a_domain_that_the_file_has_already_is_shown_and_pinned_by_the_first_run() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("change the team's config", [("robo.toml", MANIFEST)]);
    sandbox.write_config("[okta]\nokta_domain = acme.okta.com\n");
    upstream.config(["--yes"]).run().exits(0).says("sign in to Okta at\n    acme.okta.com\n");
    assert!(settings(&sandbox).contains("okta_domains = [\"acme.okta.com\"]"));
}

#[test]
fn the_repo_s_choice_of_a_variable_shows_nothing_that_is_in_it() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("look into it", [("robo.toml", "team_env = \"GITHUB_TOKEN\"\n")]);
    for value in ["ghp_abc123", "ghp/abc123"] {
        let output = upstream.config(["--yes"]).env("GITHUB_TOKEN", value).run().exits(1);
        output.says("what $GITHUB_TOKEN holds is no team").never_says("abc123");
    }
    upstream.config(["--yes"]).env("GITHUB_TOKEN", "foundation").run().exits(0);
}

#[test]
fn an_unprotected_url_is_called_so_where_trust_is_asked() {
    // To git in this home, the URL is the repo beside it.
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let config = format!("[url \"{}\"]\ninsteadOf = http://git.example/acme\n", upstream.url());
    sandbox.write("gitconfig", config);
    let args =
        ["aws.config", "--yes", "--team", "foundation", "--dotfiles", "http://git.example/acme"];
    let run = sandbox.robo(args).env("GIT_CONFIG_GLOBAL", sandbox.path("gitconfig"));
    run.run().exits(0).says("warning: http:// is not protected: ");
}

#[test]
fn the_settings_can_agree_beforehand() {
    for (entry, lets_in) in [
        ("credential_process = /opt/creds --a", true),
        ("credential_process", true),
        ("[profile dev] credential_process = /opt/creds --a", true),
        ("[profile other] credential_process = /opt/creds --a", false),
        ("credential_process = /opt/other", false),
    ] {
        let sandbox = Sandbox::new();
        let upstream = Upstream::of_team(&sandbox, RUNS_CODE);
        let text = format!("# mine\n[trust]\nallow_keys = [\"{entry}\"] # yes\n");
        sandbox.write("robo/settings.toml", text);
        let run = upstream.config(["--yes"]).env("ROBO_HOME", sandbox.path("robo"));
        run.run().exits(0);
        let config = sandbox.read_config();
        assert_eq!(config.contains("credential_process"), lets_in, "{entry}: {config}");
        assert!(settings(&sandbox).starts_with("# mine\n"));
    }
}

#[test]
fn every_key_that_acts_or_redirects_is_held_back() {
    for (key, why) in [
        ("credential_process", "runs a program"),
        ("mfa_process", "runs a program"),
        ("cli_pager", "runs a program"),
        ("endpoint_url", "sends requests elsewhere"),
        ("data_path", "sends requests elsewhere"),
        ("csm_host", "reports every call to another host"),
        ("ca_bundle", "trusts other certificates"),
        ("sso_start_url", "asks people to sign in elsewhere"),
    ] {
        let sandbox = Sandbox::new();
        let upstream =
            Upstream::of_team(&sandbox, &format!("[profile dev]\nx = 1\n{key} = evil\n"));
        let output = upstream.config(["--yes"]).run().exits(0);
        held(&output, key, "evil", why, 3);
        assert_eq!(sandbox.read_config(), "[profile dev]\nx = 1\n");
    }
}

/// A host that only looks like the trusted one, and letters that only look like Latin ones.
#[test]
fn what_looks_like_something_else_is_told_where_trust_is_asked_for() {
    let looks = "it looks like acme.okta.com, which you trust, and is another\n";
    for (host, want) in [
        ("acrne.okta.com", looks),
        ("acme.okta.com.evil.example", looks),
        ("acme-okta.com", looks),
        ("xn--cme-8cd.0kta.example", "a browser may show it in other letters than these"),
    ] {
        let sandbox = Sandbox::new();
        let upstream = trusted(&sandbox);
        upstream.edit("phish", "robo.toml", "acme.okta.com", host);
        let output = upstream.config(["--yes"]).run().exits(4);
        output.says(&format!("now {host}  (robo.toml:2)\n                   {want}"));
    }
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let settings = "[trust]\ndotfiles = \"git@g\u{456}thub.com:acme/dotfiles.git\"\n";
    sandbox.write(".config/robo/settings.toml", settings);
    let output = upstream.config(["--yes"]).run().exits(4);
    output
        .says("dotfiles repo  was git@g\\u{456}thub.com:acme/dotfiles.git\n")
        .never_says("\u{456}");
}
