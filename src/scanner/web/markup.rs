//! The tags of a page that load something, by the tokenizer of the HTML standard: what is unclosed, misspelled or huge is read
//! as a browser reads it.

use std::collections::HashSet;
use std::convert::Infallible;
use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::Reference;
use super::address::Address;
use super::module;

/// What a page loads.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Each URL, in the order of the page.
    pub(super) references: Vec<Reference>,
    /// The hosts that the page says it is served from.
    pub(super) own: HashSet<String>,
}

/// A tag that has something to say here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Script,
    Link,
    Base,
    Meta,
    Noscript,
    Other,
}

/// The attributes of a tag that count here.
#[derive(Debug, Default)]
struct Attributes {
    /// By the index of their name in [`NAMES`]: the value, and where it is written.
    values: [Option<(String, Range<usize>)>; NAMES.len()],
    /// Which one is being read.
    current: Option<usize>,
}

const NAMES: [&str; 8] = ["src", "href", "rel", "as", "type", "integrity", "property", "content"];

impl Attributes {
    fn get(&self, name: &str) -> Option<&(String, Range<usize>)> {
        NAMES.iter().position(|known| *known == name).and_then(|at| self.values[at].as_ref())
    }

    /// The value in lower case; empty where there is none.
    fn word(&self, name: &str) -> String {
        self.get(name).map(|(value, _)| value.trim().to_ascii_lowercase()).unwrap_or_default()
    }

    /// Whether a browser would refuse anything but what a hash is of.
    fn has_integrity(&self) -> bool {
        self.get("integrity").is_some_and(|(value, _)| value.split_ascii_whitespace().any(is_hash))
    }
}

/// Whether a word is a hash that browsers know; they pass over all others.
pub(super) fn is_hash(word: &str) -> bool {
    let hash = ["sha256-", "sha384-", "sha512-"].iter().find_map(|known| word.strip_prefix(known));
    hash.is_some_and(|hash| !hash.is_empty())
}

/// Reads a page.
pub(super) fn read(text: &str) -> Page {
    let mut reader = Reader::new(text, 0, 0..text.len());
    reader.run();
    // What only browsers without scripts load is markup all the same.
    for range in std::mem::take(&mut reader.without_scripts) {
        let mut inner = Reader::new(text, range.start, range);
        inner.run();
        reader.page.references.append(&mut inner.page.references);
    }
    let Reader { mut page, hashed, .. } = reader;
    for reference in page.references.iter_mut().filter(|reference| hashed.contains(&reference.url)) {
        reference.has_integrity = true;
    }
    page
}

/// Reads a part of a page.
struct Reader<'t> {
    text: &'t str,
    part: Range<usize>,
    offset: usize,
    page: Page,
    tag: Tag,
    attributes: Attributes,
    /// The modules that an import map has hashes of.
    hashed: HashSet<String>,
    /// What is between `<noscript>` and its end.
    without_scripts: Vec<Range<usize>>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, offset: usize, part: Range<usize>) -> Self {
        let (page, attributes) = (Page::default(), Attributes::default());
        Self {
            text,
            part,
            offset,
            page,
            tag: Tag::Other,
            attributes,
            hashed: HashSet::new(),
            without_scripts: Vec::new(),
        }
    }

    fn run(&mut self) {
        let input = &self.text[self.part.clone()];
        let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| -> Option<Infallible> {
            self.event(&event, self.offset + span.start..self.offset + span.end);
            None
        });
        emitter.naively_switch_states(true);
        // Reading from memory cannot fail.
        let Ok(()) = Tokenizer::new_with_emitter(input, emitter).finish();
    }

    fn event(&mut self, event: &CallbackEvent<'_>, range: Range<usize>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.attributes = Attributes::default();
                self.tag = match *name {
                    b"script" => Tag::Script,
                    b"link" => Tag::Link,
                    b"base" => Tag::Base,
                    b"meta" => Tag::Meta,
                    b"noscript" => Tag::Noscript,
                    _ => Tag::Other,
                };
            }
            CallbackEvent::AttributeName { name } if self.tag != Tag::Other => {
                let known = NAMES.iter().position(|known| known.as_bytes() == *name);
                // Of two with one name, the first one counts.
                self.attributes.current = known.filter(|at| self.attributes.values[*at].is_none());
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(at) = self.attributes.current.take() {
                    self.attributes.values[at] = Some((String::from_utf8_lossy(value).into_owned(), range));
                }
            }
            CallbackEvent::CloseStartTag { .. } => self.open(),
            CallbackEvent::String { .. } => self.content(range),
            CallbackEvent::EndTag { .. } => self.tag = Tag::Other,
            _ => {}
        }
    }

    /// At the end of a start tag.
    fn open(&mut self) {
        self.attributes.current = None;
        match self.tag {
            Tag::Script => self.refer("src", false),
            Tag::Link => {
                let rel = self.attributes.word("rel");
                let is = |word: &str| rel.split_ascii_whitespace().any(|known| known == word);
                let kind = self.attributes.word("as");
                let is_style = is("stylesheet") || (is("preload") && kind == "style");
                if is_style || is("modulepreload") || (is("preload") && kind == "script") {
                    self.refer("href", is_style);
                } else if is("canonical") {
                    self.belong("href");
                }
            }
            Tag::Base => self.belong("href"),
            Tag::Meta if self.attributes.word("property") == "og:url" => self.belong("content"),
            _ => {}
        }
        if !matches!(self.tag, Tag::Script | Tag::Noscript) {
            self.tag = Tag::Other;
        }
    }

    fn refer(&mut self, attribute: &str, is_style: bool) {
        let has_integrity = self.attributes.has_integrity();
        if let Some((url, range)) = self.attributes.get(attribute) {
            let reference = Reference { url: url.clone(), range: range.clone(), has_integrity, is_style };
            self.page.references.push(reference);
        }
    }

    /// Notes a host that the page says is its own.
    fn belong(&mut self, attribute: &str) {
        let address =
            self.attributes.get(attribute).and_then(|(url, _)| Address::parse(super::cut(url, super::MAX_URL)));
        self.page.own.extend(address.map(|address| address.host));
    }

    /// The text of an element.
    fn content(&mut self, range: Range<usize>) {
        let Some(text) = self.text.get(range.clone()) else { return };
        let kind = self.attributes.word("type");
        match self.tag {
            Tag::Noscript => self.without_scripts.push(range),
            Tag::Script if matches!(kind.as_str(), "importmap" | "importmap-shim") => {
                let map = module::map(text);
                self.hashed.extend(map.hashed);
                self.add(map.urls, range.start);
            }
            Tag::Script if is_script(&kind) => self.add(module::imports(text), range.start),
            _ => {}
        }
    }

    fn add(&mut self, urls: Vec<module::Text>, offset: usize) {
        self.page.references.extend(urls.into_iter().map(|url| Reference {
            range: offset + url.range.start..offset + url.range.end,
            url: url.value,
            has_integrity: false,
            is_style: false,
        }));
    }
}

/// Whether the type of a script is one that runs: none, JavaScript's, that of what loads modules in older browsers, or that of a
/// language that is made into it in the page.
fn is_script(kind: &str) -> bool {
    kind.is_empty()
        || matches!(kind, "module" | "module-shim")
        || ["javascript", "ecmascript", "babel", "jsx", "typescript"].iter().any(|known| kind.contains(known))
}
