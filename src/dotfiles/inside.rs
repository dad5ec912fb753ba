//! Paths that stay inside the repo.

/// Why `path` is no path of a file or folder in a repo, or nothing when it is one: relative,
/// with `/` between its parts, and no way out. A `/` at the end is fine for a folder.
pub(super) fn flaw(path: &str) -> Option<&'static str> {
    let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
    if path.is_empty() {
        Some("the path is empty")
    } else if path.starts_with('/') {
        Some("a path in the repo does not begin with '/'")
    } else if path.contains('\\') {
        Some("a path in the repo has '/' between its parts, not '\\'")
    } else if path.chars().any(char::is_control) {
        Some("the path has a control character in it")
    } else if path.split('/').any(|part| part == "..") {
        Some("the path leaves the repo by '..'")
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        Some("the path has an empty part ('//' or '.')")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::flaw;

    #[test]
    fn only_a_path_that_stays_inside_is_taken() {
        for good in ["a", "a/b.config", "a/", ".aws/x", "a..b/c", "ü/x y"] {
            assert_eq!(flaw(good), None, "{good}");
        }
        let bad = [
            ("", "empty"),
            ("/", "begin"),
            ("/etc/passwd", "begin"),
            ("../x", "leaves"),
            ("a/../../x", "leaves"),
            ("a/..", "leaves"),
            ("a//b", "empty part"),
            ("./a", "empty part"),
            ("a\\b", "between"),
            ("a\nb", "control"),
        ];
        for (path, why) in bad {
            assert!(flaw(path).is_some_and(|flaw| flaw.contains(why)), "{path}: {:?}", flaw(path));
        }
    }
}
