//! A laptop whose company has an Okta org and AWS accounts, all of them simulated.

use std::ffi::OsStr;

use robo_simulator::{Scenario, Simulator};

use super::run::Run;
use super::sandbox::Sandbox;

/// A sandbox and a simulator, and `~/.aws/config` with the profiles `okta-hub`, `dev`, `prod` and
/// `reader` (behind `dev`).
pub(crate) struct Office {
    pub(crate) sandbox: Sandbox,
    pub(crate) simulator: Simulator,
}

/// Who signs in.
pub(crate) const USER: &str = "you@acme.com";

/// The simulator's own password.
pub(crate) const PASSWORD: &str = "Tr0ub4dor&3 simulated";

/// The passphrase of the key file.
pub(crate) const PASSPHRASE: &str = "a passphrase of the tests";

impl Office {
    /// An office where everything is as it is by default: a push, accepted at the second poll.
    /// Nothing is stored yet.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// An office where something is different.
    pub(crate) fn with(change: impl FnOnce(&mut Scenario)) -> Self {
        let mut scenario = Scenario::default();
        change(&mut scenario);
        let office = Self { sandbox: Sandbox::new(), simulator: Simulator::start(scenario) };
        office.simulator.write_ca(office.sandbox.path("ca.pem"));
        office.sandbox.write_config(office.config());
        office
    }

    /// As [`Office::with`], with the account stored by `aws.add --no-verify`.
    #[track_caller]
    pub(crate) fn signed_up(change: impl FnOnce(&mut Scenario)) -> Self {
        let office = Self::with(change);
        office.store_password(PASSWORD);
        office
    }

    /// Signed up, where Okta asks for no second factor: the quickest there is, for whatever comes
    /// after signing in.
    #[track_caller]
    pub(crate) fn without_factors() -> Self {
        Self::signed_up(|scenario| scenario.user().factors.clear())
    }

    /// The AWS config of the office.
    pub(crate) fn config(&self) -> String {
        format!(
            "[okta]\nokta_domain = {}\naws_saml_url = {}\n\n\
             [profile okta-hub]\nrole_arn = arn:aws:iam::111111111111:role/okta-hub\n\n\
             [profile dev]\nrole_arn = arn:aws:iam::222222222222:role/dev\n\
             source_profile = okta-hub\nregion = eu-west-1\n\n\
             [profile prod]\nrole_arn = arn:aws:iam::333333333333:role/prod\n\
             source_profile = okta-hub\n\n\
             [profile reader]\nrole_arn = arn:aws:iam::444444444444:role/data/reader\n\
             source_profile = dev\n",
            self.simulator.okta_host(),
            "home/amazon_aws/0oa1sim2ula3tor4/272",
        )
    }

    /// Changes the AWS config by putting `new` in the place of `old`, which must be there.
    #[track_caller]
    pub(crate) fn edit_config(&self, old: &str, new: &str) {
        let config = self.sandbox.read_config();
        assert!(config.contains(old), "{old} is not in\n{config}");
        self.sandbox.write_config(config.replace(old, new));
    }

    /// Stores a password for [`USER`], unchecked.
    #[track_caller]
    pub(crate) fn store_password(&self, password: &str) {
        let add = ["aws.add", "--username", USER, "--password-stdin", "--no-verify"];
        self.robo(add).stdin(password).run().exits(0);
    }

    /// The binary under test, with this office as its world and the key store `file`.
    pub(crate) fn robo<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        self.inside(self.sandbox.robo(args))
    }

    /// Any program, with what robo needs to find this office.
    pub(crate) fn inside(&self, run: Run) -> Run {
        run.env("SSL_CERT_FILE", self.sandbox.path("ca.pem"))
            .env("AWS_ENDPOINT_URL_STS", self.simulator.sts_url())
            .env("AWS_ENDPOINT_URL_SIGNIN", self.simulator.signin_url())
            .env("ROBO_BACKEND", "file")
            .env("ROBO_FILE_PASSPHRASE", PASSPHRASE)
    }
}
