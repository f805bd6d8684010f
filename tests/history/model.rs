//! Random stories against a model that keeps everything in memory: runs side by side, killed ones, commits, days.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cargo_pinned::fleet::history::{Session, Target, Verdict};
use cargo_pinned::reporter::audit::Counts;
use proptest::prelude::*;
use tempfile::TempDir;

use super::{begin, day, item, shown};

/// What happens next. Two runs may be under way at once.
#[derive(Debug, Clone)]
enum Step {
    Commit { repository: u8, commit: u8 },
    Day,
    Begin(usize),
    Judge { run: usize, repository: u8 },
    Save(usize),
    Finish(usize),
    Kill(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let run = 0..2_usize;
    prop_oneof![
        2 => (0..2_u8, 0..3_u8).prop_map(|(repository, commit)| Step::Commit { repository, commit }),
        1 => Just(Step::Day),
        3 => run.clone().prop_map(Step::Begin),
        6 => (run.clone(), 0..2_u8).prop_map(|(run, repository)| Step::Judge { run, repository }),
        3 => run.clone().prop_map(Step::Save),
        3 => run.clone().prop_map(Step::Finish),
        1 => run.prop_map(Step::Kill),
    ]
}

/// What is in a commit on a day: names, each with a pin. One of them is excepted until a day.
fn content(repository: u8, commit: u8, today: i64) -> Vec<String> {
    let mut findings = vec![format!("all {}", if commit.is_multiple_of(2) { "range" } else { "latest" })];
    findings.extend((0..commit).map(|number| format!("f{}", (number + repository) % 4)));
    if today >= LAST {
        findings.push("excepted".to_owned());
    }
    findings.sort();
    findings
}

/// The first day on which the exception holds no more.
const LAST: i64 = 2;

/// What the model remembers of a repository: the commit, its days of validity, and each finding with pin and first day.
#[derive(Debug, Clone)]
struct Remembered {
    commit: u8,
    day: i64,
    findings: BTreeMap<String, (String, i64)>,
}

type State = HashMap<u8, Remembered>;

struct Running {
    session: Session,
    today: i64,
    base: State,
    judged: State,
}

/// What the model says of a repository, in the words of [`shown`], and what it will remember.
fn expected(base: Option<&Remembered>, commit: u8, repository: u8, today: i64) -> (String, Remembered) {
    let rank = |pin: &str| ["latest", "range"].iter().position(|known| *known == pin);
    let (mut findings, mut lines, mut new) = (BTreeMap::new(), Vec::new(), Vec::new());
    for text in content(repository, commit, today) {
        let (name, pin) = text.split_once(' ').unwrap_or((&text, "range"));
        let before = base.and_then(|base| base.findings.get(name)).filter(|(old, _)| rank(old) <= rank(pin));
        let since = before.map_or(today, |(_, since)| *since);
        if before.is_none() {
            new.push(name.to_owned());
        }
        lines.push(format!("{name} {since}"));
        findings.insert(name.to_owned(), (pin.to_owned(), since));
    }
    let change = base.map_or_else(String::new, |base| {
        let names: BTreeSet<_> = findings.keys().collect();
        let gone: Vec<&str> = base.findings.keys().filter(|name| !names.contains(name)).map(String::as_str).collect();
        format!(" +[{}] -[{}]", new.join(" "), gone.join(" "))
    });
    (format!("{}{change}", lines.join(", ")), Remembered { commit, day: today, findings })
}

fn judge(run: &mut Running, commit: u8, repository: u8) {
    let Running { session, today, base, judged } = run;
    let today = *today;
    let name = format!("r{repository}");
    let target = Target { repository: &name, reference: "main" };
    let base = base.get(&repository);
    let (line, remembered) = expected(base, commit, repository, today);
    let known = session.known(target, &commit.to_string()).expect("it can be read");
    let must_hold =
        base.is_some_and(|base| base.commit == commit && base.day <= today && (base.day < LAST) == (today < LAST));
    assert!(known.is_some() || !must_hold, "what has not changed is known");
    let got = known.unwrap_or_else(|| {
        let findings: Vec<_> = content(repository, commit, today).iter().map(|text| item(text)).collect();
        let counts = Counts { deny: findings.len(), ..Counts::default() };
        let until = (today < LAST).then(|| day(LAST));
        let verdict = Verdict { until, counts, findings, ..Verdict::default() };
        session.record(target, &commit.to_string(), verdict).expect("it can be written")
    });
    assert_eq!(shown(&got), line);
    // A verdict that still holds keeps the day on which it was made.
    let kept = base.filter(|_| must_hold).cloned();
    judged.insert(repository, kept.unwrap_or(remembered));
}

fn play(steps: Vec<Step>) {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let (mut commits, mut today, mut last) = ([0_u8; 2], 0, State::new());
    let mut running: [Option<Running>; 2] = [None, None];
    let mut finished = 0;
    for step in steps {
        match step {
            Step::Commit { repository, commit } => commits[usize::from(repository)] = commit,
            Step::Day => today += 1,
            Step::Begin(run) => {
                let session = begin(&file, today);
                running[run].get_or_insert_with(|| Running {
                    session,
                    today,
                    base: last.clone(),
                    judged: State::new(),
                });
            }
            Step::Judge { run, repository } => {
                if let Some(run) = running[run].as_mut().filter(|run| !run.judged.contains_key(&repository)) {
                    judge(run, commits[usize::from(repository)], repository);
                }
            }
            Step::Save(run) => {
                running[run].iter().for_each(|run| run.session.save().expect("it can be written"));
            }
            Step::Finish(run) => {
                if let Some(run) = running[run].take() {
                    let runs = run.session.finish().expect("it finishes");
                    finished += 1;
                    assert_eq!(runs.len(), finished);
                    assert_eq!(runs[finished - 1].repositories, run.judged.len());
                    last.extend(run.judged);
                }
            }
            Step::Kill(run) => running[run] = None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_story_is_told_as_the_model_tells_it(steps in proptest::collection::vec(step(), 40..120)) {
        play(steps);
    }
}
