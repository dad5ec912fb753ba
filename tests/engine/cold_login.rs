//! The first command of the day, and the second.

use crate::common::Office;

#[test]
fn a_cold_login_makes_no_more_calls_than_the_protocols_need() {
    let office = Office::signed_up(|_| {});
    let output = office.robo(["aws.exec", "reader", "--", "printenv", "AWS_OKTA_ASSUMED_ROLE_ARN"]);
    let output = output.run().exits(0);
    assert_eq!(output.stdout, "arn:aws:iam::444444444444:role/data/reader\n");
    let counts = office.simulator.counts();
    assert_eq!(counts.okta("POST /api/v1/authn"), 1, "{counts:?}");
    assert_eq!(counts.pushes, 1, "{counts:?}");
    // Sending the push, and the two polls that the scenario wants.
    assert_eq!(counts.okta("POST /api/v1/authn/factors/…/verify"), 3, "{counts:?}");
    // The app's link takes the token, and leads to itself.
    assert_eq!(counts.okta("GET /home/amazon_aws/…"), 2, "{counts:?}");
    assert_eq!(counts.sts("AssumeRoleWithSAML"), 1, "{counts:?}");
    assert_eq!(counts.sts("AssumeRole"), 2, "{counts:?}");
    // What the org runs on is asked once a day.
    assert_eq!(counts.okta("GET /.well-known/okta-organization"), 1, "{counts:?}");
    assert_eq!(counts.all(), 10, "{counts:?}");
    assert_eq!((counts.connections("okta"), counts.handshakes("okta")), (1, 1), "{counts:?}");
    assert_eq!(counts.connections("sts"), 1, "{counts:?}");
    // The next one of the day.
    office.simulator.end_sessions();
    office.robo(["aws.exec", "reader", "--no-cache", "--", "true"]).run().exits(0);
    // One more is what finds that the session is over.
    assert_eq!(office.simulator.counts().all() - counts.all(), 10);
}

#[test]
fn a_warm_command_makes_no_call_at_all() {
    let office = Office::signed_up(|_| {});
    office.robo(["aws.exec", "reader", "--", "true"]).run().exits(0);
    let before = office.simulator.counts();
    // The whole chain is cached: each of its profiles is warm too.
    for profile in ["reader", "dev", "okta-hub"] {
        let output = office.robo(["aws.exec", profile, "--", "true"]).run().exits(0);
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    }
    let after = office.simulator.counts();
    assert_eq!(after.all(), before.all());
    assert_eq!(after.connections("okta"), before.connections("okta"));
}
