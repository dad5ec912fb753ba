//! STS's answers, as XML.

use super::session::Session;
use crate::bytes;
use crate::clock;
use crate::http::Reply;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Text in XML.
pub(super) fn escape(text: &str) -> String {
    let pairs = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;")];
    pairs.iter().fold(text.to_owned(), |text, (plain, escaped)| text.replace(plain, escaped))
}

/// An error.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Reply {
    let (code, message, id) = (escape(code), escape(message), bytes::uuid());
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\">\n  <Error>\n    <Type>{kind}</Type>\n    \
         <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  \
         <RequestId>{id}</RequestId>\n</ErrorResponse>\n"
    );
    Reply::new(status, "text/xml", body)
}

/// The answer to an action: what is in its result, already as XML.
pub(super) fn result(action: &str, result: &str) -> Reply {
    let id = bytes::uuid();
    let body = format!(
        "<{action}Response xmlns=\"{NAMESPACE}\">\n  <{action}Result>\n{result}  </{action}Result>\n  \
         <ResponseMetadata>\n    <RequestId>{id}</RequestId>\n  </ResponseMetadata>\n</{action}Response>\n"
    );
    Reply::new(200, "text/xml", body)
}

/// An element of a result.
pub(super) fn element(name: &str, text: &str) -> String {
    format!("    <{name}>{}</{name}>\n", escape(text))
}

/// The role that was assumed and the credentials for it.
pub(super) fn credentials(session: &Session) -> String {
    format!(
        "    <AssumedRoleUser>\n      <AssumedRoleId>{}</AssumedRoleId>\n      <Arn>{}</Arn>\n    \
         </AssumedRoleUser>\n    <Credentials>\n      <AccessKeyId>{}</AccessKeyId>\n      \
         <SecretAccessKey>{}</SecretAccessKey>\n      <SessionToken>{}</SessionToken>\n      \
         <Expiration>{}</Expiration>\n    </Credentials>\n",
        escape(&session.user_id),
        escape(&session.arn),
        session.access_key_id,
        escape(&session.secret_access_key),
        session.session_token,
        clock::seconds(session.expires),
    )
}
