//! `aws.login`: the console, in a browser or as an address.

use std::os::unix::fs::PermissionsExt as _;

use robo_simulator::Fault;
use robo_simulator::scenario::Drop;
use url::Url;

use crate::common::{Office, Output, PATIENCE, Run};

const ROBO_ARGS: [&str; 2] = ["aws.login", "dev"];

/// A browser: keeps what it is started with, talks, and goes wherever it is led on this machine.
const BROWSER: &str = r#"#!/bin/bash
printf '%s\n' "$@" >"$HOME/arguments"
env >"$HOME/environment"
echo "a browser's chatter"; echo "and more of it" >&2
for url; do :; done
while [[ $url == http://127.0.0.1:* ]]; do
    rest=${url#http://} && host=${rest%%/*}
    exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
    printf 'GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "${rest#*/}" "$host" >&3
    url=
    while IFS= read -r -u 3 line && line=${line%$'\r'} && [[ -n $line ]]; do
        [[ ${line,,} == location:* ]] && url=${line#*: }
    done
    exec 3>&-
done
"#;

fn with_browser(office: &Office) -> String {
    office.sandbox.write("browser", BROWSER);
    let path = office.sandbox.path("browser");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn printed(run: Run) -> Url {
    let output = run.run().exits(0);
    assert_eq!(output.stderr, "");
    let line = output.stdout.strip_suffix('\n').unwrap_or_else(|| panic!("{output}"));
    Url::parse(line).unwrap_or_else(|error| panic!("{error}: {output}"))
}

fn query(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let value = pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    value.unwrap_or_else(|| panic!("no {name} in {url}"))
}

#[test]
fn the_address_leads_to_the_page_that_was_asked_for() {
    let office = Office::without_factors();
    let cases: [(&[&str], &str); 8] = [
        (&["dev"], "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"),
        (
            &["dev", "--region", "us-west-2"],
            "https://us-west-2.console.aws.amazon.com/console/home?region=us-west-2",
        ),
        (&["prod"], "https://us-east-1.console.aws.amazon.com/console/home?region=us-east-1"),
        (
            &["dev", "--service", "s3"],
            "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1",
        ),
        (&["dev", "--service", "iam"], "https://console.aws.amazon.com/iam/home"),
        (
            &["dev", "--service", "cfn"],
            "https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1",
        ),
        (
            &["dev", "--destination", "/ec2/home#Instances:a=b&c"],
            "https://eu-west-1.console.aws.amazon.com/ec2/home#Instances:a=b&c",
        ),
        (
            &["dev", "--destination", "https://console.aws.amazon.com/billing/home"],
            "https://console.aws.amazon.com/billing/home",
        ),
    ];
    for (args, destination) in cases {
        let args = ["aws.login", "-s"].iter().chain(args);
        let url = printed(office.robo(args));
        assert_eq!(&url[..url::Position::BeforePath], office.simulator.signin_url());
        assert_eq!(url.path(), "/federation");
        assert_eq!(query(&url, "Action"), "login");
        assert_eq!(query(&url, "Destination"), destination);
        assert!(office.simulator.secrets().contains(&query(&url, "SigninToken")));
    }
    let counts = office.simulator.counts();
    assert_eq!(counts.granted["signin getSigninToken"], 8, "one call each: {counts:?}");
    assert_eq!(counts.signin("getSigninToken"), 8);
}

#[test]
fn a_page_elsewhere_is_refused_before_anybody_is_asked() {
    let office = Office::without_factors();
    for destination in [
        "https://evil.example/",
        "//evil.example/x",
        "https://console.aws.amazon.com.evil.example/",
        "https://evil.example#.console.aws.amazon.com/",
        "https://console.aws.amazon.com@evil.example/",
        "http://console.aws.amazon.com/",
        "https://console.amazonaws.cn/",
        "javascript:alert(1)",
        "\\\\evil.example/",
    ] {
        let args = ["aws.login", "dev", "-s", "--destination", destination];
        let output = office.robo(args).run().exits(1);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("  hint: "), "{output}");
    }
    office.robo(["aws.login", "dev", "-s", "--service", "../x"]).run().exits(1);
    let both = ["aws.login", "dev", "-s", "--service", "s3", "--destination", "/x"];
    office.robo(both).run().exits(2).says("cannot be used with");
    assert_eq!(office.simulator.counts().all(), 0);
}

#[test]
fn the_browser_is_led_to_the_console_and_its_arguments_tell_nothing() {
    let office = Office::without_factors();
    let browser = with_browser(&office);
    for (number, extra, logouts) in [(1, [].as_slice(), 0), (2, &["--logout-first"], 1)] {
        let run = office.robo(ROBO_ARGS.iter().chain(extra)).env("BROWSER", &browser);
        let output = run.run().exits(0);
        // Whoever parses stdout, or looks at stderr, is not bothered by what browsers say.
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
        let signed_in = |counts: &robo_simulator::Counts| {
            counts.granted.get("signin login").is_some_and(|count| *count == number)
        };
        assert!(office.simulator.wait_for(signed_in, PATIENCE), "{:?}", office.simulator.counts());
        assert_eq!(office.simulator.counts().signin("logout"), logouts);

        let arguments = String::from_utf8(office.sandbox.read("arguments")).unwrap();
        assert!(arguments.starts_with("http://127.0.0.1:"), "{arguments}");
        let environment = String::from_utf8(office.sandbox.read("environment")).unwrap();
        for secret in office.simulator.secrets() {
            assert!(!arguments.contains(&secret), "{arguments}");
            assert!(!environment.contains(&secret), "{environment}");
        }
        assert!(!environment.contains(crate::common::office::PASSPHRASE));
    }
}

#[test]
fn browser_takes_a_command_with_arguments() {
    let office = Office::without_factors();
    let browser = with_browser(&office);
    let command = format!("'{browser}' --new-window 'a b'");
    office.robo(ROBO_ARGS).args(["--browser", &command]).run().exits(0);
    let arguments = String::from_utf8(office.sandbox.read("arguments")).unwrap();
    assert!(arguments.starts_with("--new-window\na b\nhttp://127.0.0.1:"), "{arguments}");
    // $BROWSER with a first one that is not there.
    let list = format!("no-such-browser:{browser}");
    office.robo(ROBO_ARGS).env("BROWSER", list).run().exits(0);
}

#[test]
fn without_a_browser_nobody_is_asked_and_s_is_what_is_left() {
    let office = Office::without_factors();
    let told = |output: Output| {
        assert_eq!(output.stdout, "");
        output.says("cannot open a browser").says("'-s' (--stdout) prints the URL instead");
    };
    told(office.robo(ROBO_ARGS).run().exits(1));
    assert_eq!(office.simulator.counts().all(), 0);
    office.robo(ROBO_ARGS).args(["--browser", "'open"]).run().exits(2);
    for browser in ["no-such-browser", "false"] {
        told(office.robo(ROBO_ARGS).args(["--browser", browser]).run().exits(1));
    }
    assert_eq!(office.simulator.counts().signin("login"), 0);
}

#[test]
fn credentials_go_by_get_where_post_is_not_taken() {
    let office = Office::without_factors();
    office.simulator.scenario(|s| s.signin.post = false);
    printed(office.robo(ROBO_ARGS).arg("-s"));
    let calls = office.simulator.calls();
    let made = calls.iter().filter(|call| call.endpoint == "getSigninToken");
    let made: Vec<_> = made.map(|call| (call.method.as_str(), call.status)).collect();
    assert_eq!(made, [("POST", Some(405)), ("GET", Some(200))]);
}

#[test]
fn the_console_s_session_is_as_long_as_aws_lets_it_be() {
    let office = Office::without_factors();
    let login = |profile: &str, ttl: &str| {
        let before = office.simulator.counts().signin("getSigninToken");
        let output = office.robo(["aws.login", profile, "-s", "--console-ttl", ttl]).run();
        (output, office.simulator.counts().signin("getSigninToken") - before)
    };
    let (output, calls) = login("okta-hub", "8h");
    assert_eq!((output.status, output.stderr.as_str(), calls), (0, "", 1));
    // More than AWS has: asked for, refused, left out.
    let (output, calls) = login("okta-hub", "13h");
    assert_eq!((output.status, calls), (0, 2), "{output}");
    output.says("AWS did not take the length of the console session");
    // Of a role that another role assumed it is not even asked for.
    let (output, calls) = login("dev", "8h");
    assert_eq!((output.status, calls), (0, 1), "{output}");
    output.says("only for the role that Okta gives itself");
    let (output, calls) = login("okta-hub", "8 hours");
    assert_eq!((output.status, calls), (2, 0), "{output}");
}

#[test]
fn a_refusal_says_so_and_gives_no_address() {
    let office = Office::without_factors();
    let on = || Fault::on("signin getSigninToken");
    let cases = [
        (on().page(400, "no"), 6, "AWS refused the credentials"),
        (on().page(403, "no"), 6, "AWS refused the credentials"),
        (on().page(503, "no"), 6, "AWS is too busy"),
        (on().page(200, "<html>wifi sign-in</html>"), 7, "what answered is not AWS"),
        (on().page(404, "no"), 7, "what answered is not AWS"),
        (on().redirect("https://evil.example/"), 7, "what answered is not AWS"),
        (on().drop(Drop::Before), 7, "sign in to the AWS console"),
        (on().truncate(20), 7, "sign in to the AWS console"),
    ];
    for (fault, status, says) in cases {
        office.simulator.scenario(|s| s.faults = vec![fault]);
        let output = office.robo(ROBO_ARGS).arg("-s").run().exits(status).says(says);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("  hint: "), "{output}");
        for secret in office.simulator.secrets() {
            assert!(!output.stderr.contains(&secret), "{output}");
        }
    }
}
