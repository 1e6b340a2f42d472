//! A hub on this machine, with one model and with data sets: it answers what the hub answers to its clients, and fails as
//! it may fail.
//!
//! Small files come by a redirect within the hub, with their commit and etag; weights by one to another address, which
//! knows their size only.

mod datasets;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The id of the model.
pub const ID: &str = "owner/small";
/// Its newest commit; older ones have the same files.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// The file that is answered as weights are.
const WEIGHTS: &str = "model.safetensors";
/// Longer than any answer takes: a test that waits so long has failed.
const GUARD: Duration = Duration::from_secs(60);

/// What goes wrong with a file.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The hub answers with this status instead.
    Status(u16),
    /// Half of what was asked for comes, then the connection ends.
    Half,
    /// The same, where the answer had not said how much it is.
    HalfUntold,
    /// Half of what was asked for comes, then nothing.
    Hang,
}

/// A request for a file, or of a data set for its `revision` or its `tree`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub file: String,
    /// From which byte on, where it is fetched; `None` where its size and commit are asked for.
    pub from: Option<usize>,
    /// The token that came along.
    pub token: Option<String>,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    faults: BTreeMap<String, Fault>,
    datasets: BTreeMap<String, datasets::Repository>,
    token: Option<String>,
    asked: Vec<Asked>,
}

/// What somebody asks for.
struct Request<'a> {
    path: &'a str,
    token: Option<&'a str>,
    from: usize,
}

/// The hub; it answers until the test's process ends.
pub struct Hub {
    address: String,
    state: Arc<Mutex<State>>,
}

impl Hub {
    /// A hub whose model has these files of a folder.
    ///
    /// # Panics
    /// If a file cannot be read, or no port can be had.
    pub fn new(folder: &Path, names: &[&str]) -> Self {
        let read = |name: &&str| ((*name).to_owned(), fs::read(folder.join(name)).expect("a file"));
        let files = names.iter().map(read).collect();
        let state = Arc::new(Mutex::new(State { files, ..State::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (shared, own) = (Arc::clone(&state), address.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, own) = (Arc::clone(&shared), own.clone());
                // Whoever asked may have gone.
                thread::spawn(move || answer(&stream, &own, &shared).ok());
            }
        });
        Self { address, state }
    }

    /// Has something go wrong with a file from now on, or nothing any more.
    pub fn fault(&self, name: &str, fault: Option<Fault>) {
        let mut state = lock(&self.state);
        match fault {
            Some(fault) => state.faults.insert(name.to_owned(), fault),
            None => state.faults.remove(name),
        };
    }

    /// Opens the model to those alone who have this token.
    pub fn gate(&self, token: &str) {
        lock(&self.state).token = Some(token.to_owned());
    }

    /// Adds a file to the model.
    pub fn add(&self, name: &str, bytes: &[u8]) {
        lock(&self.state).files.insert(name.to_owned(), bytes.to_vec());
    }

    /// What was asked for since the last call, in order.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut lock(&self.state).asked)
    }

    /// Waits until a file is being fetched.
    ///
    /// # Panics
    /// If it never is.
    pub fn wait_for(&self, name: &str) {
        let begun = Instant::now();
        while !lock(&self.state).asked.iter().any(|asked| asked.file == name && asked.from.is_some()) {
            assert!(begun.elapsed() < GUARD, "nobody fetches {name}");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Has a command ask this hub alone, with a cache in `home`.
    pub fn serve(&self, command: &mut Command, home: &Path) {
        for variable in ["HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_ETAG_TIMEOUT"] {
            command.env_remove(variable);
        }
        for proxy in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
            command.env_remove(proxy).env_remove(proxy.to_lowercase());
        }
        command.env("HF_ENDPOINT", &self.address).env("HF_HOME", home);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The etag of a file.
pub fn etag(bytes: &[u8]) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(bytes))
}

/// Answers one request.
fn answer(stream: &TcpStream, address: &str, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    let token = headers.get("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let range = headers.get("range").and_then(|value| value.strip_prefix("bytes=")?.split_once('-'));
    let (from, end) = range.unwrap_or(("0", ""));
    let from: usize = from.parse().unwrap_or_default();

    if let Some(answered) = datasets::answer(stream, address, state, &Request { path, token, from }) {
        return answered;
    }
    let asked = path.strip_prefix(&format!("/{ID}/resolve/"));
    let cached = path.strip_prefix("/api/resolve-cache/");
    let place = asked.or(cached).or_else(|| path.strip_prefix("/elsewhere/"));
    let Some((revision, name)) = place.and_then(|place| place.split_once('/')) else {
        return reply(stream, "404 Not Found", &[], &[]);
    };
    let commit = if revision == "main" { COMMIT } else { revision };
    let (bytes, fault) = {
        let mut state = lock(state);
        if asked.is_some() {
            let (file, from) = (name.to_owned(), end.is_empty().then_some(from));
            state.asked.push(Asked { file, from, token: token.map(str::to_owned) });
            if state.token.as_deref().is_some_and(|wanted| token != Some(wanted)) {
                return reply(stream, "401 Unauthorized", &[], &[]);
            }
        }
        (state.files.get(name).cloned(), state.faults.get(name).copied())
    };
    if let Some(Fault::Status(status)) = fault {
        return reply(stream, &format!("{status} Status"), &[], &[]);
    }
    let Some(bytes) = bytes else { return reply(stream, "404 Not Found", &[], &[]) };
    let etag = etag(&bytes);
    if asked.is_some() {
        let (status, location, header) = match name {
            WEIGHTS => ("302 Found", format!("{address}/elsewhere/{commit}/{name}"), "X-Linked-Etag"),
            _ => ("307 Temporary Redirect", format!("/api/resolve-cache/{commit}/{name}"), "ETag"),
        };
        let etag = format!("\"{etag}\"");
        let headers = [("Location", &*location), (header, &etag), ("X-Repo-Commit", commit)];
        return reply(stream, status, &headers, &[]);
    }
    if from >= bytes.len() {
        return reply(stream, "416 Range Not Satisfiable", &[], &[]);
    }
    let until = end.parse().map_or(bytes.len(), |end: usize| end + 1);
    let range = format!("bytes {from}-{}/{}", until - 1, bytes.len());
    let etag = format!("\"{etag}\"");
    let mut headers = vec![("Content-Range", &*range)];
    if cached.is_some() {
        headers.extend([("ETag", &*etag), ("X-Repo-Commit", commit)]);
    }
    let part = &bytes[from..until];
    match fault {
        Some(fault) if end.is_empty() => half(stream, &headers, part, fault),
        _ => reply(stream, "206 Partial Content", &headers, part),
    }
}

fn reply(stream: &TcpStream, status: &str, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<()> {
    let length = body.len().to_string();
    let headers = [headers, &[("Content-Length", &*length)]].concat();
    head(stream, status, &headers)?;
    (&mut &*stream).write_all(body)
}

fn half(stream: &TcpStream, headers: &[(&str, &str)], body: &[u8], fault: Fault) -> std::io::Result<()> {
    let length = body.len().to_string();
    let told: &[_] = if matches!(fault, Fault::HalfUntold) { &[] } else { &[("Content-Length", &*length)] };
    head(stream, "206 Partial Content", &[headers, told].concat())?;
    (&mut &*stream).write_all(&body[..body.len() / 2])?;
    if matches!(fault, Fault::Hang) {
        // Until the other side ends.
        (&mut &*stream).read_to_end(&mut Vec::new())?;
    }
    Ok(())
}

fn head(stream: &TcpStream, status: &str, headers: &[(&str, &str)]) -> std::io::Result<()> {
    let mut text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    (&mut &*stream).write_all((text + "\r\n").as_bytes())
}
