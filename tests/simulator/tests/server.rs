//! Faults, holds, certificates, the proxy, the log: what a test turns and reads.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use common::{AUTHN, LOGIN, World, agent};
use robo_simulator::control::Control;
use robo_simulator::scenario::{Certificate, Drop};
use robo_simulator::{Fault, Scenario};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);
const ON_AUTHN: &str = "okta POST /api/v1/authn";

fn with(fault: Fault) -> World {
    World::with(Scenario { faults: vec![fault], ..Scenario::default() })
}

#[test]
fn a_fault_hits_the_requests_it_is_for() {
    let world = with(Fault::on(ON_AUTHN).nth(2).okta_error("E0000009"));
    for brief in ["200 MFA_REQUIRED", "500 E0000009", "200 MFA_REQUIRED"] {
        assert_eq!(world.log_in("").brief(), brief);
    }
    world.sim.scenario(|scenario| {
        scenario.faults =
            vec![Fault::on("okta*").first(1).page(503, "down"), Fault::on("sts*").garbage(9)];
    });
    assert_eq!(world.log_in("").body, "down");
    assert_eq!(world.log_in("").status, 200);
    assert_eq!(world.sim.counts().passwords(LOGIN).accepted, 3);
}

#[test]
fn an_answer_can_be_spoilt_in_many_ways() {
    let failing = |fault: Fault| {
        let world = with(fault);
        let answer =
            world.post(&world.url("/api/v1/authn"), &[("Content-Type", "application/json")], "{}");
        let counts = world.sim.counts();
        assert_eq!(counts.okta(AUTHN), 1, "nothing is sent twice");
        answer
    };
    let on = || Fault::on(ON_AUTHN);
    assert!(failing(on().drop(Drop::Before)).is_err());
    assert!(failing(on().drop(Drop::After)).is_err());
    let cut = failing(on().truncate(10));
    assert!(cut.is_err() || cut.unwrap().body.starts_with("BROKEN"));
    assert_ne!(failing(on().garbage(100)).unwrap().body, "");
    let large = failing(on().megabytes(12)).unwrap();
    assert_eq!(large.header("content-length"), Some("12582912"));
    let limited = failing(on().rate_limit(7)).unwrap();
    assert_eq!(limited.brief(), "429 E0000047");
    let away = failing(on().redirect("https://evil.example/")).unwrap();
    assert_eq!((away.status, away.header("location")), (302, Some("https://evil.example/")));
    let date = failing(Fault { date_skew: 3600, ..on() }).unwrap();
    assert!(date.header("date").is_some());
}

#[test]
fn an_answer_can_be_late() {
    let world = with(Fault::on(ON_AUTHN).latency(30));
    let before = Instant::now();
    world.log_in("");
    assert!(before.elapsed() >= Duration::from_millis(30));
}

#[test]
fn what_is_dropped_after_the_work_was_done_was_done() {
    for (when, done) in [(Drop::Before, 0), (Drop::After, 1)] {
        let world = with(Fault::on(ON_AUTHN).drop(when));
        let password = world.sim.current_scenario().user().password.clone();
        let body = serde_json::json!({ "username": LOGIN, "password": password }).to_string();
        let sent =
            world.post(&world.url("/api/v1/authn"), &[("Content-Type", "application/json")], &body);
        assert!(sent.is_err());
        assert_eq!(world.sim.counts().passwords(LOGIN).accepted, done);
        assert_eq!(world.sim.calls()[0].status, None);
        assert!(world.sim.secrets().contains(&password), "it was sent all the same");
    }
}

#[test]
fn an_error_of_sts_is_its_xml() {
    let world = with(Fault::on("sts AssumeRoleWithSAML").first(1).aws_error(
        400,
        "Throttling",
        "Rate exceeded",
    ));
    let assertion = world.assertion();
    assert_eq!(world.assume_with_saml(&assertion, &[]).aws(), "400 Throttling");
    assert_eq!(world.assume_with_saml(&assertion, &[]).aws(), "200");
}

#[test]
fn a_held_request_waits_until_it_is_released() {
    let world = World::new();
    let hold = world.sim.hold(ON_AUTHN);
    thread::scope(|scope| {
        let login = scope.spawn(|| world.log_in("").brief());
        assert!(world.sim.wait_for(|counts| counts.okta(AUTHN) == 1, PATIENCE));
        assert_eq!(world.sim.counts().passwords(LOGIN).accepted, 0, "nothing is done yet");
        hold.release();
        assert_eq!(login.join().unwrap(), "200 MFA_REQUIRED");
    });
    assert!(!world.sim.wait_for(|counts| counts.pushes > 0, Duration::ZERO));
}

#[test]
fn a_certificate_can_be_one_that_must_not_be_trusted() {
    let world = World::new();
    for (certificate, trusted) in [
        (Certificate::Untrusted, false),
        (Certificate::Expired, false),
        (Certificate::WrongName, false),
        (Certificate::Good, true),
    ] {
        world.sim.scenario(|scenario| scenario.tls.okta = certificate);
        let url = world.url("/.well-known/okta-organization");
        let answer = agent(world.sim.ca_pem()).get(&url).call();
        assert_eq!(answer.is_ok(), trusted, "{certificate:?}");
    }
    assert!(world.sim.wait_for(|counts| counts.failed_handshakes.contains_key("okta"), PATIENCE));
    for name in ["127.0.0.1", "localhost"] {
        let url = format!("https://{}/.well-known/okta-organization", world.sim.okta_host_as(name));
        assert_eq!(world.get(&url, "").unwrap().json()["pipeline"], "v1");
    }
}

#[test]
fn two_hundred_connections_at_once_are_served() {
    let world = World::new();
    let url = format!("{}/?Action=GetCallerIdentity&Version=2011-06-15", world.sim.sts_url());
    let hold = world.sim.hold("sts*");
    thread::scope(|scope| {
        let ask = || agent(world.sim.ca_pem()).get(&url).call().unwrap().status().as_u16();
        let all: Vec<_> = (0..200).map(|_| scope.spawn(ask)).collect();
        assert!(world.sim.wait_for(|counts| counts.sts("GetCallerIdentity") == 200, PATIENCE));
        hold.release();
        assert!(all.into_iter().all(|one| one.join().unwrap() == 403));
    });
    assert_eq!(world.sim.counts().connections("sts"), 200);
}

#[test]
fn the_proxy_tunnels_counts_and_refuses() {
    let mut scenario = Scenario::default();
    scenario.tls.names = vec!["acme.okta.com".to_owned()];
    scenario.proxy.routes = [("acme.okta.com:443".to_owned(), "okta".to_owned())].into();
    let world = World::with(scenario);
    let connect_with = |target: &str, headers: &str| {
        let address = world.sim.proxy_url().replace("http://", "");
        let mut proxy = TcpStream::connect(address).unwrap();
        write!(proxy, "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{headers}\r\n").unwrap();
        let mut start = [0; 12];
        proxy.read_exact(&mut start).unwrap();
        String::from_utf8_lossy(&start[9..]).into_owned()
    };
    let connect = |target: &str| connect_with(target, "");
    assert_eq!(connect(&world.sim.okta_host()), "200");
    assert_eq!(connect("acme.okta.com:443"), "200");
    assert_eq!(connect("example.com:443"), "502");
    for status in [407, 403] {
        world.sim.scenario(|scenario| scenario.proxy.refuse = Some(status));
        assert_eq!(connect(&world.sim.okta_host()), status.to_string());
    }
    world.sim.scenario(|scenario| {
        scenario.proxy.refuse = None;
        scenario.proxy.credentials = Some("me:pass".to_owned());
    });
    assert_eq!(connect("acme.okta.com:443"), "407");
    let credentials = "Proxy-Authorization: Basic bWU6cGFzcw==\r\n";
    assert_eq!(connect_with("acme.okta.com:443", credentials), "200");
    let counts = world.sim.counts();
    assert_eq!((counts.tunnels, counts.refused_tunnels), (3, 4));
}

#[test]
fn what_is_not_http_is_answered_and_the_rest_lives_on() {
    let world = World::new();
    let address = world.sim.sts_url().replace("http://", "");
    for (noise, answered) in [
        (&b"\0\0\0\r\n\r\n"[..], true),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", true),
        (b"", false),
    ] {
        let mut connection = TcpStream::connect(&address).unwrap();
        connection.write_all(noise).unwrap();
        connection.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert_eq!(answer.starts_with("HTTP/1.1 400"), answered, "{answer}");
    }
    assert_eq!(world.assume_with_saml("x", &[]).aws(), "400 ValidationError");
}

#[test]
fn a_simulator_that_is_gone_closes_its_connections() {
    let world = World::new();
    let address = world.sim.sts_url().replace("http://", "");
    let mut open = TcpStream::connect(&address).unwrap();
    assert!(world.sim.wait_for(|counts| counts.connections("sts") == 1, PATIENCE));
    drop(world);
    let mut rest = Vec::new();
    let _ = open.read_to_end(&mut rest);
    assert!(rest.is_empty());
}

#[test]
fn a_test_in_another_language_reads_the_counts_and_sets_the_scenario() {
    let world = World::new();
    let control = Control::start(&world.sim);
    let agent = agent(world.sim.ca_pem());
    let get = |path: &str| -> Value {
        let mut answer = agent.get(format!("{}{path}", control.url())).call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    };
    let put = |body: &str| {
        agent.put(format!("{}/scenario", control.url())).send(body).unwrap().status().as_u16()
    };
    world.log_in("");
    assert_eq!(get("/counts")["requests"][ON_AUTHN], 1);
    assert_eq!(get("/calls")[0]["path"], "/api/v1/authn");
    assert!(get("/secrets").as_array().is_some_and(|secrets| !secrets.is_empty()));
    assert_eq!(put("[[okta.users]]\nlogin = \"me\"\npassword = \"p\"\nfactors = []\n"), 204);
    assert_eq!(get("/scenario")["okta"]["users"][0]["login"], "me");
    assert_eq!(put("[okta]\nno_such_key = 1\n"), 400);
}

#[test]
fn a_scenario_survives_json_and_toml() {
    let mut scenario = Scenario::default();
    scenario.faults.push(Fault::on("*").latency(1).truncate(3));
    scenario.user().factors[0].number = Some(92);
    let json = serde_json::to_string(&scenario).unwrap();
    let again: Scenario = serde_json::from_str(&json).unwrap();
    assert_eq!(format!("{again:?}"), format!("{scenario:?}"));
    let toml =
        "clock_offset = 5\n[okta]\nrate_limit = 1\n[[faults]]\non = \"sts*\"\ndrop = \"after\"\n";
    let read = Scenario::from_toml(toml).unwrap();
    assert_eq!((read.clock_offset, read.okta.rate_limit, read.okta.users.len()), (5, 1, 1));
}
