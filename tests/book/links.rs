//! Links between pages lead to files that are there, and to headings that they have; each chapter is in the table of contents.

use std::path::{Component, Path, PathBuf};

use crate::page::Page;
use crate::{pages, relative, root};

/// The pages whose links are held, those with no commands included.
fn linked() -> Vec<Page> {
    let mut all = pages();
    for path in ["docs/rules.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        all.push(Page::read(&root().join(path), path));
    }
    all
}

/// A link's file, seen from the page it is on; none where it is on the page itself.
fn target(page: &Page, link: &str) -> PathBuf {
    let directory = page.file.parent().expect("a page is in a directory");
    let mut path = PathBuf::new();
    for part in directory.join(link).components() {
        match part {
            Component::ParentDir => _ = path.pop(),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

#[test]
fn every_link_leads_somewhere() {
    let all = linked();
    let mut faults = Vec::new();
    for page in &all {
        for link in page.links.iter().filter(|link| !link.contains("://")) {
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let file = if file.is_empty() { page.file.clone() } else { target(page, file) };
            let is_there = file.starts_with(root()) && file.exists();
            let other =
                is_there.then(|| all.iter().find(|other| Path::new(&other.path) == Path::new(&relative(&file))));
            let is_heading = |page: &Page| anchor.is_none_or(|anchor| page.anchors.contains(anchor));
            if !is_there || other.flatten().map_or(anchor.is_some(), |other| !is_heading(other)) {
                faults.push(format!("{}: {link} leads nowhere", page.path));
            }
        }
    }
    assert_eq!(faults, [""; 0]);
}

#[test]
fn the_table_of_contents_has_every_chapter() {
    let all = linked();
    let contents = all.iter().find(|page| page.path == "docs/README.md").expect("the table of contents");
    let missing: Vec<&str> = all
        .iter()
        .filter_map(|page| page.path.strip_prefix("docs/"))
        .filter(|path| *path != "README.md" && !contents.links.iter().any(|link| link == path))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_page_has_one_title() {
    for page in pages() {
        assert_eq!(page.titles, 1, "{}", page.path);
    }
}
