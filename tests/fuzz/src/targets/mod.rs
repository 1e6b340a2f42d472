//! The readers, each with the files that it is tried on.

mod documents;
mod labels;
mod models;
mod results;
mod rows;

use crate::seeds::{of_model, written};

/// A reader.
#[derive(Clone, Copy)]
pub struct Target {
    /// What it is called: on the command line, and as the folder of what failed in `kept/`.
    pub name: &'static str,
    /// Reads the bytes of a file; whether it was read to the end without an error.
    pub read: fn(&[u8]) -> bool,
    /// Files that it reads so.
    pub files: fn() -> Vec<Vec<u8>>,
    /// How many changed files `cargo test` tries: what takes a second or so.
    pub cases: u32,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    target("jsonl", documents::jsonl, || written("jsonl"), 400),
    target("json", documents::json, || written("json"), 400),
    target("csv", documents::csv, || written("csv"), 400),
    target("tsv", documents::tsv, || written("tsv"), 400),
    target("text", documents::text, || written("text"), 400),
    target("pieces", documents::pieces, documents::in_pieces, 3000),
    target("parquet", documents::parquet, || written("parquet"), 250),
    target("arrow", documents::arrow, || written("arrow"), 250),
    target("gzip", documents::gzip, || written("gzip"), 400),
    target("zstd", documents::zstd, || written("zstd"), 400),
    target("bzip2", documents::bzip2, || written("bzip2"), 300),
    target("xz", documents::xz, || written("xz"), 400),
    target("npy", rows::npy, || written("npy"), 2000),
    target("embedder", rows::embedder, || vec![results::file("embedder.safetensors")], 100),
    target("labels-npy", labels::npy, || written("labels-npy"), 2000),
    target("labels-jsonl", labels::jsonl, || written("labels-jsonl"), 1000),
    target("labels-csv", labels::csv, || written("labels-csv"), 1000),
    target("labels-parquet", labels::parquet, || written("labels-parquet"), 300),
    target("weights", labels::weights, || written("weights"), 300),
    target("tokenizer", models::tokenizer, || models::all("tokenizer.json"), 150),
    target("table", models::table, || vec![of_model("model2vec", "model.safetensors")], 150),
    target("encoder", models::encoder, || vec![of_model("jina-8", "model.safetensors")], 150),
    target("config", models::config, || models::all("config.json"), 300),
    target("model-folder", models::folder, models::folders, 50),
    target("manifest", results::manifest, || vec![results::file("manifest.json")], 500),
    target("clusters", results::clusters, || vec![results::file("clusters.safetensors")], 500),
    target("tables", results::tables, results::all_tables, 200),
];

const fn target(
    name: &'static str,
    read: fn(&[u8]) -> bool,
    files: fn() -> Vec<Vec<u8>>,
    cases: u32,
) -> Target {
    Target { name, read, files, cases }
}
