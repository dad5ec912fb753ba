//! What a program reads: nothing but JSON on stdout, and nothing there without `--json`.

use serde_json::{Value, json};

use crate::common::{Output, Sandbox, Upstream};

/// Everything that `--json` can hold, in one run: what both changed, what only one did, and what
/// is held back.
fn eventful(sandbox: &Sandbox) -> (Upstream<'_>, String) {
    let upstream =
        Upstream::applied(sandbox, "[profile a]\nx = 1\ny = 1\nz = 1\n\n[profile gone]\nq = 1\n");
    sandbox.write_config(sandbox.read_config().replace("y = 1", "y = mine"));
    let commit = upstream.push(
        "[profile a]\nx = 2\ny = team\ncli_pager = evil\n\n[profile new]\nr = 1\n\n[profile empty]\n",
    );
    (upstream, commit)
}

fn answer(upstream: &Upstream<'_>, commit: &str, taken: &Value) -> Value {
    let change = |section: &str, key: &str, kind: &str, from: Value, to: Value| json!({"section": section, "key": key, "kind": kind, "from": from, "to": to});
    let mut changes = vec![change("profile a", "x", "changed", json!("1"), json!("2"))];
    if *taken == "team" {
        changes.push(change("profile a", "y", "changed", json!("mine"), json!("team")));
    }
    changes.extend([
        change("profile a", "z", "removed", json!("1"), Value::Null),
        change("profile new", "r", "added", Value::Null, json!("1")),
        json!({"section": "profile empty", "key": null, "kind": "added", "from": null, "to": null}),
        change("profile gone", "q", "removed", json!("1"), Value::Null),
    ]);
    json!({
        "team": "foundation",
        "dotfiles": {"url": upstream.url(), "ref": null, "commit": commit, "signature": null},
        "changes": changes,
        "conflicts": [
            {"section": "profile a", "key": "y", "mine": "mine", "team": "team", "taken": taken},
        ],
        "held_back": [
            {"section": "profile a", "key": "cli_pager", "value": "evil", "why": "runs a program"},
        ],
        "written": false,
        "backup": null,
        "tasks": {"changes": [], "accepted": true, "problem": null},
    })
}

#[test]
fn a_look_tells_all_that_would_change_and_decides_no_conflict() {
    let sandbox = Sandbox::new();
    let (upstream, commit) = eventful(&sandbox);
    let dry = upstream.config(["--dry-run", "--json"]).run().exits(0);
    assert_eq!(dry.json(), answer(&upstream, &commit, &Value::Null));
    let check = upstream.config(["--check", "--json"]).run().exits(3);
    assert_eq!(check.json(), answer(&upstream, &commit, &Value::Null));
}

#[test]
fn a_run_tells_what_it_wrote_and_where_the_old_file_is() {
    let sandbox = Sandbox::new();
    let (upstream, commit) = eventful(&sandbox);
    let old = sandbox.read_config();
    let output = upstream.config(["--yes", "--json"]).run().exits(0);
    let mut want = answer(&upstream, &commit, &json!("team"));
    let backup = sandbox.backups().pop().unwrap();
    want["written"] = json!(true);
    want["backup"] = json!(backup);
    assert_eq!(output.json(), want);
    assert_eq!(std::fs::read_to_string(backup).unwrap(), old);
    assert!(output.stderr.contains("Wrote ~/.aws/config."), "people still read stderr");
}

#[test]
fn mine_taken_is_told_as_mine() {
    let sandbox = Sandbox::new();
    let (upstream, _) = eventful(&sandbox);
    let output = upstream.config(["--yes", "--on-conflict", "mine", "--json"]).run().exits(0);
    assert_eq!(output.json()["conflicts"][0]["taken"], "mine");
}

#[test]
fn the_ref_is_told_as_it_was_asked_for() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, "[profile a]\n");
    let url = format!("{}#main", upstream.url());
    let args = ["aws.config", "--json", "-n", "--team", "foundation", "--dotfiles", &url];
    let dotfiles = sandbox.robo(args).run().exits(0).json()["dotfiles"].clone();
    assert_eq!((&dotfiles["ref"], &dotfiles["url"]), (&json!("main"), &json!(upstream.url())));
}

#[test]
fn secrets_of_mine_are_masked_in_everything_that_is_shown() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, "[profile a]\naws_secret_access_key = t1\n");
    sandbox.write_config(
        "[profile a]\naws_secret_access_key = hunter2\naws_session_token = hunter3\n",
    );
    upstream.push("[profile a]\naws_secret_access_key = t2\nregion = x\n");
    let dry = upstream.config(["--dry-run", "--json"]).run().exits(0);
    assert_eq!(dry.json()["conflicts"][0]["mine"], "********");
    let yes = upstream.config(["--yes", "--json"]).run().exits(0);
    let list = sandbox.robo(["aws.list", "--json"]).run().exits(0);
    assert_eq!(list.json()[0]["properties"]["aws_session_token"], "********");
    for output in [dry, yes, list] {
        output.never_says("hunter2").never_says("hunter3").never_says("t2");
    }
}

#[test]
fn stdout_is_empty_without_json() {
    let sandbox = Sandbox::new();
    let (upstream, _) = eventful(&sandbox);
    let runs = [&["--dry-run"][..], &["--check"], &[], &["--yes"], &["--yes", "--team", "nope"]];
    for args in runs {
        assert_eq!(upstream.config(args).run().stdout, "", "{args:?}");
    }
}

#[test]
fn stdout_is_empty_when_a_run_that_wants_json_fails() {
    let sandbox = Sandbox::new();
    let (upstream, _) = eventful(&sandbox);
    let failed = |output: Output, status: i32| {
        let output = output.exits(status);
        assert_eq!(output.stdout, "");
        output.says("error: ");
    };
    failed(upstream.config(["--json"]).run(), 4);
    failed(upstream.config(["--json", "--on-conflict", "fail"]).run(), 1);
    failed(upstream.config(["--json", "--yes", "--team", "nope"]).run(), 1);
}

#[test]
fn a_secret_on_a_line_that_no_tool_reads_is_not_shown_either() {
    for line in [
        "aws_secret_access_key =\n  hunter2\n",
        "aws_secret_access_key hunter2\n",
        "x =\n  client_secret = hunter2\n",
    ] {
        let sandbox = Sandbox::new();
        let upstream = Upstream::applied(&sandbox, "[profile a]\nx = 1\n");
        sandbox.write_config(format!("[profile a]\n{line}"));
        upstream.push("[profile a]\nx = 2\n");
        for output in [
            upstream.config(["--dry-run", "--json"]).run(),
            upstream.config(["--yes", "--json"]).run(),
            sandbox.robo(["aws.list"]).run(),
            sandbox.robo(["aws.list", "--json"]).run(),
        ] {
            output.never_says("hunter2");
        }
    }
}
