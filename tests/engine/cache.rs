//! What is cached, under which name, for how long; and files that are not as they were left.

use std::fs;
use std::path::PathBuf;

use robo_simulator::Factor;

use crate::common::Office;

fn quick() -> Office {
    Office::signed_up(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]))
}

/// Runs `aws.exec` and gives how many calls that took.
#[track_caller]
fn calls(office: &Office, args: &[&str]) -> u64 {
    let before = office.simulator.counts().all();
    let all = ["aws.exec"].iter().chain(args).chain(&["--", "true"]);
    office.robo(all).run().exits(0);
    office.simulator.counts().all() - before
}

#[test]
fn a_cached_credential_is_known_by_what_selects_it_alone() {
    let office = quick();
    assert!(calls(&office, &["dev"]) > 0);
    // What does not select it: the profile's name, its region, keys of others.
    office.edit_config("[profile dev]", "[profile renamed]");
    office.edit_config("source_profile = dev\n", "source_profile = renamed\n");
    assert_eq!(calls(&office, &["renamed"]), 0);
    office.edit_config("region = eu-west-1", "region = us-east-2\noutput = json");
    assert_eq!(calls(&office, &["renamed"]), 0);
    // What does.
    let role = "arn:aws:iam::222222222222:role/dev\n";
    for key in [
        "duration_seconds = 1800",
        "role_session_name = another",
        "external_id = an-id",
        "source_identity = true",
    ] {
        office.edit_config(role, &format!("{role}{key}\n"));
        assert_eq!(calls(&office, &["renamed"]), 1, "{key}: the hop alone, behind the hub's role");
        assert_eq!(calls(&office, &["renamed"]), 0, "{key}");
        office.edit_config(&format!("{key}\n"), "");
        assert_eq!(calls(&office, &["renamed"]), 0, "{key}: the first one is there still");
    }
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn what_is_about_to_end_is_had_anew() {
    let office = quick();
    // Half an hour: --min-ttl counts for half of that at most.
    assert!(calls(&office, &["dev", "-a", "30m"]) > 0);
    assert_eq!(calls(&office, &["dev", "-a", "30m", "--min-ttl", "29m"]), 0);
    assert!(calls(&office, &["dev"]) > 0);
    assert_eq!(calls(&office, &["dev", "--min-ttl", "29m"]), 0);
    office.robo(["aws.exec", "dev", "--min-ttl", "soon", "--", "true"]).run().exits(125);
}

#[test]
fn no_cache_neither_takes_nor_leaves_anything() {
    let office = quick();
    assert!(calls(&office, &["dev", "--no-cache"]) > 0);
    // The Okta session is there, the credentials are not.
    assert_eq!(calls(&office, &["dev", "--no-cache"]), 3);
    assert_eq!(calls(&office, &["dev"]), 3);
    assert_eq!(calls(&office, &["dev", "--no-cache"]), 3);
    assert_eq!(office.simulator.counts().pushes, 1);
}

fn below(office: &Office, folder: &str) -> Vec<PathBuf> {
    let folder = office.sandbox.path(folder).join("file");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

const CACHE: &str = ".cache/robo/credentials";
const VAULT: &str = ".local/state/robo/vault";

#[test]
fn a_damaged_cache_is_had_anew_without_a_word() {
    type Damage = fn(&PathBuf);
    let damages: [(&str, Damage); 5] = [
        ("cut off", |file| fs::write(file, &fs::read(file).unwrap()[..20]).unwrap()),
        ("empty", |file| fs::write(file, "").unwrap()),
        ("another version", |file| {
            let mut bytes = fs::read(file).unwrap();
            bytes[4] = 99;
            fs::write(file, bytes).unwrap();
        }),
        ("a bit turned", |file| {
            let mut bytes = fs::read(file).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(file, bytes).unwrap();
        }),
        ("not robo's", |file| fs::write(file, "hello").unwrap()),
    ];
    let office = quick();
    calls(&office, &["dev"]);
    for (what, damage) in damages {
        below(&office, CACHE).iter().for_each(damage);
        // Okta's session is good: its app's page, and a call for each role.
        assert_eq!(calls(&office, &["dev"]), 3, "{what}");
        assert_eq!(calls(&office, &["dev"]), 0, "{what}: it was not written again");
    }
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn a_damaged_vault_is_told_and_asked_for_again() {
    let office = quick();
    calls(&office, &["dev"]);
    for file in below(&office, VAULT) {
        fs::write(&file, "hello").unwrap();
    }
    let output = office.robo(["aws.credentials", "prod", "--no-input"]).run().exits(4);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("it counts as not there"), "{output}");
    assert!(output.stderr.contains("robo aws.add"), "{output}");
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn a_cache_that_cannot_be_written_stops_nothing() {
    let office = quick();
    fs::create_dir_all(office.sandbox.path(".cache")).unwrap();
    office.sandbox.write(".cache/robo", "a file where the folder should be");
    let output = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).run().exits(0);
    assert_eq!(output.stdout, "ran\n");
    assert!(output.stderr.contains("asked for again"), "{output}");
}

#[test]
fn logging_out_forgets_and_ends_the_session() {
    let office = quick();
    calls(&office, &["dev"]);
    let output = office.robo(["aws.logout"]).run().exits(0);
    assert!(output.stderr.contains("Forgot 2 cached credentials"), "{output}");
    assert_eq!(office.simulator.counts().okta("DELETE /api/v1/sessions/me"), 1);
    assert!(below(&office, CACHE).is_empty());
    assert!(calls(&office, &["dev"]) > 3);
    assert_eq!(office.simulator.counts().pushes, 2);
    office.robo(["aws.logout", "--all"]).run().exits(0);
    office.robo(["aws.credentials", "dev", "--no-input"]).run().exits(4);
    assert_eq!(office.simulator.counts().pushes, 2);
}

#[test]
fn a_home_that_cannot_be_written_stops_no_command() {
    let office = quick();
    calls(&office, &["dev"]);
    let folder = office.sandbox.path(".config");
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "a file where the folder should be").unwrap();
    office.simulator.end_sessions();
    let exec = ["aws.exec", "dev", "--no-cache", "--", "echo", "ran"];
    let output = office.robo(exec).without_env("ROBO_BACKEND").run();
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (125, ""),
        "settings that are not to be read"
    );
    fs::remove_file(&folder).unwrap();
    let vault = office.sandbox.path(VAULT).join("file");
    let files: Vec<_> = fs::read_dir(&vault).unwrap().map(|entry| entry.unwrap().path()).collect();
    let session = files.iter().find(|file| file.to_string_lossy().contains("session-")).unwrap();
    fs::remove_file(session).unwrap();
    fs::create_dir(session).unwrap();
    let output = office.robo(exec).run().exits(0);
    assert_eq!(output.stdout, "ran\n");
    assert!(output.stderr.contains("asked for again"), "{output}");
}
