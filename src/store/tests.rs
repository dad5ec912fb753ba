//! Vault and cache as a whole: what is kept, lost, damaged and cleared.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};
use crate::store::{Backend, Found, KeyStore, MasterKey, Reason, Store};

/// A key store with a key from the beginning, or one that cannot be opened.
struct Fixed(Option<u8>);

impl KeyStore for Fixed {
    fn backend(&self) -> Backend {
        Backend::Keychain
    }
    fn load(&self) -> Result<Option<MasterKey>> {
        match self.0 {
            Some(byte) => Ok(MasterKey::from_bytes(&[byte; 32])),
            None => Err(Error::failed("the keychain is locked")),
        }
    }
    fn keep(&self, _key: &MasterKey) -> Result<()> {
        Err(Error::failed("must not be reached"))
    }
    fn forget(&self) -> Result<()> {
        Ok(())
    }
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn vault(&self) -> PathBuf {
        self.0.path().join("state/vault")
    }
    fn store(&self, key: Option<u8>) -> Store<'static> {
        let path = self.0.path();
        Store::new(Box::new(Fixed(key)), self.vault(), path.join("cache"), &path.join("locks"))
    }
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.vault()).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
    /// One item `("k", "n")` in the vault, and its file.
    fn with_item() -> (Self, PathBuf) {
        let home = Self::new();
        home.store(Some(1)).vault().put("k", "n", &"content").unwrap();
        let file = home.files().remove(0);
        (home, file)
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own file")]
fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

#[track_caller]
fn unreadable(store: &Store<'_>) -> Reason {
    match store.vault().get::<String>("k", "n").unwrap() {
        Found::Unreadable(why) => {
            assert!(why.to_string().contains(why.words().as_str()));
            why.reason().clone()
        }
        found => panic!("{found:?}"),
    }
}

#[test]
fn what_was_put_is_found_by_its_kind_and_name() {
    let home = Home::new();
    for store in [home.store(Some(1)), Store::memory()] {
        for items in [store.vault(), store.cache()] {
            assert!(matches!(items.get::<String>("k", "n").unwrap(), Found::Nothing));
            items.put("k", "n", &"old").unwrap();
            items.put("k", "n", &"new").unwrap();
            items.put("k", "../../etc/passwd\0", &"odd name").unwrap();
            items.put("k-l", "n", &"other kind").unwrap();
            assert_eq!(items.get::<String>("k", "n").unwrap().item().as_deref(), Some("new"));
            let odd = items.get::<String>("k", "../../etc/passwd\0").unwrap().item();
            assert_eq!(odd.as_deref(), Some("odd name"));
            let mut all: Vec<String> =
                items.list("k").unwrap().into_iter().filter_map(Found::item).collect();
            all.sort();
            assert_eq!(all, ["new", "odd name"]);
            assert!(items.remove("k", "n").unwrap());
            assert!(!items.remove("k", "n").unwrap());
            assert_eq!(items.list::<String>("k").unwrap().len(), 1);
            items.clear().unwrap();
            assert!(items.list::<String>("k").unwrap().is_empty());
            assert!(items.list::<String>("k-l").unwrap().is_empty());
        }
    }
}

#[test]
fn nothing_in_a_file_or_its_name_tells_the_content() {
    let home = Home::new();
    home.store(Some(1)).vault().put("okta", "jo@acme.com", &"hunter2").unwrap();
    let file = home.files().remove(0);
    let bytes = fs::read(&file).unwrap();
    for secret in ["hunter2", "jo@", "acme"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert!(!file.to_string_lossy().contains(secret));
    }
}

#[cfg(unix)]
#[test]
fn files_are_private_whatever_stood_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, file) = Home::with_item();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    home.store(Some(1)).vault().put("k", "n", &"again").unwrap();
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&home.vault()), 0o700);
}

#[cfg(unix)]
#[test]
fn a_file_that_nobody_may_read_is_unreadable_and_can_be_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, file) = Home::with_item();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    let store = home.store(Some(1));
    assert!(
        matches!(unreadable(&store), Reason::Unread(words) if words.contains("cannot be read"))
    );
    store.vault().put("k", "n", &"new").unwrap();
    assert_eq!(store.vault().get::<String>("k", "n").unwrap().item().as_deref(), Some("new"));
}

#[test]
fn a_damaged_file_is_unreadable_and_stays() {
    let cases: [(&[u8], Reason); 5] = [
        (b"", Reason::Truncated),
        (b"rob", Reason::Truncated),
        (b"robo\x01short", Reason::Truncated),
        (b"robo\x02another format altogether, as long as it likes to be", Reason::OtherVersion(2)),
        (b"{\"password\": \"in the clear\"}", Reason::NotOurs),
    ];
    for (bytes, want) in cases {
        let (home, file) = Home::with_item();
        write(&file, bytes);
        assert_eq!(unreadable(&home.store(Some(1))), want);
        assert_eq!(fs::read(&file).unwrap(), bytes);
        let listed = home.store(Some(1)).vault().list::<String>("k").unwrap();
        assert!(matches!(listed[..], [Found::Unreadable(_)]));
    }
}

#[test]
fn a_file_moved_to_another_name_is_unreadable() {
    let (home, file) = Home::with_item();
    let store = home.store(Some(1));
    store.vault().put("k", "other", &"other").unwrap();
    let other = home.files().into_iter().find(|path| *path != file).unwrap();
    fs::rename(other, &file).unwrap();
    assert_eq!(unreadable(&store), Reason::Damaged);
}

#[test]
fn an_item_of_another_shape_is_unreadable_and_not_quoted() {
    let (home, _) = Home::with_item();
    match home.store(Some(1)).vault().get::<u32>("k", "n").unwrap() {
        Found::Unreadable(why) => {
            assert_eq!(*why.reason(), Reason::OtherShape);
            assert!(!format!("{why:?} {why}").contains("content"));
        }
        found => panic!("{found:?}"),
    }
}

#[test]
fn another_key_opens_nothing_and_damages_nothing() {
    let (home, _) = Home::with_item();
    assert_eq!(unreadable(&home.store(Some(2))), Reason::OtherKey);
    let found: Found<String> = home.store(Some(1)).vault().get("k", "n").unwrap();
    assert_eq!(found.item().as_deref(), Some("content"));
}

#[test]
fn a_lost_key_makes_items_unreadable_without_making_a_new_one() {
    struct Empty;
    impl KeyStore for Empty {
        fn backend(&self) -> Backend {
            Backend::File
        }
        fn load(&self) -> Result<Option<MasterKey>> {
            Ok(None)
        }
        fn keep(&self, _key: &MasterKey) -> Result<()> {
            panic!("reading makes no key");
        }
        fn forget(&self) -> Result<()> {
            Ok(())
        }
    }
    let (home, _) = Home::with_item();
    let path = home.0.path();
    let store = Store::new(Box::new(Empty), home.vault(), path.join("cache"), &path.join("locks"));
    assert_eq!(unreadable(&store), Reason::OtherKey);
}

#[test]
fn a_locked_key_store_is_opened_only_for_a_file_that_is_there() {
    let (home, _) = Home::with_item();
    let locked = home.store(None);
    assert!(matches!(locked.vault().get::<String>("k", "unknown").unwrap(), Found::Nothing));
    assert!(locked.vault().list::<String>("another-kind").unwrap().is_empty());
    assert!(locked.vault().get::<String>("k", "n").is_err());
    assert!(locked.vault().put("k", "n", &"x").is_err());
    assert!(locked.vault().remove("k", "n").unwrap(), "to remove it, it need not be opened");
}

#[test]
fn something_else_in_the_place_of_a_file_is_unreadable() {
    let (home, file) = Home::with_item();
    let store = home.store(Some(1));
    let reason = |make: &dyn Fn()| {
        fs::remove_file(&file).unwrap();
        make();
        unreadable(&store)
    };
    let large = reason(&|| fs::File::create(&file).unwrap().set_len(1 << 40).unwrap());
    assert!(matches!(large, Reason::Unread(words) if words.contains("1099511627776")));
    let folder = reason(&|| fs::create_dir(&file).unwrap());
    assert!(matches!(folder, Reason::Unread(words) if words.contains("folder")));
    assert!(store.vault().put("k", "n", &"x").is_err());
    assert!(store.vault().clear().is_err());
    assert_eq!(home.files(), [file.as_path()], "no temporary file is left");
}

#[test]
fn a_file_in_the_place_of_the_vault_is_unreadable() {
    let home = Home::new();
    fs::create_dir_all(home.vault().parent().unwrap()).unwrap();
    write(&home.vault(), b"");
    let store = home.store(Some(1));
    assert!(matches!(unreadable(&store), Reason::Unread(_)));
    assert!(matches!(store.vault().list::<String>("k").unwrap()[..], [Found::Unreadable(_)]));
    assert!(store.vault().put("k", "n", &"x").is_err());
    assert!(store.vault().clear().is_err());
}

#[test]
fn clearing_leaves_what_is_not_robos() {
    let (home, _) = Home::with_item();
    let stranger = home.vault().join("notes.txt");
    write(&stranger, b"mine");
    write(&home.vault().join(".k-x.0.robo-new"), b"left by a crash");
    home.store(None).vault().clear().unwrap();
    assert_eq!(home.files(), [stranger]);
    Home::new().store(None).vault().clear().unwrap();
}

#[test]
fn writing_clears_what_a_crash_left_long_ago() {
    let (home, item) = Home::with_item();
    let (old, young) = (home.vault().join(".k-x.0.robo-new"), home.vault().join(".k-x.1.robo-new"));
    write(&old, b"");
    write(&young, b"");
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    fs::File::options().write(true).open(&old).unwrap().set_modified(yesterday).unwrap();
    home.store(Some(1)).vault().put("k", "n", &"x").unwrap();
    assert_eq!(home.files(), [young, item], "somebody may still be writing the young one");
}

#[test]
fn an_item_that_is_too_large_to_be_read_again_is_not_written() {
    let home = Home::new();
    assert!(home.store(Some(1)).vault().put("k", "n", &"x".repeat(1 << 20)).is_err());
}

#[test]
fn writers_and_readers_at_once_see_whole_items_only() {
    let home = Home::new();
    home.store(Some(1)).cache().put("k", "shared", &"0".repeat(2000)).unwrap();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let home = &home;
            scope.spawn(move || {
                let store = home.store(Some(1));
                for _ in 0..25 {
                    store.cache().put("k", "shared", &number.to_string().repeat(2000)).unwrap();
                    store.cache().put("k", &number.to_string(), &number).unwrap();
                    let found: Found<String> = store.cache().get("k", "shared").unwrap();
                    assert_eq!(found.item().unwrap().len(), 2000);
                }
            });
        }
    });
    assert_eq!(home.store(Some(1)).cache().list::<serde_json::Value>("k").unwrap().len(), 9);
}
