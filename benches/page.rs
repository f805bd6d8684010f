//! How long the page of an audit takes to write, relative to the same rows as plain JSON, and how large it is.
//!
//! `cargo bench --bench page` does so for 5,000 repositories with 20 findings in one that fails; `-- N FILE` writes the page of
//! N of them, to be looked at, and `-- nasty FILE` of some that are out to break it; `-- --smoke` only shows that it works.

#![expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]

use std::time::{Duration, Instant};

use cargo_pinned::reporter::audit::{Audit, html};

#[path = "../tests/page/nasty.rs"]
mod nasty;
#[path = "../tests/page/sample.rs"]
mod sample;

/// Findings in the worst of the usual repositories.
const MOST: usize = 40;

fn page(audit: &Audit) -> Vec<u8> {
    let mut out = Vec::new();
    html::render(audit, &mut out).expect("a vector takes all");
    out
}

/// The findings of all rows, unpacked and written as JSON: the least that any report of them does.
fn plain(audit: &Audit) -> Vec<u8> {
    let mut out = Vec::new();
    for row in &audit.rows {
        serde_json::to_writer(&mut out, &row.findings.items()).expect("a vector takes all");
    }
    out
}

/// The shortest of a few times.
fn shortest(mut work: impl FnMut() -> Vec<u8>) -> (Duration, usize) {
    let mut best = (Duration::MAX, 0);
    for _ in 0..5 {
        let start = Instant::now();
        let size = work().len();
        best = best.min((start.elapsed(), size));
    }
    best
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["nasty", file] => std::fs::write(file, page(&nasty::all())).expect("the file can be written"),
        [count, file] => {
            let count = count.parse().expect("a number of repositories");
            std::fs::write(file, page(&sample::audit(count, MOST))).expect("the file can be written");
        }
        ["--smoke"] => println!("{} bytes for 50 repositories", page(&sample::audit(50, MOST)).len()),
        _ => {
            let audit = sample::audit(5000, MOST);
            let findings: usize = audit.rows.iter().map(|row| row.counts.deny + row.counts.warn).sum();
            let ((ours, size), (theirs, json)) = (shortest(|| page(&audit)), shortest(|| plain(&audit)));
            let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
            println!(
                "5,000 repositories, {findings} findings: {ours:.0?}, {ratio:.1} times the plain JSON's {theirs:.0?}"
            );
            println!("{:.1} MB, where the plain JSON has {:.1} MB", size as f64 / 1e6, json as f64 / 1e6);
        }
    }
}
