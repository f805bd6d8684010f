//! `RUSTUP_TOOLCHAIN`, the variable that rustup takes ahead of every toolchain file.
//!
//! Source: rustup's book, [overrides](https://rust-lang.github.io/rustup/overrides.html).

use std::collections::HashSet;

use super::expression;
use super::matrix::Row;
use crate::scanner::dependency::Dependency;
use crate::scanner::shell;
use crate::scanner::yaml::Value;

/// Whether `env` of a job or step names a toolchain.
pub(super) fn is_named(value: Value<'_>) -> bool {
    named(value).is_some()
}

fn named(value: Value<'_>) -> Option<Value<'_>> {
    value.get("env")?.get("RUSTUP_TOOLCHAIN")
}

/// The toolchains that `env` names, in each of the forms that the rows of a matrix give it. What cannot be decided is not declared
/// here: an input, or what a step before has found out.
pub(super) fn of(value: Value<'_>, table: &str, rows: &[Row<'_>]) -> Vec<Dependency> {
    let Some(value) = named(value) else { return Vec::new() };
    let Some(script) = value.script() else { return Vec::new() };
    if !script.text().contains("${{") {
        return shell::toolchain(script.text(), script.span(0..script.text().len()), table).into_iter().collect();
    }
    let mut seen = HashSet::new();
    let forms = rows.iter().flat_map(|row| expression::resolve(script.text(), row));
    let forms = forms.filter(|form| value.spend(1) && !form.text.contains("${{") && seen.insert(form.text.clone()));
    let place = |form: &expression::Resolved<'_>| form.source.map_or_else(|| value.span(), Value::span);
    forms.filter_map(|form| shell::toolchain(&form.text, place(&form), table)).collect()
}
