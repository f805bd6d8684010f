//! The combinations of a job's matrix, where the file says them all.
//!
//! Source: GitHub's reference of [`jobs.<job_id>.strategy.matrix`](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix):
//! an entry of `include` is added to each combination whose own values it does not change, and is one of its own else.

use crate::scanner::yaml::Value;

/// The most combinations that are looked at; GitHub runs 256.
const MOST: usize = 1_024;

/// One combination.
#[derive(Debug, Clone, Default)]
pub(super) struct Row<'d> {
    cells: Vec<(&'d str, Cell<'d>)>,
    /// Whether it may have keys that the file does not say.
    is_open: bool,
}

/// What a combination has under a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'d> {
    /// This.
    Value(Value<'d>),
    /// Nothing.
    Nothing,
    /// Not decidable.
    Unknown,
}

impl<'d> Row<'d> {
    /// A combination of which nothing is known.
    pub(super) fn open() -> Self {
        Self { cells: Vec::new(), is_open: true }
    }

    /// What it has under a key; GitHub's names know no case.
    pub(super) fn get(&self, key: &str) -> Cell<'d> {
        let cell = self.cells.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, cell)| *cell);
        cell.unwrap_or(if self.is_open { Cell::Unknown } else { Cell::Nothing })
    }

    fn set(&mut self, key: &'d str, cell: Cell<'d>) {
        match self.cells.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = cell,
            None => self.cells.push((key, cell)),
        }
    }
}

/// The combinations of a job; one of which nothing is known, where it has no matrix of its own or too large a one.
pub(super) fn rows(job: Value<'_>) -> Vec<Row<'_>> {
    let Some(matrix) = job.get("strategy").and_then(|strategy| strategy.get("matrix")) else {
        return vec![Row::default()];
    };
    if !matrix.is_mapping() {
        return vec![Row::open()];
    }
    let excluded: Vec<Value<'_>> = matrix.get("exclude").into_iter().flat_map(Value::items).take(MOST).collect();
    let Some(mut rows) = product(matrix) else { return vec![Row::open()] };
    let named: usize = excluded.iter().map(|entry| entry.entries().count()).sum();
    if !matrix.spend(named.saturating_mul(size(&rows))) {
        return vec![Row::open()];
    }
    rows.retain(|row| !excluded.iter().any(|entry| is_part(*entry, row)));
    let Some(include) = matrix.get("include") else { return rows };
    if !include.is_sequence() {
        rows.push(Row::open());
        return rows;
    }
    let own = rows.clone();
    for entry in include.items().take(MOST) {
        if !matrix.spend(entry.entries().count().saturating_mul(size(&rows).max(1))) {
            return vec![Row::open()];
        }
        let mut is_added = false;
        for (row, own) in rows.iter_mut().zip(&own) {
            let keeps = |(key, value): (&str, Value<'_>)| match own.cells.iter().find(|(name, _)| *name == key) {
                Some((_, Cell::Value(old))) => old.text() == value.text() && old.text().is_some(),
                Some(_) => false,
                None => true,
            };
            if own.cells.is_empty() || !entry.entries().all(keeps) {
                continue;
            }
            is_added = true;
            entry.entries().for_each(|(key, value)| row.set(key, Cell::Value(value)));
        }
        if !is_added {
            let mut row = Row { cells: Vec::new(), is_open: !entry.is_mapping() };
            entry.entries().for_each(|(key, value)| row.set(key, Cell::Value(value)));
            rows.push(row);
        }
        if rows.len() > MOST {
            return vec![Row::open()];
        }
    }
    rows
}

/// What it takes to look for a key in each of some combinations.
fn size(rows: &[Row<'_>]) -> usize {
    rows.iter().map(|row| 1 + row.cells.len()).sum()
}

/// The combinations of the keys of a matrix; none where they are too many.
fn product(matrix: Value<'_>) -> Option<Vec<Row<'_>>> {
    let mut rows = vec![Row::default()];
    for (key, values) in matrix.entries().filter(|(key, _)| !matches!(*key, "include" | "exclude")) {
        let cells: Vec<Cell<'_>> =
            if values.is_sequence() { values.items().map(Cell::Value).collect() } else { vec![Cell::Unknown] };
        let count = rows.len().saturating_mul(cells.len());
        if count > MOST || !matrix.spend(size(&rows).saturating_mul(cells.len())) {
            return None;
        }
        rows = rows.iter().flat_map(|row| cells.iter().map(move |cell| extended(row, key, *cell))).collect();
    }
    if rows.len() == 1 && rows.first().is_some_and(|row| row.cells.is_empty()) && matrix.get("include").is_some() {
        rows.clear();
    }
    Some(rows)
}

fn extended<'d>(row: &Row<'d>, key: &'d str, cell: Cell<'d>) -> Row<'d> {
    let mut row = row.clone();
    row.set(key, cell);
    row
}

/// Whether a combination has all that an entry of `exclude` says.
fn is_part(entry: Value<'_>, row: &Row<'_>) -> bool {
    let has = |(key, value): (&str, Value<'_>)| match row.get(key) {
        Cell::Value(own) => own.text().is_some() && own.text() == value.text(),
        _ => false,
    };
    entry.is_mapping() && entry.entries().all(has)
}
