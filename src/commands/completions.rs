//! `completions` and `man`: what a package puts beside the binary.

use std::io;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use clap_mangen::Man;

use super::Output;
use super::writing::{self, Purpose};
use crate::cli::{self, Cli};
use crate::exit::Exit;

/// Prints the completions of a shell, for the command as cargo does not call it: `cargo-pinned`.
///
/// # Errors
/// Where standard output refuses.
pub fn run(args: &cli::Completions, output: &Output) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut text);
    output.write(|out| out.write_all(&text))?;
    Ok(Exit::Clean)
}

/// Prints the manual page, with a section for each verb; or writes a page for each, and one for all, into a directory.
///
/// # Errors
/// Where standard output or the directory refuses.
pub fn man(args: &cli::Man, output: &Output) -> Result<Exit> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(directory) = &args.output else {
        let text = whole(command)?;
        output.write(|out| out.write_all(text.as_bytes()))?;
        return Ok(Exit::Clean);
    };
    std::fs::create_dir_all(directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
    let verbs: Vec<clap::Command> = command.get_subcommands().cloned().collect();
    for command in verbs.into_iter().chain([command]) {
        let name = Man::new(command.clone()).get_filename();
        let text = rendered(command, |page, out| page.render(out))?;
        writing::replace(&directory.join(name), format!("{QUOTES}{text}").as_bytes(), Purpose::Read)?;
    }
    Ok(Exit::Clean)
}

/// What a page begins with, so that an apostrophe is one wherever it is shown; each rendering begins with it.
const QUOTES: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// One page with everything: who has no place for more than one still finds each option of each verb.
fn whole(command: clap::Command) -> io::Result<String> {
    let verbs: Vec<clap::Command> = command.get_subcommands().cloned().collect();
    let mut text = QUOTES.to_owned();
    text += &rendered(command.clone(), |page, out| {
        page.render_title(out)?;
        page.render_name_section(out)?;
        page.render_synopsis_section(out)?;
        page.render_description_section(out)?;
        page.render_options_section(out)
    })?;
    for verb in verbs {
        text += &format!(".SH {:?}\n", verb.get_bin_name().unwrap_or_else(|| verb.get_name()).to_uppercase());
        let has_codes = verb.get_after_help().is_some();
        let sections = rendered(verb, |page, out| {
            page.render_synopsis_section(out)?;
            page.render_description_section(out)?;
            page.render_options_section(out)?;
            if has_codes { page.render_extra_section(out) } else { Ok(()) }
        })?;
        // What are sections of a page of its own stand below the verb's.
        text += &sections.lines().map(|line| line.replacen(".SH ", ".SS ", 1) + "\n").collect::<String>();
    }
    text += &rendered(command, |page, out| page.render_extra_section(out))?;
    Ok(text)
}

/// Sections of a command's page, without what each rendering begins with; what all commands say at their end is their exit codes.
fn rendered(command: clap::Command, render: impl FnOnce(&Man, &mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let mut text = Vec::new();
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    render(&Man::new(command).source(source), &mut text)?;
    let text = String::from_utf8_lossy(&text);
    Ok(text.replace(QUOTES, "").replace(".SH EXTRA\n", ".SH \"EXIT STATUS\"\n"))
}
