//! `aws.login`: the console, by an address that nobody else sees.

use std::os::unix::fs::PermissionsExt as _;

use robo_simulator::{Factor, Fault, Scenario};

use crate::common::Office;

fn office(change: impl FnOnce(&mut Scenario)) -> Office {
    Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
        change(scenario);
    })
}

#[track_caller]
fn url(office: &Office, args: &[&str]) -> url::Url {
    let all = ["aws.login", "dev", "--stdout"].iter().chain(args);
    let output = office.robo(all).run().exits(0);
    url::Url::parse(output.stdout.trim_end()).unwrap()
}

fn query(url: &url::Url, key: &str) -> Option<String> {
    url.query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
}

#[test]
fn the_address_leads_where_it_is_asked_to() {
    let office = office(|_| {});
    let cases: [(&[&str], &str); 5] = [
        (&[], "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"),
        (&["--service", "s3"], "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1"),
        (
            &["--service", "ec2", "--region", "us-west-2"],
            "https://us-west-2.console.aws.amazon.com/ec2/home?region=us-west-2",
        ),
        (
            &["--destination", "/billing/home"],
            "https://eu-west-1.console.aws.amazon.com/billing/home",
        ),
        (
            &["--destination", "https://console.aws.amazon.com/iam/home"],
            "https://console.aws.amazon.com/iam/home",
        ),
    ];
    for (args, want) in cases {
        let url = url(&office, args);
        assert_eq!(query(&url, "Action").as_deref(), Some("login"));
        assert_eq!(query(&url, "Destination").as_deref(), Some(want), "{args:?}");
        assert!(query(&url, "SigninToken").is_some());
    }
    for foreign in
        ["https://evil.example/", "http://console.aws.amazon.com/", "https://console.amazonaws.cn/"]
    {
        let login = ["aws.login", "dev", "--stdout", "--destination", foreign];
        let output = office.robo(login).run().exits(1);
        assert_eq!(output.stdout, "", "{foreign}");
        assert!(output.stderr.contains("hint:"), "{output}");
    }
    let first = url(&office, &["--logout-first"]);
    assert_eq!(query(&first, "Action").as_deref(), Some("logout"));
    assert!(query(&first, "redirect_uri").unwrap().contains("Action=login"));
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn a_length_is_asked_for_only_where_aws_gives_it() {
    let office = office(|_| {});
    let login = ["aws.login", "okta-hub", "--stdout", "--console-ttl", "8h"];
    assert_eq!(office.robo(login).run().exits(0).stderr.lines().count(), 1, "the push alone");
    // With a role that another role assumed it would be refused: it is not even tried.
    let login = ["aws.login", "dev", "--stdout", "--console-ttl", "8h"];
    let output = office.robo(login).run().exits(0);
    assert!(output.stderr.contains("lasts as long as the credentials"), "{output}");
    assert_eq!(office.simulator.counts().signin("getSigninToken"), 2);
}

#[test]
fn a_server_that_takes_no_post_is_asked_otherwise() {
    let office = office(|scenario| scenario.signin.post = false);
    url(&office, &[]);
    assert_eq!(office.simulator.counts().signin("getSigninToken"), 2);
}

#[test]
fn a_no_of_the_sign_in_is_told() {
    let page = |fault: Fault| fault.page(400, "<html>no</html>");
    let office = office(|scenario| scenario.faults.push(page(Fault::on("signin getSigninToken"))));
    let output = office.robo(["aws.login", "dev", "--stdout"]).run().exits(6);
    assert!(output.stdout.is_empty() && output.stderr.contains("hint:"), "{output}");
}

/// Writes down what it is called with, and fetches it as a browser does.
const BROWSER: &str = "#!/usr/bin/env python3\n\
    import sys, urllib.request\n\
    with open('called', 'w') as file: file.write(' '.join(sys.argv[1:]))\n\
    class Stay(urllib.request.HTTPRedirectHandler):\n    \
        def redirect_request(self, *rest): return None\n\
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)\n\
    try: opener.open(sys.argv[-1])\n\
    except urllib.error.HTTPError as answer:\n    \
        with open('led', 'w') as file: file.write(answer.headers['Location'])\n";

#[test]
fn the_browser_gets_the_address_and_the_list_of_processes_does_not() {
    let office = office(|_| {});
    office.sandbox.write("browser", BROWSER);
    let browser = office.sandbox.path("browser");
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    let command = format!("{} --new-window", browser.display());
    let output = office.robo(["aws.login", "dev", "--browser", &command]).run().exits(0);
    assert_eq!(output.stdout, "");
    let read = |name: &str| String::from_utf8(office.sandbox.read(name)).unwrap();
    let called = read("called");
    assert!(called.starts_with("--new-window http://127.0.0.1:"), "{called}");
    let led = url::Url::parse(&read("led")).unwrap();
    let token = query(&led, "SigninToken").unwrap();
    assert!(led.as_str().starts_with(&office.simulator.signin_url()), "{led}");
    assert!(!called.contains(&token) && !output.stderr.contains(&token));
}

#[test]
fn without_a_browser_nobody_is_asked_for_anything() {
    let office = office(|_| {});
    let output = office.robo(["aws.login", "dev"]).run();
    assert_ne!(output.status, 0);
    assert!(output.stderr.contains("--stdout"), "{output}");
    assert_eq!(office.simulator.counts().all(), 0);
    let login = ["aws.login", "dev", "--browser", "no-such-browser"];
    let output = office.robo(login).run();
    assert_ne!(output.status, 0);
    assert!(output.stderr.contains("--stdout"), "{output}");
}
