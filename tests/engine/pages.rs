//! The app's page: everything that it can be instead of an assertion for AWS.

use robo_simulator::scenario::Access;
use robo_simulator::{Factor, Fault, Scenario};

use crate::common::Office;
use crate::wording::{HUB, failed};

fn no_factor(scenario: &mut Scenario) {
    scenario.user().factors.clear();
}

const CHECK: &str =
    "  hint: check aws_saml_url: it is the embed link of Okta's AWS Account Federation app\n";
const AGAIN: &str = "  hint: try again; if it stays so, ask whoever runs the AWS app in Okta\n";

#[test]
fn a_page_without_an_assertion_is_told_for_what_it_is() {
    let office = Office::signed_up(|_| {});
    let form = |action: &str, fields: &str| format!("<form action='{action}'>{fields}</form>");
    let aws = "https://signin.aws.amazon.com/saml";
    let elsewhere = |host: &str| {
        format!("error: the app at <okta> signs in to {host}, which is not AWS\n{CHECK}")
    };
    let nothing = "error: <okta> gave a page without a SAML assertion for the app\n";
    let value = "<input name=SAMLResponse value='PGEvPg=='>";
    let unreadable =
        |why: &str| format!("error: Okta's SAML assertion cannot be read: {why}\n{AGAIN}");
    let cases = [
        (String::new(), 1, format!("error: <okta> gave an empty page for the app\n{CHECK}")),
        ("<svg".repeat(9000), 1, format!("{nothing}{CHECK}")),
        (
            "<title>Down for\n maintenance\u{1b}[2J</title>".to_owned(),
            1,
            format!("{nothing}  cause: the page's title: Down for maintenance\\u{{1b}}[2J\n{CHECK}"),
        ),
        (form(aws, "<input name=RelayState>"), 1, format!("{nothing}{CHECK}")),
        (form("https://signin.aws.evil.test/saml", value), 1, elsewhere("signin.aws.evil.test")),
        (form("https://evil.test/signin.aws.amazon.com/saml", value), 1, elsewhere("evil.test")),
        (form("http://signin.aws.amazon.com/saml", value), 1, elsewhere("signin.aws.amazon.com")),
        (form("https://signin.aws.amazon.com:8443/saml", value), 1, elsewhere("signin.aws.amazon.com")),
        (form("https://x@signin.aws.amazon.com/saml", value), 1, elsewhere("signin.aws.amazon.com")),
        (form("https://evilsignin.aws.amazon.com/saml", value), 1, elsewhere("evilsignin.aws.amazon.com")),
        (form("/saml", value), 1, elsewhere("localhost")),
        (form(aws, "<input name=SAMLResponse value='-_*'>"), 1, unreadable("it is not base64")),
        (form(aws, "<input name=SAMLResponse value='/w=='>"), 1, unreadable("it is not UTF-8")),
        (form(aws, "<input name=SAMLResponse>"), 1, unreadable("it is not sound XML")),
        (form(aws, value), 1, unreadable("it is not a SAML response")),
        (
            "<form><input type=password></form>".to_owned(),
            5,
            "error: <okta> asks to sign in again, right after it was done\n  hint: try again; an Identity Engine org may forbid this way to sign in: ask whoever runs Okta\n".to_owned(),
        ),
    ];
    for (page, exit, stderr) in cases {
        let (output, calls) = office.try_with(HUB, |scenario| {
            no_factor(scenario);
            scenario.saml().raw_page = Some(page.clone());
        });
        failed(&output, exit, &stderr);
        assert_eq!(calls.trim_start_matches("app "), "authn app app", "{page}");
    }
}

#[test]
fn xml_that_is_no_assertion_is_refused_whatever_it_would_do() {
    let office = Office::signed_up(|_| {});
    let bomb = (1..10).map(|n| {
        format!("<!ENTITY e{n} '&e{0};&e{0};&e{0};&e{0};&e{0};&e{0};&e{0};&e{0};'>", n - 1)
    });
    let bomb: String = bomb.collect();
    let cases = [
        ("<Response>", "it is not sound XML"),
        ("plain words", "it is not sound XML"),
        ("<html><body/></html>", "it is not a SAML response"),
        ("<Response/>", "there is no assertion in it"),
        (
            "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Response>&x;</Response>",
            "it is not sound XML",
        ),
        (
            &format!("<!DOCTYPE r [<!ENTITY e0 'ha'>{bomb}]><Response>&e9;</Response>"),
            "it is not sound XML",
        ),
        (&"<a>".repeat(20_000), "it is not sound XML"),
        (
            &format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000)),
            "it is not a SAML response",
        ),
    ];
    for (xml, why) in cases {
        let (output, _) = office.try_with(HUB, |scenario| {
            no_factor(scenario);
            scenario.saml().raw_xml = Some(xml.to_owned());
        });
        failed(&output, 1, &format!("error: Okta's SAML assertion cannot be read: {why}\n{AGAIN}"));
    }
}

#[test]
fn an_app_that_is_not_the_user_s_is_told_with_whom_to_ask() {
    let office = Office::signed_up(|_| {});
    let title = "  cause: the page's title: acme - Error\n";
    let cases = [
        (
            Access::NotAssigned,
            "app",
            format!(
                "error: Okta does not let your account use the AWS app (<okta>)\n{title}  hint: ask whoever runs Okta to assign the app to you; it is the one in aws_saml_url\n"
            ),
        ),
        (
            Access::NotFound,
            "app",
            format!(
                "error: <okta> has no such app: /home/amazon_aws/0oa1sim2ula3tor4/272\n{title}  hint: check aws_saml_url: it is the path of the app's embed link in Okta\n"
            ),
        ),
    ];
    for (access, again, stderr) in cases {
        let change = |scenario: &mut Scenario| {
            no_factor(scenario);
            scenario.okta.apps[0].access = access;
        };
        failed(&office.try_with(HUB, change).0, 5, &stderr);
        // Another sign-in is tried only where it could help.
        let before = office.simulator.calls().len();
        office.robo(HUB).run().exits(5);
        assert_eq!(office.calls_since(before), again);
    }
}

#[test]
fn an_answer_that_is_no_answer_costs_nothing_but_the_run() {
    let office = Office::signed_up(no_factor);
    let large = "error: <okta> answered with more than 4 MB\n  hint: is <okta> the right host, and no proxy's page in between?\n";
    let broken = "error: the answer of <okta> broke off: the connection was closed\n  cause: Peer disconnected\n  hint: try again; if it stays so, something between here and there is at fault\n";
    let foreign = "error: <okta> leads to another host, evil.test: nothing is sent there\n  hint: is <okta> still your company's Okta domain?\n";
    let plain_http = "error: <okta> is only spoken to by https, not by http at <okta>\n  hint: is <okta> still your company's Okta domain?\n";
    let circles = "error: <okta> redirects the app's page in circles\n  hint: check aws_saml_url: it is the app's embed link in Okta\n";
    let what = "error: <okta> answered with something else than Okta does";
    let portal = "  hint: is <okta> your company's Okta domain, and no proxy's page in between?\n";
    let http = format!("http://{}/x", office.simulator.okta_host());
    let app = || Fault::on("okta GET /home/amazon_aws/…");
    let authn = || Fault::on("okta POST /api/v1/authn");
    let cases = [
        (app().megabytes(50), 1, large.to_owned()),
        (app().truncate(40), 7, broken.to_owned()),
        (app().redirect("https://evil.test/x?sessionToken=y"), 1, foreign.to_owned()),
        (app().redirect(&http), 1, plain_http.to_owned()),
        (app().redirect("/home/amazon_aws/0oa1sim2ula3tor4/272"), 1, circles.to_owned()),
        (app().page(500, "<title>Oops</title>"), 1, format!("{what} (status 500)\n  cause: a page with the title \"Oops\"\n  hint: try again; https://status.okta.com tells of outages\n")),
        (app().page(502, ""), 1, format!("{what} (status 502)\n  hint: try again; https://status.okta.com tells of outages\n")),
        (authn().megabytes(50), 1, large.to_owned()),
        (authn().truncate(4), 7, broken.to_owned()),
        (authn().redirect("https://evil.test/x?password=y"), 1, foreign.to_owned()),
        (authn().redirect("/api/v1/authn"), 1, format!("{what} (status 302)\n{portal}")),
        (authn().page(200, "<title>Welcome to the hotel</title>"), 1, format!("{what} (status 200)\n  cause: a page with the title \"Welcome to the hotel\"\n{portal}")),
        (authn().garbage(5000), 1, format!("{what} (status 200)\n{portal}")),
        (authn().page(200, "[1]"), 1, format!("{what} (status 200)\n{portal}")),
        (authn().page(200, "{}"), 5, "error: Okta asks for a step that robo does not know: none (<okta>)\n  hint: sign in at https://<okta> in the browser to see what it is\n".to_owned()),
    ];
    for (fault, exit, stderr) in cases {
        let name = format!("{fault:?}");
        let (output, calls) = office.try_with(HUB, |scenario| {
            no_factor(scenario);
            scenario.faults = vec![fault];
        });
        assert_eq!((output.status, &output.stderr), (exit, &stderr), "{name}");
        assert_eq!(output.stdout, "");
        // The password is sent once at most.
        assert!(calls.matches("authn").count() <= 1, "{name} {calls}");
        // And all is well as soon as Okta is.
        office.try_with(HUB, no_factor).0.exits(0);
    }
}

#[test]
fn what_a_server_says_never_steers_the_terminal() {
    let bad = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    let office = Office::signed_up(|_| {});
    let json =
        format!("{{\"errorCode\":\"E0000001\",\"errorSummary\":{}}}", serde_json::json!(bad));
    // Whether it comes with a question, and where.
    let changes: [(bool, &str, &dyn Fn(&mut Scenario)); 6] = [
        (false, "title", &|scenario| {
            no_factor(scenario);
            scenario.saml().raw_page = Some(format!("<title>{bad}</title>"));
        }),
        (false, "error", &|scenario| {
            scenario.faults = vec![Fault::on("okta POST /api/v1/authn").page(400, &json)];
        }),
        (true, "question", &|scenario| {
            let mut question = Factor::question();
            question.question = bad.to_owned();
            scenario.user().factors = vec![question];
        }),
        (true, "phone", &|scenario| {
            let mut sms = Factor::sms();
            sms.profile.insert("phoneNumber".to_owned(), bad.into());
            scenario.user().factors = vec![sms];
        }),
        (true, "menu", &|scenario| {
            scenario.user().factors = vec![Factor::new("token:hotp", bad), Factor::totp()];
        }),
        (true, "left out", &|scenario| {
            scenario.user().factors = vec![Factor::new("claims_provider", bad), Factor::totp()];
        }),
    ];
    for (asks, place, change) in changes {
        office.turn_to(change);
        let mut pty = office.robo(HUB).pty();
        pty.expect("owned");
        if asks {
            pty.send_ctrl_c();
        }
        let (status, screen) = pty.wait();
        assert_ne!(status, 0, "{place} {screen}");
        let raw = pty.raw();
        assert!(raw.contains("\\u{1b}]0;owned\\u{7}"), "{place} {raw:?}");
        for steering in ["\u{1b}]0", "\u{7}", "\u{1b}[2J", "\u{9b}", "\u{202e}"] {
            assert!(!raw.contains(steering), "{place} {raw:?}");
        }
    }
}
