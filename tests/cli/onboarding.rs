//! `dotfiles/onboard.sh`, as an IT department runs it on a new laptop.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::common::{MINE, Run, Sandbox, Signer, Upstream};

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles/onboard.sh")
}

/// The sample's repo, which names its signers.
fn company<'a>(sandbox: &'a Sandbox, signer: &Signer) -> Upstream<'a> {
    let upstream = Upstream::new(sandbox);
    upstream.copy_sample();
    signer.signs(&upstream);
    let manifest = fs::read_to_string(upstream.path().join("robo.toml")).unwrap();
    let manifest = manifest.replace("# signers = ", "signers = ");
    upstream.commit("sign", [("robo.toml", manifest), ("trust/signers", signer.line())]);
    upstream
}

/// The script for the team data, with the programs of `folders` before those of the system.
fn onboard(sandbox: &Sandbox, upstream: &Upstream<'_>, signers: &str, args: &[&str]) -> Run {
    let robo = Path::new(env!("CARGO_BIN_EXE_robo")).parent().unwrap();
    let path = format!("{}:{}", robo.display(), std::env::var("PATH").unwrap());
    let script = script();
    let own = ["-eu", script.to_str().unwrap()];
    sandbox
        .program("sh", own.iter().chain(args))
        .env("PATH", path)
        .env("SHELL", "/bin/bash")
        .env("ONBOARD_DOTFILES", upstream.url())
        .env("ONBOARD_SIGNERS", signers)
}

#[test]
fn an_empty_laptop_is_set_up_and_what_is_left_is_told() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = company(&sandbox, &jo);
    let output = onboard(&sandbox, &upstream, &jo.line(), &["data"]).run().exits(0);
    let output = output.says("signed by jo@acme.com").says("Left for you:");
    output.says("robo aws.add          your Okta sign-in (acme.okta.com)");
    let settings = String::from_utf8(sandbox.read(".config/robo/settings.toml")).unwrap();
    for line in [
        &*format!("dotfiles = \"{}\"\n", upstream.url()),
        "okta_domains = [\"acme.okta.com\"]\n",
        "signers = \"allowed_signers-",
    ] {
        assert!(settings.contains(line), "{line}{settings}");
    }
    assert!(sandbox.read_config().contains("[profile dev]"));
    let rc = String::from_utf8(sandbox.read(".bashrc")).unwrap();
    assert_eq!(rc, "export SEGMENT_TEAM=data # robo: your team\n");
    // A shell that reads it has the team.
    let shell = sandbox.program("bash", ["-c", ". ~/.bashrc; echo $SEGMENT_TEAM"]).run();
    assert_eq!(shell.stdout, "data\n");
    // Again, nothing changes; for another team, that team's line does.
    let before = sandbox.own_files();
    onboard(&sandbox, &upstream, &jo.line(), &["data"]).run().exits(0);
    assert_eq!(sandbox.own_files(), before);
    onboard(&sandbox, &upstream, &jo.line(), &["foundation"]).run().exits(0);
    let rc = String::from_utf8(sandbox.read(".bashrc")).unwrap();
    assert_eq!(rc, "export SEGMENT_TEAM=foundation # robo: your team\n");
}

#[test]
fn what_a_person_has_stays() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = company(&sandbox, &jo);
    sandbox.write_config(MINE);
    // A file in another place, without a line ending at its end.
    sandbox.write("dots/zshenv", "alias l='ls -l' # mine");
    symlink("dots/zshenv", sandbox.path(".zshenv")).unwrap();
    let zsh = || onboard(&sandbox, &upstream, "", &["data"]).env("SHELL", "/usr/bin/zsh");
    zsh().run().exits(0);
    let zshenv = String::from_utf8(sandbox.read("dots/zshenv")).unwrap();
    let want = "alias l='ls -l' # mine\nexport SEGMENT_TEAM=data # robo: your team\n";
    assert_eq!(zshenv, want);
    assert!(sandbox.path(".zshenv").is_symlink());
    assert!(sandbox.read_config().contains(MINE.lines().next().unwrap()));
    // A team that somebody set by hand is theirs to change.
    sandbox.write(".profile", "SEGMENT_TEAM=other; export SEGMENT_TEAM\n");
    let sh = onboard(&sandbox, &upstream, "", &["data"]).env("SHELL", "/bin/sh");
    sh.run().exits(0).says(".profile sets SEGMENT_TEAM already: see that it says 'data'");
    assert_eq!(sandbox.read(".profile"), b"SEGMENT_TEAM=other; export SEGMENT_TEAM\n");
    let fish = onboard(&sandbox, &upstream, "", &["data"]).env("SHELL", "/usr/bin/fish");
    fish.run().exits(0);
    let fish = sandbox.read(".config/fish/conf.d/robo.fish");
    assert_eq!(fish, b"set -gx SEGMENT_TEAM data # robo: your team\n");
    // Bytes that are no text stay, too, when our line is exchanged; and so does what was before.
    let odd = b"a\0b r\xe9sum\xe9\nexport SEGMENT_TEAM=old # robo: your team\nexport X=1\n";
    sandbox.write(".bashrc", odd);
    let bash = onboard(&sandbox, &upstream, "", &["data"]).env("LC_ALL", "C.UTF-8");
    bash.run().exits(0);
    let want = b"a\0b r\xe9sum\xe9\nexport X=1\nexport SEGMENT_TEAM=data # robo: your team\n";
    assert_eq!(sandbox.read(".bashrc"), want);
    assert_eq!(sandbox.read(".bashrc.before-robo"), odd);
    sandbox.write(".bashrc", b"# SEGMENT_TEAM is set below\nr\xe9sum\xe9");
    onboard(&sandbox, &upstream, "", &["data"]).run().exits(0);
    let want =
        b"# SEGMENT_TEAM is set below\nr\xe9sum\xe9\nexport SEGMENT_TEAM=data # robo: your team\n";
    assert_eq!(sandbox.read(".bashrc"), want);
    fs::remove_file(sandbox.path(".bashrc")).unwrap();
    fs::create_dir(sandbox.path(".bashrc")).unwrap();
    let told = onboard(&sandbox, &upstream, "", &["data"]).run().exits(0);
    told.says(".bashrc cannot be written; it should hold: export SEGMENT_TEAM=data");
    fs::remove_dir(sandbox.path(".bashrc")).unwrap();
    // The login shell of macOS reads a file of its own.
    sandbox.write(".bash_profile", "");
    onboard(&sandbox, &upstream, "", &[]).env("SEGMENT_TEAM", "data").run().exits(0);
    assert_eq!(sandbox.read(".bash_profile"), sandbox.read(".bashrc"));
}

#[test]
fn a_repo_that_is_not_the_company_s_is_not_let_in() {
    let sandbox = Sandbox::new();
    let (jo, eve) = (Signer::new(&sandbox, "jo@acme.com"), Signer::new(&sandbox, "eve@acme.com"));
    let upstream = company(&sandbox, &eve);
    let before = sandbox.own_files();
    let output = onboard(&sandbox, &upstream, &jo.line(), &["data"]).run().exits(1);
    output.says("is signed by none of the signers, but by SHA256:").says("what to do is above");
    assert_eq!(sandbox.own_files(), before);
    // Signed by the right ones, it may still name no other place to sign in at.
    jo.signs(&upstream);
    upstream.edit("elsewhere", "robo.toml", "acme.okta.com", "acme-okta.example");
    let output = onboard(&sandbox, &upstream, &jo.line(), &["data"]).run().exits(4);
    let output = output.says("sign in at     was acme.okta.com").says("now acme-okta.example");
    let output = output
        .says("This is not what you named.")
        .says("--okta-domain 'acme.okta.com' --signers '");
    output.says("robo has a question (it is above) that a script must not answer for you");
    assert_eq!(sandbox.own_files(), before);
    // Whoever knows better says so, with all that the script knows.
    let ask = onboard(&sandbox, &upstream, &jo.line(), &["data"]).env("ONBOARD_ASK", "1");
    let mut pty = ask.pty();
    pty.expect("Trust file://").expect("acme-okta.example").expect("[y/N]").send_line("n");
    assert_eq!(pty.wait().0, 1);
    assert_eq!(sandbox.own_files(), before);
}

#[test]
fn signers_that_were_given_vouch_for_those_that_the_repo_names() {
    let sandbox = Sandbox::new();
    let (jo, ann) = (Signer::new(&sandbox, "jo@acme.com"), Signer::new(&sandbox, "ann@acme.com"));
    let upstream = company(&sandbox, &jo);
    let both = jo.line() + &ann.line();
    upstream.commit("ann, too", [("trust/signers", &both)]);
    onboard(&sandbox, &upstream, &jo.line(), &["data"]).run().exits(0);
    ann.signs(&upstream);
    upstream.edit("by ann", "robo.toml", "# The manifest", "# Our manifest");
    sandbox.robo(["aws.config", "--yes", "--team", "data"]).run().exits(0).says("by ann@acme.com");
    // The script of that time does not know her yet; the laptop does, and an empty one does not.
    onboard(&sandbox, &upstream, &jo.line(), &["data"]).run().exits(0);
    fs::remove_dir_all(sandbox.home()).unwrap();
    fs::create_dir(sandbox.home()).unwrap();
    let output = onboard(&sandbox, &upstream, &jo.line(), &["data"]).run().exits(1);
    output.says("is signed by none of the signers");
}

#[test]
fn what_is_missing_is_told_before_anything_is_done() {
    let sandbox = Sandbox::new();
    let jo = Signer::new(&sandbox, "jo@acme.com");
    let upstream = company(&sandbox, &jo);
    let run = |signers: &str, args: &[&str]| onboard(&sandbox, &upstream, signers, args);
    // Programs by another name, in a folder of their own.
    let only = |programs: &[(&str, &str)]| {
        let folder = sandbox.root().join(format!("bin{}", programs.len()));
        fs::create_dir_all(&folder).unwrap();
        for name in ["sh", "setsid", "sed", "cat", "dirname", "mktemp"] {
            let found = sandbox.program("sh", ["-c", &format!("command -v {name}")]).run().exits(0);
            let link = folder.join(name);
            if !link.exists() {
                symlink(found.stdout.trim(), link).unwrap();
            }
        }
        for (name, text) in programs {
            let path = folder.join(name);
            fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            sandbox.program("chmod", ["755", path.to_str().unwrap()]).run().exits(0);
        }
        folder
    };
    let before = sandbox.own_files();
    let old = only(&[("git", "echo 'git version 2.33.1 (Apple Git-130)'")]);
    let stub = only(&[("git", "echo 'xcode-select: no tools' >&2; exit 1"), ("robo", "")]);
    let cases = [
        (run("", &[]), 2, "which team?"),
        (run("", &["../etc"]), 2, "a team's name has letters"),
        (run("", &["a b"]), 2, "a team's name has letters"),
        (run("", &["-x"]), 2, "there is no flag '-x'"),
        (run("", &["a", "b"]), 2, "one team, not 2"),
        (run("", &["data"]).without_env("HOME"), 1, "HOME is not set"),
        (run("", &["data"]).env("PATH", only(&[])), 1, "there is no git here"),
        (run("x", &["data"]).env("PATH", &old), 1, "git 2.33 is too old: 2.34 or newer"),
        (run("", &["data"]).env("PATH", stub), 1, "git cannot be run here"),
        (run("", &["data"]).env("PATH", &old), 1, "there is no robo here"),
        (run("jo@acme.com", &["data"]), 1, "it is no signer"),
        (run("", &["dtaa"]), 1, "what to do is above"),
    ];
    for (run, status, want) in cases {
        let output = run.run().exits(status).says(want);
        assert_eq!(output.stdout, "");
        assert_eq!(sandbox.own_files(), before, "{want}");
    }
    let help = run("", &["--help"]).run().exits(0);
    assert!(help.stdout.starts_with("usage: sh onboard.sh [TEAM]\n"), "{help}");
}
