//! `dotfiles.terraform`: the variables, whole.

use std::path::Path;

use serde_json::{Value, json};

use crate::common::{Sandbox, Upstream};
use crate::{ACME, printed, with_catalog};

#[test]
fn the_variables_are_the_catalogue_with_its_grants_resolved() {
    let variables: Value = serde_json::from_str(&printed(ACME, ["dotfiles.terraform"])).unwrap();
    let team = |group: &str, role: &str, policies: Value, statements: Value, reach: Value| json!({"okta_group": group, "hub_role": role, "hub_policies": policies, "hub_statements": statements, "reach": reach});
    let both = json!(["admin", "readonly"]);
    assert_eq!(
        variables,
        json!({
            "hub": {"account": "ops", "saml_provider": "okta", "session_seconds": 43200},
            "okta": {"domain": "acme.okta.com", "app_id": "0oa1b2c3d4"},
            "accounts": {
                "ops": {"id": "111111111111", "partition": "aws", "tags": {}},
                "dev": {"id": "222222222222", "partition": "aws", "tags": {"env": "dev"}},
                "prod": {"id": "444444444444", "partition": "aws", "region": "eu-central-1", "tags": {"env": "prod"}},
            },
            "roles": {
                "admin": {"name": "Administrator", "policies": ["AdministratorAccess"]},
                "readonly": {"name": "readonly", "policies": ["ReadOnlyAccess"], "session_seconds": 1800},
            },
            "teams": {
                "foundation": team("aws-foundation", "foundation", json!([]), json!([]), json!({"dev": both, "prod": both, "ops": ["readonly"]})),
                "data": team("aws-data", "data-people", json!([]), json!([]), json!({"dev": ["admin"]})),
                "fpa": team("aws-fpa", "fpa", json!(["job-function/Billing"]), json!(["{\"Action\":[\"ec2:DescribeReservedInstances*\"],\"Effect\":\"Allow\",\"Resource\":\"*\"}"]), json!({})),
            },
        })
    );
}

#[test]
fn a_change_of_one_line_changes_the_lines_it_is_about() {
    let before = printed(ACME, ["dotfiles.terraform"]);
    // The order in which things are written is of no matter.
    let (head, tail) = ACME.split_once("[teams.foundation]").unwrap();
    let (foundation, rest) = tail.split_once("[teams.data]").unwrap();
    let turned = format!("{head}[teams.data]{rest}[teams.foundation]{foundation}");
    assert_eq!(printed(&turned, ["dotfiles.terraform"]), before);
    let after = printed(&ACME.replace("[\"prod\", \"ops\"]", "[\"prod\"]"), ["dotfiles.terraform"]);
    let lines = |text: &str| {
        text.lines().map(|line| line.trim_matches([' ', ',']).to_owned()).collect::<Vec<_>>()
    };
    let (before, after) = (lines(&before), lines(&after));
    assert_eq!(before.len() - after.len(), 3);
    let at = before.iter().zip(&after).position(|(one, other)| one != other).unwrap();
    assert_eq!(before[at..at + 3], ["\"ops\": [", "\"readonly\"", "]"]);
    assert_eq!(before[at + 3..], after[at..]);
}

#[test]
fn the_org_and_the_app_are_those_that_people_sign_in_with() {
    let sandbox = Sandbox::new();
    let okta = |sandbox: &Sandbox| {
        with_catalog(sandbox, ACME, ["dotfiles.terraform"]).run().exits(0).json()["okta"].clone()
    };
    let manifest = "[okta]\ndomain = \"manifest.okta.com\"\napp = \"home/amazon_aws/0oaM/272\"\n";
    sandbox.write("repo/robo.toml", manifest);
    // The layers of aws.config: the catalogue's word goes before the manifest's.
    assert_eq!(okta(&sandbox), json!({"domain": "acme.okta.com", "app_id": "0oa1b2c3d4"}));
    let silent = ACME.split_once("[hub]").unwrap().1;
    let alone = with_catalog(&sandbox, &format!("[hub]{silent}"), ["dotfiles.terraform"]);
    let alone = alone.run().exits(0).json()["okta"].clone();
    assert_eq!(alone, json!({"domain": "manifest.okta.com", "app_id": "0oaM"}));
    sandbox.write(
        "repo/aws/shared.config",
        "[okta]\nsession_ttl = 2h\naws_saml_url = home/amazon_aws/0oaS/272\n",
    );
    assert_eq!(okta(&sandbox), json!({"domain": "acme.okta.com", "app_id": "0oaS"}));
    // How long people ask for is how long the hub's roles have to give, unless the catalogue says.
    let session = |catalog: &str| {
        let run = with_catalog(&sandbox, catalog, ["dotfiles.terraform"]);
        run.run().exits(0).json()["hub"]["session_seconds"].clone()
    };
    assert_eq!(session(ACME), json!(12 * 3600));
    assert_eq!(session(&ACME.replace("session = \"12h\"\n", "")), json!(2 * 3600));
}

#[test]
fn the_sample_s_variables_are_those_of_its_catalogue() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles");
    let sandbox = Sandbox::new();
    let output = sandbox.robo(["dotfiles.terraform"]).folder(&sample).run().exits(0);
    let file = std::fs::read_to_string(sample.join("terraform/robo.auto.tfvars.json")).unwrap();
    assert!(
        output.stdout == file,
        "in dotfiles: robo dotfiles.terraform > terraform/robo.auto.tfvars.json"
    );
    assert_eq!(output.stderr, "");
}

/// What the sample's workflow runs for a pull request, as GitHub runs it.
#[test]
fn the_sample_s_workflow_passes_and_finds_what_was_forgotten() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workflow =
        std::fs::read_to_string(root.join("dotfiles/.github/workflows/lint.yml")).unwrap();
    let commands: Vec<&str> = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "))
        .filter(|command| command.starts_with("robo "))
        .collect();
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    let copy = [root.join("dotfiles/."), upstream.path().to_owned()];
    sandbox.program("cp", [Path::new("-R"), &copy[0], &copy[1]]).run().exits(0);
    upstream.commit("the sample", [("x", "")]);
    upstream.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let summary = sandbox.path("summary");
    let robo = Path::new(env!("CARGO_BIN_EXE_robo")).parent().unwrap();
    let path = format!("{}:{}", robo.display(), std::env::var("PATH").unwrap());
    let statuses = || -> Vec<i32> {
        let run = |command: &&str| {
            let step = sandbox.program("bash", ["-e", "-c", *command]).folder(upstream.path());
            let step = step.env("PATH", &path).env("BASE", "main");
            step.env("GITHUB_STEP_SUMMARY", &summary).run().status
        };
        commands.iter().map(run).collect()
    };
    assert_eq!(statuses(), [0, 0, 0], "{commands:?}");
    let file = upstream.path().join("aws/catalog.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let grant = "{ roles = \"readonly\", accounts = [\"stage\", \"prod\"] },";
    std::fs::write(&file, text.replace(grant, "")).unwrap();
    // Terraform's variables were forgotten, and the reviewer sees what the change takes away.
    assert_eq!(statuses(), [0, 1, 0]);
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("No access changed since"), "{summary}");
    assert!(summary.contains("| removed | readonly | prod |"), "{summary}");
}

#[test]
fn what_aws_takes_only_with_a_raised_quota_is_told() {
    let mut catalog = "[okta]\ndomain = \"acme.okta.com\"\napp = \"home/amazon_aws/0oa1/272\"\n[hub]\naccount = \"hub\"\n\
                       [roles]\nread = { policies = [\"ReadOnlyAccess\"] }\nwrite = { policies = [\"PowerUserAccess\"] }\n\
                       [accounts]\nhub = { id = \"000000000000\" }\n"
        .to_owned();
    (1..=900).for_each(|number| catalog += &format!("a{number} = {{ id = \"{number:012}\" }}\n"));
    for number in 0..60 {
        let grants = if number == 0 {
            "roles = \"*\", accounts = \"*\""
        } else {
            "roles = \"read\", accounts = [\"a1\", \"a2\"]"
        };
        catalog +=
            &format!("[teams.team-{number}]\nokta_group = \"g\"\ngrants = [{{ {grants} }}]\n");
    }
    let output = with_catalog(&Sandbox::new(), &catalog, ["dotfiles.terraform"]).run().exits(0);
    assert_eq!(
        output.stderr,
        "warning: team 'team-0' reaches 1800 roles, for which its hub role needs 12 managed policies; \
         AWS takes 10 unless the quota is raised (to 20 at most)\n\
         warning: role 'read' is trusted by up to 60 teams: in 2 accounts its trust policy is longer \
         than 2048 characters (up to about 2670), which AWS takes only if the quota is raised (to 4096 at most)\n"
    );
}

#[test]
fn what_lies_across_partitions_is_left_out_and_told() {
    let catalog = ACME
        .replace(
            "prod = { id = \"444444444444\"",
            "prod = { partition = \"aws-cn\", id = \"444444444444\"",
        )
        .replace(", region = \"eu-central-1\"", "");
    let output = with_catalog(&Sandbox::new(), &catalog, ["dotfiles.terraform"]).run().exits(0);
    let reach = &output.json()["teams"]["foundation"]["reach"];
    assert_eq!(reach, &json!({"dev": ["admin", "readonly"], "ops": ["readonly"]}));
    output.says("a grant reaches account 'prod' in the partition aws-cn");
}
