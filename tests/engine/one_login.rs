//! However many start at the same moment, one signs in.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use robo_simulator::{Counts, Factor, User};

use crate::common::office::{PASSWORD, USER};
use crate::common::{Office, Output, PATIENCE};

const VERIFY: &str = "POST /api/v1/authn/factors/…/verify";

fn at_once(office: &Office) {
    office.simulator.scenario(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]));
}

fn start(office: &Office, profile: &str) -> Child {
    office.robo(["aws.exec", profile, "--", "printenv", "AWS_OKTA_ASSUMED_ROLE_ARN"]).spawn()
}

#[track_caller]
fn end(child: Child) -> Output {
    Output::new(&child.wait_with_output().unwrap())
}

#[test]
fn sixty_cold_starts_are_one_push_and_one_call_a_hop() {
    let office = Office::signed_up(|_| {});
    at_once(&office);
    // All of them are there before the first may go on.
    let hold = office.simulator.hold(&format!("okta {VERIFY}"));
    let children: Vec<Child> = (0..60).map(|_| start(&office, "reader")).collect();
    assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) > 0, PATIENCE));
    hold.release();
    for child in children {
        let output = end(child).exits(0);
        assert_eq!(output.stdout, "arn:aws:iam::444444444444:role/data/reader\n");
    }
    let counts = office.simulator.counts();
    let calls = (counts.okta("POST /api/v1/authn"), counts.pushes);
    assert_eq!(calls, (1, 1), "{counts:?}");
    let calls = (counts.sts("AssumeRoleWithSAML"), counts.sts("AssumeRole"));
    assert_eq!(calls, (1, 2), "{counts:?}");
}

#[test]
fn when_the_one_that_signs_in_is_killed_another_does() {
    let office = Office::signed_up(|_| {});
    at_once(&office);
    let hold = office.simulator.hold(&format!("okta {VERIFY}"));
    let mut holder = start(&office, "dev");
    assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) == 1, PATIENCE));
    let others: Vec<Child> = (0..10).map(|_| start(&office, "dev")).collect();
    kill(Pid::from_raw(i32::try_from(holder.id()).unwrap()), Signal::SIGKILL).unwrap();
    holder.wait().unwrap();
    // One of the others has begun anew, though the first answer never came.
    assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) == 2, PATIENCE));
    hold.release();
    for other in others {
        end(other).exits(0);
    }
    let counts = office.simulator.counts();
    assert_eq!(counts.okta("POST /api/v1/authn"), 2, "{counts:?}");
    assert_eq!(counts.sts("AssumeRoleWithSAML"), 1, "{counts:?}");
    assert_eq!(counts.sts("AssumeRole"), 1, "{counts:?}");
}

#[test]
fn a_push_that_is_refused_is_refused_for_all_who_wait() {
    let office = Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().polls(["REJECTED"]);
    });
    let hold = office.simulator.hold(&format!("okta {VERIFY}"));
    let credentials = |_| office.robo(["aws.credentials", "dev", "--no-input"]).spawn();
    let mut children: Vec<Child> = (0..8).map(credentials).collect();
    // A process that starts only after the failure tries anew, so each has to say that it waits;
    // what the one that signs in says comes with its first answer.
    let mut lines: Vec<_> =
        children.iter_mut().map(|child| BufReader::new(child.stderr.take().unwrap())).collect();
    assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) == 1, PATIENCE));
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for reader in &mut lines {
            let sender = sender.clone();
            scope.spawn(move || {
                let mut said = String::new();
                reader.read_line(&mut said).unwrap();
                sender.send(said.clone()).unwrap();
                reader.read_to_string(&mut said).unwrap();
                assert!(said.contains("hint:"), "{said}");
            });
        }
        for _ in 0..7 {
            let said = receiver.recv_timeout(PATIENCE).unwrap();
            assert_eq!(said, format!("Another robo is signing in as {USER}.\n"));
        }
        hold.release();
    });
    for child in &mut children {
        assert_eq!(child.wait().unwrap().code(), Some(5));
    }
    let counts = office.simulator.counts();
    assert_eq!((counts.okta("POST /api/v1/authn"), counts.pushes), (1, 1), "{counts:?}");
}

#[test]
fn two_profiles_of_one_account_share_a_login() {
    let office = Office::signed_up(|_| {});
    at_once(&office);
    let children: Vec<Child> =
        ["dev", "prod", "reader", "okta-hub"].map(|profile| start(&office, profile)).into();
    for child in children {
        end(child).exits(0);
    }
    let counts = office.simulator.counts();
    assert_eq!((counts.pushes, counts.sts("AssumeRoleWithSAML")), (1, 1), "{counts:?}");
    assert_eq!(counts.sts("AssumeRole"), 3, "{counts:?}");
}

#[test]
fn two_accounts_sign_in_each_for_itself() {
    let office = Office::signed_up(|scenario| {
        let second = User { login: "me@acme.com".to_owned(), ..scenario.user().clone() };
        scenario.okta.users.push(second);
        for user in &mut scenario.okta.users {
            user.factors = vec![Factor::push().polls(["SUCCESS"])];
        }
    });
    let add = ["aws.add", "--account", "second", "--username", "me@acme.com", "--password-stdin"];
    office.robo(add).arg("--no-verify").stdin(PASSWORD).run().exits(0);
    let own = start(&office, "dev");
    let other = office.robo(["aws.exec", "dev", "--account", "second", "--", "true"]).spawn();
    end(own).exits(0);
    end(other).exits(0);
    let counts = office.simulator.counts();
    assert_eq!((counts.pushes, counts.sts("AssumeRoleWithSAML")), (2, 2), "{counts:?}");
    assert_eq!(counts.passwords(USER).accepted, 1);
    assert_eq!(counts.passwords("me@acme.com").accepted, 1);
}

/// Starts `aws.credentials`, and comes back once it says that it waits for another robo.
#[track_caller]
fn waiting(office: &Office, profile: &str) -> (Child, BufReader<ChildStderr>) {
    let mut child = office.robo(["aws.credentials", profile]).spawn();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    stderr.read_line(&mut said).unwrap();
    assert_eq!(said, format!("Another robo is signing in as {USER}.\n"));
    (child, stderr)
}

#[track_caller]
fn ends((child, mut stderr): (Child, BufReader<ChildStderr>), status: i32) -> String {
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    let output = end(child).exits(status);
    assert_eq!(output.stdout.is_empty(), status != 0, "{output}");
    said
}

#[test]
fn what_is_wrong_with_one_profile_is_not_another_s_failure() {
    let office = Office::signed_up(|_| {});
    at_once(&office);
    let other = "arn:aws:iam::111111111111:role/another";
    let config = office.config() + &format!("\n[profile another]\nrole_arn = {other}\n");
    office.sandbox.write_config(config);
    let hold = office.simulator.hold(&format!("okta {VERIFY}"));
    let holder = office.robo(["aws.credentials", "another"]).spawn();
    assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) == 1, PATIENCE));
    let (same, dev) = (waiting(&office, "another"), waiting(&office, "dev"));
    hold.release();
    let output = end(holder).exits(5);
    assert!(output.stderr.contains(other), "{output}");
    // Who wants the same is told the same; who wants something else gets it, by the same session.
    assert!(ends(same, 5).contains(other));
    assert_eq!(ends(dev, 0), "");
    let counts = office.simulator.counts();
    let calls = (counts.okta("POST /api/v1/authn"), counts.pushes, counts.sts("AssumeRole"));
    assert_eq!(calls, (1, 1, 1), "{counts:?}");
}

#[test]
fn who_has_a_terminal_is_asked_though_who_signs_in_has_none() {
    let office = Office::with(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]));
    office.store_password("a wrong one");
    let hold = office.simulator.hold("okta POST /api/v1/authn");
    let holder = office.robo(["aws.credentials", "dev"]).spawn();
    let authn = |counts: &Counts| counts.okta("POST /api/v1/authn") == 1;
    assert!(office.simulator.wait_for(authn, PATIENCE));
    let mut attended = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).pty();
    attended.expect("Another robo is signing in");
    hold.release();
    end(holder).exits(5);
    attended.expect("Okta password of you@acme.com").send_line(PASSWORD).expect("ran\n");
    assert_eq!(attended.wait().0, 0);
    let counts = office.simulator.counts();
    let passwords = counts.passwords(USER);
    assert_eq!((passwords.refused, passwords.accepted, counts.pushes), (1, 1, 1), "{counts:?}");
}

#[test]
fn a_refused_password_is_refused_for_all_whom_nobody_helps() {
    let office = Office::with(|_| {});
    office.store_password("a wrong one");
    let hold = office.simulator.hold("okta POST /api/v1/authn");
    let holder = office.robo(["aws.credentials", "dev"]).spawn();
    let authn = |counts: &Counts| counts.okta("POST /api/v1/authn") == 1;
    assert!(office.simulator.wait_for(authn, PATIENCE));
    let others = [waiting(&office, "dev"), waiting(&office, "prod")];
    hold.release();
    let first = end(holder).exits(5).stderr;
    assert!(first.contains("Okta refused the password"), "{first}");
    for other in others {
        assert_eq!(ends(other, 5), first);
    }
    assert_eq!(office.simulator.counts().passwords(USER).refused, 1);
}

#[test]
fn what_one_was_given_alone_is_not_another_s_failure() {
    // A password and a code that are wrong, where the stored password and a push would do.
    let cases: [(&[&str], &str); 2] =
        [(&["--password-stdin"], "a wrong one"), (&["--mfa-code", "999999"], "")];
    for (args, stdin) in cases {
        let office = Office::signed_up(|scenario| {
            scenario.user().factors = vec![Factor::push().polls(["SUCCESS"]), Factor::totp()];
        });
        let hold = office.simulator.hold("okta POST /api/v1/authn");
        let mut holder = office.robo(["aws.credentials", "dev"]).args(args).stdin(stdin).spawn();
        std::io::Write::write_all(&mut holder.stdin.take().unwrap(), stdin.as_bytes()).unwrap();
        let authn = |counts: &Counts| counts.okta("POST /api/v1/authn") == 1;
        assert!(office.simulator.wait_for(authn, PATIENCE));
        let others = [waiting(&office, "dev"), waiting(&office, "prod")];
        hold.release();
        end(holder).exits(5);
        for other in others {
            ends(other, 0);
        }
        assert_eq!(office.simulator.counts().sts("AssumeRoleWithSAML"), 1, "{args:?}");
    }
}

#[test]
fn a_code_is_asked_of_who_is_there() {
    let office = Office::signed_up(|scenario| *scenario.factor() = Factor::totp());
    let hold = office.simulator.hold("okta POST /api/v1/authn");
    let holder = office.robo(["aws.credentials", "dev"]).spawn();
    let authn = |counts: &Counts| counts.okta("POST /api/v1/authn") == 1;
    assert!(office.simulator.wait_for(authn, PATIENCE));
    let mut attended = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).pty();
    attended.expect("Another robo is signing in");
    hold.release();
    end(holder).exits(4);
    attended.expect("ode").send_line("480362").expect("ran\n");
    assert_eq!(attended.wait().0, 0);
}

#[test]
fn who_waits_goes_on_when_the_one_that_signs_in_is_stopped() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let office = Office::signed_up(|_| {});
        at_once(&office);
        let hold = office.simulator.hold(&format!("okta {VERIFY}"));
        let holder = office.robo(["aws.credentials", "dev"]).spawn();
        assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) == 1, PATIENCE));
        let other = waiting(&office, "dev");
        kill(Pid::from_raw(i32::try_from(holder.id()).unwrap()), signal).unwrap();
        let output = end(holder).exits(130);
        assert_eq!(output.stdout, "");
        assert!(office.simulator.wait_for(|counts| counts.okta(VERIFY) == 2, PATIENCE));
        hold.release();
        assert!(!ends(other, 0).contains("error:"));
        let counts = office.simulator.counts();
        // Its push vanished from the phone.
        assert_eq!((counts.cancelled, counts.sessions), (1, 1), "{signal}: {counts:?}");
        assert_eq!(counts.sts("AssumeRole"), 1, "{signal}: {counts:?}");
    }
}

#[test]
fn without_locks_it_works_all_the_same() {
    let office = Office::signed_up(|_| {});
    at_once(&office);
    let locks = office.sandbox.state().join("locks");
    fs::remove_dir_all(&locks).unwrap();
    fs::write(&locks, "a file where the folder should be").unwrap();
    let output = office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert!(output.stderr.contains("cannot open the lock"), "{output}");
    assert!(output.stderr.contains("no other robo will wait for this one"), "{output}");
    assert_eq!(output.json()["Version"], 1);
    // A warm command needs none.
    let output = office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(output.stderr, "");
}
