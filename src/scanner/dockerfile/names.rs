//! Which files are Dockerfiles, by their names.

/// What such files are called, alone or before something that tells them apart.
const NAMES: [&str; 2] = ["Dockerfile", "Containerfile"];

/// The ends of the names of templates and of other things about a Dockerfile.
const OTHERS: [&str; 22] = [
    "containerignore",
    "dockerignore",
    "erb",
    "gotmpl",
    "hbs",
    "htm",
    "html",
    "in",
    "j2",
    "jinja",
    "jinja2",
    "m4",
    "md",
    "mustache",
    "orig",
    "patch",
    "rej",
    "rst",
    "swp",
    "template",
    "tmpl",
    "tpl",
];

/// Whether a file is a Dockerfile by its name.
pub(in crate::scanner) fn is_one(name: &str) -> bool {
    // Of thousands of names most are none: all that are have one of these words in them.
    if !name.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"file")) {
        return false;
    }
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    let lower = |known: &&str| name.eq_ignore_ascii_case(known) || stem.eq_ignore_ascii_case(known);
    let is_named = NAMES.iter().any(|known| name.starts_with(known)) || NAMES.iter().any(lower);
    let is_other = OTHERS.iter().any(|other| end.eq_ignore_ascii_case(other));
    !is_other && (is_named || NAMES.iter().any(|known| !stem.is_empty() && end.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_names() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "Dockerfile.ci",
            "Dockerfile-dev",
            "a.dockerfile",
            "a.Dockerfile",
            "Containerfile.x",
        ] {
            assert!(is_one(name), "{name}");
        }
        for name in [
            "Dockerfile.j2",
            "Dockerfile.dockerignore",
            "Dockerfile.md",
            "docker-compose.yml",
            "dockerfile_test.go",
            ".dockerfile",
        ] {
            assert!(!is_one(name), "{name}");
        }
    }
}
