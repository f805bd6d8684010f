//! A family of inputs that grow, and the trees that they are made in.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Inputs of one format that grow in one way.
pub struct Family {
    /// The format.
    pub format: &'static str,
    /// What there is more and more of.
    pub what: &'static str,
    /// How many there are in about the largest real file of that format.
    pub one: usize,
    /// How many are counted first; four times as many then.
    pub few: usize,
    /// How they are judged.
    pub arguments: &'static [&'static str],
    make: Make,
}

enum Make {
    Tree(fn(&Tree, usize)),
    Text(&'static str, fn(usize) -> String),
}

impl Family {
    pub fn new(format: &'static str, what: &'static str, one: usize, make: fn(&Tree, usize)) -> Self {
        let few = (one / 8).max(2);
        Self { format, what, one, few, arguments: &["check", "--format", "json"], make: Make::Tree(make) }
    }

    /// One whose input is one file.
    pub fn text(
        format: &'static str,
        what: &'static str,
        one: usize,
        path: &'static str,
        make: fn(usize) -> String,
    ) -> Self {
        Self { make: Make::Text(path, make), ..Self::new(format, what, one, |_, _| ()) }
    }

    pub fn by(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }

    /// Counts more of them: what grows too fast is not seen where it is little beside the rest.
    pub fn counted_at(self, few: usize) -> Self {
        Self { few, ..self }
    }

    /// Makes the input with `n` of it.
    pub fn make(&self, root: &Path, n: usize) {
        let tree = Tree { root: root.to_owned() };
        match self.make {
            Make::Tree(make) => make(&tree, n),
            Make::Text(path, make) => tree.write(path, &make(n)),
        }
    }
}

/// Where an input is made.
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).expect("it was written")
    }

    pub fn link(&self, path: &str, target: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        #[cfg(unix)]
        std::os::unix::fs::symlink(target, path).expect("a link");
    }

    /// Two commits: before and after.
    pub fn two(&self, before: impl FnOnce(&Self), after: impl FnOnce(&Self)) {
        before(self);
        self.commit();
        after(self);
        self.commit();
    }

    pub fn commit(&self) {
        self.git(&["init", "--quiet"]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "x"]);
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_with(arguments, "")
    }

    pub fn git_with(&self, arguments: &[&str], input: &str) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]);
        command.args(["-c", "gc.auto=0"]).args(arguments).current_dir(&self.root);
        self.run(command, input)
    }

    /// Runs the tool, to make something of its own.
    pub fn tool(&self, arguments: &[&str]) {
        let mut command = Command::new(super::measure::tool());
        command.args(arguments).current_dir(&self.root);
        self.run(command, "");
    }

    fn run(&self, mut command: Command, input: &str) -> String {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it can be run");
        child.stdin.take().expect("it is piped").write_all(input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{command:?} failed");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }
}

/// The texts of `n` of something.
pub fn repeat(n: usize, one: impl Fn(usize) -> String) -> String {
    (0..n).map(one).collect()
}
