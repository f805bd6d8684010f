//! Values of the policy file, read each as what it is to be; one that is something else is an error that says so.

use jiff::civil::Date;
use toml::Spanned;
use toml::de::DeValue;

use super::config::{Error, Result};
use crate::scanner::pattern::Pattern;

pub(super) fn patterns(value: &Spanned<DeValue<'_>>, what: &str) -> Result<Vec<Pattern>> {
    let Some(array) = value.get_ref().as_array() else { return Err(wrong(value, what, "a list of globs")) };
    array.iter().map(|item| pattern(item, what)).collect()
}

pub(super) fn pattern(value: &Spanned<DeValue<'_>>, what: &str) -> Result<Pattern> {
    let Some(text) = value.get_ref().as_str() else { return Err(wrong(value, what, "a glob")) };
    Pattern::new(text).map_err(|why| Error { at: value.span(), message: format!("`{text}` is no glob: {why}") })
}

/// A day, as TOML has them, or as a string of that form.
pub(super) fn date(value: &Spanned<DeValue<'_>>) -> Result<Date> {
    let text = match value.get_ref() {
        DeValue::Datetime(datetime) => datetime.to_string(),
        DeValue::String(text) => text.clone().into_owned(),
        _ => String::new(),
    };
    let date: Option<Date> = text.parse().ok();
    let date = date.filter(|date| date.to_string() == text);
    date.ok_or_else(|| wrong(value, "expires", "a day, such as 2026-12-31"))
}

pub(super) fn choice<T: Copy>(value: &Spanned<DeValue<'_>>, what: &str, known: &[(&str, T)]) -> Result<T> {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let Some(text) = value.get_ref().as_str() else {
        return Err(wrong(value, what, &format!("one of {}", names.join(", "))));
    };
    match known.iter().find(|(name, _)| *name == text) {
        Some((_, found)) => Ok(*found),
        None => Err(unknown(value.span(), what, text, &names)),
    }
}

pub(super) fn strings(value: &Spanned<DeValue<'_>>, what: &str) -> Result<Vec<String>> {
    let Some(array) = value.get_ref().as_array() else {
        return Err(wrong(value, what, "a list of strings"));
    };
    let text = |item: &Spanned<DeValue<'_>>| {
        item.get_ref().as_str().map(str::to_owned).ok_or_else(|| wrong(item, what, "a list of strings"))
    };
    array.iter().map(text).collect()
}

pub(super) fn wrong(value: &Spanned<DeValue<'_>>, what: &str, wanted: &str) -> Error {
    let is = value.get_ref().type_str();
    let article = if is.starts_with(['a', 'i']) { "an" } else { "a" };
    Error { at: value.span(), message: format!("`{what}` must be {wanted}, and is {article} {is}") }
}

pub(super) fn unknown(at: std::ops::Range<usize>, what: &str, word: &str, known: &[&str]) -> Error {
    Error { at, message: format!("unknown {what} `{word}`{}", suggestion(word, known)) }
}

/// The known word that was probably meant, as the end of a message; where none is near, all there are.
#[must_use]
pub fn suggestion(word: &str, known: &[&str]) -> String {
    let near = known.iter().map(|known| (strsim::jaro_winkler(word, known), *known));
    match near.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((likeness, near)) if likeness > 0.75 => format!("; did you mean `{near}`?"),
        _ => format!("; there are {}", known.join(", ")),
    }
}
