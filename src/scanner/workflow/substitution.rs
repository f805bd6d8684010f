//! What a `run:` script does once its expressions are put in: literals, values of a static matrix, and of a static `env`.
//!
//! GitHub puts the text in before a shell sees any of it. Here each expression that is known becomes a variable of just its
//! length, so that everything stays where it is written.

use std::collections::HashSet;

use super::matrix::Row;
use super::{Value, expression};
use crate::scanner::dependency::{Dependency, Pin};
use crate::scanner::script::Script;
use crate::scanner::shell::{self, Build, Commands, Environment};
use crate::text::Span;

/// The most forms of one script that are read.
const MOST: usize = 64;

/// The most expressions of one script that are put in, so that the name of each is shorter than itself.
const EXPRESSIONS: usize = 256;

/// How a variable that stands for an expression begins.
const MARK: &str = "${_";

/// The scripts in the matrix that a `run:` is one or the other of, as by `run: ${{ matrix.command }}`; none where it is a script of
/// its own, or the file does not say what it is.
pub(super) fn whole<'d, 'r>(run: Value<'_>, rows: impl FnOnce() -> &'r [Row<'d>]) -> Option<Vec<Script>>
where
    'd: 'r,
{
    let text = run.text()?.trim();
    let (before, _, after) = expression::split(text)?;
    if !before.is_empty() || !after.is_empty() {
        return None;
    }
    let mut seen = HashSet::new();
    let sources = rows().iter().flat_map(|row| expression::resolve(text, row)).filter_map(|one| one.source);
    let scripts: Vec<Script> =
        sources.filter(|source| run.spend(1) && seen.insert(source.span())).filter_map(Value::script).collect();
    (!scripts.is_empty()).then_some(scripts)
}

/// Whether anything in a script hangs on an expression: a declaration, or whether a build is locked.
pub(super) fn is_wanted(commands: &Commands, script: &Script) -> bool {
    let text = script.text();
    text.contains("${{")
        && (commands.dependencies.iter().any(|one| one.pin == Pin::Unknown)
            || ["cargo", "cross"].iter().any(|program| text.contains(program)))
}

/// Puts in the place of each declaration that is not known what it comes to in the rows of the matrix, and adds the builds that
/// are not locked in one of them. All stays where they do not say either, and where `spend` finds that a form is one too many.
pub(super) fn resolve(
    commands: &mut Commands,
    script: &Script,
    environment: &Environment,
    rows: &[Row<'_>],
    table: &str,
    spend: impl Fn(usize) -> bool,
) {
    let Some(forms) = forms(script.text(), environment, rows, &spend) else { return };
    let mut found: Vec<Vec<Dependency>> = vec![Vec::new(); commands.dependencies.len()];
    let (count, mut builds) = (forms.len(), Vec::new());
    for form in forms {
        // Reading a script costs as much as it is long, and its environment is made for it.
        if !spend(1 + script.text().len() / 4 + environment.len()) {
            return;
        }
        let (text, values) = put_in(script.text(), &form);
        let mut environment = environment.clone();
        environment.extend(values);
        let read = shell::read(&script.replaced(text), &environment, table);
        builds.extend(read.builds);
        let read = Read::new(&read.dependencies);
        for (dependency, found) in commands.dependencies.iter().zip(&mut found) {
            if dependency.pin != Pin::Unknown {
                continue;
            }
            let one = match read.at(dependency.span) {
                Some(one) => one,
                // In this row there is nothing to install, or another row says what.
                None if form.iter().flatten().any(String::is_empty) => continue,
                None => dependency,
            };
            found.push(Dependency { span: dependency.span, site: None, ..one.clone() });
        }
    }
    add_builds(&mut commands.builds, builds, count);
    let known = std::mem::take(&mut commands.dependencies);
    for (dependency, mut found) in known.into_iter().zip(found) {
        if dependency.pin != Pin::Unknown || found.is_empty() {
            commands.dependencies.push(dependency);
            continue;
        }
        let mut seen = HashSet::new();
        found.retain(|one| seen.insert((one.name.clone(), one.requirement.clone())));
        commands.dependencies.append(&mut found);
    }
}

/// Adds the builds of so many forms. `--locked` goes only where none of them has it.
fn add_builds(known: &mut Vec<Build>, mut found: Vec<Build>, forms: usize) {
    let there: HashSet<(Span, &str)> = known.iter().map(|build| (build.span, build.command.as_str())).collect();
    found.retain(|build| !there.contains(&(build.span, build.command.as_str())) && !build.command.contains(MARK));
    found.sort_by(|a, b| (a.span, &a.command).cmp(&(b.span, &b.command)));
    for same in found.chunk_by(|a, b| (a.span, &a.command) == (b.span, &b.command)) {
        let site = same[0].site.clone().filter(|_| same.len() == forms);
        known.push(Build { site, ..same[0].clone() });
    }
    known.sort_by_key(|build| build.span);
}

/// The declarations of one form that say all, by their places.
struct Read<'r> {
    /// In the order of their places.
    plain: Vec<&'r Dependency>,
    /// The last end of each and of those before it.
    ends: Vec<u32>,
}

impl<'r> Read<'r> {
    fn new(read: &'r [Dependency]) -> Self {
        let plain: Vec<_> = read.iter().filter(|one| is_plain(one)).collect();
        let mut last = 0;
        let ends = plain.iter().map(|one| {
            last = last.max(one.span.end);
            last
        });
        Self { ends: ends.collect(), plain }
    }

    /// The first one that has something of a place.
    fn at(&self, span: Span) -> Option<&'r Dependency> {
        let before = self.plain.partition_point(|one| one.span.start < span.end);
        let near = (0..before).rev().take_while(|&at| self.ends[at] > span.start).map(|at| self.plain[at]);
        near.filter(|one| one.span.end > span.start).last()
    }
}

/// Whether nothing that stands for an expression is left in a declaration.
fn is_plain(one: &Dependency) -> bool {
    one.pin != Pin::Unknown
        && one.requirement.as_deref() != Some("")
        && !one.name.contains(MARK)
        && !one.requirement.as_ref().is_some_and(|it| it.contains(MARK))
}

/// What the expressions of a script come to, together: in each form a value for each of them, none where it is not known. None
/// where there are too many, or nothing is known.
fn forms(
    text: &str,
    environment: &Environment,
    rows: &[Row<'_>],
    spend: impl Fn(usize) -> bool,
) -> Option<Vec<Vec<Option<String>>>> {
    let (mut written, mut rest) = (Vec::new(), text);
    while let Some((before, expression, after)) = expression::split(rest) {
        written.push((&rest[before.len()..rest.len() - after.len()], expression.trim()));
        rest = after;
    }
    if written.len() > EXPRESSIONS || !spend(rows.len() * written.len()) {
        return None;
    }
    let (mut forms, mut seen) = (Vec::new(), HashSet::new());
    for row in rows {
        let values = written.iter().map(|(written, inner)| {
            if let Some(value) = inner.strip_prefix("env.").and_then(|name| environment.get(name)) {
                return vec![Some(value.clone())];
            }
            let resolved = expression::resolve(written, row);
            resolved.into_iter().map(|one| Some(one.text).filter(|text| !text.contains("${{"))).collect()
        });
        let values: Vec<Vec<Option<String>>> = values.collect();
        // Each value of each is in one form at least; which go together is not known.
        for nth in 0..values.iter().map(Vec::len).max()? {
            let form: Vec<Option<String>> = values.iter().map(|all| all.get(nth % all.len().max(1))?.clone()).collect();
            // One more for each value that no form has yet: all combinations would be a great many.
            let fresh = form.iter().enumerate().filter(|&(at, value)| seen.insert((at, value.clone()))).count();
            if fresh > 0 {
                forms.push(form);
            }
            if forms.len() > MOST {
                return None;
            }
        }
    }
    Some(forms)
}

/// A script with a variable in place of each expression that is known, and the values of the variables.
fn put_in(text: &str, form: &[Option<String>]) -> (String, Environment) {
    let (mut written, mut rest, mut values) = (String::with_capacity(text.len()), text, Environment::new());
    for (nth, value) in form.iter().enumerate() {
        let Some((before, _, after)) = expression::split(rest) else { break };
        let expression = &rest[before.len()..rest.len() - after.len()];
        written.push_str(before);
        match value {
            Some(value) => {
                let name = format!("{:_<1$}", format!("_{nth:x}"), expression.len() - "${}".len());
                written.push_str(&format!("${{{name}}}"));
                values.insert(name, value.clone());
            }
            None => written.push_str(expression),
        }
        rest = after;
    }
    written.push_str(rest);
    (written, values)
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use crate::text::FileId;

    /// The builds and tools of a job with a matrix and one step: each with what is written there, a build with where it is mended.
    fn found(matrix: &str, run: &str) -> Vec<String> {
        let text = format!(
            "jobs:\n  a:\n    strategy:\n      matrix:\n        {matrix}\n    steps:\n      - run: {run}\n        shell: bash\n"
        );
        let sheet = read(FileId(0), ".github/workflows/x.yml", &text);
        let builds = sheet.builds.iter().map(|build| {
            let end = build.site.as_ref().map_or("", |site| if site.before == " --locked" { ", mended" } else { "?" });
            format!("{} at `{}`{end}", build.command, &text[build.span.range()])
        });
        let tools = sheet.dependencies.iter().map(|one| format!("{} at `{}`", one.name, &text[one.span.range()]));
        builds.chain(tools).collect()
    }

    #[test]
    fn a_command_in_the_matrix_is_read_there() {
        let both = ["cargo check at `cargo check`, mended", "a at `a`"];
        for run in ["${{ matrix.cmd }}", "' ${{matrix.cmd}} '"] {
            assert_eq!(found("cmd: [cargo check, 'pip install a', cargo test --locked, 7]", run), both, "{run}");
        }
        let nested = "task: [{ run: cargo check }, { run: \"pip install a\" }]";
        assert_eq!(found(nested, "${{ matrix.task.run }}"), both);
        assert_eq!(found("cmd: [check, fmt]", "cargo ${{ matrix.cmd }}"), ["cargo check at `cargo ${{ matrix.cmd }}`"]);
        assert_eq!(found("cmd: ${{ fromJSON(x) }}", "${{ matrix.cmd }}"), [""; 0]);
    }

    #[test]
    fn values_of_the_matrix_are_locked_or_not() {
        let run = "cargo clippy ${{ matrix.features }} -- -D warnings";
        let is = |matrix: &str, expected: &[&str]| assert_eq!(found(matrix, run), expected, "{matrix}");
        is("features: ['', --features enterprise]", &["cargo clippy at `cargo clippy`, mended"]);
        // Put in, it would be there twice.
        is("features: ['', --locked]", &["cargo clippy at `cargo clippy`"]);
        is("features: [--locked, --frozen --all]", &[]);
        is("features: ${{ fromJSON(x) }}", &[]);
        is("other: [1]", &["cargo clippy at `cargo clippy`, mended"]);
        let run = "cargo build && cargo test ${{ matrix.x }} ${{ inputs.y }}";
        assert_eq!(found("x: [a, b]", run), ["cargo build at `cargo build`, mended"]);
    }
}
