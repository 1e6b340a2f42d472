//! Model embedders against their peers: the same weights, texts and threads, in turn.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::demo::{self, Measured, cargo_home, measure};
use super::kmeans::median;
use super::targets::Targets;
use super::{THREADS, program};
use crate::models;
use crate::places::Places;
use crate::process::run;
use crate::python;

/// Documents a second, ours over the peer's. ONNX Runtime stands for sentence-transformers, whose own study finds it
/// 1.08 times as fast as PyTorch; OpenVINO is told beside it.
const TRANSFORMER: f64 = 1.2;
const TABLE: f64 = 1.0;

/// Documents a second in int8 over those in f32: less would not be worth the difference of the rows.
const INT8: f64 = 1.5;

/// How close each row in int8 is to come to that in f32.
const COSINE: f64 = 0.99;

/// What embedding may take beside the model, in MiB.
const BESIDE_MODEL: f64 = 1024.0;

/// A model, the texts it is given, and who else runs it; the first peer has the target.
struct Case {
    model: &'static str,
    documents: usize,
    longest: usize,
    peers: &'static [&'static str],
    target: f64,
    /// Whether it multiplies, and so may in bytes.
    int8: bool,
}

/// Texts of a table are short: WordLlama pads each batch to its longest text, which is not what is to be measured.
const CASES: [Case; 2] = [
    Case {
        model: "minilm",
        documents: 2000,
        longest: 20_000,
        peers: &["onnxruntime", "openvino"],
        target: TRANSFORMER,
        int8: true,
    },
    Case {
        model: "wordllama",
        documents: 10_000,
        longest: 500,
        peers: &["wordllama"],
        target: TABLE,
        int8: false,
    },
];

/// Measures every case.
///
/// # Errors
/// If a program cannot be built, installed or run, or there are too few texts.
pub fn run_all(places: &Places, repeats: usize, targets: &mut Targets) -> Result<()> {
    let models = models::fetch(places)?;
    let python = python::interpreter(places, &python::PEERS)?;
    let clusterclip = program(places)?;
    for case in &CASES {
        let texts = texts(places, &python, case)?;
        let folder = models.join(case.model);
        println!("\n== embed: {}, {} documents, {THREADS} threads", case.model, case.documents);
        let (mut ours, mut bytes, mut peak) = (Vec::new(), Vec::new(), None::<f64>);
        let mut theirs: Vec<Vec<f64>> = vec![Vec::new(); case.peers.len()];
        for _ in 0..repeats.max(1) {
            let told = embed(places, &clusterclip, &folder, &texts, "f32")?;
            ours.push(told.seconds);
            peak = [told.peak, peak].into_iter().flatten().reduce(f64::max);
            if case.int8 {
                bytes.push(embed(places, &clusterclip, &folder, &texts, "int8")?.seconds);
            }
            for (peer, seconds) in case.peers.iter().zip(&mut theirs) {
                seconds.push(peer_seconds(places, &python, peer, &folder, &texts)?);
            }
        }
        let rate = |seconds: &[f64]| case.documents as f64 / median(seconds);
        println!("{:12} {:8.1} documents a second, the whole command", "clusterclip", rate(&ours));
        for (peer, seconds) in case.peers.iter().zip(&theirs) {
            let ratio = median(seconds) / median(&ours);
            println!("{peer:12} {:8.1} documents a second, once loaded; ratio {ratio:.2}", rate(seconds));
            if *peer == case.peers[0] {
                let what = format!("{}: documents a second over {peer}'s", case.model);
                targets.at_least(&what, ratio, case.target);
            }
        }
        if case.int8 {
            let ratio = median(&ours) / median(&bytes);
            let cosines = cosines(places, &python)?;
            println!(
                "{:12} {:8.1} documents a second with --dtype int8; {ratio:.2} times f32",
                "clusterclip",
                rate(&bytes)
            );
            println!("cosine of int8 to f32: {cosines}");
            targets.at_least(&format!("{}: int8 over f32", case.model), ratio, INT8);
            let least = cosines["least"].as_f64().context("a least cosine")?;
            targets.at_least(&format!("{}: least cosine of int8 to f32", case.model), least, COSINE);
        }
        if let Some(peak) = peak {
            let model = demo::size(&folder)? as f64 / (1 << 20) as f64;
            println!("peak memory {peak:.0} MiB; the model's files have {model:.0} MiB");
            targets.at_most(&format!("{}: MiB beside the model", case.model), peak - model, BESIDE_MODEL);
        }
    }
    Ok(())
}

/// The texts of a case, in the cache.
fn texts(places: &Places, python: &Path, case: &Case) -> Result<PathBuf> {
    let folder = places.cache.join("bench");
    std::fs::create_dir_all(&folder)?;
    let texts = folder.join(format!("texts-{}-{}.jsonl", case.documents, case.longest));
    if !texts.exists() {
        let sources = cargo_home().context("no cargo home: set CARGO_HOME")?.join("registry/src");
        run(Command::new(python)
            .arg(places.root.join("scripts/embed_corpus.py"))
            .arg(sources)
            .arg(&texts)
            .args(["--documents", &case.documents.to_string(), "--longest", &case.longest.to_string()]))?;
    }
    Ok(texts)
}

/// Where the rows of a run lie.
fn out(places: &Places, dtype: &str) -> PathBuf {
    places.cache.join(format!("bench/embedded-{dtype}"))
}

fn embed(places: &Places, clusterclip: &Path, model: &Path, texts: &Path, dtype: &str) -> Result<Measured> {
    let out = out(places, dtype);
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let mut command = Command::new(clusterclip);
    command.arg("embed").arg(texts).arg("--embedder").arg(model).arg("--out").arg(out);
    measure(command.args(["--dtype", dtype, "--json", "--quiet", "--threads", &THREADS.to_string()]))
}

/// How close the rows in bytes come to the others.
fn cosines(places: &Places, python: &Path) -> Result<Value> {
    let mut command = Command::new(python);
    command.arg(places.root.join("scripts/cosine.py"));
    command.args(["f32", "int8"].map(|dtype| out(places, dtype).join("embeddings.npy")));
    object(&mut command)
}

fn peer_seconds(places: &Places, python: &Path, peer: &str, model: &Path, texts: &Path) -> Result<f64> {
    let mut command = Command::new(python);
    command.arg(places.root.join("scripts/embed_peers.py")).arg(peer).arg(model).arg(texts);
    command.args(["--threads", &THREADS.to_string()]);
    object(&mut command)?["seconds"].as_f64().context("a peer tells its seconds")
}

/// The object that a script prints.
fn object(command: &mut Command) -> Result<Value> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("{command:?} prints one object"))
}
