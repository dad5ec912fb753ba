//! A failure as a person reads it: what, where, why, and what to type next.

use std::error::Error as _;
use std::fmt::Write as _;

use crate::error::Error;
use crate::sys::text::plain;
use crate::ui::style::styles;

pub(super) fn render(error: &Error) -> String {
    let mut out = String::new();
    let (red, cyan, dim) = (styles::ERROR, styles::HINT, styles::DIM);
    let _ = writeln!(out, "{red}error:{red:#} {}", plain(error.message()));
    if let Some(excerpt) = error.excerpt_text() {
        let _ = writeln!(out, "  {}", plain(excerpt));
    }
    let mut cause = error.source();
    while let Some(below) = cause {
        for (number, line) in below.to_string().lines().enumerate() {
            let label = if number == 0 { "cause:" } else { "      " };
            let _ = writeln!(out, "  {dim}{label}{dim:#} {}", plain(line));
        }
        cause = below.source();
    }
    for hint in error.hints() {
        let _ = writeln!(out, "  {cyan}hint:{cyan:#} {}", plain(hint));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_thing_the_cause_and_the_next_step() {
        let error = Error::failed("cannot read \x1b[2Jx")
            .excerpt(3, "a\tb\x07")
            .because("no such file")
            .hint("try y");
        let text = anstream::adapter::strip_str(&render(&error)).to_string();
        assert_eq!(
            text,
            "error: cannot read \\u{1b}[2Jx\n  3 | a\tb\\u{7}\n  cause: no such file\n  hint: try y\n"
        );
    }
}
