//! What a script of a workflow finds around it: the values of `env`, and the shell.

use super::Value;
use crate::scanner::shell::Environment;

/// The longest value of an environment that is kept, in bytes.
const LONGEST: usize = 1_000;

/// The most values of an environment that are kept: each script below takes them all along.
const MOST: usize = 128;

/// An environment with what `env` of a workflow, job or step says on top; what is not literal is not known any more. In a
/// hostile file there are many values, and many that inherit them: then each has its own alone.
pub(super) fn extended(environment: &Environment, value: Value<'_>) -> Environment {
    let is_paid = value.spend(environment.len().saturating_mul(64));
    let mut environment = if is_paid { environment.clone() } else { Environment::new() };
    for (key, value) in value.get("env").into_iter().flat_map(Value::entries) {
        match value.text().filter(|text| !text.contains("${{") && text.len() <= LONGEST) {
            Some(text) if environment.len() < MOST || environment.contains_key(key) => {
                environment.insert(key.to_owned(), text.to_owned())
            }
            _ => environment.remove(key),
        };
    }
    environment
}

/// `defaults.run.shell`.
pub(super) fn default_shell(value: Value<'_>) -> Option<&str> {
    value.get("defaults")?.get("run")?.get("shell")?.text()
}
