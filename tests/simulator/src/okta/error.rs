//! Okta's errors.

use serde_json::{Value, json};

use crate::bytes;
use crate::http::Reply;

/// The error of that code, with its status and words; `causes` say more.
pub(crate) fn error(code: &str, causes: &[&str]) -> Reply {
    let (status, summary) = meaning(code);
    let summary = match (code, causes) {
        // These have the cause in their words.
        ("E0000001", [cause, ..]) => {
            format!("{summary}: {}", cause.split(':').next().unwrap_or_default())
        }
        ("E0000007", [cause, ..]) => (*cause).to_owned(),
        _ => summary.to_owned(),
    };
    let causes: Vec<Value> = causes.iter().map(|cause| json!({ "errorSummary": cause })).collect();
    let body = json!({
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": format!("oae{}", bytes::token(20)),
        "errorCauses": causes,
    });
    Reply::json(status, &body)
}

/// Status and words, from Okta's list of error codes.
fn meaning(code: &str) -> (u16, &'static str) {
    match code {
        "E0000001" => (400, "Api validation failed"),
        "E0000003" => (400, "The request body was not well-formed."),
        "E0000004" => (401, "Authentication failed"),
        "E0000005" => (403, "Invalid session"),
        "E0000006" => (403, "You do not have permission to perform the requested action"),
        "E0000007" => (404, "Not found"),
        "E0000009" => (500, "Internal Server Error"),
        "E0000010" => (503, "Service is in read only mode"),
        "E0000011" => (401, "Invalid token provided"),
        "E0000014" => (403, "Update of credentials failed"),
        "E0000015" => (401, "You do not have permission to access the feature you are requesting"),
        "E0000021" => (
            400,
            "Bad request.  Accept and/or Content-Type headers likely do not match supported values.",
        ),
        "E0000022" => (405, "The endpoint does not support the provided HTTP method"),
        "E0000047" => (429, "API call exceeded rate limit due to too many requests."),
        "E0000058" => (403, "This operation requires multi-factor authentication"),
        "E0000068" => (403, "Invalid Passcode/Answer"),
        "E0000069" => (403, "User Locked"),
        "E0000070" => (202, "Waiting for ACK"),
        "E0000079" => (403, "This operation is not allowed in the current authentication state."),
        "E0000082" => {
            (403, "Each code can only be used once. Please wait for a new code and try again.")
        }
        "E0000083" => (403, "Passcode is valid but exceeded time window."),
        "E0000109" => {
            (429, "An SMS message was recently sent. Please wait 30 seconds before trying again.")
        }
        "E0000118" => {
            (429, "An email was recently sent. Please wait 30 seconds before trying again.")
        }
        "E0000119" => (403, "Your account is locked. Please contact your administrator."),
        "E0000133" => {
            (429, "A phone call was recently made. Please wait 30 seconds before trying again.")
        }
        _ => (400, "Something that this simulator has no words for"),
    }
}
