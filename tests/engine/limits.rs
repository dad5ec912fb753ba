//! Rate limits and slow servers: waited for, within reason.

use robo_simulator::{Factor, Fault, Scenario};

use crate::common::{Office, Output};
use crate::wording::{HUB, failed};

const AUTHN: &str = "okta POST /api/v1/authn";
const VERIFY: &str = "okta POST /api/v1/authn/factors/…/verify";
const APP: &str = "okta GET /home/amazon_aws/…";

fn quick_push(scenario: &mut Scenario) {
    *scenario.factor() = Factor::push().polls(["SUCCESS"]);
}

#[test]
fn a_rate_limit_that_ends_soon_is_waited_for() {
    let office = Office::signed_up(|_| {});
    for (endpoint, calls) in [(AUTHN, "authn authn app app saml"), (APP, "authn app app app saml")]
    {
        office.robo(["aws.logout"]).run().exits(0);
        let (output, made) = office.try_with(HUB, |scenario| {
            scenario.user().factors.clear();
            // Over by now; a second is added, for the clocks count whole ones.
            scenario.faults = vec![Fault::on(endpoint).rate_limit(0).first(1)];
        });
        assert_eq!(output.exits(0).stderr, "Okta: too many requests; waiting 1 s as it asks.\n");
        assert_eq!(made, calls);
    }
}

#[test]
fn the_server_s_clock_says_when_a_rate_limit_is_over() {
    let office = Office::signed_up(|_| {});
    let (output, _) = office.try_with(HUB, |scenario| {
        scenario.user().factors.clear();
        // The reset and the date are both by a clock that is two hours ahead of this one.
        let fault = Fault::on(AUTHN).rate_limit(7200).first(1);
        scenario.faults = vec![Fault { date_skew: 7200, ..fault }];
    });
    assert_eq!(output.exits(0).stderr, "Okta: too many requests; waiting 1 s as it asks.\n");
}

#[test]
fn a_rate_limit_that_takes_too_long_is_told_at_once() {
    let office = Office::signed_up(|_| {});
    for seconds in [60, 3_000_000_000] {
        let (output, calls) = office.try_with(HUB, |scenario| {
            scenario.faults = vec![Fault::on(AUTHN).rate_limit(seconds)];
        });
        let wait = seconds + 1;
        // The server's clock may have gone on by a second between the limit and its date.
        let stderr = output.stderr.replace(&format!("{seconds} s"), &format!("{wait} s"));
        failed(
            &Output { stderr, ..output },
            5,
            &format!(
                "error: Okta gets too many requests (<okta>): it asks to wait {wait} s\n  \
                 cause: E0000047: API call exceeded rate limit due to too many requests. (error id <id>)\n  \
                 hint: try again in {wait} s\n"
            ),
        );
        assert_eq!(calls, "authn");
    }
}

#[test]
fn a_rate_limit_while_a_phone_is_waited_for_does_not_cost_the_push() {
    let office = Office::signed_up(|scenario| {
        quick_push(scenario);
        scenario.faults = vec![Fault::on(VERIFY).rate_limit(0).nth(2)];
    });
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(0), "authn verify verify verify app app saml");
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn an_org_s_own_limit_is_kept_to() {
    // One sign-in a minute: the second one would have to wait for it.
    let office = Office::signed_up(|scenario| {
        scenario.user().factors.clear();
        scenario.okta.rate_limit = 2;
    });
    office.robo(HUB).run().exits(0);
    let output = office.robo(HUB).run().exits(5);
    let told = "error: Okta gets too many requests (<okta>): it asks to wait ";
    assert!(office.wording(&output.stderr).starts_with(told), "{output}");
    assert_eq!(office.simulator.counts().passwords(crate::common::USER).accepted, 1);
}

#[test]
fn a_slow_network_changes_nothing_but_the_time() {
    let office = Office::signed_up(|scenario| {
        quick_push(scenario);
        scenario.faults = vec![Fault::on("*").latency(100)];
    });
    let output = office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(output.stderr, "Okta: push sent to your phone.\n");
    assert_eq!(office.calls_since(0), "authn verify verify app app saml role");
    let counts = office.simulator.counts();
    assert_eq!((counts.connections("okta"), counts.connections("sts")), (1, 1), "{counts:?}");
}
