//! A file of tasks is read or refused with its line, and what was read can be listed, explained and
//! made ready to run: nothing panics, nothing hangs, and no command is run unasked.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use robo::Error;
use robo::tasks::show::{self, Style};
use robo::tasks::{Colors, KnownVariables, Scripts, Surroundings, TaskFile, User, prepare};

fuzz_target!(|bytes: &[u8]| {
    let file = match TaskFile::parse("robo.yml", bytes) {
        Ok(file) => file,
        Err(error) => {
            let place = error.message().strip_prefix("robo.yml:").expect("the file's name");
            let line = place.split(':').next().expect("a line").parse::<usize>().expect("a number");
            // To YAML, a carriage return ends a line, too.
            let lines = bytes.split(|byte| [b'\n', b'\r'].contains(byte)).count();
            assert!(line >= 1 && line <= lines + 1, "{error}");
            return;
        }
    };
    let lines = bytes.split(|byte| [b'\n', b'\r'].contains(byte)).count();
    for missing in KnownVariables::of(&file, Some(&file)).missing() {
        assert!(missing.line >= 1 && missing.line <= lines, "{missing:?}");
    }
    let _ = file.made_scripts().count();
    let user = User::default();
    let run = |command: &str| {
        assert!(!command.is_empty());
        if command.len() % 2 == 0 {
            Ok("[1, \"two\"]\n".to_owned())
        } else {
            Err(Error::failed("no"))
        }
    };
    let around = Surroundings {
        path: Path::new("/x/robo.yml"),
        user: &user,
        base: None,
        scripts: Scripts::All,
        run: &run,
    };
    let style = Style { colors: Colors::On, shown: &str::to_owned };
    let _ = show::list(&file, &around, style);
    let _ = show::variables(&file, &around, style);
    for name in file.names().take(2) {
        let task = file.task(name).expect("a task of that name");
        let _ = show::help(&file, task, &around, style);
        let _ = prepare(&file, task, &around, &["arg".into()]);
    }
});
