//! What STS answers: XML in, credentials and names out.

use jiff::Timestamp;
use roxmltree::{Document, Node, ParsingOptions};

use crate::aws::credentials::Credentials;
use crate::sys::http::Response;

/// Who one is to AWS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallerIdentity {
    /// `arn:aws:sts::111111111111:assumed-role/Admin/jo@acme.com`.
    pub arn: String,
    /// The account, 12 digits.
    pub account: String,
    /// The role's and the session's id.
    pub user_id: String,
}

/// Answers of STS have some twenty elements.
const MOST_NODES: u32 = 1_000;

/// Why an answer cannot be used; it follows "the answer of STS".
pub(super) type Flaw = String;

/// The credentials in the answer to `action`.
pub(super) fn credentials(
    response: &Response,
    action: &str,
    obtained: Timestamp,
) -> Result<Credentials, Flaw> {
    read(response, |root| {
        let result = format!("{action}Result");
        let value = |path: [&str; 2]| field(root, &[result.as_str(), path[0], path[1]]);
        let expiration = value(["Credentials", "Expiration"])?;
        Ok(Credentials {
            access_key_id: value(["Credentials", "AccessKeyId"])?,
            secret_access_key: value(["Credentials", "SecretAccessKey"])?.into(),
            session_token: value(["Credentials", "SessionToken"])?.into(),
            obtained,
            expiration: expiration.parse().map_err(|_| "has an Expiration that is no time")?,
            assumed_role_arn: value(["AssumedRoleUser", "Arn"])?,
        })
    })
}

/// The names in the answer to `GetCallerIdentity`.
pub(super) fn caller(response: &Response) -> Result<CallerIdentity, Flaw> {
    read(response, |root| {
        let value = |name| field(root, &["GetCallerIdentityResult", name]);
        Ok(CallerIdentity {
            arn: value("Arn")?,
            account: value("Account")?,
            user_id: value("UserId")?,
        })
    })
}

/// The code and the message of a refusal; none when it is not one of AWS's.
pub(super) fn refusal(response: &Response) -> Option<(String, String)> {
    read(response, |root| {
        // Most of AWS's front ends nest it in `ErrorResponse`, some in `Response` and `Errors`.
        let error = root.descendants().find(|node| node.has_tag_name_of("Error"));
        let error = error.ok_or("has no Error")?;
        Ok((field(error, &["Code"])?, text(error, &["Message"]).unwrap_or_default()))
    })
    .ok()
}

fn read<T>(
    response: &Response,
    take: impl FnOnce(Node<'_, '_>) -> Result<T, Flaw>,
) -> Result<T, Flaw> {
    let body = response.text();
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document =
        Document::parse_with_options(&body, options).map_err(|_| "is not XML".to_owned())?;
    take(document.root_element())
}

/// The text of the element at `path`, in printable characters and without blanks: all that is
/// asked for goes into an environment, a header or a URL later.
fn field(node: Node<'_, '_>, path: &[&str]) -> Result<String, Flaw> {
    let name = path.last().copied().unwrap_or_default();
    let value = text(node, path).ok_or_else(|| format!("has no {name}"))?;
    let plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { Ok(value) } else { Err(format!("has an odd {name}")) }
}

fn text(node: Node<'_, '_>, path: &[&str]) -> Option<String> {
    let found = path
        .iter()
        .try_fold(node, |node, name| node.children().find(|child| child.has_tag_name_of(name)))?;
    let parts = found.children().filter_map(|child| child.is_text().then(|| child.text())?);
    Some(parts.collect::<String>().trim().to_owned())
}

/// Names are compared without their namespace: stand-ins for STS often leave it out.
trait HasTagNameOf {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl HasTagNameOf for Node<'_, '_> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}
