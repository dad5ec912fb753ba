//! Which variables a template uses for certain. It is a look at the text, on the other side than
//! `mentions`: it may see fewer than a template uses, never more.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::tasks::action::{Action, Keys, Path, actions};

/// What a template does with variables.
#[derive(Debug, Default)]
pub(super) struct Uses<'a> {
    /// Those that it is filled in with, each with its line in the template, from 1.
    pub(super) filled_in: Vec<(Keys<'a>, usize)>,
    /// Those that it asks about, so that they may be missing.
    asked_about: BTreeSet<Keys<'a>>,
    /// It asks by other means, such as `index . "name"`: what about is not known.
    asks_otherwise: bool,
}

impl<'a> Uses<'a> {
    pub(super) fn of(template: &'a str) -> Self {
        let mut uses = Self::default();
        let mut blocks = Vec::new();
        actions(template).for_each(|action| uses.action(action, &mut blocks));
        uses
    }

    /// Whether it asks if the variable, or something around or below it, is there.
    pub(super) fn asks_about(&self, path: &[&str]) -> bool {
        let around = || (1..=path.len()).any(|keys| self.asked_about.contains(&path[..keys]));
        // In their order, what is below a path comes right behind it.
        let from = (Bound::Included(path), Bound::Unbounded);
        let next = self.asked_about.range::<[&str], _>(from).next();
        self.asks_otherwise || around() || next.is_some_and(|next| next.starts_with(path))
    }

    fn action(&mut self, action: Action<'a>, blocks: &mut Vec<Block>) {
        let keyword = action.words.first().copied().unwrap_or_default();
        let asks = match keyword {
            "if" | "else" | "with" => true,
            // What is handed on is asked about over there.
            "template" | "block" => true,
            "range" => false,
            _ => action.assigns || action.words.iter().any(|w| ["and", "or", "not"].contains(w)),
        };
        let within = blocks.last().copied().unwrap_or(Block::Same);
        for Path { keys, from_root, line } in action.paths {
            if asks {
                self.asked_about.insert(keys);
            } else if within == Block::Same || from_root && within == Block::OtherDot {
                self.filled_in.push((keys, line));
            }
        }
        self.asks_otherwise |= asks && action.takes_everything;
        match keyword {
            "if" => blocks.push(within),
            "with" | "range" => blocks.push(within.max(Block::OtherDot)),
            "define" | "block" => blocks.push(Block::Named),
            "end" => drop(blocks.pop()),
            _ => {}
        }
    }
}

/// What the variables are within a block; one in another is as far off as the farther of them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Block {
    /// The same as around it.
    Same,
    /// `.` is something else, and `$` is not.
    OtherDot,
    /// So is `$`: a template that is called by its name.
    Named,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_for_certain_is_seen() {
        let cases = [
            ("a.b {{ .a }}{{.b.c}}{{- $.d -}}", "a:1 b.c:1 d:1"),
            ("\n{{ .a }}\n{{ printf \"%s\"\n  .b (len .c) | red }}", "a:2 b:4 c:4"),
            ("{{ eq .a 1.5 }}{{ eq .5 .b }}{{ true }}", "a:1 b:1"),
            // What is not a path from the top, or not a path at all.
            ("{{ (index .a 0).b }}{{ . }}{{ $ }}{{ $x.y }}", "a:1"),
            ("{{ \".a }} {{ .b\" }}{{ `.c }}` }}{{ '.' }}{{ \"\\\".d\" }}{{ .e }}", "e:1"),
            ("{{/* .a }} */}}{{- /* {{ .b }} */ -}}{{ .c }}", "c:1"),
            // The dot is another one within, the root is not but in templates with names.
            ("{{ range .a }}{{ .b }}{{ $.c }}{{ end }}{{ .d }}", "a:1 c:1 d:1"),
            ("{{ range $k, $v := .a }}{{ .b }}{{ else }}{{ .c }}{{ end }}", "a:1"),
            ("{{ with .a }}{{ .b }}{{ if .c }}{{ .d }}{{ end }}{{ end }}{{ .e }}", "e:1"),
            ("{{ if .a }}{{ .b }}{{ else if .c }}{{ .d }}{{ end }}{{ .e }}", "b:1 d:1 e:1"),
            ("{{ define \"t\" }}{{ .a }}{{ $.b }}{{ end }}{{ template \"t\" .c }}{{ .d }}", "d:1"),
            ("{{ block \"t\" .a }}{{ .b }}{{ end }}{{ .c }}", "c:1"),
            ("{{ range .a }}{{ range .b }}{{ end }}{{ .c }}{{ end }}{{ .d }}", "a:1 d:1"),
            // Nothing of it is a template that can be read.
            ("{{ .a", ""),
            ("{{ end }}{{ end }}{{ .a }}", "a:1"),
            ("{{ \"a", ""),
            ("{{/* a", ""),
            ("{{ ö.ü .ä }}", "ä:1"),
        ];
        for (template, want) in cases {
            let found: Vec<String> = Uses::of(template)
                .filled_in
                .iter()
                .map(|(path, line)| format!("{}:{line}", path.join(".")))
                .collect();
            assert_eq!(found.join(" "), want, "{template}");
        }
    }

    #[test]
    fn what_a_template_asks_about_may_be_missing() {
        let yes = [
            "{{ if .a.b }}{{ end }}",
            "{{ if .a }}{{ end }}",
            "{{ if .a.b.c }}{{ end }}",
            "{{ if .x }}{{ else if eq .a.b 1 }}{{ end }}",
            "{{ with .a.b }}{{ . }}{{ end }}",
            "{{ or .a.b \"none\" }}",
            "{{ print (and .x $.a.b) }}",
            "{{ $b := .a.b }}{{ if $b }}{{ end }}",
            "{{ template \"t\" .a }}",
            "{{ if index . \"a\" }}{{ end }}",
            "{{ range .x }}{{ if $.a.b }}{{ end }}{{ end }}",
        ];
        for template in yes {
            assert!(Uses::of(template).asks_about(&["a", "b"]), "{template}");
        }
        let no = [
            "{{ .a.b }}",
            "{{ if .a.c }}{{ end }}",
            "{{ if .ab }}{{ end }}",
            "{{ range $k, $v := .a.b }}{{ end }}",
            "{{ eq .a.b \"=\" }}",
            "{{ index . \"a\" }}",
        ];
        for template in no {
            assert!(!Uses::of(template).asks_about(&["a", "b"]), "{template}");
        }
    }
}
