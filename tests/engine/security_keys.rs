//! Security keys, through the engine as another program embeds it: the keys are in software, what
//! they sign is real, and the simulator verifies it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use robo::config::profiles::Profiles;
use robo::engine::request::{Asked, ENDPOINT_URL_STS};
use robo::engine::value::Origin;
use robo::engine::{Account, Engine, Request};
use robo::ini::Document;
use robo::okta::Domain;
use robo::store::Store;
use robo::sys::clock::SystemClock;
use robo::sys::env::Env;
use robo::sys::http::{Client, Network};
use robo::sys::prompt::{Prompt, Waiting};
use robo::sys::secret::{ExposeSecret as _, Secret};
use robo::sys::security_key::{KeyFailure, SecurityKeys, SignRequest, Signed, UserVerification};
use robo::{Error, Kind, Result};
use robo_simulator::{Factor, PRESENT, Scenario, SecurityKey, VERIFIED};

use crate::common::{Office, PASSWORD, USER};

/// The relying party of the simulated org: its host.
const RP: &str = "localhost";

/// The keys on somebody's desk, and what becomes of the first attempts with them.
#[derive(Default)]
struct Desk {
    keys: RefCell<Vec<SecurityKey>>,
    pin: Option<&'static str>,
    mishaps: RefCell<VecDeque<Mishap>>,
    /// What was signed last.
    last: RefCell<Option<Signed>>,
    asked: Cell<u32>,
}

/// Something that goes wrong with a key.
enum Mishap {
    Fails(KeyFailure),
    /// What was signed before comes once more.
    Replays,
    /// Another site's page has got in between: it is its client data that is signed.
    SignsForAnotherSite,
    /// One byte of the signature is not what it was.
    IsDamaged,
    /// The key is a copy that was made a while ago.
    IsACopy,
}

impl Desk {
    fn with(keys: impl IntoIterator<Item = SecurityKey>) -> Self {
        Self { keys: RefCell::new(keys.into_iter().collect()), ..Self::default() }
    }

    fn mishap(self, mishap: Mishap) -> Self {
        self.mishaps.borrow_mut().push_back(mishap);
        self
    }
}

impl SecurityKeys for Desk {
    fn hindrance(&self) -> Option<&'static str> {
        self.keys.borrow().is_empty().then_some("the desk is empty")
    }

    fn sign(&self, request: &SignRequest<'_>, prompt: &dyn Prompt) -> Result<Signed, KeyFailure> {
        self.asked.set(self.asked.get() + 1);
        let mut flags = PRESENT;
        if let Some(pin) =
            self.pin.filter(|_| request.verification != UserVerification::Discouraged)
        {
            while prompt.secret("PIN of the security key:")?.expose_secret() != pin {}
            flags |= VERIFIED;
        }
        let mishap = self.mishaps.borrow_mut().pop_front();
        let mut hash = request.client_data_hash;
        match mishap {
            Some(Mishap::Fails(failure)) => return Err(failure),
            Some(Mishap::Replays) => return Ok(self.last.borrow().clone().unwrap()),
            Some(Mishap::SignsForAnotherSite) => hash = [7; 32],
            Some(Mishap::IsACopy) => self.keys.borrow_mut()[0].set_counter(1),
            Some(Mishap::IsDamaged) | None => {}
        }
        let names: Vec<&str> =
            [Some(request.rp_id), request.app_id].into_iter().flatten().collect();
        let mut keys = self.keys.borrow_mut();
        let mut assertions =
            keys.iter_mut().filter_map(|key| key.sign(&names, &hash, request.allowed, flags));
        let assertion = assertions.next().ok_or(KeyFailure::NotRegistered)?;
        let mut signed = Signed {
            authenticator_data: assertion.authenticator_data,
            signature: assertion.signature,
        };
        if matches!(mishap, Some(Mishap::IsDamaged)) {
            *signed.signature.last_mut().unwrap() ^= 1;
        }
        *self.last.borrow_mut() = Some(signed.clone());
        Ok(signed)
    }
}

/// Somebody who gives these answers, and hears what is asked and told.
#[derive(Default)]
struct Person {
    answers: RefCell<VecDeque<&'static str>>,
    heard: RefCell<Vec<String>>,
}

impl Person {
    fn answering(answers: &[&'static str]) -> Self {
        Self { answers: RefCell::new(answers.iter().copied().collect()), ..Self::default() }
    }

    fn ask(&self, question: &str) -> Result<&'static str> {
        self.note(question);
        let answer = self.answers.borrow_mut().pop_front();
        answer.ok_or_else(|| Error::new(Kind::NeedsAnswer, format!("no answer to {question}")))
    }
}

impl Prompt for Person {
    fn can_ask(&self) -> bool {
        true
    }

    fn confirm(&self, question: &str, _default: bool) -> Result<bool> {
        Ok(self.ask(question)? == "y")
    }

    fn letter(&self, question: &str, _letters: &[char]) -> Result<char> {
        Ok(self.ask(question)?.chars().next().unwrap())
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize> {
        let answer = self.ask(&format!("{question}: {}", items.join(" | ")))?;
        Ok(items.iter().position(|item| item.contains(answer)).unwrap())
    }

    fn line(&self, question: &str) -> Result<String> {
        self.ask(question).map(str::to_owned)
    }

    fn secret(&self, question: &str) -> Result<Secret> {
        self.ask(question).map(|answer| answer.to_owned().into())
    }

    fn note(&self, text: &str) {
        self.heard.borrow_mut().push(text.to_owned());
    }

    fn waiting<'a>(&'a self, _text: &str) -> Box<dyn Waiting + 'a> {
        Box::new(())
    }
}

/// The simulated world of a person with an account and these keys on the desk.
struct World {
    office: Office,
    store: Store<'static>,
}

impl World {
    fn new(factors: Vec<Factor>) -> Self {
        let office = Office::with(|scenario: &mut Scenario| scenario.user().factors = factors);
        let store = Store::memory();
        Self { office, store }
    }

    /// Signs in anew for the hub's role.
    fn sign_in(&self, desk: &Desk, person: &Person) -> Result<String> {
        let simulator = &self.office.simulator;
        simulator.end_sessions();
        let profiles = Profiles::read(&Document::parse(self.office.config())).unwrap();
        let chain = profiles.chain("okta-hub", |_| false).unwrap();
        let mut asked = Asked::default();
        let origin = Origin::Environment(ENDPOINT_URL_STS);
        asked.overrides.add(ENDPOINT_URL_STS, Some(simulator.sts_url()), origin);
        asked.no_cache = true;
        let request = Request::resolve(&profiles, &chain, &asked)?;
        let ca = self.office.sandbox.path("ca.pem");
        let engine = Engine {
            http: &Client::new(Network::from_env(&Env::from_vars([("SSL_CERT_FILE", ca)]))),
            store: &self.store,
            prompt: person,
            security_keys: desk,
            clock: &SystemClock::default(),
            browser: &|_address| None,
            locks: &self.office.sandbox.path("locks"),
            trust: &|_domain| Ok(()),
        };
        let domain = Domain::parse(&simulator.okta_host())?;
        engine.add(&Account::new("default", &domain, USER), &PASSWORD.to_owned().into(), false)?;
        Ok(engine.credentials(&request)?.role_arn)
    }

    /// The calls of the last sign-in, the role's among them.
    fn calls(&self, before: usize) -> String {
        self.office.calls_since(before).trim_start_matches("app ").to_owned()
    }
}

const DONE: &str = "authn verify verify app app saml";

#[test]
fn a_security_key_signs_in_by_what_it_signs() {
    let mut key = SecurityKey::new();
    let world = World::new(vec![key.register("k1", RP)]);
    let (desk, person) = (Desk::with([key]), Person::default());
    for _ in 0..2 {
        let before = world.office.simulator.calls().len();
        let role = world.sign_in(&desk, &person).unwrap();
        assert_eq!(role, "arn:aws:iam::111111111111:role/okta-hub");
        assert_eq!(world.calls(before), DONE);
    }
    assert_eq!(desk.asked.get(), 2);
    assert_eq!(person.heard.take(), [""; 0], "nothing to type, nothing to tell");
}

#[test]
fn of_several_security_keys_whichever_is_at_hand_signs() {
    let (mut first, mut second) = (SecurityKey::new(), SecurityKey::new());
    let factors = vec![first.register("k1", RP), Factor::push(), second.register("k2", RP)];
    let world = World::new(factors);
    let person = Person::answering(&["security key"]);
    // The second alone, then both, then the first alone: they are one factor to choose, and it is
    // remembered as the one that was used last.
    let mut desk = Desk::with([second]);
    let before = world.office.simulator.calls().len();
    world.sign_in(&desk, &person).unwrap();
    assert_eq!(world.calls(before), DONE);
    desk.keys.get_mut().push(first);
    world.sign_in(&desk, &person).unwrap();
    desk.keys.get_mut().remove(0);
    world.sign_in(&desk, &person).unwrap();
    assert_eq!(person.heard.take(), ["Second factor: a security key | Okta Verify (push)"]);
    let paths: Vec<String> =
        world.office.simulator.calls().into_iter().map(|call| call.path).collect();
    let verified = "/api/v1/authn/factors/webauthn/verify";
    assert_eq!(paths.iter().filter(|path| *path == verified).count(), 6, "{paths:?}");
}

#[test]
fn a_security_key_s_pin_is_asked_for_where_okta_wants_it() {
    let mut key = SecurityKey::new();
    let mut factor = key.register("k1", RP);
    factor.fido.verification = "required".to_owned();
    let world = World::new(vec![factor]);
    let desk = Desk { pin: Some("271828"), ..Desk::with([key]) };
    let person = Person::answering(&["314159", "271828"]);
    world.sign_in(&desk, &person).unwrap();
    assert_eq!(person.heard.take(), ["PIN of the security key:"; 2]);
}

#[test]
fn a_security_key_without_a_pin_is_told_of_where_okta_wants_one() {
    let mut key = SecurityKey::new();
    let mut factor = key.register("k1", RP);
    factor.fido.verification = "required".to_owned();
    let world = World::new(vec![factor]);
    let (desk, person) = (Desk::with([key]), Person::answering(&["s"]));
    let before = world.office.simulator.calls().len();
    let error = world.sign_in(&desk, &person).unwrap_err();
    assert_eq!(error.message(), "Okta wants the security key to ask for its PIN, and it has none");
    assert_eq!(error.kind(), Kind::OktaRefused);
    assert_eq!(world.calls(before), "authn verify cancel", "nothing of it is sent");
    assert_eq!(world.office.simulator.counts().codes_refused, 0);
}

/// A world, and a key of its user's that has signed once already.
fn signed_in_once() -> (World, Desk) {
    let mut key = SecurityKey::new();
    let world = World::new(vec![key.register("k1", RP)]);
    let desk = Desk::with([key]);
    world.sign_in(&desk, &Person::default()).unwrap();
    (world, desk)
}

#[test]
fn what_okta_refuses_of_a_security_key_is_tried_again_with_the_same_password() {
    for mishap in [Mishap::Replays, Mishap::SignsForAnotherSite, Mishap::IsDamaged] {
        let (world, desk) = signed_in_once();
        let desk = desk.mishap(mishap);
        let person = Person::answering(&["a"]);
        let before = world.office.simulator.calls().len();
        world.sign_in(&desk, &person).unwrap();
        let host = world.office.simulator.okta_host();
        assert_eq!(
            person.heard.take(),
            [format!(
                "Okta: what the security key signed was not accepted ({host}). Try it (a)gain, or (s)top?"
            )]
        );
        assert_eq!(world.calls(before), "authn verify verify previous verify verify app app saml");
    }
}

#[test]
fn what_okta_says_of_a_refused_security_key_is_told() {
    for (mishap, cause) in [
        (Mishap::IsDamaged, "The signature is not by a key of the user"),
        (Mishap::IsACopy, "The counter did not go up"),
    ] {
        let (world, desk) = signed_in_once();
        let desk = desk.mishap(mishap);
        let before = world.office.simulator.calls().len();
        let error = world.sign_in(&desk, &Person::answering(&["s"])).unwrap_err();
        let said = std::error::Error::source(&error).unwrap().to_string();
        assert!(said.starts_with("E0000068: ") && said.contains(cause), "{said}");
        assert_eq!(error.kind(), Kind::OktaRefused);
        assert_eq!(world.calls(before), "authn verify verify cancel");
    }
}

#[test]
fn a_security_key_that_is_not_the_user_s_leaves_the_other_factors() {
    let (mut mine, mut stranger) = (SecurityKey::new(), SecurityKey::new());
    stranger.register("k9", RP);
    let push = Factor::push().polls(["SUCCESS"]);
    let world = World::new(vec![mine.register("k1", RP), push]);
    let desk = Desk::with([stranger]);
    let person = Person::answering(&["security key", "o", "push"]);
    world.sign_in(&desk, &person).unwrap();
    let host = world.office.simulator.okta_host();
    let choice = "Second factor: a security key | Okta Verify (push)".to_owned();
    let failed = format!(
        "Okta: this security key is not set up for you at {host}. Try it (a)gain, take an(o)ther factor, or (s)top?"
    );
    assert_eq!(person.heard.take(), [choice.clone(), failed, choice]);
    assert_eq!(world.office.simulator.counts().pushes, 1);
}

#[test]
fn what_goes_wrong_with_a_security_key_is_told_and_mended_within_one_sign_in() {
    let mut key = SecurityKey::new();
    let world = World::new(vec![key.register("k1", RP)]);
    let desk = Desk::with([key])
        .mishap(Mishap::Fails(KeyFailure::TimedOut))
        .mishap(Mishap::Fails(KeyFailure::Removed))
        .mishap(Mishap::Fails(KeyFailure::PinLocked));
    let person = Person::answering(&["a", "a", "a"]);
    world.sign_in(&desk, &person).unwrap();
    let question = "Try it (a)gain, or (s)top?";
    assert_eq!(
        person.heard.take(),
        [
            "the security key was not touched in time",
            "the security key is gone: it was unplugged, or does not answer any more",
            "the security key takes no more PINs for now: too many were wrong",
        ]
        .map(|why| format!("Okta: {why}. {question}"))
    );
    let counts = world.office.simulator.counts();
    assert_eq!((counts.passwords(USER).accepted, counts.codes_refused), (1, 0));
}

#[test]
fn a_security_key_from_the_days_of_u2f_signs_by_its_old_name() {
    let mut key = SecurityKey::new();
    let app_id = "https://localhost/app-id.json";
    let mut factor = key.register("k1", app_id);
    factor.fido.app_id = Some(app_id.to_owned());
    let world = World::new(vec![factor]);
    world.sign_in(&Desk::with([key]), &Person::default()).unwrap();
}

#[test]
fn without_a_security_key_on_the_desk_the_next_factor_is_taken() {
    let mut key = SecurityKey::new();
    let push = Factor::push().polls(["SUCCESS"]);
    let world = World::new(vec![key.register("k1", RP), push]);
    let person = Person::default();
    world.sign_in(&Desk::default(), &person).unwrap();
    assert_eq!(person.heard.take(), ["Okta: a security key is left out: the desk is empty."]);
}
