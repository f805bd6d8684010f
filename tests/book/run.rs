//! The commands of each page, run from its top to its end.

use std::fmt::Write as _;
use std::fs;

use snapbox::Data;
use snapbox::filter::NormalizeToExpected;

use crate::page::{Block, Note, Page};
use crate::story::Story;
use crate::{files, pages};

/// What came of the pages.
#[derive(Default)]
struct Tally {
    run: usize,
    /// How many commands are not run where, and why.
    left: Vec<(usize, String)>,
    faults: Vec<String>,
}

/// The most commands that may be left out, in all pages.
const LEFT: usize = 4;

#[test]
#[expect(clippy::print_stdout, reason = "whoever reads the log is told what was run")]
fn every_command_does_what_the_page_shows() {
    let pages = pages();
    let walked: Vec<Tally> = std::thread::scope(|scope| {
        let walks: Vec<_> = pages.iter().map(|page| scope.spawn(|| walk(page))).collect();
        walks.into_iter().map(|walk| walk.join().expect("no page stops the others")).collect()
    });
    let mut tally = Tally::default();
    for page in walked {
        tally.run += page.run;
        tally.left.extend(page.left);
        tally.faults.extend(page.faults);
    }
    println!("{} commands were run", tally.run);
    let left: usize = tally.left.iter().map(|(count, _)| count).sum();
    println!("{left} commands were not run:");
    for (count, why) in &tally.left {
        println!("  {count}  {why}");
    }
    assert!(tally.faults.is_empty(), "\n{}", tally.faults.join("\n\n"));
    assert!(tally.run > 0 && left <= LEFT, "{left} commands are not run, and {LEFT} may be");
}

/// Runs a page, and writes into it what is printed today where that is asked for.
fn walk(page: &Page) -> Tally {
    let mut tally = Tally::default();
    let mut story = None;
    let mut printed = Vec::new();
    tally.faults.extend(page.faults.iter().cloned());
    for block in &page.blocks {
        let place = format!("{}:{}", page.path, block.line);
        for note in &block.notes {
            if let Note::Repository(name) = note {
                story = Some(Story::new(name));
            }
        }
        let faults = match block.language.as_str() {
            "console" | "sh" => match left(block) {
                Some(why) => {
                    tally.left.push((commands(block).len(), format!("{place}: {why}")));
                    Vec::new()
                }
                None => {
                    tally.run += commands(block).len();
                    story.as_ref().map_or(vec!["no repository to run it in".to_owned()], |story| {
                        perform(block, story, &mut printed)
                    })
                }
            },
            _ => files::held(block)
                .map(|file| story.iter().for_each(|story| story.write(file, &block.text)))
                .err()
                .into_iter()
                .collect(),
        };
        tally.faults.extend(faults.into_iter().map(|fault| format!("{place}: {fault}")));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() && !printed.is_empty() {
        let mut text = page.text.clone();
        for (range, new) in printed.into_iter().rev() {
            text.replace_range(range, &new);
        }
        fs::write(&page.file, text).expect("the page can be written");
    }
    tally
}

/// Why a block is not run.
fn left(block: &Block) -> Option<&str> {
    block.notes.iter().find_map(|note| if let Note::NotRun(why) = note { Some(why.as_str()) } else { None })
}

/// The commands of a block: in a console what follows a prompt, in a script its lines that are no comment, each with what it goes on in.
fn commands(block: &Block) -> Vec<String> {
    if block.language == "console" {
        return block.text.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect();
    }
    let mut commands: Vec<String> = Vec::new();
    for line in block.text.lines() {
        match commands.last_mut().filter(|command| command.ends_with('\\')) {
            Some(command) => *command += &format!("\n{line}"),
            None if line.trim().is_empty() || line.trim_start().starts_with('#') => {}
            None => commands.push(line.to_owned()),
        }
    }
    commands
}

/// Runs a block; what is wrong with it. What its text should be goes to `printed`, where it is not.
fn perform(block: &Block, story: &Story, printed: &mut Vec<(std::ops::Range<usize>, String)>) -> Vec<String> {
    let code = block.notes.iter().find_map(|note| if let Note::ExitCode(code) = note { Some(*code) } else { None });
    let last = code.unwrap_or(0);
    let mut faults = Vec::new();
    if block.language == "sh" {
        let commands = commands(block);
        for (at, command) in commands.iter().enumerate() {
            let ended = story.run(command);
            // One that is not the last may end so too: `fix --dry-run`, and then `fix`.
            if ended.code != last && (ended.code != 0 || at + 1 == commands.len()) {
                faults.push(format!("`{command}` ends with {} instead of {last}:\n{}", ended.code, ended.output));
            }
        }
        return faults;
    }
    let (mut is_same, mut whole) = (true, String::new());
    let parts = exchanges(&block.text);
    if parts.is_empty() {
        faults.push("a console without a command".to_owned());
    }
    for (at, (command, shown)) in parts.iter().enumerate() {
        let ended = story.run(command);
        let expected = if at + 1 == parts.len() { last } else { 0 };
        let output = ended.output.trim_end();
        if ended.code != expected {
            faults.push(format!("`{command}` ends with {} instead of {expected}:\n{output}", ended.code));
        }
        faults.extend(files::json(command, output).err());
        let output = output.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        if let Some(diff) = differs(shown, &output) {
            is_same = false;
            faults.push(format!("`{command}` prints something else:\n{diff}"));
        }
        let _ = writeln!(whole, "$ {command}\n{output}");
        if output.is_empty() {
            whole.pop();
        }
        whole.extend((at + 1 < parts.len() && !output.is_empty()).then_some('\n'));
    }
    if !is_same {
        printed.push((block.range.clone(), whole));
    }
    faults
}

/// The commands of a console, each with what it is shown to print.
fn exchanges(text: &str) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), parts.last_mut()) {
            (Some(command), _) => parts.push((command.to_owned(), String::new())),
            (None, Some((_, shown))) => {
                shown.push_str(line.trim_end());
                shown.push('\n');
            }
            (None, None) => {}
        }
    }
    parts.into_iter().map(|(command, shown)| (command, shown.trim_end().to_owned())).collect()
}

/// How what is printed differs from what is shown, where `[…]` stands for anything.
fn differs(shown: &str, output: &str) -> Option<String> {
    let marks =
        shown.lines().map(|line| if line.trim() == "[…]" { "...".to_owned() } else { line.replace("[…]", "[..]") });
    let expected = Data::text(marks.collect::<Vec<_>>().join("\n"));
    let actual = NormalizeToExpected::new().redact().normalize(Data::text(output), &expected);
    if actual == expected {
        return None;
    }
    let mut diff = String::new();
    let palette = snapbox::report::Palette::plain();
    snapbox::report::write_diff(&mut diff, &expected, &actual, Some(&"shown"), Some(&"printed"), palette).ok()?;
    Some(diff)
}
