//! The history of audits: what a run knows of those before it, whatever happened to them.

mod command;
mod files;
mod model;
mod runs;

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use cargo_pinned::fleet::history::{History, Judged, Session, Start, Target, Verdict};
use cargo_pinned::reporter::audit::{Counts, Item};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

/// The day on which every story begins.
fn first_day() -> Date {
    jiff::civil::date(2026, 11, 25)
}

/// A day, counted from the first.
fn day(number: i64) -> Date {
    first_day().checked_add(number.days()).expect("it is near")
}

/// What a run is that begins on a day.
fn start(number: i64) -> Start {
    let noon: Timestamp = "2026-11-25T12:00:00Z".parse().expect("a moment");
    let at = noon.checked_add((number * 24).hours()).expect("it is near");
    Start { at, today: day(number), policy: "policy".to_owned(), tool: "0.1.0".to_owned() }
}

fn begin(file: &Path, number: i64) -> Session {
    History::open(file).expect("it is a history").begin(start(number)).expect("a run can begin")
}

fn target(repository: &str) -> Target<'_> {
    Target { repository, reference: "" }
}

/// A finding, written `name`, `name pin`, or `name pin level`.
fn item(text: &str) -> Item {
    let mut words = text.split(' ');
    let name = words.next().unwrap_or_default();
    Item {
        rule: "unpinned-crate".to_owned(),
        pin: Some(words.next().unwrap_or("range").to_owned()),
        level: words.next().unwrap_or("deny").to_owned(),
        name: name.to_owned(),
        path: "Cargo.toml".to_owned(),
        fingerprint: format!("print-{name}"),
        ..Item::default()
    }
}

fn verdict(findings: &[&str]) -> Verdict {
    let findings: Vec<Item> = findings.iter().map(|text| item(text)).collect();
    let counts = Counts { deny: findings.len(), files: 7, ..Counts::default() };
    Verdict { counts, findings, ..Verdict::default() }
}

/// Each finding as `name since`, in days since the first; then what is new and what is resolved, where there is a change.
fn shown(judged: &Judged) -> String {
    let since = |item: &Item| {
        let day: Date = item.since.as_deref().expect("each has a first day").parse().expect("it is a day");
        format!("{} {}", item.name, first_day().until(day).expect("days").get_days())
    };
    let findings: Vec<String> = judged.findings.items().iter().map(since).collect();
    let bare = |print: &str| print.trim_start_matches("print-").to_owned();
    let change = judged.change.as_ref().map_or_else(String::new, |change| {
        let new: Vec<String> = change.new.iter().map(|print| bare(print)).collect();
        let resolved: Vec<String> = change.resolved.iter().map(|gone| bare(&gone.fingerprint)).collect();
        format!(" +[{}] -[{}]", new.join(" "), resolved.join(" "))
    });
    format!("{}{change}", findings.join(", "))
}
