//! Words, numbers and days as the page shows them.

use jiff::civil::Date;
use maud::{Markup, Render, html};

use crate::reporter::escape;

/// Text from elsewhere: what controls, reorders or hides text is shown as an escape, and the rest escaped for HTML.
pub(super) struct Shown<'a>(pub(super) &'a str);

impl Render for Shown<'_> {
    fn render_to(&self, out: &mut String) {
        escape(self.0).as_str().render_to(out);
    }
}

/// A message as [`Shown`], and what stands between backticks in it as code.
pub(super) struct Message<'a>(pub(super) &'a str);

impl Render for Message<'_> {
    fn render_to(&self, out: &mut String) {
        let pieces: Vec<&str> = self.0.split('`').collect();
        if pieces.len().is_multiple_of(2) {
            // One is without its other: which they are, nobody knows.
            return Shown(self.0).render_to(out);
        }
        for (at, piece) in pieces.into_iter().enumerate() {
            let piece = Shown(piece);
            if at % 2 == 1 { html! { code { (piece) } }.render_to(out) } else { piece.render_to(out) }
        }
    }
}

/// A number with its thousands set apart: `12,345`.
pub(super) fn number(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 finding`, `2,000 findings`.
pub(super) fn plural(count: usize, one: &str) -> String {
    let many = match one.strip_suffix("ry") {
        Some(stem) => format!("{stem}ries"),
        None => format!("{one}s"),
    };
    format!("{} {}", number(count), if count == 1 { one } else { &many })
}

/// A share in percent; never rounded up to all nor down to none.
pub(super) fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let percent = part as f64 / whole as f64 * 100.0;
    match percent {
        _ if part == whole => "100 %".to_owned(),
        _ if percent > 99.9 => "99.9 %".to_owned(),
        _ if part > 0 && percent < 0.1 => "0.1 %".to_owned(),
        _ => format!("{percent:.1} %"),
    }
}

/// The days from one that is written out to today; none where it is no day, or is still to come.
pub(super) fn days_since(day: Option<&str>, today: Date) -> Option<i32> {
    let day: Date = day?.parse().ok()?;
    let days = day.until(today).ok()?.get_days();
    (days >= 0).then_some(days)
}

/// A moment as RFC 3339 has it, for people: `2026-11-25 03:00 UTC`.
pub(super) fn moment(at: &str) -> Markup {
    let parsed: Option<jiff::Timestamp> = at.parse().ok();
    html! {
        @match parsed {
            Some(moment) => time datetime=(moment.to_string()) { (moment.strftime("%Y-%m-%d %H:%M UTC").to_string()) },
            None => (Shown(at)),
        }
    }
}

/// The day of a moment.
pub(super) fn day(at: &str) -> String {
    match at.parse::<jiff::Timestamp>() {
        Ok(moment) => moment.strftime("%Y-%m-%d").to_string(),
        Err(_) => escape(at),
    }
}

/// A change as a signed number: `+3`, `−12`, `±0`.
pub(super) fn signed(before: usize, now: usize) -> String {
    match now.cmp(&before) {
        std::cmp::Ordering::Greater => format!("+{}", number(now - before)),
        std::cmp::Ordering::Less => format!("−{}", number(before - now)),
        std::cmp::Ordering::Equal => "±0".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(plural(1, "repository"), "1 repository");
        assert_eq!(plural(5000, "repository"), "5,000 repositories");
        assert_eq!([signed(3, 5), signed(5, 3), signed(2, 2)], ["+2", "−2", "±0"]);
    }

    #[test]
    fn a_share_claims_neither_all_nor_none_unless_it_is() {
        assert_eq!(share(99_999, 100_000), "99.9 %");
        assert_eq!(share(1, 100_000), "0.1 %");
        assert_eq!([share(5, 5), share(0, 5), share(1, 3), share(0, 0)], ["100 %", "0.0 %", "33.3 %", "–"]);
    }

    #[test]
    fn what_controls_or_reorders_text_is_shown() {
        let out = Shown("a\u{202e}<b>\n").render().into_string();
        assert_eq!(out, "a\\u{202e}&lt;b&gt;\\u{a}");
    }
}
