//! Claims about reading: files, folders, pipes, compression, embeddings and labels.

mod blocks;
mod columns;
mod corpus;
mod damage;
mod fetch;
mod folders;
mod labels;
mod packing;
mod rows;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clusterclip_core::error::dashed;
use clusterclip_core::monitor::{Monitor, Stage};
use clusterclip_engine::error::{FileError, Result};
use clusterclip_engine::input::{Corpus, Document, Options, Summary};

/// A folder that vanishes with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn open(input: &Path, options: Options) -> Result<Corpus> {
    Corpus::open(&[input.to_owned()], options, &Monitor::silent())
}

fn scan(corpus: &mut Corpus) -> Result<(Vec<Document>, Summary)> {
    let mut documents = Vec::new();
    let summary = corpus.scan(Stage::Read, &Monitor::silent(), &mut |batch| {
        documents.extend(batch);
        Ok(())
    })?;
    Ok((documents, summary))
}

fn read(input: &Path, options: Options) -> Result<(Vec<Document>, Summary)> {
    scan(&mut open(input, options)?)
}

/// The message of a failure, with its causes, in the names of the command line.
fn failure<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().said(dashed)
}

fn texts(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.text.as_str()).collect()
}

fn ids(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.id.as_str()).collect()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The corpus as `xz` packs it: the crate that unpacks is built without its encoder.
const XZ: &[u8] = include_bytes!("two.jsonl.xz");
