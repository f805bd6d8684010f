//! Reports for the tests of what no run of the command line brings about yet.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Comparison, Detail, Report};
use crate::edit::{Edit, Fix};
use crate::policy::config::Policy;
use crate::policy::finding::Level;
use crate::policy::{self, Outcome};
use crate::scanner::excludes::Excludes;
use crate::scanner::{self, Scan};
use crate::source::memory;
use crate::text::Span;

/// A repository with findings, scanned and judged.
pub(super) struct Sample {
    scan: Scan,
    outcome: Outcome,
}

impl Sample {
    /// One with so many findings that fail, of `a0` and so on.
    pub(super) fn new(count: usize) -> Self {
        let list: String = (0..count).map(|at| format!("a{at} = \"1\"\n")).collect();
        let manifest = format!("[package]\nname = \"demo\"\nversion = \"0.1.0\"\n[dependencies]\n{list}");
        let files = BTreeMap::from([("Cargo.toml".to_owned(), manifest.into_bytes())]);
        let excludes = Excludes::new(true, []).expect("the defaults are patterns");
        let scan = scanner::scan(&memory::snapshot(files, scanner::wants), &excludes);
        let day = "2026-01-01".parse().expect("a date");
        let mut outcome = policy::evaluate(&scan, &Policy::default(), day);
        outcome.findings.retain(|finding| finding.rule == "unpinned-crate");
        assert_eq!(outcome.findings.len(), count);
        Self { scan, outcome }
    }

    /// As if a line of this policy had set the levels.
    pub(super) fn set_policy(&mut self, text: &str, at: Range<usize>) {
        let file = self.scan.files.add("pinned.toml".to_owned(), text.to_owned());
        for finding in &mut self.outcome.findings {
            finding.policy = Some(Span::new(file, at.clone()));
        }
    }

    /// As if this were what to do, and this what to write instead.
    pub(super) fn set_help(&mut self, help: &str, replacement: Option<&str>) {
        for finding in &mut self.outcome.findings {
            let violation = &mut finding.violation;
            violation.help = Some(help.to_owned());
            violation.fix = replacement.map(|replacement| Fix {
                title: "mend it".to_owned(),
                edits: vec![Edit { span: violation.span, replacement: replacement.to_owned() }],
            });
        }
    }

    /// As if no finding failed the run.
    pub(super) fn warn(&mut self) {
        self.outcome.findings.iter_mut().for_each(|finding| finding.level = Level::Warn);
    }

    pub(super) fn report(&self) -> Report<'_> {
        Report {
            kind: "memory",
            revision: None,
            root: "memory".to_owned(),
            scan: &self.scan,
            findings: &self.outcome.findings,
            excepted: &[],
            baselined: 0,
            declarations: &[],
            files: 1,
            skipped: &[],
            detail: Detail::Normal,
            width: 100,
            comparison: None,
        }
    }

    /// Compared with `main`, which has all findings already, and two of them elsewhere.
    pub(super) fn compared<'a>(&'a self, loosened: &'a [String]) -> Report<'a> {
        let findings = &self.outcome.findings;
        let moved = &findings[..findings.len().min(2)];
        let comparison = Comparison { revision: "main", base: "0", moved, known: findings, loosened };
        Report { comparison: Some(comparison), ..self.report() }
    }
}
