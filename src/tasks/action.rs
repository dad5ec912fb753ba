//! The actions of a template, `{{ … }}`, and the variables that stand in them by their paths.

use crate::tasks::template::tokens::{Kind, Token, tokens};

/// A variable by the keys that lead to it: `["hosts", "prod"]` for `.hosts.prod`.
pub(super) type Keys<'a> = Vec<&'a str>;

/// What stands between `{{` and `}}`.
#[derive(Debug, Default)]
pub(super) struct Action<'a> {
    /// Keywords and functions.
    pub(super) words: Vec<&'a str>,
    pub(super) paths: Vec<Path<'a>>,
    /// It has `:=` or `=`.
    pub(super) assigns: bool,
    /// It has `.` or `$` by itself.
    pub(super) takes_everything: bool,
}

/// A path, from the dot or from the root.
#[derive(Debug)]
pub(super) struct Path<'a> {
    pub(super) keys: Keys<'a>,
    /// It begins with `$`.
    pub(super) from_root: bool,
    /// The line of the template that it stands in, from 1.
    pub(super) line: usize,
}

/// The actions of `template`, comments left out. One that is not closed is none.
pub(super) fn actions(template: &str) -> impl Iterator<Item = Action<'_>> {
    let mut rest = tokens(template);
    let mut lines = Lines { template, line: 1, seen: 0 };
    std::iter::from_fn(move || {
        rest.by_ref().find(|token| token.kind == Kind::Open)?;
        let mut within = Vec::new();
        for token in rest.by_ref() {
            match token.kind {
                Kind::Close => return Some(Action::read(&within, &mut lines)),
                _ => within.push(token),
            }
        }
        None
    })
}

/// Counts the lines up to places that come one behind the other.
struct Lines<'a> {
    template: &'a str,
    line: usize,
    seen: usize,
}

impl Lines<'_> {
    fn of(&mut self, at: usize) -> usize {
        self.line += self.template[self.seen..at].matches('\n').count();
        self.seen = at;
        self.line
    }
}

impl<'a> Action<'a> {
    fn read(tokens: &[Token<'a>], lines: &mut Lines<'_>) -> Self {
        let mut action = Self::default();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let begins = at == 0 || begins_behind(tokens[at - 1]);
            at += 1;
            match (token.kind, token.text) {
                (Kind::Word, word) => action.words.push(word),
                (Kind::Other, "=") => action.assigns = true,
                (Kind::Other, "$") => {
                    let is_variable = tokens.get(at).is_some_and(|token| token.kind == Kind::Word);
                    at += usize::from(is_variable);
                    let keys = keys(&tokens[at..]);
                    at += 2 * keys.len();
                    if !is_variable {
                        action.add(keys, true, lines.of(token.start));
                    }
                }
                (Kind::Other, ".") => {
                    let keys = keys(&tokens[at - 1..]);
                    at += (2 * keys.len()).saturating_sub(1);
                    let is_number = keys.first().is_some_and(|key| key.starts_with(is_digit));
                    if begins && !is_number {
                        action.add(keys, false, lines.of(token.start));
                    }
                }
                _ => {}
            }
        }
        action
    }

    fn add(&mut self, keys: Keys<'a>, from_root: bool, line: usize) {
        if keys.is_empty() {
            self.takes_everything = true;
        } else {
            self.paths.push(Path { keys, from_root, line });
        }
    }
}

/// Whether a path can begin behind the token: behind another value, `(index .a 0).b`, it goes on.
fn begins_behind(token: Token<'_>) -> bool {
    let sign = |text: &str| text.chars().all(|c| c.is_whitespace() || "(|,=-".contains(c));
    token.kind == Kind::Comment || token.kind == Kind::Other && sign(token.text)
}

/// The keys of the `.a.b` that the tokens begin with.
fn keys<'a>(tokens: &[Token<'a>]) -> Keys<'a> {
    let pairs = tokens.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    let is_key = |(dot, word): &(Token<'_>, Token<'_>)| {
        dot.kind == Kind::Other && dot.text == "." && word.kind == Kind::Word
    };
    pairs.take_while(is_key).map(|(_, word)| word.text).collect()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_words_are_seen() {
        let cases = [
            ("a.b {{ .a }}{{.b.c}}{{- $.d -}}", ".a:1 .b.c:1 $.d:1"),
            (
                "\n{{ .a }}\n{{ printf \"%s\"\n  .b (len .c) | red }}",
                ".a:2 printf .b:4 len .c:4 red",
            ),
            ("{{ eq .a 1.5 }}{{ eq .5 .b }}{{ true }}", "eq .a:1 1 eq .b:1 true"),
            ("{{ (index .a 0).b }}{{ . }}{{ $ }}{{ $x.y }}", "index .a:1 0 * *"),
            ("{{ \".a }} {{ .b\" }}{{ `.c }}` }}{{ '.' }}{{ \"\\\".d\" }}{{ .e }}", ".e:1"),
            ("{{/* .a }} */}}{{- /* {{ .b }} */ -}}{{ .c }}", ".c:1"),
            ("{{ $x := .a }}{{ $x = $.b.c }}", "= .a:1 = $.b.c:1"),
            ("{{ $x.a.b }}{{ $.a.b.c }}{{ .a.b.c.d }}", "$.a.b.c:1 .a.b.c.d:1"),
            ("{{ ö.ü .ä }}", "ö .ä:1"),
            ("{{ .a", ""),
            ("{{ \"a", ""),
        ];
        for (template, want) in cases {
            let mut seen = Vec::new();
            for action in actions(template) {
                seen.extend(action.assigns.then(|| "=".to_owned()));
                seen.extend(action.takes_everything.then(|| "*".to_owned()));
                let mut paths = action.paths.iter().map(|path| {
                    let root = if path.from_root { "$" } else { "" };
                    format!("{root}.{}:{}", path.keys.join("."), path.line)
                });
                let mut words: Vec<String> = action.words.iter().map(|w| (*w).to_owned()).collect();
                words.extend(paths.by_ref());
                seen.extend(words);
            }
            let (mut seen, mut want): (Vec<_>, Vec<_>) =
                (seen, want.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect());
            seen.sort();
            want.sort();
            assert_eq!(seen, want, "{template}");
        }
    }
}
