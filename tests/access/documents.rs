//! The policy documents that the sample's Terraform makes, rendered by terraform itself and judged
//! by [`crate::iam`]: nobody gets into more than `dotfiles.access` says, and nobody into less.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::{Output, Sandbox};
use crate::iam::{Principal, gives, may, may_assume, trusts};
use crate::{ACME, with_catalog};

/// The terraform on the PATH. Without one the caller's test is skipped, which it says; where
/// `ROBO_TEST_TERRAFORM` is set, it fails instead.
struct Terraform<'a> {
    sandbox: &'a Sandbox,
    folder: PathBuf,
}

impl<'a> Terraform<'a> {
    /// With a copy of the sample's Terraform, since it writes beside its modules.
    fn find(sandbox: &'a Sandbox) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| folder.join("terraform").is_file()) {
            let needed =
                std::env::var_os("ROBO_TEST_TERRAFORM").is_some_and(|value| !value.is_empty());
            assert!(!needed, "ROBO_TEST_TERRAFORM is set, and there is no terraform on the PATH");
            eprintln!("skipped: there is no terraform on the PATH");
            return None;
        }
        let folder = sandbox.path("terraform");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles/terraform"), &folder);
        Some(Self { sandbox, folder })
    }

    #[track_caller]
    fn run(&self, folder: &str, args: &[&str]) -> Output {
        let run = self.sandbox.program("terraform", args).folder(self.folder.join(folder));
        run.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").run().exits(0)
    }

    /// All documents of a catalogue.
    fn documents(&self, catalog: &str) -> Documents {
        let variables = with_catalog(self.sandbox, catalog, ["dotfiles.terraform"]).run().exits(0);
        let folder = "tests/documents";
        fs::write(self.folder.join(folder).join("robo.auto.tfvars.json"), variables.stdout)
            .unwrap();
        self.run(folder, &["init", "-input=false", "-no-color"]);
        self.run(folder, &["apply", "-auto-approve", "-input=false", "-no-color"]);
        Documents(self.run(folder, &["output", "-json"]).json())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_name().to_string_lossy() {
            // What a run by hand left behind.
            name if name.starts_with(".terraform") || name.contains(".tfstate") => {}
            name if entry.path().is_dir() => copy(&entry.path(), &to.join(&*name)),
            name => drop(fs::copy(entry.path(), to.join(&*name)).unwrap()),
        }
    }
}

#[test]
fn the_modules_are_formatted_and_pass_their_own_tests() {
    let sandbox = Sandbox::new();
    let Some(terraform) = Terraform::find(&sandbox) else { return };
    terraform.run(".", &["fmt", "-check", "-diff", "-recursive"]);
    for (module, tests) in
        [("modules/scope", 6), ("modules/hub-role/policy", 7), ("modules/spoke-role/policy", 8)]
    {
        terraform.run(module, &["init", "-input=false", "-no-color"]);
        terraform.run(module, &["validate", "-no-color"]);
        let said = terraform.run(module, &["test", "-no-color"]).stdout;
        assert!(said.ends_with(&format!("Success! {tests} passed, 0 failed.\n")), "{said}");
    }
}

/// What terraform made.
struct Documents(Value);

impl Documents {
    /// The roles in the accounts, by ARN, with the trust policy of each.
    fn spokes(&self) -> BTreeMap<String, Value> {
        let roles = self.0["spoke_roles"]["value"].as_object().unwrap();
        roles.iter().map(|(arn, role)| (arn.clone(), document(&role["trust"]))).collect()
    }

    /// The teams' roles in the hub, by ARN: the trust policy, and the policies of each.
    fn hubs(&self) -> BTreeMap<String, (Value, Vec<Value>)> {
        let hub = |role: &Value| {
            let assume = role["assume"].as_object().unwrap().values().map(document);
            let own = Some(&role["own"]).filter(|own| !own.is_null()).map(document);
            (document(&role["trust"]), assume.chain(own).collect())
        };
        let roles = self.0["hub_roles"]["value"].as_object().unwrap();
        roles.iter().map(|(arn, role)| (arn.clone(), hub(role))).collect()
    }

    /// The managed policies of a role.
    fn policies(&self, role: &str) -> Vec<String> {
        let kinds = ["hub_roles", "spoke_roles"];
        let role = kinds.iter().find_map(|kind| self.0[kind]["value"].get(role)).unwrap();
        serde_json::from_value(role["policy_arns"].clone()).unwrap()
    }
}

fn document(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

/// Holds the documents of a catalogue against what `dotfiles.access` says of it; gives how many
/// pairs of a hub role and a role were judged, and how many of them get in.
fn judge(sandbox: &Sandbox, terraform: &Terraform<'_>, catalog: &str) -> (usize, usize) {
    let documents = terraform.documents(catalog);
    let access =
        with_catalog(sandbox, catalog, ["dotfiles.access", "--json"]).run().exits(0).json();
    let rows = access["access"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let (hubs, spokes) = (documents.hubs(), documents.spokes());

    // Each team has its role, and each role that somebody is granted is made; no other.
    let (of_hub, of_spokes): (Vec<&Value>, Vec<&Value>) =
        rows.iter().partition(|row| row["role"].is_null());
    let named =
        |rows: &[&Value]| rows.iter().map(|row| text(row, "role_arn")).collect::<BTreeSet<_>>();
    assert_eq!(hubs.keys().cloned().collect::<BTreeSet<_>>(), named(&of_hub));
    assert_eq!(spokes.keys().cloned().collect::<BTreeSet<_>>(), named(&of_spokes));

    // Every team's role against every role: as the catalogue grants.
    let granted: BTreeSet<(String, String)> =
        of_spokes.iter().map(|row| (text(row, "hub_role_arn"), text(row, "role_arn"))).collect();
    let mut judged = 0;
    for (hub, (_, policies)) in &hubs {
        for (spoke, trust) in &spokes {
            let who = Principal { arn: hub, policies };
            let pair = (hub.clone(), spoke.clone());
            assert_eq!(may_assume(who, spoke, trust), granted.contains(&pair), "{pair:?}");
            // The role by itself grants no more, whatever policies somebody gives to a team.
            let mighty = Principal { arn: hub, policies: &everything() };
            assert_eq!(may_assume(mighty, spoke, trust), granted.contains(&pair), "{pair:?}");
            // And the team's policies allow no more, whatever a role trusts.
            assert_eq!(may(who, "sts:AssumeRole", spoke), granted.contains(&pair), "{pair:?}");
            // Assuming it is all that they may do to it.
            for action in ["sts:TagSession", "sts:SetSourceIdentity", SAML] {
                assert!(!trusts(who, action, trust), "{action} {pair:?}");
            }
            judged += 1;
        }
        assert!(!may(
            Principal { arn: hub, policies },
            "sts:AssumeRole",
            "arn:aws:iam::222222222222:role/Other"
        ));
    }

    // Nobody else, be they as mighty as can be.
    let hub = rows[0]["hub_role_arn"].as_str().unwrap().rsplit_once("role/").unwrap().0.to_owned();
    for (spoke, trust) in &spokes {
        let strangers =
            ["role/stranger", "root", "user/foundation", "role/path/foundation", "role/FOUNDATION"];
        let elsewhere = "arn:aws:iam::999999999999:role/foundation".to_owned();
        for arn in strangers.map(|name| format!("{hub}{name}")).iter().chain([&elsewhere]) {
            assert!(
                !may_assume(Principal { arn, policies: &everything() }, spoke, trust),
                "{arn} {spoke}"
            );
        }
        assert!(!gives("arn:aws:iam::111111111111:saml-provider/okta", AUDIENCE, SAML, trust));
    }

    // Into the hub by the assertion of its own provider for AWS alone.
    let provider = format!("{hub}saml-provider/okta");
    for (arn, (trust, _)) in &hubs {
        assert!(gives(&provider, AUDIENCE, SAML, trust), "{arn}");
        assert!(!gives(&provider, "https://acme.example/saml", SAML, trust));
        assert!(!gives(&format!("{hub}saml-provider/other"), AUDIENCE, SAML, trust));
        assert!(!gives(&provider, AUDIENCE, "sts:AssumeRole", trust));
        for other in hubs.keys() {
            assert!(!may_assume(Principal { arn: other, policies: &everything() }, arn, trust));
        }
    }

    // What each role may do once it is assumed.
    for row in rows {
        let arn = |policy: &Value| {
            let policy = policy.as_str().unwrap();
            let whole = policy.starts_with("arn:");
            if whole { policy.to_owned() } else { format!("arn:aws:iam::aws:policy/{policy}") }
        };
        let policies: BTreeSet<String> =
            row["policies"].as_array().unwrap().iter().map(arn).collect();
        let made: BTreeSet<String> =
            documents.policies(&text(row, "role_arn")).into_iter().collect();
        assert_eq!(made, policies, "{row}");
    }
    (judged, granted.len())
}

const AUDIENCE: &str = "https://signin.aws.amazon.com/saml";
const SAML: &str = "sts:AssumeRoleWithSAML";

fn everything() -> Vec<Value> {
    vec![serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    })]
}

/// The provider of Okta cannot be fetched here. It takes a group that only begins with the name where
/// none has it (`data_source_okta_group.go`), and its people would get the team's roles.
#[test]
fn an_okta_group_is_taken_by_its_whole_name() {
    let path = "dotfiles/terraform/modules/okta-group/main.tf";
    let module = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let data = module.split("data \"okta_group\"").nth(1).unwrap();
    let check = data.split("postcondition {").nth(1).unwrap();
    let condition = check.lines().find(|line| line.contains("condition")).unwrap();
    assert_eq!(condition.replace(' ', ""), "condition=self.name==var.group");
}

#[test]
fn a_company_gets_exactly_what_its_catalogue_grants() {
    let sandbox = Sandbox::new();
    let Some(terraform) = Terraform::find(&sandbox) else { return };
    // foundation: two roles in dev and prod, one in the hub; data: one; fpa: none.
    assert_eq!(judge(&sandbox, &terraform, ACME), (3 * 5, 6));
}

#[test]
fn the_sample_gets_exactly_what_its_catalogue_grants() {
    let sandbox = Sandbox::new();
    let Some(terraform) = Terraform::find(&sandbox) else { return };
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles"), &sandbox.path("repo"));
    let catalog = fs::read_to_string(sandbox.path("repo/aws/catalog.toml")).unwrap();
    assert_eq!(judge(&sandbox, &terraform, &catalog), (3 * 5, 7));
}

#[test]
fn a_team_of_the_hub_may_do_what_it_is_said_to_and_gets_into_nothing() {
    let sandbox = Sandbox::new();
    let Some(terraform) = Terraform::find(&sandbox) else { return };
    let documents = terraform.documents(ACME);
    let arn = "arn:aws:iam::111111111111:role/fpa";
    let hubs = documents.hubs();
    let fpa = Principal { arn, policies: &hubs[arn].1 };
    assert!(may(fpa, "ec2:DescribeReservedInstances", "*"));
    assert!(may(fpa, "ec2:DescribeReservedInstancesOfferings", "*"));
    assert!(!may(fpa, "ec2:PurchaseReservedInstancesOffering", "*"));
    assert!(documents.spokes().keys().all(|spoke| !may(fpa, "sts:AssumeRole", spoke)));
    assert_eq!(documents.policies(arn), ["arn:aws:iam::aws:policy/job-function/Billing"]);
    let groups = &documents.0["okta_groups"]["value"];
    assert_eq!(
        groups,
        &serde_json::json!({"aws-data": ["data-people"], "aws-foundation": ["foundation"], "aws-fpa": ["fpa"]})
    );
}

/// An organisation by a row of numbers that is always the same.
fn organisation(accounts: usize, roles: usize, teams: usize) -> String {
    let mut state: usize = 42;
    let mut below = |most: usize| {
        // Numerical Recipes' constants.
        state = (state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)) % (1 << 32);
        (state >> 8) % most
    };
    let mut text = "[okta]\ndomain = \"acme.okta.com\"\napp = \"home/amazon_aws/0oa1/272\"\n[hub]\naccount = \"hub\"\n\
                    [accounts]\nhub = { id = \"111111111111\", env = \"hub\" }\n"
        .to_owned();
    for number in 0..accounts {
        let env = ["dev", "stage", "prod"][number % 3];
        text += &format!(
            "a{number} = {{ id = \"{:012}\", env = \"{env}\", unit = \"u{}\" }}\n",
            300_000 + number,
            number % 5
        );
    }
    text += "[roles]\n";
    for number in 0..roles {
        text += &format!(
            "r{number} = {{ policies = [\"P{number}\", \"arn:aws:iam::aws:policy/Q{number}\"], name = \"Role{number}\" }}\n"
        );
    }
    for number in 0..teams {
        text += &format!(
            "[teams.t{number}]\nokta_group = \"g{}\"\nhub_role = \"team-{number}\"\ngrants = [\n",
            number / 2
        );
        for _ in 0..=below(3) {
            let (role, other) = (below(roles), below(roles));
            let accounts = match below(5) {
                0 => "\"*\"".to_owned(),
                1 => format!("{{ unit = \"u{}\" }}", below(5)),
                2 => format!("{{ env = \"dev\", unit = \"u{}\" }}", below(5)),
                3 => format!("[\"hub\", \"a{}\"]", below(accounts)),
                _ => format!("[\"a{}\", \"a{}\"]", below(accounts), below(accounts)),
            };
            let except = match below(3) {
                0 if accounts == "\"*\"" => ", except = { env = \"prod\" }",
                1 if accounts == "\"*\"" => ", except = [\"a0\"]",
                _ => "",
            };
            text += &format!(
                "  {{ roles = [\"r{role}\", \"r{other}\"], accounts = {accounts}{except} }},\n"
            );
        }
        text += "]\n";
    }
    text
}

#[test]
fn an_organisation_gets_exactly_what_its_catalogue_grants() {
    let sandbox = Sandbox::new();
    let Some(terraform) = Terraform::find(&sandbox) else { return };
    let (judged, granted) = judge(&sandbox, &terraform, &organisation(24, 5, 20));
    assert!(judged > 1500 && granted > 200 && granted < judged / 2, "{judged} {granted}");
}
