//! The files of a repository, from bytes: readable, and in a form that a mutation leaves readable.

use std::collections::BTreeMap;

/// The most files that are taken: more of them find nothing more, and only take longer.
const MAX_FILES: usize = 24;

/// The files of a repository, by path.
#[derive(Debug, Clone)]
pub(super) struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// The file at `path`, unless a line `--- PATH` says that it is another, or where the next one begins.
    pub(super) fn parse(data: &[u8], path: &str) -> Self {
        let mut files = Self(BTreeMap::new());
        let (mut path, mut content) = (path.to_owned(), Vec::new());
        for line in data.split_inclusive(|&byte| byte == b'\n') {
            match line.strip_prefix(b"--- ") {
                Some(next) => {
                    files.add(path, std::mem::take(&mut content));
                    let next = next.strip_suffix(b"\n").unwrap_or(next);
                    path = String::from_utf8_lossy(next).into_owned();
                }
                None => content.extend_from_slice(line),
            }
        }
        files.add(path, content);
        files
    }

    /// Adds a file where a snapshot could have one: git has no other paths, and no file that is a directory as well.
    fn add(&mut self, path: String, content: Vec<u8>) {
        let is_clean = path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains('\0');
        let is_above =
            |other: &String, path: &str| path.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let is_apart = self.0.keys().all(|other| !is_above(other, &path) && !is_above(&path, other));
        if is_clean && is_apart && self.0.len() < MAX_FILES {
            self.0.insert(path, content);
        }
    }

    /// Adds a file where there is none.
    pub(super) fn unless_there(&mut self, path: &str, content: &str) {
        if !self.0.contains_key(path) {
            self.add(path.to_owned(), content.as_bytes().to_vec());
        }
    }

    /// The same files, but for these.
    pub(super) fn with(&self, changes: &BTreeMap<String, Vec<u8>>) -> Self {
        let mut files = self.clone();
        files.0.extend(changes.iter().map(|(path, content)| (path.clone(), content.clone())));
        files
    }

    /// The texts of the files with this name.
    pub(super) fn texts<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let named = self.0.iter().filter(move |(path, _)| path.rsplit('/').next() == Some(name));
        named.filter_map(|(_, content)| std::str::from_utf8(content).ok())
    }

    /// All of them, by path.
    pub(super) fn all(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.0
    }
}
