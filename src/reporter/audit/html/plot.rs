//! Plots as inline SVG, made here: no script draws anything, so that they stand in print and in mail too.
//!
//! Their widths are shares of the place that they get, and their words stand beside them as text of the page: nothing is scaled
//! until nobody can read it.

use maud::{Markup, html};

use super::totals::Tally;
use super::words::{day, number};
use crate::reporter::audit::Run;

/// How many runs a trend shows.
const RUNS: usize = 120;

/// The width of a plot's own coordinates, and how much of it is left free at either end.
const WIDTH: f64 = 1000.0;
const MARGIN: f64 = 12.0;

/// A coordinate, to a tenth.
fn tenth(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[expect(clippy::cast_precision_loss, reason = "a coordinate for the eye")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The width of a part in percent; what is there is never too thin to be seen.
fn percent(part: usize, whole: usize) -> f64 {
    if part == 0 { 0.0 } else { (ratio(part, whole) * 100.0).max(0.6) }
}

/// One bar of deny and warn, as long as its share of the most; decoration beside the numbers.
pub(super) fn bar(tally: Tally, most: usize) -> Markup {
    let (deny, warn) = (percent(tally.deny, most), percent(tally.warn, most));
    html! {
        svg.bar aria-hidden="true" {
            @if tally.deny > 0 { rect.d width=(format_args!("{}%", tenth(deny))) {} }
            @if tally.warn > 0 { rect.w x=(format_args!("{}%", tenth(deny))) width=(format_args!("{}%", tenth(warn))) {} }
        }
    }
}

/// One bar that is whole: each part with the name of its colour.
pub(super) fn whole(parts: &[(&str, usize)], title: &str) -> Markup {
    let sum = parts.iter().map(|(_, count)| count).sum();
    let mut from = 0;
    let mut placed = Vec::new();
    for (colour, count) in parts.iter().filter(|(_, count)| *count > 0) {
        placed.push((colour, ratio(from, sum) * 100.0, ratio(*count, sum) * 100.0));
        from += count;
    }
    html! {
        svg.whole role="img" aria-labelledby="whole-title" {
            title #whole-title { (title) }
            @for (colour, from, width) in placed {
                rect class=(colour) x=(format_args!("{}%", tenth(from))) width=(format_args!("{}%", tenth(width))) {}
            }
        }
    }
}

/// A round number that is not below another: 1, 2, 2.5 or 5 with zeros.
fn ceiling(most: usize) -> usize {
    let mut unit = 1;
    loop {
        for step in [unit, unit * 2, unit * 5 / 2, unit * 5] {
            // Half of it is written at the middle, so it is to be even.
            if step >= most.max(2) && step % 2 == 0 {
                return step;
            }
        }
        unit *= 10;
    }
}

/// The places of runs from left to right, by their time where every one has one, else evenly.
fn places(runs: &[Run]) -> Vec<f64> {
    let times: Option<Vec<i64>> =
        runs.iter().map(|run| run.at.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)).collect();
    let span = WIDTH - 2.0 * MARGIN;
    let spread = |part: i64, all: i64| {
        #[expect(clippy::cast_precision_loss, reason = "a coordinate for the eye")]
        let share = part as f64 / all as f64;
        MARGIN + span * share
    };
    match times.as_deref() {
        Some([first, .., last]) if last > first && times.iter().flatten().is_sorted() => {
            times.iter().flatten().map(|time| spread(time - first, last - first)).collect()
        }
        _ => {
            let last = i64::try_from(runs.len()).unwrap_or(i64::MAX).saturating_sub(1).max(1);
            (0..=last).take(runs.len()).map(|at| spread(at, last)).collect()
        }
    }
}

/// The trend over the runs, as two plots over one another and as a table; nothing before the second run.
pub(super) fn trend(runs: &[Run]) -> Option<Markup> {
    let shown = &runs[runs.len().saturating_sub(RUNS)..];
    let [first, .., last] = shown else { return None };
    let xs = places(shown);
    let most = ceiling(shown.iter().map(|run| run.deny.max(run.warn)).max().unwrap_or(0));
    let said = format!(
        "From {} to {}, over {} runs, findings at deny went from {} to {}, at warn from {} to {}.",
        day(&first.at),
        day(&last.at),
        number(shown.len()),
        number(first.deny),
        number(last.deny),
        number(first.warn),
        number(last.warn),
    );
    Some(html! {
        figure.trend {
            figcaption {
                span.key { span.swatch.d {} "deny " b { (number(last.deny)) } }
                span.key { span.swatch.w {} "warn " b { (number(last.warn)) } }
                span.muted {
                    @if shown.len() < runs.len() { "the last " }
                    (number(shown.len())) " runs"
                }
            }
            div.plot {
                div.scale aria-hidden="true" { span { (number(most)) } span { (number(most / 2)) } span { "0" } }
                (lines(shown, &xs, most, &said))
            }
            (steps(shown, &xs))
            div.ends aria-hidden="true" { span { (day(&first.at)) } span { (day(&last.at)) } }
            (table(shown))
        }
    })
}

fn lines(runs: &[Run], xs: &[f64], most: usize, said: &str) -> Markup {
    const HEIGHT: f64 = 200.0;
    let points = |of: fn(&Run) -> usize| {
        let each = runs.iter().zip(xs).map(|(run, x)| {
            let y = 2.0 + (HEIGHT - 4.0) * (1.0 - ratio(of(run), most));
            format!("{},{}", tenth(*x), tenth(y))
        });
        each.collect::<Vec<_>>().join(" ")
    };
    html! {
        svg.lines viewBox="0 0 1000 200" preserveAspectRatio="none" role="img" aria-labelledby="trend-title trend-desc" {
            title #trend-title { "Findings in each run" }
            desc #trend-desc { (said) }
            @for y in ["2", "100", "198"] { path.grid d=(format_args!("M0 {y}H1000")) {} }
            polyline.w points=(points(|run| run.warn)) {}
            polyline.d points=(points(|run| run.deny)) {}
            @for (run, x) in runs.iter().zip(xs) {
                // What a pointer over a run says.
                rect.over x=(tenth(x - 500.0 / count(runs))) y="0" width=(tenth(WIDTH / count(runs))) height="200" {
                    title { (day(&run.at)) ": " (number(run.deny)) " deny, " (number(run.warn)) " warn" }
                }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a coordinate for the eye")]
fn count(runs: &[Run]) -> f64 {
    runs.len().max(1) as f64
}

/// New findings upwards and resolved ones downwards, for each run but the first, before which there was none.
fn steps(runs: &[Run], xs: &[f64]) -> Markup {
    let rest = &runs[1..];
    let most = rest.iter().map(|run| run.new.max(run.resolved)).max().unwrap_or(0);
    let width = (WIDTH / count(runs) * 0.6).min(2.0 * MARGIN);
    let (new, resolved): (usize, usize) = rest.iter().fold((0, 0), |(a, b), run| (a + run.new, b + run.resolved));
    let scale = ceiling(most);
    html! {
        div.plot.small {
            div.scale aria-hidden="true" { span { "+" (number(scale)) } span { "−" (number(scale)) } }
            svg.steps viewBox="0 0 1000 60" preserveAspectRatio="none" role="img" aria-labelledby="steps-title steps-desc" {
                title #steps-title { "New and resolved findings in each run" }
                desc #steps-desc { (number(new)) " findings were new and " (number(resolved)) " resolved in these runs." }
                path.grid d="M0 30H1000" {}
                @for (run, x) in rest.iter().zip(&xs[1..]) {
                    @let (up, down) = (29.0 * ratio(run.new, scale), 29.0 * ratio(run.resolved, scale));
                    @let x = tenth(x - width / 2.0);
                    rect.new x=(x) y=(tenth(30.0 - up)) width=(tenth(width)) height=(tenth(up)) {
                        title { (day(&run.at)) ": " (number(run.new)) " new" }
                    }
                    rect.gone x=(x) y="30" width=(tenth(width)) height=(tenth(down)) {
                        title { (day(&run.at)) ": " (number(run.resolved)) " resolved" }
                    }
                }
            }
        }
    }
}

/// What the plots show, latest first.
fn table(runs: &[Run]) -> Markup {
    html! {
        details.as-table {
            summary { "The trend as a table" }
            div.scroll tabindex="0" role="region" aria-label="The trend as a table" {
                table.plain {
                    thead { tr {
                        th scope="col" { "Run" }
                        @for name in ["Repositories", "Not judged", "Deny", "Warn", "New", "Resolved"] {
                            th.n scope="col" { (name) }
                        }
                    } }
                    tbody {
                        @for run in runs.iter().rev() {
                            tr {
                                th scope="row" { (day(&run.at)) }
                                @for value in [run.repositories, run.failed, run.deny, run.warn, run.new, run.resolved] {
                                    td.n { (number(value)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(at: &str, deny: usize) -> Run {
        Run { at: at.to_owned(), repositories: 1, failed: 0, deny, warn: 0, new: 0, resolved: 0 }
    }

    #[test]
    fn the_scale_ends_at_a_round_even_number() {
        assert_eq!([0, 1, 3, 11, 26, 99, 101, 4120].map(ceiling), [2, 2, 10, 20, 50, 100, 200, 5000]);
    }

    #[test]
    fn runs_stand_where_their_time_is() {
        let runs = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z"].map(|at| run(at, 1));
        assert_eq!(places(&runs), [12.0, 256.0, 988.0]);
        let odd = ["2026-01-01T00:00:00Z", "yesterday", "2026-01-05T00:00:00Z"].map(|at| run(at, 1));
        assert_eq!(places(&odd), [12.0, 500.0, 988.0]);
    }

    #[test]
    fn there_is_no_trend_before_the_second_run() {
        assert!(trend(&[]).is_none());
        assert!(trend(&[run("2026-01-01T00:00:00Z", 1)]).is_none());
        assert!(trend(&[run("2026-01-01T00:00:00Z", 1), run("2026-01-01T00:00:00Z", 2)]).is_some());
    }

    #[test]
    fn what_is_there_is_seen() {
        let tally = Tally { deny: 1, warn: 0, rows: 1 };
        assert!(bar(tally, 100_000).into_string().contains("width=\"0.6%\""));
        assert!(!bar(Tally::default(), 0).into_string().contains("rect"));
    }
}
