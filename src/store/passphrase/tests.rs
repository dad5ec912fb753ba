//! What is asked, what is tried, and what is refused.

use std::cell::{Cell, RefCell};

use super::format::CHEAP;
use super::*;
use crate::sys::prompt::{Nobody, Waiting};

/// Answers secrets from a list, and writes down what it was asked and told.
#[derive(Default)]
struct Person {
    answers: RefCell<Vec<&'static str>>,
    heard: RefCell<Vec<String>>,
    asked: Cell<u32>,
}

impl Person {
    fn who_types(answers: &[&'static str]) -> Self {
        let answers = answers.iter().rev().copied().collect();
        Self { answers: RefCell::new(answers), ..Self::default() }
    }
}

impl Prompt for Person {
    fn can_ask(&self) -> bool {
        true
    }
    fn confirm(&self, question: &str, _default: bool) -> Result<bool> {
        panic!("{question}")
    }
    fn letter(&self, question: &str, _letters: &[char]) -> Result<char> {
        panic!("{question}")
    }
    fn pick(&self, question: &str, _items: &[String]) -> Result<usize> {
        panic!("{question}")
    }
    fn line(&self, question: &str) -> Result<String> {
        panic!("{question}")
    }
    fn secret(&self, question: &str) -> Result<Secret> {
        self.asked.set(self.asked.get() + 1);
        let answer = self.answers.borrow_mut().pop();
        answer
            .map(|answer| Secret::from(answer.to_owned()))
            .ok_or_else(|| Error::new(Kind::Interrupted, format!("left at: {question}")))
    }
    fn note(&self, text: &str) {
        self.heard.borrow_mut().push(text.to_owned());
    }
    fn waiting<'a>(&'a self, _text: &str) -> Box<dyn Waiting + 'a> {
        Box::new(())
    }
}

fn file<'a>(
    folder: &tempfile::TempDir,
    given: Option<&str>,
    prompt: &'a dyn Prompt,
) -> PassphraseFile<'a> {
    let path = folder.path().join("state/master-key");
    let given = given.map(|given| Secret::from(given.to_owned()));
    let file = PassphraseFile::new(path, &folder.path().join("locks"), given, prompt);
    PassphraseFile { cost: CHEAP, ..file.without_session() }
}

/// A folder with a key file under the passphrase `sesame`.
fn folder_with_key() -> (tempfile::TempDir, MasterKey) {
    let folder = tempfile::tempdir().unwrap();
    let key = MasterKey::generate().unwrap();
    file(&folder, Some("sesame"), &Nobody).keep(&key).unwrap();
    (folder, key)
}

#[test]
fn there_is_no_key_before_one_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let keys = file(&folder, None, &Nobody);
    assert!(keys.load().unwrap().is_none());
    assert!(!keys.is_usable_unattended());
    keys.forget().unwrap();
}

#[test]
fn a_new_passphrase_is_asked_for_twice_until_both_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let key = MasterKey::generate().unwrap();
    let person = Person::who_types(&["sesame", "sesam", "sesame", "sesame"]);
    file(&folder, None, &person).keep(&key).unwrap();
    assert_eq!(*person.heard.borrow(), ["Those two differ."]);
    let loaded = file(&folder, Some("sesame"), &Nobody).load().unwrap().unwrap();
    assert_eq!(loaded.expose(), key.expose());

    let person = Person::who_types(&["a", "b", "c", "d", "e", "f"]);
    let error = file(&folder, None, &person).keep(&key).unwrap_err();
    assert_eq!(error.kind(), Kind::Failed);
    assert_eq!(person.asked.get(), 6);
}

#[test]
fn a_wrong_passphrase_may_be_typed_again_twice() {
    let (folder, key) = folder_with_key();
    let person = Person::who_types(&["sesam", "barley", "sesame"]);
    let loaded = file(&folder, None, &person).load().unwrap().unwrap();
    assert_eq!(loaded.expose(), key.expose());

    let person = Person::who_types(&["a", "b", "c", "d"]);
    let error = file(&folder, None, &person).load().unwrap_err();
    assert_eq!((error.kind(), person.asked.get()), (Kind::Failed, 3));
    assert_eq!(person.heard.borrow().len(), 2);
}

#[test]
fn a_person_who_leaves_changes_nothing() {
    let (folder, _) = folder_with_key();
    let before = std::fs::read(folder.path().join("state/master-key")).unwrap();
    let person = Person::default();
    assert_eq!(file(&folder, None, &person).load().unwrap_err().kind(), Kind::Interrupted);
    let keys = file(&folder, None, &person);
    assert_eq!(keys.keep(&MasterKey::generate().unwrap()).unwrap_err().kind(), Kind::Interrupted);
    assert_eq!(std::fs::read(keys.path()).unwrap(), before);
}

#[test]
fn a_wrong_passphrase_from_the_environment_is_named_and_not_shown() {
    let (folder, _) = folder_with_key();
    let person = Person::who_types(&["sesame"]);
    let error = file(&folder, Some("open-barley"), &person).load().unwrap_err();
    assert!(error.message().contains("ROBO_FILE_PASSPHRASE"));
    assert!(!format!("{error:?}").contains("open-barley"));
    assert_eq!(person.asked.get(), 0, "it was to be used without a question");
}

#[test]
fn where_nobody_is_it_says_what_to_do() {
    let (folder, key) = folder_with_key();
    let keys = file(&folder, None, &Nobody);
    assert!(keys.is_usable_unattended());
    for error in [keys.load().unwrap_err(), keys.keep(&key).unwrap_err()] {
        assert_eq!(error.kind(), Kind::NeedsAnswer);
        assert!(error.hints()[0].contains("ROBO_FILE_PASSPHRASE"));
    }
}

#[test]
fn a_key_file_that_cannot_be_read_is_an_error_and_stays() {
    let (folder, _) = folder_with_key();
    let keys = file(&folder, Some("sesame"), &Nobody);
    let whole = std::fs::read(keys.path()).unwrap();
    let cases: [(&[u8], &str); 3] = [
        (&whole[..40], "is cut off"),
        (b"", "is cut off"),
        (b"ssh-ed25519 AAAA", "is not a key file"),
    ];
    for (bytes, words) in cases {
        replace_alone(&Disk, keys.path(), bytes).unwrap();
        let error = keys.load().unwrap_err();
        assert!(error.message().contains(words), "{}", error.message());
        assert!(error.hints()[0].contains("mv "));
        assert_eq!(std::fs::read(keys.path()).unwrap(), bytes);
    }
    std::fs::remove_file(keys.path()).unwrap();
    std::fs::create_dir(keys.path()).unwrap();
    assert!(keys.load().unwrap_err().message().contains("is a folder"));
}

#[test]
fn forgetting_removes_the_file() {
    let (folder, _) = folder_with_key();
    let keys = file(&folder, Some("sesame"), &Nobody);
    keys.forget().unwrap();
    assert!(!keys.path().exists());
    assert!(keys.load().unwrap().is_none());
}

#[cfg(target_os = "linux")]
#[test]
fn the_passphrase_is_asked_for_once_a_session_where_the_kernel_holds_it() {
    let (folder, key) = folder_with_key();
    let person = Person::who_types(&["sesame", "sesame", "sesame"]);
    let keys = PassphraseFile { holds: true, ..file(&folder, None, &person) };
    keys.load().unwrap();
    let read = keys.read().unwrap().unwrap();
    let is_held = keys.held(&read).is_some();
    assert_eq!(keys.load().unwrap().unwrap().expose(), key.expose());
    assert_eq!(person.asked.get(), if is_held { 1 } else { 2 });
    keys.forget().unwrap();
    assert!(keys.held(&read).is_none(), "forgetting reaches the kernel too");
}

#[test]
fn the_usual_cost_is_what_the_design_says() {
    assert_eq!(Cost::USUAL, Cost { kibibytes: 19_456, passes: 2, lanes: 1 });
}
