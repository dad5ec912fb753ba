//! The file itself: reading, and changing a few keys.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use crate::error::{Error, Result};
use crate::settings::{Pin, Remember, Settings};
use crate::sys::env::Env;
use crate::sys::files::Files;
use crate::sys::folders::Folders;
use crate::sys::hash::sha256;
use crate::sys::lock::Lock;
use crate::sys::replace::replace;

/// `settings.toml` in robo's settings folder.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
    lock: PathBuf,
}

/// The files of signers that a repo named, beside the settings. Their names end in a hash of what is
/// in them, so that the settings name the ones before until the new ones are whole.
const SIGNERS: &str = "allowed_signers-";
const REVOKED: &str = "revoked_keys-";

/// How long another robo may take to write its few lines.
const PATIENCE: Duration = Duration::from_secs(10);

impl SettingsFile {
    /// The file in robo's folders, which need not exist.
    pub fn new(folders: &Folders) -> Self {
        Self {
            path: folders.settings.join("settings.toml"),
            lock: folders.state.join("locks").join("settings.lock"),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file that the settings name by `path`: absolute, below `~/`, or beside the settings.
    pub fn beside(&self, path: &str, env: &Env) -> PathBuf {
        match (path.strip_prefix("~/"), env.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.path.parent().unwrap_or(Path::new("")).join(path),
        }
    }

    /// Whether the file that the settings name by `path` is one of signers that robo keeps.
    pub fn is_own(&self, path: &str, env: &Env) -> bool {
        let path = self.beside(path, env);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        path.parent().map(|folder| folder.components().as_path())
            == self.path.parent().map(|folder| folder.components().as_path())
            && name.is_some_and(|name| name.starts_with(SIGNERS))
    }

    /// Reads it; a missing one is empty. The second value is a warning for each unknown key.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or a key has the wrong type: with its line.
    pub fn load(&self) -> Result<(Settings, Vec<String>)> {
        let text = self.text()?;
        let broken = |span: Option<Range<usize>>, why: &str| {
            let line =
                span.map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            Error::failed(format!("{}:{line}: {why}", self.path.display()))
                .excerpt(line, text.lines().nth(line - 1).unwrap_or_default())
                .hint("mend the line, or remove it: robo asks again for what it needs")
        };
        let unread = |cause: toml::de::Error| broken(cause.span(), cause.message());
        // What is not understood is passed over here, but has to be right to be written again.
        if let Err(cause) = text.parse::<DocumentMut>() {
            return Err(broken(cause.span(), cause.message()));
        }
        let mut unknown = Vec::new();
        let deserializer = toml::Deserializer::parse(&text).map_err(unread)?;
        let settings: Settings =
            serde_ignored::deserialize(deserializer, |key| unknown.push(key.to_string()))
                .map_err(unread)?;
        let warnings = unknown
            .into_iter()
            .map(|key| format!("{}: unknown key '{key}'", self.path.display()))
            .collect();
        Ok((settings, warnings))
    }

    /// Adds to the file what is not in it yet; writes nothing when all of it is.
    ///
    /// # Errors
    /// When the file cannot be read, understood or written.
    pub fn remember(&self, files: &dyn Files, news: &Remember) -> Result<()> {
        let _lock = Lock::take(&self.lock, PATIENCE, || {})?;
        let old = self.text()?;
        let mut document: DocumentMut = old.parse().map_err(|cause: toml_edit::TomlError| {
            Error::failed(format!("cannot read {}", self.path.display())).because(cause)
        })?;
        if let Some(backend) = &news.backend {
            set(document.as_table_mut(), "backend", Some(backend));
        }
        if let Some(dotfiles) = &news.dotfiles {
            let table = table(&mut document, "dotfiles");
            set(table, "url", dotfiles.url.as_deref());
            set(table, "ref", dotfiles.reference.as_deref());
            set(table, "path", dotfiles.path.as_deref());
        }
        if let Some(url) = &news.trusted_url {
            set(table(&mut document, "trust"), "dotfiles", Some(url));
        }
        if let Some(pin) = &news.signers {
            self.pin(files, table(&mut document, "trust"), pin)?;
        }
        if let Some(commit) = &news.signed {
            set(table(&mut document, "trust"), "signed", Some(commit));
        }
        add(&mut document, "okta_domains", &news.okta_domains);
        add(&mut document, "allow_keys", &news.allow_keys);
        if let Some((folder, trusted)) = &news.folder {
            let folders =
                table(&mut document, "trust").entry("folders").or_insert_with(toml_edit::table);
            if let Some(folders) = folders.as_table_like_mut() {
                folders.insert(folder, toml_edit::value(*trusted));
            }
        }
        let mut new = document.to_string();
        if !new.is_empty() && !new.ends_with('\n') {
            new.push('\n');
        }
        if new != old {
            replace(files, &self.path, new.as_bytes())?;
        }
        if news.signers.is_some() {
            self.clear_pins(&new);
        }
        Ok(())
    }

    /// Removes files of signers that the settings name no more.
    fn clear_pins(&self, settings: &str) {
        let folder = self.path.parent().and_then(|folder| fs::read_dir(folder).ok());
        for entry in folder.into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_pin = name.starts_with(SIGNERS) || name.starts_with(REVOKED);
            if is_pin && !settings.contains(&format!("\"{name}\"")) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Puts signers into files first: settings never name what is not there.
    fn pin(&self, files: &dyn Files, trust: &mut Table, pin: &Pin) -> Result<()> {
        let put = |name: &str, bytes: &[u8]| {
            let name = format!("{name}{}", sha256(bytes).get(..12).unwrap_or_default());
            replace(files, &self.path.with_file_name(&name), bytes).map(|()| name)
        };
        let (signers, revoked) = match pin {
            Pin::Signers(signers, revoked) => (Some(signers), revoked.as_ref()),
            Pin::Nobody => (None, None),
        };
        let revoked = revoked.map(|list| put(REVOKED, list)).transpose()?;
        let signers = signers.map(|signers| put(SIGNERS, signers.as_bytes())).transpose()?;
        set(trust, "signers", signers.as_deref());
        set(trust, "revoked", revoked.as_deref());
        if signers.is_none() {
            set(trust, "signed", None);
        }
        Ok(())
    }

    fn text(&self) -> Result<String> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(text),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(cause) => {
                Err(Error::failed(format!("cannot read robo's settings, {}", self.path.display()))
                    .because(cause)
                    .hint(format!("'ls -ld {}' shows who may read it", self.path.display())))
            }
        }
    }
}

fn table<'a>(document: &'a mut DocumentMut, name: &str) -> &'a mut Table {
    let item = document.entry(name).or_insert_with(toml_edit::table);
    if !item.is_table() {
        // `trust = { … }` is a table too, only written on one line.
        let inline = std::mem::take(item);
        *item = inline.into_table().map_or_else(|_| toml_edit::table(), Item::Table);
    }
    #[expect(clippy::expect_used, reason = "the line above made it one")]
    item.as_table_mut().expect("a table")
}

fn set(table: &mut Table, key: &str, value: Option<&str>) {
    match value {
        Some(value) if table.get(key).and_then(Item::as_str) != Some(value) => {
            table[key] = toml_edit::value(value);
        }
        Some(_) => {}
        None => {
            table.remove(key);
        }
    }
}

fn add(document: &mut DocumentMut, key: &str, entries: &[String]) {
    if entries.is_empty() {
        return;
    }
    let item = table(document, "trust")
        .entry(key)
        .or_insert_with(|| Item::Value(Value::Array(Array::new())));
    if let Some(array) = item.as_array_mut() {
        for entry in entries {
            if !array.iter().any(|old| old.as_str() == Some(entry)) {
                array.push(entry.as_str());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Dotfiles;
    use crate::sys::env::Env;
    use crate::sys::files::Disk;

    fn file(text: &str) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("robo");
        let env = Env::from_vars([("ROBO_HOME", home.as_os_str())]);
        let file = SettingsFile::new(&Folders::find(&env).unwrap());
        replace(&Disk, file.path(), text.as_bytes()).unwrap();
        (folder, file)
    }

    #[test]
    fn remembering_keeps_what_a_person_wrote() {
        let (_folder, file) =
            file("# mine\nteam = \"data\" # yes\n\n[trust]\nallow_keys = [\"a\"]\n");
        let news = Remember {
            backend: Some("keychain".to_owned()),
            dotfiles: Some(Dotfiles { url: Some("u".to_owned()), ..Dotfiles::default() }),
            trusted_url: Some("u".to_owned()),
            signers: None,
            signed: None,
            okta_domains: vec!["acme.okta.com".to_owned()],
            allow_keys: vec!["a".to_owned(), "b = c".to_owned()],
            folder: Some(("/home/jo/a \"b\"".to_owned(), false)),
        };
        file.remember(&Disk, &news).unwrap();
        file.remember(&Disk, &news).unwrap();
        assert_eq!(
            file.text().unwrap(),
            "# mine\nteam = \"data\" # yes\nbackend = \"keychain\"\n\n[trust]\nallow_keys = [\"a\", \"b = c\"]\n\
             dotfiles = \"u\"\nokta_domains = [\"acme.okta.com\"]\n\n[trust.folders]\n'/home/jo/a \"b\"' = false\n\n\
             [dotfiles]\nurl = \"u\"\n"
        );
        let (settings, warnings) = file.load().unwrap();
        assert_eq!(settings.team.as_deref(), Some("data"));
        assert_eq!(settings.trust.allow_keys, ["a", "b = c"]);
        assert_eq!(settings.trust.folders.get("/home/jo/a \"b\""), Some(&false));
        assert!(warnings.is_empty());
    }

    #[test]
    fn the_first_thing_to_remember_makes_a_whole_file() {
        let (_folder, file) = file("");
        let news = Remember { trusted_url: Some("u".to_owned()), ..Remember::default() };
        file.remember(&Disk, &news).unwrap();
        assert_eq!(file.text().unwrap(), "[trust]\ndotfiles = \"u\"\n");
        let news = Remember { backend: Some("file".to_owned()), ..Remember::default() };
        file.remember(&Disk, &news).unwrap();
        let want = "backend = \"file\"\n[trust]\ndotfiles = \"u\"\n";
        assert_eq!(file.text().unwrap(), want);
    }

    #[test]
    fn a_mistake_is_told_by_its_line() {
        let cases = [
            ("team = 3\n", ":1: "),
            ("\n[dotfiles]\nurl = [\n", ":"),
            ("[trust]\nallow_keys = \"x\"\n", ":2: "),
            ("\n[trust]\nnew = 666000000000000000000000000\n", ":3: "),
        ];
        for (text, want) in cases {
            let (_folder, file) = file(text);
            let error = file.load().unwrap_err();
            let place = format!("{}{want}", file.path().display());
            assert!(error.message().starts_with(&place), "{}", error.message());
        }
        let (_folder, file) = file("[trust]\nallow = 1\n");
        assert_eq!(file.load().unwrap().1.len(), 1);
    }
}
