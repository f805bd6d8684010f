//! What remotes have, by `git ls-remote`: each is asked once, several at a time, and none for longer than it may take.
//!
//! Git runs with the user's configuration, credentials and `insteadOf`, in a directory of no repository: the configuration of
//! the one that is worked on has no say in whom it asks, or by which program.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::mirror::{PROTOCOLS, said};
use crate::policy::action::References;
use crate::process::{self, Deadline, Git};

/// How many are asked at once.
const JOBS: usize = 8;

/// Asks remotes for their branches and tags; `directory` is empty, and outside of any repository, and `limit` is how long
/// each may take; `done` is called for each. The answer of each, or why there is none, in their order.
#[must_use]
pub fn ask(urls: &[String], directory: &Path, limit: Duration, done: &dyn Fn()) -> Vec<Result<References, String>> {
    let next = AtomicUsize::new(0);
    let mut answers: Vec<Result<References, String>> = urls.iter().map(|_| Err(String::new())).collect();
    let (sender, receiver) = mpsc::channel();
    let work = |sender: mpsc::Sender<(usize, Result<References, String>)>| loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(url) = urls.get(at) else { return };
        let _ = sender.send((at, ask_one(url, directory, limit)));
    };
    std::thread::scope(|scope| {
        for _ in 0..JOBS.min(urls.len()) {
            let (sender, work) = (sender.clone(), &work);
            scope.spawn(move || work(sender));
        }
        drop(sender);
        for (at, answer) in receiver {
            answers[at] = answer;
            done();
        }
    });
    answers
}

fn ask_one(url: &str, directory: &Path, limit: Duration) -> Result<References, String> {
    // Without patterns: the server leaves out what is neither, such as pull requests by the thousand, only where the kinds
    // are asked for. `--heads` is what every git has.
    let arguments = ["--git-dir=none", "ls-remote", "--quiet", "--tags", "--heads", "--", url];
    let (protocols, deadline) = (PROTOCOLS.join(":"), Deadline::after(limit));
    let run = Git { directory, arguments: &arguments, input: String::new(), protocols: &protocols, deadline };
    match process::git(run) {
        Err(error) => Err(format!("git cannot be started: {error}")),
        Ok(None) => Err(format!("it took longer than {limit:?}")),
        Ok(Some(ended)) if ended.success => Ok(References::parse(&ended.stdout)),
        Ok(Some(ended)) => Err(said(&ended.stderr, url)),
    }
}
