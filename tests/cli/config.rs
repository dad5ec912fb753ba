//! What `aws.config` does to the person's file, from the first run on.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::common::{Sandbox, TEAM, Upstream};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_run_on_an_empty_laptop_makes_a_private_file() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    let output = upstream.config(["--yes"]).run().exits(0);
    assert_eq!(output.stdout, "");
    let said = sandbox.redact(&output.stderr);
    assert!(
        said.contains(
            "7 sections added, 0 changed, 0 removed.\nWrote ~/.aws/config.\n\n\
             --- /dev/null\n+++ robo.yml (<sandbox>/acme/dotfiles)\n"
        ) && said.ends_with(
            "3 files of shared commands added, 0 changed, 0 removed.\n\
             These commands will run on this machine, as you, when you type their names.\n\
             Took over the shared commands.\n\n\
             Next: robo aws.list   the profiles that you have now\n"
        ),
        "{output}"
    );
    assert_eq!((mode(&sandbox.path(".aws")), mode(&sandbox.config_path())), (0o700, 0o600));
    let config = sandbox.read_config();
    assert!(
        config.starts_with(
            "# how everybody at acme signs in\n[okta]\nokta_domain = acme.okta.com\n\
             aws_saml_url = home/amazon_aws/0oa1b2c3d4/272\nsession_ttl = 12h\n\
             assume_role_ttl = 1h\n\n\
             # the hub: everything else is reached through it\n[profile hub]\n"
        ),
        "{config}"
    );
    assert_eq!(sandbox.backups(), [] as [&Path; 0]);
    // The second run needs neither repo nor consent, and changes nothing.
    let before = sandbox.own_files();
    let again = sandbox.robo(["aws.config"]).env("SEGMENT_TEAM", "foundation").run().exits(0);
    assert_eq!(
        sandbox.redact(&again.stderr),
        "foundation · <sandbox>/acme/dotfiles @ <commit> \"the profiles of acme\" \
         (acme-platform, <ago>)\n~/.aws/config is up to date.\n"
    );
    assert_eq!(sandbox.own_files(), before);
}

#[test]
fn every_byte_of_mine_stays_where_the_team_adds_changes_and_removes() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(
        &sandbox,
        "[profile a]\nregion = eu-west-1\noutput = json\n\n[profile b]\nregion = x\n",
    );
    sandbox.write_config("; mine\n\n\n[profile   mine]\n  odd   =   1\n\ts3 = \n  x = y\n");
    upstream.config(["--yes"]).run().exits(0);
    let merged = "; mine\n\n\n[profile   mine]\n  odd   =   1\n\ts3 = \n  x = y\n\n\
                  [profile a]\nregion = eu-west-1\noutput = json\n\n[profile b]\nregion = x\n";
    assert_eq!(sandbox.read_config(), merged);
    // My own comment and key in a section of the team's.
    let edited = merged.replace("[profile a]\n", "[profile a]\n# why\nmine = 1\n");
    sandbox.write_config(&edited);
    upstream.push("[profile a]\nregion = eu-west-2\n\n[profile c]\nregion = y\n");
    upstream.config(["--yes"]).run().exits(0).says("1 section added, 1 changed, 1 removed; ");
    assert_eq!(
        sandbox.read_config(),
        "; mine\n\n\n[profile   mine]\n  odd   =   1\n\ts3 = \n  x = y\n\n\
         [profile a]\n# why\nmine = 1\nregion = eu-west-2\n\n[profile c]\nregion = y\n"
    );
    let backups = sandbox.backups();
    assert_eq!(fs::read_to_string(backups.last().unwrap()).unwrap(), edited);
}

#[test]
fn a_link_stays_a_link_and_the_file_keeps_its_mode() {
    let sandbox = Sandbox::new();
    sandbox.write("dots/aws-config", "[profile mine]\n");
    fs::set_permissions(sandbox.path("dots/aws-config"), fs::Permissions::from_mode(0o640))
        .unwrap();
    fs::create_dir(sandbox.path(".aws")).unwrap();
    symlink("../dots/aws-config", sandbox.config_path()).unwrap();
    Upstream::applied(&sandbox, TEAM);
    assert_eq!(fs::read_link(sandbox.config_path()).unwrap(), Path::new("../dots/aws-config"));
    assert_eq!(sandbox.read("dots/aws-config"), format!("[profile mine]\n\n{TEAM}").as_bytes());
    assert_eq!(mode(&sandbox.path("dots/aws-config")), 0o640);
}

#[test]
fn another_file_is_merged_by_itself_with_a_base_of_its_own() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, TEAM);
    let other = sandbox.path("other config");
    let elsewhere = |args: &[&str]| upstream.config(args).env("AWS_CONFIG_FILE", &other);
    fs::write(&other, "[profile dev]\nregion = mine\n").unwrap();
    // The base of ~/.aws/config says that the team's region was applied; here it never was.
    elsewhere(&[]).run().exits(4).says("1 conflict to decide, and nobody is there");
    elsewhere(&["--on-conflict", "mine", "--yes"]).run().exits(0);
    upstream.push("[profile dev]\nregion = eu-west-2\n");
    elsewhere(&["--check"]).run().exits(3).says("[profile dev] region\n  yours   mine\n");
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = eu-west-2\n");
    assert_eq!(fs::read_to_string(&other).unwrap(), "[profile dev]\nregion = mine\n");
}

#[test]
fn check_tells_by_its_exit_code_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, TEAM);
    let before = sandbox.own_files();
    upstream.config(["--check"]).run().exits(0).says("~/.aws/config is up to date.\n");
    upstream.push("[profile dev]\nregion = eu-west-2\n");
    upstream.config(["--check"]).run().exits(3).says("-region = eu-west-1\n+region = eu-west-2\n");
    upstream.config(["--check", "--yes"]).run().exits(3);
    upstream.config(["--dry-run"]).run().exits(0).says("+region = eu-west-2\n");
    assert_eq!(sandbox.own_files(), before);
}

#[test]
fn looking_at_a_new_repo_trusts_remembers_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    for look in ["--dry-run", "-n", "--check"] {
        let status = if look == "--check" { 3 } else { 0 };
        let output = upstream.config([look, "--yes", "--trust"]).run().exits(status);
        output.says("Without --dry-run and --check you would be asked to trust this.");
        assert_eq!(sandbox.own_files(), []);
    }
    assert!(!sandbox.path(".aws").exists());
}

#[test]
fn offline_takes_the_last_commit_and_does_not_ask_the_network() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let never = upstream.config(["--yes", "--offline"]).run().exits(1);
    assert_eq!(
        sandbox.redact(&never.stderr),
        "error: <sandbox>/acme/dotfiles was never fetched, and robo is offline\n  \
         hint: run it once without '--offline'\n"
    );
    upstream.config(["--yes"]).run().exits(0);
    upstream.push("[profile dev]\nregion = eu-west-2\n");
    upstream.config(["--check", "--offline"]).run().exits(0).never_says("warning");
    // Nor is it asked in vain.
    fs::rename(upstream.path(), sandbox.root().join("gone")).unwrap();
    upstream.config(["--check", "--offline"]).run().exits(0).never_says("warning");
}

#[test]
fn an_upstream_that_is_gone_costs_no_profile_and_is_told_with_the_commit_s_age() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, "[profile dev]\nregion = eu-west-1\n[profile b]\n");
    let config = sandbox.read_config();
    fs::rename(upstream.path(), sandbox.root().join("gone")).unwrap();
    let output = upstream.config(["--yes"]).run().exits(0);
    let said = sandbox.redact(&output.stderr);
    let (warning, rest) = said.split_once('\n').unwrap();
    assert!(
        warning.starts_with(
            "warning: cannot fetch <sandbox>/acme/dotfiles: there is no such folder ("
        ) && warning.ends_with("); this is the last commit fetched, <commit> of <ago>"),
        "{output}"
    );
    assert!(rest.ends_with("~/.aws/config is up to date.\n"), "{output}");
    assert_eq!(sandbox.read_config(), config);
}

#[test]
fn a_team_profile_that_i_deleted_stays_deleted_until_fresh() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, "[profile a]\nx = 1\n\n[profile b]\ny = 1\n");
    sandbox.write_config("[profile b]\ny = 1\n");
    upstream.config(["--yes"]).run().exits(0).says("up to date");
    upstream.push("[profile a]\nx = 1\n\n[profile b]\ny = 2\n");
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(sandbox.read_config(), "[profile b]\ny = 2\n");
    upstream.config(["--yes", "--fresh"]).run().exits(0);
    assert_eq!(sandbox.read_config(), "[profile b]\ny = 2\n\n[profile a]\nx = 1\n");
}

#[test]
fn a_rewritten_upstream_is_followed() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, TEAM);
    upstream.git(["checkout", "--quiet", "--orphan", "other"]);
    upstream.push("[profile dev]\nregion = rewritten\n");
    upstream.git(["branch", "--quiet", "--force", "main", "other"]);
    upstream.git(["checkout", "--quiet", "main"]);
    upstream.config(["--yes"]).run().exits(0).never_says("warning");
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = rewritten\n");
}

/// Both have changed `region` since it was applied.
fn in_conflict(sandbox: &Sandbox) -> Upstream<'_> {
    let upstream = Upstream::applied(sandbox, TEAM);
    sandbox.write_config("[profile dev]\nregion = mine\n");
    upstream.push("[profile dev]\nregion = team\n");
    upstream
}

const CONFLICT: &str = "\n[profile dev] region\n  yours   mine\n  team's  team  \
                        aws/teams/foundation.config:2 @ <commit>\n";

#[test]
fn yes_takes_the_team_s_side_and_lists_what_was_overruled() {
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let output = upstream.config(["--yes"]).run().exits(0);
    output.says("[profile dev] region: yours was overruled: mine\n");
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = team\n");
}

#[test]
fn on_conflict_mine_keeps_mine_and_is_not_asked_again() {
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let output = upstream.config(["--on-conflict", "mine"]).run().exits(0);
    output.says("[profile dev] region: the team's was passed over: team\n").says("up to date");
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = mine\n");
    assert_eq!(sandbox.backups(), [] as [&Path; 0]);
    // Decided once: until the team changes it again, it is mine.
    upstream.config([""; 0]).run().exits(0).says("up to date");
    upstream.push("[profile dev]\nregion = newer\n");
    upstream.config([""; 0]).run().exits(4);
}

#[test]
fn on_conflict_team_fail_and_nobody_to_ask() {
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let header = "foundation · <sandbox>/acme/dotfiles @ <commit> \"change the team's config\" \
                  (acme-platform, <ago>)\n";
    sandbox.refused(
        upstream.config(["--on-conflict", "fail"]),
        1,
        &format!(
            "{header}{CONFLICT}error: 1 conflict with the team's config; nothing was written\n  \
             hint: without --on-conflict fail you are asked about each\n"
        ),
    );
    let nobody = format!(
        "{header}{CONFLICT}error: 1 conflict to decide, and nobody is there\n  \
         hint: --on-conflict team or --on-conflict mine decides; nothing was written\n"
    );
    sandbox.refused(upstream.config([""; 0]), 4, &nobody);
    sandbox.refused(upstream.config(["--yes", "--on-conflict", "ask"]), 4, &nobody);
    // The flag decides the conflict, but the diff still needs a yes.
    upstream.config(["--on-conflict", "team"]).run().exits(4);
    upstream.config(["--on-conflict", "team", "--yes"]).run().exits(0);
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = team\n");
}

#[test]
fn a_look_at_conflicts_shows_them_and_decides_nothing() {
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let before = sandbox.own_files();
    for (args, status) in [(&["--check"][..], 3), (&["--dry-run"], 0)] {
        let output = upstream.config(args).run().exits(status);
        assert!(sandbox.redact(&output.stderr).contains(CONFLICT), "{output}");
    }
    assert_eq!(sandbox.own_files(), before);
}

#[test]
fn switching_the_team_replaces_the_one_s_profiles_by_the_other_s() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    sandbox.write_config("[profile mine]\nregion = x\n");
    upstream.config(["--yes"]).run().exits(0);
    let before = sandbox.read_config();
    upstream.config(["--yes", "--team", "fpa"]).run().exits(0);
    let config = sandbox.read_config();
    assert!(config.starts_with("[profile mine]\nregion = x\n"), "{config}");
    assert!(config.contains("[profile hub]\nrole_arn = arn:aws:iam::111111111111:role/fpa\n"));
    assert!(!config.contains("[profile prod]") && !config.contains("[profile dev]"), "{config}");
    // And back again, without a trace.
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(sandbox.read_config(), before);
}

#[test]
fn looking_says_that_there_are_conflicts_to_decide() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, "[profile a]\nregion = x\n");
    sandbox.write_config("[profile a]\nregion = mine\n");
    upstream.push("[profile a]\nregion = theirs\n");
    for (flag, code) in [("--check", 3), ("--dry-run", 0)] {
        let output = upstream.config([flag]).run().exits(code);
        output.says("0 removed; 1 conflict to decide.\n").never_says("up to date");
    }
}

#[test]
fn what_stays_of_a_profile_that_the_team_removed_is_told() {
    let sandbox = Sandbox::new();
    let team = "[profile a]\nregion = x\n\n[profile b]\nrole_arn = r\n";
    let upstream = Upstream::applied(&sandbox, team);
    sandbox.write_config(format!("{team}output = json\n"));
    upstream.push("[profile a]\nregion = x\n");
    let output = upstream.config(["--yes"]).run().exits(0);
    output.says("the team has no [profile b] any more; of it only output stays, which is yours\n");
    assert_eq!(sandbox.read_config(), "[profile a]\nregion = x\n\n[profile b]\noutput = json\n");
}

#[test]
fn a_source_that_i_removed_is_told_once_with_the_way_back() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    upstream.config(["--yes"]).run().exits(0);
    let hub = "# the hub: everything else is reached through it\n[profile hub]\n\
               role_arn = arn:aws:iam::111111111111:role/foundation\nregion = eu-west-1\n\n";
    let config = sandbox.read_config();
    assert!(config.contains(hub), "{config}");
    sandbox.write_config(config.replace(hub, ""));
    upstream.config(["--yes"]).run().exits(0).says(
        "warning: ~/.aws/config: profile 'dev' has source_profile = hub, which is not there \
         (and 4 more); you removed it: 'robo aws.config --fresh' brings it back\n",
    );
}

#[test]
fn another_team_and_another_branch_are_told() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    upstream.config(["--yes"]).run().exits(0);
    let output = upstream.config(["--yes", "--team", "fpa"]).run().exits(0);
    output.says("The file has team 'foundation' so far; now it is 'fpa'.\n");
    let branch = format!("{}#main", upstream.url());
    let args = ["aws.config", "--check", "--team", "fpa", "--dotfiles", &branch];
    sandbox.robo(args).run().exits(0).says("/acme/dotfiles#main @ ");
}

#[test]
fn names_that_not_every_tool_takes_are_told_or_refused() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, "[profile \"a b\"]\nregion = x\n");
    upstream.config(["--yes"]).run().exits(0).says(
        "aws/teams/foundation.config:1: [profile \"a b\"]: only the AWS CLI takes this name, the \
         AWS SDKs pass it over\n",
    );
    upstream.push("[profile a b]\nregion = x\n");
    let output = upstream.config(["--yes"]).run().exits(1);
    output.says(
        "aws/teams/foundation.config:1: a section name that not every tool takes alike; a name of \
         several words goes in quotes\n",
    );
}
