//! What a `run:` script does once its expressions are put in: literals, values of a static matrix, and of a static `env`.
//!
//! GitHub puts the text in before a shell sees any of it. Here each expression that is known becomes a variable of just its
//! length, so that everything stays where it is written.

use std::collections::HashSet;

use super::expression;
use super::matrix::Row;
use crate::scanner::dependency::{Dependency, Pin};
use crate::scanner::script::Script;
use crate::scanner::shell::{self, Commands, Environment};
use crate::text::Span;

/// The most forms of one script that are read.
const MOST: usize = 64;

/// The most expressions of one script that are put in, so that the name of each is shorter than itself.
const EXPRESSIONS: usize = 256;

/// How a variable that stands for an expression begins.
const MARK: &str = "${_";

/// Whether any declaration in a script hangs on an expression.
pub(super) fn is_wanted(commands: &Commands, script: &Script) -> bool {
    script.text().contains("${{") && commands.dependencies.iter().any(|one| one.pin == Pin::Unknown)
}

/// Puts in the place of each declaration that is not known what it comes to in the rows of the matrix. It stays where they do
/// not say either, and where `spend` finds that a form is one too many.
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
    for form in forms {
        // Reading a script costs as much as it is long, and its environment is made for it.
        if !spend(1 + script.text().len() / 4 + environment.len()) {
            return;
        }
        let (text, values) = put_in(script.text(), &form);
        let mut environment = environment.clone();
        environment.extend(values);
        let read = shell::read(&script.replaced(text), &environment, table).dependencies;
        let read = Read::new(&read);
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
