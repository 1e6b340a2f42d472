//! A folder of results, of which one file is not what it was.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use clusterclip_core::monitor::Monitor;
use clusterclip_engine::settings::{Device, DeviceSettings};
use clusterclip_engine::store::{
    ASSIGNMENTS, CLUSTER_TABLE, CLUSTERS, DOCUMENTS, InDir, LABELS, MANIFEST, MEMBERS, Results, StageName,
};
use clusterclip_engine::tasks::{Output, RunTask, run};
use xxhash_rust::xxh3::xxh3_128;

use crate::scratch;

/// A folder that the program wrote.
static WRITTEN: LazyLock<PathBuf> = LazyLock::new(|| {
    let line = |i: usize| {
        let text = ["the moon and the tides", "bread, salt and butter", "rain on the roof"][i % 3];
        format!("{{\"text\": \"{text}, text {i}\", \"id\": \"d{i}\"}}\n")
    };
    let input = scratch::file("results.jsonl", (0..30).map(line).collect::<String>().as_bytes());
    let output = Output { dir: scratch::path("results"), force: false };
    let device = DeviceSettings { device: Device::Cpu, adapter: None };
    let task = RunTask { inputs: vec![input], output, device, ..RunTask::default() };
    let done = run(&task, &Monitor::silent()).expect("a small run");
    done.out.results().path().to_owned()
});

/// A file of that folder.
pub fn file(name: &str) -> Vec<u8> {
    fs::read(WRITTEN.join(name)).expect("it was written")
}

/// Opens a copy of that folder, in which the file `name` has these bytes.
fn with<T>(name: &str, bytes: &[u8], read: impl FnOnce(&Results) -> T) -> Option<T> {
    let folder = scratch::path(&format!("with-{name}"));
    if !folder.exists() {
        fs::create_dir(&folder).expect("a folder");
        for entry in fs::read_dir(&*WRITTEN).expect("it was written").map(|entry| entry.expect("an entry")) {
            fs::copy(entry.path(), folder.join(entry.file_name())).expect("room");
        }
    }
    fs::write(folder.join(name), bytes).expect("room");
    InDir::open(&folder).ok().map(|folder| read(folder.results()))
}

/// As they are, and with the hash that goes with them: else nearly all changes would end at the hash.
pub fn manifest(bytes: &[u8]) -> bool {
    read_manifest(bytes) | sealed(bytes).is_some_and(|bytes| read_manifest(&bytes))
}

/// A manifest with its hash put right, at its beginning.
fn sealed(manifest: &[u8]) -> Option<Vec<u8>> {
    let lines = manifest.split_inclusive(|&byte| byte == b'\n');
    let rest = lines.filter(|line| !line.starts_with(b"  \"hash\": ")).collect::<Vec<_>>().concat();
    let after = rest.strip_prefix(b"{\n")?;
    let line = format!("  \"hash\": \"{:032x}\",\n", xxh3_128(&rest));
    Some([b"{\n", line.as_bytes(), after].concat())
}

fn read_manifest(bytes: &[u8]) -> bool {
    let read = with(MANIFEST, bytes, |results| {
        let _ = results.clustering();
        let all = StageName::FLOW.iter().filter(|&&stage| stage != StageName::Export);
        let required = all.map(|&stage| results.require(stage, &Monitor::silent()).is_ok());
        let whole = required.fold(true, |all, one| all & one);
        let written = results.manifest().to_json();
        let again = with("manifest.json", written.as_bytes(), |again| again.manifest().to_json());
        assert_eq!(again.as_ref(), Some(&written), "what is written is read as the same");
        whole
    });
    read.unwrap_or(false)
}

pub fn clusters(bytes: &[u8]) -> bool {
    with(CLUSTERS, bytes, |results| results.centroids().is_ok()).unwrap_or(false)
}

/// The files that others read rows of.
pub fn all_tables() -> Vec<Vec<u8>> {
    [DOCUMENTS, ASSIGNMENTS, CLUSTER_TABLE, LABELS, MEMBERS].map(file).into()
}

/// Reads one of them.
type Read<'a> = &'a dyn Fn(&Results) -> Result<(), ()>;

/// The same bytes as each of them; one at a time, for each has another reader.
pub fn tables(bytes: &[u8]) -> bool {
    let silent = Monitor::silent();
    let documents = |results: &Results| {
        let documents = results.documents().map_err(drop)?;
        documents.left_out(&silent).map_err(drop)?;
        documents.batches().try_for_each(|batch| batch.map(drop)).map_err(drop)
    };
    let assignments = |results: &Results| {
        results.similarities(&silent).and_then(|_| results.tokens(&silent)).map(drop).map_err(drop)
    };
    let clusters = |results: &Results| results.clusters(&silent).map(drop).map_err(drop);
    let members = |results: &Results| results.members(&silent).map(drop).map_err(drop);
    let labels =
        |results: &Results| results.labels().and_then(|_| results.members(&silent)).map(drop).map_err(drop);
    let all: [(&str, Read<'_>); 5] = [
        (DOCUMENTS, &documents),
        (ASSIGNMENTS, &assignments),
        (CLUSTER_TABLE, &clusters),
        (LABELS, &labels),
        (MEMBERS, &members),
    ];
    all.iter().map(|(name, read)| with(name, bytes, read) == Some(Ok(()))).fold(false, |any, one| any | one)
}
