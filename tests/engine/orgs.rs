//! Two Okta orgs in one home: each with its own account, session, lock and way to sign in.

use robo_simulator::scenario::SamlRole;
use robo_simulator::{Role, Scenario, Simulator};

use crate::common::office::{PASSPHRASE, PASSWORD, USER};
use crate::common::{Office, Output, PATIENCE, Run};

/// Who signs in at the other org.
const THERE: &str = "you@other.example";

const HUB: &str = "arn:aws:iam::777777777777:role/other-hub";

/// The office, and another company's org, STS and roles.
struct Both {
    office: Office,
    other: Simulator,
}

impl Both {
    /// The profiles `okta-hub`, `dev`, … of the office, and `other-hub` and `other` of the other
    /// org, with `lines` in the former's config.
    fn new(lines: &str, change: impl FnOnce(&mut Scenario)) -> Self {
        let office = Office::with(|scenario| scenario.user().factors.clear());
        let mut scenario = Scenario::default();
        scenario.user().factors.clear();
        scenario.user().login = THERE.to_owned();
        scenario.okta.oauth.device.login = THERE.to_owned();
        scenario.saml().roles = vec![SamlRole::new("aws", "777777777777", "other-hub")];
        let provider = "arn:aws:iam::777777777777:saml-provider/okta";
        let spoke = Role::new("arn:aws:iam::888888888888:role/spoke").trusts(HUB);
        scenario.sts.roles = vec![Role::new(HUB).trusts(provider), spoke];
        change(&mut scenario);
        let other = Simulator::start(scenario);
        let authorities = format!("{}{}", office.simulator.ca_pem(), other.ca_pem());
        office.sandbox.write("ca.pem", authorities);
        let here = format!("endpoint_url = {}\n", office.simulator.sts_url());
        let mine = office
            .config()
            .replace("role_arn = arn:aws:iam::111", &format!("{here}role_arn = arn:aws:iam::111"));
        let theirs = format!(
            "\n[profile other-hub]\nrole_arn = {HUB}\nokta_domain = {}\nendpoint_url = {}\n{lines}\n\
             [profile other]\nrole_arn = arn:aws:iam::888888888888:role/spoke\nsource_profile = other-hub\n",
            other.okta_host(),
            other.sts_url(),
        );
        office.sandbox.write_config(mine + &theirs);
        Self { office, other }
    }

    /// robo, told by the config alone where STS is.
    fn robo<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Run {
        self.office
            .sandbox
            .robo(args)
            .env("SSL_CERT_FILE", self.office.sandbox.path("ca.pem"))
            .env("ROBO_BACKEND", "file")
            .env("ROBO_FILE_PASSPHRASE", PASSPHRASE)
    }

    fn add(&self, domain: &str, account: &str, username: &str) {
        let args = ["aws.add", "--domain", domain, "--account", account, "--username", username];
        self.robo(args).arg("--password-stdin").stdin(PASSWORD).run().exits(0);
    }

    fn whoami(&self, profile: &str) -> (String, String) {
        let story = self.robo(["aws.explain", profile, "--json"]).run().exits(0).json();
        let text = |key: &str| story["okta"][key].as_str().unwrap_or_default().to_owned();
        (text("account"), text("username"))
    }
}

#[test]
fn each_org_has_its_own_account_session_and_credentials() {
    let both = Both::new("okta_account_name = other\n", |_| {});
    let (here, there) = (both.office.simulator.okta_host(), both.other.okta_host());
    both.add(&here, "default", USER);
    both.add(&there, "other", THERE);
    for profile in ["dev", "other", "prod", "other-hub"] {
        both.robo(["aws.exec", profile, "--", "true"]).run().exits(0);
    }
    assert_eq!(both.whoami("dev"), ("default".to_owned(), USER.to_owned()));
    assert_eq!(both.whoami("other"), ("other".to_owned(), THERE.to_owned()));
    let (mine, theirs) = (both.office.simulator.counts(), both.other.counts());
    // aws.add, and one sign-in each.
    assert_eq!((mine.passwords(USER).accepted, theirs.passwords(THERE).accepted), (2, 2));
    assert!(!mine.passwords.contains_key(THERE) && !theirs.passwords.contains_key(USER));
    assert_eq!((mine.sts("AssumeRole"), theirs.sts("AssumeRole")), (2, 1));
    // No cookie, password or token of the one ever came to the other.
    let seen = both.other.secrets();
    let own = both.office.simulator.secrets();
    let leaked: Vec<_> = own.iter().filter(|one| **one != PASSWORD && seen.contains(one)).collect();
    assert!(leaked.is_empty(), "{leaked:?}");
    // Warm, both of them.
    for profile in ["dev", "other"] {
        both.robo(["aws.exec", profile, "--", "true"]).run().exits(0);
    }
    assert_eq!(
        (both.office.simulator.counts().all(), both.other.counts().all()),
        (mine.all(), theirs.all())
    );
    // Logging out of the one leaves the other.
    both.robo(["aws.logout", "--account", "other"]).run().exits(0).says(THERE).never_says(USER);
    both.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    assert_eq!(both.office.simulator.counts().all(), mine.all());
}

#[test]
fn without_a_name_the_account_of_the_profile_s_org_is_meant() {
    let both = Both::new("", |_| {});
    both.add(&both.office.simulator.okta_host(), "default", USER);
    // Nobody is stored for the other org, and nobody of this one is taken for it.
    let output = both.robo(["aws.credentials", "other"]).run().exits(4);
    output.says(&format!("no Okta account for {} is stored", both.other.okta_host()));
    assert_eq!(both.other.counts().all(), 0);
    both.add(&both.other.okta_host(), "side", THERE);
    both.robo(["aws.credentials", "other"]).run().exits(0);
    assert_eq!(both.whoami("other").0, "side");
    assert_eq!(both.whoami("dev").0, "default");
    let output = both.robo(["aws.credentials", "other", "--account", "default"]).run().exits(1);
    output.says("the Okta account 'default' is at").says("but this profile signs in at");
}

#[test]
fn one_by_password_and_the_other_in_the_browser() {
    let client = "okta_client_id = 0oasim2cli3ent4\n";
    let both = Both::new(client, |scenario| {
        scenario.okta.pipeline = "idx".to_owned();
        scenario.okta.authn = false;
    });
    both.add(&both.office.simulator.okta_host(), "default", USER);
    for profile in ["dev", "other"] {
        both.robo(["aws.credentials", profile]).run().exits(0);
    }
    // 'default' is taken, so the newcomer goes by the name of the org.
    assert_eq!(both.whoami("other"), (both.other.okta_host(), THERE.to_owned()));
    let doctor = both.robo(["aws.doctor"]).run().exits(0).stdout;
    assert!(doctor.contains("sign-in        by password: Classic\n"), "{doctor}");
    assert!(doctor.contains("in the browser: Identity Engine, and okta_client_id is"), "{doctor}");
    assert_eq!(both.office.simulator.counts().device_codes, 0);
    assert!(both.other.counts().passwords.is_empty());
}

/// The password of [`USER`] at the other org.
const ANOTHER: &str = "another password, simulated";

/// Both orgs have a user of the same name.
fn same_name(lines: &str, change: impl FnOnce(&mut Scenario)) -> Both {
    Both::new(lines, |scenario| {
        scenario.user().login = USER.to_owned();
        scenario.user().password = ANOTHER.to_owned();
        scenario.okta.oauth.device.login = USER.to_owned();
        change(scenario);
    })
}

#[test]
fn one_name_at_two_orgs_is_two_users() {
    let both = same_name("okta_account_name = other\n", |_| {});
    let hosts = [both.office.simulator.okta_host(), both.other.okta_host()];
    for (host, account, password) in
        [(&hosts[0], "default", PASSWORD), (&hosts[1], "other", ANOTHER)]
    {
        let args = ["aws.add", "--domain", host, "--account", account, "--username", USER];
        both.robo(args).arg("--password-stdin").stdin(password).run().exits(0);
    }
    for profile in ["dev", "other"] {
        both.robo(["aws.credentials", profile]).run().exits(0);
    }
    for simulator in [&both.office.simulator, &both.other] {
        let passwords = simulator.counts().passwords(USER);
        assert_eq!((passwords.accepted, passwords.refused), (2, 0));
    }
    both.robo(["aws.logout", "--account", "other"]).run().exits(0).says(&hosts[1]);
    let before = both.office.simulator.counts().all();
    both.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(both.office.simulator.counts().all(), before, "dev is still warm");
    // A sign-in at the one does not wait for one of that name at the other.
    let hold = both.other.hold("okta POST /api/v1/authn");
    let slow = both.robo(["aws.credentials", "other"]).spawn();
    assert!(both.other.wait_for(|counts| counts.okta("POST /api/v1/authn") == 3, PATIENCE));
    both.robo(["aws.credentials", "dev", "--no-cache"]).run().exits(0);
    hold.release();
    Output::new(&slow.wait_with_output().unwrap()).exits(0);
}

#[test]
fn who_is_stored_at_one_org_alone_is_forgotten_at_both_by_name() {
    let both = same_name("", |_| {});
    let hosts = [both.office.simulator.okta_host(), both.other.okta_host()];
    let run = |profile: &str, password: &str| {
        let args = ["aws.credentials", profile, "--username", USER, "--password-stdin"];
        both.robo(args).stdin(password).run()
    };
    let logout = |name: &str| both.robo(["aws.logout", "--all", "--account", name]).run().exits(0);
    let forgot = |host: &str| format!("Forgot the password of {USER} at {host}.\n");
    both.add(&hosts[0], "default", USER);
    run("other", "mistyped").exits(5);
    logout(USER).says(&forgot(&hosts[0])).says(&forgot(&hosts[1]));
    // An account's own name means that account, though somebody's name may be the same.
    both.add(&hosts[0], USER, USER);
    run("other", "mistyped").exits(5);
    logout(USER).says(&forgot(&hosts[0])).never_says(&hosts[1]);
    logout(USER).says(&forgot(&hosts[1]));
}

#[test]
fn who_signs_in_in_the_browser_at_one_org_does_not_wait_for_the_other() {
    let client = "okta_client_id = 0oasim2cli3ent4\n";
    let both = same_name(client, |scenario| scenario.okta.pipeline = "idx".to_owned());
    both.office.simulator.scenario(|scenario| scenario.okta.pipeline = "idx".to_owned());
    both.office.edit_config("[okta]\n", &format!("[okta]\n{client}"));
    let hold = both.other.hold("okta POST /oauth2/v1/token");
    let slow = both.robo(["aws.credentials", "other"]).spawn();
    assert!(both.other.wait_for(|counts| counts.device_codes == 1, PATIENCE));
    both.robo(["aws.credentials", "dev"]).run().exits(0);
    hold.release();
    Output::new(&slow.wait_with_output().unwrap()).exits(0);
    // The name was free for both, and neither lost its account.
    assert_eq!(both.whoami("dev"), ("default".to_owned(), USER.to_owned()));
    assert_eq!(both.whoami("other"), (both.other.okta_host(), USER.to_owned()));
}
