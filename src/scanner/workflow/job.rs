//! A job of a workflow, with what its steps need to know of it.

use std::cell::{Cell, OnceCell};

use super::matrix::{self, Row};
use crate::scanner::shell::{Commands, Doubt, Environment};
use crate::scanner::yaml::Value;

/// A job; that of an action is its only one.
pub(super) struct Job<'d> {
    pub(super) id: &'d str,
    pub(super) environment: Environment,
    /// The shell of steps that name none.
    pub(super) shell: Option<&'d str>,
    /// Whether what its commands build is other code, or was changed by a step before.
    pub(super) is_other: Cell<bool>,
    value: Option<Value<'d>>,
    rows: OnceCell<Vec<Row<'d>>>,
}

impl<'d> Job<'d> {
    pub(super) fn new(id: &'d str, value: Option<Value<'d>>, environment: Environment, shell: Option<&'d str>) -> Self {
        let is_other = Cell::new(value.is_some_and(is_elsewhere));
        Self { id, environment, shell, is_other, value, rows: OnceCell::new() }
    }

    /// The combinations of its matrix.
    pub(super) fn rows(&self) -> &[Row<'d>] {
        self.rows.get_or_init(|| self.value.map_or_else(|| vec![Row::open()], matrix::rows))
    }
}

/// The steps of a job or an action; those that run beside each other, below `parallel`, in the order in which they are written.
pub(super) fn steps<'d>(of: Value<'d>) -> impl Iterator<Item = Value<'d>> {
    of.get("steps").into_iter().flat_map(Value::items).flat_map(|step| {
        let group = step.get("parallel");
        let alone = group.is_none().then_some(step);
        group.into_iter().flat_map(Value::items).chain(alone)
    })
}

/// Notes that a step runs its commands elsewhere than in what was checked out, where it does.
pub(super) fn mark_outside(step: Value<'_>, commands: &mut Commands) {
    let directory = step.get("working-directory").and_then(Value::text);
    let is_outside = |at: &str| at.starts_with(['/', '~']) || at.starts_with("..") || at.contains("runner.temp");
    if directory.is_some_and(is_outside) {
        commands.builds.iter_mut().for_each(|build| build.doubt = Some(Doubt::Outside));
    }
}

/// Whether a job checks out other repositories, too: what its commands build may be one of them.
fn is_elsewhere(job: Value<'_>) -> bool {
    let is_checkout = |step: &Value<'_>| {
        step.get("uses").and_then(Value::text).is_some_and(|uses| uses.starts_with("actions/checkout@"))
    };
    let is_other = |step: Value<'_>| {
        let repository = step.get("with").and_then(|with| with.get("repository")).and_then(Value::text);
        let is_own = |repository: &str| {
            ["github.repository", "pull_request.head.repo"].iter().any(|own| repository.contains(own))
        };
        repository.is_some_and(|repository| !is_own(repository))
    };
    steps(job).filter(is_checkout).any(is_other)
}

#[cfg(test)]
mod tests {
    use crate::text::FileId;

    #[test]
    fn what_else_a_job_checks_out_and_where_a_step_runs_may_be_what_is_built() {
        let check = |steps: &str, is_own: bool| {
            let text = format!("jobs:\n  a:\n    steps:\n{steps}");
            let sheet = super::super::read(FileId(0), ".github/workflows/ci.yml", &text);
            assert_eq!(sheet.builds[0].doubt.is_none(), is_own, "{steps}");
        };
        let checkout = |with: &str| {
            format!("      - uses: actions/checkout@v4\n        with: {{{with}}}\n      - run: cargo build\n")
        };
        check(&checkout("ref: x"), true);
        check(&checkout("repository: '${{ github.event.pull_request.head.repo.full_name }}'"), true);
        check(&checkout("repository: '${{ matrix.repo }}'"), false);
        check(&(checkout("path: own") + &checkout("repository: a/b, path: other")), false);
        for (directory, is_own) in [("sub", true), ("/tmp/x", false), ("../x", false), ("${{ runner.temp }}/x", false)]
        {
            check(&format!("      - run: cargo build\n        working-directory: {directory}\n"), is_own);
        }
    }

    #[test]
    fn an_action_that_others_use_builds_what_is_theirs() {
        let text = "runs:\n  using: composite\n  steps:\n    - run: cargo build\n";
        for (place, is_own) in [("action.yml", false), ("x/action.yml", false), (".github/actions/x/action.yml", true)]
        {
            let sheet = super::super::read(FileId(0), place, text);
            assert_eq!(sheet.builds[0].doubt.is_none(), is_own, "{place}");
        }
    }

    /// Source: GitHub's workflow syntax, `jobs.<job_id>.steps[*].parallel`.
    #[test]
    fn what_steps_beside_each_other_use_and_run_is_found() {
        let steps = "    - parallel:\n        - uses: o/r@v1\n        - run: cargo build\n        - uses: docker://alpine:3\n    - uses: o/r@v2\n      background: true\n    - wait-all:\n";
        let jobs = format!("jobs:\n  a:\n    runs-on: x\n    steps:\n{steps}");
        let action = format!("runs:\n  using: composite\n  steps:\n{steps}");
        for (place, text) in [(".github/workflows/ci.yml", &jobs), ("action.yml", &action)] {
            let sheet = super::super::read(FileId(0), place, text);
            let found: Vec<&str> = sheet.dependencies.iter().filter_map(|one| one.requirement.as_deref()).collect();
            assert_eq!((found, sheet.builds.len()), (vec!["v1", "3", "v2"], 1), "{place}: {:?}", sheet.problems);
        }
    }
}
