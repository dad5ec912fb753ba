//! The AWS CLI and botocore with what robo gives them, against an STS that checks signatures.

use std::path::Path;

use robo_simulator::Factor;

use crate::common::botocore::Botocore;
use crate::common::{Office, Run};

const ROBO: &str = env!("CARGO_BIN_EXE_robo");

/// A client, which must not ask the machine that it runs on who it is.
fn client(office: &Office, run: Run) -> Run {
    office.inside(run).env("AWS_EC2_METADATA_DISABLED", "true").env("PYTHONDONTWRITEBYTECODE", "1")
}

/// Adds the profile `tools`, which is `dev` by way of `credential_process`.
fn with_tools(office: &Office) {
    let config = office.sandbox.read_config();
    let process = format!("credential_process = \"{ROBO}\" aws.credentials dev");
    office
        .sandbox
        .write_config(format!("{config}\n[profile tools]\nregion = eu-west-1\n{process}\n"));
}

fn arn_of(output: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(output).unwrap();
    json["Arn"].as_str().unwrap().to_owned()
}

const DEV: &str = "arn:aws:sts::222222222222:assumed-role/dev/you@acme.com";

#[test]
fn the_aws_cli_is_who_aws_exec_says() {
    let Some(botocore) = Botocore::find() else { return };
    let office = Office::without_factors();
    let aws = botocore.aws();
    for (profile, arn) in
        [("dev", DEV), ("reader", "arn:aws:sts::444444444444:assumed-role/reader/you@acme.com")]
    {
        let args = [Path::new("aws.exec"), Path::new(profile), Path::new("--"), &aws];
        let run = office.robo(args).arg("sts").arg("get-caller-identity");
        // Of a session before: it must not win.
        let output = client(&office, run).env("AWS_PROFILE", "okta-hub").run().exits(0);
        assert_eq!(arn_of(&output.stdout), arn);
        assert_eq!(output.stderr, "");
    }
    let counts = office.simulator.counts();
    assert_eq!(counts.granted["sts GetCallerIdentity"], 2, "each signature was good");
}

#[test]
fn the_aws_cli_fetches_credentials_by_itself() {
    let Some(botocore) = Botocore::find() else { return };
    let office = Office::without_factors();
    with_tools(&office);
    let args = ["--profile", "tools", "sts", "get-caller-identity"];
    for _ in 0..2 {
        let run = office.sandbox.program(botocore.aws(), args);
        let output = client(&office, run).run().exits(0);
        assert_eq!((arn_of(&output.stdout).as_str(), output.stderr.as_str()), (DEV, ""));
    }
    let counts = office.simulator.counts();
    assert_eq!(counts.granted["sts GetCallerIdentity"], 2);
    assert_eq!((counts.sts("AssumeRoleWithSAML"), counts.sts("AssumeRole")), (1, 1));

    // What went wrong reaches the person: the CLI shows what robo said.
    office.edit_config("aws.credentials dev", "aws.credentials dve");
    let run = office.sandbox.program(botocore.aws(), args);
    let output = client(&office, run).run();
    assert_ne!(output.status, 0);
    output.says("profile 'dve' is not in ~/.aws/config").says("did you mean 'dev'?");
}

#[test]
fn botocore_takes_and_renews_them() {
    let Some(botocore) = Botocore::find() else { return };
    let office = Office::without_factors();
    with_tools(&office);
    let script = "
import botocore.session
session = botocore.session.Session(profile='tools')
credentials = session.get_credentials()
assert credentials.method == 'custom-process', credentials.method
assert not credentials.refresh_needed(), 'handed out when it is about to expire'
frozen = credentials.get_frozen_credentials()
print(session.create_client('sts').get_caller_identity()['Arn'])
print(getattr(frozen, 'account_id', None))
";
    let run = office.sandbox.program(botocore.python(), ["-c", script]);
    let output = client(&office, run).run().exits(0);
    assert_eq!(output.stdout, format!("{DEV}\n222222222222\n"));
    assert_eq!(office.simulator.counts().granted["sts GetCallerIdentity"], 1);
}

#[test]
fn a_question_under_credential_process_is_asked_on_the_terminal() {
    let Some(botocore) = Botocore::find() else { return };
    let office = Office::signed_up(|s| s.user().factors = vec![Factor::totp()]);
    with_tools(&office);
    // The CLI reads robo's stdout and stderr; the terminal is what is left.
    let script = "\"$0\" --profile tools sts get-caller-identity --output json >answer";
    let run = office.sandbox.program("sh", ["-c", script]).arg(botocore.aws());
    let mut pty = client(&office, run).pty();
    pty.expect("Code from Okta Verify: ").send_line("480362");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    let answer = String::from_utf8(office.sandbox.read("answer")).unwrap();
    assert_eq!(arn_of(&answer), DEV);
}
