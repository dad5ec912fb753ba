//! What robo is made of: where it comes from, under which licences, what each part is for, and the
//! list of it. It holds everywhere what `cargo deny` holds where that is installed, but for known
//! weaknesses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a rule that cannot be checked fails")]

#[path = "../release/sbom.rs"]
mod sbom;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::Value;
use toml::Table;

/// Dependencies that no code names: for the sake of a feature of another's.
const UNNAMED: [&str; 1] = ["dbus"];

#[test]
fn everything_comes_from_crates_io_with_a_checksum() {
    for lock in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let foreign = foreign(&read(lock).parse().unwrap());
        assert!(foreign.is_empty(), "{lock}: not of crates.io: {foreign:?}");
    }
}

#[test]
fn every_licence_is_an_allowed_one() {
    let policy: Table = read("deny.toml").parse().unwrap();
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "cargo names few packages: {}", packages.len());
    let complaints: Vec<String> =
        packages.iter().filter_map(|package| unlicensed(&policy, package)).collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_dependency_is_used_and_says_what_for() {
    let text = |folders: &[&str]| folders.iter().map(|folder| rust(Path::new(folder))).collect();
    let (code, tests): (String, String) = (text(&["src"]), text(&["tests", "benches", "examples"]));
    let architecture = read("ARCHITECTURE.md");
    let (_, table) = architecture.split_once("\n## Dependencies\n").unwrap();
    let metadata = metadata();
    let own = metadata["packages"].as_array().unwrap().iter().find(|one| one["name"] == "robo");
    let mut complaints = Vec::new();
    for dependency in own.unwrap()["dependencies"].as_array().unwrap() {
        let name = dependency["name"].as_str().unwrap();
        let for_tests = dependency["kind"] == "dev";
        let used = names(&code, &library(&metadata, name))
            || for_tests && names(&tests, &library(&metadata, name));
        if !used && !UNNAMED.contains(&name) {
            complaints.push(format!("Cargo.toml: nothing uses `{name}`: remove it"));
        }
        if !table.contains(&format!("`{name}`")) {
            complaints
                .push(format!("ARCHITECTURE.md: say under \"Dependencies\" what `{name}` is for"));
        }
        let is_own = dependency["path"].is_string() && name == "robo-simulator";
        if dependency["req"] == "*" && !is_own {
            complaints.push(format!("Cargo.toml: say which version of `{name}`"));
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn the_parts_list_is_whole_and_the_same_each_time() {
    let time = jiff::Timestamp::from_second(1_764_115_200).unwrap();
    let make = || sbom::of(root(), &host(), &[], Some(time)).unwrap();
    let text = make();
    assert_eq!(text, make());
    assert!(!text.contains(&*root().to_string_lossy()), "a path of this machine");

    // What the schema of CycloneDX 1.6 wants.
    let list: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&list["bomFormat"], &list["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    let serial = r"^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
    assert!(Regex::new(serial).unwrap().is_match(list["serialNumber"].as_str().unwrap()));
    assert_eq!(list["metadata"]["timestamp"], "2025-11-26T00:00:00Z");
    let program = &list["metadata"]["component"];
    assert_eq!((&program["type"], &program["name"]), (&"application".into(), &"robo".into()));
    assert_eq!(program["version"], env!("CARGO_PKG_VERSION"));
    let components = list["components"].as_array().unwrap();
    let mut references = BTreeSet::from([program["bom-ref"].as_str().unwrap()]);
    for component in components {
        assert_eq!(component["type"], "library");
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
        let hash = component["hashes"][0]["content"].as_str().unwrap();
        assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(references.insert(component["bom-ref"].as_str().unwrap()), "twice: {component}");
    }
    let dependencies = list["dependencies"].as_array().unwrap();
    assert_eq!(dependencies.len(), references.len());
    for needed in dependencies.iter().flat_map(|one| one["dependsOn"].as_array().unwrap()) {
        assert!(references.contains(needed.as_str().unwrap()), "{needed} is not in the list");
    }

    // Robo's own are in it, its tests' are not, and what only builds it is told apart.
    let scope = |name: &str| {
        components.iter().find(|one| one["name"] == name).map(|one| one["scope"].as_str().unwrap())
    };
    assert_eq!(scope("rustls"), Some("required"));
    assert_eq!(scope("serde_derive"), Some("excluded"));
    assert_eq!(scope("cc"), Some("excluded"));
    assert_eq!((scope("proptest"), scope("robo-simulator")), (None, None));
    // Neither is what only a feature would need that nobody turns on.
    assert_eq!((scope("authenticator"), scope("zlib-rs")), (None, None));
}

#[cfg(unix)]
#[test]
fn a_release_is_tried_before_it_is_one() {
    let tried = |arguments: &[&str]| {
        let output = Command::new("bash")
            .arg("release/try")
            .args(arguments)
            .current_dir(root())
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let robo = env!("CARGO_BIN_EXE_robo");
    let (works, said) = tried(&[robo]);
    assert!(works, "{said}");
    // This one is for this machine, and one that does nothing is no robo.
    let (works, said) = tried(&[robo, "x86_64-unknown-linux-musl"]);
    assert!(!works && said.contains("is not static"), "{said}");
    assert!(!tried(&["/bin/true"]).0);
}

/// The packages of a lock file that are neither robo's own nor of crates.io.
fn foreign(lock: &Table) -> Vec<String> {
    let text =
        |entry: &toml::Value, key| entry.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let is_foreign = |entry: &&toml::Value| match text(entry, "source") {
        Some(source) => {
            source != "registry+https://github.com/rust-lang/crates.io-index"
                || text(entry, "checksum").is_none_or(|checksum| checksum.len() != 64)
        }
        None => !text(entry, "name").unwrap().starts_with("robo"),
    };
    let packages = lock["package"].as_array().unwrap();
    packages.iter().filter(is_foreign).map(|entry| text(entry, "name").unwrap()).collect()
}

/// Why a package may not be used, if that is so; `policy` is `deny.toml`.
fn unlicensed(policy: &Table, package: &Value) -> Option<String> {
    let name = package["name"].as_str().unwrap();
    let list = |value: &toml::Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let mut allowed = list(&policy["licenses"]["allow"]);
    for exception in policy["licenses"]["exceptions"].as_array().unwrap() {
        if exception["crate"].as_str() == Some(name) {
            allowed.extend(list(&exception["allow"]));
        }
    }
    match package["license"].as_str() {
        Some(licence) if allows(licence, &allowed) => None,
        Some(licence) => {
            Some(format!("{name}: its licence, {licence}, is none that deny.toml allows"))
        }
        None => Some(format!("{name}: it says no licence")),
    }
}

/// Whether the SPDX expression can be met by `allowed` alone. `/` is the older spelling of OR.
fn allows(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest, allowed) && rest.is_empty()
}

fn either(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut met = both(words, allowed);
    while words.first() == Some(&"OR") {
        *words = &words[1..];
        met |= both(words, allowed);
    }
    met
}

fn both(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut met = one(words, allowed);
    while words.first() == Some(&"AND") {
        *words = &words[1..];
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut &[&str], allowed: &[String]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    *words = rest;
    if *first == "(" {
        let met = either(words, allowed);
        let closed = words.first() == Some(&")");
        *words = words.get(1..).unwrap_or_default();
        return met && closed;
    }
    if words.first() == Some(&"WITH") {
        // An exception to a licence makes another of it.
        *words = words.get(2..).unwrap_or_default();
        return false;
    }
    allowed.iter().any(|licence| licence == first)
}

/// Whether code names a crate: `use x;`, `x::y`.
fn names(code: &str, library: &str) -> bool {
    Regex::new(&format!(r"(?m)(?:^|[^\w:]){library}(?:::|;)")).unwrap().is_match(code)
}

/// What code calls the package `name`.
fn library(metadata: &Value, name: &str) -> String {
    let package = metadata["packages"].as_array().unwrap().iter().find(|one| one["name"] == name);
    let targets = package.and_then(|package| package["targets"].as_array());
    let is_library = |target: &&Value| {
        let kinds = target["kind"].as_array().unwrap();
        kinds.iter().any(|kind| kind == "lib" || kind == "proc-macro" || kind == "rlib")
    };
    let library = targets.into_iter().flatten().find(is_library);
    // A package for another system is not among them.
    library.map_or(name, |library| library["name"].as_str().unwrap()).replace('-', "_")
}

/// What cargo knows of the build for this machine, which needs no network: it is built.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", &host()])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").current_dir(root()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// All the code below a folder.
fn rust(folder: &Path) -> String {
    let mut code = String::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            code.push_str(&rust(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            code.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    code
}

mod rules {
    //! Every rule finds what it is there to find, and lets the rest be.

    use super::*;

    #[test]
    fn a_package_from_elsewhere_is_found() {
        let lock = "[[package]]\nname = 'a'\nversion = '1'\nsource = 'git+https://github.com/a/a#1'\n\
                    [[package]]\nname = 'b'\nversion = '1'\n[[package]]\nname = 'robo'\nversion = '1'\n\
                    [[package]]\nname = 'c'\nversion = '1'\nsource = 'registry+https://github.com/rust-lang/crates.io-index'\n";
        assert_eq!(foreign(&lock.parse().unwrap()), ["a", "b", "c"]);
    }

    #[test]
    fn a_licence_is_met_or_not() {
        let allowed = ["MIT".to_owned(), "Apache-2.0".to_owned(), "ISC".to_owned()];
        for met in ["MIT", "MIT/GPL-3.0", "GPL-3.0 OR (MIT AND ISC)", "Apache-2.0 AND ISC"] {
            assert!(allows(met, &allowed), "{met}");
        }
        for not in ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT WITH x", "(MIT", "MIT MIT"] {
            assert!(!allows(not, &allowed), "{not}");
        }
    }

    #[test]
    fn a_crate_that_is_named_is_used() {
        assert!(names("use serde::Deserialize;", "serde"));
        assert!(names("fn f() { toml::from_str(x) }", "toml"));
        assert!(!names("use serde_json::Value;", "serde"));
        assert!(!names("crate::serde::x", "serde"));
    }
}
