//! Whatever a person wrote into the settings, robo adds to them what it means to and nothing else:
//! what was there is there still, comments too, and a second time changes nothing.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use robo::settings::{Dotfiles, Pin, Remember, SettingsFile};
use robo::sys::env::Env;
use robo::sys::files::{Disk, Unflushed};
use robo::sys::folders::Folders;
use robo_fuzz::folder;

fuzz_target!(|text: &str| {
    let env = Env::from_vars([("ROBO_HOME", folder().join("robo"))]);
    let file = SettingsFile::new(&Folders::find(&env).expect("folders"));
    fs::create_dir_all(file.path().parent().expect("a folder")).expect("a folder");
    fs::write(file.path(), text).expect("it is written");
    let lines = text.split('\n').count();
    let (before, _) = match file.load() {
        Ok(loaded) => loaded,
        Err(error) => {
            let place = format!("{}:", file.path().display());
            let rest = error.message().strip_prefix(&place).expect("the file's name");
            let line: usize = rest.split(':').next().expect("a line").parse().expect("a number");
            assert!((1..=lines).contains(&line), "{error}");
            return;
        }
    };

    let some = |text: &str| Some(text.to_owned());
    let news = Remember {
        backend: some("keychain"),
        dotfiles: Some(Dotfiles { url: some("u"), reference: None, path: some("a \"b\"") }),
        trusted_url: some("u"),
        signers: Some(Pin::Nobody),
        signed: None,
        okta_domains: vec!["acme.okta.com".to_owned()],
        allow_keys: vec!["sso_session = x".to_owned()],
        folder: Some(("/home/jo/a \"b\"".to_owned(), true)),
    };
    let files = Unflushed(&Disk);
    file.remember(&files, &news).expect("it is remembered");
    let once = fs::read_to_string(file.path()).expect("its text");
    let (after, _) = file.load().unwrap_or_else(|error| panic!("{error}:\n{once}"));
    file.remember(&files, &news).expect("it is remembered");
    assert_eq!(fs::read_to_string(file.path()).expect("its text"), once, "a second time");

    let mut want = before;
    want.backend = news.backend;
    want.dotfiles = news.dotfiles.expect("above");
    want.trust.dotfiles = news.trusted_url;
    (want.trust.signers, want.trust.revoked, want.trust.signed) = (None, None, None);
    let add = |list: &mut Vec<String>, entry: String| {
        if !list.contains(&entry) {
            list.push(entry);
        }
    };
    add(&mut want.trust.okta_domains, "acme.okta.com".to_owned());
    add(&mut want.trust.allow_keys, "sso_session = x".to_owned());
    want.trust.folders.insert("/home/jo/a \"b\"".to_owned(), true);
    assert_eq!(after, want, "\n{once}");
});
