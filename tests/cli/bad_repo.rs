//! What can be wrong with the team's side. Every run ends in one sentence, its place, what to type
//! next and its exit code, and leaves the person's files as they were.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::common::{Output, Run, Sandbox, Upstream};

const HEAD: &str = "foundation · <sandbox>/acme/dotfiles @ <commit> \"change the team's config\" (acme-platform, <ago>)\n";
const NOT_YOURS: &str =
    "  hint: this is <sandbox>/acme/dotfiles at <commit>; your file was not changed\n";

fn laptop() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write_config("# mine\n[profile mine]\nregion = eu-west-1\n");
    sandbox
}

#[test]
fn no_team_is_told_with_the_teams_there_are() {
    let sandbox = laptop();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    let run = upstream.config(["--yes"]).without_env("SEGMENT_TEAM");
    sandbox.refused(
        run,
        2,
        "error: which team? None is set\n\
         \x20 hint: export SEGMENT_TEAM=TEAM, or give --team TEAM\n\
         \x20 hint: <sandbox>/acme/dotfiles has: data, foundation, fpa\n",
    );
}

#[test]
fn a_team_that_is_not_there_is_told_with_the_nearest() {
    let sandbox = laptop();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    let run = upstream.config(["--yes", "--team", "fundation"]);
    sandbox.refused(
        run,
        1,
        "error: team 'fundation' is not in <sandbox>/acme/dotfiles at <commit>\n\
         \x20 hint: did you mean 'foundation'?\n\
         \x20 hint: its teams: data, foundation, fpa\n",
    );
}

#[test]
fn an_illegal_team_name_is_told_by_its_rule_and_where_it_comes_from() {
    let sandbox = laptop();
    let upstream = Upstream::of_team(&sandbox, "");
    let rule = "'../x' is no team name: letters, digits, '.', '_' and '-', a letter or digit \
                first, no '..'\n";
    sandbox.refused(
        upstream.config(["--yes"]).env("SEGMENT_TEAM", "../x"),
        2,
        &format!("error: {rule}  hint: it comes from $SEGMENT_TEAM\n"),
    );
    sandbox.refused(
        upstream.config(["--yes", "--team", "../x"]),
        2,
        &format!(
            "error: invalid value '../x' for '--team <TEAM>': {rule}\n\
             For more information, try '--help'.\n"
        ),
    );
    sandbox.write(".config/robo/settings.toml", "team = \"../x\"\n");
    if cfg!(target_os = "linux") {
        sandbox.refused(
            upstream.config(["--yes"]).without_env("SEGMENT_TEAM"),
            2,
            &format!("error: {rule}  hint: it comes from 'team' in robo's settings\n"),
        );
    }
}

#[test]
fn no_repo_is_told_with_an_example() {
    let sandbox = laptop();
    sandbox.refused(
        sandbox.robo(["aws.config", "--yes", "--team", "foundation"]),
        2,
        "error: which dotfiles repo? None was given yet\n\
         \x20 hint: robo aws.config --dotfiles git@github.com:ACME/dotfiles.git (it is remembered)\n",
    );
}

#[test]
fn a_url_that_is_none_is_told_without_its_password() {
    let sandbox = laptop();
    sandbox.refused(
        sandbox.robo(["aws.config", "--yes", "--dotfiles", "ftp://jo:s3cret@h/x"]),
        2,
        "error: cannot use 'ftp://***@h/x' as a dotfiles repo: 'ftp://' is not https, http, ssh, git or file\n\
         \x20 hint: write a git URL or a folder, with #REF and :FOLDER where needed, such as \
         https://github.com/acme/dotfiles.git#main\n",
    );
}

/// Fetching from `url` fails: git's own words (the cause) differ from git to git.
#[track_caller]
fn cannot_fetch(sandbox: &Sandbox, run: Run, status: i32, sentence: &str, hint: &str) -> Output {
    let before = sandbox.own_files();
    let output = run.run().exits(status);
    let said = sandbox.redact(&output.stderr);
    let own: Vec<&str> = said.lines().filter(|line| !line.starts_with("  cause: ")).collect();
    assert_eq!(own, [format!("error: {sentence}"), format!("  hint: {hint}")], "{output}");
    assert!(said.contains("  cause: "), "{output}");
    assert_eq!(output.stdout, "");
    assert_eq!(sandbox.own_files(), before);
    output
}

fn from(sandbox: &Sandbox, url: &str) -> Run {
    sandbox.robo(["aws.config", "--yes", "--team", "foundation", "--dotfiles", url])
}

#[test]
fn a_server_that_is_not_there_is_exit_7() {
    let sandbox = laptop();
    // Port 1 (tcpmux) is nobody's, and no test's server is given it.
    let run = from(&sandbox, "http://127.0.0.1:1/acme/dotfiles");
    cannot_fetch(
        &sandbox,
        run,
        7,
        "cannot fetch acme/dotfiles: 127.0.0.1 could not be reached",
        "check your network, VPN and proxy; 'git ls-remote http://127.0.0.1:1/acme/dotfiles' \
         goes the same way",
    );
}

#[test]
fn a_login_that_nobody_can_give_is_exit_4_and_no_question() {
    let sandbox = laptop();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(
                stream,
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"acme\"\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    });
    let url = format!("http://{address}/acme/dotfiles");
    let output = cannot_fetch(
        &sandbox,
        from(&sandbox, &url),
        4,
        "cannot fetch acme/dotfiles: 127.0.0.1 wants a login, and nobody is there to ask for it",
        &format!(
            "run it on a terminal, or let git keep the login: set up a credential helper and run \
             'git ls-remote {url}' once"
        ),
    );

    let with_login = from(&sandbox, &format!("http://jo:s3cret@{address}/acme/dotfiles")).run();
    with_login.exits(1).says("127.0.0.1 refused the login").never_says("s3cret");
    drop(output);
}

#[test]
fn a_folder_that_is_no_repo_says_how_to_make_it_one() {
    let sandbox = laptop();
    sandbox.write("plain/file", "");
    let run = from(&sandbox, "~/plain");
    cannot_fetch(
        &sandbox,
        run,
        1,
        "cannot fetch ~/plain: the folder is not a git repo",
        "make it one: 'git -C <home>/plain init', then add and commit its files",
    );
}

#[test]
fn a_ref_that_is_not_there_says_how_to_list_them() {
    let sandbox = laptop();
    let upstream = Upstream::of_team(&sandbox, "");
    let run = from(&sandbox, &format!("{}#nope", upstream.url()));
    cannot_fetch(
        &sandbox,
        run,
        1,
        "cannot fetch <sandbox>/acme/dotfiles: it has no branch, tag or commit 'nope'",
        "'git ls-remote file://<sandbox>/acme/dotfiles' lists what it has",
    );
}

#[test]
fn a_repo_without_teams_says_where_they_would_be() {
    let sandbox = laptop();
    let upstream = Upstream::new(&sandbox);
    upstream.commit("empty", [("README.md", "hello\n")]);
    sandbox.refused(
        upstream.config(["--yes"]),
        1,
        "error: <sandbox>/acme/dotfiles at <commit> has no team: no file is at \
         aws/teams/{team}.config, and no [teams] in aws/catalog.toml\n\
         \x20 hint: '[aws] teams' in robo.toml says where they are, '#REF:FOLDER' after the URL \
         in which folder\n",
    );
    // Whoever names no team learns the same: there is none to name.
    sandbox.refused(
        upstream.config(["--yes"]).without_env("SEGMENT_TEAM"),
        1,
        "error: <sandbox>/acme/dotfiles at <commit> has no team: no file is at \
         aws/teams/{team}.config, and no [teams] in aws/catalog.toml\n\
         \x20 hint: '[aws] teams' in robo.toml says where they are, '#REF:FOLDER' after the URL \
         in which folder\n",
    );
}

/// The team's file is refused, by its line.
#[track_caller]
fn refuses_team_file(text: &str, message: &str, excerpt: Option<&str>) {
    let sandbox = laptop();
    let upstream = Upstream::of_team(&sandbox, text);
    let excerpt = excerpt.map(|line| format!("  {line}\n")).unwrap_or_default();
    let want = format!("{HEAD}error: aws/teams/foundation.config:{message}\n{excerpt}{NOT_YOURS}");
    sandbox.refused(upstream.config(["--yes"]), 1, &want);
}

#[test]
fn a_team_file_that_no_sdk_reads_is_refused_by_line() {
    refuses_team_file(
        "[profile dev]\nrole_arn arn:aws:iam::222222222222:role/Administrator\n",
        "2: a line without '='",
        Some("2 | role_arn arn:aws:iam::222222222222:role/Administrator"),
    );
    refuses_team_file(
        "region = eu-west-1\n",
        "1: a key before any [section]",
        Some("1 | region = eu-west-1"),
    );
}

#[test]
fn a_team_file_that_readers_take_differently_is_refused_by_line() {
    refuses_team_file(
        "[profile dev]\nregion = a\nRegion = b\n",
        "3: a key that line 2 has already",
        Some("3 | Region = b"),
    );
    refuses_team_file(
        "[profile dev]\nregion = a\n[profile \"dev\"]\n",
        "3: section [profile dev] again, after line 1",
        Some("3 | [profile \"dev\"]"),
    );
    refuses_team_file(
        "\u{feff}[profile dev]\n",
        "1: a byte order mark",
        Some("1 | \\u{feff}[profile dev]"),
    );
}

#[test]
fn a_cycle_in_the_team_s_config_is_refused_in_full() {
    refuses_team_file(
        "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = c\n[profile c]\nsource_profile = b\n",
        "4: source_profile leads in a circle: b -> c -> b",
        None,
    );
}

#[test]
fn a_source_that_the_team_lacks_is_refused() {
    refuses_team_file(
        "[profile dev]\nregion = x\nsource_profile = hbu\n[profile hub]\n",
        "3: profile 'dev' has source_profile = hbu, which is not there",
        None,
    );
}

#[test]
fn a_profile_of_the_team_s_that_names_itself_is_refused() {
    refuses_team_file(
        "[profile dev]\nsource_profile = dev\n",
        "2: profile 'dev' names itself as its source_profile",
        None,
    );
}

fn with_manifest<'a>(sandbox: &'a Sandbox, manifest: &str) -> Upstream<'a> {
    let upstream = Upstream::new(sandbox);
    let team = "[profile dev]\nregion = eu-west-1\n";
    let files = [("robo.toml", manifest), ("aws/teams/foundation.config", team)];
    upstream.commit("change the team's config", files);
    upstream
}

#[test]
fn an_unknown_key_of_the_manifest_is_a_warning() {
    let sandbox = laptop();
    let upstream = with_manifest(&sandbox, "[okta]\ndomian = \"acme.okta.com\"\n");
    let output = upstream.config(["--yes"]).run().exits(0);
    let warning = "warning: robo.toml:2: unknown key 'okta.domian' (did you mean 'domain'?)\n";
    output.says(warning);
    assert!(sandbox.read_config().ends_with("\n[profile dev]\nregion = eu-west-1\n"));
}

#[test]
fn a_wrong_type_in_the_manifest_is_refused_by_line() {
    let sandbox = laptop();
    let upstream = with_manifest(&sandbox, "\n[aws]\nteams = 3\n");
    let want = format!(
        "error: robo.toml:3 of <sandbox>/acme/dotfiles at <commit>: invalid type: integer `3`, \
         expected a string\n  3 | teams = 3\n{NOT_YOURS}"
    );
    sandbox.refused(upstream.config(["--yes"]), 1, &want);
}

#[test]
fn a_path_of_the_manifest_that_leaves_the_repo_is_refused() {
    let sandbox = laptop();
    for (path, why) in [
        ("../{team}", "the path leaves the repo by '..'"),
        ("/etc/{team}", "a path in the repo does not begin with '/'"),
        ("a/../../{team}", "the path leaves the repo by '..'"),
    ] {
        let upstream = with_manifest(&sandbox, &format!("[aws]\nteams = \"{path}\"\n"));
        let want = format!(
            "error: robo.toml:2 of <sandbox>/acme/dotfiles at <commit>: 'aws.teams' is wrong: \
             {why}\n  2 | teams = \"{path}\"\n{NOT_YOURS}"
        );
        sandbox.refused(upstream.config(["--yes"]), 1, &want);
    }
}

#[test]
fn a_link_that_leads_out_of_the_repo_is_never_followed() {
    let sandbox = laptop();
    let upstream = Upstream::new(&sandbox);
    upstream.commit("a team", [("aws/teams/data.config", "")]);
    let outside = sandbox.config_path();
    std::os::unix::fs::symlink(outside, upstream.path().join("aws/teams/foundation.config"))
        .unwrap();
    upstream.commit("a link", [("x", "")]);
    let output = upstream.config(["--yes"]).run().exits(1);
    output.says("aws/teams/foundation.config").says("  hint: ").never_says("[profile mine]");
}
