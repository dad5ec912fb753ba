//! An HTML page as far as it matters here: its title, its forms, its words.

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

/// What was found on a page.
#[derive(Default)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) forms: Vec<Form>,
    /// The words that a person would see, in lower case, and no more of them than [`WORDS`].
    pub(super) words: String,
}

/// A form with its fields. A field outside of any form is in one without an action.
#[derive(Default)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) fields: Vec<Field>,
}

/// An input of a form; entities in it are resolved.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) value: String,
}

/// An error page says what it has to say well before this many bytes.
const WORDS: usize = 20_000;

/// More forms or fields than any page has.
const MOST: usize = 1000;

impl Page {
    /// Reads a page; any text is one.
    pub(super) fn read(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        // So that what is within a script is neither taken for a form nor for words.
        emitter.naively_switch_states(true);
        let mut page = Page::default();
        let mut within = Vec::new();
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => {
                    page.start(&tag);
                    if matches!(&**tag.name, b"script" | b"style" | b"title" | b"noscript") {
                        within = tag.name.to_vec();
                    }
                }
                Token::EndTag(tag) => {
                    if *tag.name == within {
                        within.clear();
                    }
                    if &**tag.name == b"form" && page.forms.len() < MOST {
                        page.forms.push(Form::default());
                    }
                }
                Token::String(text) => page.text(&within, &text.value),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        page
    }

    /// The form with a field of that name, and the field's value.
    pub(super) fn field(&self, name: &str) -> Option<(&Form, &str)> {
        self.forms.iter().find_map(|form| form.field(name).map(|value| (form, value)))
    }

    /// Whether a password can be typed here.
    pub(super) fn asks_for_password(&self) -> bool {
        let mut fields = self.forms.iter().flat_map(|form| &form.fields);
        fields.any(|field| field.kind.eq_ignore_ascii_case("password"))
    }

    fn start(&mut self, tag: &StartTag<()>) {
        let attribute = |name: &[u8]| {
            let value = tag.attributes.get(&HtmlString(name.to_vec()));
            value.map(|value| lossy(&value.value)).unwrap_or_default()
        };
        match &**tag.name {
            b"form" if self.forms.len() < MOST => {
                let action = attribute(b"action").trim().to_owned();
                self.forms.push(Form { action, fields: Vec::new() });
            }
            b"input" => {
                if self.forms.is_empty() {
                    self.forms.push(Form::default());
                }
                let Some(form) = self.forms.last_mut().filter(|form| form.fields.len() < MOST)
                else {
                    return;
                };
                form.fields.push(Field {
                    name: attribute(b"name"),
                    kind: attribute(b"type"),
                    value: attribute(b"value"),
                });
            }
            _ => {}
        }
    }

    fn text(&mut self, within: &[u8], text: &HtmlString) {
        match within {
            b"title" if self.title.is_empty() => {
                self.title = lossy(text).split_whitespace().collect::<Vec<_>>().join(" ");
            }
            b"title" | b"script" | b"style" => {}
            _ => {
                for word in lossy(text).split_whitespace() {
                    if self.words.len() + word.len() > WORDS {
                        return;
                    }
                    self.words.push_str(&word.to_lowercase());
                    self.words.push(' ');
                }
            }
        }
    }
}

impl Form {
    /// The value of the field of that name.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }
}

fn lossy(text: &HtmlString) -> String {
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_in_any_spelling() {
        for html in [
            "<form action='/x'><input type=hidden name=A value=\"1&#x2b;2&#x3d;\"></form>",
            "<FORM ACTION=/x><p><INPUT VALUE='1+2=' NAME='A'/></FORM>",
            "<form action=\" /x \"><input value=1&#43;2&#61; x=y name=\"A\"><input name=A value=3>",
            "<script>'<form><input name=A value=9>'</script><form action=/x><input name=A value='1+2='>",
            "<!-- <input name=A value=9> --><form action=/x><input name=A value='1+2='>",
        ] {
            let page = Page::read(html);
            let (form, value) = page.field("A").unwrap();
            assert_eq!((form.action.as_str(), value), ("/x", "1+2="), "{html}");
        }
    }

    #[test]
    fn any_text_is_a_page() {
        let page = Page::read("<title>Sign\n In</title><h1>Not  Assigned</h1><style>x</style>");
        assert_eq!((page.title.as_str(), page.words.as_str()), ("Sign In", "not assigned "));
        assert!(Page::read("<input type=Password>").asks_for_password());
        for html in ["", "<", "<form", "\0\u{feff}<![CDATA[", "<title>", "{\"a\":1}"] {
            assert!(Page::read(html).field("A").is_none(), "{html}");
        }
        let many = "<form><input name=B>".repeat(3 * MOST);
        assert!(Page::read(&many).forms.len() <= MOST);
        assert!(Page::read(&"</form>".repeat(3 * MOST)).forms.len() <= MOST);
        assert!(Page::read(&"word ".repeat(WORDS)).words.len() <= WORDS);
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(html in "(</?(form|input|title|script)|<!--|name=|[a-z'=&#;/>\"]|\\PC){0,60}") {
            let page = Page::read(&html);
            page.field("SAMLResponse");
            page.asks_for_password();
        }
    }
}
