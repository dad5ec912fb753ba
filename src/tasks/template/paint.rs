//! The colours of tj/robo, as functions of a template.

use std::collections::HashMap;

use gtmpl_ng::{Func, FuncError, Value as GoValue};

pub(super) const PAINTS: [(&str, Func); 8] = [
    ("black", |args| painted(30, args)),
    ("red", |args| painted(31, args)),
    ("green", |args| painted(32, args)),
    ("yellow", |args| painted(33, args)),
    ("blue", |args| painted(34, args)),
    ("magenta", |args| painted(35, args)),
    ("cyan", |args| painted(36, args)),
    ("white", |args| painted(37, args)),
];

pub(super) const PLAIN: [(&str, Func); 8] = [
    ("black", unpainted),
    ("red", unpainted),
    ("green", unpainted),
    ("yellow", unpainted),
    ("blue", unpainted),
    ("magenta", unpainted),
    ("cyan", unpainted),
    ("white", unpainted),
];

/// The first of what the colour functions write, and where.
pub(in crate::tasks) fn first_paint(text: &str) -> Option<(usize, &str)> {
    text.match_indices('\x1b').find_map(|(at, _)| {
        let paint = text.get(at..at + 4).filter(|paint| *paint == "\x1b[0m");
        let paint = paint.or_else(|| {
            let bytes = text.as_bytes().get(at..at + 5)?;
            matches!(bytes, [_, b'[', b'3', b'0'..=b'7', b'm']).then(|| &text[at..at + 5])
        });
        paint.map(|paint| (at, paint))
    })
}

fn painted(code: u8, args: &[GoValue]) -> Result<GoValue, FuncError> {
    Ok(GoValue::String(format!("\x1b[{code}m{}\x1b[0m", formatted(args)?)))
}

fn unpainted(args: &[GoValue]) -> Result<GoValue, FuncError> {
    formatted(args).map(GoValue::String)
}

/// A colour function takes a format and what goes into it; a format alone is a text.
fn formatted(args: &[GoValue]) -> Result<String, FuncError> {
    match args {
        [] => Err(FuncError::AtLeastXArgs("a colour".to_owned(), 1)),
        [text @ GoValue::String(_)] => Ok(text.to_string()),
        [GoValue::String(_), ..] => {
            let data = HashMap::from([("args".to_owned(), GoValue::Array(args.to_vec()))]);
            let indexes = (0..args.len()).map(|at| format!(" (index .args {at})"));
            let call = format!("{{{{ printf{} }}}}", indexes.collect::<String>());
            gtmpl_ng::template(&call, GoValue::Map(data))
                .map_err(|error| FuncError::Generic(error.to_string()))
        }
        [other, ..] => Err(FuncError::Generic(format!("a colour takes a text, not {other}"))),
    }
}
