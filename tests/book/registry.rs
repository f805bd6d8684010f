//! What cargo can have in the stories: a registry in crates.io's place, and one git dependency, both as directories.
//!
//! Archives hold the same bytes wherever they are made, so that the lockfiles in `fixtures/book` hold their checksums.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use crate::root;

/// A release: its name, version, what it needs, and when it was published.
struct Release(&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const RELEASES: &[Release] = &[
    Release("anyhow", "1.0.100", &[], "2025-09-24T03:41:08Z"),
    Release("bytes", "1.10.1", &[], "2025-03-05T15:02:31Z"),
    Release("either", "1.15.0", &[], "2025-03-05T05:36:50Z"),
    Release("itertools", "0.14.0", &[("either", "1.0")], "2024-12-31T16:22:01Z"),
    Release("log", "0.4.28", &[], "2025-09-02T16:11:28Z"),
    Release("rand", "0.8.5", &[], "2022-02-14T08:37:47Z"),
    Release("serde", "1.0.219", &[], "2025-03-09T19:27:52Z"),
    Release("serde", "1.0.228", &[], "2025-09-27T16:51:35Z"),
    Release("telephony", "2.3.1", &[("bytes", "1")], "2025-06-11T09:20:00Z"),
    Release("telephony", "2.4.0", &[("bytes", "1"), ("telephony-codec", "=2.4.0")], "2025-10-01T16:05:00Z"),
    Release("telephony-codec", "2.4.0", &[], "2025-10-01T16:04:00Z"),
    Release("tokio", "1.47.1", &[("bytes", "1")], "2025-08-01T08:46:05Z"),
];

/// The commit of the one git dependency, `left`, and its address.
const COMMIT: &str = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345";
const ADDRESS: &str = "https://example.com/left.git";

/// Writes all of it below a directory, and a cargo home whose configuration names it.
pub(crate) fn write(outside: &Path, home: &Path) {
    for release in RELEASES {
        let archive = release.archive();
        put(&outside.join(format!("registry/{}-{}.crate", release.0, release.1)), &archive);
        let index = outside.join(format!("registry/index/{}", release.place()));
        let before = fs::read_to_string(&index).unwrap_or_default();
        put(&index, format!("{before}{}\n", release.line(&archive)).as_bytes());
    }
    let left = Release("left", "0.3.0", &[], "");
    put(&outside.join("vendor/left/Cargo.toml"), left.manifest().as_bytes());
    put(&outside.join("vendor/left/src/lib.rs"), b"");
    put(&outside.join("vendor/left/.cargo-checksum.json"), b"{\"files\":{},\"package\":null}");
    let place = |name: &str| outside.join(name).display().to_string();
    let mut config = format!(
        "[source.crates-io]\nreplace-with = \"registry\"\n\n[source.registry]\nlocal-registry = {:?}\n\n\
         [source.vendor]\ndirectory = {:?}\n",
        place("registry"),
        place("vendor")
    );
    for reference in ["branch = \"main\"", &format!("rev = \"{COMMIT}\"")] {
        let _ = write!(
            config,
            "\n[source.'{ADDRESS} {reference}']\ngit = \"{ADDRESS}\"\n{reference}\nreplace-with = \"vendor\"\n"
        );
    }
    put(&home.join("config.toml"), config.as_bytes());
}

impl Release {
    fn manifest(&self) -> String {
        let needs: String = self.2.iter().map(|(name, requirement)| format!("{name} = \"{requirement}\"\n")).collect();
        format!(
            "[package]\nname = \"{}\"\nversion = \"{}\"\nedition = \"2021\"\n\n[features]\nderive = []\nrt = []\n\n\
             [dependencies]\n{needs}",
            self.0, self.1
        )
    }

    /// Its manifest and an empty library, packed; stored as they are, since what a compressor makes of them may change.
    fn archive(&self) -> Vec<u8> {
        let mut packed = tar::Builder::new(Vec::new());
        for (path, text) in [("Cargo.toml", self.manifest()), ("src/lib.rs", String::new())] {
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(1);
            let path = format!("{}-{}/{path}", self.0, self.1);
            packed.append_data(&mut header, path, text.as_bytes()).expect("it goes to memory");
        }
        let mut zipped = GzEncoder::new(Vec::new(), Compression::none());
        zipped.write_all(&packed.into_inner().expect("it goes to memory")).expect("it goes to memory");
        zipped.finish().expect("it goes to memory")
    }

    /// What the index says of it.
    fn line(&self, archive: &[u8]) -> serde_json::Value {
        let need = |(name, requirement): &(&str, &str)| {
            serde_json::json!({ "name": name, "req": requirement, "features": [], "optional": false,
                "default_features": true, "target": null, "kind": "normal" })
        };
        let needs: Vec<serde_json::Value> = self.2.iter().map(need).collect();
        serde_json::json!({ "name": self.0, "vers": self.1, "deps": needs, "cksum": checksum(archive), "yanked": false,
            "features": { "derive": [], "rt": [] }, "pubtime": self.3 })
    }

    /// Where an index has it.
    fn place(&self) -> String {
        let name = self.0;
        match name.len() {
            1 | 2 => format!("{}/{name}", name.len()),
            3 => format!("3/{}/{name}", &name[..1]),
            _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
        }
    }
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("it is in a directory")).expect("its directory can be made");
    fs::write(path, bytes).expect("it can be written");
}

/// `UPDATE_DOCS=1` writes them.
#[test]
fn the_lockfiles_of_the_fixtures_hold_the_registrys_checksums() {
    let mut below = vec![root().join("fixtures/book")];
    let mut lockfiles: Vec<PathBuf> = Vec::new();
    while let Some(directory) = below.pop() {
        for entry in fs::read_dir(directory).expect("it is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                below.push(path);
            } else if path.ends_with("Cargo.lock") {
                lockfiles.push(path);
            }
        }
    }
    assert!(!lockfiles.is_empty());
    for path in lockfiles {
        let text = fs::read_to_string(&path).expect("it is text").replace("\r\n", "\n");
        let mut held = String::new();
        for package in text.split_inclusive("\n\n") {
            let release = RELEASES
                .iter()
                .find(|release| package.contains(&format!("name = \"{}\"\nversion = \"{}\"\n", release.0, release.1)));
            let sum = release.map(|release| format!("checksum = \"{}\"", checksum(&release.archive())));
            for line in package.split_inclusive('\n') {
                match &sum {
                    Some(sum) if line.starts_with("checksum = ") => held += &format!("{sum}\n"),
                    _ => held += line,
                }
            }
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &held).expect("it can be written");
        }
        let now = fs::read_to_string(&path).expect("it is text").replace("\r\n", "\n");
        assert_eq!(now, held, "{}: run the tests with UPDATE_DOCS=1", path.display());
    }
}
