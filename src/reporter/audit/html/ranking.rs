//! The ranking: a row for each repository, worst first. It stands without the script, which opens, filters and sorts it.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::plot;
use super::totals::{Tally, Totals};
use super::words::{Shown, number, plural, share};
use crate::reporter::audit::{Audit, Row};

/// How many rows stand together; what is out of sight is laid out by such groups, when it comes into sight.
const GROUP: usize = 50;

/// The rows in their order: by what fails, by what warns, then what could not be judged, then by name.
pub(super) fn order(audit: &Audit) -> Vec<&Row> {
    let mut rows: Vec<&Row> = audit.rows.iter().collect();
    rows.sort_by_key(|row| {
        (Reverse((row.counts.deny, row.counts.warn, row.error.is_some())), &row.name, &row.reference)
    });
    rows
}

/// What stands before the rows.
pub(super) fn head(totals: &Totals) -> Markup {
    html! {
        h2 #repositories { "Repositories" }
        (controls(totals))
        p.muted #status role="status" { (plural(totals.rows, totals.noun())) ", worst first" }
        noscript { p.muted { "Findings, filters and sorting need the script of this page, which does not run here." } }
    }
}

/// Hidden until the script is there to serve them, which fills the lists too.
fn controls(totals: &Totals) -> Markup {
    let choice = |name: &str, label: &str, options: &[(&str, &str)]| {
        html! {
            label { span { (label) } select name=(name) { @for (value, text) in options { option value=(value) { (text) } } } }
        }
    };
    html! {
        form.controls #filter role="search" aria-label="Filter the repositories" hidden {
            label.find { span { "Find" } input type="search" name="text" placeholder="repository, package, file" autocomplete="off" spellcheck="false"; }
            (choice("show", "Show", &[
                ("", "all"),
                ("failing", "failing"),
                ("new", "new findings"),
                ("resolved", "resolved findings"),
                ("waived", "locally waived"),
                ("excepted", "with exceptions"),
                ("old", "older than 90 days"),
                ("error", "could not be judged"),
                ("stale", "from an old mirror"),
                ("clean", "without findings"),
            ]))
            (choice("level", "Level", &[("", "any"), ("deny", "deny"), ("warn", "warn")]))
            (choice("rule", "Rule", &[("", "any")]))
            (choice("surface", "Surface", &[("", "any")]))
            @if totals.owned { (choice("owner", "Owner", &[("", "any")])) }
            label.sort { span { "Sort by" } select name="sort" {
                option value="deny" { "deny" }
                option value="warn" { "warn" }
                option value="change" { "new" }
                option value="pinned" { "pinned share" }
                option value="age" { "age" }
                option value="name" { "name" }
                @if totals.owned { option value="owner" { "owner" } }
            } }
            button type="reset" { "Clear" }
        }
    }
}

/// The opening of the table, with its head.
pub(super) fn open(totals: &Totals) -> Markup {
    let sorted = |key: &str, class: &str, label: &str, sort: Option<&str>| {
        html! {
            th.(class) role="columnheader" scope="col" aria-sort=[sort] {
                button.sorter type="button" data-sort=(key) { (label) }
            }
        }
    };
    html! {
        thead role="rowgroup" { tr role="row" {
            (sorted("name", "name", "Repository", None))
            td.bar role="cell" {}
            (sorted("deny", "deny", "Deny", Some("descending")))
            (sorted("warn", "warn", "Warn", None))
            @if totals.compared { (sorted("change", "change", "New, resolved", None)) }
            (sorted("pinned", "pinned", "Pinned", None))
            @if totals.aged { (sorted("age", "age", "Oldest", None)) }
            @if totals.owned { (sorted("owner", "owner", "Owner", None)) }
        } }
    }
}

/// The classes of the table, by the columns that it has.
pub(super) fn classes(totals: &Totals) -> String {
    let mut classes = "ranking".to_owned();
    for (has, class) in [(totals.compared, " compared"), (totals.aged, " aged"), (totals.owned, " owned")] {
        if has {
            classes.push_str(class);
        }
    }
    classes
}

/// Whether a new group begins at a row.
pub(super) fn begins(at: usize) -> bool {
    at.is_multiple_of(GROUP)
}

/// One row.
pub(super) fn row(row: &Row, oldest: Option<i32>, totals: &Totals) -> Markup {
    let counts = &row.counts;
    let tally = Tally { deny: counts.deny, warn: counts.warn, rows: 1 };
    let judged = row.error.is_none();
    let count = |count: usize| if judged { number(count) } else { "–".to_owned() };
    html! {
        tr.clean[judged && tally.all() == 0] role="row" {
            th.name role="rowheader" scope="row" {
                button.opener type="button" aria-expanded="false" {
                    (Shown(&row.name))
                    @if let Some(reference) = totals.reference(row) { " " span.ref { (Shown(reference)) } }
                }
                @if !judged { " " span.tag.x { "not judged" } }
                @if row.stale.is_some() { " " span.tag { "old mirror" } }
            }
            td.bar role="cell" { @if tally.all() > 0 { (plot::bar(tally, totals.most)) } }
            td.deny role="cell" { (count(counts.deny)) }
            td.warn role="cell" { (count(counts.warn)) }
            @if totals.compared { td.change role="cell" { (change(row)) } }
            td.pinned role="cell" { @if judged { (share(counts.pinned, counts.declarations)) } @else { "–" } }
            @if totals.aged { td.age role="cell" { @if let Some(days) = oldest { (days) " d" } } }
            @if totals.owned { td.owner role="cell" { @if let Some(owner) = &row.owner { (Shown(owner)) } } }
        }
    }
}

fn change(row: &Row) -> Markup {
    html! {
        @match &row.change {
            Some(change) => {
                @if !change.new.is_empty() { span.up { "+" (number(change.new.len())) } }
                @if !change.new.is_empty() && !change.resolved.is_empty() { " " }
                @if !change.resolved.is_empty() { span.down { "−" (number(change.resolved.len())) } }
            }
            None if row.error.is_none() => span.muted { "first run" },
            None => {}
        }
    }
}
