//! The simulator by itself: says how to reach it, then a line for each call.
//!
//!     cargo run -p robo-simulator -- [--scenario FILE] [--ca FILE]

#![allow(
    clippy::disallowed_methods,
    reason = "the rule is about robo's files; the test CA is nobody's loss"
)]

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use robo_simulator::control::Control;
use robo_simulator::{Call, Scenario, Simulator};

const USAGE: &str = "usage: robo-simulator [--scenario FILE] [--ca FILE]\n\n\
    --scenario FILE   who there is and what goes wrong, in TOML\n\
    --ca FILE         where to write the test CA's certificate\n";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            let _ = writeln!(io::stderr(), "robo-simulator: {words}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let mut scenario = Scenario::default();
    let mut ca = std::env::temp_dir().join(format!("robo-simulator-{}.pem", std::process::id()));
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} wants a file"));
        match argument.as_str() {
            "--scenario" => scenario = read(&PathBuf::from(value()?))?,
            "--ca" => ca = value()?.into(),
            "-h" | "--help" => return write(USAGE),
            _ => return Err(format!("{argument} is not known\n{USAGE}")),
        }
    }
    let simulator = Simulator::start(scenario);
    let control = Control::start(&simulator);
    std::fs::write(&ca, simulator.ca_pem())
        .map_err(|error| format!("{}: {error}", ca.display()))?;
    write(&introduction(&simulator, &control, &ca.display().to_string()))?;
    let mut shown = 0;
    loop {
        // Woken by every call; a call is shown once it is answered.
        simulator.wait_for_calls(|calls| calls.len() > shown, Duration::from_secs(3600));
        let settled = |calls: &[Call]| calls.get(shown).is_some_and(|call| call.status.is_some());
        simulator.wait_for_calls(settled, Duration::from_secs(2));
        for call in &simulator.calls()[shown..] {
            write(&line(call))?;
            shown += 1;
        }
    }
}

fn read(path: &PathBuf) -> Result<Scenario, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    text.and_then(|text| Scenario::from_toml(&text))
        .map_err(|words| format!("{}: {words}", path.display()))
}

fn write(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| error.to_string())
}

fn line(call: &Call) -> String {
    let status = call.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let Call { service, endpoint, at_ms, connection, .. } = call;
    format!("{at_ms:>8} ms  {status}  {service:<6} {endpoint}  (connection {connection})\n")
}

/// The environment to use, and a config to begin with, for `eval` and for reading.
fn introduction(simulator: &Simulator, control: &Control, ca: &str) -> String {
    let scenario = simulator.current_scenario();
    let mut out = format!(
        "export SSL_CERT_FILE={ca}\nexport AWS_CA_BUNDLE={ca}\n\
         export AWS_ENDPOINT_URL_STS={}\nexport AWS_ENDPOINT_URL_SIGNIN={}\n\
         # Okta: https://{}   proxy: {}   control: {}\n",
        simulator.sts_url(),
        simulator.signin_url(),
        simulator.okta_host(),
        simulator.proxy_url(),
        control.url(),
    );
    for user in &scenario.okta.users {
        out.push_str(&format!("# user {}, password {}\n", user.login, user.password));
    }
    out.push_str(&format!(
        "#\n# ~/.aws/config:\n# {}\n\n",
        config(simulator).replace('\n', "\n# ")
    ));
    out
}

/// A config with a profile for each role.
fn config(simulator: &Simulator) -> String {
    let scenario = simulator.current_scenario();
    let mut out = format!("[okta]\nokta_domain = {}\n", simulator.okta_host());
    if let Some(app) = scenario.okta.apps.first() {
        out.push_str(&format!("aws_saml_url = {}\n", app.path.trim_start_matches('/')));
    }
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    for role in &scenario.sts.roles {
        out.push_str(&format!("\n[profile {}]\nrole_arn = {}\n", name(&role.arn), role.arn));
        let source = role.trust.iter().find(|principal| principal.contains(":role/"));
        if let Some(source) = source {
            out.push_str(&format!("source_profile = {}\n", name(source)));
        }
    }
    out
}
