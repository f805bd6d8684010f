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
        Ok(Self { defaults, patterns: given.map(compile).collect::<Result<_, _>>()?, pages: Vec::new() })
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
        let mut counted = self.patterns.iter().filter(|(pattern, _)| counts(pattern));
        let found = counted.find(|(pattern, _)| {
            // Most paths hold no word of most patterns: matching is for those that do.
            word(pattern.as_str()).is_none_or(|word| path.contains(word))
                && (pattern.matches(path) || Self::matches_above(pattern, path))
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

    #[test]
    fn the_policy_adds_to_them() {
        check("examples/a/Cargo.toml", true);
        check("a/b.toml", true);
        check("a/bc.toml", false);
        assert!(Excludes::new(true, ["a**"]).is_err());
    }
}
