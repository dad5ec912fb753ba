//! One page that holds everything: it asks nothing from any network, and its policy forbids it to.
//!
//! What is known goes in as JSON, and the page's own script makes a matrix of it, of which only
//! what is in sight exists: 200 teams by 1,000 accounts would be 200,000 cells. Script and style
//! are allowed by their hashes, so that nothing else in the page would run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::catalog::access::{Access, What};

/// What a team has in an account: roles, each with the lines of its grants.
type Roles<'a> = Vec<(usize, &'a [usize])>;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

pub(super) fn render(access: &Access<'_>) -> String {
    let mut text = String::new();
    let mut rest = PAGE;
    // Each part is put in once: what it holds is not looked through again.
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        match name {
            "script-hash" => text.push_str(&hash(SCRIPT)),
            "style-hash" => text.push_str(&hash(STYLE)),
            "style" => text.push_str(STYLE),
            "script" => text.push_str(SCRIPT),
            "summary" => text.push_str(&escaped(&access.summary())),
            "notes" => text.push_str(&not_granted(access)),
            "data" => text.push_str(&data(access)),
            _ => {}
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// What the script reads. A '<' could end the element that the JSON is in.
fn data(access: &Access<'_>) -> String {
    let catalog = access.catalog;
    let accounts_by_name: std::collections::HashMap<&str, usize> =
        access.accounts.iter().enumerate().map(|(at, known)| (known.name.as_str(), at)).collect();
    let roles: Vec<&crate::catalog::Role> = catalog.roles().iter().collect();
    let role_at = |name: &str| roles.iter().position(|known| known.name == name);
    let mut teams: Vec<Value> = Vec::new();
    let mut rows = access.rows().iter().peekable();
    for team in &access.teams {
        let mut reach: Vec<(usize, Roles<'_>)> = Vec::new();
        while let Some(row) = rows.next_if(|row| row.team.name == team.name) {
            let What::Role { role, lines } = &row.what else { continue };
            let account = accounts_by_name.get(row.account.name.as_str()).copied();
            let (Some(account), Some(role)) = (account, role_at(&role.name)) else { continue };
            match reach.last_mut().filter(|(last, _)| *last == account) {
                Some((_, list)) => list.push((role, lines)),
                None => reach.push((account, vec![(role, lines)])),
            }
        }
        teams.push(json!({
            "name": team.name,
            "group": team.okta_group.value,
            "hubRole": team.hub_role.value,
            "policies": team.hub_policies.iter().map(|policy| &policy.text).collect::<Vec<_>>(),
            "statements": team.hub_statements.len(),
            "line": team.line,
            "reach": reach,
        }));
    }
    let hub = catalog.hub_account();
    // Not where roles were asked for: the way in is none of them.
    let has_hub = access.rows().iter().any(|row| matches!(row.what, What::Hub));
    let accounts = access.accounts.iter().map(|account| {
        let region = account.region.as_ref().map(|said| &said.value);
        let tags = account.tags.iter().map(|(key, value)| format!("{key}={value}"));
        let search = [account.name.clone(), account.id.clone(), account.partition.to_owned()];
        let search = search.into_iter().chain(region.cloned()).chain(tags);
        json!({
            "name": account.name,
            "id": account.id,
            "partition": account.partition,
            "region": region,
            "tags": account.tags,
            "hub": has_hub && account.name == hub.name,
            "search": search.collect::<Vec<_>>().join("\n"),
        })
    });
    let roles = roles.iter().map(|role| {
        json!({
            "name": role.name,
            "iam": role.iam_name,
            "policies": role.policies.iter().map(|policy| &policy.text).collect::<Vec<_>>(),
            "session": role.session.as_ref().map(|said| &said.value.text),
        })
    });
    let data = json!({
        "file": catalog.file(),
        "hub": format!("arn:{}:iam::{}:role/", hub.partition, hub.id),
        "session": catalog.hub().session.as_ref().map(|said| &said.value.text),
        "teams": teams,
        "accounts": accounts.collect::<Vec<_>>(),
        "roles": roles.collect::<Vec<_>>(),
    });
    data.to_string().replace('<', "\\u003c")
}

fn not_granted(access: &Access<'_>) -> String {
    if access.not_granted().is_empty() {
        return String::new();
    }
    let rows = access.not_granted().iter().map(|found| {
        let cells = [&found.team, &found.profile, &found.role_arn, &found.place];
        let cells: Vec<String> =
            cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        format!("<tr>{}</tr>\n", cells.concat())
    });
    format!(
        "<section>\n<h2>In hand-written files, but not granted by the catalogue</h2>\n\
         <table class=\"plain\">\n<thead><tr><th>Team</th><th>Profile</th><th>Role</th>\
         <th>Said at</th></tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</section>",
        rows.collect::<String>()
    )
}

/// Text that is only text.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in crate::sys::text::plain(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}
