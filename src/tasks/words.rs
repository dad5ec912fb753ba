//! The words of an `exec`, as tj/robo splits them (go-shellwords 1.0.6): quotes and backslashes,
//! but no variables, and nothing of what a shell would do.

/// The words, and what was left out after them.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Words {
    pub(super) words: Vec<String>,
    /// From the first `;`, `&`, `|`, `<` or `>` outside of quotes on.
    pub(super) left_out: Option<String>,
}

/// Splits a line; nothing where a quote or bracket stays open, or `(` stands where it means
/// nothing.
pub(super) fn split(line: &str) -> Option<Words> {
    let mut words = Vec::new();
    let mut state = State::default();
    let mut left_out = None;
    for (at, character) in line.char_indices() {
        match state.take(character)? {
            Taken::Yes => {}
            Taken::WordEnds => words.extend(state.word.take()),
            Taken::Stop => {
                if character == '>' && state.begins_with_digit() {
                    // `2>` is a redirection, and the digit is a part of it.
                    state.word = None;
                }
                left_out = Some(line[at..].to_owned());
                break;
            }
        }
    }
    words.extend(state.word.take());
    state.is_closed().then_some(Words { words, left_out })
}

enum Taken {
    Yes,
    WordEnds,
    Stop,
}

#[derive(Default)]
struct State {
    /// The word so far. Quotes alone begin none: an empty word is left out.
    word: Option<String>,
    escaped: bool,
    double: bool,
    single: bool,
    back: bool,
    dollar: bool,
}

impl State {
    fn take(&mut self, character: char) -> Option<Taken> {
        if self.escaped {
            self.escaped = false;
            return Some(self.push(character));
        }
        match character {
            '\\' if self.single => return Some(self.push(character)),
            '\\' => {
                self.escaped = true;
                return Some(Taken::Yes);
            }
            ' ' | '\t' | '\r' | '\n' if !self.is_quoted() => return Some(Taken::WordEnds),
            '`' if !self.single && !self.double && !self.dollar => self.back = !self.back,
            ')' if !self.single && !self.double && !self.back => self.dollar = !self.dollar,
            '(' if !self.single && !self.double && !self.back => {
                if self.dollar || !self.word.as_deref().is_some_and(|word| word.ends_with('$')) {
                    return None;
                }
                self.dollar = true;
            }
            '"' if !self.single && !self.dollar => {
                self.double = !self.double;
                return Some(Taken::Yes);
            }
            '\'' if !self.double && !self.dollar => {
                self.single = !self.single;
                return Some(Taken::Yes);
            }
            ';' | '&' | '|' | '<' | '>' if !self.is_quoted() => return Some(Taken::Stop),
            _ => {}
        }
        Some(self.push(character))
    }

    fn push(&mut self, character: char) -> Taken {
        self.word.get_or_insert_default().push(character);
        Taken::Yes
    }

    fn begins_with_digit(&self) -> bool {
        self.word
            .as_deref()
            .is_some_and(|word| word.starts_with(|first: char| first.is_ascii_digit()))
    }

    fn is_quoted(&self) -> bool {
        self.single || self.double || self.back || self.dollar
    }

    fn is_closed(&self) -> bool {
        !self.escaped && !self.is_quoted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_by_tj_robo() {
        let cases: [(&str, &[&str], Option<&str>); 15] = [
            ("echo hello", &["echo", "hello"], None),
            ("  a\tb\nc ", &["a", "b", "c"], None),
            ("ssh {{x}} -t", &["ssh", "{{x}}", "-t"], None),
            ("echo 'a b' \"c d\"", &["echo", "a b", "c d"], None),
            ("echo a\\ b 'a\\b' \"a\\\"b\"", &["echo", "a b", "a\\b", "a\"b"], None),
            ("echo $HOME ${X}", &["echo", "$HOME", "${X}"], None),
            ("a$(b c)d `e f`", &["a$(b c)d", "`e f`"], None),
            ("echo '' \"\" x", &["echo", "x"], None),
            ("x=''y", &["x=y"], None),
            ("a | b", &["a"], Some("| b")),
            ("a; b", &["a"], Some("; b")),
            ("a 2> b", &["a"], Some("> b")),
            ("a '|' b", &["a", "|", "b"], None),
            ("", &[], None),
            ("ä ö", &["ä", "ö"], None),
        ];
        for (line, words, left_out) in cases {
            let words = words.iter().map(|&word| word.to_owned()).collect();
            let left_out = left_out.map(str::to_owned);
            assert_eq!(split(line), Some(Words { words, left_out }), "{line}");
        }
        for open in ["'a", "\"a", "a \\", "`a", "a (b)", "$(a", "$(a (b))"] {
            assert_eq!(split(open), None, "{open}");
        }
    }
}
