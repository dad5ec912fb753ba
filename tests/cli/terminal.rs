//! What a person sees and answers on a real terminal.

use crate::common::{MINE, Pty, Run, Sandbox, TEAM, Upstream};

/// A laptop that has applied [`TEAM`], and whose team has changed its region since.
fn changed(sandbox: &Sandbox) -> Upstream<'_> {
    sandbox.write_config(MINE);
    let upstream = Upstream::applied(sandbox, TEAM);
    upstream.push("[profile dev]\nregion = eu-north-1\n");
    upstream
}

/// The same, with a change of one's own against it.
fn in_conflict(sandbox: &Sandbox) -> Upstream<'_> {
    let upstream = changed(sandbox);
    sandbox.write_config(sandbox.read_config().replace("eu-west-1", "mine-1"));
    upstream
}

fn robo(upstream: &Upstream<'_>) -> Pty {
    upstream.config([""; 0]).pty()
}

#[test]
fn a_first_run_asks_for_trust_then_shows_the_diff_then_asks_to_write() {
    let sandbox = Sandbox::new();
    sandbox.write_config(MINE);
    let upstream = Upstream::of_team(&sandbox, TEAM);
    upstream.commit("name the domain", [("robo.toml", "[okta]\ndomain = \"acme.okta.com\"\n")]);
    let mut pty = robo(&upstream);
    let question = format!("Trust {} and acme.okta.com from now on? [y/N] ", upstream.url());
    pty.expect("It asks you to sign in to Okta at\n    acme.okta.com\n").expect(&question);
    pty.send_line("y").expect("+region = eu-west-1\n").expect("Write ~/.aws/config? [Y/n] ");
    pty.send_line("y");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    let screen = sandbox.redact(&screen);
    let want = "\
foundation · <sandbox>/acme/dotfiles @ <commit> \"name the domain\" (acme-platform, <ago>)

  This repo will be able to set your AWS profiles.
  It asks you to sign in to Okta at
    acme.okta.com

Trust file://<sandbox>/acme/dotfiles and acme.okta.com from now on? [y/N] y

--- ~/.aws/config
+++ ~/.aws/config
@@ -1,3 +1,9 @@
 # mine
 [profile mine]
 region = us-east-1
+
+[okta]
+okta_domain = acme.okta.com
+
+[profile dev]
+region = eu-west-1
2 sections added, 0 changed, 0 removed; 1 of yours untouched.
Write ~/.aws/config? [Y/n] y
Wrote ~/.aws/config. The old file is config-<time> (robo aws.restore).

Next: robo aws.list   the profiles that you have now
";
    // The sandbox's terminal does not echo what is typed.
    assert_eq!(screen, want.replace("[y/N] y\n", "[y/N] ").replace("[Y/n] y\n", "[Y/n] "));
}

#[test]
fn a_repo_that_is_not_trusted_is_exit_1_and_nothing_is_remembered() {
    for answer in ["n", "no", ""] {
        let sandbox = Sandbox::new();
        let upstream = Upstream::of_team(&sandbox, TEAM);
        let mut pty = robo(&upstream);
        pty.expect("[y/N] ").send_line(answer);
        let (status, screen) = pty.wait();
        assert_eq!(status, 1, "{screen}");
        assert!(screen.ends_with("error: not trusted; nothing was changed\n"), "{screen}");
        assert_eq!(sandbox.own_files(), []);
    }
}

#[test]
fn enter_at_the_write_question_is_yes() {
    let sandbox = Sandbox::new();
    let upstream = changed(&sandbox);
    let mut pty = robo(&upstream);
    pty.expect("Write ~/.aws/config? [Y/n] ").send_line("");
    assert_eq!(pty.wait().0, 0);
    assert_eq!(sandbox.read_config(), format!("{MINE}\n[profile dev]\nregion = eu-north-1\n"));
}

#[test]
fn no_at_the_write_question_is_exit_1_and_the_change_is_proposed_again() {
    let sandbox = Sandbox::new();
    let upstream = changed(&sandbox);
    let before = sandbox.own_files();
    for _ in 0..2 {
        let mut pty = robo(&upstream);
        pty.expect("+region = eu-north-1\n").expect("[Y/n] ").send_line("n");
        let (status, screen) = pty.wait();
        assert_eq!(status, 1);
        assert!(screen.ends_with("Nothing was written.\n"), "{screen}");
        assert_eq!(sandbox.own_files(), before);
    }
}

#[test]
fn an_answer_that_is_none_is_asked_again() {
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let mut pty = robo(&upstream);
    for nonsense in ["", "what", "9"] {
        pty.expect("Keep (y)ours or take the (t)eam's? ").send_line(nonsense);
    }
    pty.expect("Keep (y)ours or take the (t)eam's? ").send_line("T");
    for nonsense in ["maybe", "ny"] {
        pty.expect("[Y/n] ").send_line(nonsense);
    }
    pty.expect("[Y/n] ").send_line("YES");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(sandbox.read_config().ends_with("region = eu-north-1\n"));
}

#[test]
fn the_end_of_input_at_a_question_stops_without_a_change() {
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let before = sandbox.own_files();
    let mut pty = robo(&upstream);
    pty.expect("Keep (y)ours or take the (t)eam's? ").send_ctrl_d();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    assert!(screen.ends_with("error: stopped: nothing was changed\n"), "{screen}");
    assert_eq!(sandbox.own_files(), before);
}

const CONFLICT: &str = "[profile dev] region\n  yours   mine-1\n  team's  eu-north-1  \
                        aws/teams/foundation.config:2 @ ";

#[test]
fn the_team_s_side_of_a_conflict_is_shown_and_written() {
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let mut pty = robo(&upstream);
    pty.expect(CONFLICT).expect("Keep (y)ours or take the (t)eam's? ").send_line("t");
    pty.expect("-region = mine-1\n+region = eu-north-1\n").expect("[Y/n] ").send_line("");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains("overruled"), "they were asked: {screen}");
    assert!(sandbox.read_config().ends_with("region = eu-north-1\n"));
}

#[test]
fn my_side_of_a_conflict_is_kept_and_not_asked_about_again() {
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let config = sandbox.read_config();
    let mut pty = robo(&upstream);
    pty.expect(CONFLICT).expect("Keep (y)ours or take the (t)eam's? ").send_line("y");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.ends_with("~/.aws/config is up to date.\n"), "{screen}");
    assert_eq!(sandbox.read_config(), config);
    let (status, screen) = robo(&upstream).wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains("Keep (y)ours"), "{screen}");
}

#[test]
fn a_file_that_may_not_be_written_is_told_before_any_question() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let upstream = in_conflict(&sandbox);
    let read_only = std::fs::Permissions::from_mode(0o400);
    std::fs::set_permissions(sandbox.config_path(), read_only).unwrap();
    let (status, screen) = robo(&upstream).wait();
    assert_eq!(status, 1, "{screen}");
    assert!(!screen.contains('?'), "{screen}");
    assert!(screen.contains("error: ~/.aws/config is read-only\n"), "{screen}");
}

#[test]
fn whoever_has_no_team_picks_one_from_the_repo_s() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    let mut pty = upstream.config([""; 0]).without_env("SEGMENT_TEAM").pty();
    pty.expect("Which team is yours?").expect("foundation").send("fp").expect("fp").send("\r");
    pty.expect("'export SEGMENT_TEAM=fpa' in your shell's profile saves this question.\n");
    pty.expect("fpa · ").expect("[y/N] ").send_line("y");
    pty.expect("Write ~/.aws/config? [Y/n] ").send_line("y");
    pty.expect("Take over these commands? [Y/n] ").send_line("y");
    assert_eq!(pty.wait().0, 0);
    assert!(sandbox.read_config().contains("role_arn = arn:aws:iam::111111111111:role/fpa\n"));
}

#[test]
fn ctrl_c_at_the_choice_of_a_team_gives_the_cursor_back() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let mut pty = upstream.config([""; 0]).without_env("SEGMENT_TEAM").pty();
    pty.expect("Which team is yours?").expect("foundation").send_ctrl_c();
    assert_eq!(pty.wait().0, 130);
    let (hidden, shown) = (pty.raw().rfind("\x1b[?25l"), pty.raw().rfind("\x1b[?25h"));
    assert!(shown > hidden, "{:?}", pty.raw());
    assert_eq!(sandbox.own_files(), []);
}

#[test]
fn restore_asks_and_takes_no_for_an_answer() {
    let sandbox = Sandbox::new();
    let upstream = changed(&sandbox);
    upstream.config(["--yes"]).run().exits(0);
    let name = sandbox.backups()[0].file_name().unwrap().to_str().unwrap().to_owned();
    let before = sandbox.own_files();
    let question = format!("Put {name} back? [Y/n] ");
    let mut pty = sandbox.robo(["aws.restore", &name]).pty();
    pty.expect("-[profile dev]\n").expect(&question).send_line("n");
    assert_eq!(pty.wait().0, 1);
    assert_eq!(sandbox.own_files(), before);
    let mut pty = sandbox.robo(["aws.restore", &name]).pty();
    pty.expect(&question).send_ctrl_c();
    assert_eq!(pty.wait().0, 130);
    assert_eq!(sandbox.own_files(), before);
    let mut pty = sandbox.robo(["aws.restore", &name]).pty();
    pty.expect(&question).send_line("");
    assert_eq!(pty.wait().0, 0);
    assert_eq!(sandbox.read_config(), MINE);
}

#[test]
fn questions_go_to_the_terminal_though_all_streams_are_pipes() {
    let sandbox = Sandbox::new();
    let upstream = changed(&sandbox);
    let robo = env!("CARGO_BIN_EXE_robo");
    let script = "\"$@\" </dev/null >out 2>err";
    let url = upstream.url();
    let words = ["-c", script, "sh", robo, "aws.config", "--json", "--dotfiles", &url];
    let mut pty = sandbox.program("sh", words).env("SEGMENT_TEAM", "foundation").pty();
    pty.expect("Write ~/.aws/config? [Y/n] ").send_line("y");
    let (status, screen) = pty.wait();
    assert_eq!((status, screen.as_str()), (0, "Write ~/.aws/config? [Y/n] "));
    let json: serde_json::Value = serde_json::from_slice(&sandbox.read("out")).unwrap();
    assert_eq!(json["written"], true);
    assert!(String::from_utf8(sandbox.read("err")).unwrap().contains("+region = eu-north-1\n"));
}

/// The escape that begins a colour.
const COLOUR: &str = "\x1b[";

#[test]
fn colours_are_for_terminals() {
    let sandbox = Sandbox::new();
    let upstream = changed(&sandbox);
    let look = || upstream.config(["--dry-run"]);
    let on_a_terminal = |run: Run| {
        let mut pty = run.pty();
        assert_eq!(pty.wait().0, 0);
        pty.raw().contains(COLOUR)
    };
    assert!(on_a_terminal(look()));
    assert!(!on_a_terminal(look().env("NO_COLOR", "1")));
    assert!(!on_a_terminal(look().env("TERM", "dumb")));
    assert!(!on_a_terminal(look().arg("--color").arg("never")));
    assert!(on_a_terminal(look().env("NO_COLOR", "1").arg("--color").arg("always")));

    assert!(!look().run().exits(0).stderr.contains(COLOUR));
    let always = look().arg("--color").arg("always").run().exits(0);
    assert!(always.stderr.contains(COLOUR));
    let list = sandbox.robo(["aws.list"]).run().exits(0);
    assert!(!list.stdout.contains(COLOUR));
    let list = sandbox.robo(["aws.list", "--color=always"]).run().exits(0);
    assert!(list.stdout.contains(COLOUR));
    let json = sandbox.robo(["aws.list", "--json", "--color=always"]).run().exits(0);
    assert!(!json.stdout.contains(COLOUR));
}

#[test]
fn the_words_that_changed_are_marked() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::applied(&sandbox, "[profile dev]\nx = the old word here\n");
    upstream.push("[profile dev]\nx = the new word here\n");
    let output = upstream.config(["--dry-run", "--color", "always"]).run().exits(0);
    let marked = |word: &str| {
        let at = output.stderr.find(word).unwrap();
        let style = output.stderr[..at].rfind("\x1b[0m").unwrap();
        output.stderr[style..at].contains("\x1b[4m")
    };
    assert!(marked("old") && marked("new"), "{output:?}");
    assert!(!marked("word") && !marked("here"), "{output:?}");
}

/// A program that reads stdout gets every byte; a terminal is not steered.
#[test]
fn a_product_steers_no_terminal() {
    let sandbox = Sandbox::new();
    sandbox.write("repo/aws/teams/data.config", "[profile a]\noutput = \u{1b}[2Jx\u{202e}\n");
    let render = || sandbox.robo(["dotfiles.render", "--team", "data", "--dir", "repo"]);
    let piped = render().run().exits(0).stdout;
    assert!(piped.contains("output = \u{1b}[2Jx\u{202e}\n"), "{piped:?}");
    let mut pty = render().pty();
    pty.expect("output = \\u{1b}[2Jx\\u{202e}\n");
    assert_eq!(pty.wait().0, 0);
    assert!(
        !pty.raw().contains(['\u{202e}']) && !pty.raw().contains("\u{1b}[2J"),
        "{:?}",
        pty.raw()
    );
}
