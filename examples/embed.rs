//! The engine in another program: credentials for a profile, with nothing of robo's command line.
//!
//! `cargo run --example embed -- PROFILE` reads `~/.aws/config`, signs in to
//! Okta and prints whose credentials it got. It keeps nothing: passwords, sessions and credentials
//! stay in the memory of this process. A program that wants to keep them hands in a
//! [`KeyStore`](robo::store::KeyStore) of its own.

use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use robo::config::profiles::Profiles;
use robo::engine::request::{Asked, ENDPOINT_URL_STS};
use robo::engine::value::Origin;
use robo::engine::{Engine, Request};
use robo::ini::Document;
use robo::store::Store;
use robo::sys::clock::SystemClock;
use robo::sys::env::Env;
use robo::sys::http::{Client, Network};
use robo::sys::prompt::{Prompt, Waiting};
use robo::sys::secret::Secret;
use robo::sys::security_key::NoSecurityKeys;
use robo::{Error, Kind, Result};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(profile) = arguments.next() else {
        say("usage: embed PROFILE");
        return ExitCode::from(2);
    };
    match credentials_for(&profile) {
        Ok(line) => {
            let _ = writeln!(io::stdout(), "{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&error.to_string());
            error.hints().iter().for_each(|hint| say(hint));
            ExitCode::from(error.kind().exit_code())
        }
    }
}

fn credentials_for(profile: &str) -> Result<String> {
    // What is wanted: a profile of a config, and what this program has to say to it.
    let env = Env::capture();
    let path = env
        .get("AWS_CONFIG_FILE")
        .map_or_else(|| env.resolve("~/.aws/config".as_ref()), PathBuf::from);
    let config = std::fs::read(&path)
        .map_err(|cause| Error::failed(format!("cannot read {}", path.display())).because(cause))?;
    let profiles = Profiles::read(&Document::parse(config))
        .map_err(|refusal| Error::failed(format!("line {}: {}", refusal.line, refusal.what)))?;
    let chain =
        profiles.chain(profile, |_| false).map_err(|error| Error::failed(error.to_string()))?;
    if chain.is_empty() {
        return Err(Error::usage(format!("there is no profile '{profile}'")));
    }
    // Whatever it has to say goes before what the config says; here, where STS is.
    let mut asked = Asked::default();
    let origin = Origin::Environment(ENDPOINT_URL_STS);
    asked.overrides.add(ENDPOINT_URL_STS, env.text(ENDPOINT_URL_STS), origin);
    let request = Request::resolve(&profiles, &chain, &asked)?;

    // The world, as this program wants the engine to see it.
    let engine = Engine {
        http: &Client::new(Network::from_env(&env)),
        store: &Store::memory(),
        prompt: &StandardInput,
        // Or its own, or `security_key::usb` of a robo with the feature `fido`.
        security_keys: &NoSecurityKeys,
        clock: &SystemClock::default(),
        // The address is told too, so the person can open it wherever they like.
        browser: &|_address| None,
        locks: &env.resolve("~/.local/state/embed/locks".as_ref()),
        // The config is this program's own; one that comes from elsewhere wants a closer look.
        trust: &|_domain| Ok(()),
    };
    let session = engine.credentials(&request)?;
    let credentials = &session.credentials;
    Ok(format!("{} until {}", credentials.assumed_role_arn, credentials.expiration))
}

/// Somebody at the keyboard, in the simplest way there is.
struct StandardInput;

impl StandardInput {
    fn ask(question: &str) -> Result<String> {
        say(question);
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        match read {
            Ok(read) if read > 0 => Ok(line.trim().to_owned()),
            _ => Err(Error::new(Kind::NeedsAnswer, format!("nobody answers: {question}"))),
        }
    }
}

impl Prompt for StandardInput {
    fn can_ask(&self) -> bool {
        true
    }

    fn confirm(&self, question: &str, default: bool) -> Result<bool> {
        let answer = Self::ask(question)?;
        Ok(if answer.is_empty() { default } else { answer.starts_with(['y', 'Y']) })
    }

    fn letter(&self, question: &str, letters: &[char]) -> Result<char> {
        loop {
            let answer = Self::ask(question)?;
            if let Some(letter) = answer.chars().next().filter(|letter| letters.contains(letter)) {
                return Ok(letter);
            }
        }
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize> {
        for (number, item) in items.iter().enumerate() {
            say(&format!("{number}  {item}"));
        }
        loop {
            let answer = Self::ask(question)?;
            if let Some(number) = answer.parse().ok().filter(|number| *number < items.len()) {
                return Ok(number);
            }
        }
    }

    fn line(&self, question: &str) -> Result<String> {
        Self::ask(question)
    }

    fn secret(&self, question: &str) -> Result<Secret> {
        // A program for people would turn the echo off here.
        Self::ask(question).map(Secret::from)
    }

    fn note(&self, text: &str) {
        say(text);
    }

    fn waiting<'a>(&'a self, text: &str) -> Box<dyn Waiting + 'a> {
        say(text);
        Box::new(Told)
    }
}

/// Each new text is told on a line of its own.
struct Told;

impl Waiting for Told {
    fn update(&self, text: &str) {
        say(text);
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
