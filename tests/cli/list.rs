//! `aws.list`: what there is, where it leads, whose it is and what is wrong with it.

use serde_json::{Value, json};

use crate::common::{Sandbox, Upstream};

/// The list of a home whose config is `config`.
#[track_caller]
fn list(config: &str) -> Value {
    let sandbox = Sandbox::new();
    sandbox.write_config(config);
    sandbox.robo(["aws.list", "--json"]).run().exits(0).json()
}

fn arn(account: u8, role: &str) -> String {
    format!("arn:aws:iam::{}:role/{role}", account.to_string().repeat(12))
}

#[test]
fn no_file_an_empty_one_and_one_without_profiles_are_an_empty_list() {
    for config in [None, Some(""), Some("# nothing\n"), Some("[okta]\nx = 1\n")] {
        let sandbox = Sandbox::new();
        if let Some(config) = config {
            sandbox.write_config(config);
        }
        let output = sandbox.robo(["aws.list", "--json"]).run().exits(0);
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("[]\n", ""));
        sandbox.refused(
            sandbox.robo(["aws.list"]),
            0,
            "There are no profiles in ~/.aws/config; 'robo aws.config' fetches your team's.\n",
        );
    }
}

#[test]
fn a_chain_of_any_depth_is_listed_from_saml_to_the_profile_s_own_role() {
    let mut config =
        format!("[okta]\naws_saml_url = home/x/1\n[profile p0]\nrole_arn = {}\n", arn(1, "r0"));
    for depth in 1..=40 {
        let role = arn(u8::try_from(depth % 9 + 1).unwrap(), &format!("r{depth}"));
        config +=
            &format!("[profile p{depth}]\nsource_profile = p{}\nrole_arn = {role}\n", depth - 1);
    }
    let rows = list(&config);
    let last = &rows[40];
    assert_eq!(last["name"], "p40");
    assert_eq!(last["account_id"], "555555555555");
    assert_eq!(last["problems"], json!([]));
    let chain = last["role_chain"].as_array().unwrap();
    assert_eq!(chain.len(), 41);
    assert_eq!(
        (&chain[0], &chain[40]),
        (
            &json!({"role_arn": arn(1, "r0"), "via": "saml", "profile": "p0"}),
            &json!({"role_arn": arn(5, "r40"), "via": "assume-role", "profile": "p40"})
        )
    );
}

#[test]
fn a_row_has_exactly_what_the_issue_says() {
    let rows = list(&format!(
        "[okta]\naws_saml_url = home/x/1\n[profile hub]\nRole_ARN = {}\nregion = eu-west-1\n",
        arn(1, "team")
    ));
    assert_eq!(
        rows,
        json!([{
            "name": "hub",
            "role_chain": [{"role_arn": arn(1, "team"), "via": "saml", "profile": "hub"}],
            "region": "eu-west-1",
            "account_id": "111111111111",
            "aws_saml_url": "home/x/1",
            "from": "mine",
            "problems": [],
            "properties": {"role_arn": arn(1, "team"), "region": "eu-west-1"},
        }])
    );
}

#[test]
fn region_and_app_come_from_the_nearest_that_has_them() {
    let rows = list(&format!(
        "[okta]\naws_saml_url = home/x/okta\nregion = from-okta\n\
         [profile hub]\nrole_arn = {hub}\naws_saml_url = home/x/hub\n\
         [profile mid]\nsource_profile = hub\nrole_arn = {mid}\nregion = from-mid\n\
         [profile end]\nsource_profile = mid\nrole_arn = {end}\n\
         [profile own]\nsource_profile = mid\nrole_arn = {end}\nregion = from-own\n",
        hub = arn(1, "h"),
        mid = arn(2, "m"),
        end = arn(3, "e"),
    ));
    let of = |name: &str| {
        let rows = rows.as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        (
            row["region"].as_str().unwrap().to_owned(),
            row["aws_saml_url"].as_str().unwrap().to_owned(),
        )
    };
    for (name, region) in
        [("hub", "from-okta"), ("mid", "from-mid"), ("end", "from-mid"), ("own", "from-own")]
    {
        assert_eq!(of(name), (region.to_owned(), "home/x/hub".to_owned()), "{name}");
    }
}

#[track_caller]
fn problems(config: &str, profile: &str) -> Vec<String> {
    let rows = list(config);
    let row = rows.as_array().unwrap().iter().find(|row| row["name"] == profile).unwrap();
    serde_json::from_value(row["problems"].clone()).unwrap()
}

#[test]
fn what_is_wrong_with_a_chain_is_named_in_full() {
    let cycle = "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = c\n\
                 [profile c]\nsource_profile = b\n";
    assert_eq!(problems(cycle, "a"), ["source_profile leads in a circle: b -> c -> b"]);
    assert_eq!(
        problems("[profile a]\nsource_profile = hbu\n", "a"),
        ["profile 'a' has source_profile = hbu, which is not there"]
    );
    // A role over a profile itself is how the SDKs read `a` with keys of its own.
    assert_eq!(
        problems("[profile a]\nsource_profile = a\n", "a"),
        ["profile 'a' names itself as its source_profile"]
    );
}

#[test]
fn a_source_in_the_credentials_file_is_there() {
    let sandbox = Sandbox::new();
    sandbox
        .write_config(format!("[profile a]\nsource_profile = keys\nrole_arn = {}\n", arn(2, "r")));
    sandbox.write(".aws/credentials", "[keys]\naws_access_key_id = x\n");
    let rows = sandbox.robo(["aws.list", "--json"]).run().exits(0).json();
    assert_eq!(rows[0]["problems"], json!([]));
    assert_eq!(rows[0]["role_chain"][0]["via"], "assume-role");
}

#[test]
fn a_role_that_is_none_and_an_app_that_is_missing_are_problems() {
    let config = "[profile a]\nrole_arn = administrator\n";
    assert_eq!(
        problems(config, "a"),
        [
            "role_arn is not the ARN of an IAM role: administrator",
            "no aws_saml_url: there is no Okta app to sign in to",
        ]
    );
}

#[test]
fn a_section_or_key_that_is_there_twice_is_a_problem() {
    let found = problems("[profile a]\nx = 1\n[profile b]\n[profile a]\ny = 1\n", "a");
    assert_eq!(found, ["line 4: section [profile a] again, after line 1"]);
    let found = problems("[profile a]\nx = 1\nX = 2\n", "a");
    assert_eq!(found, ["line 3: a key that line 2 has already"]);
}

#[test]
fn a_file_that_no_sdk_reads_is_exit_1_with_its_line() {
    let sandbox = Sandbox::new();
    sandbox.write_config("[profile a]\nregion = x\nwhat is this\n");
    for args in [&["aws.list"][..], &["aws.list", "--json"]] {
        sandbox.refused(
            sandbox.robo(args),
            1,
            "error: ~/.aws/config:3: a line without '='\n  3 | what is this\n  \
             hint: no AWS SDK reads the file before that line is mended\n",
        );
    }
}

#[test]
fn a_profile_is_the_team_s_where_the_team_put_it() {
    let sandbox = Sandbox::new();
    sandbox.write_config("[profile mine]\n");
    Upstream::applied(&sandbox, "[profile team]\nregion = x\n");
    let rows = sandbox.robo(["aws.list", "--json"]).run().exits(0).json();
    let from: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| (&row["name"], &row["from"])).collect();
    let (mine, team) = (json!("mine"), json!("team"));
    assert_eq!(from, [(&mine, &mine), (&team, &team)]);
}

#[test]
fn the_table_lines_up_and_tells_the_problems_below() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    sandbox.write_config("[profile mine]\nsource_profile = gone\n");
    upstream.config(["--yes", "--team", "data"]).run().exits(0);
    let output = sandbox.robo(["aws.list"]).run().exits(0);
    assert_eq!(
        output.stdout,
        "PROFILE        ACCOUNT       REGION        FROM  ROLES\n\
         mine           -             -             you   -\n\
         hub            111111111111  eu-west-1     team  data\n\
         dev            222222222222  eu-west-1     team  data > Administrator\n\
         prod-readonly  444444444444  eu-central-1  team  data > ReadOnly\n\
         mine: profile 'mine' has source_profile = gone, which is not there\n"
    );
    assert_eq!(output.stderr, "");
}

#[test]
fn an_unreadable_record_of_what_was_applied_is_told_and_stops_nothing() {
    let sandbox = Sandbox::new();
    Upstream::applied(&sandbox, "[profile team]\nregion = x\n");
    for (path, _) in sandbox.files() {
        if path.parent().unwrap().ends_with("bases") {
            std::fs::write(path, "torn").unwrap();
        }
    }
    let output = sandbox.robo(["aws.list", "--json"]).run().exits(0);
    assert_eq!(output.json()[0]["from"], "mine");
    output.says("warning: cannot read what was applied last, in ");
}
