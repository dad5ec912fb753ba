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
fn no_template_writes_to_a_terminal_what_steers_it() {
    let sandbox = Sandbox::new();
    let evil = "\\e]0;title\\a\\e[2J\\u202e\\e[5m\\e[38m\\e[3\\e";
    let template = format!(
        "{evil}{{{{ printf \\\"%c[2J\\\" 27 }}}}{{{{ . }}}}{{{{ range $k, $v := . }}}}{{{{ $k }}}}{{{{ end }}}}{{{{ red \\\"{evil}\\\" }}}}"
    );
    let file = format!(
        "t:\n  command: \"{evil}\"\n  summary: \"{evil}\"\nvariables: {{v: \"{evil}\", \"k{evil}\": x}}\ntemplates:\n  list: \"{template}{{{{ .Variables.v }}}}{{{{ .Tasks.t.Command }}}}{{{{ .Templates.List }}}}\"\n  help: \"{template}\"\n  variables: \"{template}\"\n"
    );
    sandbox.write("robo.yml", &file);
    for args in [&[][..], &["-c", "robo.yml"], &["help", "t"], &["variables"]] {
        for color in ["auto", "never"] {
            let mut pty = sandbox.robo(args).args(["--color", color]).pty();
            assert_eq!(pty.wait().0, 0, "{}", pty.raw());
            let raw = pty.raw().replace("\r\n", "");
            // The colours of robo's own list are of more kinds.
            let paints = if args.is_empty() { "\u{1b}[" } else { "\u{1b}[31m" };
            let rest = raw.replace(paints, "").replace("\u{1b}[0m", "");
            assert!(
                !rest.contains(|c: char| c.is_control() || c == '\u{202e}'),
                "{args:?} {raw:?}"
            );
            assert!(!raw.contains("\u{1b}[2J") && !raw.contains("\u{1b}[5m"), "{args:?} {raw:?}");
        }
    }
    // A program gets the very bytes.
    let output = sandbox.robo(["-c", "robo.yml"]).run().exits(0);
    assert!(output.stdout.starts_with("\u{1b}]0;title\u{7}\u{1b}[2J\u{202e}"), "{output}");
}

#[test]
fn a_folder_s_template_makes_up_no_part_of_the_list() {
    let sandbox = Sandbox::new();
    let file = "t: {summary: of here, command: x}\ntemplates: {list: \"\\n  acme/dotfiles\\n\"}\n";
    sandbox.write("robo.yml", file);
    let output = sandbox.robo([""; 0]).run().exits(0);
    assert!(output.stdout.ends_with("\n  ~/robo.yml\n  t  of here\n\n"), "{output}");
    assert_eq!(named(&sandbox, file).run().exits(0).stdout, "\n  acme/dotfiles\n");
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
    // Where there is no room beside the names, it stands below them.
    let narrow = ["-c", "stty cols 40; exec \"$0\"", env!("CARGO_BIN_EXE_robo")];
    let (status, screen) = sandbox.program("sh", narrow).pty().wait();
    assert_eq!(status, 0, "{screen}");
    assert!(
        screen.contains("\n  aws.add\n      Store your Okta sign-in: checked\n      with"),
        "{screen}"
    );
    let widest = screen.lines().map(|line| line.chars().count()).max().unwrap();
    assert!((30..=40).contains(&widest), "{screen}");
    // For a program a task stays on its line.
    let output = sandbox.robo([""; 0]).run().exits(0);
    assert!(output.stdout.contains(&format!("  a  {}\n", summary.trim())), "{output}");
}
