//! What a run says and whom it calls, with what differs from run to run named.

use std::ffi::OsStr;

use regex::Regex;
use robo_simulator::Scenario;

use crate::common::{Office, Output};

impl Office {
    /// `text` with `<okta>` and `<duo>` for the hosts, and `<id>` for the ids of Okta's errors.
    pub(crate) fn wording(&self, text: &str) -> String {
        let text = text.replace(&self.simulator.okta_host(), "<okta>");
        let text = text.replace(&self.simulator.duo_host(), "<duo>");
        Regex::new(r"\boae\w{20}\b").unwrap().replace_all(&text, "<id>").into_owned()
    }

    /// Puts a scenario like the default one in place, ends all sessions at Okta, runs robo, and
    /// gives what it left behind and the calls that it made.
    #[track_caller]
    pub(crate) fn try_with<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        change: impl FnOnce(&mut Scenario),
    ) -> (Output, String) {
        self.turn_to(change);
        let before = self.simulator.calls().len();
        let output = self.robo(args).run();
        let output = Output { stderr: self.wording(&output.stderr), ..output };
        (output, self.calls_since(before))
    }

    /// Puts a scenario like the default one in place, and ends all sessions at Okta.
    pub(crate) fn turn_to(&self, change: impl FnOnce(&mut Scenario)) {
        let mut scenario = Scenario::default();
        change(&mut scenario);
        self.simulator.set_scenario(scenario);
        self.simulator.end_sessions();
    }

    /// All calls so far but for the first `count`, in their order and in short: `authn verify app
    /// app saml`. What an org runs on is asked once a day, and left out here: `discovery` has
    /// tests of its own.
    pub(crate) fn calls_since(&self, count: usize) -> String {
        let calls = self.simulator.calls();
        let calls = calls.iter().skip(count);
        let calls = calls.filter(|call| call.path != "/.well-known/okta-organization");
        let short = calls.map(|call| match call.endpoint.as_str() {
            "GET /home/amazon_aws/…" => "app",
            "AssumeRoleWithSAML" => "saml",
            "AssumeRole" => "role",
            endpoint => endpoint.rsplit(['/', ' ']).next().unwrap_or(endpoint),
        });
        short.collect::<Vec<_>>().join(" ")
    }
}

/// Checks that a run failed as it should and gave nothing: its exit code, and all that it said.
#[track_caller]
pub(crate) fn failed(output: &Output, status: i32, stderr: &str) {
    assert_eq!((output.status, output.stdout.as_str()), (status, ""), "\n{output}");
    assert_eq!(output.stderr, stderr);
}

/// A run that is after the first role alone, whatever is cached.
pub(crate) const HUB: [&str; 3] = ["aws.credentials", "okta-hub", "--no-cache"];

/// Why a security key is not asked, on a machine without one.
pub(crate) const NO_KEY: &str = if cfg!(feature = "fido") {
    "no security key is plugged in"
} else {
    "it needs a robo built with '--features fido', or a browser (okta_auth = device, where the org has Identity Engine)"
};
