//! Colours, and files that would steer a terminal.

use crate::common::Sandbox;
use crate::named;

#[test]
fn colours_are_for_terminals() {
    let sandbox = Sandbox::new();
    let file = "a:\n  summary: x\n  command: x\n";
    let mut pty = named(&sandbox, file).pty();
    pty.wait();
    assert!(pty.raw().contains("\u{1b}[36ma\u{1b}[0m – x"), "{}", pty.raw());
    let file =
        "a:\n  command: x\ntemplates:\n  list: '{{ range .Tasks }}{{ red .Name }}{{ end }}'\n";
    let mut pty = named(&sandbox, file).pty();
    pty.wait();
    assert!(pty.raw().contains("\u{1b}[31ma\u{1b}[0m"), "{}", pty.raw());
    assert_eq!(named(&sandbox, file).run().exits(0).stdout, "a");
    let output = named(&sandbox, file).args(["--color", "always"]).run().exits(0);
    assert_eq!(output.stdout, "\u{1b}[31ma\u{1b}[0m");
    let mut pty = named(&sandbox, file).env("NO_COLOR", "1").pty();
    pty.wait();
    assert!(!pty.raw().contains('\u{1b}'), "{}", pty.raw());
}

#[test]
fn control_characters_reach_no_terminal_raw() {
    let sandbox = Sandbox::new();
    let evil = "\\e[2J\\u202e";
    let file = format!(
        "\"t{evil}\":\n  summary: \"s{evil}\"\n  command: x\n  examples: [{{description: \"d{evil}\", command: \"c{evil}\"}}]\nvariables: {{v: \"{evil}\"}}\n"
    );
    sandbox.write("robo.yml", &file);
    let name = "t\u{1b}[2J\u{202e}";
    for args in [&[][..], &["-c", "robo.yml"], &["help", name], &["variables"], &["-q"], &["nope"]]
    {
        let mut pty = sandbox.robo(args).pty();
        pty.wait();
        assert!(!pty.raw().contains("\u{1b}[2J"), "{args:?} {}", pty.raw());
        assert!(!pty.raw().contains('\u{202e}'), "{args:?} {}", pty.raw());
    }
    // A program gets the very bytes.
    let output = sandbox.robo(["-c", "robo.yml"]).run().exits(0);
    assert_eq!(output.stdout, "\n  t\u{1b}[2J\u{202e} – s\u{1b}[2J\u{202e}\n\n");
}

#[test]
fn the_list_fits_the_terminal() {
    let sandbox = Sandbox::new();
    let summary = "words ".repeat(40);
    sandbox.write("robo.yml", format!("a:\n  summary: {summary}\n  command: x\n"));
    let (status, screen) = sandbox.robo([""; 0]).pty().wait();
    assert_eq!(status, 0, "{screen}");
    let widest = screen.lines().map(|line| line.chars().count()).max().unwrap();
    assert!((60..=80).contains(&widest), "{screen}");
    // For a program a task stays on its line.
    let output = sandbox.robo([""; 0]).run().exits(0);
    assert!(output.stdout.contains(&format!("  a  {}\n", summary.trim())), "{output}");
}
