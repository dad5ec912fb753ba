//! `aws.exec`: the command takes robo's place, and nothing of robo's is left in its way.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

use crate::common::{Office, Output};

/// The variables that a command is started with.
fn environment(output: &Output) -> BTreeMap<String, String> {
    let lines = output.stdout.split_terminator('\0');
    lines.map(|line| line.split_once('=').unwrap()).map(|(k, v)| (k.into(), v.into())).collect()
}

fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args([format!("-{signal}"), process.to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn the_command_s_status_is_the_exit_status() {
    let office = Office::without_factors();
    office.sandbox.write("plain", "text");
    office.sandbox.write("orphan", "#!/no/such/interpreter\n");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(office.sandbox.path("orphan"), executable).unwrap();
    // The command, what the shell sees, and what robo itself says, which is nothing once it runs.
    let cases: [(&[&str], i32, &str); 11] = [
        (&["true"], 0, ""),
        (&["sh", "-c", "exit 7"], 7, ""),
        (&["sh", "-c", "exit 255"], 255, ""),
        (&["sh", "-c", "kill -TERM $$"], 143, ""),
        (&["sh", "-c", "kill -KILL $$"], 137, ""),
        (
            &["no-such-command"],
            127,
            "error: cannot run 'no-such-command': no folder in PATH has it",
        ),
        (&["./no/such"], 127, "error: cannot run './no/such': there is no such file"),
        (&[""], 127, "error: cannot run '': the command has no name"),
        (&["./plain"], 126, "error: cannot run './plain': ./plain may not be executed"),
        (&["./orphan"], 126, "error: cannot run './orphan': what would run ./orphan is missing"),
        (&["/"], 126, "error: cannot run '/': / is a folder"),
    ];
    for (command, status, says) in cases {
        let run = office.robo(["aws.exec", "dev", "--"].into_iter().chain(command.iter().copied()));
        let output = run.run().exits(status);
        assert_eq!(output.stdout, "", "{command:?}");
        assert!(output.stderr.starts_with(says), "{command:?}\n{output}");
        assert_eq!(output.stderr.is_empty(), says.is_empty(), "{command:?}\n{output}");
        assert_eq!(output.stderr.contains("  hint: "), !says.is_empty(), "{command:?}\n{output}");
    }
    // All that was one sign-in.
    assert_eq!(office.simulator.counts().sts("AssumeRoleWithSAML"), 1);
}

#[test]
fn what_fails_before_the_command_is_125_and_the_command_is_not_run() {
    let office = Office::without_factors();
    let typed: [(&[&str], &str); 8] = [
        (
            &["aws.exec", "dve", "--", "touch", "ran"],
            "error: profile 'dve' is not in ~/.aws/config",
        ),
        (&["aws.exec", "--", "touch", "ran"], "error: which profile? None was named"),
        (&["aws.exec", "dev", "--no-such", "--", "touch", "ran"], "error: unexpected argument"),
        (&["aws.exec", "dev", "touch", "ran"], "error: unexpected argument 'touch' found"),
        (&["aws.exec", "dev", "-b", "safe", "--", "touch", "ran"], "error: "),
        (&["aws.exec", "dev", "-r", "dev", "--", "touch", "ran"], "is not the ARN of a role"),
        (&["aws.exec", "dev", "-t", "5m", "--", "touch", "ran"], "is less than 15 minutes"),
        (&["aws.exec", "dev", "--min-ttl", "1 year", "--", "touch", "ran"], "--min-ttl 1 year is"),
    ];
    for (args, says) in typed {
        let output = office.robo(args.iter().copied()).run().exits(125).says(says);
        assert_eq!(output.stdout, "", "{output}");
    }
    assert_eq!(office.simulator.counts().all(), 0, "nobody had to be asked for that");

    office.simulator.scenario(|s| s.user().password = "another one".to_owned());
    let output = office.robo(["aws.exec", "dev", "--", "touch", "ran"]).run().exits(125);
    assert!(output.stderr.contains("password"), "{output}");
    assert!(!office.sandbox.path("ran").exists());
}

#[test]
fn the_command_has_robo_s_own_process_and_streams() {
    let office = Office::without_factors();
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    let child = office.robo(["aws.exec", "dev", "--", "sh", "-c", "echo $$; cat"]).stdin("");
    let mut child = child.spawn();
    let id = child.id();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(
            b"from outside
",
        )
        .unwrap();
    let output = Output::new(&child.wait_with_output().unwrap()).exits(0);
    assert_eq!(
        output.stdout,
        format!(
            "{id}
from outside
"
        )
    );
    assert_eq!(output.stderr, "");
}

#[test]
fn a_signal_to_robo_is_a_signal_to_the_command() {
    let office = Office::without_factors();
    for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("USR1", 10)] {
        // With the default meaning it ends the command; robo listened to the first three before.
        let mut child = office
            .robo(["aws.exec", "dev", "--", "sh", "-c", "echo ready; exec cat"])
            .stdin("")
            .spawn();
        let mut line = [0; 6];
        child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
        send(name, child.id());
        assert_eq!(child.wait().unwrap().signal(), Some(number), "{name}");
    }
    // And what the command makes of it is its own affair.
    let script = "trap 'echo caught; exit 9' INT; echo ready; while read -r line; do :; done";
    let mut child = office.robo(["aws.exec", "dev", "--", "bash", "-c", script]).stdin("").spawn();
    let mut line = [0; 6];
    child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    send("INT", child.id());
    let output = Output::new(&child.wait_with_output().unwrap());
    assert_eq!((output.status, output.stdout.as_str()), (9, "caught\n"));
}

#[test]
fn what_is_ignored_stays_so() {
    let office = Office::without_factors();
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    let robo = format!(
        "trap '' HUP; exec {} aws.exec dev -- sh -c 'kill -HUP $$; echo here'",
        env!("CARGO_BIN_EXE_robo")
    );
    let output = office.inside(office.sandbox.program("sh", ["-c", &robo])).run().exits(0);
    assert_eq!(output.stdout, "here\n");
    // SIGPIPE, which Rust's own programs ignore, is the command's again: `yes` ends by it.
    let pipe = format!(
        "{} aws.exec dev -- sh -c 'yes; echo $? >&2' | head -n 1",
        env!("CARGO_BIN_EXE_robo")
    );
    let output = office.inside(office.sandbox.program("sh", ["-c", &pipe])).run().exits(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("y\n", "141\n"));
}

#[test]
fn the_command_s_environment_is_the_person_s_with_the_credentials_in_it() {
    let office = Office::without_factors();
    let run = office.robo(["aws.exec", "dev", "--", "env", "-0"]);
    let outer = [
        ("AWS_PROFILE", "prod"),
        ("AWS_DEFAULT_PROFILE", "prod"),
        ("AWS_ACCESS_KEY_ID", "AKIAOUTER"),
        ("AWS_SECRET_ACCESS_KEY", "outer"),
        ("AWS_SESSION_TOKEN", "outer"),
        ("AWS_SECURITY_TOKEN", "outer"),
        ("AWS_CREDENTIAL_FILE", "/outer"),
        ("AWS_CREDENTIAL_EXPIRATION", "2001-01-01T00:00:00Z"),
        ("AWS_ACCOUNT_ID", "999999999999"),
        ("AWS_ROLE_ARN", "arn:aws:iam::999999999999:role/outer"),
        ("AWS_ROLE_SESSION_NAME", "outer"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/outer"),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/outer"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/outer"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "outer"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/outer"),
        ("AWS_OKTA_PROFILE", "outer"),
        ("AWS_OKTA_ASSUMED_ROLE", "outer"),
        ("AWS_OKTA_ASSUMED_ROLE_ARN", "outer"),
        ("AWS_OKTA_SESSION_EXPIRATION", "1"),
        ("AWS_REGION", "us-west-2"),
        ("AWS_DEFAULT_REGION", "us-west-2"),
        ("AWS_PAGER", "less"),
        ("MINE", "a \"b\"\nc"),
    ];
    let run = outer.into_iter().fold(run, |run, (name, value)| run.env(name, value));
    let output = run.run().exits(0);
    let mut env = environment(&output);
    let mut take =
        |name: &str| env.remove(name).unwrap_or_else(|| panic!("no {name} in\n{output}"));

    assert!(take("AWS_ACCESS_KEY_ID").starts_with("ASIA"));
    let (secret, token) = (take("AWS_SECRET_ACCESS_KEY"), take("AWS_SESSION_TOKEN"));
    assert_eq!(take("AWS_SECURITY_TOKEN"), token);
    let secrets = office.simulator.secrets();
    assert!(secrets.contains(&secret) && secrets.contains(&token), "they are STS's own");
    let expiration: jiff::Timestamp = take("AWS_CREDENTIAL_EXPIRATION").parse().unwrap();
    let unix = take("AWS_OKTA_SESSION_EXPIRATION");
    assert_eq!(unix, expiration.as_second().to_string());
    let expected = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_OKTA_PROFILE", "dev"),
        ("AWS_OKTA_ASSUMED_ROLE", "dev"),
        ("AWS_OKTA_ASSUMED_ROLE_ARN", "arn:aws:iam::222222222222:role/dev"),
        ("AWS_PAGER", "less"),
        ("MINE", "a \"b\"\nc"),
        ("ROBO_BACKEND", "file"),
    ];
    for (name, value) in expected {
        assert_eq!(take(name), value, "{name}");
    }
    let ours = ["HOME", "TMPDIR", "PATH", "SSL_CERT_FILE", "LLVM_PROFILE_FILE"];
    env.retain(|name, _| {
        !ours.contains(&name.as_str())
            && !name.starts_with("GIT_")
            && !name.starts_with("AWS_ENDPOINT_URL_")
    });
    assert!(env.is_empty(), "left of the outer environment, or robo's own: {env:?}");
}

#[test]
fn the_region_is_the_flag_s_the_profile_s_the_source_s_or_the_environment_s() {
    let office = Office::without_factors();
    let cases: [(&[&str], Option<&str>, Option<&str>); 6] = [
        (&["dev"], None, Some("eu-west-1")),
        (&["dev"], Some("us-west-2"), Some("eu-west-1")),
        (&["dev", "--region", "eu-north-1"], Some("us-west-2"), Some("eu-north-1")),
        // Behind dev, whose region it has.
        (&["reader"], None, Some("eu-west-1")),
        (&["prod"], Some("us-west-2"), Some("us-west-2")),
        (&["prod"], None, None),
    ];
    for (args, outer, expected) in cases {
        let args = ["aws.exec"].iter().chain(args).chain(&["--", "env", "-0"]);
        let run = office.robo(args);
        let run = match outer {
            Some(region) => run.env("AWS_DEFAULT_REGION", region),
            None => run,
        };
        let env = environment(&run.run().exits(0));
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            assert_eq!(env.get(name).map(String::as_str), expected, "{name}");
        }
    }
}

#[test]
fn what_stands_behind_the_dashes_is_the_command_s_alone() {
    let office = Office::without_factors();
    let args = ["aws.exec", "dev", "-v", "--", "printf", "%s|", "--", "-v", "--region", "a b", ""];
    let output = office.robo(args).run().exits(0);
    assert_eq!(output.stdout, "--|-v|--region|a b||");
    // Bytes that are no text are handed on as they are.
    let bytes = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    let output =
        office.robo(["aws.exec", "dev", "--", "sh", "-c", "printf %s \"$0\" | od -An -tx1"]);
    let output = output.arg(bytes).run().exits(0);
    assert_eq!(output.stdout.trim(), "ff fe");
}

#[test]
fn without_a_command_it_is_the_person_s_shell() {
    let office = Office::without_factors();
    office
        .sandbox
        .write("my shell", "#!/bin/sh\necho \"$0 of $AWS_OKTA_PROFILE with $# arguments\"\n");
    let shell = office.sandbox.path("my shell");
    std::fs::set_permissions(&shell, std::fs::Permissions::from_mode(0o755)).unwrap();
    for args in [["aws.exec", "dev"].as_slice(), &["aws.exec", "dev", "--"]] {
        let output = office.robo(args.iter().copied()).env("SHELL", &shell).run().exits(0);
        assert_eq!(output.stdout, format!("{} of dev with 0 arguments\n", shell.display()));
    }
    // None is set: sh, which reads its commands from here.
    let output = office.robo(["aws.exec", "dev"]).stdin("echo $AWS_OKTA_PROFILE $0").run().exits(0);
    assert_eq!(output.stdout, "dev /bin/sh\n");
    let output = office.robo(["aws.exec", "dev"]).env("SHELL", "/no/such/shell").run().exits(127);
    output.says("error: cannot run '/no/such/shell': there is no such file");
}

#[test]
fn a_misspelt_profile_is_told_the_nearest_and_a_shell_completes_the_right_one() {
    let office = Office::with(|_| {});
    for (typed, near) in [("dve", "did you mean 'dev'?"), ("Prod", "did you mean 'prod'?")] {
        office.robo(["aws.env", typed]).run().exits(1).says(near).says("'robo aws.list' shows all");
    }
    office.robo(["aws.env", "nothing-like-it"]).run().exits(1).never_says("did you mean");
    let words = ["--", "robo", "aws.exec", ""];
    let complete = |index: &str, last: &str| {
        let mut words = words;
        words[3] = last;
        let run =
            office.robo(words).env("ROBO_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", index);
        run.env("_CLAP_IFS", "\n").run().exits(0).stdout
    };
    assert_eq!(complete("2", "re").trim_end(), "reader");
    let all = complete("2", "");
    for name in ["okta-hub", "dev", "prod", "reader"] {
        assert!(all.lines().any(|line| line == name), "{all}");
    }
}

#[test]
fn the_sample_s_buckets_are_told_one_a_line_and_a_failure_is_its_status() {
    let office = Office::without_factors();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles/robo.yml");
    // The real one prints a list in a list as a line.
    let aws = "#!/bin/sh\n[ $AWS_OKTA_PROFILE = dev ] || exit 254\nprintf '%s\\n' one two \"$@\"\n";
    office.sandbox.write("bin/aws", aws);
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(office.sandbox.path("bin/aws"), executable).unwrap();
    let robo = Path::new(env!("CARGO_BIN_EXE_robo")).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", office.sandbox.path("bin").display(), robo.display());
    let buckets = |profile: &[&str]| {
        let task = ["-c", sample.to_str().unwrap(), "buckets"];
        office.robo(task.iter().chain(profile)).env("PATH", &path).run()
    };
    let want = "one\ntwo\ns3api\nlist-buckets\n--query\nBuckets[].[Name]\n--output\ntext\n";
    assert_eq!(buckets(&[]).exits(0).stdout, want);
    // The status of aws, and that of robo where it does not come to aws.
    assert_eq!(buckets(&["prod"]).exits(254).stdout, "");
    assert_eq!(buckets(&["nowhere"]).exits(125).says("profile 'nowhere' is not in").stdout, "");
    office.robo(["aws.logout", "--all"]).run().exits(0);
    assert_eq!(buckets(&[]).exits(125).says("error: ").stdout, "");
}
