//! A history of lockfiles, commit by commit, held to counts that are made from their lines alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::json;
use crate::support::{CHECKSUM, CRATES_IO, Repo, package};

/// What is locked: by name and major version, the minor version and the digit that its checksum is made of.
type Locked = BTreeMap<(char, u64), (u64, u32)>;

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn text(locked: &Locked) -> String {
    let mut text = "version = 4\n\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [\n".to_owned();
    for ((name, major), (minor, _)) in locked {
        text += &format!(" \"{name} {major}.{minor}.0\",\n");
    }
    text += "]\n";
    for ((name, major), (minor, digit)) in locked {
        let checksum = digit.to_string().repeat(CHECKSUM.len());
        text += &format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{major}.{minor}.0\"\nsource = \"{CRATES_IO}\"\n\
             checksum = \"{checksum}\"\n"
        );
    }
    text
}

/// Added, removed, upgraded, downgraded, and checksums changed, from the text of two lockfiles: a release is a line.
fn count(before: &str, after: &str) -> [usize; 5] {
    let releases = |text: &str| -> BTreeSet<(String, u64, u64, String)> {
        let blocks = text.split("[[package]]").filter(|block| block.contains("checksum"));
        let release = |block: &str| {
            let value = |key: &str| {
                let line = block.lines().find(|line| line.starts_with(key)).expect("the line is there");
                line.split('"').nth(1).expect("a value").to_owned()
            };
            let version = value("version");
            let mut parts = version.split('.').map(|part| part.parse().expect("a number"));
            let (major, minor) = (parts.next().expect("major"), parts.next().expect("minor"));
            (value("name"), major, minor, value("checksum"))
        };
        blocks.map(release).collect()
    };
    let (old, new) = (releases(before), releases(after));
    let [mut added, mut removed, mut up, mut down, mut replaced] = [0; 5];
    let names: BTreeSet<&String> = old.iter().chain(&new).map(|release| &release.0).collect();
    for name in names {
        let of = |side: &'_ BTreeSet<(String, u64, u64, String)>| -> BTreeMap<u64, (u64, String)> {
            let own = side.iter().filter(|release| release.0 == *name);
            own.map(|(_, major, minor, checksum)| (*major, (*minor, checksum.clone()))).collect()
        };
        let (mut left, mut right) = (of(&old), of(&new));
        let both: Vec<u64> = left.keys().filter(|major| right.contains_key(major)).copied().collect();
        for major in both {
            let ((minor, checksum), (minor2, checksum2)) =
                (left.remove(&major).expect("there"), right.remove(&major).expect("there"));
            up += usize::from(minor2 > minor);
            down += usize::from(minor2 < minor);
            replaced += usize::from(minor == minor2 && checksum != checksum2);
        }
        match (left.keys().next(), right.keys().next(), left.len(), right.len()) {
            (Some(major), Some(major2), 1, 1) => {
                up += usize::from(major2 > major);
                down += usize::from(major2 < major);
            }
            (_, _, gone, come) => {
                removed += gone;
                added += come;
            }
        }
    }
    [added, removed, up, down, replaced]
}

#[test]
fn each_commit_of_a_history_is_told_as_its_lines_tell_it() {
    let mut numbers = Numbers(7);
    let mut locked = Locked::new();
    let repo = Repo::new().file("Cargo.toml", package("demo", "[dependencies]\n"));
    repo.write("Cargo.lock", text(&locked));
    let repo = repo.git();
    let mut total = [0; 5];
    for _ in 0..25 {
        for _ in 0..numbers.below(9) {
            let key = (char::from(b'a' + u8::try_from(numbers.below(6)).expect("small")), 1 + numbers.below(3));
            match numbers.below(4) {
                0 => drop(locked.remove(&key)),
                1 => locked.entry(key).and_modify(|held| held.1 = (held.1 + 1) % 3).or_insert((5, 0)).0 += 0,
                _ => drop(locked.insert(key, (numbers.below(10), 0))),
            }
        }
        let before = repo.read("Cargo.lock");
        repo.write("Cargo.lock", text(&locked));
        repo.commit();
        let found = json(repo.run(&["diff", "HEAD^", "HEAD", "--format", "json"]));
        let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
        let packages = &found["summary"]["packages"];
        let kinds = ["added", "removed", "upgraded", "downgraded"].map(|kind| number(&packages[kind]));
        let [added, removed, up, down] = kinds;
        let told = [added, removed, up, down, number(&found["summary"]["checksum_changed"])];
        assert_eq!(told, count(&before, &repo.read("Cargo.lock")));
        total.iter_mut().zip(told).for_each(|(total, told)| *total += told);
    }
    assert!(total.iter().all(|count| *count > 2), "each of them happened: {total:?}");
}
