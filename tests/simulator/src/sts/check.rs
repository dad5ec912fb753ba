//! Checks of parameters, with the words that AWS has for what is wrong.

use super::{Fields, error};
use crate::http::Reply;

pub(super) fn invalid(message: &str) -> Reply {
    error(400, "ValidationError", message)
}

fn violated(value: Option<&str>, name: &str, rule: &str) -> Reply {
    let value = value.map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
    // The parameter is named in camel case there.
    let mut letters = name.chars();
    let first = letters.next().unwrap_or_default().to_ascii_lowercase();
    let name: String = std::iter::once(first).chain(letters).collect();
    invalid(&format!(
        "1 validation error detected: Value {value} at '{name}' failed to satisfy constraint: {rule}"
    ))
}

/// A parameter that has to be there, of a length between `least` and `most`.
pub(super) fn required<'a>(
    fields: &'a Fields,
    name: &str,
    (least, most): (usize, usize),
) -> Result<&'a str, Reply> {
    optional(fields, name, (least, most))?
        .ok_or_else(|| violated(None, name, "Member must not be null"))
}

/// A parameter that may be there.
pub(super) fn optional<'a>(
    fields: &'a Fields,
    name: &str,
    (least, most): (usize, usize),
) -> Result<Option<&'a str>, Reply> {
    let Some(value) = fields.get(name).map(String::as_str) else { return Ok(None) };
    let length = value.chars().count();
    // A value as long as an assertion is not repeated in a message.
    let shown = if length > 100 { "***" } else { value };
    if length < least {
        let rule = format!("Member must have length greater than or equal to {least}");
        return Err(violated(Some(shown), name, &rule));
    }
    if length > most {
        let rule = format!("Member must have length less than or equal to {most}");
        return Err(violated(Some(shown), name, &rule));
    }
    Ok(Some(value))
}

/// Letters, digits, `_` and what else is allowed, as a session's name and an external id have it.
pub(super) fn pattern(value: &str, name: &str, others: &str) -> Result<(), Reply> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || others.contains(c);
    if value.chars().all(fits) {
        return Ok(());
    }
    let others = others.replace('/', "\\/");
    let rule = format!("Member must satisfy regular expression pattern: [\\w{others}]*");
    Err(violated(Some(value), name, &rule))
}

/// `DurationSeconds`, an hour if it is not there.
pub(super) fn duration(fields: &Fields) -> Result<i64, Reply> {
    let Some(text) = fields.get("DurationSeconds") else { return Ok(3600) };
    let seconds = text.parse::<i64>().map_err(|_| {
        error(400, "MalformedInput", "The value of DurationSeconds is not a number")
    })?;
    let rule = match seconds {
        ..900 => "Member must have value greater than or equal to 900",
        900..=43200 => return Ok(seconds),
        _ => "Member must have value less than or equal to 43200",
    };
    Err(violated(Some(text), "DurationSeconds", rule))
}

/// That a role's session may be that long.
pub(super) fn session_length(seconds: i64, most: u32) -> Result<(), Reply> {
    if seconds <= i64::from(most) {
        return Ok(());
    }
    Err(invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."))
}
