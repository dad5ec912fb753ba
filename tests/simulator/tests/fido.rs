//! Security keys: what is signed as it should be is taken, and each thing that is wrong is refused.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::World;
use robo_simulator::{Assertion, Factor, PRESENT, Scenario, SecurityKey, VERIFIED};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const RP: &str = "localhost";

fn world(factors: Vec<Factor>) -> World {
    let mut scenario = Scenario::default();
    scenario.user().factors = factors;
    World::with(scenario)
}

/// One attempt, as a right client would make it; each part can be changed before it is used.
struct Attempt<'a> {
    world: &'a World,
    key: &'a mut SecurityKey,
    state: Value,
    link: String,
    allowed: Vec<Vec<u8>>,
    client_data: Value,
    names: Vec<&'a str>,
    flags: u8,
}

impl<'a> Attempt<'a> {
    /// Signs in as far as the challenge; by the type's link where `by_type`.
    fn new(world: &'a World, key: &'a mut SecurityKey, by_type: bool) -> Self {
        let (state, link) = world.factor();
        let link = if by_type { "/api/v1/authn/factors/webauthn/verify".to_owned() } else { link };
        let mut attempt = Self {
            world,
            key,
            state,
            link,
            allowed: Vec::new(),
            client_data: Value::Null,
            names: vec![RP],
            flags: PRESENT,
        };
        attempt.challenge();
        attempt
    }

    fn challenge(&mut self) {
        let answer = self.world.okta(&self.link, &json!({ "stateToken": self.state })).json();
        assert_eq!(answer["status"], "MFA_CHALLENGE");
        let embedded = &answer["_embedded"];
        let (factors, challenge) = match &embedded["factor"] {
            Value::Array(factors) => (factors.clone(), &embedded["challenge"]),
            factor => (vec![factor.clone()], &factor["_embedded"]["challenge"]),
        };
        let id = |factor: &Value| {
            URL_SAFE_NO_PAD.decode(factor["profile"]["credentialId"].as_str().unwrap()).unwrap()
        };
        self.allowed = factors.iter().map(id).collect();
        self.client_data = json!({
            "type": "webauthn.get",
            "challenge": challenge["challenge"],
            "origin": format!("https://{}", self.world.sim.okta_host()),
        });
    }

    fn sign(&mut self) -> Assertion {
        let hash = Sha256::digest(self.client_data.to_string());
        self.key.sign(&self.names, &hash, &self.allowed, self.flags).expect("a credential")
    }

    fn body(&self, assertion: &Assertion) -> Value {
        json!({
            "stateToken": self.state,
            "clientData": STANDARD.encode(self.client_data.to_string()),
            "authenticatorData": STANDARD.encode(&assertion.authenticator_data),
            "signatureData": STANDARD.encode(&assertion.signature),
        })
    }

    fn send(&self, body: &Value) -> String {
        let answer = self.world.okta(&self.link, body);
        let cause = answer.json()["errorCauses"][0]["errorSummary"].clone();
        format!("{} {}", answer.brief(), cause.as_str().unwrap_or_default()).trim_end().to_owned()
    }

    fn answer(&mut self) -> String {
        let assertion = self.sign();
        self.send(&self.body(&assertion))
    }
}

#[test]
fn a_key_answers_in_either_form_of_the_challenge() {
    let mut key = SecurityKey::new();
    let mut other = SecurityKey::new();
    let world = world(vec![key.register("k1", RP), other.register("k2", RP)]);
    assert_eq!(Attempt::new(&world, &mut key, false).answer(), "200 SUCCESS");
    assert_eq!(Attempt::new(&world, &mut key, false).allowed.len(), 1);
    assert_eq!(Attempt::new(&world, &mut key, true).answer(), "200 SUCCESS");
    // By the type any of them will do.
    let mut second = Attempt::new(&world, &mut other, true);
    assert_eq!(second.allowed.len(), 2);
    assert_eq!(second.answer(), "200 SUCCESS");
}

/// What is wrong with an answer, and what it is refused with.
type Spoilt = (fn(&mut Value), &'static str);

/// What is wrong with an attempt, and the cause that it is refused with.
type Wrong = (fn(&mut Attempt<'_>), &'static str);

#[test]
fn each_thing_that_is_wrong_is_refused_and_can_be_mended_without_a_new_password() {
    let wrong: [Wrong; 7] = [
        (|one| one.client_data["origin"] = "https://evil.test".into(), "The origin does not match"),
        (|one| one.client_data["origin"] = "https://localhost".into(), "The origin does not match"),
        (|one| one.client_data["challenge"] = "AAAA".into(), "The challenge does not match"),
        (|one| one.client_data["type"] = "webauthn.create".into(), "The type does not match"),
        (|one| one.client_data = "text".into(), "The type does not match"),
        (|one| one.flags = VERIFIED, "Nobody touched the key"),
        (|one| one.key.set_counter(3), "The counter did not go up"),
    ];
    for (spoil, cause) in wrong {
        let mut key = SecurityKey::new();
        let world = world(vec![key.register("k1", RP)]);
        // The counter that is known from now on.
        assert_eq!(Attempt::new(&world, &mut key, false).answer(), "200 SUCCESS");
        let mut attempt = Attempt::new(&world, &mut key, false);
        spoil(&mut attempt);
        assert_eq!(attempt.answer(), format!("403 E0000068 {cause}"));
        attempt.key.set_counter(100);
        attempt.flags = PRESENT;
        attempt.challenge();
        assert_eq!(attempt.answer(), "200 SUCCESS");
        assert_eq!(world.sim.counts().passwords(common::LOGIN).accepted, 2);
        assert_eq!(world.sim.counts().codes_refused, 1);
    }
}

#[test]
fn what_was_not_signed_by_the_key_or_not_sent_as_documented_is_refused() {
    let unsigned = "403 E0000068 The signature is not by a key of the user";
    let spoilt: [Spoilt; 7] = [
        (|body| body["signatureData"] = STANDARD.encode([0x30, 0]).into(), unsigned),
        (|body| body["authenticatorData"] = STANDARD.encode([1; 37]).into(), unsigned),
        (
            |body| body["authenticatorData"] = STANDARD.encode([1; 36]).into(),
            "403 E0000068 The authenticator data are too short",
        ),
        (
            |body| body["signatureData"] = "-_8".into(),
            "403 E0000068 signatureData is not in base64",
        ),
        (|body| drop(body["signatureData"].take()), "403 E0000068 signatureData is not in base64"),
        (|body| body["clientData"] = "e".into(), "403 E0000068 clientData is not in base64"),
        (|body| body["clientData"] = "Z28=".into(), "403 E0000068 clientData is not JSON"),
    ];
    for (spoil, want) in spoilt {
        let mut key = SecurityKey::new();
        let world = world(vec![key.register("k1", RP)]);
        let mut attempt = Attempt::new(&world, &mut key, false);
        let assertion = attempt.sign();
        let mut body = attempt.body(&assertion);
        spoil(&mut body);
        assert_eq!(attempt.send(&body), want);
    }
    // Another key of the same site is another key.
    let (mut key, mut other) = (SecurityKey::new(), SecurityKey::new());
    let world = world(vec![key.register("k1", RP)]);
    let stranger = other.register("k2", RP);
    let mut attempt = Attempt::new(&world, &mut other, false);
    let id = stranger.profile["credentialId"].as_str().unwrap();
    attempt.allowed = vec![URL_SAFE_NO_PAD.decode(id).unwrap()];
    assert_eq!(attempt.answer(), unsigned);
}

#[test]
fn a_challenge_is_good_for_one_answer() {
    let mut key = SecurityKey::new();
    let world = world(vec![key.register("k1", RP)]);
    let mut attempt = Attempt::new(&world, &mut key, false);
    let assertion = attempt.sign();
    let body = attempt.body(&assertion);
    assert_eq!(attempt.send(&body), "200 SUCCESS");
    assert_eq!(attempt.send(&body), "401 E0000011", "the sign-in is over");
    // In another sign-in there is another challenge.
    let mut later = Attempt::new(&world, &mut key, false);
    let mut replayed = body;
    replayed["stateToken"] = later.state.clone();
    assert_eq!(later.send(&replayed), "403 E0000068 The challenge does not match");
    // And a refused answer has used its challenge up.
    assert_eq!(later.answer(), "403 E0000068 The challenge does not match");
    later.challenge();
    assert_eq!(later.answer(), "200 SUCCESS");
}

#[test]
fn what_the_org_asks_for_has_to_be_there() {
    let mut key = SecurityKey::new();
    let mut factor = key.register("k1", RP);
    factor.fido.verification = "required".to_owned();
    let world = world(vec![factor]);
    let mut attempt = Attempt::new(&world, &mut key, false);
    assert_eq!(attempt.answer(), "403 E0000068 The key did not verify the user");
    attempt.challenge();
    attempt.flags = PRESENT | VERIFIED;
    assert_eq!(attempt.answer(), "200 SUCCESS");
}

#[test]
fn a_key_may_be_known_by_another_name_where_the_org_says_so() {
    let mut key = SecurityKey::new();
    let mut factor = key.register("k1", "https://localhost/app");
    let names = vec!["https://localhost/app"];
    let there = world(vec![factor.clone()]);
    let mut attempt = Attempt::new(&there, &mut key, false);
    attempt.names.clone_from(&names);
    assert_eq!(attempt.answer(), "403 E0000068 The relying party does not match");
    factor.fido.app_id = Some("https://localhost/app".to_owned());
    let there = world(vec![factor]);
    let mut attempt = Attempt::new(&there, &mut key, false);
    attempt.names = names;
    assert_eq!(attempt.answer(), "200 SUCCESS");
}
