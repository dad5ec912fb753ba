//! `AssumeRole`: who may, for how long, under which name.

use super::check;
use super::session::{Session, Wanted, account, partition};
use super::sigv4::Caller;
use super::{Fields, error, xml};
use crate::http::Reply;
use crate::scenario::Role;
use crate::world::State;

/// A role's session may assume another role for no more than an hour.
const CHAINED_SECONDS: i64 = 3600;

const NAME_OTHERS: &str = "+=,.@-";

pub(super) fn assume(state: &mut State, caller: &Caller, fields: &Fields) -> Result<Reply, Reply> {
    let role = check::required(fields, "RoleArn", (20, 2048))?;
    let name = check::required(fields, "RoleSessionName", (2, 64))?;
    check::pattern(name, "RoleSessionName", NAME_OTHERS)?;
    let external_id = check::optional(fields, "ExternalId", (2, 1224))?;
    check::pattern(external_id.unwrap_or_default(), "ExternalId", "+=,.@:/-")?;
    let identity = check::optional(fields, "SourceIdentity", (2, 64))?;
    check::pattern(identity.unwrap_or_default(), "SourceIdentity", NAME_OTHERS)?;
    check::optional(fields, "SerialNumber", (9, 256))?;
    check::optional(fields, "TokenCode", (6, 6))?;
    check::optional(fields, "Policy", (1, 2048))?;
    let seconds = check::duration(fields)?;
    if !role.starts_with("arn:") || !role.contains(":role/") {
        return Err(check::invalid(&format!("{role} is invalid")));
    }
    let asks =
        Asks { external_id, identity, tags: fields.keys().any(|key| key.starts_with("Tags.")) };
    let known = state.scenario.sts.roles.iter().find(|known| known.arn == role);
    let Some(known) = known.filter(|known| asks.may(known, caller)) else {
        let words = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {role}",
            caller.arn
        );
        return Err(error(403, "AccessDenied", &words));
    };
    let chained = caller.role.is_some();
    if chained && seconds > CHAINED_SECONDS {
        return Err(check::invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        ));
    }
    check::session_length(seconds, known.max_session)?;
    let source_identity = identity.map(str::to_owned).or_else(|| caller.source_identity.clone());
    let wanted = Wanted { role, name, seconds, source_identity, chained };
    let session = Session::issue(state, wanted);
    let mut result = xml::credentials(&session);
    if let Some(identity) = &session.source_identity {
        result.push_str(&xml::element("SourceIdentity", identity));
    }
    Ok(xml::result("AssumeRole", &result))
}

/// What a role's trust policy looks at beside the caller.
struct Asks<'a> {
    external_id: Option<&'a str>,
    identity: Option<&'a str>,
    tags: bool,
}

impl Asks<'_> {
    fn may(&self, role: &Role, caller: &Caller) -> bool {
        let root = format!("arn:{}:iam::{}:root", partition(&caller.arn), account(&caller.arn));
        let principals = [Some(&caller.arn), caller.role.as_ref(), Some(&root)];
        let trusted = principals.into_iter().flatten().any(|who| role.trust.contains(who));
        let external =
            role.external_id.is_none() || role.external_id.as_deref() == self.external_id;
        // Once a session has a source identity, no role behind it can have another.
        let same = self.identity.is_none()
            || caller.source_identity.is_none()
            || caller.source_identity.as_deref() == self.identity;
        let sets = self.identity.or(caller.source_identity.as_deref()).is_some();
        trusted && external && same && (!sets || role.source_identity) && (!self.tags || role.tags)
    }
}
