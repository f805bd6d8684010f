//! What a release is made of: the archives that scripts/package.sh makes for each target of the release workflow are those that
//! `[package.metadata.binstall]` names, and what belongs beside the program is in them.
//!
//! The script is bash, and its program a stand-in that says what it was asked: an archive of the real one takes minutes.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;

const VERSION: &str = "1.2.3";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// The targets that the release workflow builds for.
fn targets() -> Vec<String> {
    let workflow = read(".github/workflows/release.yml");
    let target = |line: &str| Some(line.split_once("- { target: ")?.1.split(',').next()?.to_owned());
    workflow.lines().filter_map(target).collect()
}

fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\nset -eu\n{script}")).expect("it can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be made a program");
}

/// In the place of cargo: a tree of packages, which are beside it as in cargo's home.
fn cargo(tools: &Path) {
    let tree = "cargo-pinned v1.2.3 (/here)|MIT OR Apache-2.0|https://example.com/pinned\n\
                one v1.0.0|MIT|https://example.com/one\ntwo v2.0.0 (proc-macro)|MIT OR Apache-2.0|\n\
                one v1.0.0|MIT|https://example.com/one (*)\nbare v0.1.0|Zlib|\n";
    fs::write(tools.join("tree"), tree).expect("it can be written");
    program(&tools.join("cargo"), &format!("[ \"$1\" = tree ] || exit 1\ncat '{}'\n", tools.join("tree").display()));
    let files = [
        ("one-1.0.0/LICENSE", "Permission is hereby granted\r\nby One\r\n"),
        ("one-1.0.0/src/license.rs", "no licence\n"),
        ("two-2.0.0/LICENSE-MIT", "Permission is hereby granted\nby One\n"),
        ("two-2.0.0/LICENSES/Apache-2.0.txt", "Apache License\n"),
        ("bare-0.1.0/lib.rs", ""),
    ];
    for (path, text) in files {
        let path = tools.join("home/registry/src/index").join(path);
        fs::create_dir_all(path.parent().expect("it is in a directory")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
}

/// The name of the archive that the script makes for a target, and the names of the files in it.
fn packed(target: &str) -> (String, BTreeSet<String>) {
    let work = tempfile::tempdir().expect("a temporary directory");
    let (built, tools, out) = (work.path().join("built"), work.path().join("tools"), work.path().join("out"));
    for directory in [&built, &tools] {
        fs::create_dir(directory).expect("it is new");
    }
    let exe = if target.contains("windows") { ".exe" } else { "" };
    let says = format!(
        "case $1 in\n--version) echo cargo-pinned {VERSION} ;;\ncompletions) echo \"for $2\" ;;\n\
         man) mkdir \"$3\"; echo a page >\"$3/cargo-pinned.1\" ;;\nesac\n"
    );
    program(&built.join(format!("cargo-pinned{exe}")), &says);
    // In the place of 7-Zip: an archive that is the list of what is in it.
    program(&tools.join("7z"), "find \"$4\" -type f >\"$3\"\n");
    cargo(&tools);
    let path = std::env::var("PATH").expect("a path");
    let status = Command::new("bash")
        .arg(root().join("scripts/package.sh"))
        .args([target.as_ref(), built.as_os_str(), out.as_os_str()])
        .env("PATH", format!("{}:{path}", tools.display()))
        .env("CARGO_HOME", tools.join("home"))
        .status();
    assert!(status.expect("bash is there").success(), "{target}");

    let mut archives: Vec<_> = fs::read_dir(&out).expect("it was made").map(|file| file.expect("a file")).collect();
    let archive = archives.pop().expect("an archive");
    assert!(archives.is_empty(), "one archive a target");
    let name = archive.file_name().into_string().expect("UTF-8");
    let bytes = fs::read(archive.path()).expect("it can be read");
    let files = if name.ends_with(".zip") {
        String::from_utf8(bytes).expect("a list").lines().map(str::to_owned).collect()
    } else {
        let mut text = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut text).expect("it is packed by gzip");
        let mut files = tar::Archive::new(&text[..]);
        let files = files.entries().expect("it is a tar").map(|file| file.expect("an entry"));
        let files = files.filter(|file| file.header().entry_type().is_file());
        files.map(|file| file.path().expect("a path").display().to_string()).collect()
    };
    (name, files)
}

/// A template of binstall's, with everything put in but the repository.
fn filled(template: &str, target: &str) -> String {
    let exe = if target.contains("windows") { ".exe" } else { "" };
    let values = [("name", "cargo-pinned"), ("bin", "cargo-pinned"), ("version", VERSION), ("target", target)];
    let values = values.into_iter().chain([("binary-ext", exe)]);
    values.fold(template.to_owned(), |text, (key, value)| text.replace(&format!("{{ {key} }}"), value))
}

#[test]
fn binstall_finds_the_archive_of_each_target_and_the_program_in_it() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml is TOML");
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let targets = targets();
    assert!(targets.len() >= 7, "{targets:?}");
    for target in &targets {
        let overrides = binstall["overrides"].get(target);
        let value = |key: &str| {
            let value = overrides.and_then(|overrides| overrides.get(key)).unwrap_or(&binstall[key]);
            filled(value.as_str().expect("a string"), target)
        };
        let (archive, files) = packed(target);
        assert_eq!(value("pkg-url"), format!("{{ repo }}/releases/download/v{VERSION}/{archive}"));
        let format = if archive.ends_with(".tar.gz") { "tgz" } else { "zip" };
        assert_eq!(value("pkg-fmt"), format, "{target}");
        assert!(files.contains(&value("bin-dir")), "{}: {files:?}", value("bin-dir"));
        let top = format!("cargo-pinned-{VERSION}-{target}");
        for file in [
            "completions/_cargo-pinned",
            "completions/_cargo-pinned.ps1",
            "completions/cargo-pinned.bash",
            "completions/cargo-pinned.fish",
            "man/cargo-pinned.1",
            "README.md",
            "CHANGELOG.md",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "THIRD-PARTY-LICENSES",
            "docs/README.md",
        ] {
            assert!(files.contains(&format!("{top}/{file}")), "{file} is missing: {files:?}");
        }
    }
    let overridden = binstall["overrides"].as_table().expect("a table");
    for target in overridden.keys() {
        assert!(targets.contains(target), "no release is built for {target}");
    }
}

/// What licenses.sh prints with a stand-in for cargo, or with cargo itself.
fn licenses(target: &str, stand_in: bool) -> String {
    let tools = tempfile::tempdir().expect("a temporary directory");
    let mut command = Command::new("bash");
    command.arg(root().join("scripts/licenses.sh")).arg(target);
    if stand_in {
        cargo(tools.path());
        let path = std::env::var("PATH").expect("a path");
        command.env("PATH", format!("{}:{path}", tools.path().display())).env("CARGO_HOME", tools.path().join("home"));
    } else {
        command.env("CARGO_NET_OFFLINE", "true");
    }
    let output = command.output().expect("bash is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn each_licence_is_there_once_below_the_packages_that_have_it() {
    let text = licenses("x86_64-unknown-linux-gnu", true);
    let (list, texts) = text.split_once("\n====").expect("texts");
    let expected = "bare 0.1.0: Zlib\none 1.0.0: MIT, https://example.com/one\ntwo 2.0.0: MIT OR Apache-2.0\n\
                    Rust's standard library: MIT OR Apache-2.0, https://github.com/rust-lang/rust\n\n\
                    These come without the text of a licence, which is named above:\n\nbare 0.1.0\n";
    assert!(list.ends_with(expected), "{list}");
    assert_eq!(texts.matches("Permission is hereby granted\nby One\n").count(), 1, "{texts}");
    let heads: Vec<&str> = texts.lines().filter(|line| line.starts_with("one ") || line.starts_with("two ")).collect();
    assert_eq!(heads, ["one 1.0.0", "two 2.0.0", "two 2.0.0"]);
    assert!(texts.contains("Apache License\n") && !texts.contains("no licence"), "{texts}");
}

/// Of this build: what is in the program for this machine is named, with the text that came with it.
#[test]
fn every_package_of_this_build_is_named() {
    let host = Command::new("rustc").arg("-vV").output().expect("rustc is there").stdout;
    let host = String::from_utf8(host).expect("text");
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let text = licenses(host, false);
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml is TOML");
    for (name, value) in manifest["dependencies"].as_table().expect("a table") {
        let version = value.as_str().or_else(|| value.get("version")?.as_str()).expect("a version");
        // Build metadata, which a requirement leaves out, may follow.
        let named = format!("\n{name} {}", version.trim_start_matches('='));
        assert!([":", "+"].iter().any(|end| text.contains(&format!("{named}{end}"))), "{named}");
    }
    let (_, without) = text.split_once("without the text of a licence").unwrap_or((&text, ""));
    let without: Vec<&str> = without.split("\n====").next().unwrap_or_default().lines().skip(2).collect();
    assert!(without.len() < 8, "{without:?}");
    assert!(text.matches("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION").count() < 60);
    assert!(text.contains("Mozilla Public License"), "that of version-ranges");
}
