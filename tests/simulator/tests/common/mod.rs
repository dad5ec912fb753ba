//! A client that does nothing by itself: no cookies kept, no redirects followed.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub(crate) mod aws;

use robo_simulator::{Scenario, Simulator};
use serde_json::{Value, json};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, http::Response};

pub(crate) const AUTHN: &str = "POST /api/v1/authn";
pub(crate) const LOGIN: &str = "you@acme.com";

/// A simulator and a client for it.
pub(crate) struct World {
    pub(crate) sim: Simulator,
    agent: Agent,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Scenario::default())
    }

    pub(crate) fn with(scenario: Scenario) -> Self {
        let sim = Simulator::start(scenario);
        let agent = agent(sim.ca_pem());
        Self { sim, agent }
    }

    pub(crate) fn get(&self, url: &str, cookies: &str) -> Result<Answer, ureq::Error> {
        self.agent.get(url).header("Cookie", cookies).call().map(Answer::from)
    }

    pub(crate) fn get_with(&self, url: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.call().map(Answer::from).unwrap()
    }

    pub(crate) fn delete(&self, url: &str, cookies: &str) -> Answer {
        self.agent.delete(url).header("Cookie", cookies).call().map(Answer::from).unwrap()
    }

    pub(crate) fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.post(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body).map(Answer::from)
    }

    pub(crate) fn form(&self, url: &str, fields: &[(&str, &str)]) -> Answer {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        self.post(url, &kind, &body).unwrap()
    }

    /// A `POST` of JSON to a path of Okta's.
    pub(crate) fn okta(&self, path: &str, body: &Value) -> Answer {
        self.okta_as(path, body, "")
    }

    pub(crate) fn okta_as(&self, path: &str, body: &Value, cookies: &str) -> Answer {
        let headers = [("Content-Type", "application/json"), ("Cookie", cookies)];
        self.post(&self.url(path), &headers, &body.to_string()).unwrap()
    }

    /// A path of Okta's, or a link of it.
    pub(crate) fn url(&self, path: &str) -> String {
        if path.starts_with("https://") {
            path.to_owned()
        } else {
            format!("https://{}{path}", self.sim.okta_host())
        }
    }

    /// Sends the default user's password.
    pub(crate) fn log_in(&self, cookies: &str) -> Answer {
        let password = self.sim.current_scenario().user().password.clone();
        self.okta_as("/api/v1/authn", &json!({ "username": LOGIN, "password": password }), cookies)
    }

    /// Logs in as far as the first factor; gives the state token and its verify link.
    pub(crate) fn factor(&self) -> (Value, String) {
        let answer = self.log_in("").json();
        let factor = &answer["_embedded"]["factors"][0];
        (
            answer["stateToken"].clone(),
            factor["_links"]["verify"]["href"].as_str().unwrap().to_owned(),
        )
    }

    /// Logs in with the push; gives the session token.
    pub(crate) fn session_token(&self) -> String {
        let (state, verify) = self.factor();
        let body = json!({ "stateToken": state });
        let mut last = Value::Null;
        for _ in 0..3 {
            last = self.okta(&verify, &body).json();
        }
        last["sessionToken"].as_str().expect("a session token").to_owned()
    }

    /// Logs in as far as the assertion.
    pub(crate) fn assertion(&self) -> String {
        let token = self.session_token();
        let url = format!("{}?sessionToken={token}", self.sim.app_url());
        let sid = self.get(&url, "").unwrap().cookie("sid").expect("a session");
        self.get(&self.sim.app_url(), &format!("sid={sid}")).unwrap().assertion()
    }
}

/// A client that trusts this CA alone.
pub(crate) fn agent(ca: &str) -> Agent {
    let roots = RootCerts::new_with_certs(&[Certificate::from_pem(ca.as_bytes()).unwrap()]);
    let tls = TlsConfig::builder().root_certs(roots).build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent("simulator test")
        .proxy(None)
        .build();
    config.into()
}

impl From<Response<Body>> for Answer {
    fn from(mut response: Response<Body>) -> Self {
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        Self {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response
                .body_mut()
                .read_to_string()
                .unwrap_or_else(|error| format!("BROKEN {error}")),
        }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.iter().filter(|(key, _)| key == "set-cookie");
        let pair = set.map(|(_, value)| value.split(';').next().unwrap().split_once('=').unwrap());
        pair.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next_back()
    }

    /// Status and Okta's error code, or its status word.
    pub(crate) fn brief(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let word = ["errorCode", "status"]
            .into_iter()
            .find_map(|key| body[key].as_str().map(str::to_owned));
        format!("{} {}", self.status, word.unwrap_or_default()).trim_end().to_owned()
    }

    /// The `SAMLResponse` of the page.
    pub(crate) fn assertion(&self) -> String {
        let value = self.body.split("name=\"SAMLResponse\" type=\"hidden\" value=\"").nth(1);
        let value =
            value.unwrap_or_else(|| panic!("no assertion: {self:?}")).split('"').next().unwrap();
        value.replace("&#x2b;", "+").replace("&#x2f;", "/").replace("&#x3d;", "=")
    }

    /// Status and code of an error of STS.
    pub(crate) fn aws(&self) -> String {
        let between = |tag: &str| {
            let rest = self.body.split(&format!("<{tag}>")).nth(1)?;
            Some(rest.split("</").next().unwrap().to_owned())
        };
        format!("{} {}", self.status, between("Code").unwrap_or_default()).trim_end().to_owned()
    }

    /// The text of an element of XML.
    pub(crate) fn xml(&self, name: &str) -> String {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        let node = document
            .descendants()
            .find(|node| node.has_tag_name(("https://sts.amazonaws.com/doc/2011-06-15/", name)));
        node.and_then(|node| node.text())
            .unwrap_or_else(|| panic!("no {name}: {self:?}"))
            .to_owned()
    }
}
