//! IAM statements, as a catalogue writes them: the policy grammar in TOML.

use serde_json::{Map, Value as Json};
use toml::de::DeValue;

use crate::catalog::model::Said;
use crate::catalog::page::{Entry, Page, Value, noun};

/// The elements that a statement of an identity's policy may have (IAM user guide, "Grammar of the
/// IAM JSON policy language"). A principal is a resource policy's.
const ELEMENTS: [&str; 7] =
    ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// The statements of a list.
pub(super) fn read(page: &mut Page, entry: Entry<'_>, whose: &str) -> Vec<Said<Json>> {
    let DeValue::Array(list) = entry.value.get_ref() else {
        let noun = noun(entry.value.get_ref());
        let what = format!("{whose}: '{}' is {noun}, and should be a list", entry.key);
        page.mistake(entry.line, what);
        return Vec::new();
    };
    if list.is_empty() {
        page.mistake(entry.line, format!("{whose}: '{}' is empty: leave it out", entry.key));
    }
    list.iter().filter_map(|value| statement(page, value, whose)).collect()
}

fn statement(page: &mut Page, value: &Value<'_>, whose: &str) -> Option<Said<Json>> {
    let line = page.line(value.span().start);
    let whose = format!("{whose}: a statement");
    let table = page.table(Entry { key: "hub_statements", value, line }, &whose)?;
    let mut statement = Map::new();
    for entry in page.entries(table) {
        if !ELEMENTS.contains(&entry.key) {
            page.unknown(entry, &whose, &ELEMENTS);
        } else if let Some(value) = json(page, entry.value, entry.line, &whose) {
            statement.insert(entry.key.to_owned(), value);
        }
    }
    match statement.get("Effect").map(Json::as_str) {
        Some(Some("Allow" | "Deny")) => {}
        _ => page.mistake(line, format!("{whose}: 'Effect' should be \"Allow\" or \"Deny\"")),
    }
    for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource")] {
        if statement.contains_key(one) == statement.contains_key(other) {
            page.mistake(line, format!("{whose}: it should have either '{one}' or '{other}'"));
        }
    }
    for list in ["Action", "NotAction", "Resource", "NotResource"] {
        let right = match statement.get(list) {
            Some(Json::Array(values)) => !values.is_empty() && values.iter().all(Json::is_string),
            Some(value) => value.is_string(),
            None => true,
        };
        if !right {
            page.mistake(line, format!("{whose}: '{list}' should be text or a list of texts"));
        }
    }
    if statement.get("Condition").is_some_and(|condition| !condition.is_object()) {
        page.mistake(line, format!("{whose}: 'Condition' should be a table"));
    }
    Some(Said { value: Json::Object(statement), line })
}

/// The value as JSON has it.
fn json(page: &mut Page, value: &Value<'_>, line: usize, whose: &str) -> Option<Json> {
    match value.get_ref() {
        DeValue::String(text) => Some(Json::String(text.to_string())),
        DeValue::Boolean(truth) => Some(Json::Bool(*truth)),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
            if number.is_none() {
                page.mistake(line, format!("{whose}: a number is too large"));
            }
            number.map(Json::from)
        }
        DeValue::Array(values) => {
            values.iter().map(|value| json(page, value, line, whose)).collect()
        }
        DeValue::Table(table) => {
            let mut object = Map::new();
            for entry in page.entries(table) {
                object.insert(entry.key.to_owned(), json(page, entry.value, entry.line, whose)?);
            }
            Some(Json::Object(object))
        }
        other @ (DeValue::Float(_) | DeValue::Datetime(_)) => {
            let what = format!("{whose}: a policy cannot hold {}", noun(other));
            page.mistake(line, what);
            None
        }
    }
}
