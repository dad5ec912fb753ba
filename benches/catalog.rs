//! The catalogue of a large company: reading it, and making the configs of one team and of all.
//!
//! `cargo bench --bench catalog`. The floor is what the TOML parser alone takes for the same text.
#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]
#![expect(clippy::disallowed_methods, reason = "a benchmark writes the folder that it looks at")]

#[path = "../tests/common/organisation.rs"]
mod organisation;

use divan::Bencher;
use organisation::{LARGE, team};
use robo::catalog::{Catalog, Team};
use robo::config::hosts;
use robo::config::team::TeamConfig;

const FILE: &str = "aws/catalog.toml";

fn main() {
    divan::main();
}

fn text() -> String {
    organisation::catalog(LARGE)
}

fn read(text: &str) -> Catalog {
    Catalog::parse(FILE, text).expect("the generated catalogue is right").0
}

/// A team's config, as `aws.config` has it before it.
fn config(catalog: &Catalog, team: &Team) -> TeamConfig {
    let made = catalog.rendering(team);
    let mut config = TeamConfig::new();
    config.lay_made(FILE, &made.text, &made.lines).expect("what is rendered is right");
    config.check_chains().expect("what is rendered is whole");
    hosts::sign_in_hosts(config.tree()).expect("what is rendered has plain hosts");
    config
}

/// The floor: the TOML alone.
#[divan::bench]
fn a_toml_alone(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.bench(|| toml::de::DeTable::parse(&text).expect("it is TOML"));
}

/// Reading the catalogue, with every check.
#[divan::bench]
fn b_read(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.bench(|| read(&text));
}

/// What one `aws.config` spends on the catalogue: a team of 12 profiles, one that reads in every
/// account, one with all roles.
#[divan::bench(args = [1, 20, 50])]
fn c_one_team(bencher: Bencher<'_, '_>, number: usize) {
    let text = text();
    let name = team(number);
    bencher.bench(|| {
        let catalog = read(&text);
        config(&catalog, catalog.team(&name).expect("it is there"))
    });
}

/// What `dotfiles.render --all` comes to.
#[divan::bench(sample_count = 10)]
fn d_all_teams(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.bench(|| {
        let catalog = read(&text);
        catalog
            .teams()
            .iter()
            .map(|team| config(&catalog, team).tree().render().len())
            .sum::<usize>()
    });
}

/// `dotfiles.lint` of the same, with a hand-written file for every tenth team.
#[divan::bench(sample_count = 10)]
fn e_lint(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a temporary folder can be written");
    let teams = folder.path().join("aws/teams");
    std::fs::create_dir_all(&teams).expect("a temporary folder can be written");
    std::fs::write(folder.path().join(FILE), text()).expect("a temporary folder can be written");
    for number in (0..LARGE.teams).step_by(10) {
        let own = "[profile extra]\nsource_profile = hub\nregion = eu-west-1\n";
        std::fs::write(teams.join(format!("{}.config", team(number))), own)
            .expect("a temporary folder can be written");
    }
    bencher.bench(|| {
        let report = robo::lint::lint(folder.path(), &[]).expect("the folder is there");
        assert_eq!(report.teams, LARGE.teams);
    });
}
