//! What is cached, under which name, for how long; and files that are not as they were left.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use robo_simulator::{App, Counts, Factor, User};

use crate::common::Office;
use crate::common::office::PASSWORD;

fn quick() -> Office {
    Office::signed_up(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]))
}

/// Runs `aws.exec` and gives how many calls that took.
#[track_caller]
fn calls(office: &Office, args: &[&str]) -> u64 {
    let before = made(&office.simulator.counts());
    let all = ["aws.exec"].iter().chain(args).chain(&["--", "true"]);
    office.robo(all).run().exits(0);
    made(&office.simulator.counts()) - before
}

/// All calls but for what the org runs on, which is forgotten with the cache and asked again.
fn made(counts: &Counts) -> u64 {
    counts.all() - counts.okta("GET /.well-known/okta-organization")
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
fn a_cache_that_cannot_be_used_stops_nothing() {
    type Damage = fn(&Office);
    let damages: [(&str, Damage, &str); 4] = [
        (
            "a file in the folder's place",
            |office| {
                fs::remove_dir_all(office.sandbox.path(CACHE)).unwrap();
                office.sandbox.write(CACHE, "a file");
            },
            "/.cache/robo/credentials/file/credentials-",
        ),
        (
            "folders in the files' places",
            |office| {
                for file in below(office, CACHE) {
                    fs::remove_file(&file).unwrap();
                    fs::create_dir(&file).unwrap();
                }
            },
            "renaming into place failed: Is a directory",
        ),
        (
            "a folder that cannot be written",
            |office| {
                let files = below(office, CACHE);
                files.iter().for_each(|file| fs::remove_file(file).unwrap());
                mode(files[0].parent().unwrap(), 0o500);
            },
            "Permission denied",
        ),
        (
            "a folder that cannot be read",
            |office| mode(below(office, CACHE)[0].parent().unwrap(), 0o000),
            "Permission denied",
        ),
    ];
    for (what, damage, words) in damages {
        let office = quick();
        calls(&office, &["dev"]);
        damage(&office);
        for _ in 0..2 {
            let before = office.simulator.counts();
            let run = ["aws.exec", "dev", "--", "echo", "ran"];
            let output = office.inside(office.sandbox.robo_as_a_plain_user(run)).run().exits(0);
            assert_eq!(output.stdout, "ran\n", "{what}");
            assert!(output.stderr.contains(words), "{what}: {output}");
            assert!(output.stderr.contains("; it will have to be asked for again"), "{output}");
            let after = office.simulator.counts();
            // The Okta session is in the vault.
            assert_eq!((made(&after) - made(&before), after.pushes), (3, 1), "{what}");
        }
        let folder = office.sandbox.path(CACHE).join("file");
        if folder.is_dir() {
            mode(&folder, 0o700);
        }
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn files_that_cannot_be_read_are_had_anew() {
    let office = quick();
    calls(&office, &["dev"]);
    below(&office, CACHE).iter().for_each(|file| mode(file, 0o000));
    let run = ["aws.exec", "dev", "--", "echo", "ran"];
    let output = office.inside(office.sandbox.robo_as_a_plain_user(run)).run().exits(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("ran\n", ""));
    // What was in their place is replaced, and private.
    for file in below(&office, CACHE) {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(calls(&office, &["dev"]), 0);
}

/// Nothing can be written, from the first command on: robo in a shell that lets no file grow.
#[test]
fn a_full_disk_stops_nothing() {
    let office = quick();
    let full = |words: &[&str]| {
        let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
        let before = ["-c", script, "sh", env!("CARGO_BIN_EXE_robo")];
        let words = before.iter().chain(words);
        office.inside(office.sandbox.program("sh", words))
    };
    fs::remove_file(office.sandbox.path(".config/robo/settings.toml")).unwrap();
    let output = full(&["aws.exec", "dev", "--", "echo", "ran"]).run().exits(0);
    assert_eq!(output.stdout, "ran\n");
    assert!(output.stderr.contains("the next run may choose another key store"), "{output}");
    // The session, the factor, that the password is right; the credentials of two roles.
    let notes = output.stderr.matches("; it will have to be asked for again").count();
    assert_eq!(notes, 5, "{output}");
    assert!(output.stderr.contains("File too large"), "{output}");
    // A refusal that cannot be written down is told: the password would be sent again.
    office.simulator.scenario(|scenario| scenario.user().password = "another".to_owned());
    let output = full(&["aws.credentials", "dev"]).run().exits(5);
    assert!(output.stderr.contains("Okta refused the password"), "{output}");
    assert!(output.stderr.contains("will send the refused password again"), "{output}");
    let (files, leftovers) = (office.sandbox.files(), ".robo-new");
    assert!(files.iter().all(|(path, _)| !path.to_string_lossy().contains(leftovers)));
}

#[test]
fn another_master_key_makes_another_cache() {
    let (office, other) = (quick(), quick());
    calls(&office, &["dev"]);
    calls(&other, &["dev"]);
    // Files of the same names, but sealed under the other's key.
    let names = |office: &Office| -> Vec<_> {
        below(office, CACHE).iter().map(|file| file.file_name().unwrap().to_owned()).collect()
    };
    let foreign = below(&other, CACHE).remove(0);
    for file in below(&office, CACHE) {
        fs::copy(&foreign, file).unwrap();
    }
    let before = names(&office);
    assert_eq!(calls(&office, &["dev"]), 3);
    assert_eq!((names(&office), calls(&office, &["dev"])), (before, 0));
}

#[test]
fn another_app_or_user_is_another_credential() {
    let second = "/home/amazon_aws/0oa2sim2ula3tor4/272";
    let office = Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
        let user = User { login: "me@acme.com".to_owned(), ..scenario.user().clone() };
        scenario.okta.users.push(user);
        let app = App { path: second.to_owned(), ..scenario.okta.apps[0].clone() };
        scenario.okta.apps.push(app);
    });
    let add = ["aws.add", "--account", "second", "--username", "me@acme.com", "--password-stdin"];
    office.robo(add).arg("--no-verify").stdin(PASSWORD).run().exits(0);
    calls(&office, &["dev"]);
    // The other user signs in for themselves; each has their own from then on.
    assert!(calls(&office, &["dev", "--account", "second"]) > 3);
    assert_eq!(office.simulator.counts().pushes, 2);
    assert_eq!(calls(&office, &["dev", "--account", "second"]), 0);
    assert_eq!(calls(&office, &["dev", "--account", "default"]), 0);
    // The same user's other app: by the session that is there.
    office.edit_config("home/amazon_aws/0oa1sim2ula3tor4/272", second);
    assert_eq!(calls(&office, &["dev"]), 3);
    assert_eq!(calls(&office, &["dev"]), 0);
    // Another spelling of the same is the same.
    office.edit_config(second, &second[1..]);
    assert_eq!(calls(&office, &["dev"]), 0);
    assert_eq!(office.simulator.counts().pushes, 2);
}

#[test]
fn what_lasts_too_short_is_not_taken_from_the_cache() {
    let office = quick();
    // Over before it comes: a role on the way is had anew, and its successor behind it.
    office.simulator.scenario(|scenario| scenario.sts.credential_seconds = Some(0));
    calls(&office, &["okta-hub"]);
    office.simulator.scenario(|scenario| scenario.sts.credential_seconds = None);
    assert_eq!(calls(&office, &["dev"]), 3);
    // Good for longer than the role on the way needs to be, and than half of its lifetime.
    office.simulator.scenario(|scenario| scenario.sts.credential_seconds = Some(300));
    calls(&office, &["okta-hub", "-t", "2h"]);
    office.simulator.scenario(|scenario| scenario.sts.credential_seconds = None);
    assert_eq!(calls(&office, &["okta-hub", "-t", "2h"]), 0);
    assert_eq!(calls(&office, &["prod", "-t", "2h"]), 1);
    assert_eq!(office.simulator.counts().pushes, 1);
}

/// What AWS calls over is had anew, whatever this machine's clock makes of it.
#[test]
fn a_role_on_the_way_that_is_over_by_aws_s_clock_is_had_anew() {
    let office = quick();
    calls(&office, &["okta-hub"]);
    office.simulator.scenario(|scenario| scenario.clock_offset = 5000);
    let output = office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert!(output.stderr.contains("clock is 1 h 23 min behind AWS's"), "{output}");
    let counts = office.simulator.counts();
    assert_eq!((counts.sts("AssumeRoleWithSAML"), counts.pushes), (2, 1), "{counts:?}");
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

#[test]
fn two_apps_by_their_ids_have_credentials_of_their_own() {
    let office = crate::in_browser::office(|scenario| {
        let path = "/home/amazon_aws/0oa2second/272".to_owned();
        scenario.okta.apps.push(robo_simulator::App { path, ..Default::default() });
    });
    office.edit_config("aws_saml_url = home/amazon_aws/0oa1sim2ula3tor4/272\n", "");
    let profile = |name: &str, id: &str| {
        format!(
            "\n[profile {name}]\nokta_app_id = {id}\nrole_arn = arn:aws:iam::111111111111:role/okta-hub\n"
        )
    };
    let config = office.sandbox.read_config();
    let two = profile("one", "0oa1sim2ula3tor4") + &profile("two", "0oa2second");
    office.sandbox.write_config(config + &two);
    for _ in 0..2 {
        for name in ["one", "two"] {
            office.robo(["aws.credentials", name]).run().exits(0);
        }
        let counts = office.simulator.counts();
        assert_eq!((counts.exchanges, counts.sts("AssumeRoleWithSAML")), (2, 2));
    }
}
