//! What the engine says is wrong, in sentences for a person.

use std::borrow::Cow;

use gtmpl_ng::{ErrorContext, ExecError, ParseError};

use crate::tasks::yaml::Flaw;

/// What it says, and what to say. Most of what it says is plain, and stays.
const SENTENCES: [(&str, &str); 15] = [
    ("unexpected EOF", "a block in it is not closed: {{ end }} is missing"),
    ("unclosed action", "'{{' is not closed: '}}' is missing"),
    ("unclosed comment", "'{{/*' is not closed: '*/}}' is missing"),
    ("comment end before closing delimiter", "'}}' has to follow the '*/' of a comment"),
    ("missing value for command", "there is nothing between '{{' and '}}'"),
    ("expected :=", "':' stands in ':=' alone"),
    (
        "only maps and objects have fields",
        "only a mapping has fields; what stands before the dot is none",
    ),
    ("cannot evaluate command: nil", "nil alone is nothing to write"),
    (
        "enable gtmpl_dynamic_template to use a pipeline as name",
        "a template is named by a text in quotes",
    ),
    ("pipeline must yield a String", "a template is named by a text in quotes"),
    ("unexpected end", "it ends too early"),
    ("printf requires a format string", "printf takes a format, which is a text, first"),
    ("slice of untyped nil", "slice takes a list or a text, and there is nothing"),
    ("template nested more than 64 levels deep", "its blocks lie more than 64 deep"),
    ("exceeded the maximum template nesting depth of 100", "it goes more than 100 deep"),
];

/// The same by what it begins with.
const BEGINNINGS: [(&str, &str); 9] = [
    ("non executable command in pipeline stage", "only a function can stand behind '|'"),
    ("unable to convert output to uft-8", "what it writes is not UTF-8"),
    ("the render would run more than", "its loops run more than 1000000 times in all"),
    ("the render would write more than", "it writes more than 4 MiB"),
    ("the render did not finish", "it takes too long"),
    ("a function produced a value larger than", "a function in it gives more than 1000000 bytes"),
    ("a function produced a value nested deeper", "a function in it gives lists that lie too deep"),
    ("unable to unquote", "it has a string that cannot be read"),
    ("unable to parse string", "it has a string that cannot be read"),
];

/// What no template should bring about. There is nothing in it for a person.
const INNER: [&str; 11] = [
    "unknown node",
    "expected if or with node",
    "empty var stack",
    "error evaluating pipe",
    "no arguments for command node",
    "field chain without fields",
    "no fields in eval_chain_node",
    "no tree",
    "not a tree node",
    "invalid root node",
    "unable to peek for tree",
];

/// How the engine's lexer begins, which its parser then calls unexpected.
const OF_LEXER: [&str; 8] = [
    "unclosed",
    "unterminated",
    "comment end",
    "expected :=",
    "bad number",
    "bad character",
    "unrecognized character",
    "unexpected right paren",
];

fn plainly(what: &str) -> Cow<'_, str> {
    let what = what.trim();
    let what = match what.strip_prefix("unexpected ").and_then(|what| what.rsplit_once(" in ")) {
        Some((inner, _)) if OF_LEXER.iter().any(|begin| inner.starts_with(begin)) => inner,
        _ => what,
    };
    if let Some(name) = what.strip_prefix("template multiple definitions of template ") {
        return format!("the template '{name}' is defined twice").into();
    }
    if let Some((what, _)) = what.split_once(" has arguments but cannot be invoked as function") {
        return format!("'{what}' is no function, and takes no arguments").into();
    }
    // It says all that the value holds, whatever that is.
    if let Some((field, _)) =
        what.strip_prefix("no field `").and_then(|what| what.split_once("` in "))
    {
        return format!("there is no field '{field}'").into();
    }
    if INNER.iter().any(|inner| what.starts_with(inner)) {
        return "it cannot be filled in".into();
    }
    let sentence = SENTENCES.iter().find(|(said, _)| what == *said);
    let beginning = || BEGINNINGS.iter().find(|(said, _)| what.starts_with(said));
    sentence.or_else(beginning).map_or(what, |(_, sentence)| sentence).into()
}

pub(super) fn cannot_read(error: &ParseError) -> Flaw {
    match error {
        ParseError::WithContext(place, what) => flaw(Some(place), what),
        other => flaw(None, &other.to_string()),
    }
}

pub(super) fn cannot_fill(error: &ExecError) -> Flaw {
    match error.as_structured() {
        // What it says was its cause are the blocks around it.
        Some(innermost) => flaw(Some(&innermost.context), &innermost.message),
        None => flaw(None, &error.to_string()),
    }
}

fn flaw(place: Option<&ErrorContext>, what: &str) -> Flaw {
    let line = place.map_or(1, |place| place.line.max(1));
    Flaw::new(line, format!("the template: {}", plainly(what)))
}

#[cfg(test)]
mod tests {
    use crate::tasks::template::{Budget, Colors, Data, render};
    use crate::tasks::value::Value;

    #[test]
    fn a_person_can_make_sense_of_what_is_wrong() {
        let nested = "{{ if 1 }}".repeat(70) + &"{{ end }}".repeat(70);
        let cases = [
            ("{{", "'{{' is not closed: '}}' is missing"),
            ("{{ .a", "'{{' is not closed: '}}' is missing"),
            ("{{ }}", "there is nothing between '{{' and '}}'"),
            ("{{ if .a }}", "a block in it is not closed: {{ end }} is missing"),
            ("{{ \"a }}", "unterminated quoted string"),
            ("{{ 1x }}", "bad number syntax: 1x"),
            ("{{/* a }}", "'{{/*' is not closed: '*/}}' is missing"),
            ("{{/* a */ x }}", "'}}' has to follow the '*/' of a comment"),
            ("{{ : }}", "':' stands in ':=' alone"),
            ("{{ .a | 1 }}", "only a function can stand behind '|'"),
            ("{{ template (print 1) }}", "a template is named by a text in quotes"),
            ("{{ nil }}", "nil alone is nothing to write"),
            ("{{ .a 1 }}", "'a' is no function, and takes no arguments"),
            ("{{ .a.b }}", "only a mapping has fields; what stands before the dot is none"),
            (
                "{{ define \"x\" }}a{{ end }}{{ define \"x\" }}b{{ end }}",
                "the template 'x' is defined twice",
            ),
            (&nested, "its blocks lie more than 64 deep"),
            (
                "{{ range 9999 }}{{ range 9999 }}{{ end }}{{ end }}",
                "its loops run more than 1000000 times in all",
            ),
        ];
        let data = Data::from(Value::map([("a", Value::text("x"))]));
        for (template, want) in cases {
            let flaw = render(template, &data, Colors::Off, &Budget::default()).unwrap_err();
            assert_eq!(flaw.what, format!("the template: {want}"), "{template}");
        }
    }
}
