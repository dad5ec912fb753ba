//! Templates in the words of the engine, which reads strings in its own way.

use std::borrow::Cow;

use crate::tasks::template::tokens::{Kind, Token, tokens};
use crate::tasks::yaml::Flaw;

/// How many variables of its own a template may have: the engine looks through all of them for
/// each.
const MOST_DECLARED: usize = 1000;

/// How many words and signs may stand in one action: the engine may take the value of each at once.
const MOST_TOKENS: usize = 1000;

/// How deep brackets may go, and the rows of `else if` around any place: the engine takes each
/// `else` for a block within the one before. Its stack ends somewhere.
const DEEPEST: usize = 100;

/// After so many actions the engine looks at its clock, which it does in calls and loops alone.
const ACTIONS_BETWEEN_LOOKS: usize = 16;

/// A template for the engine.
pub(super) struct Prepared<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether each block in it is closed, and nothing else: then it may stand within a `define`.
    pub(super) is_whole: bool,
}

/// Writes strings so that they mean to the engine what they mean to Go.
pub(super) fn prepare(template: &str) -> Result<Prepared<'_>, Flaw> {
    let mut kept = 0;
    let mut plain = String::new();
    let (mut is_whole, mut declared, mut length) = (true, 0, 0);
    // How many `else` each open block has so far; the brackets of this action.
    let (mut open, mut brackets) = (Vec::new(), 0_usize);
    let mut elses = 0;
    let (mut actions, mut keyword) = (0, None);
    let mut before = None;
    for token in tokens(template) {
        let Token { kind, text, start } = token;
        let flaw =
            |what: String| Flaw::new(line_of(template, start), format!("the template: {what}"));
        length = if kind == Kind::Open { 0 } else { length + usize::from(!text.trim().is_empty()) };
        if length > MOST_TOKENS && kind != Kind::Text {
            return Err(flaw(format!(
                "it has more than {MOST_TOKENS} words and signs in one action"
            )));
        }
        match kind {
            Kind::Quoted | Kind::Raw => {
                let written = rewritten(text).map_err(flaw)?;
                plain.push_str(&template[kept..start]);
                plain.push_str(&written);
                kept = start + text.len();
            }
            Kind::Open => (keyword, brackets) = (None, 0),
            Kind::Word if keyword.is_none() => {
                keyword = Some(text);
                is_whole &= !matches!(text, "define" | "block");
                match text {
                    "if" | "with" | "range" | "define" | "block" => open.push(0),
                    "end" => match open.pop() {
                        Some(row) => elses -= row,
                        None => is_whole = false,
                    },
                    "else" => {
                        if let Some(row) = open.last_mut() {
                            *row += 1;
                            elses += 1;
                        }
                    }
                    _ => {}
                }
            }
            Kind::Other if text == "(" => brackets += 1,
            Kind::Other if text == ")" => brackets = brackets.saturating_sub(1),
            Kind::Other if text == "=" && before == Some(":") => {
                declared += 1;
                if declared > MOST_DECLARED {
                    return Err(flaw(format!("it has more than {MOST_DECLARED} variables")));
                }
            }
            Kind::Close => {
                actions += 1;
                if actions % ACTIONS_BETWEEN_LOOKS == 0
                    && !matches!(keyword, Some("define" | "block"))
                {
                    let end = start + text.len();
                    plain.push_str(&template[kept..end]);
                    // It says nothing. Where the text that follows is trimmed, that goes on.
                    plain.push_str(if text == "}}" { "{{print}}" } else { "{{print -}}" });
                    kept = end;
                }
            }
            Kind::Broken => is_whole = false,
            Kind::Text | Kind::Comment | Kind::Word | Kind::Other => {}
        }
        // A keyword stands at the beginning.
        if keyword.is_none()
            && matches!(kind, Kind::Quoted | Kind::Raw | Kind::Other)
            && text.trim() != ""
            && text != "-"
        {
            keyword = Some("");
        }
        before = Some(text);
        if brackets > DEEPEST || elses > DEEPEST {
            return Err(flaw(format!("it goes more than {DEEPEST} deep")));
        }
    }
    is_whole &= open.is_empty();
    if kept == 0 {
        return Ok(Prepared { text: Cow::Borrowed(template), is_whole });
    }
    plain.push_str(&template[kept..]);
    Ok(Prepared { text: Cow::Owned(plain), is_whole })
}

fn line_of(template: &str, at: usize) -> usize {
    template[..at].matches('\n').count() + 1
}

/// A string or character as the engine reads it.
fn rewritten(literal: &str) -> Result<String, String> {
    let quote = literal.chars().next().unwrap_or_default();
    let inside = literal.get(1..literal.len() - 1).unwrap_or_default();
    match quote {
        // Go drops carriage returns from raw strings.
        '`' => Ok(string(&inside.replace('\r', ""))),
        '\'' => {
            let mut rest = inside;
            let read = match rest {
                "" => None,
                _ => Some(character(&mut rest, quote).map_err(|what| cannot_read(literal, &what))?),
            };
            match (read, rest) {
                (Some(One::Character(one)), "") => Ok(format!("'\\U{:08x}'", u32::from(one))),
                (Some(One::Byte(one)), "") => Ok(format!("'\\U{one:08x}'")),
                _ => Err(cannot_read(literal, "one character stands in these quotes")),
            }
        }
        _ => {
            let (mut bytes, mut rest) = (Vec::new(), inside);
            while !rest.is_empty() {
                match character(&mut rest, quote).map_err(|what| cannot_read(literal, &what))? {
                    One::Character(one) => {
                        bytes.extend_from_slice(one.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    One::Byte(one) => bytes.push(one),
                }
            }
            // A Go string may hold any bytes. No text of robo's may, and to put others in their
            // place could make another command of it.
            let text = String::from_utf8(bytes);
            text.map(|text| string(&text))
                .map_err(|_| cannot_read(literal, "its bytes are not UTF-8"))
        }
    }
}

fn cannot_read(literal: &str, why: &str) -> String {
    format!("cannot read {literal}: {why}")
}

/// What one character of a literal stands for.
enum One {
    Character(char),
    /// `\xff` and `\377` are bytes, of which several may make a character.
    Byte(u8),
}

/// Takes one character off a literal, as Go's `strconv.UnquoteChar` does.
fn character(rest: &mut &str, quote: char) -> Result<One, String> {
    let mut characters = rest.chars();
    let first = characters.next().unwrap_or_default();
    if first != '\\' {
        *rest = characters.as_str();
        return Ok(One::Character(first));
    }
    let kind = characters.next().ok_or("it ends in a backslash")?;
    let after = characters.as_str();
    let escape = |digits: usize| {
        let shown: String = rest.chars().take(2 + digits).collect();
        format!("'{shown}' is no escape that Go knows")
    };
    let digits = |text: &str, count: usize, base: u32| {
        let digits = text.get(..count).filter(|digits| digits.chars().all(|c| c.is_digit(base)));
        digits.and_then(|digits| u32::from_str_radix(digits, base).ok())
    };
    let (one, length) = match kind {
        'a' => (One::Character('\u{7}'), 0),
        'b' => (One::Character('\u{8}'), 0),
        'f' => (One::Character('\u{c}'), 0),
        'n' => (One::Character('\n'), 0),
        'r' => (One::Character('\r'), 0),
        't' => (One::Character('\t'), 0),
        'v' => (One::Character('\u{b}'), 0),
        '\\' => (One::Character('\\'), 0),
        '"' | '\'' if kind == quote => (One::Character(kind), 0),
        'x' => {
            let byte = digits(after, 2, 16).and_then(|byte| u8::try_from(byte).ok());
            (One::Byte(byte.ok_or_else(|| escape(2))?), 2)
        }
        '0'..='7' => {
            let byte = digits(&rest[1..], 3, 8).and_then(|byte| u8::try_from(byte).ok());
            (One::Byte(byte.ok_or_else(|| escape(2))?), 2)
        }
        'u' | 'U' => {
            let count = if kind == 'u' { 4 } else { 8 };
            let one = digits(after, count, 16).and_then(char::from_u32);
            (One::Character(one.ok_or_else(|| escape(count))?), count)
        }
        _ => return Err(escape(0)),
    };
    *rest = &after[length..];
    Ok(one)
}

/// A text as a string of the engine. That takes escapes for such in backticks as well, and there
/// it knows a backslash at the end from one before a quote.
fn string(text: &str) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\");
    if !text.contains('`') {
        return format!("`{}`", escaped(text));
    }
    let quoted =
        |text: &str| format!("\"{}\"", escaped(text).replace('"', "\\\"").replace('\n', "\\n"));
    match text.trim_end_matches('\\') {
        body if body.len() == text.len() => quoted(text),
        body => {
            format!("(print {} `{}`)", quoted(body), escaped(&text[body.len()..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::template::{Budget, Colors, Data, render};
    use crate::tasks::value::Value;

    #[test]
    fn strings_mean_what_go_takes_them_for() {
        let cases = [
            (r#""\a\b\f\n\r\t\v\\\"""#, "\x07\x08\x0c\n\r\t\x0b\\\""),
            (r#""\033[1m\101\x41b\u00e9a\U0001F600b""#, "\x1b[1mAAbéa😀b"),
            (r#""\xc3\xa9\303\251x""#, "ééx"),
            (r#""it's `\\" | printf "%s\\""#, "it's `\\\\"),
            ("`\\x41\r\\\\ \"\\`", "\\x41\\\\ \"\\"),
            (r#""`\\`\"""#, "`\\`\""),
            (r"print 'a' '\'' '\n' '\xff' '\377' '\u00e9' 'é'", "97 39 10 255 255 233 233"),
            (r#"printf "%c %T" 'a' 'a'"#, "a int"),
            (r#""}}" | print "{{""#, "{{}}"),
        ];
        let data = Data::from(Value::map([]));
        for (action, want) in cases {
            let filled =
                render(&format!("{{{{ {action} }}}}"), &data, Colors::Off, &Budget::default());
            assert_eq!(filled.unwrap(), want, "{action}");
        }
    }

    #[test]
    fn only_what_stands_in_actions_goes_deep() {
        let shallow = [
            format!(
                "{{{{ .a }}}} {} {}",
                "if false; then :; else :; fi; ".repeat(200),
                "(".repeat(200)
            ),
            "{{ if .a }}x{{ else }}y{{ end }}".repeat(200),
            format!("{{{{ or .a {} .b }}}}", " \n".repeat(2000)),
            "{{ (.a) }}{{ \"((((\" }}".repeat(200),
            format!("{{{{ if .a }}}}{}{{{{ end }}}}", "{{ else if .b }}".repeat(100)).repeat(5),
        ];
        for template in shallow {
            assert!(prepare(&template).is_ok(), "{template}");
        }
        let deep = [
            format!("{{{{ {} .a }}}}", "(".repeat(101)),
            format!("{{{{ if .a }}}}{}", "{{ else if .b }}".repeat(101)),
            format!("{{{{ range .l }}}}{{{{ if .a }}}}{}", "{{ else if .b }}".repeat(101)),
            format!("{{{{ if .a }}}}{}", "{{ else if .b }}".repeat(20)).repeat(6),
        ];
        for template in deep {
            assert!(prepare(&template).is_err(), "{template}");
        }
    }

    #[test]
    fn what_go_refuses_is_told_with_its_line() {
        let cases = [
            (r#""\'""#, r"'\'' is no escape"),
            (r#"'\"'"#, r#"'\"' is no escape"#),
            (r#""\q""#, r"'\q' is no escape"),
            (r#""\400""#, r"'\400' is no escape"),
            (r#""\08""#, r"'\08' is no escape"),
            (r#""\x1""#, r#"'\x1' is no escape"#),
            (r#""\ud800""#, r"'\ud800' is no escape"),
            (r#""\U00110000""#, r"'\U00110000' is no escape"),
            (r#""\u12é""#, r"'\u12é' is no escape"),
            (r#""\xff""#, "its bytes are not UTF-8"),
            ("'ab'", "one character"),
            ("''", "one character"),
        ];
        for (literal, why) in cases {
            let flaw = prepare(&format!("a\n{{{{ {literal} }}}}")).err().unwrap();
            assert!(flaw.what.contains(why), "{literal}: {flaw:?}");
            assert_eq!(flaw.line, 2, "{literal}");
        }
    }

    #[test]
    fn what_stands_in_a_define_is_whole() {
        for whole in
            ["", "a {", "{{ .a }}", "{{- if .a -}} x {{- else }}{{ end }}", "{{/* end */}}"]
        {
            assert!(prepare(whole).unwrap().is_whole, "{whole}");
        }
        for other in [
            "{{ end }}{{ if .a }}",
            "{{ if .a }}",
            "{{ end }}",
            "{{ .a",
            "{{",
            "{{ \"a }}",
            "{{/* }}",
            "{{ define \"x\" }}{{ end }}",
        ] {
            assert!(!prepare(other).unwrap().is_whole, "{other}");
        }
    }

    #[test]
    fn the_looks_at_the_clock_change_nothing() {
        let data = Data::from(Value::map([]));
        let action = "a {{- 1 -}} b {{ if 1 }} c {{ else }}{{ end -}} d\n";
        let filled = render(&action.repeat(100), &data, Colors::Off, &Budget::default());
        assert_eq!(filled.unwrap(), "a1b  c d\n".repeat(100));
    }
}
