//! The table `[web]`: which files are pages beside those that are by their name.
//!
//! ```toml
//! [web]
//! files = ["templates/**", "site/**/*.tera"]
//! ```
//!
//! A file that is named is read, in a directory that is left out by default too: templates are where that list has them.

use toml::Spanned;
use toml::de::DeValue;

use super::config::Error;
use super::values::{patterns, unknown, wrong};
use crate::scanner::pattern::Pattern;
use crate::scanner::web::{TEMPLATES, names_no_page};

/// Reads the table.
pub(super) fn web(value: &Spanned<DeValue<'_>>) -> Result<Vec<Pattern>, Error> {
    let Some(table) = value.get_ref().as_table() else { return Err(wrong(value, "web", "a table")) };
    let mut files = Vec::new();
    for (key, value) in table {
        if key.get_ref() != "files" {
            return Err(unknown(key.span(), "key of `web`", key.get_ref(), &["files"]));
        }
        files = patterns(value, "files")?;
        if let Some(other) = files.iter().find(|pattern| names_no_page(pattern.as_str())) {
            let (other, known) = (other.as_str(), TEMPLATES.join(", "));
            let message = format!("`{other}` names no page: those end in html, htm, {known}");
            return Err(Error { at: value.span(), message });
        }
    }
    Ok(files)
}
