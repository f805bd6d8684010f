//! The page of an audit, read back by a parser of HTML: what a browser makes of it.

mod contained;
mod data;
mod hostile;
mod nasty;
mod sample;
mod shown;

use cargo_pinned::reporter::audit::{Audit, html};
use scraper::{ElementRef, Html, Selector};

/// A page as it was written, and as it is understood.
struct Page {
    bytes: String,
    tree: Html,
}

impl Page {
    fn of(audit: &Audit) -> Self {
        let mut bytes = Vec::new();
        html::render(audit, &mut bytes).expect("a vector takes all");
        let bytes = String::from_utf8(bytes).expect("a page is text");
        let tree = Html::parse_document(&bytes);
        Self { bytes, tree }
    }

    fn all(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.tree.select(&Selector::parse(selector).expect("a selector")).collect()
    }

    fn one(&self, selector: &str) -> ElementRef<'_> {
        let found = self.all(selector);
        assert_eq!(found.len(), 1, "{selector}");
        found[0]
    }

    /// What each element says, its blanks as one.
    fn texts(&self, selector: &str) -> Vec<String> {
        self.all(selector).into_iter().map(text).collect()
    }

    /// The data that the script reads.
    fn data(&self) -> serde_json::Value {
        let text: String = self.one("script#data").text().collect();
        serde_json::from_str(&text).expect("the data is JSON")
    }
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
