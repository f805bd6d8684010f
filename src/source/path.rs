//! Paths below a snapshot's root: always with `/`, never absolute, the root being the empty string.
//!
//! Where they come from the operating system, or lead to it, `\` separates too on Windows; elsewhere it is a part of a name.

use std::io;
use std::path::{self, Path, PathBuf};

/// The directory that `path` is in; the root's is the root.
#[must_use]
pub fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

/// `relative` as seen from the directory `base`, with `.` and `..` resolved lexically, as cargo does; `None` where that
/// leaves the root or is absolute.
#[must_use]
pub fn join(base: &str, relative: &str) -> Option<String> {
    join_by(path::is_separator, base, relative)
}

/// The same, by what separates the parts of a path: what a manifest says is looked up on the disk, and there no other part may
/// lead up.
fn join_by(is_separator: fn(char) -> bool, base: &str, relative: &str) -> Option<String> {
    if relative.starts_with(is_separator) || has_drive(relative) {
        return None;
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split(is_separator) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The text of a path of the operating system's, with `/` alone.
#[must_use]
pub fn slashed(text: &str) -> String {
    slashed_by(path::is_separator, text)
}

fn slashed_by(is_separator: fn(char) -> bool, text: &str) -> String {
    text.replace(is_separator, "/")
}

/// A path without links, as the system's other programs and people write it: not as `\\?\C:\…`, which Windows calls it, and
/// git and cargo do not take everywhere.
///
/// # Errors
/// Where there is nothing at the path, or it cannot be reached.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    #[cfg(windows)]
    return dunce::canonicalize(path);
    #[cfg(not(windows))]
    return path.canonicalize();
}

/// Whether a path is what [`join`] would make of it: it names each directory on the way, and no other.
pub(super) fn is_clean(path: &str) -> bool {
    // It is asked of every path of every tree: where no part begins with a dot, and none is empty, all of it is clean.
    let bytes = path.as_bytes();
    let mut starts = memchr::memchr_iter(b'/', bytes).map(|at| at + 1).chain([0]);
    if starts.all(|start| !matches!(bytes.get(start), None | Some(b'/' | b'.'))) {
        return !has_drive(path);
    }
    // What is not clean is a part of nothing but at most two dots.
    let mut length = 0;
    let mut dots = 0;
    for byte in path.bytes().chain([b'/']) {
        if byte == b'/' {
            if length == dots && length < 3 {
                return false;
            }
            (length, dots) = (0, 0);
        } else {
            length += 1;
            dots += usize::from(byte == b'.');
        }
    }
    !has_drive(path)
}

/// Whether `path` is `dir` or lies below it.
#[must_use]
pub fn is_below(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| dir.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path starts with a Windows drive (`C:`), which is absolute wherever the repository is read.
fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, relative: &str, expected: Option<&str>) {
        assert_eq!(join(base, relative).as_deref(), expected);
    }

    #[test]
    fn joins_stay_inside_or_are_none() {
        check("a/b", "../c", Some("a/c"));
        check("", "./a//b/.", Some("a/b"));
        check("a", "..", Some(""));
        check("a", "../..", None);
        check("", "..", None);
        check("a", "/etc/passwd", None);
        check("a", "C:/windows", None);
        check("a", "../../a/b", None);
    }

    /// As on Windows, wherever the test runs: a manifest's `..\..` leaves the root, and is not looked up.
    #[test]
    fn a_backslash_separates_where_the_system_says_so() {
        let windows = |c: char| matches!(c, '/' | '\\');
        let joined = |relative| join_by(windows, "a/b", relative);
        assert_eq!(joined(r"..\c"), Some("a/c".to_owned()));
        assert_eq!(joined(r"c\./d"), Some("a/b/c/d".to_owned()));
        for outside in [r"..\..\..", r"../..\../x", r"\x", r"\\server\share", r"\\?\C:\x", r"C:\x", r"c:x"] {
            assert_eq!(joined(outside), None, "{outside}");
        }
        assert_eq!(slashed_by(windows, r"a\b/c"), "a/b/c");
    }

    #[cfg(unix)]
    #[test]
    fn a_backslash_is_a_part_of_a_name_elsewhere() {
        assert_eq!(join("a", r"..\c").as_deref(), Some(r"a/..\c"));
        assert_eq!(slashed(r"a\b"), r"a\b");
    }

    #[test]
    fn below_is_by_component() {
        assert!(is_below("a/b", "a") && is_below("a", "a") && is_below("a", ""));
        assert!(!is_below("ab", "a") && !is_below("a", "a/b"));
    }
}
