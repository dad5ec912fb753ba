//! Fifty processes at a time in one home, while everything around them goes wrong: a soak test.
//!
//! `ROBO_CHAOS_SEED` says what happens (the plan is a function of it), `ROBO_CHAOS_ROUNDS` for how
//! long. When exactly it happens is the machine's doing, so a seed that fails may need some runs to
//! fail again. Nothing here waits for time to pass.
//!
//! | module | |
//! | --- | --- |
//! | `plan`, `draw`, `dice` | what is to happen, by the seed |
//! | `company` | the dotfiles repo, and what a home may look like by each of its commits |
//! | `stage`, `scene`, `watch`, `holder`, `disk` | makes it happen |
//! | `process` | the processes, and how they may end |
//! | `aftermath`, `secrets` | what has to be true in the end |

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test is itself the outside world, and one that cannot be set up fails"
)]

#[path = "../common/mod.rs"]
mod common;

mod aftermath;
mod company;
mod dice;
mod disk;
mod draw;
mod holder;
mod plan;
mod process;
mod scene;
mod secrets;
mod stage;
mod watch;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use robo_simulator::{Scenario, Simulator};

use aftermath::{Aftermath, SIGN_IN};
use common::{Office, Sandbox};
use company::Company;
use disk::SmallDisk;
use plan::{Change, Plan};
use process::Calm;
use stage::{Played, Stage};

/// What `cargo test` plays unless it is told otherwise.
const SEED: u64 = 9;
const ROUNDS: usize = 4;

/// Says how to have the same again, if it fails.
struct Again {
    seed: u64,
    rounds: usize,
}

impl Again {
    fn words(&self) -> String {
        let Self { seed, rounds } = self;
        format!("ROBO_CHAOS_SEED={seed} ROBO_CHAOS_ROUNDS={rounds} cargo test --test chaos")
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("chaos: the same plan again: {}", self.words());
        }
    }
}

fn number<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")),
        Err(_) => otherwise,
    }
}

#[test]
fn fifty_processes_at_a_time_leave_a_home_that_works() {
    let again = Again {
        seed: number("ROBO_CHAOS_SEED", SEED),
        rounds: number("ROBO_CHAOS_ROUNDS", ROUNDS),
    };
    eprintln!("chaos: {}", again.words());
    let plan = Plan::new(again.seed, again.rounds);
    let sandbox = Sandbox::new();
    let disk = SmallDisk::mount(&sandbox.home());
    if disk.is_none() {
        eprintln!(
            "chaos: no disk can be mounted here: it is full by RLIMIT_FSIZE (EFBIG) alone, not by ENOSPC"
        );
    }
    let simulator = Simulator::start(Scenario::default());
    let office = Office { sandbox, simulator };
    office.simulator.write_ca(office.sandbox.path("ca.pem"));
    office.sandbox.write_config(Company::mine(0));
    let company = Company::new(&office.sandbox, office.simulator.okta_host());
    let stage = Stage::new(&office, &company, disk.as_ref());
    stage.launcher.adding(office.robo([""; 0])).run().exits(0);
    if plan.set_up {
        let args = ["aws.config", "--yes", "--dotfiles", &company.upstream.url()];
        office.robo(args).env("SEGMENT_TEAM", "foundation").run().exits(0);
    }
    let mut killed = 0;
    for (number, round) in plan.rounds.iter().enumerate() {
        edit_mine(&office, number);
        let usable = plan.set_up || number > 0;
        if round.cold {
            office.robo(["aws.logout"]).run().exits(0);
        }
        let logins = || office.simulator.counts().okta(SIGN_IN);
        let before = logins();
        let played = stage.play(round);
        let logins = logins() - before;
        eprintln!("chaos: round {number}, {:?}: {}", round.hazards, summary(&played, logins));
        let calm = Calm { usable, fine: played.fine, signed_in: played.sessions_ended == 0 };
        for end in &played.ends {
            end.check(round, calm);
        }
        let aftermath = Aftermath { office: &office, company: &company, round: number };
        aftermath.no_lock_is_left();
        aftermath.no_file_is_damaged();
        aftermath.no_secret_is_in_the_clear(&played.ends);
        killed += played.ends.iter().filter(|end| end.was_stopped()).count();
        aftermath.little_is_left(killed);
        aftermath.logins_are_few(round, &played, logins);
        company.change(Change::Next);
        aftermath.a_normal_run_works();
    }
}

/// Between two rounds the person changes a line of their own.
fn edit_mine(office: &Office, round: usize) {
    if round > 0 {
        let content = office.sandbox.read_config();
        let (old, new) = (Company::mine(round - 1), Company::mine(round));
        assert!(content.starts_with(&old), "{content}");
        office.sandbox.write_config(content.replacen(&old, &new, 1));
    }
}

/// How a round went, in a line: `41×0 3×1 6×137; killed …`.
fn summary(played: &Played, logins: u64) -> String {
    let mut statuses: BTreeMap<i32, usize> = BTreeMap::new();
    for end in &played.ends {
        *statuses.entry(end.output.status).or_default() += 1;
    }
    let mut words = String::new();
    for (status, count) in statuses {
        let _ = write!(words, "{count}×{status} ");
    }
    let stopped = played.ends.iter().filter(|end| end.was_stopped()).count();
    let full = played.ends.iter().filter(|end| end.suffered.full_disk).count();
    let _ = write!(
        words,
        "({stopped} stopped, {full} on a full disk, {} calls hit), {logins} logins",
        played.hits
    );
    words
}

#[test]
fn a_plan_is_a_function_of_its_seed() {
    let plans: Vec<Plan> = (0..50).map(|seed| Plan::new(seed, 6)).collect();
    for (seed, plan) in plans.iter().enumerate() {
        assert_eq!(*plan, Plan::new(seed as u64, 6));
        assert!(plans.iter().filter(|other| other.rounds == plan.rounds).count() == 1);
        for round in &plan.rounds {
            assert_eq!(round.commands.len(), plan::PROCESSES);
        }
    }
}
