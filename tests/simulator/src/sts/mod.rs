//! AWS STS: the query protocol, its rules and its errors.
//!
//! Parameters, limits, XML and error codes are from the service's model (`sts-2011-06-15`) and its
//! API reference.

mod assume;
mod check;
mod identity;
mod saml;
mod session;
mod sigv4;
mod xml;

use std::collections::BTreeMap;

use crate::bytes;
use crate::http::{Reply, Request};
use crate::world::State;

pub(crate) use session::{Session, Sessions};
pub(crate) use xml::error;

/// The parameters of a request.
type Fields = BTreeMap<String, String>;

const VERSION: &str = "2011-06-15";

/// The action, or `?`.
pub(crate) fn endpoint(request: &Request) -> String {
    request.fields().get("Action").cloned().unwrap_or_else(|| "?".to_owned())
}

/// What was asked for, without the assertion and codes, and the region that it was signed for.
pub(crate) fn parameters(request: &Request) -> Fields {
    let mut fields = request.fields();
    fields.retain(|name, _| !matches!(name.as_str(), "SAMLAssertion" | "TokenCode"));
    let region = request.header("authorization").and_then(sigv4::region);
    fields.extend(region.map(|region| ("Region".to_owned(), region)));
    fields
}

pub(crate) fn handle(state: &mut State, request: &Request) -> Reply {
    let fields = request.fields();
    let reply = route(state, request, &fields).unwrap_or_else(|refused| refused);
    reply.header("x-amzn-RequestId", bytes::uuid())
}

fn route(state: &mut State, request: &Request, fields: &Fields) -> Result<Reply, Reply> {
    if !matches!(request.method.as_str(), "GET" | "POST") {
        return Err(error(405, "MethodNotAllowed", "The HTTP method is not allowed."));
    }
    let action = fields.get("Action").map(String::as_str).unwrap_or_default();
    let version = fields.get("Version").map(String::as_str).unwrap_or_default();
    if action.is_empty() {
        let words = "The request must contain the parameter Action";
        return Err(error(400, "MissingAction", words));
    }
    if version != VERSION {
        let words = format!("Could not find operation {action} for version {version}");
        return Err(error(400, "InvalidAction", &words));
    }
    match action {
        "AssumeRoleWithSAML" => saml::assume(state, fields),
        "AssumeRole" => {
            let caller = sigv4::verify(state, request)?;
            assume::assume(state, &caller, fields)
        }
        "GetCallerIdentity" => {
            let caller = sigv4::verify(state, request)?;
            Ok(identity::tell(&caller))
        }
        _ => {
            let words = format!("Could not find operation {action} for version {version}");
            Err(error(400, "InvalidAction", &words))
        }
    }
}
