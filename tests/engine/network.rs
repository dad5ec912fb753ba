//! Servers that cannot be reached, cannot be believed, or lead elsewhere.

use robo_simulator::{Factor, Fault, Scenario, Simulator};

use crate::common::office::PASSWORD;
use crate::common::{Office, Output};

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
    let faults: [(&str, fn(Fault) -> Fault, i32); 3] = [
        ("dropped", |fault| fault.drop(robo_simulator::scenario::Drop::Before), 7),
        ("cut off", |fault| fault.truncate(40), 7),
        ("too much", |fault| fault.megabytes(50), 1),
    ];
    for (what, fault, status) in faults {
        for place in ["okta POST /api/v1/authn", "okta GET /home/amazon_aws/…"] {
            let office = office(|scenario| scenario.faults.push(fault(Fault::on(place))));
            let output = office.robo(["aws.credentials", "dev"]).run();
            let found = (output.status, output.stdout.as_str());
            assert_eq!(found, (status, ""), "{what} at {place}: {output}");
        }
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
        assert!(matches!(output.status, 1 | 5 | 7), "{output}");
        assert_eq!(output.stdout, "");
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
    assert_eq!(foreign.counts().all(), 0, "{:?}", foreign.calls());
    assert_eq!(foreign.counts().connections("okta"), 0);
}

#[test]
fn a_proxy_is_used_and_its_refusal_told() {
    let office = office(|scenario| {
        scenario.tls.names.push("acme.okta.test".to_owned());
        scenario.proxy.routes.insert("acme.okta.test:443".to_owned(), "okta".to_owned());
    });
    office.edit_config(&office.simulator.okta_host(), "acme.okta.test");
    let add = ["aws.add", "--account", "other", "--username", "you@acme.com", "--password-stdin"];
    let through = |run: crate::common::Run| run.env("HTTPS_PROXY", office.simulator.proxy_url());
    let add = office.robo(add).arg("--domain").arg("acme.okta.test");
    through(add.stdin(PASSWORD)).run().exits(0);
    assert_eq!(office.simulator.counts().tunnels, 1);
    let exec = ["aws.credentials", "dev", "--account", "other"];
    through(office.robo(exec)).run();
    assert_eq!(office.simulator.counts().tunnels, 2);
    office.simulator.scenario(|scenario| scenario.proxy.refuse = Some(407));
    let run = through(office.robo(["aws.credentials", "prod", "--account", "other", "--no-cache"]));
    unreachable(run.run(), &["proxy", "407"]);
}
