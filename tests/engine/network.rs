//! Servers that cannot be reached, cannot be believed, or lead elsewhere.

use robo_simulator::scenario::Drop;
use robo_simulator::{Call, Factor, Fault, Scenario, Simulator};

use crate::common::office::PASSWORD;
use crate::common::{Office, Output, PATIENCE, Run};

fn office(change: impl FnOnce(&mut Scenario)) -> Office {
    Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
        change(scenario);
    })
}

#[track_caller]
fn unreachable(output: Output, words: &[&str]) {
    assert_eq!((output.status, output.stdout.as_str()), (7, ""), "{output}");
    for word in words.iter().chain(&["hint:"]) {
        assert!(output.stderr.contains(word), "{word:?} is missing:\n{output}");
    }
}

#[test]
fn a_certificate_that_cannot_be_verified_ends_it() {
    use robo_simulator::scenario::Certificate::{Expired, Untrusted, WrongName};
    for (certificate, word) in
        [(Untrusted, "certificate"), (Expired, "expired"), (WrongName, "name")]
    {
        let office = office(|scenario| scenario.tls.okta = certificate);
        unreachable(office.robo(["aws.credentials", "dev"]).run(), &[word]);
        assert_eq!(office.simulator.counts().all(), 0);
    }
    let office = office(|_| {});
    let output = office.robo(["aws.credentials", "dev"]).without_env("SSL_CERT_FILE").run();
    unreachable(output, &["certificate", "SSL_CERT_FILE"]);
    // Another variable names it just as well.
    let ca = office.sandbox.path("ca.pem");
    let run = office.robo(["aws.credentials", "dev"]).without_env("SSL_CERT_FILE");
    run.env("AWS_CA_BUNDLE", ca).run().exits(0);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let office = office(|_| {});
    let host = office.simulator.okta_host();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (domain, word) in
        [(&nobody.to_string(), "refused"), (&"okta.invalid".to_owned(), "no host")]
    {
        office.edit_config(&host, domain);
        let add =
            ["aws.add", "--account", "other", "--username", "you@acme.com", "--password-stdin"];
        let add = office.robo(add).arg("--domain").arg(domain).arg("--no-verify");
        add.stdin(PASSWORD).run().exits(0);
        let output = office.robo(["aws.credentials", "dev", "--account", "other"]).run();
        unreachable(output, &[domain, word]);
        office.edit_config(domain, &host);
    }
    let office = self::office(|_| {});
    let run = office.robo(["aws.credentials", "dev"]);
    let run = run.env("AWS_ENDPOINT_URL_STS", format!("http://{nobody}"));
    unreachable(run.run(), &[&nobody.to_string()]);
    // In the clear only to this very machine.
    let run = office.robo(["aws.credentials", "dev"]);
    let output = run.env("AWS_ENDPOINT_URL_STS", "http://sts.example").run().exits(1);
    assert!(output.stderr.contains("plain http"), "{output}");
}

#[test]
fn an_answer_that_breaks_off_is_no_answer() {
    const BROKE: &str = "broke off: the connection was closed";
    type Case<'a> = (&'a str, fn(Fault) -> Fault, i32, &'a str);
    let faults: [Case<'_>; 5] = [
        ("dropped", |fault| fault.drop(Drop::Before), 7, BROKE),
        ("dropped behind the work", |fault| fault.drop(Drop::After), 7, BROKE),
        ("cut off", |fault| fault.truncate(40), 7, BROKE),
        ("too much", |fault| fault.megabytes(50), 1, "answered with more than 4 MB"),
        ("noise", |fault| fault.garbage(3000), 1, "localhost:"),
    ];
    for (what, fault, status, words) in faults {
        for place in ["okta POST /api/v1/authn", "okta GET /home/amazon_aws/…"] {
            let office = office(|scenario| scenario.faults.push(fault(Fault::on(place))));
            let output = office.robo(["aws.credentials", "dev"]).run();
            let found = (output.status, output.stdout.as_str());
            assert_eq!(found, (status, ""), "{what} at {place}: {output}");
            for word in [words, &office.simulator.okta_host(), "hint:"] {
                assert!(output.stderr.contains(word), "{what} at {place}: {word}: {output}");
            }
            // Neither the password nor the session token is sent twice.
            let counts = office.simulator.counts();
            assert_eq!(counts.okta("POST /api/v1/authn"), 1, "{what} at {place}: {counts:?}");
            // The app's page takes the token, and leads on to itself without it.
            assert!(counts.okta("GET /home/amazon_aws/…") <= 2, "{what}: {counts:?}");
            assert!(counts.pushes <= 1 && counts.sessions <= 1, "{what} at {place}: {counts:?}");
        }
    }
}

#[test]
fn ctrl_c_ends_a_request_that_hangs() {
    for place in ["okta POST /api/v1/authn", "okta GET /home/amazon_aws/…", "sts AssumeRole"] {
        let office = office(|_| {});
        let _hold = office.simulator.hold(place);
        let name = place.split_once(' ').unwrap();
        let mut terminal = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).pty();
        let arrived = |calls: &[Call]| {
            calls.iter().any(|call| (call.service.as_str(), call.endpoint.as_str()) == name)
        };
        assert!(office.simulator.wait_for_calls(arrived, PATIENCE));
        let (status, screen) = terminal.send_ctrl_c().wait();
        assert_eq!(status, 130, "{place}: {screen}");
        assert!(!screen.contains("ran"), "{place}: {screen}");
    }
}

/// Nothing of the sign-in reaches a host that an answer leads to.
#[test]
fn no_secret_follows_where_an_answer_leads() {
    let foreign = Simulator::start(Scenario::default());
    let elsewhere = format!("https://{}/api/v1/authn", foreign.okta_host());
    let verify = "okta POST /api/v1/authn/factors/…/verify";
    let leads = |place: &'static str| {
        let elsewhere = elsewhere.clone();
        office(move |scenario| scenario.faults.push(Fault::on(place).redirect(&elsewhere)))
    };
    let answers = |office: Office| {
        // The other host is one that TLS would let in.
        let both = format!("{}{}", office.simulator.ca_pem(), foreign.ca_pem());
        office.sandbox.write("ca.pem", both);
        let output = office.robo(["aws.credentials", "dev"]).run();
        assert_eq!((output.status, output.stdout.as_str()), (1, ""), "{output}");
        for word in [&foreign.okta_host(), "nothing is sent there", "hint:"] {
            assert!(output.stderr.contains(word), "{word}: {output}");
        }
    };
    for place in ["okta POST /api/v1/authn", verify, "okta GET /home/amazon_aws/…"] {
        answers(leads(place));
    }
    // A link within an answer, as Okta gives them.
    let body = format!(
        r#"{{"stateToken":"00simulated","status":"MFA_REQUIRED","_embedded":{{"factors":[{{"id":"f",
        "factorType":"push","provider":"OKTA","_links":{{"verify":{{"href":"{elsewhere}"}}}}}}]}}}}"#
    );
    answers(office(move |scenario| {
        let mut fault = Fault::on("okta POST /api/v1/authn").page(200, &body);
        fault.answer.as_mut().unwrap().content_type = "application/json".to_owned();
        scenario.faults.push(fault);
    }));
    // STS hands nothing on either, though the other host would understand it.
    let elsewhere = foreign.sts_url();
    for place in ["sts AssumeRoleWithSAML", "sts AssumeRole"] {
        for status in [302, 307, 308] {
            let office = office(|scenario| {
                let mut fault = Fault::on(place).page(status, "");
                let location = ("Location".to_owned(), elsewhere.clone());
                fault.answer.as_mut().unwrap().headers.push(location);
                scenario.faults.push(fault);
            });
            let output = office.robo(["aws.credentials", "dev"]).run();
            unreachable(output, &["what answered is not AWS"]);
        }
    }
    assert_eq!(foreign.counts().all(), 0, "{:?}", foreign.calls());
    assert!(foreign.secrets().is_empty());
    assert_eq!(foreign.counts().connections("okta"), 0);
}

/// An office that is reached through a proxy alone, with the account `other` stored for it.
fn behind_a_proxy(change: impl FnOnce(&mut Scenario)) -> Office {
    let office = office(|scenario| {
        scenario.tls.names.push("acme.okta.test".to_owned());
        scenario.proxy.routes.insert("acme.okta.test:443".to_owned(), "okta".to_owned());
        change(scenario);
    });
    office.edit_config(&office.simulator.okta_host(), "acme.okta.test");
    let add = ["aws.add", "--account", "other", "--username", "you@acme.com", "--password-stdin"];
    let add = office.robo(add).arg("--domain").arg("acme.okta.test").arg("--no-verify");
    add.stdin(PASSWORD).run().exits(0);
    office
}

fn through(office: &Office, login: &str) -> Run {
    let proxy = office.simulator.proxy_url().replace("http://", &format!("http://{login}"));
    let run = office.robo(["aws.credentials", "dev", "--account", "other", "--no-cache"]);
    run.env("HTTPS_PROXY", proxy)
}

#[test]
fn a_proxy_is_used_with_its_password() {
    let office = behind_a_proxy(|scenario| {
        scenario.proxy.credentials = Some("jo:proxy hush".to_owned());
    });
    through(&office, "jo:proxy%20hush@").run().exits(0);
    let counts = office.simulator.counts();
    // One connection for the whole sign-in. STS is on this machine, which needs no proxy.
    assert_eq!((counts.tunnels, counts.refused_tunnels, counts.pushes), (1, 0, 1), "{counts:?}");
    assert_eq!(counts.connections("sts"), 1);
    for login in ["", "jo:wrong-hush@"] {
        let output = through(&office, login).run();
        assert!(!output.stderr.contains("hush"), "{output}");
        unreachable(output, &["acme.okta.test", "proxy 127.0.0.1:", "407", "HTTPS_PROXY"]);
    }
    assert_eq!(office.simulator.counts().all(), counts.all());
}

#[test]
fn a_proxy_that_refuses_is_named() {
    let office = behind_a_proxy(|_| {});
    for (status, words) in [
        (407, "the proxy asks for a login (407)"),
        (403, "the proxy refused (403)"),
        (502, "the proxy refused (502)"),
    ] {
        office.simulator.scenario(|scenario| scenario.proxy.refuse = Some(status));
        unreachable(through(&office, "").run(), &["acme.okta.test", words, "HTTPS_PROXY"]);
    }
    let gone = through(&office, "").env("HTTPS_PROXY", "http://jo:hush@127.0.0.1:1").run();
    assert!(!gone.stderr.contains("hush"), "{gone}");
    unreachable(gone, &["acme.okta.test", "127.0.0.1:1 refused the connection"]);
    // What NO_PROXY names is asked directly; there is no such host.
    let direct = through(&office, "").env("NO_PROXY", "okta.test").run();
    unreachable(direct, &["there is no host acme.okta.test"]);
    assert_eq!(office.simulator.counts().all(), 0);
}
