//! The data in the page holds every finding, in little.

use serde_json::Value;

use crate::{Page, sample};

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

/// The text with a number, or nothing.
fn text(data: &Value, at: &Value) -> Option<String> {
    let at = usize::try_from(number(at)).ok()?;
    Some(data["texts"][at].as_str().expect("a text").to_owned())
}

#[test]
fn every_finding_is_in_the_data_with_all_that_is_said_of_it() {
    let audit = sample::audit(80, 20);
    let data = Page::of(&audit).data();
    let rows = data["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 80);
    let mut seen = 0;
    for wire in rows {
        let row = audit.rows.iter().find(|row| wire["name"] == row.name.as_str()).expect("a row of the audit");
        let numbers: &[Value] = wire["findings"].as_array().map_or(&[], Vec::as_slice);
        let items = row.findings.items();
        assert_eq!(numbers.len(), items.len() * 9);
        let new = &row.change.as_ref().map(|change| change.new.clone()).unwrap_or_default();
        for (item, wire) in items.iter().zip(numbers.chunks_exact(9)) {
            seen += 1;
            let kind = &data["kinds"][usize::try_from(number(&wire[0])).expect("a kind")];
            let [name, requirement, locked] = [1, 2, 3].map(|at| text(&data, &wire[at]));
            let fill = |template: Option<String>| {
                template.map(|text| {
                    let part = |part: &Option<String>| part.clone().unwrap_or_default();
                    text.replace('\u{1}', &part(&name))
                        .replace('\u{2}', &part(&requirement))
                        .replace('\u{3}', &part(&locked))
                })
            };
            assert_eq!(text(&data, &kind[0]).as_ref(), Some(&item.rule));
            assert_eq!(text(&data, &kind[1]).as_ref(), Some(&item.level));
            assert_eq!(text(&data, &kind[2]).as_ref(), Some(&item.surface));
            assert_eq!(text(&data, &kind[3]), item.pin);
            assert_eq!(text(&data, &kind[4]), item.required);
            assert_eq!(fill(text(&data, &kind[5])).as_ref(), Some(&item.message));
            assert_eq!(fill(text(&data, &kind[6])), item.help);
            assert_eq!(
                (name.as_ref(), requirement, locked),
                (Some(&item.name), item.requirement.clone(), item.locked.clone())
            );
            assert_eq!(text(&data, &wire[4]).as_ref(), Some(&item.path));
            assert_eq!([number(&wire[5]), number(&wire[6])], [item.line, item.column].map(|place| place as i64));
            assert_eq!(number(&wire[8]) & 1 == 1, new.contains(&item.fingerprint));
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn ages_are_days_and_what_is_waived_is_marked() {
    let audit = sample::audit(80, 20);
    let data = Page::of(&audit).data();
    let mut waived = 0;
    for wire in data["rows"].as_array().expect("rows") {
        let row = audit.rows.iter().find(|row| wire["name"] == row.name.as_str()).expect("a row of the audit");
        let numbers: &[Value] = wire["findings"].as_array().map_or(&[], Vec::as_slice);
        let marked = numbers.chunks_exact(9).filter(|wire| number(&wire[8]) & 2 == 2).count();
        assert_eq!(marked, row.waived.items().len());
        waived += marked;
        for (item, wire) in row.findings.items().iter().zip(numbers.chunks_exact(9)) {
            let expected = match item.since.as_deref() {
                Some("2026-11-25") => 0,
                Some("2026-11-19") => 6,
                Some("2026-11-05") => 20,
                _ => continue,
            };
            assert_eq!(number(&wire[7]), expected);
        }
    }
    assert!(waived > 0, "the sample has some");
}

#[test]
fn what_repeats_is_written_once() {
    let size = |count| Page::of(&sample::audit(count, 40)).bytes.len();
    let (few, many) = (size(100), size(300));
    let findings = sample::audit(300, 40).rows.iter().map(|row| row.counts.deny + row.counts.warn).sum::<usize>();
    // Under 10 MB for 5,000 repositories: less than 2,000 bytes for one more, its findings included.
    assert!((many - few) / 200 < 2000, "{few} and {many} bytes, {findings} findings");
}
