//! Where the team and the repo come from, and what is remembered of them.

use std::fs;

use crate::common::{Run, Sandbox, TEAM, Upstream};

/// A run that names the repo itself.
fn from(sandbox: &Sandbox, source: &str) -> Run {
    sandbox.robo(["aws.config", "--yes", "--dotfiles", source]).env("SEGMENT_TEAM", "foundation")
}

#[test]
fn a_branch_a_tag_and_a_commit_each_give_their_own_config() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let first = upstream.git(["rev-parse", "HEAD"]);
    upstream.push("[profile dev]\nregion = tagged\n");
    upstream.git(["tag", "v1"]);
    upstream.git(["checkout", "--quiet", "-b", "next/one"]);
    upstream.push("[profile dev]\nregion = branch\n");
    upstream.git(["checkout", "--quiet", "main"]);
    upstream.push("[profile dev]\nregion = main\n");
    for (reference, region) in
        [("v1", "tagged"), ("next/one", "branch"), (&first, "eu-west-1"), ("main", "main")]
    {
        from(&sandbox, &format!("{}#{reference}", upstream.url())).run().exits(0);
        assert_eq!(sandbox.read_config(), format!("[profile dev]\nregion = {region}\n"));
        // The ref is remembered with the URL.
        let again = sandbox.robo(["aws.config", "--json"]).env("SEGMENT_TEAM", "foundation");
        assert_eq!(again.run().exits(0).json()["dotfiles"]["ref"], *reference);
    }
    from(&sandbox, &upstream.url()).run().exits(0);
    let again = sandbox.robo(["aws.config", "--json"]).env("SEGMENT_TEAM", "foundation");
    assert_eq!(again.run().exits(0).json()["dotfiles"]["ref"], serde_json::Value::Null);
}

#[test]
fn a_folder_of_a_larger_repo_is_a_repo_of_its_own() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.commit(
        "a folder",
        [("it/dotfiles/aws/teams/foundation.config", TEAM), ("robo.toml", "no toml")],
    );
    let source = format!("{}#main:it/dotfiles", upstream.url());
    from(&sandbox, &source).run().exits(0);
    assert_eq!(sandbox.read_config(), TEAM);
    sandbox.robo(["aws.config"]).env("SEGMENT_TEAM", "foundation").run().exits(0);
    let output = from(&sandbox, &format!("{}#:nope", upstream.url())).run().exits(1);
    output.says("has no folder 'nope' at ").says("  hint: the folder is what is after the ':'");
}

#[test]
fn a_local_folder_is_a_repo_too() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::named(&sandbox, "home/src/dotfiles");
    upstream.push(TEAM);
    from(&sandbox, "~/src/dotfiles").run().exits(0).says("foundation · ~/src/dotfiles @ ");
    from(&sandbox, "src/dotfiles").run().exits(0).says("up to date");
    from(&sandbox, "./dotfiles").folder(sandbox.path("src")).run().exits(0).says("up to date");
    assert_eq!(sandbox.read_config(), TEAM);
}

#[test]
fn the_flag_outranks_the_variable_and_that_the_settings() {
    let sandbox = Sandbox::new();
    let repos = ["settings", "variable", "flag"].map(|name| {
        let upstream = Upstream::named(&sandbox, name);
        upstream.push(&format!("[profile {name}]\n"));
        upstream
    });
    let [settings, variable, flag] = &repos;
    let shown = |run: Run| {
        let output = run.env("SEGMENT_TEAM", "foundation").run().exits(0);
        output.json()["dotfiles"]["url"].as_str().unwrap().to_owned()
    };
    from(&sandbox, &settings.url()).run().exits(0);
    let look = ["aws.config", "--dry-run", "--json"];
    assert_eq!(shown(sandbox.robo(look)), settings.url());
    let by_variable = || sandbox.robo(look).env("ROBO_DOTFILES", variable.url());
    assert_eq!(shown(by_variable()), variable.url());
    assert_eq!(shown(by_variable().arg("--dotfiles").arg(flag.url())), flag.url());
    // A look remembers nothing.
    assert_eq!(shown(sandbox.robo(look)), settings.url());
}

#[test]
fn the_team_comes_from_the_flag_the_variable_or_the_settings() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    let teams = ["flag", "variable", "settings"];
    upstream.commit("teams", teams.map(|team| (format!("aws/teams/{team}.config"), "[a]\n")));
    sandbox.write("robo/settings.toml", "team = \"settings\"\n");
    let look = || {
        let url = upstream.url();
        let look = ["aws.config", "--dry-run", "--json", "--dotfiles", &url];
        sandbox.robo(look).env("ROBO_HOME", sandbox.path("robo"))
    };
    let team = |run: Run| run.run().exits(0).json()["team"].as_str().unwrap().to_owned();
    assert_eq!(team(look()), "settings");
    assert_eq!(team(look().env("SEGMENT_TEAM", "")), "settings");
    assert_eq!(team(look().env("SEGMENT_TEAM", "variable")), "variable");
    assert_eq!(team(look().env("SEGMENT_TEAM", "variable").arg("--team").arg("flag")), "flag");
}

#[test]
fn the_manifest_names_another_variable_and_another_place() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    let manifest = "team_env = \"ACME_TEAM\"\n[aws]\nteams = \"aws/{team}/config\"\n\
                    shared = \"aws/all\"\n";
    upstream.commit(
        "laid out otherwise",
        [("robo.toml", manifest), ("aws/data/config", TEAM), ("aws/all", "[okta]\nx = 1\n")],
    );
    let url = upstream.url();
    let config = || sandbox.robo(["aws.config", "--yes", "--dotfiles", &url]);
    let output = config().env("SEGMENT_TEAM", "data").run().exits(2);
    output.says("  hint: export ACME_TEAM=TEAM, or give --team TEAM\n").says(" has: data\n");
    config().env("ACME_TEAM", "data").env("SEGMENT_TEAM", "nope").run().exits(0);
    assert_eq!(sandbox.read_config(), format!("[okta]\nx = 1\n\n{TEAM}"));
}

#[test]
fn each_xdg_variable_moves_its_own_folder() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    sandbox.write_config("");
    let names = ["CONFIG", "DATA", "STATE", "CACHE"];
    let moved = names.iter().fold(upstream.config(["--yes"]), |run, name| {
        run.env(format!("XDG_{name}_HOME"), sandbox.path(name))
    });
    moved.run().exits(0);
    for made in [
        "CONFIG/robo/settings.toml",
        "DATA/robo/dotfiles.git/HEAD",
        "STATE/robo/bases",
        "STATE/robo/backups",
    ] {
        assert!(sandbox.path(made).exists(), "{made}");
    }
    let made: Vec<_> =
        fs::read_dir(sandbox.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!made.iter().any(|name| name == ".config" || name == ".local"), "{made:?}");
}

#[test]
fn robo_home_holds_everything() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.config(["--yes"]).env("ROBO_HOME", sandbox.path("r")).run().exits(0);
    for made in ["r/settings.toml", "r/dotfiles.git/HEAD", "r/bases", "r/locks"] {
        assert!(sandbox.path(made).exists(), "{made}");
    }
    let mut made: Vec<_> =
        fs::read_dir(sandbox.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    made.sort();
    assert_eq!(made, [".aws", "r"]);
}

/// The login is used (the server of [`crate::bad_repo`] is asked), never kept: here it is part of
/// a URL whose repo is replaced by a local one through git's own `insteadOf`.
#[test]
fn a_login_in_the_url_is_in_no_file_and_in_no_output() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let instead =
        format!("[url \"{}\"]\n\tinsteadOf = https://git.test/acme/dotfiles\n", upstream.url());
    sandbox.write("gitconfig", instead);
    let output = from(&sandbox, "https://deploy:s3cret@git.test/acme/dotfiles")
        .arg("--json")
        .arg("-v")
        .env("GIT_CONFIG_GLOBAL", sandbox.path("gitconfig"))
        .run()
        .exits(0);
    assert_eq!(output.json()["dotfiles"]["url"], "https://git.test/acme/dotfiles");
    output.never_says("s3cret").never_says("deploy");
    assert_eq!(sandbox.read_config(), TEAM);
    for (path, content) in sandbox.files() {
        let text = String::from_utf8_lossy(&content);
        assert!(!text.contains("s3cret") && !text.contains("deploy:"), "{}", path.display());
    }
}
