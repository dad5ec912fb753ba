//! Whatever STS answers, what is taken for credentials is fit for an environment, a header and a
//! URL, is read the same from what is written of it, and no refusal shows a secret.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use robo::aws::{AssumeRole, AssumeRoleWithSaml, Credentials, Endpoint, SessionName, Sts};
use robo::sys::http::Response;
use robo::sys::secret::ExposeSecret as _;
use robo_fuzz::{
    PASSWORD, SESSION, Stage, TOKEN, answers, begin, echoing, knows_a_secret, may_be_shown,
};

const ROLE: &str = "arn:aws:iam::111111111111:role/foundation";
const HOUR: Duration = Duration::from_secs(3600);

fuzz_target!(|input: &[u8]| {
    if knows_a_secret(input) {
        return;
    }
    let answers = answers(input);
    let assertion = TOKEN.to_owned().into();
    let request = AssumeRoleWithSaml {
        role_arn: ROLE,
        provider_arn: "arn:aws:iam::111111111111:saml-provider/okta",
        assertion: &assertion,
        duration: HOUR,
    };
    let stage = Stage::anywhere(Vec::new());
    let hub = {
        let network = Network::new(&echoing(&answers, TOKEN));
        let sts = Sts::new(&network, &stage, endpoint());
        let given = sts.assume_role_with_saml(&request);
        network.was_patient();
        given.map_err(|error| may_be_shown(&error)).ok()
    };
    if let Some(hub) = &hub {
        are_plain(hub);
        let again = Network::new(&[written(hub)]);
        let again = Sts::new(&again, &stage, endpoint()).assume_role_with_saml(&request);
        let again = again.expect("what is written is right");
        assert_eq!(again.access_key_id, hub.access_key_id);
        assert_eq!(again.secret_access_key.expose_secret(), hub.secret_access_key.expose_secret());
        assert_eq!(again.session_token.expose_secret(), hub.session_token.expose_secret());
        assert_eq!(again.assumed_role_arn, hub.assumed_role_arn);
    }

    let own = Credentials {
        access_key_id: "ASIAHUB".to_owned(),
        secret_access_key: PASSWORD.to_owned().into(),
        session_token: SESSION.to_owned().into(),
        obtained: begin(),
        expiration: begin() + HOUR,
        assumed_role_arn: "arn:aws:sts::111111111111:assumed-role/hub/jo@acme.com".to_owned(),
    };
    let name = SessionName::of_login("jo@acme.com");
    let request = AssumeRole {
        role_arn: ROLE,
        session_name: &name,
        duration: HOUR,
        external_id: None,
        source_identity: None,
    };
    let echoed = echoing(&answers, SESSION);
    let network = Network::new(&echoed);
    let sts = Sts::new(&network, &stage, endpoint());
    match sts.assume_role(&own, &request) {
        Ok(credentials) => are_plain(&credentials),
        Err(error) => {
            may_be_shown(&error);
            assert!(!error.message.contains(SESSION) && error.code.chars().count() <= 80);
        }
    }
    network.was_patient();
    let network = Network::new(&echoed);
    match Sts::new(&network, &stage, endpoint()).get_caller_identity(&own) {
        Ok(caller) => {
            let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
            assert!(plain(&caller.arn) && plain(&caller.account) && plain(&caller.user_id));
        }
        Err(error) => may_be_shown(&error),
    }
    network.was_patient();
});

fn endpoint() -> Endpoint {
    let url = "https://sts.eu-west-1.amazonaws.com/".parse().expect("a URL");
    Endpoint { url, region: "eu-west-1".to_owned() }
}

fn are_plain(credentials: &Credentials) {
    let texts = [
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.expose_secret(),
        credentials.session_token.expose_secret(),
        credentials.assumed_role_arn.as_str(),
    ];
    for text in texts {
        assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
    }
}

fn written(credentials: &Credentials) -> Response {
    // Every character as a number: what is meant as text stays text.
    let element = |name: &str, text: &str| {
        let text: String = text.chars().map(|c| format!("&#{};", u32::from(c))).collect();
        format!("<{name}>{text}</{name}>")
    };
    let body = format!(
        "<AssumeRoleWithSAMLResponse><AssumeRoleWithSAMLResult><AssumedRoleUser>{}</AssumedRoleUser>\
         <Credentials>{}{}{}{}</Credentials></AssumeRoleWithSAMLResult></AssumeRoleWithSAMLResponse>",
        element("Arn", &credentials.assumed_role_arn),
        element("AccessKeyId", &credentials.access_key_id),
        element("SecretAccessKey", credentials.secret_access_key.expose_secret()),
        element("SessionToken", credentials.session_token.expose_secret()),
        element("Expiration", &credentials.expiration.to_string()),
    );
    Response { status: 200, headers: Vec::new(), body: body.into_bytes() }
}

/// STS: the same answers, counted.
struct Network {
    stage: Stage,
    most: usize,
}

impl Network {
    fn new(answers: &[Response]) -> Self {
        let stage = Stage::anywhere(answers.to_vec());
        Self { stage, most: 8 }
    }

    /// Nobody is asked for ever.
    fn was_patient(&self) {
        assert!(self.stage.asked().len() <= self.most, "asked again and again");
    }
}

impl robo::sys::http::Http for Network {
    fn send(&self, request: &robo::sys::http::Request) -> robo::Result<Response> {
        assert_eq!(request.url, endpoint().url);
        // The stage minds secrets that go elsewhere; STS is where these belong.
        let silent =
            robo::sys::http::Request { body: Vec::new(), headers: Vec::new(), ..request.clone() };
        self.stage.send(&silent)
    }
}
