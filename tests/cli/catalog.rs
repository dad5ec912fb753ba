//! `aws/catalog.toml` behind `aws.config`, and `dotfiles.render` in the folder of the repo.

use std::fs;
use std::os::unix::fs::symlink;

use crate::common::{Run, Sandbox, Upstream};

const CATALOG: &str = r#"[hub]
account = "ops"

[profiles]
default_role = "admin"

[accounts]
ops = { id = "111111111111" }
dev = { id = "222222222222", region = "eu-west-1" }
prod = { id = "444444444444", region = "eu-central-1" }

[roles]
admin = { policies = ["AdministratorAccess"] }

[teams.foundation]
okta_group = "aws-foundation"
grants = [{ roles = "admin", accounts = "*" }]
"#;

const RENDERED: &str = "# the hub: everything else is reached through it
[profile hub]
role_arn = arn:aws:iam::111111111111:role/foundation

[profile dev]
source_profile = hub
role_arn = arn:aws:iam::222222222222:role/admin
region = eu-west-1

[profile prod]
source_profile = hub
role_arn = arn:aws:iam::444444444444:role/admin
region = eu-central-1
";

const FILE: &str = "aws/catalog.toml";

fn upstream<'a>(sandbox: &'a Sandbox, catalog: &str) -> Upstream<'a> {
    let upstream = Upstream::new(sandbox);
    upstream.commit("a catalogue", [(FILE, catalog)]);
    upstream
}

/// `dotfiles.render` in the work tree.
fn render<const N: usize>(sandbox: &Sandbox, upstream: &Upstream<'_>, args: [&str; N]) -> Run {
    sandbox.robo(["dotfiles.render"].into_iter().chain(args)).folder(upstream.path())
}

#[test]
fn a_team_of_the_catalogue_needs_no_file_and_one_with_a_file_no_catalogue() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    upstream.commit("a file", [("aws/teams/data.config", "[profile lake]\nregion = x\n")]);
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(sandbox.read_config(), RENDERED);
    upstream.config(["--check"]).run().exits(0).says("up to date");
    upstream.config(["--yes", "--team", "data"]).run().exits(0);
    assert_eq!(sandbox.read_config(), "[profile lake]\nregion = x\n");
}

#[test]
fn the_teams_of_the_catalogue_are_among_those_that_are_told() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    upstream.commit("a file", [("aws/teams/data.config", "[profile lake]\nregion = x\n")]);
    sandbox.refused(
        upstream.config(["--yes", "--team", "fundation"]),
        1,
        "error: team 'fundation' is not in <sandbox>/acme/dotfiles at <commit>\n\
         \x20 hint: did you mean 'foundation'?\n\
         \x20 hint: its teams: data, foundation\n",
    );
}

#[test]
fn files_are_laid_over_the_catalogue_and_the_catalogue_over_the_manifest() {
    let sandbox = Sandbox::new();
    let okta = "[okta]\ndomain = \"catalog.okta.com\"\napp = \"home/catalog\"\n\n";
    let upstream = upstream(&sandbox, &format!("{okta}{CATALOG}"));
    upstream.commit(
        "all layers",
        [
            (
                "robo.toml",
                "[okta]\ndomain = 'manifest.okta.com'\napp = 'm'\nclient_id = 'manifest'\n",
            ),
            ("aws/shared.config", "[okta]\naws_saml_url = home/shared\nsession_ttl = 2h\n"),
            (
                "aws/teams/foundation.config",
                "[okta]\nsession_ttl = 1h\n\n# ours\n[profile dev]\noutput = json\n\
                 region = eu-west-3\n\n[profile more]\nsource_profile = dev\nrole_arn = r\n",
            ),
        ],
    );
    upstream.config(["--yes"]).run().exits(0);
    let want = "[okta]\nokta_domain = catalog.okta.com\naws_saml_url = home/shared\n\
                okta_client_id = manifest\nsession_ttl = 1h\n\n";
    let rest = RENDERED
        .replace("[profile dev]", "# ours\n[profile dev]")
        .replace("region = eu-west-1\n", "region = eu-west-3\noutput = json\n");
    let more = "\n[profile more]\nsource_profile = dev\nrole_arn = r\n";
    assert_eq!(sandbox.read_config(), format!("{want}{rest}{more}"));
    // A team of a file alone is told where to sign in, too.
    upstream.commit("data", [("aws/teams/data.config", "[profile lake]\nregion = x\n")]);
    upstream.config(["--yes", "--team", "data", "--fresh"]).run().exits(0);
    assert!(sandbox.read_config().contains("okta_domain = catalog.okta.com\n"));
}

#[test]
fn a_line_of_the_catalogue_is_a_profile_of_the_diff() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    upstream.config(["--yes"]).run().exits(0);
    upstream.edit("move prod", FILE, "eu-central-1", "eu-north-1");
    let output = upstream.config(["--yes"]).run().exits(0);
    output
        .says("-region = eu-central-1\n+region = eu-north-1\n")
        .says("0 sections added, 1 changed, 0 removed");
    assert_eq!(sandbox.read_config(), RENDERED.replace("eu-central-1", "eu-north-1"));
}

#[test]
fn a_conflict_names_the_line_of_the_catalogue() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    upstream.config(["--yes"]).run().exits(0);
    sandbox.write_config(RENDERED.replace("eu-central-1", "eu-west-3"));
    upstream.edit("move prod", FILE, "eu-central-1", "eu-north-1");
    let output = upstream.config(["--on-conflict", "fail"]).run().exits(1);
    let said = sandbox.redact(&output.stderr);
    let want = "[profile prod] region\n  yours   eu-west-3\n  team's  eu-north-1  \
                aws/catalog.toml:10 @ <commit>\n";
    assert!(said.contains(want), "{said}");
}

#[test]
fn another_okta_domain_in_the_catalogue_is_asked_about_with_its_line() {
    let sandbox = Sandbox::new();
    let okta = "[okta]\ndomain = \"acme.okta.com\"\n\n";
    let upstream = upstream(&sandbox, &format!("{okta}{CATALOG}"));
    upstream.config(["--yes"]).run().exits(0);
    let before = sandbox.own_files();
    upstream.edit("phish", FILE, "acme.okta.com", "evil.example");
    upstream.config(["--yes"]).run().exits(4).says("now evil.example  (aws/catalog.toml:2)");
    assert_eq!(sandbox.own_files(), before);
}

#[test]
fn a_catalogue_with_mistakes_refuses_the_run_with_all_of_their_lines() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    sandbox.write_config("[profile mine]\nregion = x\n");
    upstream.config(["--yes"]).run().exits(0);
    let wrong = CATALOG.replace("44444444", "4444").replace("\"*\"", "\"stage\"");
    upstream.commit("two mistakes", [(FILE, wrong)]);
    sandbox.refused(
        upstream.config(["--yes"]),
        1,
        "error: aws/catalog.toml:10: account 'prod': 'id' is '44444444': the id of an account has \
         12 digits\n  10 | prod = { id = \"44444444\", region = \"eu-central-1\" }\n  \
         cause: the file has 1 mistake more:\n         \
         aws/catalog.toml:17: team 'foundation': a grant: there is no account 'stage'\n  \
         hint: this is <sandbox>/acme/dotfiles at <commit>; your file was not changed\n",
    );
    // So it does for a team that is not in the catalogue: what that is to get is not known then.
    upstream.commit("data", [("aws/teams/data.config", "[profile lake]\n")]);
    upstream.config(["--yes", "--team", "data"]).run().exits(1).says("aws/catalog.toml:10: ");
}

#[test]
fn what_is_no_catalogue_at_all_is_refused() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    let cases: [(&[u8], &str); 4] = [
        (b"", "aws/catalog.toml:1: there is no [hub]"),
        (b"[hub]\naccount = \xff\n", "aws/catalog.toml:2: bytes that are not UTF-8"),
        (b"[hub\n", "aws/catalog.toml:1: "),
        (&[b'#'; 5 * 1024 * 1024 + 1], "it has 5242881 bytes, and 5242880 (5 MiB) is the most"),
    ];
    for (text, want) in cases {
        upstream.commit("no catalogue", [(FILE, text)]);
        let before = sandbox.own_files();
        upstream.config(["--yes"]).run().exits(1).says(want);
        assert_eq!(sandbox.own_files(), before);
        render(&sandbox, &upstream, ["--all"]).run().exits(1).says(want);
    }
    fs::remove_file(upstream.path().join(FILE)).unwrap();
    symlink("/etc/passwd", upstream.path().join(FILE)).unwrap();
    upstream.commit("a link", [("x", "")]);
    for run in [upstream.config(["--yes"]), render(&sandbox, &upstream, ["--all"])] {
        run.run().exits(1).says("it is a symbolic link, not a file");
    }
}

#[test]
fn a_warning_about_the_catalogue_is_for_those_who_can_mend_it() {
    let sandbox = Sandbox::new();
    let catalog = CATALOG.replace("\"*\"", "\"dev\", except = \"dev\"");
    let upstream = upstream(&sandbox, &catalog);
    let warning = "aws/catalog.toml:17: team 'foundation': a grant reaches no account";
    upstream.config(["--yes"]).run().exits(0).never_says(warning);
    upstream.config(["--check", "--verbose"]).run().exits(0).says(warning);
    let output = render(&sandbox, &upstream, ["--team", "foundation"]).run().exits(0);
    output.says(&format!("warning: {warning}"));
}

#[test]
fn the_manifest_says_where_the_catalogue_is() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.commit(
        "elsewhere",
        [("robo.toml", "[aws]\ncatalog = 'who/may.toml'\n"), ("who/may.toml", CATALOG)],
    );
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(sandbox.read_config(), RENDERED);
}

#[test]
fn render_prints_what_aws_config_writes_and_reads_the_folder_as_it_is() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    for team in ["foundation", "data", "fpa"] {
        upstream.config(["--yes", "--fresh", "--team", team]).run().exits(0);
        let output = render(&sandbox, &upstream, ["--team", team]).run().exits(0);
        assert_eq!((output.stdout, output.stderr.as_str()), (sandbox.read_config(), ""), "{team}");
        fs::remove_file(sandbox.config_path()).unwrap();
    }
    // Not committed, and yet there; from another folder by --dir.
    let text = fs::read_to_string(upstream.path().join(FILE)).unwrap();
    let text = text.replace("eu-central-1", "eu-north-1");
    fs::write(upstream.path().join(FILE), text).unwrap();
    let dir = upstream.path().to_str().unwrap();
    let args = ["dotfiles.render", "--team", "foundation", "--dir", dir];
    let output = sandbox.robo(args).run().exits(0);
    assert!(output.stdout.contains("region = eu-north-1\n"), "{output}");
}

#[test]
fn render_makes_all_teams_one_below_the_other_or_a_file_each() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    upstream.commit("a file", [("aws/teams/data.config", "[profile lake]\nregion = x\n")]);
    let lake = "[profile lake]\nregion = x\n";
    let all = render(&sandbox, &upstream, ["--all"]).run().exits(0);
    assert_eq!(all.stdout, format!("# team data\n\n{lake}\n# team foundation\n\n{RENDERED}"));
    let out = sandbox.root().join("made/here");
    let output = render(&sandbox, &upstream, ["--out", out.to_str().unwrap()]).run().exits(0);
    assert_eq!(output.stdout, "");
    assert_eq!(
        sandbox.redact(&output.stderr),
        "Wrote 2 configs into <sandbox>/made/here, from '.'.\n"
    );
    let mut names: Vec<_> =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["data.config", "foundation.config"]);
    assert_eq!(fs::read_to_string(out.join("foundation.config")).unwrap(), RENDERED);
    assert_eq!(fs::read_to_string(out.join("data.config")).unwrap(), lake);
    // One of them again: the other stays.
    fs::write(out.join("data.config"), "old").unwrap();
    fs::write(out.join("foundation.config"), "old").unwrap();
    let args = ["--team", "data", "--out", out.to_str().unwrap()];
    render(&sandbox, &upstream, args).run().exits(0);
    assert_eq!(fs::read_to_string(out.join("data.config")).unwrap(), lake);
    assert_eq!(fs::read_to_string(out.join("foundation.config")).unwrap(), "old");
}

#[test]
fn render_writes_nothing_over_what_it_is_made_of_nor_half() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    let lake = "[profile lake]\nregion = x\n";
    upstream.commit("a file", [("aws/teams/data.config", lake)]);
    let output = render(&sandbox, &upstream, ["--all", "--out", "aws/teams"]).run().exits(1);
    output.says(
        "error: aws/teams/data.config is the repo's own aws/teams/data.config: nothing was \
         written\n",
    );
    assert_eq!(fs::read_to_string(upstream.path().join("aws/teams/data.config")).unwrap(), lake);
    assert!(!upstream.path().join("aws/teams/foundation.config").exists());
    // The last team has a mistake, so the first is not written either.
    upstream.commit("broken", [("aws/teams/z.config", "[profile a]\nsource_profile = b\n")]);
    let output = render(&sandbox, &upstream, ["--out", "made"]).run().exits(1);
    output.says("error: aws/teams/z.config:2: profile 'a' has source_profile = b, which is not");
    assert!(!upstream.path().join("made").exists());
}

#[test]
fn render_refuses_what_it_cannot_make() {
    let sandbox = Sandbox::new();
    let upstream = upstream(&sandbox, CATALOG);
    let cases: [(&[&str], i32, &str); 8] = [
        (&[], 2, "whose config is to be printed?\n  hint: say --team TEAM for one, or --all"),
        (&["--team", "a", "--all"], 2, "cannot be used with"),
        (&["--team", "../x"], 2, "is no team name"),
        (&["--team", "fundation"], 1, "team 'fundation' is not in '.'\n  hint: did you mean"),
        (&["--out", FILE], 1, "cannot make aws/catalog.toml\n  cause: File exists"),
        (&["--all", "--dir", "none"], 1, "cannot read none"),
        (&["--all", "--dir", FILE], 1, "aws/catalog.toml is not a folder"),
        (&["--all", "--dir", "aws"], 1, "'aws' has no team: no file is at aws/teams/{team}.config"),
    ];
    for (args, status, want) in cases {
        let run = sandbox.robo(["dotfiles.render"].iter().chain(args)).folder(upstream.path());
        let output = run.run().exits(status);
        assert_eq!(output.stdout, "", "{args:?}");
        output.says(want);
    }
    symlink(sandbox.root(), upstream.path().join("aws/teams")).unwrap();
    fs::write(sandbox.root().join("foundation.config"), "[profile stolen]\n").unwrap();
    let output = render(&sandbox, &upstream, ["--team", "foundation"]).run().exits(1);
    output.says("cannot read aws/teams/foundation.config in '.': it is behind a symbolic link");
}
