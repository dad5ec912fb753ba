//! Any file is read or refused by a line that it has, and every chain of roles ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::config::profiles::{ChainError, Profiles};
use robo::ini::Document;

fuzz_target!(|text: &[u8]| {
    let document = Document::parse(text);
    match Profiles::read(&document) {
        Err(refusal) => assert!((1..=document.line_count()).contains(&refusal.line)),
        Ok(profiles) => {
            for profile in profiles.list() {
                assert!(!document.line(profile.line).is_empty());
                match profiles.chain(&profile.name, |_| false) {
                    Ok(chain) => assert_eq!(chain.last().expect("itself").name, profile.name),
                    Err(ChainError::Cycle(names)) => assert_eq!(names.first(), names.last()),
                    Err(ChainError::Missing { source, .. }) => {
                        assert!(profiles.get(&source).is_none());
                    }
                }
            }
            profiles.chain_errors(|_| true);
        }
    }
});
