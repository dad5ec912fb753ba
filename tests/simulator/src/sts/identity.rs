//! `GetCallerIdentity`: who signed the request.

use super::session::account;
use super::sigv4::Caller;
use super::xml;
use crate::http::Reply;

pub(super) fn tell(caller: &Caller) -> Reply {
    let mut result = xml::element("Arn", &caller.arn);
    result.push_str(&xml::element("UserId", &caller.user_id));
    result.push_str(&xml::element("Account", account(&caller.arn)));
    xml::result("GetCallerIdentity", &result)
}
