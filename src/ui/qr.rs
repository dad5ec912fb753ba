//! An address as a QR code, for the camera of a phone.

use qrcode::{Color, EcLevel, QrCode};

/// What has to be free around a code (ISO/IEC 18004 asks for 4 modules; phones do with 2).
const MARGIN: usize = 2;

/// Black on white, whatever the terminal's own colours are: a code has to be dark on light.
const INK: &str = "\x1b[30;107m";
const PLAIN: &str = "\x1b[0m";

/// The code in half blocks, two modules a character; none where a terminal of that size has no
/// room for it.
pub(super) fn picture(address: &str, lines: usize, columns: usize) -> Option<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let whole = width + 2 * MARGIN;
    // A line is left for what is waited for, and one for what was said.
    if whole >= columns || whole.div_ceil(2) + 2 > lines {
        return None;
    }
    let is_dark = |line: usize, column: usize| {
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < width);
        let at = inside(line).zip(inside(column)).map(|(line, column)| line * width + column);
        at.and_then(|at| modules.get(at)).is_some_and(|color| *color == Color::Dark)
    };
    let mut picture = String::new();
    for line in (0..whole).step_by(2) {
        picture.push_str(INK);
        picture.extend((0..whole).map(|column| {
            match (is_dark(line, column), is_dark(line + 1, column)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }
        }));
        picture.push_str(PLAIN);
        picture.push('\n');
    }
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://acme.okta.com/activate?user_code=WXYZ-ABCD";

    #[test]
    fn a_code_has_its_corners_and_its_margin() {
        let picture = picture(ADDRESS, 24, 80).unwrap();
        let lines: Vec<&str> = picture.lines().collect();
        assert!(lines.len() <= 22 && lines.iter().all(|line| line.starts_with(INK)), "{picture}");
        let bare = lines.iter().map(|line| line.trim_start_matches(INK).trim_end_matches(PLAIN));
        let bare: Vec<&str> = bare.collect();
        assert!(bare[0].trim().is_empty(), "{picture}");
        // The finder pattern: 7 modules with a frame of one.
        assert!(bare[1].starts_with("  █▀▀▀▀▀█ "), "{picture}");
        assert!(bare[1].ends_with(" █▀▀▀▀▀█  "), "{picture}");
        assert!(bare[4].starts_with("  ▀▀▀▀▀▀▀ "), "{picture}");
    }

    #[test]
    fn a_small_terminal_gets_none() {
        assert!(picture(ADDRESS, 24, 30).is_none());
        assert!(picture(ADDRESS, 10, 80).is_none());
        assert!(picture(&"x".repeat(5000), 200, 500).is_none());
    }
}
