//! The sign-in endpoint: tokens, destinations, durations.

mod common;

use common::aws::{DEV, Keys};
use common::{Answer, World};
use serde_json::json;

fn session(keys: &Keys) -> String {
    json!({ "sessionId": keys.id, "sessionKey": keys.secret, "sessionToken": keys.token })
        .to_string()
}

fn token(world: &World, keys: &Keys, others: &[(&str, &str)]) -> Answer {
    let session = session(keys);
    let mut fields = vec![("Action", "getSigninToken"), ("Session", session.as_str())];
    fields.extend_from_slice(others);
    world.form(&format!("{}/federation", world.sim.signin_url()), &fields)
}

fn log_in(world: &World, token: &str, destination: &str) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("Action", "login"), ("Issuer", "robo"), ("Destination", destination)])
        .append_pair("SigninToken", token)
        .finish();
    world.get(&format!("{}/federation?{query}", world.sim.signin_url()), "").unwrap()
}

const CONSOLE: &str = "https://eu-west-1.console.aws.amazon.com/s3/home";

#[test]
fn a_token_opens_the_console_once_and_for_a_quarter_of_an_hour() {
    let world = World::new();
    let hub = world.hub();
    let new = || token(&world, &hub, &[]).json()["SigninToken"].as_str().unwrap().to_owned();
    let first = new();
    let opened = log_in(&world, &first, CONSOLE);
    assert_eq!((opened.status, opened.header("location")), (302, Some(CONSOLE)));
    assert_eq!(log_in(&world, &first, CONSOLE).status, 400);
    let late = new();
    world.sim.scenario(|scenario| scenario.clock_offset += 901);
    assert_eq!(log_in(&world, &late, CONSOLE).status, 400);
    assert!(world.sim.secrets().contains(&first));
}

#[test]
fn the_destination_is_a_console_of_the_partition() {
    let world = World::new();
    let hub = world.hub();
    for (destination, status) in [
        (CONSOLE, 302),
        ("https://console.aws.amazon.com/", 302),
        ("http://127.0.0.1:1/", 302),
        ("https://console.amazonaws.cn/", 400),
        ("http://console.aws.amazon.com/", 400),
        ("https://console.aws.amazon.com.evil.example/", 400),
        ("/s3/home", 400),
    ] {
        let token = token(&world, &hub, &[]).json()["SigninToken"].as_str().unwrap().to_owned();
        assert_eq!(log_in(&world, &token, destination).status, status, "{destination}");
    }
}

#[test]
fn a_length_is_not_for_chained_credentials() {
    let world = World::new();
    let hub = world.hub();
    let dev = Keys::of(&world.assume(&hub, DEV, &[]));
    let length = [("SessionDuration", "3600")];
    assert_eq!(token(&world, &hub, &length).status, 200);
    assert_eq!(token(&world, &hub, &[("SessionDuration", "60")]).status, 400);
    assert_eq!(token(&world, &dev, &length).status, 400);
    assert_eq!(token(&world, &dev, &[]).status, 200);
}

#[test]
fn credentials_have_to_be_of_sts_and_of_now() {
    let world = World::new();
    let hub = world.hub();
    assert_eq!(token(&world, &Keys { secret: "other".to_owned(), ..hub.clone() }, &[]).status, 400);
    assert_eq!(token(&world, &Keys { token: None, ..hub.clone() }, &[]).status, 400);
    world.sim.scenario(|scenario| scenario.clock_offset += 3601);
    assert_eq!(token(&world, &hub, &[]).status, 400);
}

#[test]
fn where_a_post_is_not_taken_a_get_is() {
    let world = World::new();
    let hub = world.hub();
    world.sim.scenario(|scenario| scenario.signin.post = false);
    assert_eq!(token(&world, &hub, &[]).status, 405);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("Action", "getSigninToken"), ("Session", &session(&hub))])
        .finish();
    let url = format!("{}/federation?{query}", world.sim.signin_url());
    assert_eq!(world.get(&url, "").unwrap().status, 200);
    assert_eq!(world.sim.counts().signin("getSigninToken"), 2);
    assert!(world.sim.calls().iter().all(|call| !call.path.contains('?')));
}

#[test]
fn a_logout_goes_on_to_where_it_is_told() {
    let world = World::new();
    let url =
        format!("{}/oauth?Action=logout&redirect_uri=https%3A%2F%2Fx%2F", world.sim.signin_url());
    assert_eq!(world.get(&url, "").unwrap().header("location"), Some("https://x/"));
}
