//! Findings as GitHub's workflow commands, which it shows beside the lines of a pull request.
//!
//! GitHub reads `::error file=…,line=…,title=…::message` from a step's output, a command a line
//! (docs: "Workflow commands for GitHub Actions"). How values are escaped is to be seen in its
//! toolkit alone (`packages/core/src/command.ts`).

use std::fmt::Write as _;

use crate::lint::finding::{Finding, Severity};
use crate::ui::shown;

/// The findings, a command each; `folder` is where the linted folder is in the repo, with a `/`
/// behind it, or empty.
pub(super) fn render(findings: &[Finding], folder: &str) -> String {
    let mut text = String::new();
    for finding in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let file = property(&format!("{folder}{}", finding.file));
        let line = finding.line.map(|line| format!(",line={line}")).unwrap_or_default();
        let mut message = message(&finding.message);
        if let Some(hint) = &finding.hint {
            let _ = write!(message, "%0Ahint: {}", self::message(hint));
        }
        let _ = writeln!(text, "::{command} file={file}{line},title={}::{message}", finding.code);
    }
    text
}

/// A line of the message. What steers a terminal is written out: the step's log is shown on one.
fn message(text: &str) -> String {
    shown(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_finding_ends_its_command() {
        let finding = Finding {
            severity: Severity::Error,
            code: "config-syntax",
            file: "a,b:c%d\r\n.config".to_owned(),
            line: Some(7),
            message: "100%: x\n::set-output name=a::b\r\u{1b}[2J".to_owned(),
            hint: Some("write: 50%, or less".to_owned()),
            excerpt: None,
        };
        assert_eq!(
            render(&[finding], "repo/"),
            "::error file=repo/a%2Cb%3Ac%25d\\u{d}\\u{a}.config,line=7,title=config-syntax::\
             100%25: x\\u{a}::set-output name=a::b\\u{d}\\u{1b}[2J%0Ahint: write: 50%25, or less\n"
        );
    }
}
