//! Where the commands are in the value of a variable: `v-$(git rev-parse HEAD)`.

use std::ops::Range;

/// How much is read over in looking for brackets that are not there.
const MOST_IN_VAIN: usize = 8 * 1024 * 1024;

/// The `$(…)` of a text, in order, each with its brackets. One that is not closed in its line is
/// none, as in tj/robo.
pub(super) fn commands(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut from, mut line, mut in_vain) = (0, 0, 0);
    while let Some(start) = text[from..].find("$(").map(|at| from + at) {
        let inside = start + 2;
        if line < inside {
            line = text[inside..].find('\n').map_or(text.len(), |at| inside + at);
        }
        from = match end(&text[inside..line]) {
            // `$()` is nothing to run.
            Some(length) if length > 0 => {
                found.push(start..inside + length + 1);
                inside + length + 1
            }
            Some(_) => inside,
            None => {
                in_vain += line - inside;
                if in_vain > MOST_IN_VAIN {
                    return found;
                }
                inside
            }
        };
    }
    found
}

/// The command between the brackets.
pub(super) fn inside(command: &str) -> &str {
    command.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(command)
}

/// Where the bracket is that closes a command: not in quotes, not one of a pair within, and not
/// the one after a pattern of `case`.
fn end(command: &str) -> Option<usize> {
    let (mut depth, mut cases) = (0_u32, 0_u32);
    let (mut single, mut double) = (false, false);
    let mut word = String::new();
    let mut characters = command.char_indices();
    while let Some((at, character)) = characters.next() {
        if character.is_alphanumeric() || character == '_' {
            word.push(character);
            continue;
        }
        match std::mem::take(&mut word).as_str() {
            "case" if !single && !double => cases += 1,
            "esac" if !single && !double => cases = cases.saturating_sub(1),
            _ => {}
        }
        match character {
            '\\' if !single => {
                characters.next();
            }
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '(' if !single && !double => depth += 1,
            ')' if !single && !double => match depth {
                0 if cases == 0 => return Some(at),
                0 => {}
                _ => depth -= 1,
            },
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_with_their_brackets() {
        let cases: [(&str, &[&str]); 13] = [
            ("plain", &[]),
            ("$(echo hi)", &["$(echo hi)"]),
            ("a-$(b)-$(c)", &["$(b)", "$(c)"]),
            ("$(echo $(date))", &["$(echo $(date))"]),
            ("$((1 + 2))", &["$((1 + 2))"]),
            ("$(echo ')' \")\" \\))", &["$(echo ')' \")\" \\))"]),
            ("$(case x in x) echo 1;; esac)", &["$(case x in x) echo 1;; esac)"]),
            ("$(a) (b)", &["$(a)"]),
            ("$(open", &[]),
            ("$(open\n)", &[]),
            ("$()", &[]),
            ("$HOME (x)", &[]),
            ("$(echo it\\'s)", &["$(echo it\\'s)"]),
        ];
        for (text, want) in cases {
            let found: Vec<&str> = commands(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, want, "{text}");
        }
        assert_eq!(inside("$(echo hi)"), "echo hi");
        // Each of these was looked for to the end of the line.
        let many = "$(a)".repeat(200_000);
        assert_eq!(commands(&many).len(), 200_000);
        let open = format!("$(a){}", "$(\"".repeat(300_000));
        assert_eq!(commands(&open).len(), 1);
    }
}
