//! What somebody has to look at: what changed, what could not be judged, what ends soon, and what is waived.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::overview::{new, resolved};
use super::totals::{AHEAD, Changed, Cut, Ending, Exception, LISTED, Totals};
use super::words::{Message, Shown, number, plural};
use crate::reporter::audit::{Audit, Row};

/// The section; empty where there is nothing to look at.
pub(super) fn render(audit: &Audit, totals: &Totals) -> Markup {
    let errors = rows(audit, totals, |row| row.error.as_deref());
    let stale = rows(audit, totals, |row| row.stale.as_deref());
    let any =
        errors.count + stale.count + totals.endings.len() + totals.waivers.count + totals.new.count + totals.gone.count;
    html! {
        @if any + audit.notes.len() > 0 {
            section.attention aria-labelledby="attention" {
                h2 #attention { "To look at" }
                @for note in &audit.notes {
                    p { (Message(note)) }
                }
                (failed("Could not be judged", &errors))
                (failed("Judged from an old mirror, since they could not be fetched", &stale))
                (endings(&totals.endings))
                (changes("New since the last run", new(audit), &totals.new))
                (changes("Resolved since the last run", resolved(audit), &totals.gone))
                (waivers(totals))
            }
        }
    }
}

fn rows<'a>(audit: &'a Audit, totals: &Totals, why: impl Fn(&'a Row) -> Option<&'a str>) -> Cut<(String, &'a str)> {
    let all = audit.rows.iter().filter_map(|row| Some((row, why(row)?)));
    let count = all.clone().count();
    Cut { shown: all.take(LISTED).map(|(row, why)| (totals.title(row), why)).collect(), count }
}

/// A list that is opened by hand; `name` and how many there are always show.
fn list(name: &str, count: usize, shown: usize, columns: &[&str], body: Markup) -> Markup {
    html! {
        @if count > 0 {
            details {
                summary { (name) " " span.count { (number(count)) } }
                div.scroll tabindex="0" role="region" aria-label=(name) {
                    table.plain {
                        thead { tr { @for column in columns { th scope="col" { (column) } } } }
                        tbody { (body) }
                    }
                }
                @if count > shown {
                    p.muted { "The first " (number(shown)) " are listed; the table of repositories has them all." }
                }
            }
        }
    }
}

fn failed(name: &str, rows: &Cut<(String, &str)>) -> Markup {
    let body = html! {
        @for (repository, why) in &rows.shown {
            tr { th scope="row" { (Shown(repository)) } td { (Message(why)) } }
        }
    };
    list(name, rows.count, rows.shown.len(), &["Repository", "Why"], body)
}

fn endings(all: &BTreeMap<Exception, Ending>) -> Markup {
    let shown = all.len().min(LISTED);
    let body = html! {
        @for (exception, ending) in all.iter().take(shown) {
            tr {
                td.day {
                    time datetime=(exception.day) { (exception.day) }
                    " "
                    span.(if ending.soon { "soon" } else { "muted" }) {
                        @match ending.days {
                            0 => "today",
                            1 => "tomorrow",
                            days => { "in " (days) " days" }
                        }
                    }
                }
                th scope="row" {
                    @match ending.repositories.as_slice() {
                        [only] => (Shown(only)),
                        several => {
                            (plural(several.len(), "repository")) " "
                            span.muted { (few(several.iter(), |name| html! { (Shown(name)) })) }
                        }
                    }
                }
                td { (Shown(&exception.rule)) " " (few(ending.names.iter(), |name| html! { code { (Shown(name)) } })) }
                td { (Message(&exception.reason)) }
            }
        }
    };
    let name = format!("Exceptions that end within {AHEAD} days");
    list(&name, all.len(), shown, &["Last day", "Repository", "Of", "Reason"], body)
}

/// The first of some names.
fn few<'n>(names: impl ExactSizeIterator<Item = &'n String>, show: impl Fn(&'n String) -> Markup) -> Markup {
    const FEW: usize = 3;
    let count = names.len();
    html! {
        @for (at, name) in names.take(FEW).enumerate() {
            @if at > 0 { ", " }
            (show(name))
        }
        @if count > FEW { " and " (plural(count - FEW, "other")) }
    }
}

fn changes(name: &str, count: usize, changes: &Cut<Changed>) -> Markup {
    let body = html! {
        @for change in &changes.shown {
            tr {
                th scope="row" { (Shown(&change.repository)) }
                td { (Shown(&change.rule)) @if !change.level.is_empty() { " " span.level.(level(&change.level)) { (Shown(&change.level)) } } }
                td { (Message(&change.what)) }
                td.place {
                    @match &change.link {
                        Some(link) => a href=(link) rel="noopener noreferrer" { (Shown(&change.place)) },
                        None => (Shown(&change.place)),
                    }
                }
            }
        }
    };
    list(name, count, changes.shown.len(), &["Repository", "Rule", "What", "Place"], body)
}

fn level(level: &str) -> &'static str {
    if level == "deny" { "d" } else { "w" }
}

fn waivers(totals: &Totals) -> Markup {
    let waivers = &totals.waivers;
    let body = html! {
        @for waiver in &waivers.shown {
            tr {
                th scope="row" { (Shown(&waiver.repository)) }
                td { (Shown(&waiver.rule)) }
                td.n { (number(waiver.count)) }
                td { (Message(&waiver.reason)) }
            }
        }
    };
    let name = "Locally waived, against the organisation's policy";
    list(name, waivers.count, waivers.shown.len(), &["Repository", "Rule", "Findings", "By"], body)
}
