//! `aws.env` in the shells that are here.

use robo_simulator::Factor;

use crate::common::{Office, Run};

fn quick() -> Office {
    Office::signed_up(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]))
}

/// What the caller had before, and what must not lead the shell on.
fn misled(run: Run) -> Run {
    run.env("AWS_PROFILE", "another").env("AWS_SECURITY_TOKEN", "old").env("AWS_ROLE_ARN", "x")
}

#[test]
fn every_shell_takes_it() {
    let office = quick();
    // A profile's name may hold what a shell has a meaning for.
    office.edit_config("[profile dev]", "[profile dev+b@x]");
    office.edit_config("source_profile = dev\n", "source_profile = dev+b@x\n");
    let robo = env!("CARGO_BIN_EXE_robo");
    let told = "printenv AWS_OKTA_ASSUMED_ROLE_ARN AWS_OKTA_PROFILE AWS_REGION; \
                printenv AWS_PROFILE AWS_ROLE_ARN; \
                test \"$AWS_SECURITY_TOKEN\" = \"$AWS_SESSION_TOKEN\"";
    let want = "arn:aws:iam::222222222222:role/dev\ndev+b@x\neu-west-1\n";
    let mut shells = 0;
    for shell in ["sh", "dash", "bash", "zsh", "ksh", "fish"] {
        if office.sandbox.program("sh", ["-c", &format!("command -v {shell}")]).run().status != 0 {
            continue;
        }
        let script = if shell == "fish" {
            format!("{robo} aws.env dev+b@x --format fish | source; {told}")
        } else {
            format!("eval \"$({robo} aws.env dev+b@x)\"; {told}")
        };
        let run = office.inside(office.sandbox.program(shell, ["-c", &script]));
        assert_eq!(misled(run).run().exits(0).stdout, want, "{shell}");
        shells += 1;
    }
    assert!(shells > 0);
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn other_forms_say_the_same() {
    let office = quick();
    let form = |form| office.robo(["aws.env", "dev", "--format", form]).run().exits(0);
    let json = form("json").json();
    assert_eq!(json["AWS_OKTA_ASSUMED_ROLE"], "dev");
    let secret = json["AWS_SECRET_ACCESS_KEY"].as_str().unwrap();
    let dotenv = form("dotenv").stdout;
    assert!(
        dotenv.lines().any(|line| line == format!("AWS_SECRET_ACCESS_KEY={secret}")),
        "{dotenv}"
    );
    assert_eq!(dotenv.lines().count(), json.as_object().unwrap().len());
    let powershell = form("powershell").stdout;
    let line = format!("$Env:AWS_SECRET_ACCESS_KEY = '{secret}'");
    assert!(powershell.lines().any(|one| one == line), "{powershell}");
    let credentials = office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(credentials.stdout.lines().count(), 1);
    let credentials = credentials.json();
    assert_eq!(credentials["Version"], 1);
    assert_eq!(credentials["SecretAccessKey"], secret);
    assert_eq!(credentials["SessionToken"], json["AWS_SESSION_TOKEN"]);
    assert_eq!(credentials["Expiration"], json["AWS_CREDENTIAL_EXPIRATION"]);
    assert_eq!(credentials["AccountId"], "222222222222");
    let pretty = office.robo(["aws.credentials", "dev", "--pretty"]).run().exits(0);
    assert_eq!(pretty.json(), credentials);
    assert!(pretty.stdout.lines().count() > 5);
}
