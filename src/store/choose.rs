//! Which key store is used.

use std::path::PathBuf;

use crate::error::{Error, Kind, Result};
use crate::store::keychain::INSTEAD;
use crate::store::{Backend, KeyStore, Keychain, PassphraseFile, Store};
use crate::sys::folders::Folders;
use crate::sys::prompt::Prompt;
use crate::sys::secret::Secret;

/// What there is to choose by. Everything that comes from the environment is handed in.
#[derive(Clone)]
pub struct Choice<'a> {
    /// What a flag or the environment asks for.
    pub asked: Option<Backend>,
    /// What the settings remember.
    pub remembered: Option<Backend>,
    /// Whether a keychain can be there: [`is_reachable`](crate::store::is_reachable).
    pub keychain: bool,
    /// `ROBO_FILE_PASSPHRASE`.
    pub passphrase: Option<Secret>,
    /// Robo's folders.
    pub folders: &'a Folders,
    /// Who may be asked for a passphrase.
    pub prompt: &'a dyn Prompt,
}

/// A store, and how it was chosen.
pub struct Opened<'a> {
    /// The store. Nothing of it was opened yet, but for what the choice took.
    pub store: Store<'a>,
    /// Its key store.
    pub backend: Backend,
    /// What to write to the settings once something was kept: the same store must be found again.
    pub remember: Option<Backend>,
    /// What the person should know about the choice.
    pub warning: Option<String>,
}

/// Chooses the key store: the one that is asked for; else the one remembered; else the first that
/// works of keychain, file (where a passphrase can be had) and memory.
///
/// Where the remembered keychain cannot be reached, as from an ssh session, a person goes on with
/// memory and a warning, and a program is told so by an error: it could not type the passwords
/// that are missing now. Neither harms what the keychain's key has sealed: each key store has a
/// vault and a cache of its own.
///
/// # Errors
/// When the keychain is asked for and not there, or remembered, not there and nobody to be asked.
/// [`Kind::Interrupted`] when the person left a question of the keychain's.
pub fn open<'a>(choice: &Choice<'a>) -> Result<Opened<'a>> {
    let fixed =
        |backend| Opened { store: choice.store(backend), backend, remember: None, warning: None };
    match (choice.asked, choice.remembered) {
        (Some(Backend::Keychain), _) if !choice.keychain => Err(unreachable_keychain()),
        (Some(asked), remembered) => {
            let is_kept = asked != Backend::Memory && remembered.is_none();
            Ok(Opened { remember: is_kept.then_some(asked), ..fixed(asked) })
        }
        (None, Some(Backend::Keychain)) if !choice.keychain => {
            if !choice.prompt.can_ask() {
                return Err(unreachable_keychain());
            }
            let warning = format!(
                "the keychain cannot be reached from here: stored passwords are out of reach, and what you type now is forgotten when this ends ({INSTEAD})"
            );
            Ok(Opened { warning: Some(warning), ..fixed(Backend::Memory) })
        }
        (None, Some(remembered)) => Ok(fixed(remembered)),
        (None, None) => first_that_works(choice),
    }
}

fn first_that_works<'a>(choice: &Choice<'a>) -> Result<Opened<'a>> {
    let mut problem = "there is no keychain here".to_owned();
    if choice.keychain {
        let store = choice.store(Backend::Keychain);
        match store.keys.get() {
            Ok(_) => {
                let backend = Backend::Keychain;
                return Ok(Opened { store, backend, remember: Some(backend), warning: None });
            }
            Err(error) if error.kind() == Kind::Interrupted => return Err(error),
            Err(error) => {
                problem = match std::error::Error::source(&error) {
                    Some(cause) => format!("{error}: {cause}"),
                    None => error.to_string(),
                };
            }
        }
    }
    let file = choice.passphrase_file();
    let (backend, consequence) = if choice.prompt.can_ask() || file.is_usable_unattended() {
        (Backend::File, "secrets are kept in a file under a passphrase")
    } else {
        (
            Backend::Memory,
            "nothing is kept beyond this run (set ROBO_FILE_PASSPHRASE, and secrets are kept in a file)",
        )
    };
    Ok(Opened {
        store: choice.store(backend),
        backend,
        remember: (backend == Backend::File).then_some(backend),
        warning: Some(format!("{problem}; {consequence}")),
    })
}

fn unreachable_keychain() -> Error {
    Error::failed("the keychain cannot be reached from here: there is no D-Bus session")
        .hint("run it in a terminal of the desktop")
        .hint(INSTEAD)
        .hint("'--backend memory' keeps nothing beyond this run")
}

impl<'a> Choice<'a> {
    fn locks(&self) -> PathBuf {
        self.folders.state.join("locks")
    }

    /// The key store `file`.
    pub fn passphrase_file(&self) -> PassphraseFile<'a> {
        let path = self.folders.state.join("master-key");
        PassphraseFile::new(path, &self.locks(), self.passphrase.clone(), self.prompt)
    }

    /// The store with the key store `backend`, wherever it was chosen.
    pub fn store(&self, backend: Backend) -> Store<'a> {
        let keys: Box<dyn KeyStore + 'a> = match backend {
            Backend::Keychain => Box::new(Keychain::new(self.prompt)),
            Backend::File => Box::new(self.passphrase_file()),
            Backend::Memory => return Store::memory(),
        };
        let vault = self.folders.state.join("vault").join(backend.name());
        let cache = self.folders.cache.join("credentials").join(backend.name());
        Store::new(keys, vault, cache, &self.locks())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Found;
    use crate::sys::env::Env;
    use crate::sys::prompt::{Nobody, Waiting};

    /// Somebody is there, but nothing is to be asked.
    struct Silent;

    impl Prompt for Silent {
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
            panic!("{question}")
        }
        fn note(&self, _text: &str) {}
        fn waiting<'a>(&'a self, _text: &str) -> Box<dyn Waiting + 'a> {
            Box::new(())
        }
    }

    struct Home {
        _folder: tempfile::TempDir,
        folders: Folders,
    }

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let env = Env::from_vars([("ROBO_HOME", folder.path().as_os_str())]);
            let folders = Folders::find(&env).unwrap();
            Self { _folder: folder, folders }
        }

        fn choice<'a>(&'a self, prompt: &'a dyn Prompt) -> Choice<'a> {
            Choice {
                asked: None,
                remembered: None,
                keychain: false,
                passphrase: None,
                folders: &self.folders,
                prompt,
            }
        }
    }

    fn chosen(choice: &Choice<'_>) -> (Backend, Option<Backend>, bool) {
        let opened = open(choice).unwrap();
        (opened.backend, opened.remember, opened.warning.is_some())
    }

    #[test]
    fn what_is_asked_for_is_taken_and_remembered_if_nothing_was() {
        use Backend::{File, Keychain, Memory};
        let home = Home::new();
        let all = [None, Some(Keychain), Some(File), Some(Memory)];
        for (asked, remembered) in
            [Keychain, File, Memory].into_iter().flat_map(|asked| all.map(|old| (asked, old)))
        {
            let choice =
                Choice { asked: Some(asked), remembered, keychain: true, ..home.choice(&Nobody) };
            let kept = (asked != Memory && remembered.is_none()).then_some(asked);
            assert_eq!(chosen(&choice), (asked, kept, false));
        }
    }

    #[test]
    fn what_is_remembered_is_taken_without_trying_it() {
        let home = Home::new();
        for backend in [Backend::Keychain, Backend::File, Backend::Memory] {
            let choice =
                Choice { remembered: Some(backend), keychain: true, ..home.choice(&Nobody) };
            assert_eq!(chosen(&choice), (backend, None, false));
        }
    }

    #[test]
    fn a_keychain_that_is_asked_for_and_not_there_is_an_error() {
        let home = Home::new();
        for prompt in [&Nobody as &dyn Prompt, &Silent] {
            let choice = Choice { asked: Some(Backend::Keychain), ..home.choice(prompt) };
            let error = open(&choice).err().unwrap();
            assert!(error.hints().iter().any(|hint| hint.contains("--backend file")));
        }
    }

    #[test]
    fn a_remembered_keychain_that_is_not_there_costs_a_person_a_warning_and_a_program_the_run() {
        let home = Home::new();
        let choice = |prompt| Choice {
            remembered: Some(Backend::Keychain),
            passphrase: Some(Secret::from("x".to_owned())),
            ..home.choice(prompt)
        };
        assert_eq!(chosen(&choice(&Silent)), (Backend::Memory, None, true));
        assert_eq!(open(&choice(&Nobody)).err().unwrap().kind(), Kind::Failed);
    }

    #[test]
    fn without_a_keychain_it_is_the_file_where_a_passphrase_can_be_had() {
        let home = Home::new();
        let file = (Backend::File, Some(Backend::File), true);
        assert_eq!(chosen(&home.choice(&Silent)), file);
        assert_eq!(chosen(&home.choice(&Nobody)), (Backend::Memory, None, true));
        let passphrase = Some(Secret::from("sesame".to_owned()));
        let given = Choice { passphrase, ..home.choice(&Nobody) };
        assert_eq!(chosen(&given), file);
        open(&given).unwrap().store.vault().put("k", "n", &1).unwrap();
        // Now the key file is there; it may be held by the kernel for this session.
        assert_eq!(chosen(&home.choice(&Nobody)), file);
        given.passphrase_file().forget().unwrap();
    }

    #[test]
    fn each_key_store_has_its_own_vault() {
        let home = Home::new();
        let passphrase = Some(Secret::from("sesame".to_owned()));
        let choice = Choice { passphrase, ..home.choice(&Nobody) };
        choice.store(Backend::File).vault().put("k", "n", &"kept").unwrap();
        let keychains = choice.store(Backend::Keychain);
        assert!(matches!(keychains.vault().get::<String>("k", "n").unwrap(), Found::Nothing));
        let found: Found<String> = choice.store(Backend::File).vault().get("k", "n").unwrap();
        assert_eq!(found.item().as_deref(), Some("kept"));
        choice.passphrase_file().forget().unwrap();
    }
}
