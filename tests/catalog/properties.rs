//! Properties of reading and rendering.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use robo::catalog::{Catalog, Reach, Team};
use robo::config::profiles::Profiles;
use robo::config::section::SectionId;
use robo::config::team::TeamConfig;
use robo::config::unit::Unit;
use robo::ini::Document;

use crate::common::organisation::{self, LARGE};
use crate::companies::company;

const FILE: &str = "aws/catalog.toml";

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Whatever the text is: problems have lines that are there, and a catalogue comes of it exactly
/// when none of them is a mistake.
fn check_reading(text: &str) -> Result<Option<Catalog>, TestCaseError> {
    let (catalog, problems) = Catalog::read(FILE, text);
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    for problem in problems.list() {
        prop_assert!((1..=lines).contains(&problem.line), "{:?}", problem);
    }
    prop_assert_eq!(catalog.is_none(), problems.is_fatal());
    prop_assert_eq!(problems.error(text).is_some(), problems.is_fatal());
    Ok(catalog)
}

fn laid(catalog: &Catalog, team: &Team) -> TeamConfig {
    let made = catalog.rendering(team);
    let mut config = TeamConfig::new();
    config.lay_made(FILE, &made.text, &made.lines).unwrap();
    config.check_chains().unwrap();
    config
}

/// Every role that a team reaches is at the end of a chain of its own, and there are no others.
fn check_team(catalog: &Catalog, team: &Team) {
    let made = catalog.rendering(team);
    assert_eq!(catalog.rendering(team), made, "not stable");
    assert_eq!(catalog.render(team), made.text.as_bytes());
    assert_eq!(made.lines.len(), made.text.lines().count());
    let config = laid(catalog, team);
    assert_eq!(config.warnings(), [""; 0]);
    assert_eq!(config.tree().render(), made.text, "another reader would see another text");
    let profiles = Profiles::read(&Document::parse(made.text.as_str())).unwrap();
    assert_eq!(profiles.ignored(), []);
    let arn = |name: &str| profiles.get(name).unwrap().properties["role_arn"].clone();
    let hub = &catalog.hub().profile.value;
    assert_eq!(arn(hub), catalog.hub_role_arn(team));
    let mut names = BTreeSet::from([hub.clone()]);
    for Reach { account, role, grants } in catalog.reach(team) {
        let name = catalog.profile_name(account, role);
        let chain = profiles.chain(&name, |_| false).unwrap();
        let through: Vec<&str> = chain.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(through, [hub, &name]);
        assert_eq!(arn(&name), catalog.role_arn(account, role));
        let section = config.tree().get(&SectionId::profile(&name)).unwrap();
        assert_eq!((&*section.place.file, section.place.line), (FILE, account.line));
        assert!(!grants.is_empty());
        assert!(names.insert(name), "two profiles of one name");
    }
    assert_eq!(profiles.list().len(), names.len());
}

/// The sections of a team's config, as text.
fn sections(catalog: &Catalog, team: &Team) -> Vec<(SectionId, String)> {
    let tree = laid(catalog, team).tree().clone();
    let text = |section: &robo::config::tree::Section| -> String {
        section.units.iter().flat_map(Unit::lines).collect::<Vec<_>>().join("\n")
    };
    tree.sections().iter().map(|section| (section.id.clone(), text(section))).collect()
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_text_is_read_or_refused_by_lines_that_it_has(text in "\\PC{0,200}|[\\[\\]{}=.,'\"\n a-z0-9-]{0,200}") {
        check_reading(&text)?;
    }

    #[test]
    fn a_catalogue_with_a_change_anywhere_is_read_or_refused(
        company in company(),
        at in any::<prop::sample::Index>(),
        much in 0_usize..12,
        into in prop_oneof!["[\\[\\]{}=,'*\n a-z0-9]{0,3}", Just("\u{1b}\u{202e}".to_owned())],
    ) {
        let mut text = company.text();
        let from = text.floor_char_boundary(at.index(text.len()));
        let to = text.floor_char_boundary((from + much).min(text.len()));
        text.replace_range(from..to, &into);
        if let Some(catalog) = check_reading(&text)? {
            catalog.teams().iter().for_each(|team| check_team(&catalog, team));
        }
    }

    #[test]
    fn every_profile_that_is_rendered_is_the_end_of_its_chain(company in company()) {
        if let Some(catalog) = check_reading(&company.text())? {
            catalog.teams().iter().for_each(|team| check_team(&catalog, team));
        }
    }

    #[test]
    fn a_change_of_one_account_changes_its_profiles_alone(
        company in company(), at in any::<prop::sample::Index>(),
    ) {
        let mut changed = company.clone();
        let account = &mut changed.accounts[at.index(company.accounts.len())];
        account.id += 500;
        let name = account.name;
        let (Some(before), Some(after)) =
            (check_reading(&company.text())?, check_reading(&changed.text())?)
        else {
            return Ok(());
        };
        for (team, changed) in before.teams().iter().zip(after.teams()) {
            let own: BTreeSet<SectionId> = before
                .reach(team)
                .iter()
                .filter(|reach| reach.account.name == name)
                .map(|reach| before.profile_name(reach.account, reach.role))
                // All go through the hub, but only the hub's own profile names it.
                .chain((name == "ops").then(|| before.hub().profile.value.clone()))
                .map(|name| SectionId::profile(&name))
                .collect();
            let (old, new) = (sections(&before, team), sections(&after, changed));
            prop_assert_eq!(old.len(), new.len());
            for ((id, old), (same, new)) in old.iter().zip(&new) {
                prop_assert_eq!(id, same);
                prop_assert_eq!(old != new, own.contains(id), "{}", id);
            }
        }
    }
}

#[test]
fn most_of_the_generated_companies_have_a_catalogue() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    let mut runner = proptest::test_runner::TestRunner::new(config(1));
    let (mut right, mut reached) = (0, 0);
    for _ in 0..200 {
        let text = company().new_tree(&mut runner).unwrap().current().text();
        if let (Some(catalog), _) = Catalog::read(FILE, &text) {
            right += 1;
            reached += catalog.teams().iter().map(|team| catalog.reach(team).len()).sum::<usize>();
        }
    }
    assert!(right > 150 && reached > 1_000, "{right} of 200 are right; they reach {reached}");
}

#[test]
fn a_company_of_a_thousand_accounts_is_read_whole() {
    let text = organisation::catalog(LARGE);
    let (catalog, warnings) = Catalog::parse(FILE, &text).unwrap();
    assert_eq!(warnings, [""; 0]);
    assert_eq!((catalog.accounts().len(), catalog.teams().len()), (1_000, 200));
    assert_eq!(catalog.roles().len(), organisation::ROLES.len());
    let reach = |number| {
        let name = organisation::team(number);
        catalog.reach(catalog.team(&name).unwrap()).len()
    };
    assert_eq!((reach(1), reach(20)), (12, 2 * 999 + 7));
    for number in [0, 1, 20, 199] {
        check_team(&catalog, catalog.team(&organisation::team(number)).unwrap());
    }
}
