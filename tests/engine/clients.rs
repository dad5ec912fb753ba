//! Programs that others wrote, with credentials that robo got.

use std::path::Path;

use robo_simulator::Factor;

use crate::common::botocore::Botocore;
use crate::common::{Office, Run};

fn quick() -> Office {
    Office::signed_up(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]))
}

/// With the Python's own folder first in `PATH`.
fn beside(run: Run, python: &Path) -> Run {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [python.parent().unwrap().to_owned()].into_iter();
    let path = std::env::join_paths(folders.chain(std::env::split_paths(&path))).unwrap();
    run.env("PATH", path)
}

const ASSUMED: &str = "arn:aws:sts::222222222222:assumed-role/dev/you@acme.com";

#[test]
fn the_aws_cli_is_who_the_profile_says() {
    let Some(botocore) = Botocore::find() else { return };
    let office = quick();
    let call = ["aws.exec", "dev", "--", "aws", "sts", "get-caller-identity", "--output", "json"];
    // What the caller had before must not count.
    let run = beside(office.robo(call), botocore.python())
        .env("AWS_PROFILE", "prod")
        .env("AWS_ACCESS_KEY_ID", "AKIAOFSOMEBODYELSE00")
        .env("AWS_SECURITY_TOKEN", "old");
    let output = run.run().exits(0);
    assert_eq!(output.json()["Arn"], ASSUMED);
    assert_eq!(output.json()["Account"], "222222222222");
    // The simulator verified the signature.
    assert_eq!(office.simulator.counts().sts("GetCallerIdentity"), 1);
}

#[test]
fn botocore_asks_robo_by_itself() {
    let Some(botocore) = Botocore::find() else { return };
    let office = quick();
    let robo = env!("CARGO_BIN_EXE_robo");
    let config = office.config();
    office.sandbox.write_config(format!(
        "{config}\n[profile sdk]\nregion = eu-west-1\ncredential_process = {robo} aws.credentials dev\n"
    ));
    let script = "import botocore.session, json\n\
                  session = botocore.session.Session(profile='sdk')\n\
                  for _ in range(2):\n    \
                      answer = session.create_client('sts').get_caller_identity()\n\
                  credentials = session.get_credentials()\n\
                  print(json.dumps([answer['Arn'], credentials.refresh_needed()]))\n";
    let run = office.sandbox.program(botocore.python(), ["-c", script]);
    let output = office.inside(run).run().exits(0);
    // Good for longer than botocore wants: it would ask again for each call otherwise.
    assert_eq!(output.json(), serde_json::json!([ASSUMED, false]));
    assert_eq!(office.simulator.counts().pushes, 1);
    // What robo says when it fails reaches the person through botocore.
    office.robo(["aws.logout", "--all"]).run().exits(0);
    let run = office.sandbox.program(botocore.python(), ["-c", script]);
    let output = office.inside(run).run().exits(1);
    assert!(output.stderr.contains("robo aws.add"), "{output}");
}
