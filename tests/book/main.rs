//! README.md and the chapters in `docs/`: every command in them is run, and its output is what the page shows.
//!
//! A comment that Markdown does not show says what a block stands on, in the order of the page (see [`page::Note`]):
//!
//! - `<!-- repository: NAME -->`: from here on commands run in a new copy of `fixtures/book/NAME`, with its history (see [`story`]);
//! - `<!-- file: PATH -->`: the block is that file; it is read as what it is, and written where the commands run;
//! - `<!-- exit code: N -->`: how the block's last command ends, where that is not 0;
//! - `<!-- not run: WHY -->`: the commands of the block are not run.
//!
//! In a block of `console` a line that starts with `$ ` is a command, and what follows is what it prints; one of `sh` is a script
//! whose output is not shown. `[…]` stands for what differs from run to run, and on a line of its own for any lines.
//! `UPDATE_DOCS=1` writes into the pages what is printed today.
//!
//! The shell is bash, so commands are run on Unix alone; everything else is held everywhere.

mod files;
mod links;
mod page;
#[cfg(unix)]
mod picture;
#[cfg(unix)]
mod registry;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod story;

use std::fs;
use std::path::{Path, PathBuf};

use page::Page;

/// The root of the project's own repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and everything below `docs/`; the page of the rules is made from the rules, and held by the test `docs`.
fn pages() -> Vec<Page> {
    let mut paths = vec![root().join("README.md")];
    let mut below = vec![root().join("docs")];
    while let Some(directory) = below.pop() {
        for entry in fs::read_dir(directory).expect("the directory is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                below.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("docs/rules.md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| Page::read(path, &relative(path))).collect()
}

fn relative(path: &Path) -> String {
    let path: PathBuf = path.strip_prefix(root()).expect("it is below the root").components().collect();
    path.display().to_string().replace('\\', "/")
}
