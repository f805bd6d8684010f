//! For a comment on a change: the verdict in the first line, then a table for each thing that became of packages.

use std::io::{self, Write};

use super::super::markdown::page::Page;
use super::super::markdown::text::{code, prose};
use super::{Detail, Diff, plural, words};
use crate::change::{DeclarationKind, PackageChange, PackageKind, WorkspaceChange};

/// The most rows of what asks for no second look that are not folded.
const MOST: usize = 15;

pub(super) fn render(diff: &Diff<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    page.line(verdict(diff));
    page.line("");
    let tables = Tables { diff, has_several: diff.changes.workspaces.len() > 1 };
    tables.alarms(&mut page);
    tables.unread(&mut page);
    if diff.detail != Detail::Quiet {
        tables.workspaces(&mut page);
        for kind in PackageKind::ALL {
            tables.packages(&mut page, kind);
            if kind == PackageKind::Added {
                tables.duplicates(&mut page);
            }
        }
        tables.declarations(&mut page);
        tables.own(&mut page);
        if let Some(unknown) = words::unknown(diff) {
            page.line(format_args!("{}\n", prose(&unknown)));
        }
    }
    out.write_all(page.text().as_bytes())
}

/// What came of it, in one line that can be read without all others.
fn verdict(diff: &Diff<'_>) -> String {
    let changes = diff.changes;
    let (base, head) = diff.ends();
    let head = if diff.head.revision.is_some() { code(head) } else { head.to_owned() };
    let between = format!("{} to {head}", code(base));
    let counts = diff.counts().join("; ");
    if !changes.alarms.is_empty() {
        let have = if changes.alarms.len() == 1 { "has" } else { "have" };
        let releases = plural(changes.alarms.len(), "release");
        let rest = if counts.is_empty() { String::new() } else { format!("; {counts}") };
        return format!("❌ **cargo-pinned: {releases} {have} another checksum than before**, from {between}{rest}");
    }
    if !changes.unread.is_empty() {
        let files = plural(changes.unread.len(), "file");
        let rest = if counts.is_empty() { String::new() } else { format!("; {counts}") };
        return format!("⚠️ **cargo-pinned: {files} could not be compared**, from {between}{rest}");
    }
    if counts.is_empty() && changes.workspaces.is_empty() {
        return format!("✅ **cargo-pinned: no pin differs**, from {between}");
    }
    let asks = [PackageKind::Source, PackageKind::Commit, PackageKind::Downgraded];
    let loose = [DeclarationKind::Source, DeclarationKind::Loosened];
    let is_odd = diff.releases().any(|release| release.yanked == Some(true))
        || asks.iter().any(|kind| changes.packages(*kind) > 0)
        || loose.iter().any(|kind| changes.declarations(*kind) > 0);
    let sign = if is_odd { "⚠️" } else { "📦" };
    let counts = if counts.is_empty() { "the repository's own packages differ".to_owned() } else { counts };
    format!("{sign} **cargo-pinned: {counts}**, from {between}")
}

/// What is needed to write tables.
struct Tables<'a> {
    diff: &'a Diff<'a>,
    /// Whether a package needs to say in which lockfile it is.
    has_several: bool,
}

impl Tables<'_> {
    fn alarms(&self, page: &mut Page) {
        let alarms = &self.diff.changes.alarms;
        if alarms.is_empty() {
            return;
        }
        page.line("A release is never replaced: find out who serves another before anything is built.\n");
        let rows = alarms.iter().map(|alarm| {
            let package = format!("{} {}", alarm.package.name, alarm.package.version);
            let lock = words::lock_path(alarm.directory);
            vec![code(&package), code(&words::checksums(alarm)), code(&words::route(&alarm.route)), code(&lock)]
        });
        page.table(&["Release", "Checksum", "Comes in", "Lockfile"], rows);
    }

    fn unread(&self, page: &mut Page) {
        let unread = &self.diff.changes.unread;
        if unread.is_empty() {
            return;
        }
        page.line("**Not compared**\n");
        let rows = unread.iter().map(|one| vec![code(one.path), words::side(one.side).to_owned(), prose(one.why)]);
        page.table(&["File", "Side", "Why"], rows);
    }

    fn workspaces(&self, page: &mut Page) {
        let told = |change: &&WorkspaceChange<'_>| !words::workspace(change).is_empty();
        let told: Vec<&WorkspaceChange<'_>> = self.diff.changes.workspaces.iter().filter(told).collect();
        if told.is_empty() {
            return;
        }
        let rows = told.iter().map(|change| {
            let (before, after) = change.locked;
            let lock = code(&words::lock_path(change.directory));
            vec![lock, code(&words::workspace(change)), before.to_string(), after.to_string()]
        });
        page.table(&["Lockfile", "What happened", "Packages before", "Packages now"], rows);
    }

    fn packages(&self, page: &mut Page, kind: PackageKind) {
        let all = self.diff.changes.workspaces.iter().flat_map(|workspace| {
            let found = workspace.packages.iter().filter(move |change| change.kind == kind);
            found.map(move |change| (workspace, change))
        });
        let all: Vec<(&WorkspaceChange<'_>, &PackageChange<'_>)> = all.collect();
        let is_calm = matches!(kind, PackageKind::Upgraded | PackageKind::Removed);
        self.table(page, words::package_kind(kind), is_calm, &all);
    }

    fn table(&self, page: &mut Page, title: &str, is_calm: bool, all: &[(&WorkspaceChange<'_>, &PackageChange<'_>)]) {
        if all.is_empty() {
            return;
        }
        let columns = self.columns(&["Package", "Version", "Comes in"]);
        let rows = || {
            all.iter().map(|(workspace, change)| {
                let name = change.package().map_or("", |package| &package.name);
                let versions = words::versions(change) + &words::release(change, self.diff.moment);
                let route = words::route(&change.route);
                self.row(vec![code(name), code(&versions), code(&route)], workspace)
            })
        };
        let title = format!("{} {title}", plural(all.len(), "package"));
        if is_calm && all.len() > MOST {
            page.fold(&title, |page| page.table(&columns, rows()));
        } else {
            page.line(format_args!("**{title}**\n"));
            page.table(&columns, rows());
        }
    }

    fn duplicates(&self, page: &mut Page) {
        let all = self.diff.changes.workspaces.iter();
        let all = all.flat_map(|workspace| workspace.duplicates.iter().map(move |found| (workspace, found)));
        let rows = all.map(|(workspace, found)| {
            let (before, after) = (found.before.join(", "), found.after.join(", "));
            self.row(vec![code(found.name), code(&before), code(&after)], workspace)
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if !rows.is_empty() {
            page.line(format_args!("**{}**\n", plural(rows.len(), "new duplicate")));
            page.table(&self.columns(&["Package", "Versions before", "Versions now"]), rows.into_iter());
        }
    }

    fn declarations(&self, page: &mut Page) {
        let rows = DeclarationKind::ALL.into_iter().flat_map(|kind| {
            let found = self.diff.changes.declarations.iter().filter(move |change| change.kind == kind);
            found.filter_map(move |change| {
                let declared = change.declared()?;
                let table = words::table(declared.dependency);
                let place = format!("{} {table}", declared.path).trim_end().to_owned();
                let what = code(&words::declared(kind, change.before, change.after));
                let name = code(&words::name(declared.dependency));
                Some(vec![words::declaration_kind(kind).to_owned(), name, what, code(&place)])
            })
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if !rows.is_empty() {
            let differ = if rows.len() == 1 { "differs" } else { "differ" };
            page.line(format_args!("**{} {differ}**\n", plural(rows.len(), "declaration")));
            page.table(&["What", "Name", "Declared", "Place"], rows.into_iter());
        }
    }

    fn own(&self, page: &mut Page) {
        let all = self.diff.changes.workspaces.iter();
        let all = all.flat_map(|workspace| workspace.own.iter().map(move |change| (workspace, change)));
        let rows = all.map(|(workspace, change)| {
            let name = change.package().map_or("", |package| &package.name);
            let kind = words::package_kind(change.kind).to_owned();
            self.row(vec![code(name), code(&words::versions(change)), kind], workspace)
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if !rows.is_empty() {
            let title = format!("{} of the repository's own", plural(rows.len(), "package"));
            let columns = self.columns(&["Package", "Version", "What"]);
            page.fold(&title, |page| page.table(&columns, rows.into_iter()));
        }
    }

    fn columns<'c>(&self, columns: &[&'c str]) -> Vec<&'c str> {
        let lockfile = self.has_several.then_some("Lockfile");
        columns.iter().copied().chain(lockfile).collect()
    }

    fn row(&self, mut row: Vec<String>, workspace: &WorkspaceChange<'_>) -> Vec<String> {
        row.extend(self.has_several.then(|| code(&words::lock_path(workspace.directory))));
        row
    }
}
