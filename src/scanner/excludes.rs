//! Which paths are left out by default, and by the policy.

use std::sync::LazyLock;

use super::pattern::Pattern;

/// What is left out by default: other people's code, and data of tests. It applies to manifests that no scanned workspace
/// claims, and to the files of the other surfaces.
pub const DEFAULT: [&str; 13] = [
    "**/node_modules/**",
    "**/vendor/**",
    "**/third_party/**",
    "**/fixtures/**",
    "**/fixture/**",
    "**/__fixtures__/**",
    "**/testdata/**",
    "**/test_data/**",
    "**/test-data/**",
    "**/tests/*/**",
    "**/testsuite/**",
    "**/snapshots/**",
    "**/templates/**",
];

/// Whether everything below a directory is left out by default, where what is below its parent is not.
#[must_use]
pub fn covers_directory(directory: &str) -> bool {
    static DEFAULTS: LazyLock<Option<Excludes>> = LazyLock::new(|| Excludes::new(true, []).ok());
    // Every default starts with `**/`: of a directory whose parent is not covered, the last two names tell.
    let tail = directory.rmatch_indices('/').nth(1).map_or(directory, |(at, _)| &directory[at + 1..]);
    DEFAULTS.as_ref().is_some_and(|excludes| excludes.why(&format!("{tail}/x")).is_some())
}

/// Patterns of paths to leave out, and of those that are pages whatever they are called.
#[derive(Debug)]
pub struct Excludes {
    defaults: bool,
    patterns: Vec<(Pattern, String)>,
    pages: Vec<Pattern>,
    words: Words,
}

/// The names of directories that every pattern asks for, where every one asks for some: most paths have none of them.
#[derive(Debug, Default)]
struct Words {
    names: Vec<String>,
    /// A bit for each length that a name has.
    lengths: u64,
    /// Some pattern asks for no name.
    is_open: bool,
}

impl Words {
    fn of(patterns: &[(Pattern, String)]) -> Self {
        let mut words = Self::default();
        for (pattern, _) in patterns {
            match word(pattern.as_str()).filter(|word| word.len() < 64) {
                Some(word) => {
                    words.lengths |= 1 << word.len();
                    words.names.push(word.to_owned());
                }
                None => words.is_open = true,
            }
        }
        words
    }

    /// Whether a pattern may match a path.
    fn may_match(&self, path: &str) -> bool {
        let mut start = 0;
        let ends = memchr::memchr_iter(b'/', path.as_bytes()).chain([path.len()]);
        self.is_open
            || ends.into_iter().any(|end| {
                let name = &path[start..end];
                start = end + 1;
                name.len() < 64 && self.lengths & (1 << name.len()) != 0 && self.names.iter().any(|known| known == name)
            })
    }
}

impl Excludes {
    /// The default patterns, if `defaults`, and those of the policy.
    ///
    /// # Errors
    /// The first pattern that is none, and why.
    pub fn new<'p>(defaults: bool, policy: impl IntoIterator<Item = &'p str>) -> Result<Self, (&'p str, String)> {
        let given = DEFAULT.iter().copied().filter(|_| defaults).map(|text| (text, "default exclude"));
        let given = given.chain(policy.into_iter().map(|text| (text, "exclude of the policy")));
        // `examples`, `./examples` and `examples/` are ways to say `examples/**`.
        let clean = |text: &'p str| text.trim_start_matches("./").trim_matches('/');
        let compile = |(text, origin): (&'p str, &str)| match Pattern::new(clean(text)) {
            Ok(pattern) => Ok((pattern, format!("{origin} `{text}`"))),
            Err(why) => Err((text, why.to_owned())),
        };
        let patterns = given.map(compile).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { defaults, words: Words::of(&patterns), patterns, pages: Vec::new() })
    }

    /// With files that the policy names as pages: what is left out by default holds none of them back.
    #[must_use]
    pub fn with_pages(mut self, pages: impl IntoIterator<Item = Pattern>) -> Self {
        self.pages.extend(pages);
        self
    }

    /// Whether the policy names the file at `path` as a page.
    #[must_use]
    pub fn names_page(&self, path: &str) -> bool {
        self.pages.iter().any(|pattern| pattern.matches(path))
    }

    /// Why a file is left out that the policy names as a page, where it is: by what the policy itself leaves out.
    #[must_use]
    pub fn why_named(&self, path: &str) -> Option<&str> {
        self.first(path, |pattern| !DEFAULT.contains(&pattern.as_str()))
    }

    /// Why `path` is left out, where it is.
    #[must_use]
    pub fn why(&self, path: &str) -> Option<&str> {
        self.first(path, |_| true)
    }

    /// Why the first of some of the patterns that matches leaves `path` out.
    fn first(&self, path: &str, counts: impl Fn(&Pattern) -> bool) -> Option<&str> {
        if !self.words.may_match(path) {
            return None;
        }
        let mut counted = self.patterns.iter().filter(|(pattern, _)| counts(pattern));
        let found = counted.find(|(pattern, _)| match Below::of(pattern.as_str()) {
            Some(below) => below.matches(path),
            None => pattern.matches(path) || Self::matches_above(pattern, path),
        });
        found.map(|(_, why)| why.as_str())
    }

    /// Whether a pattern of the policy matches a directory that the path is in.
    fn matches_above(pattern: &Pattern, path: &str) -> bool {
        let is_default = DEFAULT.contains(&pattern.as_str());
        !is_default && path.match_indices('/').any(|(at, _)| pattern.matches(&path[..at]))
    }

    /// Whether everything is to be scanned, what cargo would refuse included.
    #[must_use]
    pub fn includes_all(&self) -> bool {
        !self.defaults
    }
}

/// A pattern of the form `**/word/**`, with any number of `*/` ahead of the last part: what has so many parts, and one more, below a
/// directory of that name.
struct Below<'p> {
    word: &'p str,
    parts: usize,
}

impl<'p> Below<'p> {
    fn of(pattern: &'p str) -> Option<Self> {
        let word = word(pattern)?;
        let rest = pattern.strip_prefix("**/")?.strip_prefix(word)?.strip_prefix('/')?.strip_suffix("**")?;
        let parts = rest.split_terminator('/');
        parts.clone().all(|part| part == "*").then(|| Self { word, parts: parts.count() })
    }

    fn matches(&self, path: &str) -> bool {
        let mut names = path.split('/');
        // What is left behind the name is what is below it.
        names.any(|name| name == self.word) && names.count() > self.parts
    }
}

/// The word in a pattern of the form `**/word/…`.
fn word(pattern: &str) -> Option<&str> {
    let word = pattern.strip_prefix("**/")?.split('/').next()?;
    (!word.contains(['*', '?', '['])).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, excluded: bool) {
        let excludes = Excludes::new(true, ["examples/**", "a/?.toml"]).expect("patterns");
        assert_eq!(excludes.why(path).is_some(), excluded, "{path}");
    }

    #[test]
    fn test_data_is_left_out_and_tests_are_not() {
        for path in
            ["vendor/a/Cargo.toml", "a/vendor/Cargo.toml", "crates/x/tests/data/deep/Cargo.toml", "tests/a/Cargo.toml"]
        {
            check(path, true);
        }
        for path in [
            "Cargo.toml",
            "tests/Cargo.toml",
            "crates/tests/Cargo.toml",
            "vendored/Cargo.toml",
            "my-fixtures/Cargo.toml",
        ] {
            check(path, false);
        }
    }

    #[test]
    fn a_directory_is_covered_where_all_in_it_is() {
        for directory in ["vendor", "a/b/vendor", "tests/a", "a/tests/b", "a/b/fixtures"] {
            assert!(covers_directory(directory), "{directory}");
        }
        for directory in ["tests", "a/tests", "a", "a/b/c", "vendored", "contests/a"] {
            assert!(!covers_directory(directory), "{directory}");
        }
        assert!(DEFAULT.iter().all(|pattern| pattern.starts_with("**/") && pattern.ends_with("/**")));
        assert!(DEFAULT.iter().all(|pattern| pattern.matches('/').count() <= 3), "two names tell");
    }

    /// Every path of up to five parts that these names make, by the patterns themselves.
    #[test]
    fn what_is_told_by_names_alone_is_what_the_patterns_match() {
        let names = ["tests", "vendor", "a", "vendored"];
        let mut paths = vec![String::new()];
        for _ in 0..5 {
            let longer = paths.iter().flat_map(|path| names.map(|name| format!("{path}/{name}")));
            paths = longer.chain(paths.clone()).collect();
        }
        let patterns = DEFAULT.iter().copied().chain(["**/a/*/*/**"]);
        for pattern in patterns.map(|text| Pattern::new(text).expect("it is one")) {
            let below = Below::of(pattern.as_str()).expect("it is of that form");
            for path in paths.iter().map(|path| path.trim_start_matches('/')) {
                assert_eq!(below.matches(path), pattern.matches(path), "{} {path}", pattern.as_str());
            }
        }
        assert!(["vendor/**", "**/a*/**", "**/a/b/**", "**/a/x.rs"].iter().all(|other| Below::of(other).is_none()));
    }

    #[test]
    fn the_policy_adds_to_them() {
        check("examples/a/Cargo.toml", true);
        check("a/b.toml", true);
        check("a/bc.toml", false);
        assert!(Excludes::new(true, ["a**"]).is_err());
    }
}
