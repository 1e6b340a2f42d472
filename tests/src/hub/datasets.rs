//! Data sets of the stand-in hub: commits, lists of files in pages, and the files.
//!
//! A file that git keeps elsewhere (`.parquet`) comes by a redirect to another address; any other comes at once.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Asked, Fault, Hub, Request, State, etag, half, lock, reply};

/// Files in a page of a list: few, so that there is more than one.
const PAGE: usize = 3;

/// Files by their paths.
type Files = BTreeMap<String, Vec<u8>>;

/// A data set.
#[derive(Default)]
pub(super) struct Repository {
    revisions: BTreeMap<String, String>,
    commits: BTreeMap<String, Files>,
    next: Option<(String, String)>,
    refused: Option<(u16, &'static str)>,
    sizes: BTreeMap<String, u64>,
}

impl Hub {
    /// Publishes files of a data set as a commit, which a revision then has.
    pub fn publish(&self, id: &str, revision: &str, commit: &str, files: &[(&str, &[u8])]) {
        self.keep(id, commit, files);
        self.repository(id, |kept| {
            kept.revisions.insert(revision.to_owned(), commit.to_owned());
        });
    }

    /// The same, but only once the files of another commit have been listed.
    pub fn publish_after_listing(&self, id: &str, revision: &str, commit: &str, files: &[(&str, &[u8])]) {
        self.keep(id, commit, files);
        self.repository(id, |kept| kept.next = Some((revision.to_owned(), commit.to_owned())));
    }

    /// Refuses a data set to everybody, with a status and the hub's word for why.
    pub fn refuse(&self, id: &str, refused: Option<(u16, &'static str)>) {
        self.repository(id, |kept| kept.refused = refused);
    }

    /// Lists a file with another size than it has.
    pub fn claim_size(&self, id: &str, path: &str, size: u64) {
        self.repository(id, |kept| {
            kept.sizes.insert(path.to_owned(), size);
        });
    }

    fn keep(&self, id: &str, commit: &str, files: &[(&str, &[u8])]) {
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        self.repository(id, |kept| {
            kept.commits.insert(commit.to_owned(), files);
        });
    }

    fn repository(&self, id: &str, change: impl FnOnce(&mut Repository)) {
        change(lock(&self.state).datasets.entry(id.to_owned()).or_default());
    }
}

impl Repository {
    fn commit(&self, revision: &str) -> Option<String> {
        let known = self.commits.contains_key(revision).then(|| revision.to_owned());
        self.revisions.get(revision).cloned().or(known)
    }

    fn nodes(&self, commit: &str) -> Option<Vec<Value>> {
        let node = |(path, bytes): (&String, &Vec<u8>)| {
            let size = self.sizes.get(path).copied().unwrap_or(bytes.len() as u64);
            match path.ends_with(".parquet") {
                true => json!({
                    "type": "file", "path": path, "oid": "0".repeat(40), "size": size,
                    "lfs": {"oid": etag(bytes), "size": size, "pointerSize": 130},
                }),
                false => json!({"type": "file", "path": path, "oid": etag(bytes), "size": size}),
            }
        };
        let folder = json!({"type": "directory", "path": "data", "oid": "0".repeat(40), "size": 0});
        Some([folder].into_iter().chain(self.commits.get(commit)?.iter().map(node)).collect())
    }
}

/// Answers a request that is for a data set; `None` for any other.
pub(super) fn answer(
    stream: &TcpStream,
    address: &str,
    state: &Mutex<State>,
    request: &Request<'_>,
) -> Option<std::io::Result<()>> {
    let (path, query) = request.path.split_once('?').unwrap_or((request.path, ""));
    let (kind, rest) = ["/api/datasets/", "/datasets/", "/large/"]
        .iter()
        .find_map(|start| path.strip_prefix(start).map(|rest| (*start, rest)))?;
    let parts: Vec<&str> = rest.splitn(5, '/').collect();
    let [owner, name, verb, revision, ref file @ ..] = parts[..] else {
        return Some(reply(stream, "404 Not Found", &[], &[]));
    };
    let (id, revision) = (format!("{owner}/{name}"), unescaped(revision));
    let file = file.first().map(|file| unescaped(file)).unwrap_or_default();
    let asked = if kind == "/api/datasets/" { verb.to_owned() } else { file.clone() };
    let mut state = lock(state);
    if kind != "/large/" {
        let from = (kind == "/datasets/").then_some(request.from);
        state.asked.push(Asked { file: asked.clone(), from, token: request.token.map(str::to_owned) });
        if state.token.as_deref().is_some_and(|wanted| request.token != Some(wanted)) {
            return Some(reply(stream, "401 Unauthorized", &[("X-Error-Code", "RepoNotFound")], &[]));
        }
    }
    let fault = state.faults.get(&asked).copied();
    let Some(kept) = state.datasets.get_mut(&id) else {
        return Some(reply(stream, "404 Not Found", &[("X-Error-Code", "RepoNotFound")], &[]));
    };
    if let Some((status, code)) = kept.refused {
        return Some(reply(stream, &format!("{status} Status"), &[("X-Error-Code", code)], &[]));
    }
    if let Some(Fault::Status(status)) = fault {
        return Some(reply(stream, &format!("{status} Status"), &[], &[]));
    }
    let Some(commit) = kept.commit(&revision) else {
        return Some(reply(stream, "404 Not Found", &[("X-Error-Code", "RevisionNotFound")], &[]));
    };
    let answered = match (kind, verb) {
        ("/api/datasets/", "revision") => {
            let info = json!({"id": id, "sha": commit, "siblings": []}).to_string();
            reply(stream, "200 OK", &[], info.as_bytes())
        }
        ("/api/datasets/", "tree") => {
            let nodes = kept.nodes(&commit).unwrap_or_default();
            let from: usize = query.rsplit_once("cursor=").map_or(0, |(_, at)| at.parse().expect("a cursor"));
            let end = nodes.len().min(from + PAGE);
            let next = format!("<{address}{path}?recursive=true&cursor={end}>; rel=\"next\"");
            let headers: &[(&str, &str)] = if end < nodes.len() { &[("Link", &next)] } else { &[] };
            if end == nodes.len()
                && let Some((revision, commit)) = kept.next.take()
            {
                kept.revisions.insert(revision, commit);
            }
            reply(stream, "200 OK", headers, Value::from(nodes[from..end].to_vec()).to_string().as_bytes())
        }
        (_, "resolve") => {
            let Some(bytes) = kept.commits.get(&commit).and_then(|files| files.get(&file)).cloned() else {
                return Some(reply(stream, "404 Not Found", &[("X-Error-Code", "EntryNotFound")], &[]));
            };
            drop(state);
            if kind == "/datasets/" && file.ends_with(".parquet") {
                let location = format!("{address}/large/{rest}");
                return Some(reply(stream, "302 Found", &[("Location", &location)], &[]));
            }
            return Some(content(stream, request, &bytes, fault));
        }
        _ => reply(stream, "404 Not Found", &[], &[]),
    };
    Some(answered)
}

/// Sends a file from the byte that was asked for on.
fn content(
    stream: &TcpStream,
    request: &Request<'_>,
    bytes: &[u8],
    fault: Option<Fault>,
) -> std::io::Result<()> {
    if request.from > 0 && request.from >= bytes.len() {
        return reply(stream, "416 Range Not Satisfiable", &[], &[]);
    }
    let part = &bytes[request.from..];
    let range = format!("bytes {}-{}/{}", request.from, bytes.len().saturating_sub(1), bytes.len());
    match (fault, request.from) {
        (Some(fault), _) => half(stream, &[("Content-Range", &range)], part, fault),
        (None, 0) => reply(stream, "200 OK", &[], part),
        (None, _) => reply(stream, "206 Partial Content", &[("Content-Range", &range)], part),
    }
}

/// A part of an address as a text.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).expect("an address of UTF-8")
}
