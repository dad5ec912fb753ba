//! The parts list of a build, as CycloneDX 1.6: every crate that is in it or made it, by its version,
//! checksum and licence, and which needs which.
//!
//! `cargo run --locked --example sbom -- TARGET [FEATURE…]` prints it for a target such as
//! `x86_64-unknown-linux-musl`. It reads `Cargo.lock` and what `cargo metadata` says of it, so the
//! same source gives the same bytes; with `SOURCE_DATE_EPOCH` they have a time, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

#[allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "a program of its own, and a test's module"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (target, features) = arguments.split_first().ok_or("usage: sbom TARGET [FEATURE…]")?;
    let time = std::env::var("SOURCE_DATE_EPOCH").ok();
    let time = match time {
        Some(seconds) => Some(jiff::Timestamp::from_second(seconds.parse()?)?),
        None => None,
    };
    let text = of(Path::new(env!("CARGO_MANIFEST_DIR")), target, features, time)?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// The parts list of the package in `folder`, built for `target` with `features`.
pub(crate) fn of(
    folder: &Path,
    target: &str,
    features: &[String],
    time: Option<jiff::Timestamp>,
) -> Result<String, Box<dyn Error>> {
    let features = features.join(",");
    let cargo = |arguments: &[&str]| -> Result<Vec<u8>, Box<dyn Error>> {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .args(["--locked", "--features", &features])
            .current_dir(folder)
            .output()?;
        let failed = || String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(output.stdout) } else { Err(failed().into()) }
    };
    let metadata = cargo(&["metadata", "--format-version", "1", "--filter-platform", target])?;
    // The metadata also has what a feature would need that nobody turns on.
    let edges = ["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let tree = cargo(&[&edges[..], &["--target", target]].concat())?;
    let lock = std::fs::read_to_string(folder.join("Cargo.lock"))?;
    let tree = String::from_utf8(tree)?;
    list(&serde_json::from_slice(&metadata)?, &names(&tree), &lock.parse()?, time)
}

/// The `name vX.Y.Z` at the beginning of each line of `cargo tree`.
fn names(tree: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    };
    tree.lines().filter_map(name).collect()
}

/// Of what `cargo metadata` says, as far as it is in `tree`, and `Cargo.lock`.
fn list(
    metadata: &Value,
    tree: &BTreeSet<String>,
    lock: &toml::Table,
    time: Option<jiff::Timestamp>,
) -> Result<String, Box<dyn Error>> {
    let all = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let by_id = |list: &Value| -> BTreeMap<String, Value> {
        all(list).into_iter().map(|one| (text(&one["id"]).to_owned(), one)).collect()
    };
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let root = text(&metadata["resolve"]["root"]);

    let is_built = |id: &str| {
        let package = &packages[id];
        tree.contains(&format!("{} v{}", text(&package["name"]), text(&package["version"])))
    };
    let is_macro = |id: &str| {
        let mut kinds = all(&packages[id]["targets"]).into_iter().flat_map(|one| all(&one["kind"]));
        kinds.any(|kind| kind == "proc-macro")
    };
    let needs = |id: &str, only_linked: bool| -> Vec<String> {
        let of_kind = |needed: &Value| {
            let mut kinds = all(&needed["dep_kinds"]).into_iter().map(|kind| kind["kind"].clone());
            kinds.any(|kind| kind.is_null() || (!only_linked && kind == "build"))
        };
        let needed = all(&nodes[id]["deps"]).into_iter().filter(of_kind);
        let ids = needed.map(|needed| text(&needed["pkg"]).to_owned());
        ids.filter(|id| is_built(id) && (!only_linked || !is_macro(id))).collect()
    };
    let reach = |only_linked| {
        let (mut reached, mut next) = (BTreeSet::new(), vec![root.to_owned()]);
        while let Some(id) = next.pop() {
            next.extend(needs(&id, only_linked));
            if !reached.insert(id.clone()) {
                next.retain(|other| !reached.contains(other));
            }
        }
        reached
    };
    let (built, linked) = (reach(false), reach(true));

    let mut components = BTreeMap::new();
    let mut dependencies = BTreeMap::new();
    for id in &built {
        let package = &packages[id];
        let own = purl(package);
        let needed: BTreeSet<String> =
            needs(id, false).iter().map(|id| purl(&packages[id])).collect();
        dependencies.insert(own.clone(), json!({ "ref": own, "dependsOn": needed }));
        components.insert(own, component(package, checksum(lock, package), linked.contains(id)));
    }
    let own = components.remove(&purl(&packages[root])).unwrap_or_default();
    let mut about = Map::from_iter([("component".to_owned(), own)]);
    if let Some(time) = time {
        about.insert("timestamp".to_owned(), time.to_string().into());
    }
    let mut bom = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": about,
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": dependencies.into_values().collect::<Vec<_>>(),
    });
    bom["serialNumber"] = format!("urn:uuid:{}", uuid(&bom.to_string())).into();
    Ok(format!("{bom:#}\n"))
}

fn component(package: &Value, checksum: Option<String>, linked: bool) -> Value {
    let purl = purl(package);
    let is_library = package["source"].is_string();
    let mut component = json!({
        "type": if is_library { "library" } else { "application" },
        "bom-ref": purl,
        "name": package["name"],
        "version": package["version"],
        "purl": purl,
        // What only makes the program is no part of it.
        "scope": if linked { "required" } else { "excluded" },
    });
    if let Some(licence) = package["license"].as_str() {
        // The older spelling of OR.
        let licence = licence.replace('/', " OR ").split_whitespace().collect::<Vec<_>>().join(" ");
        component["licenses"] = json!([{ "expression": licence }]);
    }
    if let Some(checksum) = checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

/// The name of a crate among all packages there are (package-url.github.io).
fn purl(package: &Value) -> String {
    let version = text(&package["version"]).replace('+', "%2B");
    format!("pkg:cargo/{}@{version}", text(&package["name"]))
}

/// What `Cargo.lock` holds a package to.
fn checksum(lock: &toml::Table, package: &Value) -> Option<String> {
    let same = |entry: &&toml::Value| {
        ["name", "version"]
            .iter()
            .all(|key| entry.get(*key).and_then(toml::Value::as_str) == package[*key].as_str())
    };
    let entry = lock.get("package")?.as_array()?.iter().find(same)?;
    Some(entry.get("checksum")?.as_str()?.to_owned())
}

/// A name that the content has, and no other (RFC 9562, 5.8).
fn uuid(content: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(content)[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
