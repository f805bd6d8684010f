//! A page that stays within what GitHub takes: a table is cut between its rows, and says how much is missing.

use std::fmt::Display;

/// The most characters of a page. A comment may have 65,536, and whoever posts it may add to it.
const MOST: usize = 60_000;

/// The most bytes of a page, for those who count them.
const MOST_BYTES: usize = 65_536;

/// What no row may take: headings, counts and closing tags of the sections that are still to come.
const RESERVE: usize = 3_000;

/// The page so far.
#[derive(Debug, Default)]
pub(in crate::reporter) struct Page {
    text: String,
    chars: usize,
}

impl Page {
    /// Adds a line of the page's own, for which there is always room: short, and one of few.
    pub(in crate::reporter) fn line(&mut self, line: impl Display) {
        let line = format!("{line}\n");
        self.chars += line.chars().count();
        self.text.push_str(&line);
    }

    /// Adds a table with as many rows as there is room for, and the number of the others; it needs an empty line ahead of
    /// it, and has one behind it.
    pub(in crate::reporter) fn table(&mut self, columns: &[&str], rows: impl ExactSizeIterator<Item = Vec<String>>) {
        self.line(format_args!("| {} |", columns.join(" | ")));
        self.line(format_args!("|{}", " --- |".repeat(columns.len())));
        let mut left = rows.len();
        for row in rows {
            let row = format!("| {} |\n", row.join(" | "));
            let chars = row.chars().count();
            if self.chars + chars + RESERVE > MOST || self.text.len() + row.len() + RESERVE > MOST_BYTES {
                break;
            }
            self.chars += chars;
            self.text.push_str(&row);
            left -= 1;
        }
        if left > 0 {
            self.line(format_args!("\n… and {left} more"));
        }
        self.line("");
    }

    /// Adds what `fill` adds, folded below its title.
    pub(in crate::reporter) fn fold(&mut self, title: &str, fill: impl FnOnce(&mut Self)) {
        self.line(format_args!("<details><summary>{title}</summary>\n"));
        fill(self);
        self.line("</details>\n");
    }

    /// The text of the page.
    pub(in crate::reporter) fn text(&self) -> &str {
        // The empty line behind what is last.
        self.text.strip_suffix("\n\n").map_or(&self.text, |text| &self.text[..=text.len()])
    }
}
