//! Keys that sign commits, made by ssh-keygen and gpg themselves.

use std::path::PathBuf;

use super::{Sandbox, Upstream};

/// An ssh key of somebody who may, or may not, sign.
pub(crate) struct Signer {
    who: &'static str,
    key: PathBuf,
}

impl Signer {
    /// Makes a key without a passphrase, outside of the home.
    pub(crate) fn new(sandbox: &Sandbox, who: &'static str) -> Self {
        let key = sandbox.root().join(who);
        let path = key.to_str().unwrap();
        let args = ["-q", "-t", "ed25519", "-N", "", "-C", who, "-f", path];
        sandbox.program("ssh-keygen", args).run().exits(0);
        Self { who, key }
    }

    /// The public key, as a `.pub` file has it.
    pub(crate) fn public(&self) -> String {
        std::fs::read_to_string(self.key.with_extension("com.pub")).unwrap()
    }

    /// The line of an allowed-signers file.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.who, self.public())
    }

    /// The key's fingerprint, by ssh-keygen.
    pub(crate) fn fingerprint(&self, sandbox: &Sandbox) -> String {
        let output = sandbox.program("ssh-keygen", ["-l", "-f", self.key.to_str().unwrap()]).run();
        output.stdout.split(' ').nth(1).unwrap().to_owned()
    }

    /// Lets this key sign every commit of the repo from now on.
    pub(crate) fn signs(&self, upstream: &Upstream<'_>) {
        upstream.git(["config", "gpg.format", "ssh"]);
        upstream.git(["config", "user.signingKey", self.key.to_str().unwrap()]);
        upstream.git(["config", "commit.gpgSign", "true"]);
    }
}

/// A keyring of gpg with one key.
pub(crate) struct Gpg {
    home: PathBuf,
    fingerprint: String,
}

impl Gpg {
    /// Makes a key for `who` without a passphrase, outside of the home.
    pub(crate) fn new(sandbox: &Sandbox, who: &str) -> Self {
        let home = sandbox.root().join(format!("gpg-{}", who.len()));
        std::fs::create_dir(&home).unwrap();
        sandbox.program("chmod", ["700", home.to_str().unwrap()]).run().exits(0);
        let mut gpg = Self { home, fingerprint: String::new() };
        let made = ["--passphrase", "", "--quick-generate-key", who, "ed25519", "sign", "never"];
        gpg.run(sandbox, &made);
        let listing = gpg.run(sandbox, &["--with-colons", "--list-keys"]);
        let line = listing.lines().find(|line| line.starts_with("fpr:")).unwrap();
        gpg.fingerprint = line.split(':').nth(9).unwrap().to_owned();
        gpg
    }

    /// Runs gpg on this keyring; gives what it prints.
    pub(crate) fn run(&self, sandbox: &Sandbox, args: &[&str]) -> String {
        let own = ["--homedir", self.home.to_str().unwrap(), "--batch", "--yes", "--quiet"];
        sandbox.program("gpg", own.iter().chain(args)).run().exits(0).stdout
    }

    /// The armoured public key.
    pub(crate) fn public(&self, sandbox: &Sandbox) -> String {
        self.run(sandbox, &["--armor", "--export"])
    }

    /// The armoured public key once it is revoked, by the certificate that gpg made with it.
    pub(crate) fn revoked(&self, sandbox: &Sandbox) -> String {
        let certificate = self.home.join(format!("openpgp-revocs.d/{}.rev", self.fingerprint));
        // gpg writes a ':' before it, so that nobody imports it by mistake.
        let text = std::fs::read_to_string(&certificate).unwrap().replace("\n:-----", "\n-----");
        std::fs::write(&certificate, text).unwrap();
        self.run(sandbox, &["--import", certificate.to_str().unwrap()]);
        self.public(sandbox)
    }

    /// The key's fingerprint.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Lets this key sign every commit of the repo from now on.
    pub(crate) fn signs(&self, upstream: &Upstream<'_>) {
        let program = self.home.join("gpg.sh");
        let home = self.home.display();
        std::fs::write(&program, format!("#!/bin/sh\nexec gpg --homedir '{home}' \"$@\"\n"))
            .unwrap();
        let chmod = ["755", program.to_str().unwrap()];
        upstream.sandbox().program("chmod", chmod).run().exits(0);
        upstream.git(["config", "gpg.format", "openpgp"]);
        upstream.git(["config", "gpg.program", program.to_str().unwrap()]);
        upstream.git(["config", "user.signingKey", &self.fingerprint]);
        upstream.git(["config", "commit.gpgSign", "true"]);
    }
}

impl Drop for Gpg {
    /// Ends the agent that gpg has started.
    fn drop(&mut self) {
        let _ = std::process::Command::new("gpgconf")
            .arg("--homedir")
            .arg(&self.home)
            .args(["--kill", "all"])
            .status();
    }
}
