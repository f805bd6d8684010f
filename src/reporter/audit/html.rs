//! An audit as one page that needs nothing but itself: to be looked at from a disk, as an attachment, on a phone and on paper.
//!
//! Totals, plots and the ranking stand in the page as they are; findings are data in it, from which its script makes what a
//! reader opens. What comes from a repository is data everywhere: escaped as text by the templates, as JSON in the data, and by
//! the script only ever set as text. The page's own policy forbids it every request and every script and style but its own two.

mod attention;
mod data;
mod forge;
mod overview;
mod plot;
mod ranking;
mod totals;
mod words;

use std::collections::HashSet;
use std::io::{self, Write};

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use self::data::{Data, Opened};
use self::forge::Forge;
use self::totals::Totals;
use self::words::days_since;
use super::{Audit, Row};

/// How the page looks.
const STYLE: &str = include_str!("html/page.css");

/// What the page does; one block, so that its names are its own.
const SCRIPT: &str = concat!(
    "\"use strict\";\n{\n",
    include_str!("html/page.js"),
    include_str!("html/findings.js"),
    include_str!("html/reader.js"),
    "}\n"
);

/// Writes the page.
///
/// # Errors
/// Where `out` refuses.
pub fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let rows = ranking::order(audit);
    let mut totals = Totals::new(audit);
    let mut data = Data::new(audit);
    // One row is unpacked at a time: memory grows by what the page holds of it.
    for row in &rows {
        open(audit, row, &mut totals, &mut data)?;
    }
    let attention = attention::render(audit, &totals);
    write!(out, "{}<html lang=\"en\">{}<body>", DOCTYPE.into_string(), head().into_string())?;
    write!(out, "<a class=\"skip\" href=\"#repositories\">To the repositories</a>")?;
    write!(out, "{}<main>", overview::header(audit, &totals, !attention.0.is_empty()).into_string())?;
    write!(out, "{}", overview::totals(audit, &totals).into_string())?;
    write!(out, "{}", overview::time(audit, &totals).into_string())?;
    write!(out, "{}", overview::breakdown(&totals).into_string())?;
    write!(out, "{}", attention.into_string())?;
    ranked(&rows, &totals, out)?;
    write!(out, "</main>{}<script type=\"application/json\" id=\"data\">", footer(&totals).into_string())?;
    data.write(out)?;
    // The text of the element is hashed, so it is written as it is.
    writeln!(out, "</script><script>{SCRIPT}</script></body></html>")
}

fn open(audit: &Audit, row: &Row, totals: &mut Totals, data: &mut Data<'_>) -> io::Result<()> {
    let (findings, excepted, waived) = (row.findings.items(), row.excepted.items(), row.waived.items());
    let known: HashSet<&str> = row.change.iter().flat_map(|change| &change.new).map(String::as_str).collect();
    let new: Vec<bool> = findings.iter().map(|item| known.contains(item.fingerprint.as_str())).collect();
    let oldest = findings.iter().filter_map(|item| days_since(item.since.as_deref(), audit.today)).max();
    let forge = row.url.as_deref().and_then(Forge::of);
    let lines = forge.as_ref().and_then(|forge| forge.lines(row.commit.as_deref()?));
    let opened = Opened {
        row,
        findings: &findings,
        excepted: &excepted,
        waived: &waived,
        new: &new,
        oldest,
        forge: forge.as_ref(),
        lines: lines.as_ref(),
    };
    totals.add(&opened, audit.today);
    data.add(&opened)
}

fn ranked(rows: &[&Row], totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
    let (classes, head) = (ranking::classes(totals), ranking::head(totals).into_string());
    write!(
        out,
        "<section aria-labelledby=\"repositories\">{head}<table class=\"{classes}\" id=\"ranking\" role=\"table\" "
    )?;
    write!(
        out,
        "aria-labelledby=\"repositories\" data-noun=\"{}\">{}",
        totals.noun(),
        ranking::open(totals).into_string()
    )?;
    for (at, (row, oldest)) in rows.iter().zip(&totals.oldest).enumerate() {
        if ranking::begins(at) {
            out.write_all(if at == 0 { b"<tbody role=\"rowgroup\">" } else { b"</tbody><tbody role=\"rowgroup\">" })?;
        }
        out.write_all(ranking::row(row, *oldest, totals).into_string().as_bytes())?;
    }
    let end = if rows.is_empty() { "" } else { "</tbody>" };
    write!(out, "{end}</table></section>")
}

/// What may run and show here: this style and this script, and nothing else of anywhere.
fn policy() -> String {
    let hash = |text: &str| BASE64.encode(&Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

fn head() -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy());
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex";
            meta name="format-detection" content="telephone=no";
            title { "Pinning audit" }
            // An icon of no bytes, so that no browser asks a server for one.
            link rel="icon" href="data:,";
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// What the words mean.
fn footer(totals: &Totals) -> Markup {
    let words = [
        ("deny", "A finding that fails the run."),
        ("warn", "A finding that is reported and fails nothing."),
        (
            "pinned",
            "The share of declarations that are held by an exact version or by content, such as a commit or a checksum.",
        ),
        ("new, resolved", "Findings that the last run did not have, and those that only it had."),
        ("excepted", "Let pass by an exception of the policy, with a reason and perhaps a last day."),
        (
            "locally waived",
            "What a repository's own policy would let pass, and the organisation's does not; it counts.",
        ),
        ("old mirror", "The repository could not be fetched, and was judged as it was last time."),
    ];
    html! {
        footer {
            @if totals.clean > 0 {
                p.on-paper { (words::plural(totals.clean, totals.noun())) " without findings left out on paper." }
            }
            details {
                summary { "The words of this page" }
                dl { @for (word, meaning) in words { dt { (word) } dd { (meaning) } } }
            }
        }
    }
}
