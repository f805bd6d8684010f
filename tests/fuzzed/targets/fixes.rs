//! Fixes: all of them fit their files together, mend what they are of and nothing else, and leave nothing to mend.

use std::collections::{BTreeMap, HashMap, HashSet};

use cargo_pinned::edit::{self, Edit, Fix};
use cargo_pinned::policy::action::{self, References};
use cargo_pinned::policy::finding::Finding;
use cargo_pinned::policy::rules::STALE_EXCEPTION;
use cargo_pinned::scanner::dependency::Surface;
use cargo_pinned::text::FileId;

use super::repository::Judged;

/// A commit that a remote could name.
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Holds what a fix promises.
pub(super) fn hold(judged: &Judged) {
    let fixes = chosen(judged);
    actions(judged, &fixes);
    if fixes.is_empty() {
        return;
    }
    let changed = apply(judged, fixes.iter().flat_map(|(_, fix)| &fix.edits));
    let after = judged.changed(changed);
    after.hold();
    let (all, mended) =
        (Tally::of(judged, judged.findings()), Tally::of(judged, fixes.iter().map(|(finding, _)| *finding)));
    let left = Tally::of(&after, after.findings());
    for (key, count) in &left.0 {
        let (known, gone) = (all.count(key), mended.count(key));
        assert!(count + gone <= known, "{key:?}: {count} are left, of {known} that were found and {gone} mended");
    }
    let again = chosen(&after);
    assert!(again.is_empty(), "nothing is left to mend: {:?}", again.iter().map(|(_, fix)| *fix).collect::<Vec<_>>());
}

/// The fixes that are carried out together: all but those that go with one that is not there.
fn chosen(judged: &Judged) -> Vec<(&Finding, &Fix)> {
    let mut fixes: Vec<(&Finding, &Fix)> =
        judged.findings().filter_map(|finding| Some((finding, finding.violation.fix.as_ref()?))).collect();
    loop {
        let mended: HashSet<usize> = fixes.iter().filter_map(|(finding, _)| finding.violation.declaration).collect();
        let count = fixes.len();
        fixes.retain(|(_, fix)| fix.together.iter().all(|declaration| mended.contains(declaration)));
        if fixes.len() == count {
            return fixes;
        }
    }
}

/// The files with edits applied, by path.
fn apply<'e>(judged: &Judged, edits: impl Iterator<Item = &'e Edit>) -> BTreeMap<String, Vec<u8>> {
    let files = &judged.scan.files;
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    edits.for_each(|edit| by_file.entry(edit.span.file).or_default().push(edit));
    let one = |(file, edits): (FileId, Vec<&Edit>)| {
        let text = files.text(file);
        let after = edit::apply(text, edits.iter().copied());
        let after = after.unwrap_or_else(|edit| panic!("{edit:?} is in another's way, or not in {text:?}"));
        (files.path(file).to_owned(), after.into_bytes())
    };
    by_file.into_iter().map(one).collect()
}

/// The same for actions, which a remote knows the commits of: each is then at its commit.
fn actions(judged: &Judged, others: &[(&Finding, &Fix)]) {
    let declarations = judged.scan.dependencies.iter().filter(|dependency| dependency.surface == Surface::Action);
    let declarations: Vec<_> = declarations.filter(|one| one.site.is_some() && one.pin.name() == "tag").collect();
    let fix = |dependency: &&cargo_pinned::scanner::dependency::Dependency| {
        let tag = dependency.requirement.as_deref()?;
        action::fix(dependency, &References::parse(&format!("{COMMIT}\trefs/tags/{tag}\n"))).ok()
    };
    let fixes: Vec<Fix> = declarations.iter().filter_map(fix).collect();
    if fixes.is_empty() {
        return;
    }
    let edits = fixes.iter().chain(others.iter().map(|(_, fix)| *fix)).flat_map(|fix| &fix.edits);
    let after = judged.changed(apply(judged, edits));
    after.hold();
    let pinned = |judged: &Judged| {
        let is_pinned = |one: &&cargo_pinned::scanner::dependency::Dependency| {
            one.surface == Surface::Action && one.requirement.as_deref() == Some(COMMIT)
        };
        judged.scan.dependencies.iter().filter(is_pinned).count()
    };
    assert_eq!(after.scan.dependencies.len(), judged.scan.dependencies.len(), "what is pinned is still declared");
    assert_eq!(pinned(&after), pinned(judged) + fixes.len(), "what is pinned is at its commit");
}

/// What a finding is known by, where its text has changed: the rule, the path, the place and the name.
type Key = (&'static str, String, String, String);

/// Findings, counted, but for those about exceptions: one matches nothing once what it excepted is mended.
struct Tally(HashMap<Key, usize>);

impl Tally {
    fn of<'f>(judged: &Judged, findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut tally = HashMap::new();
        for finding in findings.filter(|finding| finding.rule != STALE_EXCEPTION) {
            let violation = &finding.violation;
            let path = judged.scan.files.path(violation.span.file).to_owned();
            *tally.entry((finding.rule, path, violation.place.clone(), violation.name.clone())).or_default() += 1;
        }
        Self(tally)
    }

    fn count(&self, key: &Key) -> usize {
        self.0.get(key).copied().unwrap_or(0)
    }
}
