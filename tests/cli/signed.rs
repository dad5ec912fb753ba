//! Commits have to be signed, where somebody named who signs them.

use std::fs;
use std::path::PathBuf;

use crate::common::{Gpg, Sandbox, Signer, TEAM, Upstream};

const MANIFEST: &str = "[trust]\nsigners = \"trust/signers\"\n";
const REVOKING: &str = "[trust]\nsigners = \"trust/signers\"\nrevoked = \"trust/revoked\"\n";

/// A repo that says who signs it, signed by `signer`.
fn signed<'a>(sandbox: &'a Sandbox, signer: &Signer) -> Upstream<'a> {
    let upstream = Upstream::of_team(sandbox, TEAM);
    signer.signs(&upstream);
    upstream.commit("sign", [("robo.toml", MANIFEST), ("trust/signers", &signer.line())]);
    upstream
}

/// Two who may sign, jo and ann.
fn two(sandbox: &Sandbox) -> (Signer, Signer) {
    (Signer::new(sandbox, "jo@acme.com"), Signer::new(sandbox, "ann@acme.com"))
}

/// The PATH with a script in the place of a program, which does `first` and then the program's work.
fn stand_in(sandbox: &Sandbox, program: &str, first: &str) -> String {
    let script = format!("#!/bin/sh\n{first}\nexec /usr/bin/{program} \"$@\"\n");
    sandbox.write(format!("bin/{program}"), script);
    sandbox.program("chmod", ["755", &format!("bin/{program}")]).run().exits(0);
    format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap())
}

fn settings(sandbox: &Sandbox, name: &str) -> PathBuf {
    let found = sandbox.files().into_iter().find(|(path, _)| path.ends_with("settings.toml"));
    found.unwrap().0.with_file_name(name)
}

#[test]
fn the_first_run_shows_who_signs_and_pins_them() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    let key = jo.fingerprint(&sandbox);
    sandbox.refused(
        upstream.config([""; 0]),
        4,
        &format!(
            "foundation · <sandbox>/acme/dotfiles @ <commit> \"sign\" (acme-platform, <ago>)\n\
             signed by jo@acme.com (ssh {key})\n\n  \
             This repo will be able to set your AWS profiles.\n  \
             What it says has to be signed by one of\n    jo@acme.com  ED25519 {key}\n\n\
             error: a question needs an answer, and nobody is there: Trust \
             file://<sandbox>/acme/dotfiles and these signers from now on?\n  \
             hint: robo aws.config --dotfiles 'file://<sandbox>/acme/dotfiles' --yes answers yes; \
             nothing was changed\n"
        ),
    );
    let output = upstream.config(["--yes", "--json"]).run().exits(0);
    let signature = &output.json()["dotfiles"]["signature"];
    assert_eq!(*signature, serde_json::json!({"signer": "jo@acme.com", "kind": "ssh", "key": key}));
    let text = fs::read_to_string(settings(&sandbox, "settings.toml")).unwrap();
    let name = text.split("signers = \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(name.starts_with("allowed_signers-"), "{text}");
    // The comment of the key is no part of what was shown.
    let pinned = fs::read_to_string(settings(&sandbox, name)).unwrap();
    assert_eq!(pinned, jo.line().replace(" jo@acme.com\n", "\n"));
    let commit = upstream.git(["rev-parse", "HEAD"]);
    assert!(text.contains(&format!("signed = \"{commit}\"\n")), "{text}");
    upstream.config(["--yes"]).run().exits(0).says(&format!("signed by jo@acme.com (ssh {key})"));
}

/// What upstream does next, and the sentence that it is refused with.
type Attack = (&'static str, fn(&Sandbox, &Upstream<'_>, &Signer), &'static str);

const ATTACKS: &[Attack] = &[
    (
        "nobody signs",
        |_, upstream, _| {
            upstream.git(["config", "commit.gpgSign", "false"]);
            upstream.push("[profile evil]\n");
        },
        "is not signed",
    ),
    (
        "nobody signs a command",
        |_, upstream, _| {
            upstream.git(["config", "commit.gpgSign", "false"]);
            upstream.commit("evil", [("robo.yml", "evil: {command: echo ran}\n")]);
        },
        "is not signed",
    ),
    (
        "a stranger signs",
        |sandbox, upstream, _| {
            Signer::new(sandbox, "eve@acme.com").signs(upstream);
            upstream.push("[profile evil]\n");
        },
        "is signed by none of the signers, but by SHA256:",
    ),
    (
        "a stranger signs, and names herself",
        |sandbox, upstream, jo| {
            let eve = Signer::new(sandbox, "eve@acme.com");
            eve.signs(upstream);
            upstream.commit("let me in", [("trust/signers", jo.line() + &eve.line())]);
            upstream.push("[profile evil]\n");
        },
        "is signed by none of the signers, but by SHA256:",
    ),
    (
        "a stranger signs by the name of a signer",
        |sandbox, upstream, _| {
            fs::create_dir(sandbox.root().join("elsewhere")).unwrap();
            let key = sandbox.root().join("elsewhere/jo@acme.com");
            let args = ["-q", "-t", "ed25519", "-N", "", "-f", key.to_str().unwrap()];
            sandbox.program("ssh-keygen", args).run().exits(0);
            upstream.git(["config", "user.signingKey", key.to_str().unwrap()]);
            upstream.push("[profile evil]\n");
        },
        "is signed by none of the signers, but by SHA256:",
    ),
    (
        "the signature is that of another commit",
        |sandbox, upstream, _| {
            upstream.push("[profile evil]\n");
            let commit = upstream.git(["cat-file", "commit", "HEAD"]);
            let forged = commit.replace("change the team's config", "change nothing");
            let forged = sandbox
                .program("git", ["hash-object", "-t", "commit", "-w", "--stdin"])
                .folder(upstream.path())
                .stdin(forged + "\n")
                .run()
                .exits(0);
            upstream.git(["reset", "--quiet", "--hard", forged.stdout.trim()]);
        },
        "carries a signature of something else",
    ),
    (
        "a merge that nobody signs, of a branch that somebody did",
        |_, upstream, _| {
            upstream.git(["checkout", "--quiet", "-b", "branch"]);
            upstream.push("[profile good]\n");
            upstream.git(["checkout", "--quiet", "main"]);
            upstream.git(["config", "commit.gpgSign", "false"]);
            upstream.git(["merge", "--quiet", "--no-ff", "--message", "merge", "branch"]);
        },
        "is not signed",
    ),
    (
        "the repo is turned back",
        |_, upstream, _| {
            upstream.git(["reset", "--quiet", "--hard", "HEAD~1"]);
        },
        "which you took over last: the repo was turned back or rewritten",
    ),
    (
        "the repo is rewritten by a signer",
        |_, upstream, _| {
            upstream.git(["reset", "--quiet", "--hard", "HEAD~1"]);
            upstream.push("[profile other]\n");
        },
        "which you took over last: the repo was turned back or rewritten",
    ),
];

#[test]
fn what_the_signers_did_not_sign_is_refused_and_nothing_older_is_taken() {
    for (attack, act, want) in ATTACKS {
        let sandbox = Sandbox::new();
        let jo = Signer::new(&sandbox, "jo@acme.com");
        let upstream = signed(&sandbox, &jo);
        upstream.config(["--yes"]).run().exits(0);
        upstream.push("[profile next]\nregion = eu-west-1\n");
        upstream.config(["--yes"]).run().exits(0);
        act(&sandbox, &upstream, &jo);
        let before = sandbox.own_files();
        for args in [&["--yes", "--trust"][..], &["--check"], &["--yes", "--offline"]] {
            let output = upstream.config(args).run().exits(1);
            assert!(output.stderr.contains(want), "{attack} {args:?}\n{output}");
            assert!(output.stderr.contains("nothing was changed"), "{attack}\n{output}");
            assert_eq!(sandbox.own_files(), before, "{attack} {args:?}");
        }
        sandbox.robo(["evil"]).run().exits(2);
        // Not even where the repo cannot be reached: that one is the last commit fetched.
        fs::rename(upstream.path(), upstream.path().with_extension("away")).unwrap();
        let output = upstream.config(["--yes"]).run().exits(1);
        assert!(output.stderr.contains(want), "{attack}\n{output}");
        assert_eq!(sandbox.own_files(), before, "{attack}");
    }
}

#[test]
fn a_commit_that_was_turned_back_can_be_taken_for_once() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    upstream.push("[profile next]\n");
    upstream.config(["--yes"]).run().exits(0);
    upstream.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    upstream.config(["--yes"]).run().exits(1).says("'robo aws.config --allow-rollback'");
    // The config itself may be gone: what was applied last is remembered all the same.
    fs::remove_file(sandbox.config_path()).unwrap();
    upstream.config(["--yes"]).run().exits(1).says("does not come after");
    upstream.config(["--yes", "--allow-rollback"]).run().exits(0);
    upstream.push("[profile on]\n");
    upstream.config(["--yes"]).run().exits(0);
    assert!(sandbox.read_config().contains("[profile on]"));
}

/// The clone is cut off where it was fetched; what was not is fetched when it is asked about.
#[test]
fn history_is_fetched_as_far_as_it_is_needed() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    upstream.config(["--yes"]).run().exits(0);
    let clone = sandbox.files().into_iter().find(|(path, _)| path.ends_with("dotfiles.git/HEAD"));
    let clone = clone.unwrap().0.with_file_name("");
    for number in 0..3 {
        upstream.push(&format!("[profile p{number}]\n"));
    }
    // As a robo that asks for no signatures fetches it: without the history between.
    let git = ["--git-dir", clone.to_str().unwrap(), "fetch", "--quiet", "--depth=1"];
    let into = format!("+HEAD:{}", {
        let refs = fs::read_dir(clone.join("refs/robo")).unwrap();
        let name = refs.map(|entry| entry.unwrap().file_name()).next().unwrap();
        format!("refs/robo/{}", name.to_str().unwrap())
    });
    sandbox.program("git", git.into_iter().chain([&*upstream.url(), &into])).run().exits(0);
    let output = upstream.config(["--yes", "--offline"]).run().exits(1);
    output.says("its history was not fetched").says("run it without '--offline'");
    upstream.config(["--yes"]).run().exits(0);
    assert!(sandbox.read_config().contains("[profile p2]"));
    // Lost altogether, it is fetched with all that it needs.
    fs::remove_dir_all(&clone).unwrap();
    upstream.push("[profile p3]\n");
    upstream.config(["--yes"]).run().exits(0);
}

#[test]
fn new_signers_are_vouched_for_shown_and_asked_about() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    let upstream = signed(&sandbox, &jo);
    upstream.config(["--yes"]).run().exits(0);
    // Jo hands over to Ann, in a branch that is merged; later commits are Ann's.
    upstream.git(["checkout", "--quiet", "-b", "branch"]);
    upstream.git(["config", "commit.gpgSign", "false"]);
    upstream.commit("ann for jo", [("trust/signers", ann.line())]);
    upstream.git(["checkout", "--quiet", "main"]);
    jo.signs(&upstream);
    upstream.push("[profile meanwhile]\n");
    upstream.git(["merge", "--quiet", "--no-ff", "--gpg-sign", "--message", "merge", "branch"]);
    let by = upstream.git(["rev-parse", "--short=7", "HEAD"]);
    ann.signs(&upstream);
    upstream.push("[profile later]\n");
    let (was, now) = (jo.fingerprint(&sandbox), ann.fingerprint(&sandbox));
    let output = upstream.config(["--yes"]).run().exits(4);
    let output = output.says(&format!("signed by ann@acme.com (ssh {now})"));
    output
        .says(&format!("its signers are new; those that you trust signed them at {by}"))
        .says(&format!(
            "    signers        - jo@acme.com  ED25519 {was}\n                   + ann@acme.com  ED25519 {now}\n"
        ))
        .says("nobody is there: Trust these signers from now on?")
        .says("--trust answers yes");
    upstream.config(["--check"]).run().exits(3).says("you would be asked to trust this");
    upstream.config(["--yes", "--trust"]).run().exits(0);
    upstream.config(["--yes"]).run().exits(0).never_says("its signers are new");
    assert!(sandbox.read_config().contains("[profile later]"));
    // Jo is nobody now.
    jo.signs(&upstream);
    upstream.push("[profile jo]\n");
    upstream.config(["--yes", "--trust"]).run().exits(1).says("is signed by none of the signers");
}

#[test]
fn a_key_that_was_revoked_signs_nothing_whatever_the_date() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    let upstream = signed(&sandbox, &ann);
    let both = jo.line() + &ann.line();
    upstream.commit("both", [("trust/signers", &both)]);
    upstream.config(["--yes"]).run().exits(0);
    upstream
        .commit("jo's laptop is lost", [("robo.toml", REVOKING), ("trust/revoked", &jo.public())]);
    upstream.config(["--yes"]).run().exits(4).says("+ less those on a list of revoked keys");
    upstream.config(["--yes", "--trust"]).run().exits(0);
    jo.signs(&upstream);
    upstream.push("[profile evil]\n");
    let output = upstream.config(["--yes", "--trust"]).run().exits(1);
    output.says("is signed by a key that was revoked");
}

#[test]
fn a_key_is_good_only_in_its_time() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    let old = jo.line().replace("jo@acme.com ssh-", "jo@acme.com valid-before=\"20200101\" ssh-");
    upstream.commit("over", [("trust/signers", &old)]);
    let output = upstream.config(["--yes"]).run().exits(1);
    output.says("is signed by a key that was not good at its date").says("platform team's to mend");
    assert!(!sandbox.path(".aws").exists());
}

#[test]
fn openpgp_keys_sign_as_well_and_no_other_of_a_person_s_keyring() {
    let sandbox = Sandbox::new();
    let (jo, eve) = (Gpg::new(&sandbox, "Jo <jo@acme.com>"), Gpg::new(&sandbox, "Eve"));
    let upstream = Upstream::of_team(&sandbox, TEAM);
    jo.signs(&upstream);
    let ann = Signer::new(&sandbox, "ann@acme.com");
    let both = ann.line() + &jo.public(&sandbox);
    upstream.commit("sign", [("robo.toml", MANIFEST), ("trust/signers", &both)]);
    let output = upstream.config([""; 0]).run().exits(4);
    let output = output.says(&format!("    Jo <jo@acme.com>  OpenPGP {}\n", jo.fingerprint()));
    output.says(&format!("signed by Jo <jo@acme.com> (openpgp {})", jo.fingerprint()));
    upstream.config(["--yes"]).run().exits(0);
    ann.signs(&upstream);
    upstream.push("[profile of-ann]\n");
    upstream.config(["--yes"]).run().exits(0).says("signed by ann@acme.com (ssh ");
    // Her key is good for gpg as this person runs it, and counts for nothing here.
    let keyring = sandbox.path(".gnupg");
    fs::create_dir(&keyring).unwrap();
    sandbox.program("chmod", ["700", keyring.to_str().unwrap()]).run().exits(0);
    sandbox.write("eve.asc", eve.public(&sandbox));
    sandbox.program("gpg", ["--batch", "--quiet", "--import", "eve.asc"]).run().exits(0);
    eve.signs(&upstream);
    upstream.push("[profile evil]\n");
    let output = upstream.config(["--yes"]).run().exits(1);
    output.says("is signed by none of the signers, but by ");
    // A revoked key says so itself.
    jo.signs(&upstream);
    let text = ann.line() + &jo.revoked(&sandbox);
    ann.signs(&upstream);
    upstream.commit("jo has left", [("trust/signers", &text)]);
    upstream.config(["--yes", "--trust"]).run().exits(0);
}

/// What a whole company set is above what a repo says; so is the person's own choice.
#[test]
fn signers_in_the_settings_are_changed_by_no_repo() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    let upstream = signed(&sandbox, &jo);
    upstream.config(["--dry-run"]).run().exits(0);
    let file = sandbox.path("company/signers");
    sandbox.write("company/signers", ann.line());
    for path in ["~/company/signers", file.to_str().unwrap()] {
        sandbox.write(".config/robo/settings.toml", format!("[trust]\nsigners = \"{path}\"\n"));
        let output = upstream.config(["--yes", "--trust"]).run().exits(1);
        output
            .says("is signed by none of the signers")
            .says("who may sign is in ~/company/signers");
    }
    ann.signs(&upstream);
    upstream.push("[profile of-ann]\n");
    upstream.config(["--yes"]).run().exits(0).says("signed by ann@acme.com");
    let given = ["--yes", "--trust", "--signers", "company/signers"];
    upstream.config(given).run().exits(0).says("--signers is passed over");
    let doctor = sandbox.robo(["aws.doctor", "--offline"]).run();
    assert!(doctor.stdout.contains("1 key in ~/company/signers\n"), "{doctor}");
    let kept = sandbox
        .files()
        .into_iter()
        .filter(|(path, _)| path.to_str().is_some_and(|path| path.contains("allowed_signers")));
    assert_eq!(kept.count(), 0);
}

#[test]
fn signers_that_cannot_be_read_let_nothing_in() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    let cases = [
        ("signers = \"gone\"", None, "cannot read who may sign: ~/.config/robo/gone"),
        ("signers = \"here\"", Some("jo@acme.com\n"), "~/.config/robo/here:1: it is no signer"),
        ("signers = \"here\"", Some("# nobody\n"), "~/.config/robo/here holds no key"),
        ("revoked = \"here\"", Some("x"), "names 'revoked' keys, and no 'signers'"),
        ("signers = \"here\"\nrevoked = \"gone\"", Some(&*jo.line()), "cannot read who may sign"),
    ];
    for (setting, content, want) in cases {
        sandbox.write(".config/robo/settings.toml", format!("[trust]\n{setting}\n"));
        if let Some(content) = content {
            sandbox.write(".config/robo/here", content);
        }
        let before = sandbox.own_files();
        upstream.config(["--yes", "--trust"]).run().exits(1).says(want);
        let doctor = sandbox.robo(["aws.doctor", "--offline"]).run().exits(1);
        assert!(doctor.stdout.contains(want), "{doctor}");
        assert_eq!(sandbox.own_files(), before, "{setting}");
    }
}

#[test]
fn a_repo_whose_own_signers_are_broken_is_the_platform_team_s_to_mend() {
    let jo_signs = |signers: Option<&str>| {
        let sandbox = Sandbox::new();
        let jo = Signer::new(&sandbox, "jo@acme.com");
        let upstream = Upstream::of_team(&sandbox, TEAM);
        jo.signs(&upstream);
        let files = signers.map(|text| ("trust/signers", text.to_owned()));
        let manifest = ("robo.toml", MANIFEST.to_owned());
        upstream.commit("sign", [manifest].into_iter().chain(files));
        let output = upstream.config(["--yes"]).run().exits(1);
        assert!(!sandbox.path(".aws").exists());
        sandbox.redact(&output.stderr)
    };
    let missing = jo_signs(None);
    assert!(missing.contains("robo.toml of <sandbox>/acme/dotfiles at <commit> names trust/signers, and there is none"), "{missing}");
    let empty = jo_signs(Some("\n"));
    assert!(
        empty.contains("trust/signers of <sandbox>/acme/dotfiles at <commit> holds no key"),
        "{empty}"
    );
}

#[test]
fn a_company_that_begins_to_sign_asks_those_who_trust_it_already() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, TEAM);
    let jo = Signer::new(&sandbox, "jo@acme.com");
    jo.signs(&upstream);
    upstream.commit("sign", [("robo.toml", MANIFEST), ("trust/signers", &jo.line())]);
    upstream.config(["--yes"]).run().exits(4).says("signers        + jo@acme.com  ED25519 ");
    upstream.config(["--yes", "--trust"]).run().exits(0);
    // It cannot end as quietly: they stay who they are.
    upstream.commit("stop", [("robo.toml", "")]);
    upstream
        .config(["--yes"])
        .run()
        .exits(0)
        .says("the repo names no signers any more; yours stay");
    upstream.git(["config", "commit.gpgSign", "false"]);
    upstream.push("[profile unsigned]\n");
    upstream.config(["--yes", "--trust"]).run().exits(1).says("is not signed");
}

#[test]
fn a_repo_of_another_company_brings_its_own_signers() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    signed(&sandbox, &jo).config(["--yes"]).run().exits(0);
    let other = Upstream::named(&sandbox, "other/dotfiles");
    other.push(TEAM);
    let output = other.config(["--yes"]).run().exits(4);
    output.says("- jo@acme.com  ED25519").says("and commits that nobody signed from now on?");
    ann.signs(&other);
    other.commit("sign", [("robo.toml", MANIFEST), ("trust/signers", &ann.line())]);
    other.config(["--yes"]).run().exits(4).says("now file://");
    other.config(["--yes", "--trust"]).run().exits(0).says("signed by ann@acme.com");
    other.config(["--yes"]).run().exits(0);
}

#[test]
fn lint_tells_what_laptops_would_refuse() {
    let sandbox = Sandbox::new();
    let (jo, eve) = (Signer::new(&sandbox, "jo@acme.com"), Signer::new(&sandbox, "eve@acme.com"));
    let upstream = signed(&sandbox, &jo);
    let lint = |args: &[&str]| {
        let args = ["dotfiles.lint"].iter().chain(args);
        sandbox.robo(args).folder(upstream.path()).run()
    };
    let output = lint(&["--signed"]).exits(0);
    output.says(&format!("is signed by jo@acme.com (ssh {}).", jo.fingerprint(&sandbox)));
    // Whoever adds herself is not the one who may.
    eve.signs(&upstream);
    upstream.commit("let me in", [("trust/signers", jo.line() + &eve.line())]);
    let output = lint(&["--signed", "--json"]).exits(3);
    let finding = &output.json()[0];
    assert_eq!((&finding["code"], &finding["file"]), (&"unsigned".into(), &"robo.toml".into()));
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("is signed by none of the signers, but by SHA256:"), "{message}");
    lint(&["--signed=HEAD~1"]).exits(0);
    lint(&["--signed=nowhere"]).exits(1).says("there is no commit 'nowhere'");
    lint(&[]).exits(0);
    // The files themselves.
    upstream.commit("a slip", [("trust/signers", "jo@acme.com ssh-ed25519\n")]);
    let output = lint(&[]).exits(3);
    assert!(output.stdout.contains("trust/signers\n  1: error: it is no signer"), "{output}");
    upstream.commit("none", [("robo.toml", "")]);
    upstream.commit("none", [("other", "")]);
    lint(&["--signed"]).exits(1).says("names no signers");
    sandbox.robo(["dotfiles.lint", "--signed"]).run().exits(1).says("it is in no git repo");
}

/// The commit that hands over is the last one for a while, and is taken again and again.
#[test]
fn a_handover_locks_nobody_out() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    let upstream = signed(&sandbox, &jo);
    upstream.config(["--yes"]).run().exits(0);
    upstream.commit("hand over", [("trust/signers", ann.line())]);
    upstream.config(["--yes", "--trust"]).run().exits(0);
    upstream.config(["--yes"]).run().exits(0);
    upstream.config(["--check"]).run().exits(0);
    // The same where an onboarding script knows of the first key alone.
    let other = Sandbox::new();
    sandbox.write("root", jo.line());
    let root = sandbox.path("root").to_str().unwrap().to_owned();
    let config = |args: &[&str]| {
        let own = ["aws.config", "--dotfiles", &*upstream.url(), "--team", "foundation"];
        other.robo(own.iter().chain(args)).run().exits(0)
    };
    config(&["--yes", "--signers", &root]);
    config(&["--yes"]).says(" @ ");
    ann.signs(&upstream);
    upstream.push("[profile of-ann]\n");
    config(&["--yes"]).says("signed by ann@acme.com");
}

/// Whoever holds the revoked key puts a commit on top of the revocation that takes it back.
#[test]
fn a_revocation_on_the_way_counts_though_the_laptop_was_away() {
    for revoke in [true, false] {
        let sandbox = Sandbox::new();
        let (jo, ann) = two(&sandbox);
        let upstream = signed(&sandbox, &jo);
        let both = jo.line() + &ann.line();
        upstream.commit("both", [("trust/signers", &both)]);
        upstream.config(["--yes"]).run().exits(0);
        if revoke {
            let files = [("robo.toml", REVOKING), ("trust/revoked", &*ann.public())];
            upstream.commit("ann's key is lost", files);
        } else {
            upstream.commit("ann has left", [("trust/signers", jo.line())]);
        }
        ann.signs(&upstream);
        let files = [("robo.toml", MANIFEST.to_owned()), ("trust/signers", both)];
        upstream.commit("undo", files);
        let output = upstream.config(["--yes", "--trust"]).run().exits(1);
        let want = if revoke { "by a key that was revoked" } else { "by none of the signers" };
        output.says(want).says("nothing was changed; since ");
        let lint = ["dotfiles.lint", "--signed=HEAD~2..HEAD"];
        let output = sandbox.robo(lint).folder(upstream.path()).run().exits(3);
        assert!(output.stdout.contains(want), "{output}");
    }
}

/// What was taken over last is remembered with the signers, not with one file or the state folder.
#[test]
fn a_lost_state_folder_or_another_file_turns_nothing_back() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    upstream.push("[profile next]\n");
    upstream.config(["--yes"]).run().exits(0);
    upstream.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    fs::remove_dir_all(sandbox.path(".local/state")).unwrap();
    upstream.config(["--yes"]).run().exits(1).says("does not come after");
    let other = upstream.config(["--yes"]).env("AWS_CONFIG_FILE", sandbox.path("other"));
    other.run().exits(1).says("does not come after");
    assert!(!sandbox.path("other").exists());
}

#[test]
fn signers_under_whom_nobody_can_sign_are_not_let_in() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    let upstream = signed(&sandbox, &jo);
    upstream.config(["--yes"]).run().exits(0);
    let (jo_line, typo) = (jo.line(), jo.line().replace(" ssh-", " namespace=\"git\" ssh-"));
    let cases = [
        // The line of an allowed-signers file is no public key: ssh-keygen takes all for revoked.
        (
            &jo_line,
            ann.line(),
            "trust/revoked of <sandbox>/acme/dotfiles at <commit>:1: it is no public key",
        ),
        (&jo_line, jo.public(), "revokes every key that may sign"),
        (&typo, ann.public(), "it has an option that ssh-keygen does not know"),
    ];
    for (signers, revoked, want) in cases {
        let files =
            [("robo.toml", REVOKING), ("trust/signers", signers), ("trust/revoked", &revoked)];
        upstream.commit("a slip", files);
        let output = upstream.config(["--yes", "--trust"]).run().exits(1);
        assert!(sandbox.redact(&output.stderr).contains(want), "{output}");
        let lint = sandbox.robo(["dotfiles.lint"]).folder(upstream.path()).run().exits(3);
        assert!(lint.stdout.contains("[signers]"), "{lint}");
    }
    upstream.commit("mended", [("trust/signers", &*jo_line), ("trust/revoked", &ann.public())]);
    upstream.config(["--yes", "--trust"]).run().exits(0);
    // A list of ssh-keygen's own: of both keys, cut off, and of hers alone.
    let krl = |keys: &[&str]| {
        sandbox.write("keys", keys.concat());
        let args = ["-q", "-k", "-f", "krl", "keys"];
        sandbox.program("ssh-keygen", args).run().exits(0);
        sandbox.read("krl")
    };
    let all = krl(&[&jo.public(), &ann.public()]);
    let hers = krl(&[&ann.public()]);
    for bad in [&all[..], &hers[..hers.len() - 9]] {
        upstream.commit("a slip", [("trust/revoked", bad)]);
        let output = upstream.config(["--yes", "--trust"]).run().exits(1);
        output.says("the list of revoked keys leaves nobody who can sign");
    }
    upstream.commit("mended", [("trust/revoked", hers)]);
    upstream.config(["--yes", "--trust"]).run().exits(0);
}

#[test]
fn another_order_is_nothing_to_ask_about() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    let upstream = signed(&sandbox, &jo);
    upstream.commit("both", [("trust/signers", jo.line() + &ann.line())]);
    upstream.config(["--yes"]).run().exits(0);
    upstream
        .commit("order", [("trust/signers", format!("# by name\n{}{}", ann.line(), jo.line()))]);
    upstream.config(["--yes"]).run().exits(0).never_says("not what you trusted");
}

/// The keys' files are in a folder that the umask opens to nobody.
#[test]
fn nobody_else_can_put_a_key_among_the_signers() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    // ssh-keygen's stand-in tells the mode of the folder that it is given its file in.
    let tell = "for arg; do case $arg in */robo-signers-*) stat -c %a \"${arg%/*}\" >>\"$HOME/modes\";; esac; done";
    let path = stand_in(&sandbox, "ssh-keygen", tell);
    let robo = env!("CARGO_BIN_EXE_robo");
    let line = "umask 0; exec \"$0\" aws.config --yes --team foundation --dotfiles \"$1\"";
    let run = sandbox.program("sh", ["-c", line, robo, &upstream.url()]).env("PATH", path);
    run.run().exits(0);
    let modes = String::from_utf8(sandbox.read("modes")).unwrap();
    assert!(!modes.is_empty() && modes.lines().all(|mode| mode == "700"), "{modes}");
    assert_eq!(fs::read_dir(sandbox.root().join("tmp")).unwrap().count(), 0);
}

/// A checkout that was cut off knows no parent, and so cannot tell who may sign.
#[test]
fn lint_takes_no_shallow_checkout_for_a_first_commit() {
    let sandbox = Sandbox::new();
    let (jo, eve) = (Signer::new(&sandbox, "jo@acme.com"), Signer::new(&sandbox, "eve@acme.com"));
    let upstream = signed(&sandbox, &jo);
    eve.signs(&upstream);
    upstream.commit("let me in", [("trust/signers", eve.line())]);
    let args = ["clone", "--quiet", "--depth=1", &upstream.url(), "shallow"];
    sandbox.program("git", args).run().exits(0);
    let lint = sandbox.robo(["dotfiles.lint", "--signed", "shallow"]).run().exits(1);
    lint.says("cannot read the commit").says("fetch-depth: 0");
}

/// gpg has a configuration of the machine's, which may let in keys that a signature brings along.
#[test]
fn a_key_that_gpg_lets_in_by_itself_is_nobody_s() {
    let sandbox = Sandbox::new();
    let (jo, eve) = (Gpg::new(&sandbox, "Jo <jo@acme.com>"), Gpg::new(&sandbox, "Eve"));
    let upstream = Upstream::of_team(&sandbox, TEAM);
    jo.signs(&upstream);
    let signers = jo.public(&sandbox);
    upstream.commit("sign", [("robo.toml", MANIFEST), ("trust/signers", &signers)]);
    upstream.config(["--yes"]).run().exits(0);
    eve.signs(&upstream);
    upstream.push("[profile evil]\n");
    // As if that configuration had 'auto-key-import': her key is there when the signature is read.
    sandbox.write("eve.asc", eve.public(&sandbox));
    let import = "case \"$*\" in *--verify*) /usr/bin/gpg --batch --quiet --import \"$HOME/eve.asc\" 2>/dev/null;; esac";
    let path = stand_in(&sandbox, "gpg", import);
    let output = upstream.config(["--yes"]).env("PATH", path).run().exits(1);
    output.says(&format!("is signed by none of the signers, but by {}", eve.fingerprint()));
}

/// One who can push can push what no reader reads; that costs the clone of others nothing.
#[test]
fn a_commit_that_cannot_be_read_costs_no_other_repo() {
    let sandbox = Sandbox::new();
    let other = Upstream::named(&sandbox, "other/dotfiles");
    other.push(TEAM);
    other.config(["--yes"]).run().exits(0);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.push("[profile next]\n");
    let commit = upstream.git(["cat-file", "commit", "HEAD"]).replace("parent ", "xparent ");
    let forged = sandbox
        .program("git", ["hash-object", "--literally", "-t", "commit", "-w", "--stdin"])
        .folder(upstream.path())
        .stdin(commit + "\n")
        .run()
        .exits(0);
    upstream.git(["update-ref", "refs/heads/main", forged.stdout.trim()]);
    let output = upstream.config(["--yes", "--trust"]).run().exits(1);
    output.says("has a commit that cannot be read").says("the platform team's to mend");
    other.config(["--yes", "--offline"]).run().exits(0);
}

/// History is a graph: a merge can put an old commit, signed by the signers of its time, on the way.
#[test]
fn an_old_signature_does_not_count_again() {
    // Who may sign is retired or revoked; what plays the first parent of the merge; whether the
    // laptop was away when it happened.
    for (revoke, old, away) in [
        (true, "before", false),
        (true, "before", true),
        (false, "before", false),
        (false, "branch", false),
        (true, "branch", true),
    ] {
        let sandbox = Sandbox::new();
        let (jo, ann) = two(&sandbox);
        let upstream = signed(&sandbox, &jo);
        let both = jo.line() + &ann.line();
        upstream.commit("both", [("trust/signers", &both)]);
        let before = upstream.git(["rev-parse", "HEAD"]);
        if away {
            upstream.config(["--yes"]).run().exits(0);
        }
        let first = if old == "branch" {
            upstream.git(["checkout", "--quiet", "-b", "branch"]);
            upstream.push("[profile draft]\n");
            let draft = upstream.git(["rev-parse", "HEAD"]);
            upstream.git(["checkout", "--quiet", "main"]);
            draft
        } else {
            before
        };
        if revoke {
            let files = [("robo.toml", REVOKING), ("trust/revoked", &*ann.public())];
            upstream.commit("ann's key is lost", files);
        } else {
            upstream.commit("ann has left", [("trust/signers", jo.line())]);
        }
        let after = upstream.git(["rev-parse", "HEAD"]);
        if !away {
            upstream.config(["--yes"]).run().exits(0);
        }
        // With whoever holds ann's key: an ordinary fast-forward, with the tree of main and more.
        ann.signs(&upstream);
        upstream.push("[profile evil]\n");
        let tree = upstream.git(["rev-parse", "HEAD^{tree}"]);
        let merge = ["commit-tree", "-S", "-p", &*first, "-p", &*after, "-m", "Merge", &*tree];
        let merge = upstream.git(merge);
        upstream.git(["reset", "--quiet", "--hard", &merge]);
        let output = upstream.config(["--yes", "--trust"]).run().exits(1);
        output.says("nothing was changed");
        let lint = sandbox.robo(["dotfiles.lint", &format!("--signed={after}..HEAD")]);
        lint.folder(upstream.path()).run().exits(3);
    }
}

/// The same shape made in good faith: the new signer has merged main into her branch.
#[test]
fn a_handover_is_found_behind_a_merge_as_well() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    let upstream = signed(&sandbox, &jo);
    upstream.config(["--yes"]).run().exits(0);
    upstream.git(["checkout", "--quiet", "-b", "branch"]);
    ann.signs(&upstream);
    upstream.commit("ann's work", [("aws/teams/other.config", "[profile x]\n")]);
    upstream.git(["checkout", "--quiet", "main"]);
    jo.signs(&upstream);
    upstream.commit("ann for jo", [("trust/signers", ann.line())]);
    ann.signs(&upstream);
    upstream.git(["checkout", "--quiet", "branch"]);
    upstream.git(["merge", "--quiet", "--no-ff", "--gpg-sign", "--message", "merge", "main"]);
    upstream.git(["checkout", "--quiet", "main"]);
    upstream.git(["merge", "--quiet", "--ff-only", "branch"]);
    upstream.config(["--yes", "--trust"]).run().exits(0).says("signed by ann@acme.com");
}

/// A slip that was mended before a laptop looked costs nothing; nor does one hand over to nobody.
#[test]
fn a_slip_on_the_way_hands_over_to_nobody() {
    let slips: [fn(&Signer) -> String; 5] = [
        |jo| jo.line().replace(" ssh-", " namespaces=\"file\" ssh-"),
        |jo| jo.line().replace(" ssh-", " valid-before=\"20200101\" ssh-"),
        |jo| format!("!{}", jo.line()),
        |jo| {
            jo.line()
                + "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"
        },
        |_| "nobody\n".to_owned(),
    ];
    for slip in slips {
        let sandbox = Sandbox::new();
        let jo = Signer::new(&sandbox, "jo@acme.com");
        let upstream = signed(&sandbox, &jo);
        upstream.config(["--yes"]).run().exits(0);
        let before = sandbox.own_files();
        upstream.commit("a slip", [("trust/signers", slip(&jo))]);
        let output = upstream.config(["--yes", "--trust"]).run().exits(1);
        assert_eq!(sandbox.own_files(), before, "{output}");
        upstream.commit("mended", [("trust/signers", jo.line())]);
        upstream.config(["--yes"]).run().exits(0);
        let lint = sandbox.robo(["dotfiles.lint", "--signed"]).folder(upstream.path());
        lint.run().exits(0);
    }
}

/// `--signers` is for a laptop that knows nobody yet; it takes nothing back that was learnt since.
#[test]
fn given_signers_take_back_no_revocation() {
    let sandbox = Sandbox::new();
    let (jo, ann) = two(&sandbox);
    let upstream = signed(&sandbox, &jo);
    let both = jo.line() + &ann.line();
    upstream.commit("both", [("trust/signers", &both)]);
    sandbox.write("given", &both);
    let given = ["--yes", "--signers", "given"];
    upstream.config(given).run().exits(0);
    let files = [("robo.toml", REVOKING), ("trust/revoked", &*ann.public())];
    upstream.commit("ann's key is lost", files);
    upstream.config(["--yes", "--trust"]).run().exits(0);
    // What holds by itself needs no other signers.
    upstream.config(given).run().exits(0);
    ann.signs(&upstream);
    upstream.push("[profile evil]\n");
    upstream.config(given).run().exits(1).says("by a key that was revoked");
    // Signers whom nobody trusts here are asked about, whatever --yes says.
    let eve = Signer::new(&sandbox, "eve@acme.com");
    eve.signs(&upstream);
    upstream.push("[profile eve]\n");
    sandbox.write("given", eve.line());
    let output = upstream.config(given).run().exits(4);
    output.says("+ a commit that those of ~/given signed, and nobody whom you trust");
    assert!(!sandbox.read_config().contains("evil"));
}

#[test]
fn lint_compares_with_a_commit_that_comes_before() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    let old = upstream.git(["rev-parse", "HEAD"]);
    upstream.push("[profile next]\n");
    let lint = |range: &str| {
        let run = sandbox.robo(["dotfiles.lint", &format!("--signed={range}")]);
        run.folder(upstream.path()).run()
    };
    lint(&format!("{old}..HEAD")).exits(0);
    lint(&format!("{}..HEAD", "0".repeat(40))).exits(0);
    let output = lint(&format!("HEAD..{old}")).exits(3);
    assert!(output.stdout.contains(" does not come after "), "{output}");
}

#[test]
fn what_was_taken_over_last_has_to_be_a_commit() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = signed(&sandbox, &jo);
    sandbox.write(".config/robo/here", jo.line());
    for text in ["", "HEAD", "--help", "0cfc9e5"] {
        let settings = format!("[trust]\nsigners = \"here\"\nsigned = \"{text}\"\n");
        sandbox.write(".config/robo/settings.toml", settings);
        let output = upstream.config(["--yes"]).run().exits(1);
        output.says("settings.toml: 'signed' in [trust] is no commit's id");
    }
}

/// The commits on the way that change nothing of the signers cost no process each.
#[test]
fn a_long_way_costs_no_more_than_its_handovers() {
    let sandbox = Sandbox::new();
    let (jo, gpg) = (Signer::new(&sandbox, "jo@acme.com"), Gpg::new(&sandbox, "Ann"));
    let upstream = signed(&sandbox, &jo);
    upstream.commit("both", [("trust/signers", jo.line() + &gpg.public(&sandbox))]);
    upstream.config(["--yes"]).run().exits(0);
    let path = stand_in(&sandbox, "gpg", "echo >>\"$HOME/calls\"");
    let calls = |commits: usize| {
        sandbox.write("calls", "");
        for number in 0..commits {
            upstream.push(&format!("[profile p{commits}-{number}]\n"));
        }
        upstream.config(["--yes"]).env("PATH", &path).run().exits(0);
        sandbox.read("calls").len()
    };
    assert_eq!(calls(2), calls(9));
}
