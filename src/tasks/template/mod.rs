//! Go's `text/template`, with the colours of tj/robo. The engine is `gtmpl-ng`'s; nothing else in
//! robo knows it.

mod budget;
mod flaws;
mod paint;
mod plain;
mod strings;
pub(super) mod tokens;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use gtmpl_ng::{Context, FloatFormat, Limits, Number, Template, Value as GoValue};

use crate::tasks::scalar::Scalar;
use crate::tasks::task::Text;
pub(super) use crate::tasks::template::budget::Budget;
use crate::tasks::template::flaws::{cannot_fill, cannot_read};
pub(super) use crate::tasks::template::paint::first_paint;
use crate::tasks::template::paint::{PAINTS, PLAIN};
use crate::tasks::template::plain::{Piece, is_plain, pieces};
use crate::tasks::value::Value;
use crate::tasks::yaml::Flaw;

/// What templates are filled from.
pub(super) struct Data {
    value: Value,
    /// The same for the engine, made when it is needed.
    context: OnceCell<Context>,
}

/// Whether the colour functions colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Colors {
    /// They do: what they write goes to a terminal.
    On,
    /// They leave their text as it is.
    Off,
}

/// What Go writes for a value that is not there.
pub(super) const NO_VALUE: &str = "<no value>";

/// How much a template may write: far more than any command or list, and soon used up by one that
/// does not end.
const MOST_WRITTEN: usize = 4 * 1024 * 1024;

impl From<Value> for Data {
    fn from(value: Value) -> Self {
        Self { value, context: OnceCell::new() }
    }
}

impl Data {
    pub(super) fn into_value(self) -> Value {
        self.value
    }

    fn context(&self) -> &Context {
        self.context.get_or_init(|| Context::from(go(&self.value)))
    }

    /// The value at a path, as Go prints it; nothing where the engine has to say what is wrong.
    fn print(&self, path: &str) -> Option<String> {
        let mut value = &self.value;
        for key in path.split('.') {
            match value {
                Value::Map(entries) => match entries.get(key) {
                    Some(below) => value = below,
                    None => return Some(NO_VALUE.to_owned()),
                },
                _ => return None,
            }
        }
        Some(value.to_string())
    }
}

/// A value as Go's `%v` prints it.
pub(super) fn print(value: &Value) -> String {
    go(value).to_string()
}

/// A float as Go's `%v` prints it: `1e+06`.
pub(super) fn float(number: f64) -> String {
    gtmpl_ng::format_float(number, FloatFormat::General, None)
}

fn go(value: &Value) -> GoValue {
    let entries = |entries: &BTreeMap<String, Value>| {
        entries.iter().map(|(key, value)| (key.clone(), go(value))).collect()
    };
    match value {
        Value::Scalar(Scalar::Null) => GoValue::Nil,
        Value::Scalar(Scalar::Bool(truth)) => GoValue::Bool(*truth),
        Value::Scalar(Scalar::Int(number)) => GoValue::Number(Number::signed(*number)),
        Value::Scalar(Scalar::Uint(number)) => GoValue::Number(Number::unsigned(*number)),
        Value::Scalar(Scalar::Float(number)) => GoValue::Number(Number::float(*number)),
        Value::Scalar(Scalar::Text(text)) => GoValue::from(text.as_str()),
        Value::List(values) => GoValue::Array(values.iter().map(go).collect()),
        Value::Map(map) => GoValue::Map(entries(map)),
        Value::Record(fields) => GoValue::Object(entries(fields)),
    }
}

/// Whether there is anything to fill in: most texts are plain.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// How many templates the engine looks at together.
const AT_ONCE: usize = 500;

/// Looks whether templates can be read at all. The flaw is that of the first which cannot.
///
/// The engine takes a twentieth of a millisecond for each look, which is felt in a large file. So
/// it gets many templates as one text, each as a `define`; where that cannot be read, one of them
/// cannot, and they are looked at one by one. Where it can, all can: in each, all blocks are
/// closed that it opens, so that none reaches into the next.
pub(super) fn check<'t>(texts: impl Iterator<Item = &'t Text>) -> Result<(), Flaw> {
    let (mut together, mut all) = (Vec::new(), String::new());
    for text in texts.filter(|text| !is_plain(&text.text)) {
        let prepared = strings::prepare(&text.text).map_err(|flaw| text.flaw(flaw))?;
        if !prepared.is_whole {
            check_alone(text)?;
            continue;
        }
        let name = together.len();
        all += &format!("{{{{define \"{name}\"}}}}{}\n{{{{end}}}}", prepared.text);
        together.push(text);
        if together.len() == AT_ONCE {
            check_together(&all, &together)?;
            (together, all) = (Vec::new(), String::new());
        }
    }
    check_together(&all, &together)
}

fn check_together(all: &str, texts: &[&Text]) -> Result<(), Flaw> {
    if texts.is_empty() {
        return Ok(());
    }
    match engine(Colors::Off).parse(all) {
        Ok(()) => Ok(()),
        Err(_) => texts.iter().try_for_each(|text| check_alone(text)),
    }
}

fn check_alone(text: &Text) -> Result<(), Flaw> {
    parse(&text.text, Colors::Off).map(drop).map_err(|flaw| text.flaw(flaw))
}

/// Fills a template in. A flaw's line is the template's own, from 1.
pub(super) fn render(
    text: &str,
    data: &Data,
    colors: Colors,
    budget: &Budget,
) -> Result<String, Flaw> {
    let filled = match fill_plain(text, data) {
        Some(filled) => Ok(filled),
        None => budget.time(|left| {
            let mut template = parse(text, colors)?;
            template.limits = template.limits.with_deadline(left);
            template.render(data.context()).map_err(|error| cannot_fill(&error))
        }),
    };
    budget.written(filled.as_ref().map_or(0, String::len));
    match budget.spent() {
        Some(what) => Err(Flaw::new(1, what)),
        None => filled,
    }
}

/// What needs no engine; nothing where it is needed, if only to say what is wrong.
fn fill_plain(text: &str, data: &Data) -> Option<String> {
    let mut filled = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Path(path) => filled.push_str(&data.print(path)?),
            Piece::Other => return None,
        }
        if filled.len() > MOST_WRITTEN {
            return None;
        }
    }
    Some(filled)
}

fn parse(text: &str, colors: Colors) -> Result<Template, Flaw> {
    let mut template = engine(colors);
    let prepared = strings::prepare(text)?;
    template.parse(prepared.text).map_err(|error| cannot_read(&error))?;
    Ok(template)
}

fn engine(colors: Colors) -> Template {
    let limits = Limits::default().with_output_bytes(MOST_WRITTEN);
    let mut template = Template::with_limits(limits);
    template.add_funcs(if colors == Colors::On { &PAINTS } else { &PLAIN });
    template
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::yaml;

    fn data() -> Data {
        let text = "s: x\nn: 7\nf: 1.50\nwhole: 3.0\nbig: 1000000.0\nt: yes\nz: ~\nl: [1, two, ~]\nm: {b: 1, a: 2}\n";
        let mut value = Value::of(&yaml::read(text).unwrap().root.unwrap());
        if let Value::Map(entries) = &mut value {
            entries.insert("r".to_owned(), Value::record([("field", Value::text("y"))]));
        }
        Data::from(value)
    }

    #[test]
    fn templates_print_what_go_prints() {
        let cases = [
            ("plain", "plain"),
            ("{{ .s }}{{.n}} {{.f}} {{ .big }} {{.t}}", "x7 1.5 1e+06 true"),
            (
                "{{ gt .big 999999.0 }} {{ eq .big 1e6 }} {{ printf \"%.1f\" .big }}",
                "true true 1000000.0",
            ),
            ("{{ printf \"%T %T %T\" .n .whole .big }}", "int int float64"),
            ("{{ printf \"%d\" .whole }}{{ .whole }}", "33"),
            ("{{ .missing }}|{{ .z }}|{{ .r.field }}", "<no value>|<no value>|y"),
            ("{{ .l }} {{ .m }} {{ .m.a }}", "[1 two <nil>] map[a:2 b:1] 2"),
            ("{{ .m.none }} {{ .none.a }}", "<no value> <no value>"),
            ("{{ if .missing }}a{{ else if eq .n 7 }}b{{ end }}", "b"),
            ("{{ range $k, $v := .m }}{{ $k }}={{ $v }};{{ end }}", "a=2;b=1;"),
            ("{{ range .l }}{{ . }},{{ end }}", "1,two,<no value>,"),
            ("a {{- .s -}} b", "axb"),
            ("{{/* c */}}{{ printf \"%03d %q\" .n .s }}", "007 \"x\""),
            ("{{ with .s }}<{{ . }}>{{ end }}{{ len .l }}{{ index .l 1 }}", "<x>3two"),
            ("{{ \"{{\" }}.Names{{ \"}}\" }}", "{{.Names}}"),
            ("{{ cyan .s }}{{ red \"%s-%d\" .s .n }}{{ green \"100%\" }}", "xx-7100%"),
            ("{{ printf `%s\\n` .s }}{{ `a\\tb\\n\"q\" }}` }}", "x\\na\\tb\\n\"q\" }}"),
            ("`{{ \"`\" }}{{/* ` */}}{{ .s }}`", "``x`"),
            ("{{ define \"t\" }}[{{ . }}]{{ end }}{{ template \"t\" .s }}", "[x]"),
        ];
        for (template, want) in cases {
            assert_eq!(
                render(template, &data(), Colors::Off, &Budget::default()).unwrap(),
                want,
                "{template}"
            );
            // What needs no engine is the same by it.
            let by_engine = parse(template, Colors::Off).unwrap().render(data().context());
            assert_eq!(by_engine.unwrap(), want, "{template}");
        }
        assert_eq!(
            render("{{ cyan .s }}", &data(), Colors::On, &Budget::default()).unwrap(),
            "\x1b[36mx\x1b[0m"
        );
    }

    #[test]
    fn what_cannot_be_filled_in_is_told_by_its_line() {
        let cases = [
            ("a\n{{ .s", 2),
            ("a\nb {{ nofunc .s }}", 2),
            ("\n\n{{ index .l 9 }}", 3),
            ("{{ if .s }}", 1),
            ("{{ cyan .l }}", 1),
            ("{{ .r.other }}", 1),
        ];
        for (template, line) in cases {
            let flaw = render(template, &data(), Colors::Off, &Budget::default()).unwrap_err();
            assert_eq!(flaw.line, line, "{template}: {flaw:?}");
        }
        for deep in [
            format!("{{{{ {}1{} }}}}", "(".repeat(500), ")".repeat(500)),
            format!("{{{{ if 0 }}}}{}{{{{ end }}}}", "{{ else if 0 }}".repeat(20_000)),
        ] {
            let flaw = render(&deep, &data(), Colors::Off, &Budget::default()).unwrap_err();
            assert!(flaw.what.contains("100 deep"), "{flaw:?}");
        }
        let endless = "{{ define \"t\" }}{{ template \"t\" . }}{{ end }}{{ template \"t\" . }}";
        render(endless, &data(), Colors::Off, &Budget::default()).unwrap_err();
    }

    #[test]
    fn what_is_looked_at_together_is_as_good_as_alone() {
        let good = [
            "{{ if .a }}b{{ end }}",
            "{{ $x := 1 }}{{ $x }}",
            "x {",
            "{{- .a -}}",
            "{{ define \"0\" }}x{{ end }}",
            "{{ print \"{{ end }}\" `{{` }}{{/* {{ end }} */}}",
        ];
        let bad = [
            "{{ end }}{{ if .a }}",
            "{{ end }}{{ define \"x\" }}",
            "{{ if .a }}",
            "{{ else }}",
            "{{ $x }}",
            "{{ break }}",
            "{{ nofunc }}",
            "{{ .a",
            "{{/* ",
            "{{ \"}}",
            "}}{{",
            "{{ define \"1\" }}",
        ];
        let text = |(at, text): (usize, &&str)| Text {
            text: (*text).to_owned(),
            line: 10 + at,
            literal: false,
        };
        let good: Vec<Text> = good.iter().enumerate().map(text).collect();
        assert!(check(good.iter()).is_ok());
        for (at, bad) in bad.iter().enumerate() {
            let bad = text((100 + at, bad));
            let flaw = check(good.iter().chain([&bad]).chain(&good)).unwrap_err();
            assert_eq!(flaw.line, 110 + at, "{bad:?}: {flaw:?}");
        }
        let many = vec![good[0].clone(); 3 * AT_ONCE];
        assert!(check(many.iter()).is_ok());
        let last = text((7, &"{{ if }}"));
        assert_eq!(check(many.iter().chain([&last])).unwrap_err().line, 17);
    }
}
