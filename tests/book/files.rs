//! Blocks that are files: each is read as what its name says that it is.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::page::{Block, Note};
use crate::{pages, root};

/// The file that a block is, which is as it should be; else what is wrong with it.
pub(crate) fn held(block: &Block) -> Result<&str, String> {
    let path = block.notes.iter().find_map(|note| if let Note::File(path) = note { Some(path.as_str()) } else { None });
    let path = path.ok_or("neither commands nor a file that a note names")?;
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let language = if extension == "yml" { "yaml" } else { extension };
    if block.language != language && !extension.is_empty() {
        return Err(format!("{path} is not in the language `{}`", block.language));
    }
    match language {
        "toml" => table(path, &block.text)?,
        "yaml" => {
            let mut events = saphyr_parser::Parser::new_from_str(&block.text);
            events.find_map(Result::err).map_or(Ok(()), |error| Err(format!("{path}: {error}")))?;
        }
        "json" => drop(serde_json::from_str::<Value>(&block.text).map_err(|error| format!("{path}: {error}"))?),
        _ => {}
    }
    Ok(path)
}

/// A file of TOML; what has a policy's keys is one.
fn table(path: &str, text: &str) -> Result<(), String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| format!("{path}: {error}"))?;
    let is_other = ["package", "workspace", "dependencies", "repository", "toolchain", "patch"];
    if is_other.iter().any(|key| table.contains_key(*key)) {
        return Ok(());
    }
    let directory = tempfile::TempDir::with_prefix("cargo-pinned-book-").expect("a temporary directory");
    let file = |name: &str, text: &str| fs::write(directory.path().join(name), text).expect("it can be written");
    file("Cargo.toml", "[package]\nname = \"empty\"\nversion = \"0.1.0\"\n");
    file("policy.toml", text);
    fs::create_dir(directory.path().join("src")).expect("it is new");
    file("src/lib.rs", "");
    let command = snapbox::cmd::Command::new(env!("CARGO_BIN_EXE_cargo-pinned")).current_dir(directory.path());
    let ended = command.args(["check", "--root", ".", "--config", "policy.toml"]).output().expect("the binary starts");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if ended.status.code() == Some(2) { Err(format!("{path} is no policy: {said}")) } else { Ok(()) }
}

/// Holds what a command prints to the schema that it names, where it is JSON of ours.
#[cfg(unix)]
pub(crate) fn json(command: &str, output: &str) -> Result<(), String> {
    if !output.starts_with('{') {
        return Ok(());
    }
    let json: Value = serde_json::from_str(output).map_err(|error| format!("`{command}`: {error}"))?;
    let Some(name) = json["schema"].as_str() else { return Ok(()) };
    let file = name.trim_start_matches("cargo-pinned/").replace('/', "-");
    let Ok(schema) = fs::read_to_string(root().join(format!("schemas/{file}.json"))) else {
        return Err(format!("`{command}`: there is no schema of `{name}`"));
    };
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let schema = jsonschema::validator_for(&schema).expect("the schema is one");
    schema.validate(&json).map_err(|error| format!("`{command}`: {error}"))
}

#[test]
fn every_file_on_a_page_is_what_its_name_says() {
    let mut faults = Vec::new();
    for page in pages() {
        let files = page.blocks.iter().filter(|block| block.language != "console" && block.language != "sh");
        faults.extend(files.filter_map(|block| Some(format!("{}:{}: {}", page.path, block.line, held(block).err()?))));
    }
    assert_eq!(faults, [""; 0]);
}

/// A workflow to copy is one that the tool lets pass, once what is the reader's to fill in is there.
#[test]
fn the_workflows_on_the_pages_are_pinned() {
    let mut count = 0;
    for page in pages() {
        for block in &page.blocks {
            let Ok(path) = held(block) else { continue };
            if !path.starts_with(".github/workflows/") {
                continue;
            }
            let directory = tempfile::TempDir::with_prefix("cargo-pinned-book-").expect("a temporary directory");
            let file = directory.path().join(path);
            fs::create_dir_all(file.parent().expect("it is in a directory")).expect("it can be made");
            fs::write(file, block.text.replace("COMMIT", &"0".repeat(40))).expect("it can be written");
            let command = snapbox::cmd::Command::new(env!("CARGO_BIN_EXE_cargo-pinned")).current_dir(directory.path());
            let ended =
                command.args(["check", "--root", ".", "--deny", "warnings"]).output().expect("the binary starts");
            let said = String::from_utf8_lossy(&ended.stdout).into_owned();
            assert_eq!(ended.status.code(), Some(0), "{}: {said}", page.path);
            count += 1;
        }
    }
    assert!(count > 0, "no page has a workflow");
}
