//! An audit of a made-up organisation, for the tests of the page and its bench: the same one for the same number.

use cargo_pinned::reporter::audit::{Audit, Change, Counts, Gone, Item, Packed, Row, Run};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

const OWNERS: [&str; 14] = [
    "platform", "payments", "identity", "data", "search", "mobile", "web", "infra", "security", "growth", "billing",
    "risk", "support", "research",
];
const NOUNS: [&str; 12] = [
    "api",
    "gateway",
    "worker",
    "ledger",
    "scheduler",
    "indexer",
    "console",
    "agent",
    "proxy",
    "importer",
    "notifier",
    "store",
];
const CRATES: [&str; 24] = [
    "serde",
    "tokio",
    "anyhow",
    "clap",
    "reqwest",
    "hyper",
    "tracing",
    "rand",
    "regex",
    "chrono",
    "uuid",
    "axum",
    "tonic",
    "prost",
    "sqlx",
    "rustls",
    "bytes",
    "futures",
    "itertools",
    "once_cell",
    "thiserror",
    "tempfile",
    "url",
    "openssl",
];
const HOSTS: [&str; 6] = [
    "https://github.com/example/",
    "git@gitlab.com:example/",
    "https://bitbucket.org/example/",
    "https://codeberg.org/example/",
    "https://git.sr.ht/~example/",
    "https://git.example.org/",
];

/// The day of the audit.
const TODAY: Date = date(2026, 11, 25);

/// Numbers that look random and are the same each time: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 32) % sides.max(1) as u64).expect("below the sides")
    }

    fn of<'a>(&mut self, choice: &[&'a str]) -> &'a str {
        choice[self.roll(choice.len())]
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.roll(16)])).collect()
    }
}

/// An audit of so many repositories; `most` findings in one that fails, on average half of it.
pub(crate) fn audit(repositories: usize, most: usize) -> Audit {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut rows: Vec<Row> = (0..repositories).map(|at| row(&mut dice, at, most)).collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    let count = |of: fn(&Row) -> usize| rows.iter().map(of).sum::<usize>();
    let now = Run {
        at: "2026-11-25T03:00:00Z".to_owned(),
        repositories,
        failed: count(|row| usize::from(row.error.is_some())),
        deny: count(|row| row.counts.deny),
        warn: count(|row| row.counts.warn),
        new: count(|row| row.change.as_ref().map_or(0, |change| change.new.len())),
        resolved: count(|row| row.change.as_ref().map_or(0, |change| change.resolved.len())),
    };
    let runs = runs(&mut dice, now);
    Audit { rows, today: TODAY, at: "2026-11-25T03:00:00Z".to_owned(), runs, notes: Vec::new() }
}

/// A weekly run for half a year, in which things get better, and once worse.
fn runs(dice: &mut Dice, now: Run) -> Vec<Run> {
    let mut runs = vec![now];
    for week in 1..26_i64 {
        let later = runs.last().expect("one at least").clone();
        let rise = if week == 9 { later.deny / 6 } else { 0 };
        let (new, resolved) =
            (later.deny / 60 + dice.roll(1 + later.deny / 40), later.deny / 30 + dice.roll(1 + later.deny / 20));
        let day = TODAY.checked_sub((week * 7).days()).expect("a day");
        runs.push(Run {
            at: format!("{day}T03:00:00Z"),
            repositories: later.repositories - later.repositories / 200,
            failed: dice.roll(6),
            deny: (later.deny + resolved - new).saturating_sub(rise),
            warn: later.warn + dice.roll(1 + later.warn / 30),
            new: new + rise,
            resolved,
        });
    }
    runs.reverse();
    runs
}

fn row(dice: &mut Dice, at: usize, most: usize) -> Row {
    let owner = dice.of(&OWNERS);
    let name = format!("{owner}/{}-{}-{at}", dice.of(&NOUNS), dice.of(&NOUNS));
    // Most of an organisation is tidy, and some of it is not at all.
    let count = match dice.roll(10) {
        0..5 => 0,
        5..8 => 1 + dice.roll(most),
        _ => most / 2 + dice.roll(most + 1),
    };
    let mut findings: Vec<Item> = (0..count).map(|_| item(dice)).collect();
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    let broken = dice.roll(120) == 0;
    if broken {
        findings.clear();
    }
    let waived: Vec<Item> = match dice.roll(6) {
        0 => findings.iter().take(2).map(|item| waive(dice, item)).collect(),
        _ => Vec::new(),
    };
    let excepted: Vec<Item> = match dice.roll(9) {
        0 => (0..=dice.roll(3)).map(|_| excepted(dice)).collect(),
        _ => Vec::new(),
    };
    let new = findings.iter().filter(|item| item.since.as_deref() == Some("2026-11-25"));
    let change = Change {
        new: new.map(|item| item.fingerprint.clone()).collect(),
        resolved: (0..dice.roll(8) / 6).map(|_| gone(dice)).collect(),
    };
    let level = |level: &str| findings.iter().filter(|item| item.level == level).count();
    let declarations = 12 + dice.roll(80) + count;
    let counts = Counts {
        deny: level("deny"),
        warn: level("warn"),
        excepted: excepted.len(),
        baselined: if dice.roll(20) == 0 { dice.roll(9) } else { 0 },
        waived: waived.len(),
        declarations: if broken { 0 } else { declarations },
        pinned: if broken { 0 } else { declarations - count },
        files: if broken { 0 } else { 3 + dice.roll(40) },
        skipped: dice.roll(5),
        fixable: findings.iter().filter(|item| item.locked.is_some()).count(),
    };
    Row {
        path: format!("/srv/mirrors/{name}.git"),
        url: Some(format!("{}{}.git", dice.of(&HOSTS), name.split('/').next_back().unwrap_or_default())),
        owner: (dice.roll(30) > 0).then(|| owner.to_owned()),
        labels: if dice.roll(6) == 0 { vec!["tier-1".to_owned()] } else { Vec::new() },
        reference: Some("main".to_owned()),
        commit: (!broken).then(|| dice.hex(40)),
        error: broken.then(|| "the pack objects/pack/pack-3f2a.pack is damaged: fetch the mirror anew".to_owned()),
        stale: (dice.roll(90) == 0)
            .then(|| "could not be fetched: timed out after 60 s; this is as of 2026-11-18".to_owned()),
        change: (dice.roll(50) > 0).then_some(change),
        findings: Packed::new(&findings),
        excepted: Packed::new(&excepted),
        waived: Packed::new(&waived),
        counts,
        name,
    }
}

fn version(dice: &mut Dice) -> String {
    format!("{}.{}.{}", dice.roll(3), dice.roll(30), dice.roll(12))
}

/// A finding of one of the kinds that are met most.
fn item(dice: &mut Dice) -> Item {
    let (name, locked) = (dice.of(&CRATES), version(dice));
    let path = match dice.roll(3) {
        0 => "Cargo.toml".to_owned(),
        _ => format!("crates/{}/Cargo.toml", dice.of(&NOUNS)),
    };
    let since =
        TODAY.checked_sub([0, 6, 20, 64, 90, 150, 200, 320, 320, 500][dice.roll(30) % 11 % 10].days()).expect("a day");
    let mut item = Item {
        rule: "unpinned-crate".to_owned(),
        level: "deny".to_owned(),
        surface: "crate".to_owned(),
        name: name.to_owned(),
        requirement: None,
        pin: None,
        required: None,
        locked: None,
        message: String::new(),
        help: None,
        path,
        line: 8 + dice.roll(60),
        column: 1 + dice.roll(20),
        fingerprint: dice.hex(64),
        since: Some(since.to_string()),
        reason: None,
        expires: None,
        ..Item::default()
    };
    match dice.roll(12) {
        0 => {
            item.rule = "unpinned-git".to_owned();
            item.surface = "git".to_owned();
            (item.requirement, item.pin, item.required) = (some("main"), some("latest"), some("content"));
            item.message = format!("`{name}` follows the git branch `main`");
            item.help = some("name the commit with `rev`, in full");
        }
        1 => {
            (item.path, item.line, item.column) = ("Cargo.lock".to_owned(), 1, 1);
            (item.rule, item.surface) = ("lock-stale".to_owned(), "lockfile".to_owned());
            item.message = format!("demo needs {name} ={locked}, the lockfile has 0.1.0");
            item.help = some("bring it up to date with `cargo update --workspace`, and commit it");
        }
        2 => {
            (item.path, item.line, item.column) = ("rust-toolchain.toml".to_owned(), 2, 11);
            (item.rule, item.surface, item.name) =
                ("unpinned-toolchain".to_owned(), "toolchain".to_owned(), "channel".to_owned());
            (item.requirement, item.pin, item.required) = (some("stable"), some("latest"), some("exact"));
            item.message = "channel `stable` comes to mean another toolchain".to_owned();
            item.help = some("name a full version, such as `1.95.0`, or a dated channel, such as `nightly-2026-01-01`");
        }
        3 | 4 => {
            item.path = "pinned.toml".to_owned();
            (item.rule, item.level, item.surface) =
                ("stale-exception".to_owned(), "warn".to_owned(), "policy".to_owned());
            item.message = format!("the exception for unpinned-crate of `{name}` matches nothing");
            item.help = some("delete it, or mend its name or paths");
        }
        _ => {
            let requirement = locked.rsplit_once('.').map(|(start, _)| start.to_owned()).unwrap_or_default();
            (item.pin, item.required) = (some("range"), some("exact"));
            item.message = format!("`{name} = \"{requirement}\"` admits more than one version");
            item.help = Some(format!("pin to `={locked}`, which Cargo.lock holds"));
            (item.requirement, item.locked) = (Some(requirement), Some(locked));
        }
    }
    item
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn excepted(dice: &mut Dice) -> Item {
    let end = TODAY.checked_add([3, 12, 40, 80, 200][dice.roll(5)].days()).expect("a day");
    let reason = "tracked in #123 until the vendor publishes 3.5".to_owned();
    Item { reason: Some(reason), expires: Some(end.to_string()), ..item(dice) }
}

fn waive(dice: &mut Dice, item: &Item) -> Item {
    let reason = dice.of(&["its baseline", "its exception: the vendor's fork", "its scope for crates/legacy/**"]);
    Item { reason: some(reason), ..item.clone() }
}

fn gone(dice: &mut Dice) -> Gone {
    let item = item(dice);
    Gone { fingerprint: item.fingerprint, rule: item.rule, name: item.name, path: item.path }
}
