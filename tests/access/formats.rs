//! Each format of `dotfiles.access`, whole.

use regex::Regex;
use serde_json::{Value, json};

use crate::common::{Sandbox, organisation};
use crate::{ACME, printed, with_catalog};

#[test]
fn everything_is_a_matrix() {
    assert_eq!(
        printed(ACME, ["dotfiles.access"]),
        "TEAM \\ ACCOUNT  ops            dev              prod\n\
         foundation      hub, readonly  admin, readonly  admin, readonly\n\
         data            hub            admin            -\n\
         fpa             hub            -                -\n"
    );
}

#[test]
fn what_is_asked_for_is_a_list() {
    assert_eq!(
        printed(ACME, ["dotfiles.access", "--team", "fpa"]),
        "TEAM  ACCOUNT  ID            ROLE  IAM ROLE  POLICIES                               SESSION  GRANTED AT\n\
         fpa   ops      111111111111  hub   fpa       job-function/Billing, 1 own statement  12h      aws/catalog.toml:35\n"
    );
    let of_dev = "TEAM        ACCOUNT  ID            ROLE      IAM ROLE       POLICIES             SESSION  GRANTED AT\n\
         foundation  dev      222222222222  admin     Administrator  AdministratorAccess  -        aws/catalog.toml:24\n\
         foundation  dev      222222222222  readonly  readonly       ReadOnlyAccess       30m      aws/catalog.toml:24\n\
         data        dev      222222222222  admin     Administrator  AdministratorAccess  -        aws/catalog.toml:32\n";
    assert_eq!(printed(ACME, ["dotfiles.access", "--account", "dev"]), of_dev);
    assert_eq!(printed(ACME, ["dotfiles.access", "--account", "222222222222"]), of_dev);
    // Two grants give it, and both are told.
    assert_eq!(
        printed(ACME, ["dotfiles.access", "--role", "readonly", "--account", "prod"]),
        "TEAM        ACCOUNT  ID            ROLE      IAM ROLE  POLICIES        SESSION  GRANTED AT\n\
         foundation  prod     444444444444  readonly  readonly  ReadOnlyAccess  30m      aws/catalog.toml:24 aws/catalog.toml:25\n"
    );
}

/// Accounts `a01`, `a02`, …, and teams `t01`, `t02`, … that read all of them.
fn many(accounts: usize, teams: usize) -> String {
    let mut text =
        "[hub]\naccount = \"hub\"\n[roles]\nread = { policies = [\"ReadOnlyAccess\"] }\n\
                    [accounts]\nhub = { id = \"000000000000\" }\n"
            .to_owned();
    for number in 1..=accounts {
        text += &format!("a{number:02} = {{ id = \"{number:012}\" }}\n");
    }
    for number in 1..=teams {
        text += &format!(
            "[teams.t{number:02}]\nokta_group = \"g{number}\"\n\
             grants = [{{ roles = \"read\", accounts = \"*\" }}]\n"
        );
    }
    text
}

#[test]
fn a_matrix_turns_where_it_is_too_wide_and_is_a_list_where_both_ways_are() {
    let text = printed(&many(30, 2), ["dotfiles.access"]);
    assert!(
        text.starts_with("ACCOUNT \\ TEAM  t01   t02\nhub             hub   hub\na01 "),
        "{text}"
    );
    assert_eq!(text.lines().count(), 32);
    let text = printed(&many(30, 9), ["dotfiles.access"]);
    assert!(text.starts_with("TEAM  ACCOUNT  ID "), "{text}");
    assert_eq!(text.lines().count(), 1 + 9 * 31);
}

#[test]
fn json_has_a_row_for_each_role_and_null_for_the_hub_s() {
    for args in [
        ["dotfiles.access", "--json", "--team=data"],
        ["dotfiles.access", "--format=json", "--team=data"],
    ] {
        let answer: Value = serde_json::from_str(&printed(ACME, args)).unwrap();
        let hub_role = "arn:aws:iam::111111111111:role/data-people";
        assert_eq!(
            answer,
            json!({
                "access": [
                    {
                        "team": "data", "okta_group": "aws-data",
                        "account": "ops", "account_id": "111111111111", "partition": "aws",
                        "role": null, "role_arn": hub_role, "hub_role_arn": hub_role,
                        "policies": [], "statements": [], "session": "12h", "profile": "hub",
                        "granted_at": ["aws/catalog.toml:28"],
                    },
                    {
                        "team": "data", "okta_group": "aws-data",
                        "account": "dev", "account_id": "222222222222", "partition": "aws",
                        "role": "admin", "hub_role_arn": hub_role,
                        "role_arn": "arn:aws:iam::222222222222:role/Administrator",
                        "policies": ["AdministratorAccess"], "statements": [],
                        "session": null, "profile": "dev",
                        "granted_at": ["aws/catalog.toml:32"],
                    },
                ],
                "not_granted": [],
            })
        );
    }
}

/// Names that would be something else in a spreadsheet, in Markdown, in HTML.
const ODD: &str = r##"[hub]
account = "+ops"
[accounts]
"+ops" = { id = "111111111111" }
"@dev" = { id = "222222222222", "</script><b>" = "x|y" }
[roles]
"-admin" = { policies = ["=cmd"] }
[teams.data]
okta_group = '=HYPERLINK("http://x", "a,b") | <img src=x onerror=alert(1)> @acme/all </script>'
grants = [{ roles = "-admin", accounts = "@dev" }]
"##;

#[test]
fn csv_has_no_formula_and_each_field_in_its_place() {
    assert_eq!(
        printed(ODD, ["dotfiles.access", "--format", "csv", "--role=-admin"]),
        "team,okta_group,account,account_id,partition,role,role_arn,hub_role_arn,policies,session,profile,granted_at\r\n\
         data,\"'=HYPERLINK(\"\"http://x\"\", \"\"a,b\"\") | <img src=x onerror=alert(1)> @acme/all </script>\",\
         \"'@dev\",222222222222,aws,\"'-admin\",arn:aws:iam::222222222222:role/-admin,\
         arn:aws:iam::111111111111:role/data,\"'=cmd\",,\"'@dev--admin\",aws/catalog.toml:10\r\n"
    );
}

#[test]
fn markdown_has_both_views_and_its_text_is_only_text() {
    assert_eq!(
        printed(ODD, ["dotfiles.access", "--format", "markdown"]),
        "## Who has access to what\n\n\
         1 team and 2 accounts of aws/catalog.toml: 1 role reached.\n\n\
         | team \\\\ account | +ops | &#64;dev |\n| --- | --- | --- |\n| data | hub | -admin |\n\n\
         | team | account | id | role | IAM role | policies | session | granted at |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n\
         | data | +ops | 111111111111 | hub | arn:aws:iam::111111111111:role/data |  |  | aws/catalog.toml:8 |\n\
         | data | &#64;dev | 222222222222 | -admin | arn:aws:iam::222222222222:role/-admin | =cmd |  | aws/catalog.toml:10 |\n"
    );
}

/// What is between two marks, which both are there once.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("{from} is not in\n{text}"));
    let (inside, _) = rest.split_once(to).unwrap_or_else(|| panic!("{to} is not in\n{rest}"));
    inside
}

#[test]
fn the_page_needs_nothing_from_outside_and_allows_nothing_but_itself() {
    let page = printed(ODD, ["dotfiles.access", "--format", "html"]);
    // Nothing is fetched: no address but those in what the catalogue says.
    let outside = Regex::new(r#"(?i)(src|href|action|url)\s*[=(]\s*["']?[^"'\s>]"#).unwrap();
    let data = between(&page, "<script type=\"application/json\" id=\"data\">", "</script>");
    let without_data = page.replace(data, "");
    assert_eq!(outside.find(&without_data).map(|found| found.as_str()), None);
    assert!(!without_data.contains("://"), "{without_data}");
    // Script and style are those whose hashes the policy has, and the only ones.
    use base64::Engine as _;
    use sha2::{Digest as _, Sha256};
    let hash = |text: &str| {
        let digest = Sha256::digest(text.as_bytes());
        format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(digest))
    };
    let script = between(&page, "<script>", "</script>");
    let style = between(&page, "<style>", "</style>");
    assert!(script.len() > 1000 && style.len() > 1000);
    assert_eq!(
        between(&page, "<meta http-equiv=\"Content-Security-Policy\" content=\"", "\">"),
        format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            hash(script),
            hash(style)
        )
    );
    assert_eq!(page.matches("<script").count(), 2);
    assert!(Regex::new(r#"(?i)\s(on\w+|style)\s*="#).unwrap().find(&without_data).is_none());
    // No name of the catalogue's is markup.
    assert!(!page.contains("<img") && !page.contains("<b>"), "{page}");
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["teams"][0]["group"].as_str().unwrap().matches("</script>").count(), 1);
    assert_eq!(data["accounts"][1]["tags"]["</script><b>"], "x|y");
    assert_eq!(data["teams"][0]["reach"], json!([[1, [[0, [10]]]]]));
    assert!(!data.to_string().is_empty());
}

#[test]
fn the_page_of_a_large_company_has_all_of_it() {
    let catalog = organisation::catalog(organisation::LARGE);
    let rows = printed(&catalog, ["dotfiles.access", "--format", "csv"]).lines().count() - 1;
    let page = printed(&catalog, ["dotfiles.access", "--format", "html"]);
    let data = between(&page, "<script type=\"application/json\" id=\"data\">", "</script>");
    let data: Value = serde_json::from_str(data).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let (teams, accounts) = (list(&data["teams"]), list(&data["accounts"]));
    assert_eq!((teams.len(), accounts.len()), (200, 1000));
    let cells = teams.iter().flat_map(|team| list(&team["reach"]));
    // Each team has its own role in the hub besides.
    assert_eq!(cells.map(|cell| list(&cell[1]).len()).sum::<usize>() + 200, rows);
    assert!(rows > 30_000, "{rows}");
}

#[test]
fn what_hand_written_files_name_without_a_grant_is_told_apart() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "repo/aws/shared.config",
        "[okta]\nsession_ttl = 12h\n[profile audit]\nrole_arn = arn:aws:iam::111111111111:role/fpa\n",
    );
    sandbox.write(
        "repo/aws/teams/data.config",
        "[profile hub]\nrole_arn = arn:aws:iam::111111111111:role/data-people\n\
         [profile dev]\nsource_profile = hub\nrole_arn = arn:aws:iam::222222222222:role/Administrator\n\
         [profile more]\nsource_profile = hub\nrole_arn = arn:aws:iam::444444444444:role/<b>|x\n",
    );
    sandbox.write(
        "repo/aws/teams/gone.config",
        "[profile hub]\nrole_arn = arn:aws:iam::111111111111:role/gone\n",
    );
    let run = |args: &[&str]| {
        let output = with_catalog(&sandbox, ACME, ["dotfiles.access"]).args(args).run().exits(0);
        assert_eq!(
            output.stderr,
            "2 hand-written team files left aside: a profile grants nothing.\n"
        );
        output
    };
    let text = run(&["--team=data"]).stdout;
    assert_eq!(
        text.split_once("\n\n").unwrap().1,
        "Not granted by the catalogue, but in hand-written files:\n\
         data  audit  arn:aws:iam::111111111111:role/fpa    aws/shared.config:4\n\
         data  more   arn:aws:iam::444444444444:role/<b>|x  aws/teams/data.config:8\n"
    );
    let profile = |team: &str, profile: &str, role: &str, place: &str| json!({"team": team, "profile": profile, "role_arn": format!("arn:aws:iam::{role}"), "place": place});
    assert_eq!(
        run(&["--json"]).json()["not_granted"],
        json!([
            profile("data", "audit", "111111111111:role/fpa", "aws/shared.config:4"),
            profile("data", "more", "444444444444:role/<b>|x", "aws/teams/data.config:8"),
            // fpa's own role in the hub is what the shared profile names.
            profile("foundation", "audit", "111111111111:role/fpa", "aws/shared.config:4"),
            profile("gone", "audit", "111111111111:role/fpa", "aws/shared.config:4"),
            profile("gone", "hub", "111111111111:role/gone", "aws/teams/gone.config:2"),
        ])
    );
    assert_eq!(run(&["--json", "--account=prod"]).json()["not_granted"][0]["profile"], "more");
    // A team that only a file knows is no mistake.
    let gone = run(&["--json", "--team=gone"]).json();
    assert_eq!((&gone["access"], &gone["not_granted"][1]["profile"]), (&json!([]), &json!("hub")));
    // The CSV has access alone, and says that there is more.
    let csv = with_catalog(&sandbox, ACME, ["dotfiles.access", "--format=csv"]).run().exits(0);
    csv.says("5 roles named in hand-written files without a grant: not in the CSV");
    let markdown = run(&["--format=markdown"]).stdout;
    assert!(markdown.contains("| data | more | arn:aws:iam::444444444444:role/&lt;b&gt;\\|x | aws/teams/data.config:8 |\n"), "{markdown}");
    let html = run(&["--format=html"]).stdout;
    assert!(html.contains("<td>arn:aws:iam::444444444444:role/&lt;b&gt;|x</td>"), "{html}");
}

#[test]
fn a_hand_written_file_that_cannot_be_read_is_told_and_left_out() {
    let sandbox = Sandbox::new();
    sandbox.write("repo/aws/teams/data.config", "[profile a]\nwhat is this\n");
    let output = with_catalog(&sandbox, ACME, ["dotfiles.access"]).run().exits(0);
    output.says("warning: aws/teams/data.config:2: a line without '='; the file is left out\n");
}

#[test]
fn what_no_role_can_be_assumed_in_is_no_access() {
    let catalog = ACME
        .replace(
            "prod = { id = \"444444444444\"",
            "prod = { partition = \"aws-cn\", id = \"444444444444\"",
        )
        .replace(", region = \"eu-central-1\"", "");
    let sandbox = Sandbox::new();
    let args = ["dotfiles.access", "--account=prod", "--json"];
    let output = with_catalog(&sandbox, &catalog, args);
    let output = output.run().exits(0);
    assert_eq!(output.json()["access"], json!([]));
    output.says("a grant reaches account 'prod' in the partition aws-cn");
}
