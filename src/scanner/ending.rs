//! Endings of file names as numbers, since a listing of thousands of files asks of each whether its ending is one of many.

/// What tells an ending from every other one: its bytes, in lower case; all that are longer than any ending that is asked for
/// are one.
#[must_use]
pub(super) const fn key(ending: &str) -> u128 {
    let bytes = ending.as_bytes();
    if bytes.len() > size_of::<u128>() {
        return u128::MAX;
    }
    let (mut key, mut at) = (0, 0);
    while at < bytes.len() {
        key = key << 8 | bytes[at].to_ascii_lowercase() as u128;
        at += 1;
    }
    key
}

/// The keys of several endings.
pub(super) const fn keys<const N: usize>(endings: [&str; N]) -> [u128; N] {
    let (mut keys, mut at) = ([0; N], 0);
    while at < N {
        keys[at] = key(endings[at]);
        at += 1;
    }
    keys
}

/// The ending of a name, behind its last dot.
pub(super) fn of(name: &str) -> Option<&str> {
    memchr::memrchr(b'.', name.as_bytes()).map(|at| &name[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_told_apart_but_for_their_case() {
        let endings = ["", "h", "hh", "html", "htm", "jinja2", "abcdefghijklmnop", "bcdefghijklmnop"];
        for (at, one) in endings.iter().enumerate() {
            assert_eq!(key(one), key(&one.to_ascii_uppercase()));
            assert!(endings[..at].iter().all(|other| key(other) != key(one)), "{one}");
        }
        assert_eq!(key("abcdefghijklmnopq"), u128::MAX);
        assert_eq!((of("a.tar.gz"), of("Makefile"), of(".bashrc")), (Some("gz"), None, Some("bashrc")));
    }
}
