//! Any text is read or refused by lines that it has, and what is rendered of it means the same to
//! every reader.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::catalog::Catalog;
use robo::config::team::TeamConfig;

fuzz_target!(|text: &str| {
    let (catalog, problems) = Catalog::read("f", text);
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    assert!(problems.list().iter().all(|problem| (1..=lines).contains(&problem.line)));
    assert_eq!(catalog.is_none(), problems.is_fatal());
    let Some(catalog) = catalog else { return };
    for team in catalog.teams() {
        let made = catalog.rendering(team);
        let mut config = TeamConfig::new();
        config.lay_made("f", &made.text, &made.lines).expect("what is rendered is right");
        config.check_chains().expect("what is rendered is whole");
        assert_eq!(config.tree().render(), made.text);
        assert!(made.lines.iter().all(|line| (1..=lines).contains(line)));
    }
});
