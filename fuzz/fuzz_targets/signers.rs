//! Any file of signers is read whole or refused by a line that it has, and means the same when it
//! is written as robo writes it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::dotfiles::signed::Signers;

fuzz_target!(|bytes: &[u8]| {
    let signers = match Signers::read(bytes, "f") {
        Ok(signers) => signers,
        Err(error) => {
            let line = error.message().strip_prefix("f:").and_then(|rest| rest.split(':').next());
            if let Some(line) = line {
                let line: usize = line.parse().expect("a line");
                assert!(
                    (1..=bytes.split(|byte| *byte == b'\n').count()).contains(&line),
                    "{error}"
                );
            }
            return;
        }
    };
    assert!(signers.keys() > 0);
    let file = signers.file();
    let again = Signers::read(file.as_bytes(), "f").expect("what is written is right");
    assert_eq!(again, signers);
    assert_eq!(again.file(), file);
    // ssh-keygen reads it by lines: no name or option may bring one of its own.
    let lines =
        file.lines().filter(|line| line.contains(" ssh-") || line.contains("sha2-")).count();
    assert!(lines <= bytes.split(|byte| *byte == b'\n').count(), "more lines than there were");
    assert!(!file.contains(['\r', '\0']) || bytes.contains(&b'\r') || bytes.contains(&0));
});
