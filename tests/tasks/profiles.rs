//! Tasks that run with an AWS profile's credentials.

use crate::common::{Office, Pty};

/// The role that a command sees itself in.
const ROLE: &str = "echo $AWS_OKTA_PROFILE ${AWS_OKTA_ASSUMED_ROLE_ARN##*/} ${AWS_PROFILE-none}";

fn office(file: &str) -> Office {
    let office = Office::without_factors();
    office.sandbox.write("robo.yml", file);
    office
}

#[test]
fn a_task_runs_with_its_profile_s_credentials() {
    let file = format!(
        "a: {{profile: dev, command: '{ROLE}'}}\n\
         b: {{profile: '{{{{ .p }}}}', exec: env}}\n\
         c: {{profile: dev, script: c.sh, env: [AWS_REGION=xx-mine-1]}}\n\
         d: {{command: 'echo ${{AWS_ACCESS_KEY_ID-none}} ${{AWS_PROFILE-none}}'}}\n\
         variables: {{p: prod}}\n"
    );
    let office = office(&file);
    office.sandbox.write("c.sh", "echo $AWS_OKTA_PROFILE $AWS_REGION $1\n");
    let run = |args: &[&str]| office.robo(args).env("AWS_PROFILE", "other").run().exits(0).stdout;
    assert_eq!(run(&["a"]), "dev dev none\n");
    let env = run(&["b"]);
    for variable in ["AWS_ACCESS_KEY_ID=", "AWS_SESSION_TOKEN=", "AWS_OKTA_PROFILE=prod\n"] {
        assert!(env.contains(variable), "{variable} is not in\n{env}");
    }
    assert!(!env.contains("ROBO_FILE_PASSPHRASE"), "{env}");
    assert_eq!(run(&["c", "x"]), "dev xx-mine-1 x\n");
    // Without a profile the environment is what it was.
    assert_eq!(run(&["d"]), "none other\n");
}

#[test]
fn steps_have_the_task_s_profile_or_their_own_or_the_file_s() {
    let file = format!(
        "profile: dev\n\
         before: [{{command: '{ROLE}'}}, {{profile: reader, command: '{ROLE}'}}]\n\
         own:\n  profile: prod\n  command: '{ROLE}'\n  before: [{{command: '{ROLE}'}}, {{profile: okta-hub, command: '{ROLE}'}}]\n\
         file: {{command: '{ROLE}'}}\n\
         none: {{profile: '', command: 'echo ${{AWS_ACCESS_KEY_ID-none}}'}}\n"
    );
    let office = office(&file);
    let run = |task: &str| office.robo([task]).run().exits(0).stdout;
    let all = "dev dev none\nreader reader none\n";
    assert_eq!(
        run("own"),
        format!("{all}prod prod none\nokta-hub okta-hub none\nprod prod none\n")
    );
    assert_eq!(run("file"), format!("{all}dev dev none\n"));
    assert_eq!(run("none"), format!("{all}none\n"));
    // A profile that nobody can sign in for is found out before anything runs.
    office.edit_config("[profile reader]", "[profile gone]");
    let output = office.robo(["file"]).run().exits(1);
    assert_eq!(output.stdout, "");
    output.says("error: step 2 before all tasks: profile 'reader' is not in ~/.aws/config");
}

#[test]
fn a_cold_login_asks_once_before_the_first_step() {
    let office = Office::signed_up(|_| {});
    office.sandbox.write(
        "robo.yml",
        "before: [{command: echo step}]\nt:\n  profile: dev\n  command: echo task\n  after: [{profile: prod, command: echo after}]\n",
    );
    let mut pty: Pty = office.robo(["t"]).pty();
    pty.expect("Okta: push sent").expect("step").expect("task").expect("after");
    assert_eq!(pty.wait().0, 0);
    let counts = office.simulator.counts();
    assert_eq!((counts.okta("POST /api/v1/authn"), counts.pushes), (1, 1));
    // And the next one not at all.
    let output = office.robo(["t"]).run().exits(0);
    assert_eq!(output.stdout, "step\ntask\nafter\n");
    assert_eq!(office.simulator.counts().okta("POST /api/v1/authn"), 1);
}

#[test]
fn a_login_that_is_refused_runs_nothing() {
    let office = Office::without_factors();
    office.store_password("wrong");
    office.sandbox.write(
        "robo.yml",
        "t: {profile: dev, command: touch ran, before: [{command: touch ran}]}\n",
    );
    let output = office.robo(["t"]).run();
    assert!([4, 5].contains(&output.status), "{output}");
    assert!(!office.sandbox.path("ran").exists());
}

#[test]
fn no_secret_is_in_what_robo_says() {
    let office = office("t: {profile: dev, command: 'exit 3', after: [{command: 'exit 4'}]}\n");
    let output = office.robo(["-v", "t"]).run().exits(3);
    for secret in office.simulator.secrets() {
        assert!(!output.stderr.contains(&secret), "{output}");
    }
}
