//! The bare clone: what it fetches, falls back to, waits for and mends.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use robo::dotfiles::{BareClone, Mode, Person, Source};
use robo::error::Kind;
use robo::sys::folders::Folders;
use robo::sys::lock::Lock;

use crate::sandbox::{Sandbox, all_of, files_below};

fn content(sandbox: &Sandbox, text: &str) -> String {
    let file = sandbox.fetched(text).snapshot.read("f").unwrap().unwrap();
    String::from_utf8(file).unwrap()
}

#[test]
fn each_ref_gives_its_own_commit() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit("up", &[("f", "1")]);
    sandbox.git("up", &["tag", "light"]);
    sandbox.commit("up", &[("f", "2")]);
    sandbox.git("up", &["tag", "--annotate", "--message=x", "heavy"]);
    sandbox.git("up", &["checkout", "--quiet", "-b", "next/one"]);
    sandbox.commit("up", &[("f", "3")]);
    sandbox.git("up", &["checkout", "--quiet", "main"]);
    sandbox.commit("up", &[("f", "4")]);
    let up = sandbox.text("up");
    for (reference, want) in [
        ("", "4"),
        ("#main", "4"),
        ("#refs/heads/main", "4"),
        ("#light", "1"),
        ("#heavy", "2"),
        ("#next/one", "3"),
        (&format!("#{first}"), "1"),
    ] {
        assert_eq!(content(&sandbox, &format!("{up}{reference}")), want, "{reference}");
        assert_eq!(content(&sandbox, &format!("file://{up}{reference}")), want, "{reference}");
    }
    let mode = fs::metadata(sandbox.clone_folder()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn upstream_is_followed_even_when_it_was_rewritten() {
    let sandbox = Sandbox::new();
    sandbox.commit("up", &[("f", "1")]);
    let up = sandbox.text("up");
    assert_eq!(content(&sandbox, &up), "1");
    sandbox.commit("up", &[("f", "2")]);
    assert_eq!(content(&sandbox, &up), "2");
    sandbox.git("up", &["checkout", "--quiet", "--orphan", "other"]);
    sandbox.commit("up", &[("f", "rewritten")]);
    sandbox.git("up", &["branch", "--quiet", "--force", "main", "other"]);
    assert_eq!(content(&sandbox, &format!("{up}#main")), "rewritten");
    assert_eq!(content(&sandbox, &up), "rewritten");
}

#[test]
fn a_shallow_upstream_is_fetched_too() {
    let sandbox = Sandbox::new();
    sandbox.commit("up", &[("f", "1")]);
    sandbox.commit("up", &[("f", "2")]);
    let url = format!("file://{}", sandbox.text("up"));
    sandbox.git("", &["clone", "--quiet", "--depth=1", &url, "shallow"]);
    assert_eq!(content(&sandbox, &sandbox.text("shallow")), "2");
}

#[test]
fn what_cannot_be_fetched_says_why() {
    let sandbox = Sandbox::new();
    let id = sandbox.commit("up", &[("sub/folder/f", "1")]);
    fs::create_dir_all(sandbox.path("plain")).unwrap();
    sandbox.git("", &["init", "--quiet", "empty"]);
    let up = sandbox.text("up");
    let cases = [
        (format!("{up}#nope"), "no branch, tag or commit 'nope'", "ls-remote"),
        (format!("{up}#{}", &id[..8]), "no branch, tag or commit", "all 40 characters"),
        (format!("{up}#{}", "0".repeat(39) + "1"), "no branch, tag or commit", "ls-remote"),
        (format!("{up}/sub/folder"), "not a git repo", &format!("{up}#:sub/folder")),
        (sandbox.text("plain"), "not a git repo", "init"),
        (sandbox.text("gone"), "no such folder", "https://github.com"),
        (sandbox.text("empty"), "no commit yet", "BRANCH"),
        (format!("{up}#{}", sandbox.git("up", &["rev-parse", "HEAD:sub"])), "commit", ""),
    ];
    for (text, why, hint) in cases {
        let error = sandbox.update(&text).expect_err(&text);
        assert_eq!(error.kind(), Kind::Failed, "{text}");
        assert!(error.message().contains(why), "{text}: {}", all_of(&error));
        assert!(error.hints().join(" ").contains(hint), "{text}: {}", all_of(&error));
    }
}

#[test]
fn the_last_commit_is_fallen_back_to() {
    let sandbox = Sandbox::new();
    let up = sandbox.text("up");
    let id = sandbox.commit("up", &[("f", "1")]);
    let never = sandbox.update_as(&up, Mode::Offline, Person::Absent).unwrap_err();
    assert!(never.message().contains("never fetched"), "{never}");
    sandbox.fetched(&up);

    sandbox.commit("up", &[("f", "2")]);
    let offline = sandbox.update_as(&up, Mode::Offline, Person::Absent).unwrap();
    assert_eq!(offline.snapshot.id(), id);
    assert!(offline.fallback.is_none());

    fs::rename(sandbox.path("up"), sandbox.path("away")).unwrap();
    let update = sandbox.update(&up).unwrap();
    assert_eq!(update.snapshot.id(), id);
    assert!(update.fallback.unwrap().message().contains("no such folder"));
    // Another ref was never fetched, so there is nothing of it to fall back to.
    sandbox.update(&format!("{up}#main")).unwrap_err();
}

#[test]
fn what_a_killed_git_left_behind_is_cleared() {
    let sandbox = Sandbox::new();
    let up = sandbox.text("up");
    sandbox.commit("up", &[("f", "1")]);
    sandbox.fetched(&up);
    let clone = sandbox.clone_folder();
    let own_ref = files_below(&clone.join("refs/robo")).pop().unwrap();
    let mut stale: Vec<_> = [
        "shallow.lock",
        "HEAD.lock",
        "config.lock",
        "packed-refs.lock",
        "gc.pid",
        "objects/pack/tmp_pack_x",
        "objects/pack/pack-x.keep",
    ]
    .iter()
    .map(|name| clone.join(name))
    .collect();
    stale.push(own_ref.with_extension("lock"));
    for path in &stale {
        fs::write(path, "").unwrap();
    }
    sandbox.commit("up", &[("f", "2")]);
    let update = sandbox.fetched(&up);
    assert_eq!(update.snapshot.read("f").unwrap().unwrap(), b"2");
    assert_eq!(update.warnings, [""; 0], "the clone itself is kept");
    for path in stale {
        assert!(!path.exists(), "{}", path.display());
    }
}

/// The packs of the clone, which git makes read-only.
fn packs(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut packs = files_below(&sandbox.clone_folder().join("objects/pack"));
    packs.retain(|path| path.extension().is_some_and(|extension| extension == "pack"));
    for pack in &packs {
        fs::set_permissions(pack, fs::Permissions::from_mode(0o600)).unwrap();
    }
    packs
}

/// A way to damage the clone.
type Damage = (&'static str, fn(&Sandbox));

const DAMAGES: &[Damage] = &[
    ("no packs", |sandbox| {
        fs::remove_dir_all(sandbox.clone_folder().join("objects/pack")).unwrap();
    }),
    ("empty packs", |sandbox| {
        packs(sandbox).iter().for_each(|pack| fs::write(pack, "").unwrap());
    }),
    ("a changed byte in a file", |sandbox| {
        for pack in packs(sandbox) {
            let mut bytes = fs::read(&pack).unwrap();
            // The last object is a file's; the 20 bytes behind it are the pack's checksum.
            let inside = bytes.len() - 30;
            bytes[inside] ^= 0xff;
            fs::write(pack, bytes).unwrap();
        }
    }),
    ("no objects", |sandbox| {
        fs::remove_dir_all(sandbox.clone_folder().join("objects")).unwrap();
    }),
    ("no HEAD", |sandbox| fs::remove_file(sandbox.clone_folder().join("HEAD")).unwrap()),
    ("a broken config", |sandbox| {
        fs::write(sandbox.clone_folder().join("config"), "[core").unwrap();
    }),
    ("a broken ref", |sandbox| {
        for path in files_below(&sandbox.clone_folder().join("refs/robo")) {
            fs::write(path, "zz").unwrap();
        }
    }),
    ("a file", |sandbox| {
        fs::remove_dir_all(sandbox.clone_folder()).unwrap();
        fs::write(sandbox.clone_folder(), "x").unwrap();
    }),
    ("an empty folder", |sandbox| {
        fs::remove_dir_all(sandbox.clone_folder()).unwrap();
        fs::create_dir(sandbox.clone_folder()).unwrap();
    }),
];

#[test]
fn a_damaged_clone_is_made_anew() {
    for (name, damage) in DAMAGES {
        let sandbox = Sandbox::new();
        let up = sandbox.text("up");
        sandbox.commit("up", &[("f", "1"), ("g", &"text\n".repeat(50))]);
        sandbox.fetched(&up);
        damage(&sandbox);
        let update = sandbox.fetched(&up);
        assert_eq!(update.snapshot.read("f").unwrap().unwrap(), b"1", "{name}");
        assert!(update.snapshot.read("g").unwrap().is_some(), "{name}");
        // Missing packs alone git fetches again by itself.
        let told = update.warnings.iter().any(|warning| warning.contains("was damaged"));
        assert!(told || *name == "no packs", "{name}: {:?}", update.warnings);
        assert!(!sandbox.path("robo/dotfiles.git.damaged").exists(), "{name}");
        assert_eq!(sandbox.fetched(&up).warnings, [""; 0], "{name}");
    }
}

#[test]
fn a_damaged_clone_is_kept_while_there_is_no_other() {
    let sandbox = Sandbox::new();
    let up = sandbox.text("up");
    let id = sandbox.commit("up", &[("f", "1")]);
    sandbox.fetched(&up);
    fs::write(sandbox.clone_folder().join("config"), "[core").unwrap();
    fs::rename(sandbox.path("up"), sandbox.path("away")).unwrap();
    let update = sandbox.update(&up).unwrap();
    assert_eq!(update.snapshot.id(), id);
    assert!(update.fallback.is_some());
    let offline = sandbox.update_as(&up, Mode::Offline, Person::Absent).unwrap();
    assert_eq!(offline.snapshot.id(), id);
    // A robo that died while it mended has left the clone aside.
    fs::rename(sandbox.clone_folder(), sandbox.path("robo/dotfiles.git.damaged")).unwrap();
    assert_eq!(sandbox.update(&up).unwrap().snapshot.id(), id);
}

#[test]
fn the_last_commit_is_read_from_a_clone_that_another_robo_has_put_aside() {
    let sandbox = Sandbox::new();
    let up = sandbox.text("up");
    let id = sandbox.commit("up", &[("f", "1")]);
    sandbox.fetched(&up);
    // It mends the clone just now, or has died while it did.
    fs::rename(sandbox.clone_folder(), sandbox.path("robo/dotfiles.git.damaged")).unwrap();
    let offline = || sandbox.update_as(&up, Mode::Offline, Person::Absent).unwrap().snapshot;
    assert_eq!(offline().id(), id);
    fs::create_dir_all(sandbox.clone_folder().join("refs/robo")).unwrap();
    assert_eq!(offline().read("f").unwrap().unwrap(), b"1");
}

#[test]
fn a_full_disk_is_no_damage() {
    let mut sandbox = Sandbox::new();
    let up = sandbox.text("up");
    let id = sandbox.commit("up", &[("f", "1")]);
    sandbox.fetched(&up);
    let (clone, said) = (sandbox.clone_folder(), sandbox.text("said"));
    for words in [
        "error: unable to write file CLONE/objects/pack/tmp_pack_x: No space left on device",
        "fatal: cannot create 'CLONE/shallow.lock': Disk quota exceeded",
        "fatal: CLONE/objects/pack/tmp_pack_x: write error: File too large",
    ] {
        let words = words.replace("CLONE", clone.to_str().unwrap());
        let script = format!("test -d '{}' && echo there >>'{said}'", clone.display());
        sandbox.program("git", &format!("{script}; echo \"{words}\" >&2; exit 128"));
        let update = sandbox.update(&up).unwrap();
        assert_eq!(update.snapshot.id(), id);
        let reason = update.fallback.unwrap();
        assert!(reason.message().ends_with("there is no room for it"), "{reason}");
        assert_eq!(update.warnings, [""; 0]);
        // git ran once, with the clone in its place.
        assert_eq!(fs::read_to_string(&said).unwrap(), "there\n");
        fs::remove_file(&said).unwrap();
    }
}

#[test]
fn many_packs_become_one() {
    let sandbox = Sandbox::new();
    let up = sandbox.text("up");
    sandbox.commit("up", &[("f", "1")]);
    sandbox.fetched(&up);
    let folder = sandbox.clone_folder().join("objects/pack");
    for path in files_below(&folder) {
        let extension = path.extension().unwrap().to_str().unwrap();
        for number in 0..60 {
            fs::copy(&path, folder.join(format!("pack-{number:040x}.{extension}"))).unwrap();
        }
    }
    let other = sandbox.commit("up", &[("f", "2")]);
    assert_eq!(content(&sandbox, &format!("{up}#main")), "2");
    assert!(files_below(&folder).len() < 10, "{:?}", files_below(&folder));
    let offline = sandbox.update_as(&up, Mode::Offline, Person::Absent).unwrap();
    assert_ne!(offline.snapshot.id(), other);
    assert_eq!(offline.snapshot.read("f").unwrap().unwrap(), b"1");
}

#[test]
fn many_robos_fetch_one_after_the_other() {
    let sandbox = Sandbox::new();
    let id = sandbox.commit("up", &[("f", "1")]);
    let (env, up) = (sandbox.env(), sandbox.text("up"));
    let folders = Folders::find(&env).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let source = Source::parse(&up, &env).unwrap();
                let clone = BareClone::new(&folders, &env, Person::Absent);
                let update = clone.update(&source, Mode::Online, || {}).unwrap();
                assert!(update.fallback.is_none(), "{:?}", update.fallback);
                assert_eq!(update.warnings, [""; 0]);
                assert_eq!(update.snapshot.id(), id);
            });
        }
    });
}

#[test]
fn a_git_left_behind_by_a_killed_robo_is_waited_for() {
    let sandbox = Sandbox::new();
    sandbox.commit("up", &[("f", "1")]);
    let (env, up) = (sandbox.env(), sandbox.text("up"));
    // Its robo is gone: only the child still holds the lock, as its stdin.
    let lock = Lock::take(&sandbox.lock_path(), Duration::ZERO, || {}).unwrap();
    let mut left =
        Command::new("sleep").arg("600").stdin(Stdio::from(lock.share().unwrap())).spawn().unwrap();
    drop(lock);
    let clone = BareClone::new(&Folders::find(&env).unwrap(), &env, Person::Absent);
    let mut waited = false;
    let update = clone.update(&sandbox.source(&up), Mode::Online, || {
        waited = true;
        assert!(!sandbox.clone_folder().exists());
        left.kill().unwrap();
        left.wait().unwrap();
    });
    assert!(update.unwrap().fallback.is_none());
    assert!(waited);
}

#[cfg(target_os = "linux")]
#[test]
fn git_holds_the_lock_as_its_stdin() {
    let mut sandbox = Sandbox::new();
    sandbox.commit("up", &[("f", "1")]);
    let said = sandbox.text("said");
    sandbox.program("git", &format!("readlink /proc/self/fd/0 >> {said}\nreal \"$@\""));
    sandbox.fetched(&sandbox.text("up"));
    let said = fs::read_to_string(said).unwrap();
    assert_eq!(said.lines().last(), sandbox.lock_path().to_str());
}

#[test]
fn a_git_that_hangs_is_stopped() {
    let mut sandbox = Sandbox::new();
    let up = sandbox.text("up");
    let id = sandbox.commit("up", &[("f", "1")]);
    sandbox.fetched(&up);
    sandbox.program("git", "echo started >&2; sleep 600 & wait");
    let env = sandbox.env();
    let clone = BareClone::new(&Folders::find(&env).unwrap(), &env, Person::Absent)
        .with_limit(Duration::from_millis(200));
    let update = clone.update(&sandbox.source(&up), Mode::Online, || {}).unwrap();
    assert_eq!(update.snapshot.id(), id);
    let reason = update.fallback.unwrap();
    assert_eq!(reason.kind(), Kind::Unreachable);
    assert!(reason.message().contains("took too long"), "{reason}");
}

#[test]
fn a_git_that_the_person_stopped_is_no_reason_to_go_on() {
    let mut sandbox = Sandbox::new();
    let up = sandbox.text("up");
    sandbox.commit("up", &[("f", "1")]);
    sandbox.fetched(&up);
    sandbox.program("git", "kill -INT $$");
    let error = sandbox.update_as(&up, Mode::Online, Person::There).unwrap_err();
    assert_eq!(error.kind(), Kind::Interrupted);
}

#[test]
fn a_machine_without_git_says_so() {
    let mut sandbox = Sandbox::new();
    sandbox.commit("up", &[("f", "1")]);
    let path = sandbox.env().text("PATH").unwrap();
    sandbox.set("PATH", &sandbox.text("nothing"));
    let error = sandbox.update(&sandbox.text("up")).unwrap_err();
    assert!(error.message().contains("no 'git' on your PATH"), "{}", all_of(&error));
    sandbox.set("PATH", &path);
    assert_eq!(sandbox.fetched(&sandbox.text("up")).warnings, [""; 0]);
}
