//! An item or a key file that was changed in any way is never opened, whatever it holds is no panic,
//! and it can be written anew. The first byte says what is done to which file.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use robo::Result;
use robo::store::{Backend, Found, KeyStore, MasterKey, PassphraseFile, Store};
use robo::sys::prompt::Nobody;
use robo_fuzz::folder;

/// A key file at the least cost, made by libsodium. Its passphrase and key are these.
const KEY_FILE: &[u8] = include_bytes!("../key-file");
const PASSPHRASE: &str = "open sesame";
const KEY: [u8; MasterKey::LENGTH] = [0x52; MasterKey::LENGTH];

const CONTENT: &str = "what nobody else may read";

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    match how {
        0..64 => an_item_is_changed(*how, rest),
        64..128 => an_item_is_kept(rest),
        _ => a_key_file_is_changed(*how, rest),
    }
});

/// A key that is at hand.
struct AtHand;

impl KeyStore for AtHand {
    fn backend(&self) -> Backend {
        Backend::Memory
    }

    fn load(&self) -> Result<Option<MasterKey>> {
        Ok(MasterKey::from_bytes(&KEY))
    }

    fn keep(&self, _: &MasterKey) -> Result<()> {
        unreachable!("there is a key")
    }

    fn forget(&self) -> Result<()> {
        unreachable!("nobody forgets it")
    }
}

fn store() -> Store<'static> {
    let below = |name: &str| folder().join(name);
    Store::new(Box::new(AtHand), below("vault"), below("cache"), &below("locks"))
}

/// The file of the item `jo`, and what it holds.
fn sealed() -> &'static (PathBuf, Vec<u8>) {
    static SEALED: OnceLock<(PathBuf, Vec<u8>)> = OnceLock::new();
    SEALED.get_or_init(|| {
        store().vault().put("note", "jo", &CONTENT).expect("it is kept");
        let mut files = fs::read_dir(folder().join("vault")).expect("a folder");
        let path = files.next().expect("a file").expect("a file").path();
        let bytes = fs::read(&path).expect("its bytes");
        (path, bytes)
    })
}

fn an_item_is_changed(how: u8, rest: &[u8]) {
    let (path, bytes) = sealed();
    let changed = changed(bytes, how, rest);
    fs::write(path, &changed).expect("it is written");
    let store = store();
    let found: Found<String> = store.vault().get("note", "jo").expect("the key is at hand");
    match found {
        Found::Item(item) => assert!(changed == *bytes && item == CONTENT, "opened: {changed:?}"),
        Found::Unreadable(why) => {
            assert!(changed != *bytes && why.path() == path && !why.words().contains(CONTENT));
        }
        Found::Nothing => panic!("the file is gone"),
    }
    let listed = store.vault().list::<String>("note").expect("the key is at hand");
    assert_eq!(listed.len(), 1);
}

fn an_item_is_kept(rest: &[u8]) {
    let text = String::from_utf8_lossy(rest).into_owned();
    let store = store();
    store.cache().put("note", &text, &text).expect("it is kept");
    let found: Found<String> = store.cache().get("note", &text).expect("the key is at hand");
    assert_eq!(found.item().as_deref(), Some(text.as_str()));
    // One of another kind or name is none of this.
    let other: Found<String> = store.cache().get("note", &format!("{text}x")).expect("a key");
    assert!(matches!(other, Found::Nothing));
    for file in fs::read_dir(folder().join("cache")).expect("a folder") {
        let file = file.expect("a file");
        let bytes = fs::read(file.path()).expect("its bytes");
        let seen = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(text.len() < 8 || !seen(text.as_bytes()), "the content is to be seen");
    }
    assert!(store.cache().remove("note", &text).expect("it is removed"));
}

fn a_key_file_is_changed(how: u8, rest: &[u8]) {
    let changed = changed(KEY_FILE, how, rest);
    // What it may cost is bounded, but that much of it is too slow for here.
    let number = |at: usize| {
        changed.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    };
    if number(8) > 4096 && number(8) <= 256 * 1024 {
        return;
    }
    let path = folder().join("key");
    fs::write(&path, &changed).expect("it is written");
    let given = Some(PASSPHRASE.to_owned().into());
    let file = PassphraseFile::new(path, &folder().join("locks"), given, &Nobody).without_session();
    match file.load() {
        Ok(Some(key)) => assert!(changed == KEY_FILE && *key.expose() == KEY, "{changed:?}"),
        Ok(None) => panic!("the file is gone"),
        Err(error) => {
            assert!(changed != KEY_FILE, "{error:?}");
            assert!(!format!("{error:?}").contains(PASSPHRASE));
        }
    }
}

/// `bytes` with a byte turned, cut off, grown, or others altogether.
fn changed(bytes: &[u8], how: u8, rest: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    match (how % 8, rest) {
        (0, [at, mask, ..]) => changed[usize::from(*at) % bytes.len()] ^= mask,
        (1, [at, ..]) => changed.truncate(usize::from(*at) % bytes.len()),
        (2, [at, more @ ..]) => {
            let at = usize::from(*at) % (bytes.len() + 1);
            changed.splice(at..at, more.iter().copied());
        }
        (3, [at, other @ ..]) => {
            let at = usize::from(*at) % bytes.len();
            let end = bytes.len().min(at + other.len());
            changed[at..end].copy_from_slice(&other[..end - at]);
        }
        (4, more) => changed.extend_from_slice(more),
        (5, _) => changed = rest.to_vec(),
        _ => {}
    }
    changed
}
