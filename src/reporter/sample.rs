//! Reports for the tests of what no run of the command line brings about yet.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Comparison, Detail, Report};
use crate::edit::{Edit, Fix};
use crate::policy;
use crate::policy::config::Policy;
use crate::policy::finding::{Finding, Level};
use crate::scanner::excludes::Excludes;
use crate::scanner::{self, Scan};
use crate::source::memory;
use crate::text::Span;

/// A scan of one package with so many dependencies, `a0` and so on, and the finding of each.
pub(super) fn judged(count: usize) -> (Scan, Vec<Finding>) {
    let list: String = (0..count).map(|at| format!("a{at} = \"1\"\n")).collect();
    let manifest = format!("[package]\nname = \"demo\"\nversion = \"0.1.0\"\n[dependencies]\n{list}");
    let files = BTreeMap::from([("Cargo.toml".to_owned(), manifest.into_bytes())]);
    let excludes = Excludes::new(true, []).expect("the defaults are patterns");
    let scan = scanner::scan(&memory::snapshot(files, scanner::wants), &excludes);
    let day = "2026-01-01".parse().expect("a date");
    let mut findings = policy::evaluate(&scan, &Policy::default(), day, policy::Before::default()).findings;
    findings.retain(|finding| finding.rule == "unpinned-crate");
    assert_eq!(findings.len(), count);
    (scan, findings)
}

/// A report of findings, and nothing else.
pub(super) fn report<'a>(scan: &'a Scan, findings: &'a [Finding], comparison: Option<Comparison<'a>>) -> Report<'a> {
    Report {
        kind: "memory",
        revision: None,
        root: "memory".to_owned(),
        scan,
        findings,
        excepted: &[],
        baselined: 0,
        declarations: &[],
        files: 1,
        skipped: &[],
        detail: Detail::Normal,
        width: 100,
        comparison,
    }
}

/// A repository with findings, scanned and judged.
pub(super) struct Sample {
    scan: Scan,
    findings: Vec<Finding>,
}

impl Sample {
    /// One with so many findings that fail, of `a0` and so on.
    pub(super) fn new(count: usize) -> Self {
        let (scan, findings) = judged(count);
        Self { scan, findings }
    }

    /// As if a line of this policy had set the levels.
    pub(super) fn set_policy(&mut self, text: &str, at: Range<usize>) {
        let file = self.scan.files.add("pinned.toml".to_owned(), text.to_owned());
        for finding in &mut self.findings {
            finding.policy = Some(Span::new(file, at.clone()));
        }
    }

    /// As if this were what to do, and this what to write instead.
    pub(super) fn set_help(&mut self, help: &str, replacement: Option<&str>) {
        for finding in &mut self.findings {
            let violation = &mut finding.violation;
            violation.help = Some(help.to_owned());
            violation.fix = replacement.map(|replacement| Fix {
                title: "mend it".to_owned(),
                edits: vec![Edit { span: violation.span, replacement: replacement.to_owned() }],
                together: Vec::new(),
            });
        }
    }

    /// As if no finding failed the run.
    pub(super) fn warn(&mut self) {
        self.findings.iter_mut().for_each(|finding| finding.level = Level::Warn);
    }

    pub(super) fn report(&self) -> Report<'_> {
        report(&self.scan, &self.findings, None)
    }

    /// Compared with `main`, which has all findings already, and two of them elsewhere.
    pub(super) fn compared<'a>(&'a self, loosened: &'a [String]) -> Report<'a> {
        let findings = &self.findings;
        let moved = &findings[..findings.len().min(2)];
        let comparison = Comparison { revision: "main", base: "0", moved, known: findings, loosened, unaccepted: 0 };
        Report { comparison: Some(comparison), ..self.report() }
    }
}
