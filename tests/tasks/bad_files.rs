//! Files that cannot be right: an error with file and line, and nothing is run.

use crate::common::Sandbox;
use crate::named;

/// A file, and what stderr begins with. Each has a task `hello` that would leave a file `ran`.
const HELLO: &str = "hello:\n  command: touch ran\n";

#[track_caller]
fn refused(content: &str, says: &str) {
    let sandbox = Sandbox::new();
    // A file that was named, and one that was found.
    for run in [named(&sandbox, content).arg("hello"), sandbox.robo(["hello"])] {
        let output = run.run().exits(1);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains(says), "{says:?} is not in\n{output}");
    }
    // Whoever lists goes on without it, and a shell that completes wants no error.
    let list = sandbox.robo([""; 0]).run().exits(0);
    assert!(list.stdout.contains("aws.config"), "{list}");
    let complete = sandbox.robo(["--", "robo", "aws.li"]).env("ROBO_COMPLETE", "fish").run();
    assert_eq!((complete.stdout.lines().count(), complete.stderr.as_str()), (1, ""));
    assert!(!sandbox.path("ran").exists(), "{list}");
}

#[test]
fn what_is_no_yaml_is_told_by_its_line() {
    for (broken, line) in [("a: [1\nb: 2\n", 4), ("\"a: 1\n", 3), ("a: b: c\n", 3), ("a: *b\n", 3)]
    {
        refused(&format!("{HELLO}{broken}"), &format!("error: ~/robo.yml:{line}: this is no YAML"));
    }
    refused("a: \u{1}\n", "~/robo.yml:1: ");
    refused(&format!("{HELLO}a:\n  command: x\n\tb: c\n"), "~/robo.yml:5: this is no YAML: a tab");
    refused(
        "hello:\n  exec: {{ .x }}\n",
        "error: ~/robo.yml:2: a text that begins with '{{' needs",
    );
    refused("- hello\n", "error: ~/robo.yml:1: the file is a list, not a mapping");
    refused("hello\n", "error: ~/robo.yml:1: the file is a text, not a mapping");
}

#[test]
fn an_alias_bomb_is_told_and_costs_nothing() {
    let mut bomb = String::from("a0: &a0 {command: x}\n");
    for level in 1..12 {
        let ten = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{ten}]\n");
    }
    refused(
        &format!("{HELLO}{bomb}"),
        "error: ~/robo.yml:8: aliases repeat more than 50000 values",
    );
    refused(&format!("{HELLO}a: &a\n  b: *a\n"), "~/robo.yml:4: this alias stands within");
    refused(&format!("{HELLO}a: {}\n", "[".repeat(5000)), "~/robo.yml:3: values lie more than 100");
}

#[test]
fn a_file_of_10_mb_is_not_read() {
    let line =
        "# a hundred bytes of nothing but comment, over and over, to see when it is enough ……….\n";
    let content = format!("{HELLO}{}", line.repeat(10_000_000 / line.len()));
    let sandbox = Sandbox::new();
    let output = named(&sandbox, &content).arg("hello").run().exits(1);
    let lines = content.as_bytes()[..1024 * 1024].iter().filter(|byte| **byte == b'\n').count();
    let want = format!("error: ~/robo.yml:{}: the file goes on, and 1 MiB is the most", lines + 1);
    assert!(output.stderr.starts_with(&want), "{output}");
    assert!(!sandbox.path("ran").exists());
}

#[test]
fn two_keys_of_one_name_are_told_by_their_lines() {
    refused(&format!("{HELLO}{HELLO}"), "error: ~/robo.yml:3: 'hello' stands in line 1 already");
    refused(
        "hello:\n  command: touch ran\n  command: touch ran\n",
        "error: ~/robo.yml:3: 'command' stands in line 2 already",
    );
    refused(
        &format!("{HELLO}variables:\n  a: {{x: 1, y: 2, x: 3}}\n"),
        "error: ~/robo.yml:4: 'x' stands in line 4 already",
    );
}

#[test]
fn a_template_that_fails_is_told_by_its_line() {
    // That cannot be read: in whatever task.
    refused(
        &format!("{HELLO}b:\n  command: |\n    x\n    echo {{{{ .x\n"),
        "error: ~/robo.yml:6: the template: ",
    );
    refused(
        &format!("{HELLO}b:\n  summary: '{{{{ nofunction }}}}'\n"),
        "error: ~/robo.yml:4: the template: ",
    );
    refused(
        &format!("{HELLO}variables:\n  a: '{{{{ if }}}}'\n"),
        "error: ~/robo.yml:4: the template: ",
    );
    refused(
        &format!("{HELLO}templates:\n  list: '{{{{ range }}}}'\n"),
        "error: ~/robo.yml:4: the template: ",
    );
    // That cannot be filled in: in what is run.
    refused(
        "hello:\n  command: touch ran\n  env: ['A={{ index .l 5 }}']\nvariables: {l: [1]}\n",
        "error: ~/robo.yml:3: the template: ",
    );
    refused(
        &format!("{HELLO}before:\n- command: echo {{{{ .a.b.c }}}}\nvariables: {{a: x}}\n"),
        "error: ~/robo.yml:4: the template: ",
    );
    refused(
        "hello:\n  command: touch ran {{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}\n",
        "error: ~/robo.yml:2: the template: ",
    );
    // The cause is told, whatever blocks are around it; a quoted text has no lines of the file.
    refused(
        "hello:\n  command: touch ran\n  before:\n  - command: |\n      x\n      {{ range .l }}\n      {{ index $ \"l\" 9 }}{{ end }}\nvariables: {l: [1]}\n",
        "error: ~/robo.yml:7: the template: unable to get 9 in [1]\n",
    );
    refused(
        "hello:\n  command: \"touch ran\\n{{ range .l }}\\n{{ .none }}{{ end }}\"\nvariables: {l: [1]}\n",
        "error: ~/robo.yml:2: the template: only a mapping",
    );
}

#[test]
fn variables_in_a_circle_are_told_by_their_line() {
    let cases = [
        (
            "  a: '{{ .b }}'\n  b: 'x {{ .a }}'\n",
            "4: variable 'a' leads back to itself: a → b → a\n",
        ),
        (
            "  a: '{{ .m }}'\n  m: {x: 1, y: '{{ .z }}'}\n  z: '{{ .a }}'\n",
            "4: variable 'a' leads back to itself: a → m.y → z → a\n",
        ),
        ("  a: '{{ .a }}'\n", "4: variable 'a' leads back to itself\n"),
        ("  x: {a: '{{ .x.b }}', b: '{{ .x }}'}\n", "4: variable 'x.b' leads back to itself"),
        (
            "  a: '{{ .b }}'\n  b: '{{ .c }}'\n  c: '{{ printf \"%s\" .a }}'\n",
            "leads back to itself",
        ),
    ];
    for (variables, says) in cases {
        refused(&format!("{HELLO}variables:\n{variables}"), says);
    }
    let mut chain = String::new();
    for level in 0..100 {
        chain += &format!("  v{level}: '{{{{ .v{} }}}}'\n", level + 1);
    }
    refused(
        &format!("{HELLO}variables:\n{chain}  v100: x\n"),
        "4: variables refer to each other in a circle, or more than 50 deep",
    );
    let mut laughs = String::from("  v0: ha\n");
    for level in 1..40 {
        let below = level - 1;
        laughs += &format!("  v{level}: '{{{{ .v{below} }}}}{{{{ .v{below} }}}}'\n");
    }
    refused(
        &format!("hello:\n  command: touch ran {{{{ .v39 }}}}\nvariables:\n{laughs}"),
        "the variables grow to more than 16 MiB of text",
    );
}

#[test]
fn a_command_of_a_variable_that_fails_is_told_by_its_line() {
    let sandbox = Sandbox::new();
    let file = "hello:\n  command: touch ran {{ .v }}\nvariables:\n  v: $(echo oh >&2; exit 3)\n";
    let output = named(&sandbox, file).arg("hello").run().exits(1);
    assert_eq!(
        output.stderr,
        "oh\nerror: ~/robo.yml:4: variable 'v': the command 'echo oh >&2; exit 3' failed\n  \
         4 |   v: $(echo oh >&2; exit 3)\n  cause: exit status: 3\n"
    );
    assert!(!sandbox.path("ran").exists());
}

#[test]
fn a_command_of_a_variable_that_writes_without_end_is_ended() {
    refused(
        "hello:\n  command: touch ran {{ .v }}\nvariables:\n  v: $(yes)\n",
        "variable 'v': the command 'yes' failed\n",
    );
}

#[test]
fn values_of_the_wrong_kind_are_told_by_their_line() {
    let cases = [
        ("hello: touch ran\n", "1: task 'hello' is a text, not a mapping"),
        ("hello: [a]\n", "1: task 'hello' is a list, not a mapping"),
        ("hello:\n  command: [touch, ran]\n", "2: 'command' is a list, not a text"),
        ("hello:\n  command: touch ran\n  env: A=1\n", "3: 'env' is a text, not a list"),
        ("hello:\n  command: touch ran\n  env: {A: 1}\n", "3: 'env' is a mapping, not a list"),
        (
            "hello:\n  command: touch ran\n  before: touch ran\n",
            "3: 'before' is a text, not a list",
        ),
        (
            "hello:\n  command: touch ran\n  examples: [x]\n",
            "3: an example is a text, not a mapping",
        ),
        (
            "hello:\n  command: touch ran\nvariables: [a]\n",
            "3: 'variables' is a list, not a mapping",
        ),
        (
            "hello:\n  command: touch ran\nafter: [x]\n",
            "3: a step of 'after' is a text, not a mapping",
        ),
        (
            "hello:\n  command: touch ran\n  profile: {a: b}\n",
            "3: 'profile' is a mapping, not a text",
        ),
        ("hello:\n  ? [a]\n  : b\n", "2: a list cannot be a key"),
    ];
    for (content, says) in cases {
        refused(content, &format!("error: ~/robo.yml:{says}"));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let sandbox = Sandbox::new();
    let output = sandbox.robo(["-c", "nowhere.yml", "hello"]).run().exits(1);
    output.says("error: cannot read the tasks in ").says("nowhere.yml").says("hint: -c FILE names");
    std::fs::create_dir(sandbox.path("folder")).unwrap();
    sandbox.robo(["-c", "folder"]).run().exits(1).says("cause: Is a directory");
    sandbox.write("bytes.yml", b"hello:\n  summary: \xff\n");
    sandbox
        .robo(["-c", "bytes.yml"])
        .run()
        .exits(1)
        .says("error: ~/bytes.yml:2: the file is not UTF-8");
    sandbox.robo(["-c"]).run().exits(2);
}

#[test]
fn what_is_odd_is_a_warning_with_its_line() {
    let sandbox = Sandbox::new();
    let file = "hello:\n  sumary: x\n  command: echo hi\n  exec: echo exec\n  env: [NOTHING]\n\
                templates:\n  lst: x\nbefore:\n- comand: x\n  command: echo before\nfile: x\n";
    let output = named(&sandbox, file).arg("hello").run().exits(0);
    assert_eq!(output.stdout, "before\nexec\n");
    assert_eq!(
        output.stderr,
        "warning: ~/robo.yml:2: task 'hello' has an unknown key 'sumary' (did you mean 'summary'?)\n\
         warning: ~/robo.yml:5: task 'hello': 'NOTHING' sets nothing: an 'env' is written NAME=value\n\
         warning: ~/robo.yml:1: task 'hello' has exec, command; 'exec' is what runs\n\
         warning: ~/robo.yml:7: 'templates' has an unknown key 'lst' (did you mean 'list'?)\n\
         warning: ~/robo.yml:9: a step of 'before' has an unknown key 'comand' (did you mean 'command'?)\n\
         warning: ~/robo.yml:11: 'file' has no effect; robo.file is set\n"
    );
}

#[test]
fn a_warning_about_one_task_is_not_told_with_another() {
    let sandbox = Sandbox::new();
    let file = "a:\n  sumary: x\n  command: echo a\nb:\n  command: echo b\ntemplates: {lst: x}\n";
    let output = named(&sandbox, file).arg("b").run().exits(0);
    assert!(!output.stderr.contains("sumary") && output.stderr.contains("'lst'"), "{output}");
    named(&sandbox, file).arg("a").run().exits(0).says("unknown key 'sumary'");
}

#[test]
fn what_would_exhaust_the_engine_is_told_by_its_line() {
    let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    refused(
        &format!("{HELLO}b:\n  command: echo {{{{ {deep} }}}}\n"),
        "error: ~/robo.yml:4: the template: it goes more than 100 deep",
    );
    refused(
        &format!("{HELLO}b:\n  command: echo {{{{ print {} }}}}\n", "$ ".repeat(5000)),
        "error: ~/robo.yml:4: the template: it has more than 1000 words and signs in one action",
    );
    let declared: String = (0..1001).map(|at| format!("{{{{ $v{at} := $ }}}}")).collect();
    refused(
        &format!("{HELLO}b:\n  command: \"{declared}\"\n"),
        "error: ~/robo.yml:4: the template: it has more than 1000 variables",
    );
    let long = "{{ else if 0 }}".repeat(20_000);
    refused(
        &format!("{HELLO}b:\n  command: \"{{{{ if 0 }}}}{long}{{{{ end }}}}\"\n"),
        "error: ~/robo.yml:4: the template: it goes",
    );
}

#[test]
fn what_would_take_minutes_is_read_at_once() {
    let many =
        |count: usize, entry: &dyn Fn(usize) -> String| (0..count).map(entry).collect::<String>();
    let (key, task) = ("k".repeat(200_000), "t".repeat(200_000));
    let lists = "&a [".repeat(90) + &"x,".repeat(100_000) + &"]".repeat(90);
    let files = [
        format!("a: {{<<: {{{}}}}}\n", many(100_000, &|at| format!("k{at}: ,"))),
        format!("variables:\n  a: '{}'\n", "$(".repeat(400_000)),
        format!("variables:\n  ? {key}\n  : [{}]\n", "'{{ .x }}',".repeat(60_000)),
        format!("? {task}\n:\n{}", many(60_000, &|at| format!("  k{at}: x\n"))),
        format!("variables:\n  a: {lists}\n"),
        many(20_000, &|at| format!("t{at}: {{usage: '{{{{- .x }}}}'}}\n")),
    ]
    .map(|file| format!("{HELLO}{file}"));
    for file in files {
        let sandbox = Sandbox::new();
        let output = named(&sandbox, &file).arg("hello").run().exits(0);
        assert!(sandbox.path("ran").exists(), "{output}");
    }
    for (repeated, more) in [("  b: &b ", "\n"), ("  b: &b\n    ? ", "\n    : x\n")] {
        let text = "x".repeat(400_000);
        let file = format!("variables:\n{repeated}{text}{more}  l: [{}]\n", "*b ,".repeat(20_000));
        refused(&format!("{HELLO}{file}"), "aliases repeat more than 4 MiB up to here");
    }
}

#[test]
fn templates_that_take_too_long_together_are_told_by_a_line() {
    let costly = "{{ range $ }}{{ range $ }}{{ end }}{{ end }}";
    let variables: String = (0..3000).map(|at| format!("  v{at}: '{costly}'\n")).collect();
    let file = format!("{HELLO}variables:\n{variables}");
    refused(&file, "the templates of this file take too long");
    // Of the tasks, where the list fills all of them in.
    let tasks: String = (0..2000).map(|at| format!("t{at}: {{summary: '{costly}'}}\n")).collect();
    let variables: String = (0..900).map(|at| format!("  v{at}: x\n")).collect();
    let sandbox = Sandbox::new();
    let output = named(&sandbox, &format!("{tasks}variables:\n{variables}")).run().exits(1);
    output
        .says("error: ~/robo.yml:")
        .says("the templates of this file take too long: over 2 seconds");
}

#[test]
fn a_variable_that_nobody_asks_for_is_not_filled_in() {
    let sandbox = Sandbox::new();
    let file = "a: {command: echo a}\nb: {command: 'echo {{ .u }}'}\n\
                variables: {l: [1], v: '{{ index .l 5 }}', u: 'u{{ .v }}'}\n";
    assert_eq!(named(&sandbox, file).arg("a").run().exits(0).stdout, "a\n");
    for arg in ["b", "variables"] {
        let output = named(&sandbox, file).arg(arg).run().exits(1);
        output.says("error: ~/robo.yml:3: the template: unable to get 5 in [1]");
    }
    // A template of the list may use them all.
    let file = "a: {command: 'true'}\nvariables: {v: 'x{{ .w }}', w: z}\n\
                templates: {list: '{{ .Variables.v }}'}\n";
    assert_eq!(named(&sandbox, file).run().exits(0).stdout, "xz");
}

#[test]
fn flags_may_be_cut_short_or_given_twice() {
    let sandbox = Sandbox::new();
    sandbox.write("other.yml", "a:\n  command: echo other\n");
    let run =
        |args: &[&str]| named(&sandbox, "a:\n  command: echo a\n").args(args).run().exits(0).stdout;
    assert_eq!(run(&["--conf", "other.yml", "a"]), "other\n");
    assert_eq!(run(&["-c", "other.yml", "a"]), "other\n");
    assert_eq!(run(&["--qui"]), "a\n");
    let bash = sandbox.program(
        "bash",
        ["-c", "exec \"$0\" -c <(echo 'a: {command: echo piped}') a", env!("CARGO_BIN_EXE_robo")],
    );
    assert_eq!(bash.run().exits(0).stdout, "piped\n");
}

#[test]
fn an_unknown_task_is_exit_2_with_the_nearest() {
    let sandbox = Sandbox::new();
    let output = named(&sandbox, HELLO).arg("helo").run().exits(2);
    assert_eq!(
        output.stderr,
        "error: there is no task 'helo' in robo.yml\n  \
         hint: did you mean 'hello'? 'robo -c robo.yml' lists all there is\n"
    );
    // With -c only what is in the file counts.
    named(&sandbox, HELLO).arg("aws.list").run().exits(2).says("there is no task 'aws.list'");
    sandbox.robo(["helo"]).run().exits(2).says("did you mean 'hello' or 'help'?");
    sandbox.robo(["help", "aws.lst"]).run().exits(2).says("did you mean 'aws.list'");
}

#[test]
fn what_is_said_of_a_long_value_is_cut_short() {
    let long = "z".repeat(900_000);
    let files = [
        format!("t:\n  command: {long} {{{{ if }}}}\n"),
        format!("t:\n  command: x {{{{ index .v 9 }}}}\nvariables: {{v: [{long}]}}\n"),
    ];
    for file in files {
        let sandbox = Sandbox::new();
        let output = named(&sandbox, &file).arg("t").run().exits(1);
        assert!(output.stderr.starts_with("error: ~/robo.yml:2: the template: "));
        assert!(output.stderr.len() < 600, "{}", output.stderr.len());
    }
}

#[test]
fn another_document_is_told_of() {
    let sandbox = Sandbox::new();
    let output =
        named(&sandbox, &format!("---\n{HELLO}---\nother: {{command: x}}\n")).run().exits(0);
    assert!(!output.stdout.contains("other"), "{output}");
    output.says("warning: ~/robo.yml:4: another YAML document begins here, and is not read");
    let output = named(&sandbox, &format!("---\n{HELLO}...\n")).run().exits(0);
    assert_eq!(output.stderr, "");
}

#[test]
fn a_variable_that_holds_nothing_is_named() {
    let sandbox = Sandbox::new();
    let file = "t: {command: 'echo \"{{ .a }}\"'}\nvariables: {a: $(true), b: ~}\n";
    let output = named(&sandbox, file).arg("t").run().exits(0);
    assert_eq!(output.stdout, "<no value>\n");
    output.says("warning: ~/robo.yml:1: variable 'a' holds nothing; it becomes '<no value>'");
}

#[test]
fn a_field_that_is_not_there_is_told_without_all_that_is() {
    let sandbox = Sandbox::new();
    for template in ["{{ .Nope }}", "{{ range .Tasks }}{{ .Nope }}{{ end }}"] {
        let file =
            format!("t: {{command: x, env: [A=s3cret]}}\ntemplates: {{list: '{template}'}}\n");
        let output = named(&sandbox, &file).run().exits(1);
        assert_eq!(output.stdout, "");
        assert!(!output.stderr.contains("s3cret"), "{output}");
        output.says("error: ~/robo.yml:2: the template: there is no field 'Nope'\n");
    }
}

#[test]
fn much_that_is_odd_is_told_in_part() {
    let sandbox = Sandbox::new();
    let tasks: String = (0..300).map(|at| format!("t{at}: {{command: x, odd: y}}\n")).collect();
    let output = named(&sandbox, &tasks).arg("-q").run().exits(0);
    assert_eq!(output.stderr.lines().count(), 101, "{output}");
    output.says("warning: there is more that is odd: 200 warnings\n");
}

#[test]
fn apostrophes_that_are_escaped_cost_no_more_than_a_few_reads() {
    let sandbox = Sandbox::new();
    let tasks = |number: usize, words: &str| -> String {
        (0..number).map(|at| format!("t{at}: {{command: \"echo it\\'s {words}\"}}\n")).collect()
    };
    // go-yaml takes them, and so do files of an ordinary size.
    let many = tasks(120, "");
    let output = named(&sandbox, &many).arg("-q").run().exits(0);
    assert_eq!(output.stdout.lines().count(), 120);
    let large = tasks(120, &"x".repeat(6000));
    let output = named(&sandbox, &large).arg("-q").run().exits(1);
    output.says("robo.yml:").says("too many strings up to here have \\' where an apostrophe");
}
