//! The one module that starts a process: cargo, for the proof of a fix, on the user's own working tree; git, for the mirrors of
//! an audit, and for what the remotes of actions have.
//!
//! What a repository configures runs with cargo (`build.rustc-wrapper`, a toolchain file), so nothing that only looks at a
//! repository starts it. Git is only ever run in a mirror of our own, whose configuration no remote can write, or in no
//! repository at all.

use std::io::{self, Read, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether it succeeded.
    pub success: bool,
    /// What it printed.
    pub stdout: String,
    /// What it said beside that.
    pub stderr: String,
}

/// Runs cargo in a directory, to its end; `program` is which cargo, and `toolchain` is rustup's name of the one to use whatever
/// the directory's files say.
///
/// # Errors
/// Where it cannot be started.
pub fn cargo(program: &Path, toolchain: Option<&str>, directory: &Path, arguments: &[&str]) -> io::Result<Ended> {
    let mut command = Command::new(program);
    if let Some(toolchain) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    run(command.args(arguments).current_dir(directory))
}

/// Runs rustc in a directory, to its end.
///
/// # Errors
/// Where it cannot be started.
pub fn rustc(directory: &Path, arguments: &[&str]) -> io::Result<Ended> {
    run(Command::new("rustc").args(arguments).current_dir(directory))
}

fn run(command: &mut Command) -> io::Result<Ended> {
    let output = command.stdin(Stdio::null()).output()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ended { success: output.status.success(), stdout: text(output.stdout), stderr: text(output.stderr) })
}

/// A run of git.
#[derive(Debug)]
pub struct Git<'a> {
    /// Where it runs.
    pub directory: &'a Path,
    /// What it is told.
    pub arguments: &'a [&'a str],
    /// What it reads.
    pub input: String,
    /// The protocols that it may use, joined by colons.
    pub protocols: &'a str,
    /// When it is stopped.
    pub deadline: Deadline,
}

/// A moment at which something is stopped.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment after a while from now.
    #[must_use]
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    /// How long it is until then.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// What says that git is to work on another repository than the one that it is told, or make another kind of one.
const ELSEWHERE: [&str; 11] = [
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
];

/// What makes git ask nobody, and speak English: what it says is looked at.
const UNATTENDED: [(&str, &str); 6] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GCM_INTERACTIVE", "never"),
    ("SSH_ASKPASS_REQUIRE", "never"),
    ("GIT_MERGE_AUTOEDIT", "no"),
    ("LC_ALL", "C"),
    ("LANGUAGE", "C"),
];

/// The most that is read of what git prints, and of what it says beside that.
const MOST: u64 = 64 << 20;

/// How often a process is looked at that prints nothing.
const TICK: Duration = Duration::from_millis(50);

/// How often a process that has ended is looked at whose output is still open: a child of it may hold it for good.
const GRACE: usize = 10;

/// Runs git, with the user's configuration and credentials. None where it took too long: it was killed, with its children.
///
/// # Errors
/// Where it cannot be started.
pub fn git(run: Git<'_>) -> io::Result<Option<Ended>> {
    let mut command = Command::new("git");
    command.args(run.arguments).current_dir(run.directory);
    ELSEWHERE.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.envs(UNATTENDED).env("GIT_ALLOW_PROTOCOL", run.protocols);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut command = CommandWrap::from(command);
    // A session of its own: it can be killed as a whole, and ssh finds no terminal to ask at.
    #[cfg(unix)]
    command.wrap(process_wrap::std::ProcessSession);
    let mut child = command.spawn()?;
    let (sender, receiver) = mpsc::channel();
    read(0, child.stdout().take(), &sender);
    read(1, child.stderr().take(), &sender);
    if let Some(mut stdin) = child.stdin().take() {
        // One that ends without reading has said why.
        thread::spawn(move || stdin.write_all(run.input.as_bytes()));
    }
    let ended = wait(&mut *child, &receiver, run.deadline);
    if !matches!(ended, Ok(Some(_))) {
        let _ = child.start_kill();
        let _ = child.wait();
    }
    ended
}

/// Reads an output to its end, on a thread: a child that holds it open must not hold the run.
fn read(at: usize, output: Option<impl Read + Send + 'static>, sender: &mpsc::Sender<(usize, Vec<u8>)>) {
    let sender = sender.clone();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut output) = output {
            let _ = output.by_ref().take(MOST).read_to_end(&mut bytes);
            let _ = io::copy(&mut output, &mut io::sink());
        }
        let _ = sender.send((at, bytes));
    });
}

/// Waits for a process to end; none if that takes too long.
fn wait(
    child: &mut dyn ChildWrapper,
    receiver: &mpsc::Receiver<(usize, Vec<u8>)>,
    deadline: Deadline,
) -> io::Result<Option<Ended>> {
    let mut outputs: [Option<Vec<u8>>; 2] = [None, None];
    let mut grace = GRACE;
    loop {
        let status = child.try_wait()?;
        let is_read = outputs.iter().all(Option::is_some);
        if let Some(status) = status.filter(|_| is_read || grace == 0) {
            let [stdout, stderr] =
                outputs.map(|bytes| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned());
            return Ok(Some(Ended { success: status.success(), stdout, stderr }));
        }
        let left = deadline.left();
        if left.is_zero() {
            return Ok(None);
        }
        grace -= usize::from(status.is_some() && grace > 0);
        if is_read {
            // It has closed what it prints to, and is about to end.
            thread::sleep(Duration::from_millis(1));
        } else if let Ok((at, bytes)) = receiver.recv_timeout(TICK.min(left)) {
            outputs[at] = Some(bytes);
        }
    }
}
