//! Variables that texts use and nobody has, as far as that is known before anything is run.

use std::collections::BTreeMap;

use crate::tasks::file::TaskFile;
use crate::tasks::scalar::Scalar;
use crate::tasks::template::is_template;
use crate::tasks::uses::Uses;
use crate::tasks::yaml::{Entry, Node, NodeKind};

/// The variables of a file: its own, and those that are beneath them.
pub struct KnownVariables<'a> {
    file: &'a TaskFile,
    variables: Known<'a>,
    /// Those beneath its own, without them.
    beneath: Known<'a>,
}

/// A variable that a text uses and that is not there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MissingVariable<'a> {
    /// `hosts.prod`, up to the key that is not there.
    pub name: String,
    /// That key.
    pub key: &'a str,
    /// The keys that are there in its place, sorted.
    pub keys: &'a [&'a str],
    /// It is there beneath, in a map that the file has one of its own for.
    pub replaced: bool,
    /// The line of the file that it is used in.
    pub line: usize,
}

/// What a variable holds.
enum Known<'a> {
    /// What a command says or a template makes, or nothing so far.
    Anything,
    /// No variables.
    Value,
    /// By their keys, sorted.
    Map(Vec<&'a str>, Vec<Known<'a>>),
}

impl<'a> KnownVariables<'a> {
    /// Those of `file`, which has those of `base` beneath its own.
    pub fn of(file: &'a TaskFile, base: Option<&'a TaskFile>) -> Self {
        // As `scope` lays them upon each other: a variable replaces one beneath it whole.
        let beneath = || {
            let user = ("user", words(&["home", "name", "username"]));
            let base = base.into_iter().flat_map(|base| entries(&base.variables));
            [user].into_iter().chain(base).chain([("robo", words(&["file", "path"]))])
        };
        let variables = map(beneath().chain(entries(&file.variables)));
        Self { file, variables, beneath: map(beneath()) }
    }

    /// Those that are missing for certain, by the texts that use them. One that its text asks
    /// about, `{{ if .a }}`, is meant to be missing now and then.
    pub fn missing(&'a self) -> Vec<MissingVariable<'a>> {
        let mut found = Vec::new();
        for text in self.file.task_texts().filter(|text| is_template(&text.text)) {
            self.missing_of(&text.text, (text.line, text.literal), &mut found);
        }
        for entry in &self.file.variables {
            self.missing_below(&entry.value, &mut found);
        }
        found
    }

    /// Those in the texts of variables.
    fn missing_below(&'a self, node: &'a Node, found: &mut Vec<MissingVariable<'a>>) {
        match &node.kind {
            NodeKind::Scalar(written) if is_template(&written.text) => {
                self.missing_of(&written.text, (node.line, written.literal), found);
            }
            NodeKind::Scalar(_) => {}
            NodeKind::List(nodes) => nodes.iter().for_each(|node| self.missing_below(node, found)),
            NodeKind::Map(entries) => {
                entries.iter().for_each(|entry| self.missing_below(&entry.value, found));
            }
        }
    }

    fn missing_of(
        &'a self,
        text: &'a str,
        (first, literal): (usize, bool),
        found: &mut Vec<MissingVariable<'a>>,
    ) {
        let uses = Uses::of(text);
        for (path, line) in &uses.filled_in {
            let Some((number, keys)) = self.variables.way(path) else { continue };
            let way = &path[..=number];
            if !uses.asks_about(way) {
                let (name, key) = (way.join("."), path[number]);
                let line = if literal { first + line - 1 } else { first };
                let replaced = self.beneath.way(way).is_none();
                found.push(MissingVariable { name, key, keys, replaced, line });
            }
        }
    }
}

impl<'a> Known<'a> {
    /// Where a path ends too early, if it does: which of its keys is not there, and those that are.
    fn way(&'a self, path: &[&str]) -> Option<(usize, &'a [&'a str])> {
        let mut known = self;
        for (number, key) in path.iter().enumerate() {
            match known {
                Known::Anything => return None,
                Known::Value => return Some((number, &[])),
                Known::Map(keys, values) => match keys.binary_search(key) {
                    Ok(at) => known = &values[at],
                    Err(_) => return Some((number, keys)),
                },
            }
        }
        None
    }

    fn of(node: &'a Node) -> Self {
        match &node.kind {
            NodeKind::Scalar(written) => match written.meaning() {
                Scalar::Text(text) if is_template(&text) || text.contains("$(") => Self::Anything,
                Scalar::Null => Self::Anything,
                _ => Self::Value,
            },
            NodeKind::List(_) => Self::Value,
            NodeKind::Map(below) => map(entries(below)),
        }
    }
}

fn entries(entries: &[Entry]) -> impl DoubleEndedIterator<Item = (&str, Known<'_>)> {
    entries.iter().map(|entry| (entry.key.text.as_str(), Known::of(&entry.value)))
}

/// Of two with one key the later one counts.
fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Known<'a>)>) -> Known<'a> {
    let sorted: BTreeMap<&str, Known<'_>> = entries.into_iter().collect();
    let (keys, values) = sorted.into_iter().unzip();
    Known::Map(keys, values)
}

fn words<'a>(keys: &[&'a str]) -> Known<'a> {
    map(keys.iter().map(|key| (*key, Known::Value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(file: &str, base: Option<&str>) -> String {
        let parse = |text: &str| TaskFile::parse("f.yml", text.as_bytes()).unwrap();
        let (file, base) = (parse(file), base.map(parse));
        let known = KnownVariables::of(&file, base.as_ref());
        let found = known.missing();
        let words = found.iter().map(|missing| format!("{}:{}", missing.name, missing.line));
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_variable_that_nobody_has_is_missing() {
        let variables = "variables:\n  text: x\n  list: [1]\n  none:\n  said: $(cat x.json)\n  \
                         made: '{{ .text }}'\n  map:\n    one: 1\n    said: $(x)\n    deep: {er: 2}\n";
        let cases = [
            ("{{ .text }} {{ .map.one }} {{ .map }} {{ .list }} {{ .map.deep.er }}", ""),
            ("{{ .robo.path }} {{ .robo.file }} {{ .user.home }} {{ .user.name }}", ""),
            ("{{ .user.username }}{{ .user.shell }} {{ .robo.x }}", "user.shell:1 robo.x:1"),
            ("{{ .nope }} {{ .nope.below }} {{ $.nope }}", "nope:1 nope:1 nope:1"),
            ("{{ .map.two }} {{ .map.deep.two }}", "map.two:1 map.deep.two:1"),
            ("{{ .text.x }} {{ .list.x.y }}", "text.x:1 list.x:1"),
            // What cannot be told.
            ("{{ .said.x }} {{ .made.x }} {{ .none.x }} {{ .map.said.x }}", ""),
            ("{{ if .nope }}{{ .nope }}{{ end }}{{ or .other \"\" }}{{ .other }}", ""),
            ("{{ with .nope.x }}{{ . }}{{ end }}{{ .nope }}", ""),
            ("{{ range .list }}{{ .nope }}{{ end }}", ""),
        ];
        for (text, want) in cases {
            let file = format!("t: {{command: '{text}'}}\n{variables}");
            assert_eq!(missing(&file, None), want, "{text}");
        }
    }

    #[test]
    fn every_text_of_a_task_counts_with_its_line_but_not_what_pages_look_like() {
        let file = "\
before: [{command: '{{ .a }}'}]
t:
  summary: '{{ .b }}'
  command: |
    one
    {{ .c }}
  env: ['X={{ .d }}']
  profile: '{{ .e }}'
  examples: [{description: '{{ .f }}', command: '{{ .g }}'}]
templates: {list: '{{ .Nope }}', help: '{{ .Nope }}', variables: '{{ .Nope }}'}
variables:
  list:
    - '{{ .h }}'
  v: |
    $(x)
    {{ .list }}{{ .i }}
";
        let mut found: Vec<String> = missing(file, None).split(' ').map(str::to_owned).collect();
        found.sort();
        assert_eq!(found, ["a:1", "b:3", "c:6", "d:7", "e:8", "f:9", "g:9", "h:13", "i:16"]);
    }

    #[test]
    fn a_team_s_variables_replace_those_beneath_whole() {
        let base = "variables:\n  map: {one: 1, two: 2}\n  only: x\n  robo: {x: 1}\n";
        let file = "t: {command: '{{ .map.one }} {{ .map.two }} {{ .only }} {{ .robo.x }}'}\n\
                    variables: {map: {one: 5}}\n";
        assert_eq!(missing(file, Some(base)), "map.two:1 robo.x:1");
        assert_eq!(missing(file, None), "map.two:1 only:1 robo.x:1");
        let parse = |text: &str| TaskFile::parse("f.yml", text.as_bytes()).unwrap();
        let (file, base) = (parse(file), parse(base));
        let known = KnownVariables::of(&file, Some(&base));
        let replaced: Vec<bool> = known.missing().iter().map(|missing| missing.replaced).collect();
        assert_eq!(replaced, [true, false]);
        let own = "t: {command: '{{ .user.x }}{{ .user.name }}'}\nvariables: {user: {x: 1}}\n";
        assert_eq!(missing(own, None), "user.name:1");
    }
}
