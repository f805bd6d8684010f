//! Servers on loopback: git's own daemon, and its smart HTTP behind a few lines that can go wrong in each way.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A `git daemon`, stopped when it is dropped.
pub(crate) struct Daemon {
    process: Child,
    pub(crate) url: String,
}

impl Daemon {
    /// Serves the repositories below a directory.
    pub(crate) fn of(directory: &Path) -> Self {
        // A port that is free now can be taken a moment later: then another is tried.
        for _ in 0..20 {
            let free = TcpListener::bind("127.0.0.1:0").expect("a port");
            let port = free.local_addr().expect("it is bound").port();
            drop(free);
            // Itself, and not by way of git, which would be killed in its place.
            let mut git = Command::new(programs().join("git-daemon"));
            git.args(["--verbose", "--export-all", "--reuseaddr", "--listen=127.0.0.1"]);
            git.arg(format!("--port={port}")).arg(format!("--base-path={}", directory.display()));
            let mut process = git.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("git is installed");
            let said = BufReader::new(process.stderr.take().expect("it is piped"));
            let mut lines = said.lines().map_while(Result::ok);
            if lines.any(|line| line.contains("Ready to rumble")) {
                // What it says later must go somewhere.
                std::thread::spawn(move || lines.for_each(drop));
                return Self { process, url: format!("git://127.0.0.1:{port}") };
            }
            let _ = process.wait();
        }
        panic!("git daemon finds no port");
    }
}

/// Where git keeps its programs.
fn programs() -> PathBuf {
    let output = Command::new("git").arg("--exec-path").output().expect("git is installed");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end())
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a server does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// What it should.
    Serve,
    /// Nothing, for as long as the other side waits.
    Hang,
    /// Sends its answer byte by byte, for ever.
    Trickle,
    /// Ends in the middle of what it sends.
    Die,
    /// Asks for a password.
    Refuse,
}

/// What is done with the requests that come: by what they are for, the first that fits, once or for good.
pub(crate) type Plan = Vec<(&'static str, Does, bool)>;

/// A smart HTTP server of the repositories below a directory.
pub(crate) struct Http {
    pub(crate) url: String,
    /// What was asked for: `refs`, `list` or `pack`.
    pub(crate) asked: Arc<Mutex<Vec<&'static str>>>,
    /// Told when the other side has hung up where this one hangs or trickles.
    pub(crate) hung_up: mpsc::Receiver<()>,
    plan: Arc<Mutex<Plan>>,
}

impl Http {
    pub(crate) fn of(directory: &Path, plan: Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (sender, hung_up) = mpsc::channel();
        let (plan, asked) = (Arc::new(Mutex::new(plan)), Arc::new(Mutex::new(Vec::new())));
        let site = Site { root: directory.to_owned(), plan: Arc::clone(&plan), asked: Arc::clone(&asked), sender };
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let site = site.clone();
                std::thread::spawn(move || site.answer(stream));
            }
        });
        Self { url, asked, hung_up, plan }
    }

    pub(crate) fn set(&self, plan: Plan) {
        *self.plan.lock().expect("nobody panicked") = plan;
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.asked.lock().expect("nobody panicked").iter().filter(|asked| **asked == what).count()
    }
}

#[derive(Clone)]
struct Site {
    root: PathBuf,
    plan: Arc<Mutex<Plan>>,
    asked: Arc<Mutex<Vec<&'static str>>>,
    sender: mpsc::Sender<()>,
}

impl Site {
    /// Answers one request, and closes.
    fn answer(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let header = |name: &str| {
            let found = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
            found
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
                .next()
                .unwrap_or_default()
        };
        let mut body = vec![0; header("Content-Length").parse().unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        let mut words = lines.first()?.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let what = match method {
            "GET" => "refs",
            _ if body.windows(13).any(|part| part == b"command=fetch") => "pack",
            _ => "list",
        };
        self.asked.lock().ok()?.push(what);
        let does = self.does(what);
        if does == Does::Refuse {
            let refusal = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n";
            return (&stream).write_all(format!("{refusal}Connection: close\r\n\r\n").as_bytes()).ok();
        }
        let mut git = Command::new("git");
        git.arg("http-backend").env("GIT_PROJECT_ROOT", &self.root).env("GIT_HTTP_EXPORT_ALL", "1");
        git.env("PATH_INFO", path).env("QUERY_STRING", query).env("REQUEST_METHOD", method);
        git.env("CONTENT_TYPE", header("Content-Type")).env("CONTENT_LENGTH", body.len().to_string());
        git.env("HTTP_CONTENT_ENCODING", header("Content-Encoding")).env("GIT_PROTOCOL", header("Git-Protocol"));
        let mut backend = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        backend.stdin.take()?.write_all(&body).ok()?;
        let answer = backend.wait_with_output().ok()?.stdout;
        let end = answer.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
        let (head, content) = answer.split_at(end);
        let length = content.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n{}",
            String::from_utf8_lossy(head)
        );
        self.send(&stream, does, head.as_bytes(), content)
    }

    fn send(&self, mut stream: &TcpStream, does: Does, head: &[u8], content: &[u8]) -> Option<()> {
        match does {
            Does::Hang => {
                // Until the other side closes.
                let _ = stream.read(&mut [0]);
                self.sender.send(()).ok()
            }
            Does::Trickle => {
                stream.write_all(head).ok()?;
                let (_never, never) = mpsc::channel::<()>();
                for byte in content.iter().cycle() {
                    if stream.write_all(&[*byte]).is_err() {
                        break;
                    }
                    let _ = never.recv_timeout(Duration::from_millis(20));
                }
                self.sender.send(()).ok()
            }
            Does::Die => {
                stream.write_all(head).ok()?;
                stream.write_all(&content[..content.len() / 2]).ok()
            }
            Does::Serve | Does::Refuse => {
                stream.write_all(head).ok()?;
                stream.write_all(content).ok()
            }
        }
    }

    fn does(&self, what: &str) -> Does {
        let Ok(mut plan) = self.plan.lock() else { return Does::Serve };
        let Some(at) = plan.iter().position(|(asked, _, _)| *asked == what) else { return Does::Serve };
        let (_, does, is_once) = plan[at];
        if is_once {
            plan.remove(at);
        }
        does
    }
}
