//! A sparse registry on loopback: its index as text, and each way in which it can go wrong.

#![cfg_attr(not(feature = "online"), allow(dead_code, reason = "cargo alone asks it there"))]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};

/// What it does with a request.
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
    /// Answers with this status.
    Status(u16),
}

/// A registry.
pub(crate) struct Registry {
    /// Its URL, with `sparse+` ahead of it.
    pub(crate) url: String,
    /// The first line of each request, and its headers.
    asked: Arc<Mutex<Vec<String>>>,
    /// Told when the other side has hung up where this one hangs or trickles.
    pub(crate) hung_up: mpsc::Receiver<()>,
    site: Site,
}

#[derive(Clone)]
struct Site {
    files: Arc<Mutex<BTreeMap<String, String>>>,
    does: Arc<Mutex<Does>>,
    asked: Arc<Mutex<Vec<String>>>,
    sender: mpsc::Sender<()>,
}

impl Registry {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (sender, hung_up) = mpsc::channel();
        let config = format!("{{\"dl\": \"{host}/crates\"}}");
        let files = BTreeMap::from([("/index/config.json".to_owned(), config)]);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let does = Arc::new(Mutex::new(Does::Serve));
        let site = Site { files: Arc::new(Mutex::new(files)), does, asked: Arc::clone(&asked), sender };
        let answering = site.clone();
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let site = answering.clone();
                std::thread::spawn(move || site.answer(stream));
            }
        });
        Self { url: format!("sparse+{host}/index/"), asked, hung_up, site }
    }

    /// Publishes a release; `rest` is what its entry says beside what each must.
    pub(crate) fn publish(&self, name: &str, version: &str, checksum: &str, rest: &str) {
        let line = format!(
            "{{\"name\":\"{name}\",\"vers\":\"{version}\",\"deps\":[],\"cksum\":\"{checksum}\",\"features\":{{}}{rest}}}\n"
        );
        let mut files = self.site.files.lock().expect("nobody panicked");
        files.entry(format!("/index/{}", place(name))).or_default().push_str(&line);
    }

    /// From now on.
    pub(crate) fn does(&self, does: Does) {
        *self.site.does.lock().expect("nobody panicked") = does;
    }

    /// What was asked for, without headers.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().expect("nobody panicked");
        asked.iter().map(|request| request.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// All that was sent.
    pub(crate) fn heard(&self) -> String {
        self.asked.lock().expect("nobody panicked").join("\n").to_lowercase()
    }
}

impl Site {
    /// Reads a request, and keeps it.
    fn request(&self, reader: &mut BufReader<TcpStream>) -> Option<String> {
        let mut request = String::new();
        loop {
            let before = request.len();
            if reader.read_line(&mut request).ok()? == 0 {
                return None;
            }
            if request[before..].trim_end().is_empty() {
                break;
            }
        }
        self.asked.lock().expect("nobody panicked").push(request.clone());
        Some(request)
    }

    /// Answers one request, and closes.
    fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut request = self.request(&mut reader)?;
        if request.starts_with("CONNECT ") {
            // As a proxy it leads to itself, whatever was asked for.
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
            request = self.request(&mut reader)?;
        }
        let path = request.split(' ').nth(1)?.to_owned();
        let body = self.files.lock().expect("nobody panicked").get(&path).cloned();
        let does = *self.does.lock().expect("nobody panicked");
        let status = match (does, &body) {
            (Does::Status(code), _) => code,
            (_, Some(_)) => 200,
            (_, None) => 404,
        };
        let body = body.unwrap_or_default();
        let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        match does {
            Does::Serve | Does::Status(_) => stream.write_all(format!("{head}{body}").as_bytes()).ok()?,
            Does::Die => stream.write_all(format!("{head}{}", &body[..body.len() / 2]).as_bytes()).ok()?,
            Does::Hang => {
                let _ = stream.read(&mut [0]);
                let _ = self.sender.send(());
            }
            Does::Trickle => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n").ok()?;
                // As fast as the other side takes it: it is the size that never comes.
                while stream.write_all(b"{").and_then(|()| stream.flush()).is_ok() {}
                let _ = self.sender.send(());
            }
        }
        Some(())
    }
}

/// Where an index has a package.
pub(crate) fn place(name: &str) -> String {
    match name.len() {
        1 | 2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    }
}
