//! Which variables a template speaks of. It is a look at the text, on the safe side: it may see
//! more than a template uses, never less.

use std::collections::HashSet;

use crate::tasks::action::{Keys, actions};
use crate::tasks::template::is_template;
use crate::tasks::template::tokens::{Kind, is_in_word, tokens};

/// The variables that some templates may use.
#[derive(Clone, Debug, Default)]
pub(super) struct Mentions<'a> {
    names: HashSet<&'a str>,
    everything: bool,
}

impl<'a> Mentions<'a> {
    pub(super) fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    pub(super) fn of(templates: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        templates.into_iter().for_each(|template| all.add(template));
        all
    }

    /// Adds what a template may use. What is no name can be asked for by `index` alone, which
    /// takes everything.
    pub(super) fn add(&mut self, template: &'a str) {
        if !is_template(template) {
            return;
        }
        let mut after_dot = false;
        for token in tokens(template) {
            let before = || template[..token.start].chars().next_back();
            let next = || template[token.start + token.text.len()..].chars().next();
            match (token.kind, token.text) {
                (Kind::Word, name) if after_dot => _ = self.names.insert(name),
                // `{{ . }}`
                (Kind::Other, ".") => {
                    let names = |character: Option<char>| character.is_some_and(is_in_word);
                    self.everything |= !names(before()) && !names(next());
                }
                // `{{ range $k, $v := $ }}`
                (Kind::Other, "$") => {
                    self.everything |= !next().is_some_and(|c| is_in_word(c) || c == '.');
                }
                (Kind::Broken, _) => self.everything = true,
                _ => {}
            }
            after_dot = token.kind == Kind::Other && token.text == ".";
        }
    }

    pub(super) fn have(&self, variable: &str) -> bool {
        self.everything || self.names.contains(variable)
    }

    /// Whether they may use all variables at once.
    pub(super) fn have_everything(&self) -> bool {
        self.everything
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.names.iter().copied()
    }
}

/// The variables that stand in it by their path: `["hosts", "prod"]` for `.hosts.prod`.
pub(super) fn paths(template: &str) -> impl Iterator<Item = Keys<'_>> {
    actions(template).flat_map(|action| action.paths).map(|path| path.keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_may_be_used_is_mentioned() {
        let yes = [
            "{{ .branch }}",
            "{{ $.branch }}",
            "{{ index . \"branch\" }}",
            "{{ . }}",
            "{{ range $k, $v := $ }}{{ end }}",
            "{{ with .x }}{{ $.branch }}{{ end }}",
            "x {{ print (len .) }}",
            "{{ print \"}}\" . }}",
            "{{ printf \"}}%s\" .branch }}",
            "{{ \"}}\" | printf \"%s%v\" . }}",
            "{{ (.x).branch }}",
            "{{- .branch -}}",
        ];
        for template in yes {
            assert!(Mentions::of([template]).have("branch"), "{template}");
        }
        let no = [
            "branch",
            "$(branch)",
            "{{ .x }} .branch",
            "{{ .x.y }} {{ $v.z }}",
            "{{ 1.5 }}{{/* .branch */}}",
            "{{ print \".branch\" `.branch` }}",
        ];
        for template in no {
            assert!(!Mentions::of([template]).have("branch"), "{template}");
        }
    }

    #[test]
    fn paths_are_taken_apart() {
        let found: Vec<Vec<&str>> =
            paths("a.b {{ .hosts.prod | printf \"%s\" }} {{ $.x }}{{ (len .y) }}").collect();
        assert_eq!(found, [vec!["hosts", "prod"], vec!["x"], vec!["y"]]);
    }
}
