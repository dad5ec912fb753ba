//! `dotfiles.access --since`: what a change of the catalogue gives and takes.

use serde_json::{Value, json};

use crate::ACME;
use crate::common::{Output, Sandbox, Upstream};

/// What is said of a change from [`ACME`] to `now`, which is not committed.
#[track_caller]
fn since(now: &str, args: &[&str]) -> Output {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.commit("the first \u{1b}[2J", [("aws/catalog.toml", ACME)]);
    std::fs::write(upstream.path().join("aws/catalog.toml"), now).unwrap();
    let run = sandbox.robo(["dotfiles.access", "--since", "HEAD"]).args(args);
    let mut output = run.folder(upstream.path()).run().exits(0);
    assert_eq!(output.stderr, "");
    output.stdout = sandbox.redact(&output.stdout);
    output
}

/// `ACME` with one text in the place of another that is there once.
#[track_caller]
fn with(changes: &[(&str, &str)]) -> String {
    let mut text = ACME.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    text
}

/// What is added, removed and changed, each in a few words.
#[track_caller]
fn told(changes: &[(&str, &str)]) -> Vec<String> {
    let answer = since(&with(changes), &["--json"]).json();
    let row = |sign: &str, row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or("hub").to_owned();
        format!("{sign} {} {} {}", text("team"), text("account"), text("role"))
    };
    let list = |key: &str| answer[key].as_array().unwrap().clone();
    let added = list("added").into_iter().map(|found| row("+", &found));
    let removed = list("removed").into_iter().map(|found| row("-", &found));
    let changed = list("changed").into_iter().map(|found| {
        let text = |key: &str| found[key].as_str().unwrap().to_owned();
        let teams: Vec<String> = serde_json::from_value(found["teams"].clone()).unwrap();
        let (of, name, what) = (text("of"), text("name"), text("what"));
        let (before, after, teams) = (text("before"), text("after"), teams.join(" "));
        format!("{of} {name} {what}: {before} > {after} ({teams})")
    });
    added.chain(removed).chain(changed).collect()
}

#[test]
fn a_new_grant_adds_and_a_lost_one_removes() {
    let grant = "{ roles = \"admin\", accounts = { env = \"dev\" } }";
    let other = "{ roles = \"readonly\", accounts = { env = \"prod\" } }";
    assert_eq!(told(&[(grant, other)]), ["+ data prod readonly", "- data dev admin"]);
    // A tag grants as well as a grant does.
    assert_eq!(told(&[("env = \"prod\"", "env = \"dev\"")]), ["+ data prod admin"]);
    // The same access by another grant is no change.
    assert_eq!(told(&[("[\"prod\", \"ops\"]", "[\"ops\"]")]), [""; 0]);
}

#[test]
fn a_team_that_comes_or_goes_takes_its_way_in_with_it() {
    let others = [("[teams.data]", "[teams.date]"), ("aws-data", "aws-date")];
    assert_eq!(
        told(&others),
        ["+ date ops hub", "+ date dev admin", "- data ops hub", "- data dev admin"]
    );
}

#[test]
fn a_team_of_the_same_people_is_the_same_team() {
    let name = ("[teams.data]", "[teams.date]");
    assert_eq!(told(&[name]), ["team date name: data > date (date)"]);
    let grant = "{ roles = \"admin\", accounts = { env = \"dev\" } }";
    let more = "{ roles = [\"admin\", \"readonly\"], accounts = { env = \"dev\" } }";
    assert_eq!(
        told(&[name, (grant, more), ("hub_role = \"data-people\"\n", "")]),
        [
            "+ date dev readonly",
            "team date name: data > date (date)",
            "team date hub role: data-people > date (date)"
        ]
    );
    // Two teams of one group: which of them was it?
    let two = "[teams.other]\nokta_group = \"aws-data\"\nhub_policies = [\"ReadOnlyAccess\"]\n\n[teams.date]";
    let found = told(&[("[teams.data]", two)]);
    assert!(found.contains(&"- data dev admin".to_owned()), "{found:?}");
    assert!(found.contains(&"+ date dev admin".to_owned()), "{found:?}");
    // By the old name and by the new one.
    for team in ["data", "date"] {
        let answer = since(&with(&[name]), &["--json", "--team", team]).json();
        assert_eq!(answer["changed"][0]["before"], "data", "{team}");
    }
}

#[test]
fn another_name_is_nobody_s_loss() {
    let found = told(&[
        ("dev  = {", "test = {"),
        ("admin    = {", "root = {"),
        ("default_role = \"admin\"", "default_role = \"root\""),
        ("roles = \"admin\"", "roles = \"root\""),
        ("[\"admin\", \"readonly\"]", "[\"root\", \"readonly\"]"),
    ]);
    assert_eq!(
        found,
        [
            "account test name: dev > test (foundation data)",
            "role root name: admin > root (foundation data)",
        ]
    );
}

#[test]
fn what_a_grant_leads_to_may_change_without_it() {
    let cases: [(&[(&str, &str)], &str); 10] = [
        (
            &[("222222222222", "222222222223")],
            "account dev id: 222222222222 > 222222222223 (foundation data)",
        ),
        (
            &[("\"Administrator\"", "\"Root\"")],
            "role admin IAM role: Administrator > Root (foundation data)",
        ),
        (
            &[("[\"ReadOnlyAccess\"]", "[\"ReadOnlyAccess\", \"AdministratorAccess\"]")],
            "role readonly policies: ReadOnlyAccess > ReadOnlyAccess, AdministratorAccess (foundation)",
        ),
        (&[("\"30m\"", "\"1h\"")], "role readonly session: 30m > 1h (foundation)"),
        (&[("\"aws-data\"", "\"everybody\"")], "team data Okta group: aws-data > everybody (data)"),
        (&[("\"data-people\"", "\"people\"")], "team data hub role: data-people > people (data)"),
        (
            &[("[\"job-function/Billing\"]", "[\"AdministratorAccess\"]")],
            "team fpa hub policies: job-function/Billing > AdministratorAccess (fpa)",
        ),
        (
            &[("[\"ec2:DescribeReservedInstances*\"]", "\"*\"")],
            "team fpa hub statements: {\"Action\":[\"ec2:DescribeReservedInstances*\"],\"Effect\":\"Allow\",\"Resource\":\"*\"} \
             > {\"Action\":\"*\",\"Effect\":\"Allow\",\"Resource\":\"*\"} (fpa)",
        ),
        (
            &[("session = \"12h\"", "session = \"1h\"")],
            "hub ops session: 12h > 1h (foundation data fpa)",
        ),
        (
            &[("session = \"12h\"", "saml_provider = \"other\"\nsession = \"12h\"")],
            "hub ops SAML provider: okta > other (foundation data fpa)",
        ),
    ];
    for (changes, want) in cases {
        assert_eq!(told(changes), [want]);
    }
}

#[test]
fn what_touches_no_access_is_no_change() {
    assert_eq!(told(&[("region = \"eu-central-1\"", "region = \"eu-north-1\"")]), [""; 0]);
    assert_eq!(told(&[("[teams.data]", "# why\n[teams.data]")]), [""; 0]);
    assert_eq!(
        since(ACME, &[]).stdout,
        "No access changed since <commit> \"the first \\u{1b}[2J\".\n"
    );
    assert_eq!(
        since(ACME, &["--format=markdown"]).stdout,
        "## Changed access\n\nNo access changed since <commit> \"the first \\\\u\\{1b\\}\\[2J\".\n"
    );
}

const SEVERAL: [(&str, &str); 3] = [
    (
        "{ roles = \"admin\", accounts = { env = \"dev\" } }",
        "{ roles = \"readonly\", accounts = [\"prod\"] }",
    ),
    ("\"aws-fpa\"", "\"aws|fpa\""),
    ("\"Administrator\"", "\"Root\""),
];

#[test]
fn a_person_sees_it_by_team() {
    assert_eq!(
        since(&with(&SEVERAL), &[]).stdout,
        "data\n  \
           + readonly  prod  444444444444  ReadOnlyAccess       aws/catalog.toml:32\n  \
           - admin     dev   222222222222  AdministratorAccess  <commit>:aws/catalog.toml:32\n\
         role admin: IAM role was Administrator, is Root\n  touches foundation\n\
         team fpa: Okta group was aws-fpa, is aws|fpa\n  touches fpa\n\
         1 added, 1 removed, 2 changed since <commit> \"the first \\u{1b}[2J\".\n"
    );
}

#[test]
fn a_pull_request_sees_it_by_team() {
    assert_eq!(
        since(&with(&SEVERAL), &["--format=markdown"]).stdout,
        "## Changed access\n\n\
         1 added, 1 removed, 2 changed since <commit> \"the first \\\\u\\{1b\\}\\[2J\".\n\n\
         ### data\n\n\
         |  | role | account | id | policies | granted at |\n| --- | --- | --- | --- | --- | --- |\n\
         | added | readonly | prod | 444444444444 | ReadOnlyAccess | aws/catalog.toml:32 |\n\
         | removed | admin | dev | 222222222222 | AdministratorAccess | <commit>:aws/catalog.toml:32 |\n\n\
         ### Changed\n\n\
         | what | before | after | touches |\n| --- | --- | --- | --- |\n\
         | role admin: IAM role | Administrator | Root | foundation |\n\
         | team fpa: Okta group | aws-fpa | aws\\|fpa | fpa |\n"
    );
}

#[test]
fn only_what_is_asked_for_is_told() {
    let now = with(&SEVERAL);
    let count = |args: &[&str]| {
        let answer = since(&now, &[&["--json"], args].concat()).json();
        ["added", "removed", "changed"].map(|key| answer[key].as_array().unwrap().len())
    };
    assert_eq!(count(&[]), [1, 1, 2]);
    assert_eq!(count(&["--team=fpa"]), [0, 0, 1]);
    assert_eq!(count(&["--team=data"]), [1, 1, 0]);
    assert_eq!(count(&["--account=prod", "--team=data"]), [1, 0, 0]);
    assert_eq!(count(&["--role=admin"]), [0, 1, 1 + 1]);
    let answer = since(&now, &["--json"]).json();
    assert_eq!(answer["since"]["reference"], "HEAD");
    assert_eq!(answer["added"][0]["role_arn"], "arn:aws:iam::444444444444:role/readonly");
}

#[test]
fn a_team_or_account_that_is_gone_can_be_asked_for() {
    let now = with(&[("[teams.data]", "[teams.date]"), ("aws-data", "aws-date")]);
    let answer = since(&now, &["--json", "--team=data"]).json();
    assert_eq!(answer["removed"].as_array().unwrap().len(), 2);
    assert_eq!(answer["added"], json!([]));
}

#[test]
fn a_commit_without_a_catalogue_had_no_access() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.commit("first", [("README.md", "dotfiles\n")]);
    upstream.commit("second", [("aws/catalog.toml", ACME)]);
    let run = sandbox.robo(["dotfiles.access", "--json", "--since=HEAD~1"]).folder(upstream.path());
    let output = run.run().exits(0);
    assert_eq!(output.json()["added"].as_array().unwrap().len(), 9);
    assert_eq!(output.json()["removed"], json!([]));
    output.says(" has no aws/catalog.toml\n");
}

#[test]
fn the_folder_may_be_a_part_of_its_repo_and_its_catalogue_elsewhere_then() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.commit(
        "first",
        [
            ("tools/dotfiles/robo.toml", "[aws]\ncatalog = \"who.toml\"\n"),
            ("tools/dotfiles/who.toml", ACME),
        ],
    );
    upstream.remove("away", ["tools/dotfiles/robo.toml", "tools/dotfiles/who.toml"]);
    let now = with(&[(
        "{ roles = \"admin\", accounts = { env = \"dev\" } },",
        "{ roles = \"admin\", accounts = \"*\" },",
    )]);
    upstream.commit("second", [("tools/dotfiles/aws/catalog.toml", now)]);
    // From outside, by --dir; the commit by its id.
    let first = upstream.git(["rev-parse", "HEAD~2"]);
    let dir = upstream.path().join("tools/dotfiles");
    let run = sandbox.robo(["dotfiles.access", "--json", "--since", &first, "--dir"]).arg(&dir);
    let answer = run.run().exits(0).json();
    assert_eq!(answer["since"]["commit"], first);
    assert_eq!(answer["added"].as_array().unwrap().len(), 1);
    assert_eq!(answer["added"][0]["account"], "prod");
}
