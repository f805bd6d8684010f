//! GitHub workflows and the metadata of actions: which actions, reusable workflows and images they use, and what they run.
//!
//! Source: GitHub's references of the [workflow syntax](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax)
//! and of the [metadata of actions](https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax). Forgejo
//! and Gitea read the same from directories of their own.

mod environment;
mod expression;
mod job;
mod matrix;
mod substitution;
mod toolchain;
mod uses;

use std::collections::HashSet;

use super::dependency::Dependency;
use super::script::is_shell;
use super::shell::{self, Commands, Doubt, Environment};
use super::surfaces::{Kind, Sheet};
use super::yaml::{self, Document, Value};
use super::{Problem, image};
use crate::text::{FileId, Span};
use environment::{default_shell, extended};
use job::Job;

pub(super) use uses::commented;

/// The directories whose workflows run: those at the root alone, on each forge.
const DIRECTORIES: [&str; 3] = [".github/workflows", ".forgejo/workflows", ".gitea/workflows"];

/// What a file is to GitHub, by its place and its name.
pub(super) fn kind(place: &str, name: &str) -> Option<Kind> {
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    if !is_yaml {
        return None;
    }
    let directory = place.strip_suffix(name).map_or("", |directory| directory.trim_end_matches('/'));
    if DIRECTORIES.contains(&directory) {
        return Some(Kind::Workflow);
    }
    matches!(name, "action.yml" | "action.yaml").then_some(Kind::Action)
}

/// Reads a workflow, or the metadata of an action.
pub(super) fn read(file: FileId, place: &str, text: &str) -> Sheet {
    let is_action = kind(place, place.rsplit('/').next().unwrap_or(place)) == Some(Kind::Action);
    // Other programs call files so too: what does not even name `runs` is theirs.
    if is_action && memchr::memmem::find(text.as_bytes(), b"runs").is_none() {
        return Sheet::default();
    }
    let mut sheet = Sheet::default();
    match yaml::parse(file, text) {
        // A template of an action is no YAML yet.
        Err(_) if is_action && (text.contains("{%") || text.replace("${{", "").contains("{{")) => {}
        Err(problem) => sheet.problems.push(problem),
        Ok(document) => {
            let mut reader = Reader { sheet, seen: HashSet::new() };
            reader.read(&document, is_action);
            sheet = reader.sheet;
        }
    }
    if is_action && !place.starts_with(".github/") {
        // Whoever uses it has it build what is theirs.
        sheet.builds.iter_mut().for_each(|build| _ = build.doubt.get_or_insert(Doubt::Brought));
    }
    sheet
}

/// A file while it is read.
struct Reader {
    sheet: Sheet,
    /// What was found already: an alias says the same again, at the same place.
    seen: HashSet<(Span, String, Option<String>)>,
}

impl Reader {
    fn read(&mut self, document: &Document<'_>, is_action: bool) {
        let Some(root) = document.root() else { return };
        if is_action {
            self.action(root)
        } else {
            self.workflow(root)
        }
        for (key, span) in &document.duplicates {
            let message = format!("`{key}` is there twice: GitHub refuses it");
            self.sheet.problems.push(Problem::new(*span, message));
        }
        if document.is_exhausted() {
            let message = "aliases or combinations of a matrix make too much of it: not all of it was read".to_owned();
            self.sheet.problems.push(Problem::new(root.span(), message));
        }
    }

    fn workflow(&mut self, root: Value<'_>) {
        let shared = extended(&Environment::new(), root);
        let shell = default_shell(root);
        toolchain::of(root, "env", &[]).into_iter().for_each(|dependency| self.add(dependency));
        for (id, value) in root.get("jobs").into_iter().flat_map(Value::entries) {
            let environment = extended(&shared, value);
            let shell = default_shell(value).or(shell);
            let job = Job::new(id, Some(value), environment, shell);
            self.job(&job, value);
        }
    }

    fn job(&mut self, job: &Job<'_>, value: Value<'_>) {
        self.toolchain(job, value);
        if let Some(uses) = value.get("uses") {
            self.uses(job, uses);
        }
        if let Some(container) = value.get("container") {
            self.image(job, container.get("image").unwrap_or(container), "");
        }
        for (_, service) in value.get("services").into_iter().flat_map(Value::entries) {
            self.image(job, service.get("image").unwrap_or(service), "");
        }
        for step in job::steps(value) {
            self.step(job, step);
        }
    }

    fn action(&mut self, root: Value<'_>) {
        let Some(runs) = root.get("runs") else { return };
        let job = Job::new("runs", None, Environment::new(), None);
        if let Some(image) = runs.get("image") {
            // Without the scheme it is a Dockerfile of the action's own.
            self.image(&job, image, uses::DOCKER);
        }
        for step in job::steps(runs) {
            self.step(&job, step);
        }
    }

    /// The toolchain that `env` of a job or step names.
    fn toolchain(&mut self, job: &Job<'_>, value: Value<'_>) {
        if toolchain::is_named(value) {
            toolchain::of(value, job.id, job.rows()).into_iter().for_each(|dependency| self.add(dependency));
        }
    }

    fn step(&mut self, job: &Job<'_>, step: Value<'_>) {
        self.toolchain(job, step);
        if let Some(uses) = step.get("uses") {
            self.uses(job, uses);
        }
        let Some(run) = step.get("run") else { return };
        let shell = step.get("shell").and_then(Value::text).or(job.shell);
        // An expression is read as the default, which is `bash` almost everywhere.
        if shell.is_some_and(|shell| !shell.contains("${{") && !is_shell(shell)) {
            return;
        }
        let own = step.get("env").is_some().then(|| extended(&job.environment, step));
        let environment = own.as_ref().unwrap_or(&job.environment);
        if let Some(scripts) = substitution::whole(run, || job.rows()) {
            scripts.iter().for_each(|script| self.commands(job, shell::read(script, environment, job.id)));
            return;
        }
        let Some(script) = run.script() else { return };
        let mut commands = shell::read(&script, environment, job.id);
        job::mark_outside(step, &mut commands);
        if substitution::is_wanted(&commands, &script) {
            let rows = job.rows();
            substitution::resolve(&mut commands, &script, environment, rows, job.id, |cost| run.spend(cost));
        }
        self.commands(job, commands);
    }

    fn commands(&mut self, job: &Job<'_>, commands: Commands) {
        commands.dependencies.into_iter().for_each(|dependency| self.add(dependency));
        for mut build in commands.builds {
            build.doubt = build.doubt.or(job.is_other.get().then_some(Doubt::Brought));
            if self.seen.insert((build.span, build.command.clone(), None)) {
                self.sheet.builds.push(build);
            }
        }
        job.is_other.set(job.is_other.get() || commands.code.is_changed);
    }

    fn uses(&mut self, job: &Job<'_>, uses: Value<'_>) {
        if uses.text().is_some_and(|text| text.trim_start().starts_with(uses::DOCKER)) {
            return self.image(job, uses, uses::DOCKER);
        }
        if let Some(mut dependency) = uses::dependency(uses) {
            job.id.clone_into(&mut dependency.table);
            self.add(dependency);
        }
    }

    /// An image behind a scheme, in each of the forms that the job's matrix gives it.
    fn image(&mut self, job: &Job<'_>, value: Value<'_>, scheme: &str) {
        let Some(text) = value.text().map(str::trim).filter(|_| !value.is_null()) else { return };
        // A container may be written as a step's image is.
        let scheme = if text.starts_with(uses::DOCKER) { uses::DOCKER } else { scheme };
        let Some(text) = text.strip_prefix(scheme) else { return };
        if !text.contains("${{") {
            let found = from_scalar(value, scheme);
            return found.into_iter().for_each(|dependency| self.add_image(job, dependency));
        }
        let rows = job.rows();
        let mut distinct = HashSet::new();
        for row in rows {
            for one in expression::resolve(text, row) {
                if !value.spend(1) || !distinct.insert((one.text.clone(), one.source.map(Value::span))) {
                    continue;
                }
                let found = match one.source {
                    // The whole reference stands in the matrix: there it is to be pinned.
                    Some(source) => from_scalar(source, uses::DOCKER).or_else(|| from_scalar(source, "")),
                    None => image::dependency(one.text.trim(), |_| reference(value, scheme), |_| false),
                };
                found.into_iter().for_each(|dependency| self.add_image(job, dependency));
            }
        }
    }

    fn add_image(&mut self, job: &Job<'_>, mut dependency: Dependency) {
        job.id.clone_into(&mut dependency.table);
        self.add(dependency);
    }

    fn add(&mut self, dependency: Dependency) {
        if self.seen.insert((dependency.span, dependency.name.clone(), dependency.requirement.clone())) {
            self.sheet.dependencies.push(dependency);
        }
    }
}

/// Where the trimmed text of a scalar stands, behind a scheme.
fn reference(value: Value<'_>, scheme: &str) -> Span {
    let Some(script) = value.script() else { return value.span() };
    let text = script.text();
    let start = text.len() - text.trim_start().len();
    script.span(start + scheme.len()..text.trim_end().len().max(start + scheme.len()))
}

/// The image that a scalar names behind a scheme.
fn from_scalar(value: Value<'_>, scheme: &str) -> Option<Dependency> {
    let script = value.script()?;
    let text = script.text();
    let start = text.len() - text.trim_start().len();
    let text = text.trim().strip_prefix(scheme)?;
    let start = start + scheme.len();
    let shift = |range: std::ops::Range<usize>| range.start + start..range.end + start;
    image::dependency(text, |range| script.span(shift(range)), |range| script.is_verbatim(&shift(range.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = ".github/workflows/ci.yml";
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    /// What is declared, each as `table: name@requirement pin`; the span of each is what is written of it.
    fn found(place: &str, text: &str) -> Vec<String> {
        let sheet = read(FileId(0), place, text);
        assert_eq!(sheet.problems, [], "{text}");
        let row = |one: &Dependency| {
            let written = one.requirement.as_deref().unwrap_or(&one.name);
            let slice = &text[one.span.range()];
            assert!(slice == written || slice.contains("${{") || slice.contains(['\n', '\\']), "{slice} for {written}");
            format!("{}: {}@{} {}", one.table, one.name, one.requirement.as_deref().unwrap_or(""), one.pin)
        };
        sheet.dependencies.iter().map(row).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(found(PLACE, text), expected, "{text}");
    }

    /// A job whose steps, container and the like are these lines.
    fn job(lines: &str) -> String {
        format!("on: push\njobs:\n  a:\n    runs-on: x\n{lines}")
    }

    #[test]
    fn files_are_read_where_a_forge_does() {
        for (place, kind_of) in [
            (".github/workflows/ci.yml", Some(Kind::Workflow)),
            (".forgejo/workflows/ci.yaml", Some(Kind::Workflow)),
            (".github/workflows/sub/ci.yml", None),
            ("a/.github/workflows/ci.yml", None),
            (".github/workflows/ci.json", None),
            ("a/b/action.yaml", Some(Kind::Action)),
            (".github/workflows/action.yml", Some(Kind::Workflow)),
            ("my-action.yml", None),
        ] {
            assert_eq!(kind(place, place.rsplit('/').next().unwrap_or(place)), kind_of, "{place}");
        }
    }

    #[test]
    fn every_uses_is_found_in_each_style() {
        let text = format!(
            "jobs:\n  call:\n    uses: o/r/.github/workflows/x.yml@main\n  a:\n    steps:\n      - uses: o/r@{COMMIT}\n      \
             - {{ uses: 'o/r/sub@v1' }}\n      - uses: \"o/r@v\\x31\"\n      - uses: >-\n          o/r@v2\n      - uses: ./x\n      \
             - uses: $/y\n      - uses: o/r\n      - name: é\n        uses: é/r@v3 \r\n      - uses: o/r@${{{{ x }}}}\n      - uses:\n"
        );
        let commit = format!("a: o/r@{COMMIT} content");
        let expected = [
            "call: o/r/.github/workflows/x.yml@main latest",
            &commit,
            "a: o/r/sub@v1 tag",
            "a: o/r@v1 tag",
            "a: o/r@v2 tag",
            "a: ./x@ content",
            "a: $/y@ content",
            "a: o/r@ latest",
            "a: é/r@v3 tag",
            "a: o/r@${{ x }} unknown",
        ];
        assert_eq!(found(PLACE, &text), expected);
    }

    #[test]
    fn where_a_pin_would_be_written_is_known() {
        let text = "jobs:\n  a:\n    steps:\n      - uses: o/r@v1\n      - uses: 'o/r@v2'  \n      - uses: o/r@v3 # three\n      - {uses: o/r@v4}\n";
        let sites: Vec<_> = read(FileId(0), PLACE, text).dependencies.into_iter().filter_map(|one| one.site).collect();
        let written: Vec<&str> = sites.iter().map(|site| &text[site.span.range()]).collect();
        assert_eq!(written, ["v1", "v2", "v3", "v4"]);
        let room: Vec<Option<&str>> =
            sites.iter().map(|site| site.comment.map(|at| &text[at.start as usize - 2..at.start as usize])).collect();
        assert_eq!(room, [Some("v1"), Some("2'"), None, None]);
    }

    #[test]
    fn images_stand_in_four_places() {
        let lines = "    container: node:20\n    services:\n      db:\n        image: postgres\n      none:\n        image: ''\n      \
                     q: redis:7\n    steps:\n      - uses: docker://alpine:3\n";
        check(&job(lines), &["a: node@20 tag", "a: postgres@ latest", "a: redis@7 tag", "a: alpine@3 tag"]);
        check(&job("    container: ~\n    services:\n      x:\n        image: null\n"), &[]);
        check(&job("    container:\n      image: ghcr.io/a/b:1\n"), &["a: ghcr.io/a/b@1 tag"]);
        let action = "name: x\nruns:\n  using: docker\n  image: docker://a/b:1\n";
        assert_eq!(found("x/action.yml", action), ["runs: a/b@1 tag"]);
        assert_eq!(found("x/action.yml", "runs:\n  using: docker\n  image: Dockerfile\n"), [""; 0]);
        assert_eq!(
            found("action.yml", "runs:\n  using: composite\n  steps:\n    - uses: o/r@v1\n"),
            ["runs: o/r@v1 tag"]
        );
    }

    #[test]
    fn a_static_matrix_is_put_in() {
        let matrix = "    strategy:\n      matrix:\n        image: ['node:20', \"debian\"]\n        tag: [1, 2]\n        exclude:\n          \
                      - tag: 2\n        include:\n          - image: node:20\n            extra: x\n          - image: ''\n            tag: 9\n";
        let with = |lines: &str| job(&format!("{matrix}{lines}"));
        check(&with("    container: ${{ matrix.image }}\n"), &["a: node@20 tag", "a: debian@ latest"]);
        check(&with("    container: 'b:${{ matrix.tag }}'\n"), &["a: b@1 tag", "a: b@9 tag"]);
        check(&with("    container: ${{ matrix['extra'] && 'a:1' || 'b:2' }}\n"), &["a: a@1 tag", "a: b@2 tag"]);
        check(&with("    container: ${{ matrix.absent }}\n"), &[]);
        check(&with("    container:\n      image: docker://b:${{ matrix.tag }}\n"), &["a: b@1 tag", "a: b@9 tag"]);
        check(&with("    container: ${{ matrix.absent || 'c:3' }}\n"), &["a: c@3 tag"]);
        check(&with("    container: ${{ (matrix.tag == 1) && 'd' || '' }}\n"), &["a: d@ latest"]);
    }

    #[test]
    fn what_a_script_installs_by_the_matrix_is_known() {
        let matrix = "    env: {T: 1.2.3}\n    strategy:\n      matrix:\n        v: [stable, 1.80.1]\n        include:\n          - v: ${{ x }}\n    steps:\n";
        let with = |run: &str| job(&format!("{matrix}      - run: {run}\n"));
        check(
            &with("rustup default ${{ matrix.v }}"),
            &["a: rust@stable latest", "a: rust@1.80.1 exact", "a: rust@${{ matrix.v }} unknown"],
        );
        // In single quotes a shell would not put a variable in.
        check(&with("rustup default '${{ matrix.v }}'"), &["a: rust@${{ matrix.v }} unknown"]);
        check(&with("cargo +${{ env.T }} build --locked"), &["a: rust@1.2.3 exact"]);
        check(&with("cargo install --locked é@${{ env.T }} b@${{ '1.2' }}"), &["a: é@1.2.3 exact", "a: b@1.2 range"]);
        check(&with("npm i -g c@1.0.0 d@${{ inputs.x }}"), &["a: c@1.0.0 exact", "a: d@${{ inputs.x }} unknown"]);
    }

    #[test]
    fn the_variable_that_chooses_a_toolchain_is_one() {
        let with = |text: &str| {
            format!(
                "    strategy: {{matrix: {{v: [stable, 1.80.1]}}}}\n    env: {{RUSTUP_TOOLCHAIN: {text}}}\n    steps: []\n"
            )
        };
        check(&job(&with("nightly")), &["a: rust@nightly latest"]);
        check(&job(&with("'${{ matrix.v }}'")), &["a: rust@stable latest", "a: rust@1.80.1 exact"]);
        check(&job(&with("'${{ inputs.v }}'")), &[]);
        check("env: {RUSTUP_TOOLCHAIN: beta}\njobs: {}\n", &["env: rust@beta latest"]);
    }

    #[test]
    fn what_the_file_does_not_say_is_unknown() {
        for image in
            ["${{ inputs.x }}", "a:${{ vars.T }}", "${{ format('a:{0}', matrix.v) }}", "${{ matrix.v }}", "${{ 'a"]
        {
            let text =
                job(&format!("    strategy:\n      matrix: ${{{{ fromJSON(x) }}}}\n    container: \"{image}\"\n"));
            let found = found(PLACE, &text);
            assert!(found.len() == 1 && found[0].ends_with(" unknown"), "{found:?}");
        }
        check(
            &job("    container: ${{ inputs.x || 'a:1' }}\n"),
            &["a: ${{ inputs.x || 'a:1' }}@ unknown", "a: a@1 tag"],
        );
    }

    #[test]
    fn an_alias_is_what_it_stands_for_and_told_once() {
        let text = "jobs:\n  a:\n    steps: &s\n      - &u\n        uses: o/r@v1\n      - *u\n  b:\n    steps: *s\n    container: &i node\n  c:\n    container: *i\n";
        check(text, &["a: o/r@v1 tag", "b: node@ latest"]);
        let mut bomb = "jobs:\n  a0:\n    steps: &s\n".to_owned();
        bomb.push_str(&"      - uses: o/r@v1\n".repeat(3_000));
        (1..3_000).for_each(|n| bomb.push_str(&format!("  a{n}:\n    steps: *s\n")));
        let sheet = read(FileId(0), PLACE, &bomb);
        assert!(sheet.dependencies.len() == 3_000 && sheet.problems[0].message.contains("not all of it was read"));
    }

    #[test]
    fn what_github_refuses_is_a_problem_where_it_is() {
        for (text, line, message) in [
            ("jobs:\n  a:\n    steps:\n      - uses: a/b@v1\n        uses: a/b@v2\n", 5, "`uses` is there twice"),
            ("jobs:\n\ta: b\n", 2, "not valid YAML"),
            ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\n>>>>>>> x\n", 2, "unresolved merge conflict"),
            ("a: *nothing\n", 1, "not valid YAML"),
            ("é: [\n", 2, "not valid YAML"),
        ] {
            let problems = read(FileId(0), PLACE, text).problems;
            let at = |problem: &Problem| text[..problem.span.start as usize].matches('\n').count() + 1;
            assert!(
                problems.iter().any(|one| one.message.contains(message) && at(one) == line),
                "{text}: {problems:?}"
            );
        }
        let deep = format!("jobs: {}", "- ".repeat(200).replace("- ", "["));
        assert!(read(FileId(0), PLACE, &deep).problems[0].message.contains("128"));
    }

    #[test]
    fn a_file_that_is_no_action_is_let_be() {
        for text in ["{% if x %}\nruns:\n", "runs: {{ cookiecutter.x }}\n", "a: [", "- hosts: all\n  tasks: []\n"] {
            assert_eq!(found("roles/action.yml", text), [""; 0], "{text}");
        }
        assert_eq!(read(FileId(0), "action.yml", "runs: [\n").problems.len(), 1);
    }
}
