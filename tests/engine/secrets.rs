//! A whole day of use, and then a search for each secret that was in it.

use std::os::unix::fs::PermissionsExt as _;

use robo_simulator::{Factor, Fault};

use crate::common::office::{PASSPHRASE, PASSWORD, USER};
use crate::common::{Office, Output};

#[test]
fn no_secret_is_left_anywhere() {
    let office = Office::with(|scenario| {
        scenario.user().factors = vec![
            Factor::push().polls(["WAITING", "SUCCESS"]).number(92),
            Factor::totp(),
            Factor::question(),
        ];
    });
    let mut said = String::new();
    let mut hear = |output: Output, with_stdout: bool| {
        said += &output.stderr;
        if with_stdout {
            said += &output.stdout;
        }
    };
    let add = ["aws.add", "--username", USER, "--password-stdin"];
    hear(office.robo(add).stdin("a wrong password").run().exits(5), true);
    hear(office.robo(add).stdin(PASSWORD).run().exits(0), true);
    // The child sees its credentials, and prints something else.
    let script = "test -n \"$AWS_SECRET_ACCESS_KEY\" && echo ran";
    let push = ["--mfa-factor-type", "push", "-v"];
    let exec = ["aws.exec", "reader"].into_iter().chain(push);
    hear(office.robo(exec.chain(["--", "sh", "-c", script])).run().exits(0), true);
    hear(office.robo(["aws.explain", "reader"]).run().exits(0), true);
    hear(office.robo(["aws.explain", "reader", "--json"]).run().exits(0), true);
    hear(office.robo(["aws.doctor", "-v"]).run(), true);
    hear(office.robo(["aws.list", "--json"]).run().exits(0), true);
    // These print secrets, since that is what they are for.
    hear(office.robo(["aws.env", "dev", "-v"]).run().exits(0), false);
    hear(office.robo(["aws.credentials", "dev", "-v"]).run().exits(0), false);
    hear(office.robo(["aws.login", "dev", "--stdout", "-v"]).run().exits(0), false);
    // Whatever goes wrong says nothing of them either.
    for fault in [
        Fault::on("sts AssumeRole").aws_error(403, "AccessDenied", "no"),
        Fault::on("sts AssumeRole").page(200, "<html>"),
        Fault::on("signin*").page(400, "no"),
        Fault::on("okta GET*").page(500, "no"),
        Fault::on("okta POST*").okta_error("E0000011"),
        Fault::on("okta POST*").truncate(10),
        Fault::on("*").redirect("https://evil.example/?q=1"),
    ] {
        office.simulator.scenario(|scenario| scenario.faults = vec![fault.clone()]);
        hear(office.robo(["aws.credentials", "prod", "--no-cache", "-v"]).run(), false);
        hear(office.robo(["aws.login", "prod", "--stdout", "-v"]).run(), false);
    }
    office.simulator.scenario(|scenario| scenario.faults.clear());
    office.simulator.end_sessions();
    let exec = ["aws.exec", "prod", "--no-cache"].into_iter().chain(push);
    hear(office.robo(exec.chain(["--", "true"])).run().exits(0), true);

    let mut secrets = office.simulator.secrets();
    secrets.push(PASSPHRASE.to_owned());
    assert!(secrets.len() > 20, "the simulator has seen a whole session: {secrets:?}");
    for secret in secrets.iter().filter(|secret| secret.len() >= 6) {
        assert!(!said.contains(secret), "{secret} was said:\n{said}");
        for (path, content) in office.sandbox.files() {
            let found = content.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!found, "{secret} lies in {}", path.display());
        }
    }
}

#[test]
fn what_is_kept_is_its_owner_s_alone() {
    let office =
        Office::signed_up(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]));
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    let own = |path: &std::path::Path| path.to_string_lossy().contains("/robo/");
    let kept: Vec<_> =
        office.sandbox.files().into_iter().map(|(path, _)| path).filter(|path| own(path)).collect();
    assert!(kept.len() >= 5, "{kept:?}");
    for path in kept {
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        assert_eq!(mode(path.parent().unwrap()), 0o700, "{}", path.display());
    }
}
