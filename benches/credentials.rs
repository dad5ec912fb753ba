//! Credentials: warm, cold, and for a crowd.
//!
//! `cargo bench --bench credentials`. A table each, on stdout: medians, with what cannot be undercut
//! beside them. Okta, STS and the phone are simulated. The key rests with a real Secret Service
//! where `dbus-run-session` and `gnome-keyring-daemon` are installed, and in a file otherwise.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::exit,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has nothing to measure"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::Office;
use common::office::PASSPHRASE;
use robo_simulator::{Counts, Factor, Fault};

const ROBO: &str = env!("CARGO_BIN_EXE_robo");

/// Says that the benchmark runs inside a session with a key ring, or that there is none.
const INSIDE: &str = "ROBO_BENCH_INSIDE";

fn main() {
    // `cargo test --benches` runs each once, to see that it works.
    let once = !std::env::args().any(|argument| argument == "--bench");
    if std::env::var_os(INSIDE).is_none() {
        with_a_key_ring();
    }
    let backend = if std::env::var(INSIDE).is_ok_and(|inside| inside == "keychain") {
        "keychain"
    } else {
        "file"
    };
    warm(backend, if once { 1 } else { 200 });
    cold(if once { 1 } else { 5 });
    for size in if once { vec![3] } else { vec![20, 200] } {
        crowd(size);
    }
}

/// Becomes this benchmark inside a D-Bus session with an open key ring, or outside of one.
fn with_a_key_ring() {
    let runtime = tempfile::tempdir().unwrap();
    let script = "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 \
                  && exec \"$0\" \"$@\"";
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let mut inside = Command::new("dbus-run-session");
    inside.args(["--", "sh", "-c", script]).arg(std::env::current_exe().unwrap()).args(&arguments);
    inside.env("HOME", runtime.path()).env("XDG_RUNTIME_DIR", runtime.path());
    let works = Command::new("gnome-keyring-daemon").arg("--version").output().is_ok();
    if works && let Ok(status) = inside.env(INSIDE, "keychain").status() {
        std::process::exit(status.code().unwrap_or(1));
    }
    println!("no Secret Service here: the key rests in a file");
    let _ =
        Command::new(std::env::current_exe().unwrap()).args(&arguments).env(INSIDE, "file").exec();
}

/// A command in the world of an office.
fn command(office: &Office, backend: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(office.sandbox.environment());
    command.env("SSL_CERT_FILE", office.sandbox.path("ca.pem"));
    command.env("AWS_ENDPOINT_URL_STS", office.simulator.sts_url());
    command.env("ROBO_BACKEND", backend).env("ROBO_FILE_PASSPHRASE", PASSPHRASE);
    for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn office(backend: &str, latency: u64) -> Office {
    let office = Office::with(|scenario| {
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
        if latency > 0 {
            scenario.faults.push(Fault::on("*").latency(latency));
        }
    });
    let add = ["aws.add", "--username", common::office::USER, "--password-stdin", "--no-verify"];
    let mut add = command(&office, backend, ROBO, &add);
    let mut child = add.stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(
        &mut child.stdin.take().unwrap(),
        common::office::PASSWORD.as_bytes(),
    )
    .unwrap();
    assert!(child.wait().unwrap().success());
    office
}

fn run(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.status().unwrap();
    let took = started.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    took
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// Cached credentials at the end of a chain of three roles. The rows take turns, so that each sees
/// the same machine.
fn warm(backend: &str, rounds: usize) {
    let (kept, file, large) = (office(backend, 0), office("file", 0), office("file", 0));
    let many: String = (0..3_000)
        .map(|n| format!("\n[profile p{n}]\nsource_profile = dev\nregion = eu-west-1\n"))
        .collect();
    large.sandbox.write_config(large.config() + &many);
    let exec = ["aws.exec", "reader", "--", "true"];
    let before = [
        (&kept, backend, "true", &[][..]),
        (&kept, backend, ROBO, &["--version"][..]),
        (&kept, backend, ROBO, &["aws.exec", "--no-such-flag"][..]),
        (&kept, backend, "secret-tool", &["lookup", "service", "robo"][..]),
        (&kept, backend, ROBO, &exec[..]),
        (&file, "file", ROBO, &exec[..]),
        (&large, "file", ROBO, &exec[..]),
    ];
    for (office, backend, program, arguments) in &before[4..] {
        run(&mut command(office, backend, program, arguments));
    }
    let calls: u64 = [&kept, &file, &large].iter().map(|one| one.simulator.counts().all()).sum();
    let mut times = vec![Vec::new(); before.len()];
    for _ in 0..rounds {
        for ((office, backend, program, arguments), times) in before.iter().zip(&mut times) {
            let started = Instant::now();
            if command(office, backend, program, arguments).status().is_ok() {
                times.push(started.elapsed());
            }
        }
    }
    let after: u64 = [&kept, &file, &large].iter().map(|one| one.simulator.counts().all()).sum();
    assert_eq!(calls, after, "a warm command went over the network");
    println!("\nwarm, three roles, {rounds} rounds: median ms, and ms more than `true`");
    let titles = [
        "true".to_owned(),
        "robo --version".to_owned(),
        "robo with a mistake in its flags".to_owned(),
        "secret-tool: a read of the Secret Service".to_owned(),
        format!("robo aws.exec, key store {backend}"),
        "robo aws.exec, key store file".to_owned(),
        "robo aws.exec, file, 3,000 profiles".to_owned(),
    ];
    let base = median(times[0].clone());
    for (title, times) in titles.iter().zip(times) {
        if times.is_empty() {
            println!("  {title:<44} not installed");
        } else {
            let median = median(times);
            println!("  {title:<44} {median:7.2}  {:+7.2}", median - base);
        }
    }
}

/// The first command of the day.
fn cold(rounds: usize) {
    println!("\ncold login, push accepted at the first poll, hub and spoke, {rounds} rounds");
    println!("  latency   median s   Okta requests/handshakes   STS requests/connections");
    for latency in [0, 100] {
        let mut times = Vec::new();
        let mut counts = Counts::default();
        for _ in 0..rounds {
            let office = office("file", latency);
            times.push(run(&mut command(
                &office,
                "file",
                ROBO,
                &["aws.exec", "dev", "--", "true"],
            )));
            counts = office.simulator.counts();
        }
        println!(
            "  {latency:>4} ms   {:>8.2}   {:>13} / {:<10}   {:>12} / {:<10}",
            median(times) / 1000.0,
            counts.total("okta"),
            counts.handshakes("okta"),
            counts.total("sts"),
            counts.connections("sts"),
        );
    }
}

/// Many at once, all of them cold.
fn crowd(size: usize) {
    let office = office("file", 0);
    let started = Instant::now();
    let all: Vec<Child> = (0..size)
        .map(|_| {
            let exec = ["aws.exec", "reader", "--", "true"];
            command(&office, "file", ROBO, &exec).spawn().unwrap()
        })
        .collect();
    let done = all.into_iter().filter_map(|mut child| child.wait().ok());
    let ran = done.filter(std::process::ExitStatus::success).count();
    let took = started.elapsed().as_secs_f64();
    let counts = office.simulator.counts();
    println!(
        "\n{size} cold at once: {ran} ran, in {took:.2} s; {} authn, {} push, {} AssumeRoleWithSAML, {} AssumeRole",
        counts.okta("POST /api/v1/authn"),
        counts.pushes,
        counts.sts("AssumeRoleWithSAML"),
        counts.sts("AssumeRole"),
    );
    assert_eq!(ran, size);
}
