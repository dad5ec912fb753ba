//! CSV for spreadsheets: RFC 4180, and nothing that one would take for a formula.

use crate::catalog::access::{Access, Row};

const HEAD: [&str; 12] = [
    "team",
    "okta_group",
    "account",
    "account_id",
    "partition",
    "role",
    "role_arn",
    "hub_role_arn",
    "policies",
    "session",
    "profile",
    "granted_at",
];

pub(super) fn render(access: &Access<'_>) -> String {
    let mut text = String::new();
    line(&mut text, &HEAD.map(str::to_owned));
    for row in access.rows() {
        line(&mut text, &fields(access, row));
    }
    text
}

fn fields(access: &Access<'_>, row: &Row<'_>) -> [String; 12] {
    let catalog = access.catalog;
    [
        row.team.name.clone(),
        row.team.okta_group.value.clone(),
        row.account.name.clone(),
        row.account.id.clone(),
        row.account.partition.to_owned(),
        row.role_name().to_owned(),
        row.role_arn(catalog),
        catalog.hub_role_arn(row.team),
        row.may(),
        row.session(catalog).unwrap_or_default().to_owned(),
        row.profile(catalog),
        row.granted_at(catalog).join(" "),
    ]
}

fn line(text: &mut String, fields: &[String]) {
    let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    text.push_str(&fields.join(","));
    text.push_str("\r\n");
}

/// A field. What begins as a formula does (OWASP, "CSV Injection") gets an apostrophe before it,
/// which spreadsheets take for "this is text".
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let field = if formula { format!("'{field}") } else { field.to_owned() };
    if field.contains(['"', ',', '\r', '\n', ';', '\t']) || field.trim() != field || formula {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_field_is_a_formula_or_ends_early() {
        let cases = [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a;b", "\"a;b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\r\nb", "\"a\r\nb\""),
            (" a", "\" a\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("a=1", "a=1"),
        ];
        for (field, want) in cases {
            assert_eq!(quoted(field), want, "{field:?}");
        }
    }
}
