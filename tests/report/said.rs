//! What is said of each kind of finding, and how it says to mend it: as bots and people read it.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Repo, Report, repository};

fn fixtures() -> PathBuf {
    repository().join("fixtures/said")
}

/// Each finding as its place and rule, what it says, how to mend it, and the fix.
fn said(report: &Report) -> String {
    let one = |finding: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut out = format!("{}:{} {}", text(&finding["path"]), finding["start"]["line"], text(&finding["rule"]));
        out.push_str(&format!(" {} [{}]\n", text(&finding["level"]), text(&finding["pin"])));
        if let Some(line) = finding["policy"]["line"].as_u64() {
            out.push_str(&format!("  by: {}:{line}\n", text(&finding["policy"]["path"])));
        }
        for (what, words) in
            [("says", &finding["message"]), ("help", &finding["help"]), ("fix", &finding["fix"]["title"])]
        {
            if words.is_string() {
                out.push_str(&format!("  {what}: {}\n", text(words)));
            }
        }
        out
    };
    report.list().iter().map(one).collect()
}

/// `fixtures/said/NAME.txt` is what is said of the repository `fixtures/said/NAME`, finding by finding and as text; `UPDATE_SAID=1` writes it anew.
#[test]
fn what_is_said_of_each_kind_of_finding_stays() {
    let folders =
        std::fs::read_dir(fixtures()).expect("the fixtures are there").map(|entry| entry.expect("listed").path());
    let mut count = 0;
    for folder in folders.filter(|path| path.is_dir()) {
        let repo = Repo::copy_of(&folder).git();
        let said = format!("{}\n{}", said(&repo.check()), repo.run(&["check"]).stdout);
        let file = folder.with_extension("txt");
        if std::env::var_os("UPDATE_SAID").is_some() {
            std::fs::write(&file, &said).expect("it can be written");
        }
        let expected = std::fs::read_to_string(&file).expect("what is said of it is beside it").replace("\r\n", "\n");
        assert_eq!(said, expected, "of {}: run the tests with UPDATE_SAID=1, and read what changed", folder.display());
        count += 1;
    }
    assert!(count > 10);
}
