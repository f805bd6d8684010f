//! One run after another, one beside another, and one that is killed.

use cargo_pinned::fleet::history::{History, Start, Verdict};
use cargo_pinned::reporter::audit::Packed;
use tempfile::TempDir;

use super::{begin, day, item, shown, start, target, verdict};

/// Runs on one history, on the days 0, 1, 2 and so on, of one repository; each with a commit and what is found in it.
fn check(runs: &[(&str, &[&str])], expected: &[&str]) {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let mut said = Vec::new();
    for (number, (commit, findings)) in (0..).zip(runs) {
        let run = begin(&file, number);
        let known = run.known(target("a"), commit).expect("it can be read");
        let judged = match known {
            Some(judged) => judged,
            None => run.record(target("a"), commit, verdict(findings)).expect("it can be written"),
        };
        said.push(shown(&judged));
        run.finish().expect("it finishes");
    }
    assert_eq!(said, expected);
}

#[test]
fn what_is_new_and_resolved_and_since_when() {
    check(
        &[("1", &["a", "b"]), ("2", &["b", "c"]), ("3", &["b", "c"]), ("4", &[]), ("5", &["b"])],
        &["a 0, b 0", "b 0, c 1 +[c] -[a]", "b 0, c 1 +[] -[]", " +[] -[b c]", "b 4 +[b] -[]"],
    );
}

#[test]
fn what_got_worse_in_its_place_is_new_and_what_got_better_is_known() {
    check(&[("1", &["a range"]), ("2", &["a latest"])], &["a 0", "a 1 +[a] -[]"]);
    check(&[("1", &["a latest"]), ("2", &["a tag"])], &["a 0", "a 0 +[] -[]"]);
    check(&[("1", &["a range warn"]), ("2", &["a range deny"])], &["a 0", "a 1 +[a] -[]"]);
    check(&[("1", &["a range deny"]), ("2", &["a range warn"])], &["a 0", "a 0 +[] -[]"]);
}

#[test]
fn what_is_unchanged_is_given_back_whole() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let run = begin(&file, 0);
    let excepted = Packed::new(&[item("e")]);
    let waived = Packed::new(&[item("w")]);
    let verdict = Verdict { excepted, waived, ..verdict(&["a"]) };
    let first = run.record(target("a"), "1", verdict).expect("it can be written");
    run.finish().expect("it finishes");
    let run = begin(&file, 1);
    let second = run.known(target("a"), "1").expect("it can be read").expect("nothing has changed");
    assert_eq!((&second.excepted, &second.waived), (&first.excepted, &first.waived));
    assert_eq!((&second.findings, second.counts), (&first.findings, first.counts));
    assert_eq!(shown(&second), "a 0 +[] -[]");
    let runs = run.finish().expect("it finishes");
    assert_eq!((runs.len(), runs[1].repositories, runs[1].deny), (2, 1, 1));
}

#[test]
fn anything_that_decides_makes_it_unknown() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let run = begin(&file, 5);
    let until = Some(day(8));
    run.record(target("a"), "1", Verdict { until, ..verdict(&["a"]) }).expect("it can be written");
    run.finish().expect("it finishes");
    let known = |start: Start, name, commit| {
        let run = History::open(&file).expect("it is a history").begin(start).expect("a run can begin");
        run.known(target(name), commit).expect("it can be read").is_some()
    };
    assert!(known(start(5), "a", "1"));
    assert!(known(start(7), "a", "1"), "the day before something ends");
    assert!(!known(start(8), "a", "1"), "the day on which something has ended");
    assert!(!known(start(4), "a", "1"), "a day before it was judged");
    assert!(!known(start(5), "a", "2"));
    assert!(!known(start(5), "b", "1"));
    assert!(!known(Start { policy: "another".to_owned(), ..start(5) }, "a", "1"));
    assert!(!known(Start { tool: "0.2.0".to_owned(), ..start(5) }, "a", "1"));
}

#[test]
fn what_cannot_be_judged_or_is_left_out_stays_as_it_was() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let run = begin(&file, 0);
    run.record(target("a"), "1", verdict(&["x"])).expect("it can be written");
    run.record(target("b"), "1", verdict(&["x"])).expect("it can be written");
    run.finish().expect("it finishes");
    let run = begin(&file, 1);
    run.failed(target("a"), "no such directory");
    let runs = run.finish().expect("it finishes");
    assert_eq!((runs[1].repositories, runs[1].failed, runs[1].resolved), (1, 1, 0));
    let run = begin(&file, 2);
    for name in ["a", "b"] {
        assert_eq!(shown(&run.record(target(name), "2", verdict(&["x"])).expect("it can be written")), "x 0 +[] -[]");
    }
}

#[test]
fn a_repository_that_is_new_in_the_history_has_no_change() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    begin(&file, 0).finish().expect("it finishes");
    let run = begin(&file, 1);
    let judged = run.record(target("a"), "1", verdict(&["x"])).expect("it can be written");
    assert_eq!(judged.change, None);
    let runs = run.finish().expect("it finishes");
    assert_eq!((runs[1].new, runs[1].deny), (0, 1));
}

#[test]
fn a_run_that_was_killed_is_not_the_last_run_and_what_it_judged_is_not_judged_again() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let run = begin(&file, 0);
    run.record(target("0"), "1", verdict(&["a"])).expect("it can be written");
    run.finish().expect("it finishes");
    // More than one batch, so that some of it is in the file when the run ends.
    let names: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    let killed = begin(&file, 1);
    for name in &names {
        killed.record(target(name), "2", verdict(&["a", "b"])).expect("it can be written");
    }
    drop(killed);
    let run = begin(&file, 2);
    assert_eq!(History::open(&file).expect("it is a history").runs().expect("it can be read").len(), 1);
    let judged = run.known(target("0"), "2").expect("it can be read").expect("it was written");
    assert_eq!(shown(&judged), "a 0, b 2 +[b] -[]", "as if the killed run had never been");
    let judged = run.known(target("1"), "2").expect("it can be read").expect("it was written");
    assert_eq!(shown(&judged), "a 2, b 2");
    assert_eq!(run.known(target("199"), "2").expect("it can be read"), None, "the last batch was not written");
    let runs = run.finish().expect("it finishes");
    assert_eq!((runs.len(), runs[1].repositories, runs[1].new), (2, 2, 1));
}

#[test]
fn two_runs_at_once_see_nothing_of_each_other_and_both_finish() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let run = begin(&file, 0);
    run.record(target("a"), "1", verdict(&["x"])).expect("it can be written");
    run.record(target("b"), "1", verdict(&["x"])).expect("it can be written");
    run.finish().expect("it finishes");
    let (one, two) = (begin(&file, 1), begin(&file, 1));
    assert_eq!(shown(&one.record(target("a"), "2", verdict(&["y"])).expect("it can be written")), "y 1 +[y] -[x]");
    assert_eq!(shown(&one.record(target("b"), "2", verdict(&["y"])).expect("it can be written")), "y 1 +[y] -[x]");
    one.finish().expect("it finishes");
    // The first has finished and replaced what the second compares with.
    assert_eq!(shown(&two.record(target("a"), "3", verdict(&["z"])).expect("it can be written")), "z 1 +[z] -[x]");
    assert_eq!(shown(&two.known(target("b"), "1").expect("it can be read").expect("it holds")), "x 0 +[] -[]");
    assert_eq!(two.finish().expect("it finishes").len(), 3);
    // The second finished last: it is the last run.
    let run = begin(&file, 2);
    assert_eq!(shown(&run.record(target("a"), "4", verdict(&["z"])).expect("it can be written")), "z 1 +[] -[]");
    assert_eq!(shown(&run.known(target("b"), "1").expect("it can be read").expect("it holds")), "x 0 +[] -[]");
}

#[test]
fn many_threads_and_many_runs_write_one_file() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    std::thread::scope(|scope| {
        for number in 0..4 {
            let file = &file;
            scope.spawn(move || {
                let run = begin(file, number);
                std::thread::scope(|scope| {
                    for part in 0..4 {
                        let run = &run;
                        scope.spawn(move || {
                            for repository in 0..100 {
                                let name = format!("{part}-{repository}");
                                run.record(target(&name), "1", verdict(&["x"])).expect("it can be written");
                            }
                        });
                    }
                });
                run.finish().expect("it finishes");
            });
        }
    });
    let runs = History::open(&file).expect("it is a history").runs().expect("it can be read");
    assert_eq!(runs.iter().map(|run| run.repositories).collect::<Vec<_>>(), [400; 4]);
    let run = begin(&file, 9);
    assert!(run.known(target("3-99"), "1").expect("it can be read").is_some());
}

#[test]
fn a_run_that_took_over_a_week_says_so_and_changes_nothing() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let slow = begin(&file, 0);
    slow.record(target("a"), "1", verdict(&["x"])).expect("it can be written");
    let run = begin(&file, 8);
    run.record(target("a"), "2", verdict(&["y"])).expect("it can be written");
    run.finish().expect("it finishes");
    let error = slow.finish().expect_err("it was taken for dead").to_string();
    assert!(error.contains("over a week"), "{error}");
    let run = begin(&file, 9);
    assert_eq!(shown(&run.known(target("a"), "2").expect("it can be read").expect("it holds")), "y 8 +[] -[]");
}

/// A history that is written every day for years must not grow with them.
#[test]
fn what_no_run_needs_is_deleted() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("history");
    let mut sizes = Vec::new();
    for number in 0..40 {
        let run = begin(&file, number);
        for name in ["a", "b", "c", "d", "e"] {
            let findings: Vec<String> = (0..200).map(|finding| format!("{finding}-{number}")).collect();
            let findings: Vec<&str> = findings.iter().map(String::as_str).collect();
            run.record(target(name), &number.to_string(), verdict(&findings)).expect("it can be written");
        }
        // Every third run is killed.
        if number % 3 != 2 {
            run.finish().expect("it finishes");
        }
        sizes.push(std::fs::metadata(&file).expect("it is there").len());
    }
    assert!(sizes[39] < sizes[19] + sizes[19] / 4, "{sizes:?}");
}
