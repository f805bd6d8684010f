//! Paths below a snapshot's root: always with `/`, never absolute, the root being the empty string.

/// The directory that `path` is in; the root's is the root.
#[must_use]
pub fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

/// `relative` as seen from the directory `base`, with `.` and `..` resolved lexically, as cargo does; `None` where that
/// leaves the root or is absolute.
#[must_use]
pub fn join(base: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') || has_drive(relative) {
        return None;
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
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

    #[test]
    fn below_is_by_component() {
        assert!(is_below("a/b", "a") && is_below("a", "a") && is_below("a", ""));
        assert!(!is_below("ab", "a") && !is_below("a", "a/b"));
    }
}
