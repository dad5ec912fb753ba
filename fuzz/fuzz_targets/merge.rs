//! Three files, separated by a byte that no text has: a merge loses nothing that is only mine, and
//! a second one has nothing to do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::config::consent::Consent;
use robo::config::merge::{Merge, Take};
use robo::config::plan::{Mine, Plan};
use robo::config::team::TeamConfig;
use robo::config::tree::Tree;
use robo::config::vet;
use robo::ini::Document;

fuzz_target!(|files: &[u8]| {
    let mut parts = files.splitn(3, |byte| *byte == 0xff);
    let mut next = || parts.next().unwrap_or_default();
    let (base, theirs, mine) = (next(), next(), next());
    let mut team = TeamConfig::new();
    if team.lay("theirs", theirs).is_err() {
        return;
    }
    let mut old = TeamConfig::new();
    let base = old.lay("base", base).map(|()| old.tree().render()).unwrap_or_default();
    for take in [Take::Mine, Take::Team] {
        let first = merge(&base, &team, mine, take);
        nothing_of_mine_is_lost(&base, &team, &first);
        let second = merge(&first.next_base, &team, &first.after, Take::Team);
        assert_eq!(second.after, first.after, "a second time changes it");
        assert!(second.conflicts.is_empty(), "a second time asks: {:?}", second.conflicts);
        assert!(second.changes.is_empty(), "a second time changes: {:?}", second.changes);
        assert_eq!(second.next_base, first.next_base);
    }
});

fn merge(base: &str, team: &TeamConfig, mine: &[u8], take: Take) -> Plan {
    let base = Tree::read(&Document::parse(base), "base");
    let mine = Mine::read(mine.to_vec(), "mine");
    let vetted = vet::vet(team.tree(), &base, mine.tree(), &Consent::default());
    let merge = Merge::new(&base, &vetted.tree, mine.tree());
    let takes = vec![take; merge.conflicts().len()];
    Plan::new(&merge, &mine, &takes)
}

fn nothing_of_mine_is_lost(base: &str, team: &TeamConfig, plan: &Plan) {
    let read = |text: &[u8]| Tree::read(&Document::parse(text), "f");
    let (base, before, after) = (read(base.as_bytes()), read(&plan.before), read(&plan.after));
    for section in before.sections() {
        for unit in &section.units {
            let has =
                |tree: &Tree| tree.get(&section.id).and_then(|s| s.get(unit.name())).is_some();
            if has(&base) || has(team.tree()) {
                continue;
            }
            let left = after.get(&section.id).and_then(|section| section.get(unit.name()));
            let left = left.expect("a property that is only mine is lost");
            assert_eq!((&left.value, &left.continuation), (&unit.value, &unit.continuation));
        }
    }
}
