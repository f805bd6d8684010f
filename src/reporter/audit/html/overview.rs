//! The first screen: what the audit comes to, how it went over time, and what it is made of.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::plot;
use super::totals::{AGES, Tally, Totals};
use super::words::{Shown, moment, number, plural, share, signed};
use crate::reporter::audit::{Audit, Run};

/// How many lines of a breakdown are shown at once.
const LINES: usize = 8;

/// The top of the page.
pub(super) fn header(audit: &Audit, totals: &Totals, attention: bool) -> Markup {
    html! {
        header.top {
            div {
                h1 { "Pinning audit" }
                p.muted {
                    (plural(totals.repositories, "repository"))
                    @if totals.rows != totals.repositories { ", " (plural(totals.rows, "reference")) }
                    ", judged " (moment(&audit.at))
                    " by cargo-pinned " (env!("CARGO_PKG_VERSION"))
                }
                nav aria-label="On this page" {
                    a href="#trend" { "Trend" }
                    @if totals.deny + totals.warn > 0 { a href="#breakdown" { "Breakdown" } }
                    @if attention { a href="#attention" { "To look at" } }
                    a href="#repositories" { "Repositories" }
                }
            }
            button #theme type="button" hidden { "Dark" }
        }
    }
}

/// The totals, as one sentence, one bar and some figures.
pub(super) fn totals(audit: &Audit, totals: &Totals) -> Markup {
    let before = audit.runs.len().checked_sub(2).map(|at| &audit.runs[at]);
    let noun = totals.noun();
    html! {
        section aria-labelledby="totals" {
            h2.hidden #totals { "Totals" }
            p.lead { (lead(totals, noun)) }
            (standing(totals))
            dl.figures {
                (figure("Deny", &number(totals.deny), if totals.deny > 0 { "d" } else { "" }, html! { (change(before, |run| run.deny, totals.deny)) }))
                (figure("Warn", &number(totals.warn), if totals.warn > 0 { "w" } else { "" }, html! { (change(before, |run| run.warn, totals.warn)) }))
                @if totals.compared {
                    (figure("New", &number(new(audit)), "", html! { "since the last run" }))
                    (figure("Resolved", &number(resolved(audit)), "", html! { "since the last run" }))
                }
                (figure("Pinned share", &share(totals.pinned, totals.declarations), "", html! {
                    (number(totals.pinned)) " of " (plural(totals.declarations, "declaration"))
                }))
                (figure("Fixable", &number(totals.fixable), "", html! { "by " code { "cargo pinned fix" } }))
            }
            @let passed = passed(totals);
            @if !passed.is_empty() { p.muted { (passed) } }
        }
    }
}

/// What is new in all the rows that a run before judged.
pub(super) fn new(audit: &Audit) -> usize {
    audit.rows.iter().filter_map(|row| row.change.as_ref()).map(|change| change.new.len()).sum()
}

/// What is gone in all the rows that a run before judged.
pub(super) fn resolved(audit: &Audit) -> usize {
    audit.rows.iter().filter_map(|row| row.change.as_ref()).map(|change| change.resolved.len()).sum()
}

fn lead(totals: &Totals, noun: &str) -> Markup {
    html! {
        @match (totals.failing, totals.rows) {
            (_, 0) => "No repository was judged.",
            (0, all) if totals.unjudged == all => { "No " (noun) " could be judged." }
            (0, 1) if totals.unjudged == 0 => { "The one " (noun) " passes." }
            (0, all) if totals.unjudged == 0 => { "All " (plural(all, noun)) " pass." }
            (0, all) => { "No " (noun) " of " (number(all)) " fails." }
            (failing, all) => {
                b { (number(failing)) } " of " (plural(all, noun)) @if failing == 1 { " fails" } @else { " fail" } "."
            }
        }
        @if totals.unjudged > 0 && totals.unjudged < totals.rows { " " b { (number(totals.unjudged)) } " could not be judged." }
    }
}

fn standing(totals: &Totals) -> Markup {
    let parts = [
        ("d", totals.failing, "fail"),
        ("w", totals.warned, "warnings alone"),
        ("ok", totals.clean, "without findings"),
        ("x", totals.unjudged, "not judged"),
    ];
    let said: Vec<String> = parts.iter().map(|(_, count, name)| format!("{} {name}", number(*count))).collect();
    let widths = parts.map(|(colour, count, _)| (colour, count));
    html! {
        @if totals.rows > 0 {
            (plot::whole(&widths, &said.join(", ")))
            ul.keys {
                @for (colour, count, name) in parts {
                    @if count > 0 { li { span.swatch.(colour) {} (number(count)) " " (name) } }
                }
            }
        }
    }
}

fn figure(name: &str, value: &str, colour: &str, note: Markup) -> Markup {
    html! { div { dt { (name) } dd.(if colour.is_empty() { "plain" } else { colour }) { (value) } dd.note { (note) } } }
}

fn change(before: Option<&Run>, of: fn(&Run) -> usize, now: usize) -> Markup {
    html! {
        @match before {
            Some(run) => { (signed(of(run), now)) " since the last run" }
            None => "findings",
        }
    }
}

/// What was let pass, as one sentence.
fn passed(totals: &Totals) -> String {
    let parts = [
        (totals.excepted, "let pass by exceptions"),
        (totals.baselined, "by baselines"),
        (totals.waived, "locally waived, and counted all the same"),
        (totals.stale, "judged from an old mirror"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| match *name {
            "judged from an old mirror" => format!("{} {name}", plural(*count, "repository")),
            _ => format!("{} {name}", plural(*count, "finding")),
        })
        .collect();
    if said.is_empty() { String::new() } else { format!("{}.", said.join("; ")) }
}

/// How it went, and how long the findings stand.
pub(super) fn time(audit: &Audit, totals: &Totals) -> Markup {
    let trend = plot::trend(&audit.runs);
    let most = totals.ages.iter().map(|tally| tally.all()).max().unwrap_or(0);
    html! {
        div.columns.time {
            section aria-labelledby="trend" {
                h2 #trend { "Trend" }
                @match trend {
                    Some(trend) => (trend),
                    None => p.muted { "A trend shows from the second run with " code { "--history" } " on." },
                }
            }
            @if totals.aged {
                section aria-labelledby="ages" {
                    h2 #ages { "Age of the findings" }
                    table.breakdown {
                        (head("Age", false))
                        tbody {
                            @for ((_, name), tally) in AGES.iter().zip(totals.ages) {
                                tr {
                                    th scope="row" { (name) }
                                    (numbers(tally, most))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The findings by rule, by surface and by owner.
pub(super) fn breakdown(totals: &Totals) -> Markup {
    html! {
        @if totals.deny + totals.warn > 0 {
            section aria-labelledby="breakdown" {
                h2.hidden #breakdown { "Breakdown" }
                div.columns {
                    (tallies("Rule", "rule", &totals.rules))
                    (tallies("Surface", "surface", &totals.surfaces))
                    @if totals.owned { (tallies("Owner", "owner", &totals.owners)) }
                }
            }
        }
    }
}

fn tallies(title: &str, kind: &str, tallies: &BTreeMap<String, Tally>) -> Markup {
    let mut sorted: Vec<(&str, Tally)> = tallies.iter().map(|(name, tally)| (name.as_str(), *tally)).collect();
    sorted.retain(|(_, tally)| tally.all() > 0);
    sorted.sort_by_key(|(_, tally)| std::cmp::Reverse((tally.deny, tally.warn)));
    let most = sorted.iter().map(|(_, tally)| tally.all()).max().unwrap_or(0);
    let (shown, rest) = sorted.split_at(sorted.len().min(LINES));
    let rows = |lines: &[(&str, Tally)]| {
        html! {
            table.breakdown {
                (head(title, true))
                tbody { @for (name, tally) in lines { (line(kind, name, *tally, most)) } }
            }
        }
    };
    html! {
        div {
            h3 { "By " (title.to_lowercase()) }
            (rows(shown))
            @if !rest.is_empty() {
                details { summary { (number(rest.len())) " more" } (rows(rest)) }
            }
        }
    }
}

fn head(first: &str, rows: bool) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (first) }
            td.bar {}
            th.n scope="col" { "Deny" }
            th.n scope="col" { "Warn" }
            @if rows { th.n scope="col" { abbr title="Repositories" { "Repos" } } }
        } }
    }
}

fn line(kind: &str, name: &str, tally: Tally, most: usize) -> Markup {
    html! {
        tr {
            th scope="row" {
                button.pick type="button" data-kind=(kind) data-value=(Shown(name)) {
                    @if name.is_empty() { "nobody named" } @else { (Shown(name)) }
                }
            }
            (numbers(tally, most))
            td.n { (number(tally.rows)) }
        }
    }
}

fn numbers(tally: Tally, most: usize) -> Markup {
    html! {
        td.bar { (plot::bar(tally, most)) }
        td.n { (number(tally.deny)) }
        td.n { (number(tally.warn)) }
    }
}
