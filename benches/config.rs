//! Planning: a large team config against a large file of the person's.
//!
//! `cargo bench --bench config`. Three sizes, a factor of ten apart, show that it is linear; a
//! bare copy of the same bytes stands beside it as the floor.
#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use divan::Bencher;
use divan::counter::ItemsCount;
use robo::config::consent::Consent;
use robo::config::diff;
use robo::config::merge::Merge;
use robo::config::plan::{Mine, Plan};
use robo::config::team::TeamConfig;
use robo::config::tree::Tree;
use robo::config::vet;
use robo::ini::Document;

const SIZES: [usize; 3] = [300, 3_000, 30_000];

fn main() {
    divan::main();
}

/// A config of `count` profiles in chains of two over one hub.
fn config(count: usize, role: &str) -> String {
    let mut text = String::from("[profile hub]\nrole_arn = arn:aws:iam::111111111111:role/hub\n");
    for number in 0..count {
        text += &format!(
            "\n# account {number}\n[profile account-{number}]\nsource_profile = hub\n\
             role_arn = arn:aws:iam::{number:012}:role/{role}\nregion = eu-west-1\n"
        );
    }
    text
}

/// As many profiles as the team has, one in ten changed by the person, one in ten their own.
fn mine(count: usize) -> String {
    let mut text = config(count, "Administrator");
    for number in (0..count).step_by(10) {
        let old = format!("{number:012}:role/Administrator\nregion = eu-west-1");
        text = text.replacen(&old, &format!("{old}\noutput = json"), 1);
        text += &format!("\n[profile own-{number}]\nregion = us-east-1\n");
    }
    text
}

/// What one run of `aws.config` does between reading the files and showing the diff.
#[divan::bench(args = SIZES)]
fn plan(bencher: Bencher<'_, '_>, count: usize) {
    let (base, theirs) = (config(count, "Administrator"), config(count, "ReadOnly"));
    let mine = mine(count.min(3_000));
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let mut team = TeamConfig::new();
        team.lay("team", theirs.as_bytes()).expect("the generated config is whole");
        team.check_chains().expect("the generated chains are whole");
        let base = Tree::read(&Document::parse(base.as_str()), "base");
        let mine = Mine::read(mine.clone().into_bytes(), "mine");
        let vetted = vet::vet(team.tree(), &base, mine.tree(), &Consent::default());
        let merge = Merge::new(&base, &vetted.tree, mine.tree());
        Plan::new(&merge, &mine, &[])
    });
}

/// The diff of what [`plan`] changes: every profile.
#[divan::bench(args = SIZES)]
fn show(bencher: Bencher<'_, '_>, count: usize) {
    let (before, after) = (config(count, "Administrator"), config(count, "ReadOnly"));
    bencher
        .counter(ItemsCount::new(count))
        .bench(|| diff::diff(before.as_bytes(), after.as_bytes()));
}

/// Reading a file alone.
#[divan::bench(args = SIZES)]
fn parse(bencher: Bencher<'_, '_>, count: usize) {
    let text = config(count, "Administrator");
    bencher.counter(ItemsCount::new(count)).bench(|| Document::parse(text.as_str()));
}

/// The floor: the same bytes, copied.
#[divan::bench(args = SIZES)]
fn copy(bencher: Bencher<'_, '_>, count: usize) {
    let text = config(count, "Administrator");
    bencher.counter(ItemsCount::new(count)).bench(|| text.clone());
}
