//! Claims about the output folder. They do not prove that data reach the disk: only a power cut could.

mod folder;
mod manifest;
mod samplers;
mod stages;
mod tables;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use clusterclip_core::monitor::{CancelFlag, Event, Monitor};

use super::*;

/// Opens a folder, which must succeed.
fn open(path: &Path, force: bool) -> OutDir {
    OutDir::open(path, force, &Monitor::silent()).expect("the folder opens")
}

/// Everything in the folder but the lock, by name.
fn content(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(path).expect("the folder is there").map(|entry| entry.expect("an entry"));
    entries
        .filter(|entry| entry.file_name() != lock::LOCK)
        .map(|entry| {
            (entry.file_name().into_string().expect("UTF-8"), fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

/// A finished file with this text.
fn file(out: &OutDir, name: &str, text: &str) -> FinishedFile {
    let mut writer = out.create(name).expect("a temporary file");
    writer.write_all(text.as_bytes()).expect("room");
    writer.finish().expect("room")
}

/// A request for embeddings of an input with this hash.
fn embed(hash: &str) -> Request {
    let parameters = Parameters::new().with("embedder", "lexical").with("text-field", None::<&str>);
    Request::new(StageName::Embed, "clusterclip-lexical/1").parameters(parameters).input("a.jsonl", hash)
}

/// A request for `k` clusters of these embeddings.
fn cluster(of: &Request, k: u32) -> Request {
    let parameters = Parameters::new().with("clusters", k).with("seed", 0u64);
    Request::new(StageName::Cluster, "clusterclip-kmeans/1").parameters(parameters).from(of.key())
}

/// A request for an order over these clusters.
fn sample(of: &Request, clip: u32) -> Request {
    let parameters = Parameters::new().with("clip", clip);
    Request::new(StageName::Sample, "clusterclip-order/1").parameters(parameters).from(of.key())
}

fn facts(stage: StageName) -> Facts {
    match stage {
        StageName::Embed => Facts::Embedded {
            documents: DocumentCounts {
                duplicates: Exact(1),
                featureless: Exact(1),
                read: Exact(6),
                skipped: BTreeMap::from([("empty".to_owned(), Exact(2))]),
                taken: BTreeMap::from([("`text`".to_owned(), Exact(1))]),
                ..DocumentCounts::default()
            },
        },
        StageName::Cluster => Facts::Clustered {
            n: 5,
            k: 2,
            n_features: 256,
            iterations: 7,
            objective: -9_007_199_254_740_993,
            inertia: 0.125,
            counts: vec![2, 3],
            rows: RowsOf::Lexical,
        },
        StageName::Sample => Facts::Sampled { positions: 5, topics: None },
        StageName::Export => Facts::Exported,
    }
}

/// Runs a stage whose files hold their names and its key: the bytes a deterministic stage would give.
fn run(out: &mut OutDir, request: &Request) {
    let names = if request.stage == StageName::Export { &["order.jsonl"] } else { request.stage.files() };
    let files: Vec<_> =
        names.iter().map(|name| file(out, name, &format!("{name} of {}", request.key()))).collect();
    out.commit(request, files, facts(request.stage), vec![]).expect("the stage is put in place");
}

/// What is decided, with the warnings that came with it.
fn decide(out: &OutDir, request: &Request) -> (Result<Decision, StoreError>, Vec<String>) {
    let warnings = RefCell::new(Vec::new());
    let sink = |event| {
        if let Event::Warning(text) = event {
            warnings.borrow_mut().push(text);
        }
    };
    let decision = out.decide(request, &Monitor::new(&sink, CancelFlag::default()));
    (decision, warnings.into_inner())
}
