//! A page of Markdown, as far as the book is held by it: its blocks of code with the notes ahead of them, headings and links.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// What a comment ahead of a block says of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// Commands run in a new copy of this fixture.
    Repository(String),
    /// The block is this file.
    File(String),
    /// How its last command ends.
    ExitCode(i32),
    /// Why its commands are not run.
    NotRun(String),
}

impl Note {
    fn read(comment: &str) -> Result<Self, String> {
        let text = comment.trim().trim_start_matches("<!--").trim_end_matches("-->").trim();
        let (key, value) = text.split_once(": ").unwrap_or((text, ""));
        match (key, value.trim()) {
            (_, "") => Err(format!("`{text}` says nothing")),
            ("repository", name) => Ok(Self::Repository(name.to_owned())),
            ("file", path) => Ok(Self::File(path.to_owned())),
            ("exit code", code) => code.parse().map(Self::ExitCode).map_err(|error| format!("`{code}`: {error}")),
            ("not run", why) => Ok(Self::NotRun(why.to_owned())),
            _ => Err(format!("`{text}` is no note that the book knows")),
        }
    }
}

/// A block of code.
pub(crate) struct Block {
    pub(crate) language: String,
    pub(crate) text: String,
    /// Where its text stands in the page, in bytes.
    pub(crate) range: Range<usize>,
    /// The line of its fence, from 1.
    pub(crate) line: usize,
    pub(crate) notes: Vec<Note>,
}

/// A page.
pub(crate) struct Page {
    pub(crate) file: PathBuf,
    /// Its path in the repository.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
    /// Where links, and images, lead.
    pub(crate) links: Vec<String>,
    /// What its headings can be linked by, as forges make it of their text.
    pub(crate) anchors: BTreeSet<String>,
    /// What is wrong with the page itself.
    pub(crate) faults: Vec<String>,
    /// How many headings of the first level it has.
    pub(crate) titles: usize,
}

impl Page {
    pub(crate) fn read(file: &Path, path: &str) -> Self {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}")).replace("\r\n", "\n");
        let mut page = Self {
            file: file.to_owned(),
            path: path.to_owned(),
            text: String::new(),
            blocks: Vec::new(),
            links: Vec::new(),
            anchors: BTreeSet::new(),
            faults: Vec::new(),
            titles: 0,
        };
        page.parse(&text);
        page.text = text;
        page
    }

    fn parse(&mut self, text: &str) {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut notes = Vec::new();
        let mut heading: Option<String> = None;
        let mut is_code = false;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    is_code = true;
                    let line = text[..range.start].matches('\n').count() + 1;
                    let language = match &kind {
                        CodeBlockKind::Fenced(language) => language.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    if language.is_empty() {
                        self.faults.push(format!("{}:{line}: a block without a language", self.path));
                    }
                    let notes = std::mem::take(&mut notes);
                    self.blocks.push(Block {
                        language,
                        text: String::new(),
                        range: range.end..range.start,
                        line,
                        notes,
                    });
                }
                Event::Text(part) if is_code => {
                    let block = self.blocks.last_mut().expect("the block has begun");
                    block.text.push_str(&part);
                    block.range = block.range.start.min(range.start)..block.range.end.max(range.end);
                }
                Event::End(TagEnd::CodeBlock) => is_code = false,
                Event::Start(Tag::Heading { level, .. }) => {
                    self.titles += usize::from(level == HeadingLevel::H1);
                    heading = Some(String::new());
                }
                Event::Text(part) | Event::Code(part) => heading.iter_mut().for_each(|heading| heading.push_str(&part)),
                Event::End(TagEnd::Heading(_)) => self.anchor(&heading.take().unwrap_or_default()),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    self.links.push(dest_url.to_string());
                }
                Event::Html(html) if html.trim_start().starts_with("<!--") => match Note::read(&html) {
                    Ok(note) => notes.push(note),
                    Err(fault) => self.faults.push(format!("{}: {fault}", self.path)),
                },
                _ => {}
            }
        }
        if !notes.is_empty() {
            self.faults.push(format!("{}: no block follows {notes:?}", self.path));
        }
    }

    /// Adds what a heading is linked by: lower case, hyphens for spaces, no punctuation; a number where it has been there before.
    fn anchor(&mut self, heading: &str) {
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|char| char.is_alphanumeric() || [' ', '-', '_'].contains(char));
        let slug: String = kept.map(|char| if char == ' ' { '-' } else { char }).collect();
        let free = (0..).map(|count| if count == 0 { slug.clone() } else { format!("{slug}-{count}") });
        let free = free.into_iter().find(|slug| !self.anchors.contains(slug));
        self.anchors.extend(free);
    }
}
