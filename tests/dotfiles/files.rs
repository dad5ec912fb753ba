//! What is read of a commit: files, folders, the manifest and the teams.

use std::os::unix::fs::symlink;

use robo::dotfiles::{
    EntryKind, Folder, Manifest, RepoFiles, Snapshot, TeamName, Teams, no_such_team, team_files,
    teams,
};
use robo::error::{Error, Kind};

use crate::sandbox::{Sandbox, all_of};

fn snapshot(sandbox: &Sandbox, text: &str) -> Snapshot {
    sandbox.fetched(text).snapshot
}

fn names(snapshot: &Snapshot, manifest: &Manifest) -> Vec<String> {
    teams(snapshot, manifest).unwrap().names.iter().map(ToString::to_string).collect()
}

#[test]
fn a_commit_says_what_it_is_and_gives_its_files() {
    let sandbox = Sandbox::new();
    let id = sandbox.commit("up", &[("aws/a", "1"), ("b", "2")]);
    let snapshot = snapshot(&sandbox, &sandbox.text("up"));
    assert_eq!(snapshot.id(), id);
    assert_eq!(snapshot.short(), id[..7]);
    assert_eq!(snapshot.subject(), "Change the teams");
    assert_eq!(snapshot.author(), "Jo");
    assert_eq!(snapshot.time().as_second(), 1_700_000_001);
    assert_eq!(snapshot.read("aws/a").unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(snapshot.read("aws/none").unwrap(), None);
    assert_eq!(snapshot.read("b/none").unwrap(), None);
    let list = |folder| {
        let entries = snapshot.list(folder).unwrap();
        entries.into_iter().map(|entry| (entry.name, entry.kind)).collect::<Vec<_>>()
    };
    assert_eq!(
        list(""),
        [("aws".to_owned(), EntryKind::Folder), ("b".to_owned(), EntryKind::File)]
    );
    assert_eq!(list("aws"), [("a".to_owned(), EntryKind::File)]);
    assert_eq!(list("none"), []);
    assert!(snapshot.list("b").unwrap_err().message().contains("a file, not a folder"));
}

#[test]
fn only_a_plain_file_inside_the_repo_is_read() {
    let sandbox = Sandbox::new();
    sandbox.commit("up", &[("real/x", "secret"), ("big", &"x".repeat(5 * 1024 * 1024 + 1))]);
    symlink("real/x", sandbox.path("up/link")).unwrap();
    symlink("real", sandbox.path("up/behind")).unwrap();
    let id = sandbox.commit("up", &[]);
    sandbox.git("up", &["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    sandbox.git("up", &["commit", "--quiet", "--message=submodule"]);
    let snapshot = snapshot(&sandbox, &sandbox.text("up"));
    let cases = [
        ("link", "a symbolic link, not a file"),
        ("behind/x", "behind a symbolic link"),
        ("real", "a folder, not a file"),
        ("sub", "a submodule, not a file"),
        ("sub/x", "behind a submodule"),
        ("big", "5242881 bytes"),
        ("../x", "leaves the repo"),
        ("/etc/passwd", "begin with"),
    ];
    for (path, why) in cases {
        let error = snapshot.read(path).expect_err(path);
        assert!(error.message().contains(why), "{path}: {error}");
        assert!(error.message().contains(&snapshot.short()), "{path}: {error}");
    }
}

#[test]
fn a_folder_on_disk_is_held_to_the_rules_of_a_commit() {
    let sandbox = Sandbox::new();
    let big = "x".repeat(5 * 1024 * 1024 + 1);
    sandbox.commit("up", &[("real/x", "secret"), ("big", &big), ("robo.toml", "team_env = 'X'")]);
    symlink("real/x", sandbox.path("up/link")).unwrap();
    symlink("real", sandbox.path("up/behind")).unwrap();
    sandbox.commit("up", &[]);
    let snapshot = snapshot(&sandbox, &sandbox.text("up"));
    let folder = Folder::open(&sandbox.path("up")).unwrap();
    let (files, committed): (&dyn RepoFiles, &dyn RepoFiles) = (&folder, &snapshot);
    for path in ["real/x", "none", "none/x", "real/x/y", "robo.toml"] {
        assert_eq!(files.file(path).unwrap(), committed.file(path).unwrap(), "{path}");
        assert_eq!(files.kind(path).unwrap(), committed.kind(path).unwrap(), "{path}");
    }
    for folder in ["real", "none"] {
        assert_eq!(files.list(folder).unwrap(), committed.list(folder).unwrap(), "{folder}");
    }
    for path in ["link", "behind/x", "real", "big", "../x", "/etc/passwd", "a//b"] {
        let why = |error: Error| error.message().split_once(": ").unwrap().1.to_owned();
        let (one, other) = (files.file(path).unwrap_err(), committed.file(path).unwrap_err());
        assert_eq!(why(one), why(other), "{path}");
    }
    for folder in ["link", "behind", "big", ".."] {
        assert!(files.list(folder).is_err() && committed.list(folder).is_err(), "{folder}");
    }
    assert_eq!(Manifest::read(files).unwrap(), Manifest::read(committed).unwrap());
    let pipe = sandbox.path("up/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(all_of(&files.file("pipe").unwrap_err()).contains("it is not an ordinary file"));
    assert!(Folder::open(&pipe).is_err() && Folder::open(&sandbox.path("none")).is_err());
}

#[test]
fn a_folder_of_a_bigger_repo_is_a_repo_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.commit(
        "up",
        &[
            ("robo.toml", "team_env = 'OUTER'"),
            ("it/dot/robo.toml", "team_env = 'INNER'"),
            ("it/dot/aws/teams/data.config", "[default]\n"),
        ],
    );
    let inner = snapshot(&sandbox, &format!("{}#:it/dot", sandbox.text("up")));
    let (manifest, _) = Manifest::read(&inner).unwrap();
    assert_eq!(manifest.team_env, "INNER");
    assert_eq!(names(&inner, &manifest), ["data"]);
    let error = sandbox.update(&format!("{}#main:it/none", sandbox.text("up"))).unwrap_err();
    assert!(error.message().contains("no folder 'it/none' at "), "{error}");
    let error = sandbox.update(&format!("{}#main:robo.toml", sandbox.text("up"))).unwrap_err();
    assert!(error.message().contains("no folder 'robo.toml'"), "{error}");
}

#[test]
fn the_manifest_is_read_at_the_commit() {
    let sandbox = Sandbox::new();
    sandbox.commit("up", &[("x", "")]);
    let without = snapshot(&sandbox, &sandbox.text("up"));
    assert_eq!(Manifest::read(&without).unwrap(), (Manifest::default(), Vec::new()));
    let id = sandbox.commit("up", &[("robo.toml", "[okta]\ndomain = 'https://evil'\n")]);
    let error = Manifest::read(&snapshot(&sandbox, &sandbox.text("up"))).unwrap_err();
    assert!(error.message().starts_with("robo.toml:2 of "), "{error}");
    assert!(error.message().contains(&id[..7]), "{error}");
}

#[test]
fn a_team_is_found_by_the_default_pattern() {
    let sandbox = Sandbox::new();
    sandbox.commit(
        "up",
        &[
            ("aws/shared.config", "[okta]\n"),
            ("aws/teams/foundation.config", "[profile a]\n"),
            ("aws/teams/data.config", "[profile b]\n"),
            ("aws/teams/-bad.config", ""),
            ("aws/teams/README.md", ""),
            ("aws/teams/folder.config/x", ""),
        ],
    );
    symlink("data.config", sandbox.path("up/aws/teams/linked.config")).unwrap();
    sandbox.commit("up", &[]);
    let snapshot = snapshot(&sandbox, &sandbox.text("up"));
    let manifest = Manifest::default();
    let found = teams(&snapshot, &manifest).unwrap();
    assert_eq!(names(&snapshot, &manifest), ["data", "foundation"]);
    assert_eq!(found.warnings.len(), 1);
    assert!(found.warnings[0].contains("aws/teams/-bad.config is left out"), "{found:?}");

    let files = |team| team_files(&snapshot, &manifest, &TeamName::parse(team).unwrap());
    let data = files("data").unwrap();
    assert_eq!(
        data.team.map(|file| (file.path, file.bytes)),
        Some(("aws/teams/data.config".to_owned(), b"[profile b]\n".to_vec()))
    );
    assert_eq!(data.shared.unwrap().bytes, b"[okta]\n");

    let error = files("linked").unwrap_err();
    assert!(error.message().contains("a symbolic link"), "{error}");
    assert_eq!(files("fundation").unwrap().team, None);
    let missing = TeamName::parse("fundation").unwrap();
    let error = no_such_team(&snapshot, &manifest, &missing, &found);
    assert_eq!(error.kind(), Kind::Failed);
    assert!(error.message().contains("team 'fundation' is not in "), "{error}");
    assert!(error.message().contains(&snapshot.short()), "{error}");
    assert_eq!(error.hints(), ["did you mean 'foundation'?", "its teams: data, foundation"]);
}

#[test]
fn a_team_is_found_by_a_pattern_with_a_folder() {
    let sandbox = Sandbox::new();
    sandbox.commit(
        "up",
        &[
            ("robo.toml", "[aws]\nteams = 'aws/{team}/config'\n"),
            ("aws/data/config", "1"),
            ("aws/fpa/other", ""),
            ("aws/config", ""),
        ],
    );
    let snapshot = snapshot(&sandbox, &sandbox.text("up"));
    let (manifest, _) = Manifest::read(&snapshot).unwrap();
    assert_eq!(names(&snapshot, &manifest), ["data"]);
    let data = team_files(&snapshot, &manifest, &TeamName::parse("data").unwrap()).unwrap();
    assert_eq!((data.team.unwrap().path.as_str(), data.shared), ("aws/data/config", None));
}

#[test]
fn a_repo_without_teams_says_where_it_looked() {
    let sandbox = Sandbox::new();
    sandbox.commit("up", &[("README.md", "")]);
    let snapshot = snapshot(&sandbox, &sandbox.text("up"));
    let team = TeamName::parse("data").unwrap();
    let error = no_such_team(&snapshot, &Manifest::default(), &team, &Teams::default());
    assert!(error.message().contains("has no team: no file is at aws/teams/{team}.config"));
    assert!(all_of(&error).contains("robo.toml"), "{}", all_of(&error));
}
