//! Which variables a template speaks of. It is a look at the text, on the safe side: it may see
//! more than a template uses, never less.

use crate::tasks::template::is_template;
use crate::tasks::uses;

/// Whether the template may use the variable of that name.
pub(super) fn mentions(template: &str, variable: &str) -> bool {
    is_template(template) && (template.contains(variable) || takes_everything(template))
}

/// Whether it uses all variables at once: `{{ . }}`, `{{ range $k, $v := $ }}`.
fn takes_everything(template: &str) -> bool {
    let names = |c: char| c.is_alphanumeric() || c == '_';
    actions(template).any(|action| {
        action.char_indices().any(|(at, character)| {
            let next = action[at + character.len_utf8()..].chars().next();
            let before = action[..at].chars().next_back();
            match character {
                '.' => !next.is_some_and(names) && !before.is_some_and(names),
                '$' => !next.is_some_and(|c| names(c) || c == '.'),
                _ => false,
            }
        })
    })
}

/// The variables that stand in it by their path: `["hosts", "prod"]` for `.hosts.prod`.
pub(super) fn paths(template: &str) -> impl Iterator<Item = Vec<&str>> {
    actions(template).flat_map(|action| {
        action
            .split(|c: char| c.is_whitespace() || "(){}|,".contains(c))
            .filter_map(|word| word.strip_prefix("$.").or_else(|| word.strip_prefix('.')))
            .filter(|path| !path.is_empty())
            .map(|path| path.split('.').collect())
    })
}

fn actions(template: &str) -> impl Iterator<Item = &str> {
    uses::actions(template).map(|(_, action)| action)
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
        ];
        for template in yes {
            assert!(mentions(template, "branch"), "{template}");
        }
        for template in ["branch", "$(branch)", "{{ .x }}", "{{ .x.y }} {{ $v.z }}", "{{ 1.5 }}"] {
            assert!(!mentions(template, "branch"), "{template}");
        }
    }

    #[test]
    fn paths_are_taken_apart() {
        let found: Vec<Vec<&str>> =
            paths("a.b {{ .hosts.prod | printf \"%s\" }} {{ $.x }}{{ (len .y) }}").collect();
        assert_eq!(found, [vec!["hosts", "prod"], vec!["x"], vec!["y"]]);
    }
}
