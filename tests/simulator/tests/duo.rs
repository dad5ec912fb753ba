//! Duo's frame, and Okta's side of it.

mod common;

use common::{Answer, World};
use robo_simulator::{Factor, Scenario};
use serde_json::{Value, json};

/// A login as far as Duo's frame.
struct Frame<'a> {
    world: &'a World,
    state: Value,
    verify: String,
    complete: String,
    app: String,
    sid: String,
}

fn world(change: impl FnOnce(&mut Scenario)) -> World {
    let mut scenario = Scenario::default();
    scenario.user().factors = vec![Factor::duo()];
    change(&mut scenario);
    World::with(scenario)
}

impl<'a> Frame<'a> {
    fn open(world: &'a World) -> Self {
        let (state, verify) = world.factor();
        let answer = world.okta(&verify, &json!({ "stateToken": state })).json();
        let verification = &answer["_embedded"]["factor"]["_embedded"]["verification"];
        assert_eq!(verification["host"], world.sim.duo_host());
        let complete = verification["_links"]["complete"]["href"].as_str().unwrap().to_owned();
        let signature = verification["signature"].as_str().unwrap().to_owned();
        let (tx, app) = signature.split_once(':').unwrap();
        let app = app.to_owned();
        let fields = [("tx", tx), ("parent", "https://acme.okta.com"), ("v", "2.1")];
        let url = format!("https://{}/frame/web/v1/auth", world.sim.duo_host());
        let mut answer = world.form(&url, &fields);
        if answer.status == 200 {
            let sid = answer.body.split("name=\"sid\" value=\"").nth(1).unwrap();
            let sid = sid.split('"').next().unwrap().replace("&#x3d;", "=").replace("&#x2b;", "+");
            answer = world.form(&url, &[("tx", tx), ("parent", "https://x"), ("sid", &sid)]);
        }
        let query = answer.header("location").unwrap().split_once("?sid=").unwrap().1.to_owned();
        let pair = format!("sid={query}");
        let sid = url::form_urlencoded::parse(pair.as_bytes()).next().unwrap().1.into_owned();
        Self { state, verify, complete, app, sid, world }
    }

    fn post(&self, path: &str, others: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("sid", self.sid.as_str())];
        fields.extend_from_slice(others);
        self.world.form(&format!("https://{}{path}", self.world.sim.duo_host()), &fields)
    }

    fn prompt(&self, others: &[(&str, &str)]) -> Value {
        self.post("/frame/prompt", others).json()
    }

    fn status(&self, prompt: &Value) -> Value {
        let id = prompt["response"]["txid"].as_str().unwrap();
        self.post("/frame/status", &[("txid", id)]).json()["response"].clone()
    }

    fn complete(&self, response: &str) -> Answer {
        let id = self.complete.split('/').rev().nth(2).unwrap();
        let state = self.state.as_str().unwrap();
        let fields = [("id", id), ("stateToken", state), ("sig_response", response)];
        self.world.form(&self.complete, &fields)
    }

    fn poll(&self) -> String {
        self.world.okta(&self.verify, &json!({ "stateToken": self.state })).brief()
    }
}

#[test]
fn a_push_through_the_frame_signs_in_at_okta() {
    for hidden_fields in [false, true] {
        let world = world(|scenario| scenario.duo.hidden_fields = hidden_fields);
        let frame = Frame::open(&world);
        let sent = frame.prompt(&[("device", "phone1"), ("factor", "Duo Push")]);
        assert_eq!(frame.status(&sent)["status_code"], "pushed");
        let allowed = frame.status(&sent);
        assert_eq!(allowed["result"], "SUCCESS");
        let cookie = frame.post(allowed["result_url"].as_str().unwrap(), &[]).json();
        let cookie = cookie["response"]["cookie"].as_str().unwrap().to_owned();
        assert_eq!(frame.poll(), "200 MFA_CHALLENGE", "not before Okta knows");
        assert_eq!(frame.complete(&format!("{cookie}:APP|x")).brief(), "403 E0000068");
        let other = Frame::open(&world);
        assert_eq!(other.complete(&format!("{cookie}:{}", other.app)).brief(), "403 E0000068");
        assert_eq!(world.sim.counts().pushes, 1);
    }
}

#[test]
fn a_response_is_good_for_its_own_request_once() {
    let world = world(|scenario| scenario.duo.result_url = false);
    let frame = Frame::open(&world);
    let sent = frame.prompt(&[("device", "phone1"), ("factor", "Duo Push")]);
    frame.status(&sent);
    let cookie = frame.status(&sent)["cookie"].as_str().unwrap().to_owned();
    let response = format!("{cookie}:{}", frame.app);
    assert_eq!(frame.complete(&response).status, 200);
    assert_eq!(frame.complete(&response).brief(), "403 E0000068");
    assert_eq!(frame.poll(), "200 SUCCESS");
}

#[test]
fn a_passcode_is_right_or_wrong_at_once_and_a_push_may_be_denied() {
    let world = world(|scenario| scenario.factor().pushes = vec![vec!["REJECTED".to_owned()]]);
    let frame = Frame::open(&world);
    let code =
        |code| frame.prompt(&[("device", "phone1"), ("factor", "Passcode"), ("passcode", code)]);
    assert_eq!(frame.status(&code("000000"))["result"], "FAILURE");
    assert_eq!(frame.status(&code("480362"))["result"], "SUCCESS");
    let push = frame.prompt(&[("device", "phone2"), ("factor", "Duo Push")]);
    assert_eq!(frame.status(&push)["status_code"], "deny");
    let call = frame.prompt(&[("device", "phone1"), ("factor", "Phone Call")]);
    assert_eq!(frame.status(&call)["status_code"], "deny");
    assert_eq!(frame.prompt(&[("device", "phone9"), ("factor", "Duo Push")])["stat"], "FAIL");
    assert_eq!(frame.prompt(&[("device", "phone1"), ("factor", "Wave")])["stat"], "FAIL");
}
