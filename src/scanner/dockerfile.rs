//! Dockerfiles: which images they build on and copy from, and what they run.
//!
//! Source: the [Dockerfile reference](https://docs.docker.com/reference/dockerfile/), and BuildKit where that says less.

mod context;
mod heredoc;
mod names;
mod run;
mod stages;
mod variables;

use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use parse_dockerfile::{CopyInstruction, Flag, FromInstruction, Instruction, UnescapedString, parse_iter};

use super::dependency::Dependency;
use super::shell::{Doubt, Environment};
use super::surfaces::Sheet;
use super::{Problem, image, shell};
use crate::text::{FileId, Span};
use heredoc::Masked;
pub(super) use names::is_one;
use stages::{Stage, Stages};
use variables::{Scope, declared, unquoted};

/// Reads a Dockerfile.
pub(super) fn read(file: FileId, text: &str) -> Sheet {
    // The parser counts from behind a byte-order mark.
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let escape = escape(&text[base..]);
    let masked = heredoc::mask(&text[base..], escape);
    let mut reader = Reader {
        file,
        text: &text[base..],
        base,
        escape,
        masked: &masked,
        sheet: Sheet::default(),
        seen: HashSet::new(),
        names: HashSet::new(),
        globals: Scope::default(),
        stages: Stages::default(),
        stage: None,
        count: 0,
        values: 1_000_000,
    };
    reader.read(&masked);
    reader.sheet
}

/// The character that continues a line: what a directive at the top says.
fn escape(text: &str) -> char {
    let directives = text.lines().map_while(|line| line.trim_start().strip_prefix('#')?.split_once('='));
    let mut directives = directives.map(|(key, value)| (key.trim(), value.trim()));
    directives.find(|(key, _)| key.eq_ignore_ascii_case("escape")).map_or(
        '\\',
        |(_, value)| {
            if value == "`" { '`' } else { '\\' }
        },
    )
}

/// A file while it is read. Places are counted from behind its byte-order mark.
struct Reader<'t> {
    file: FileId,
    text: &'t str,
    base: usize,
    escape: char,
    masked: &'t Masked<'t>,
    sheet: Sheet,
    /// What was found already.
    seen: HashSet<(Span, String, Option<String>)>,
    /// The aliases of all stages, in lower case: `COPY --from` finds a later one too.
    names: HashSet<String>,
    /// The `ARG`s before the first `FROM`.
    globals: Scope,
    /// The stages so far that have an alias.
    stages: Stages,
    stage: Option<Stage>,
    /// How many stages there were so far.
    count: usize,
    /// How many values may still be handed to scripts: in a hostile file they are many, and so are the scripts.
    values: usize,
}

impl Reader<'_> {
    fn read(&mut self, masked: &Masked<'_>) {
        let instructions = match parse_iter(&masked.text) {
            Ok(instructions) => instructions,
            Err(error) => return self.refuse(&error),
        };
        let (mut read, mut mistake) = (Vec::new(), None);
        for instruction in instructions {
            match instruction {
                Ok(instruction) => read.push(instruction),
                Err(error) => mistake = Some(error),
            }
        }
        self.names.extend(read.iter().filter_map(|one| match one {
            Instruction::From(from) => from.as_.as_ref().map(|(_, name)| name.value.to_ascii_lowercase()),
            _ => None,
        }));
        self.syntax();
        read.iter().for_each(|instruction| self.instruction(instruction));
        // One that ends in the middle of a here-document is read up to there: what is wrong is that, and nothing behind it.
        if let Some((range, name)) = &self.masked.open {
            let message = format!("the here-document `{name}` is never closed");
            self.sheet.problems.push(Problem::new(self.span(range.clone()), message));
        } else if let Some(error) = mistake {
            self.refuse(&error);
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start + self.base..range.end + self.base)
    }

    /// Says what is wrong, unless this is no Dockerfile at all: a template of one, a fragment without a stage, or another file
    /// with such a name.
    fn refuse(&mut self, error: &parse_dockerfile::Error) {
        let is_template = ["{{", "{%", "<%"].iter().any(|mark| self.text.contains(mark));
        if is_template || self.count == 0 && !self.has_stage() {
            return;
        }
        let number = error.line().saturating_sub(1);
        let start: usize = self.text.split_inclusive('\n').take(number).map(str::len).sum();
        let line = self.text[start..].lines().next().unwrap_or_default().trim_end();
        let message = format!("not a valid Dockerfile: {error:#}");
        self.sheet.problems.push(Problem::new(self.span(start..start + line.len()), message));
    }

    /// Whether the first instruction that is none of `ARG` begins a stage.
    fn has_stage(&self) -> bool {
        let lines = self.text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut words = lines.filter_map(|line| line.split_ascii_whitespace().next());
        words.find(|word| !word.eq_ignore_ascii_case("ARG")).is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
    }

    /// `# syntax=`, which names an image that reads the rest.
    fn syntax(&mut self) {
        let text = self.text;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let comment = line.trim_start().strip_prefix('#');
            let Some((key, value)) = comment.and_then(|comment| comment.split_once('=')) else { return };
            if key.trim().eq_ignore_ascii_case("syntax") {
                let start = at + (line.len() - value.trim_start().len());
                let word = value.trim();
                return self.image(word, start..start + word.len(), &Scope::default());
            }
            at += line.len();
        }
    }

    fn instruction(&mut self, instruction: &Instruction<'_>) {
        match instruction {
            Instruction::From(from) => self.from(from),
            Instruction::Arg(arg) => self.declare(&arg.arguments, false),
            Instruction::Env(env) => self.declare(&env.arguments, true),
            Instruction::Copy(CopyInstruction { options, src, dest, .. }) => {
                self.stage.iter_mut().for_each(|stage| stage.copied.copy(options, src, &dest.value));
                for flag in options.iter().filter(|flag| flag.name.value.eq_ignore_ascii_case("from")) {
                    if let Some(value) = &flag.value {
                        self.other_stage(&value.value, value.span.clone());
                    }
                }
            }
            Instruction::Add(add) => {
                self.stage.iter_mut().for_each(|stage| stage.copied.copy(&add.options, &add.src, &add.dest.value));
            }
            Instruction::Workdir(_) => self.stage.iter_mut().for_each(|stage| stage.copied.enter()),
            Instruction::Run(run) => {
                run.options.iter().for_each(|flag| self.mount(flag));
                self.run(run);
            }
            Instruction::Shell(shell) => {
                let words: Vec<&str> = shell.arguments.iter().map(|word| word.value.as_ref()).collect();
                if let Some(stage) = &mut self.stage {
                    stage.is_read = super::script::is_shell(&words.join(" "));
                }
            }
            Instruction::Onbuild(onbuild) if !matches!(*onbuild.instruction, Instruction::From(_)) => {
                self.instruction(&onbuild.instruction);
            }
            _ => {}
        }
    }

    fn from(&mut self, from: &FromInstruction<'_>) {
        let alias = from.as_.as_ref().map_or("", |(_, name)| name.value.as_ref());
        let globals = self.globals.clone();
        let base = globals.expand(&unquoted(&from.image.value)).text;
        self.stage.take().into_iter().for_each(|ended| self.stages.add(ended));
        // A stage has the variables of the stage that it builds on.
        let earlier = self.stages.get(&base);
        let is_stage = earlier.is_some() || self.stages.have_platform(&base);
        let (scope, copied) = earlier.unwrap_or_default();
        self.stage = Some(Stage { name: alias.to_owned(), scope, is_read: true, copied });
        if !is_stage && !base.eq_ignore_ascii_case("scratch") {
            self.image(&from.image.value, from.image.span.clone(), &globals);
        }
        self.count += 1;
    }

    fn declare(&mut self, arguments: &UnescapedString<'_>, is_env: bool) {
        let is_verbatim = self.text.get(arguments.span.clone()) == Some(arguments.value.as_ref());
        let found = declared(&arguments.value, is_verbatim.then_some(arguments.span.start), is_env);
        let Some(stage) = &mut self.stage else { return self.globals.declare(&found, None) };
        Rc::make_mut(&mut stage.scope).declare(&found, Some(&self.globals));
    }

    /// `RUN --mount=type=…,from=…`.
    fn mount(&mut self, flag: &Flag<'_>) {
        let Some(value) = flag.value.as_ref().filter(|_| flag.name.value.eq_ignore_ascii_case("mount")) else { return };
        let is_verbatim = self.text.get(value.span.clone()) == Some(value.value.as_ref());
        let mut at = 0;
        for part in value.value.split(',') {
            if let Some((key, from)) = part.split_once('=').filter(|(key, _)| key.trim().eq_ignore_ascii_case("from")) {
                let start = value.span.start + at + key.len() + 1;
                let range = if is_verbatim { start..start + from.len() } else { value.span.clone() };
                self.other_stage(from, range);
            }
            at += part.len() + 1;
        }
    }

    /// What is copied or mounted from: another stage by alias or index, or an image.
    fn other_stage(&mut self, text: &str, range: Range<usize>) {
        let scope = self.stage.as_ref().map(|stage| Rc::clone(&stage.scope)).unwrap_or_default();
        let name = scope.expand(&unquoted(text)).text;
        let is_index = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        if !is_index && !self.names.contains(&name.to_ascii_lowercase()) && !name.eq_ignore_ascii_case("scratch") {
            self.image(text, range, &scope);
        }
    }

    /// Adds an image by what is written in a range of the file.
    fn image(&mut self, written: &str, range: Range<usize>, scope: &Scope) {
        let bare = unquoted(written);
        let expanded = scope.expand(&bare);
        // A template of a Dockerfile may parse.
        if expanded.text.is_empty() || ["{{", "<", "%", "@@"].iter().any(|mark| bare.contains(mark)) {
            return;
        }
        // Quotes within are left where they are: a place must hold whole characters.
        let is_quote = |c| matches!(c, '"' | '\'');
        let (before, after) = (written.trim_start_matches(is_quote), written.trim_end_matches(is_quote));
        let range = range.start + (written.len() - before.len())..range.end - (written.len() - after.len());
        let at = expanded.source.clone().unwrap_or(range);
        let is_verbatim = self.text.get(at.clone()) == Some(expanded.text.as_str());
        let (start, whole) = (at.start, self.span(at));
        let place = |part: Range<usize>| {
            if is_verbatim { self.span(start + part.start..start + part.end) } else { whole }
        };
        let found = image::dependency(&expanded.text, place, |_| is_verbatim);
        if let Some(mut dependency) = found {
            dependency.table = self.stage.as_ref().map(|stage| stage.name.clone()).unwrap_or_default();
            self.add(dependency);
        }
    }

    fn run(&mut self, run: &parse_dockerfile::RunInstruction<'_>) {
        let Some(stage) = self.stage.as_ref().filter(|stage| stage.is_read) else { return };
        let Some(script) = run::script(self.file, self.text, self.base, run, self.masked, self.escape) else { return };
        let known = stage.scope.known().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment: Environment = known.take(self.values).collect();
        self.values -= environment.len();
        let mut commands = shell::read(&script, &environment, &stage.name);
        let copied = stage.copied.mounted(&run.options).doubt();
        for build in &mut commands.builds {
            // Where the code lies in an image is an absolute directory.
            build.doubt = Some(build.doubt.filter(|doubt| *doubt != Doubt::Outside).unwrap_or(copied));
        }
        self.stage.iter_mut().for_each(|stage| stage.copied.run(commands.code));
        self.sheet.builds.extend(commands.builds);
        commands.dependencies.into_iter().for_each(|dependency| self.add(dependency));
    }

    fn add(&mut self, dependency: Dependency) {
        if self.seen.insert((dependency.span, dependency.name.clone(), dependency.requirement.clone())) {
            self.sheet.dependencies.push(dependency);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is declared, each as `stage: name@requirement pin`.
    fn found(text: &str) -> Vec<String> {
        let row = |one: Dependency| {
            assert!(text.get(one.span.range()).is_some_and(|slice| !slice.is_empty()), "{text}");
            format!("{}: {}@{} {}", one.table, one.name, one.requirement.unwrap_or_default(), one.pin)
        };
        read(FileId(0), text).dependencies.into_iter().map(row).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(found(text), expected, "{text}");
        assert_eq!(read(FileId(0), text).problems, [], "{text}");
    }

    #[test]
    fn a_stage_by_its_platform_is_no_image() {
        check(
            "FROM a:1 AS base-amd64\nFROM a:2 AS Base-arm64\nFROM base-$TARGETARCH AS all\nFROM all-${TARGETARCH}\n",
            &["base-amd64: a@1 tag", "Base-arm64: a@2 tag", ": all-${TARGETARCH}@ unknown"],
        );
    }

    #[test]
    fn images_are_found_and_stages_are_none() {
        check(
            "FROM scratch\nFROM a AS One\nFROM one\nFROM --platform=$BUILDPLATFORM b:1 AS two\n",
            &["One: a@ latest", "two: b@1 tag"],
        );
        check(
            "FROM a:1 AS x\nCOPY --from=x / /\nCOPY --from=0 / /\nCOPY --from=later / /\nCOPY --chown=1 --from=b:2 a b\nFROM x AS later\n",
            &["x: a@1 tag", "x: b@2 tag"],
        );
        check(
            "FROM a:1\nRUN --mount=type=bind,from=b:2,target=/x --mount=type=cache,target=/y true\nONBUILD COPY --from=c / /\n",
            &[": a@1 tag", ": b@2 tag", ": c@ latest"],
        );
        check(
            "\u{feff}# syntax = docker/dockerfile:1\r\nFROM \\\r\n  a:2 \\\r\n AS b\r\n",
            &[": docker/dockerfile@1 tag", "b: a@2 tag"],
        );
        check("# escape=`\nFROM a:1 `\n AS c\nRUN dir C:\\\n", &["c: a@1 tag"]);
        check("FROM \"a:1\"\n", &[": a@1 tag"]);
    }

    #[test]
    fn quotes_at_one_end_move_no_place_off_its_characters() {
        let place = |text: &str| {
            read(FileId(0), text)
                .dependencies
                .into_iter()
                .map(|one| text[one.span.range()].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(place("# syntax=\"\"é\n"), ["é"]);
        assert_eq!(place("FROM \"a:1\n"), ["1"]);
        assert_eq!(place("FROM a\":1\"\n"), ["a\":1"]);
    }

    #[test]
    fn a_finding_stands_where_the_whole_reference_does() {
        let text = "ARG IMAGE=node:20\nARG TAG=1\nARG NONE\nFROM $IMAGE AS a\nFROM b:${TAG}\nFROM c:${NONE}\nFROM d:${NONE:-2}\n";
        check(text, &["a: node@20 tag", ": b@1 tag", ": c@${NONE} unknown", ": d@2 tag"]);
        let spans: Vec<Span> = read(FileId(0), text).dependencies.iter().map(|one| one.span).collect();
        let written: Vec<&str> = spans.iter().map(|span| &text[span.range()]).collect();
        assert_eq!(written, ["20", "b:${TAG}", "${NONE}", "d:${NONE:-2}"]);
        let sites = read(FileId(0), text).dependencies.into_iter().map(|one| one.site.map(|site| site.span.start));
        assert_eq!(sites.collect::<Vec<_>>(), [Some(17), None, None, None]);
    }

    #[test]
    fn here_documents_hide_nothing_and_show_nothing() {
        let text = "FROM a:1\nRUN cat <<EOF > /x && sh <<'B'\nFROM b\nEOF\nB\nCOPY <<X /y\nFROM c\nX\nFROM d\n";
        check(text, &[": a@1 tag", ": d@ latest"]);
        let problems = read(FileId(0), "FROM a:1\n\nRUN <<EOF\nFROM b\n").problems;
        assert_eq!((problems[0].span.range(), problems.len()), (10..19, 1));
        assert!(problems[0].message.contains("`EOF` is never closed"));
    }

    #[test]
    fn what_is_no_dockerfile_is_let_be_and_a_broken_one_is_not() {
        for text in [
            "",
            "# nothing\n",
            "package main\n",
            "RUN x\n",
            "FROM {{ base }}\nFOO\n",
            "FROM {{base}}:1\n",
            "{% x %}\nFROM a\n",
        ] {
            check(text, &[]);
        }
        let problems = read(FileId(0), "ARG A\nFROM a\nRUN x\nFOO bar\n").problems;
        assert_eq!((problems[0].span.range(), problems.len()), (19..26, 1), "{problems:?}");
        assert_eq!(read(FileId(0), "FROM\n").problems.len(), 1);
    }

    #[test]
    fn a_script_is_what_the_shell_gets() {
        let text = "FROM a\nRUN --mount=type=cache,target=/x cargo \\\n  # note\n\n  build \\\n && é\nRUN <<EOF\nx y\nEOF\nRUN bash <<A\nz\nA\nRUN [\"x\", \"it's é\"]\nRUN <<P\n#!/usr/bin/python3\nP\n";
        let masked = heredoc::mask(text, '\\');
        let parsed: Vec<Instruction<'_>> =
            parse_iter(&masked.text).expect("a file").map(|one| one.expect("all")).collect();
        let scripts = parsed.iter().filter_map(|one| match one {
            Instruction::Run(run) => run::script(FileId(0), text, 0, run, &masked, '\\'),
            _ => None,
        });
        let scripts: Vec<_> = scripts.collect();
        let texts: Vec<&str> = scripts.iter().map(|script| script.text()).collect();
        assert_eq!(texts, ["cargo   build  && é", "x y\n", "bash <<A\nz\nA\n", "'x' \"it's é\" "]);
        let at = |number: usize, range: Range<usize>| &text[scripts[number].span(range).range()];
        assert_eq!((at(0, 8..13), at(1, 2..3), at(2, 9..10)), ("build", "y", "z"));
        assert_eq!((at(3, 1..2), at(3, 5..9), at(3, 10..12)), ("x", "it's", "é"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn any_text_is_read_with_its_places_inside(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                "FROM ", "from a\n", "AS x", "ARG A=b:1\n", "ARG ", "ENV A b\n", "RUN ", "RUN <<E\n", "E\n", "COPY --from=", "<<-'E F'", "--mount=type=bind,from=",
                "$A", "${A:-", "}", "${A/b/", "\"", "'", "\\\n", "`\n", "# escape=`\n", "# syntax=", "é", "\u{feff}", "\r\n", "\n", " ", "\t", "a:1", "@sha256:", "x",
                "ONBUILD ", "[\"a\"]", "SHELL [\"cmd\"]\n", ",", "=", "#", "{{",
            ]), 0..40)
        ) {
            let text = pieces.concat();
            let sheet = read(FileId(0), &text);
            for one in &sheet.dependencies {
                prop_assert!(text.get(one.span.range()).is_some(), "{text:?}");
                prop_assert!(one.site.as_ref().is_none_or(|site| text.get(site.span.range()).is_some()));
            }
            prop_assert!(sheet.problems.iter().all(|problem| text.get(problem.span.range()).is_some()));
        }
    }
}
