//! Pages: which scripts, styles and modules they load from elsewhere.
//!
//! What a page loads by an absolute URL runs in it with all its rights, and the page names no lockfile. A relative URL is a
//! file of the site itself, and so are those that name the page's own host.

mod address;
mod cdn;
mod markup;
mod module;
mod sieve;
mod vendor;

use std::ops::Range;

use super::dependency::{Dependency, Origin, Pin, Surface};
use super::ending;
use super::surfaces::Sheet;
use crate::text::{FileId, Span};
use address::Address;
use cdn::Load;

/// The endings of files that can be pages where the policy names them (`web.files`): templates, and text with HTML in it.
pub const TEMPLATES: [&str; 36] = [
    "asp",
    "aspx",
    "astro",
    "cshtml",
    "dtl",
    "eex",
    "ejs",
    "erb",
    "eta",
    "ftl",
    "gohtml",
    "handlebars",
    "hbs",
    "heex",
    "inc",
    "j2",
    "jinja",
    "jinja2",
    "jsp",
    "latte",
    "leaf",
    "liquid",
    "md",
    "mdx",
    "mustache",
    "njk",
    "php",
    "phtml",
    "svelte",
    "tera",
    "tmpl",
    "tpl",
    "twig",
    "vue",
    "xhtml",
    "shtml",
];

/// The same, as they are asked for; and those of pages.
const TEMPLATE_KEYS: [u128; TEMPLATES.len()] = ending::keys(TEMPLATES);
const PAGE_KEYS: [u128; 2] = ending::keys(["html", "htm"]);

/// The most of a URL that is looked at, in bytes: servers refuse longer ones.
const MAX_URL: usize = 4096;

/// Whether a file is a page by its name.
pub(super) fn is_one(name: &str) -> bool {
    ending::of(name).is_some_and(|ending| PAGE_KEYS.contains(&ending::key(ending)))
}

/// Whether a file can be a page where the policy names it.
pub(super) fn is_candidate(name: &str) -> bool {
    ending::of(name).is_some_and(|ending| TEMPLATE_KEYS.contains(&ending::key(ending)))
}

/// Why a pattern of the policy can name no page, where it cannot: its ending is that of no template.
#[must_use]
pub fn names_no_page(pattern: &str) -> bool {
    let name = pattern.rsplit('/').next().unwrap_or(pattern);
    let ending = ending::of(name).filter(|ending| !ending.contains(['*', '?', '[', ']']));
    ending.is_some() && !is_one(name) && !is_candidate(name)
}

/// Something that a page loads: a URL, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    /// The URL, without the escapes of HTML and JSON.
    url: String,
    /// The bytes between the quotes.
    range: Range<usize>,
    /// Whether a hash holds what is loaded.
    has_integrity: bool,
    /// Whether it is a style: the CSS of a service for fonts is none to be held.
    is_style: bool,
}

/// Reads a page.
pub(super) fn read(file: FileId, text: &str) -> Sheet {
    let dependencies = if sieve::may_load(text.as_bytes()) { dependencies(file, text) } else { Vec::new() };
    Sheet { dependencies, ..Sheet::default() }
}

/// What a page declares.
fn dependencies(file: FileId, text: &str) -> Vec<Dependency> {
    let page = markup::read(text);
    let mut dependencies = Vec::new();
    for reference in &page.references {
        let cut = cut(&reference.url, MAX_URL);
        let Some(address) = Address::parse(cut) else { continue };
        if reference.is_style && vendor::is_font_service(&address.host) {
            continue;
        }
        let loads = cdn::loads(&address);
        // A network that delivers packages is nobody's own host, whatever a page says that is shown from there.
        if page.own.contains(&address.host) && !loads.iter().any(|load| load.is_package) {
            continue;
        }
        dependencies.extend(loads.into_iter().map(|load| dependency(file, text, reference, load)));
    }
    dependencies
}

/// The declaration of what is loaded, at its version where the URL names one.
fn dependency(file: FileId, text: &str, reference: &Reference, load: Load) -> Dependency {
    let raw = text.get(reference.range.clone()).unwrap_or_default();
    let start = reference.range.start;
    let whole = start..start + cut(raw, MAX_URL).len();
    let version = load.version.as_ref().and_then(|version| version.find(raw));
    let range = version.map_or(whole, |found| start + found.start..start + found.end);
    let requirement = text.get(range.clone()).unwrap_or_default().to_owned();
    let pin = if reference.has_integrity { Pin::Content } else { load.pin };
    let origin = if load.is_package { Origin::Surface } else { Origin::Url(cut(&reference.url, MAX_URL).to_owned()) };
    let declared = Dependency::new(Surface::Web, load.name, pin, Span::new(file, range));
    Dependency { requirement: Some(requirement), origin, ..declared }
}

/// At most so many bytes of a text, up to a whole character.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
#[path = "web/tests.rs"]
mod tests;
