//! botocore, the reader behind the AWS CLI, finds in every rendered config what robo finds.

use std::fs;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use robo::catalog::Catalog;
use robo::config::profiles::Profiles;
use robo::ini::Document;
use serde_json::{Map, Value};

use crate::common::botocore::Botocore;
use crate::common::organisation::{self, Size};
use crate::companies::company;

/// Rendered configs of generated companies, and of a larger one.
fn rendered() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let companies = (0..60).map(|_| company().new_tree(&mut runner).unwrap().current().text());
    let large = organisation::catalog(Size { accounts: 100, teams: 60 });
    let mut texts = Vec::new();
    for text in companies.chain([large]) {
        if let (Some(catalog), _) = Catalog::read("f", &text) {
            texts.extend(catalog.teams().iter().map(|team| catalog.rendering(team).text));
        }
    }
    texts
}

#[test]
fn botocore_reads_every_rendered_config_as_the_sdks_do() {
    let Some(botocore) = Botocore::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let texts = rendered();
    assert!(texts.len() > 100, "{}", texts.len());
    let paths: Vec<_> = (0..texts.len()).map(|n| folder.path().join(n.to_string())).collect();
    for (path, text) in paths.iter().zip(&texts) {
        fs::write(path, text).unwrap();
    }
    for (text, theirs) in texts.iter().zip(botocore.read(&paths)) {
        let profiles = Profiles::read(&Document::parse(text.as_str())).unwrap();
        let ours: Map<String, Value> = profiles
            .list()
            .iter()
            .map(|profile| {
                let properties = profile.properties.iter();
                let own: Map<String, Value> = properties
                    .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
                    .collect();
                (profile.name.clone(), Value::from(own))
            })
            .collect();
        assert_eq!(theirs["profiles"], Value::from(ours), "{text}");
    }
}
