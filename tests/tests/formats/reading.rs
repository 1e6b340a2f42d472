//! The program reads an input, and tells of every record: its number, id and text.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use clusterclip_tests::{npy, program, results};
use parquet::record::Field;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use crate::PROGRAM;

/// A record as the program tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// The XXH3 of its text.
    pub hash: Vec<u8>,
    /// Its number of tokens.
    pub tokens: Option<u64>,
    /// Whether it was a bad record.
    pub skipped: bool,
    /// Its text, where it is in the order: it has features.
    pub text: Option<String>,
}

/// Runs the program on an input, with options, into the folder `out`: an order of all documents that have features.
///
/// # Errors
/// What it said, if it failed.
pub fn read<A: AsRef<OsStr>>(
    folder: &Path,
    input: &OsStr,
    out: &str,
    words: &[A],
) -> Result<Vec<Document>, String> {
    let order = ["run", "--clusters", "1", "--strategy", "random", "--export", "jsonl"];
    start(folder, &order, input, out, words)?;
    let out = folder.join(out);
    let mut documents = documents(&out);
    let lines = fs::read_to_string(out.join("order.jsonl")).expect("the order's texts");
    let order = npy::read(&out.join("order.npy")).u64();
    assert_eq!(lines.lines().count(), order.len(), "a line a position");
    for (line, number) in lines.lines().zip(order) {
        let line: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(line["document"], number);
        let document = &mut documents[number as usize];
        assert_eq!(line["id"], *document.id, "the id of document {number}");
        document.text = Some(line["text"].as_str().expect("a text").to_owned());
    }
    Ok(documents)
}

/// The same without an order, and so without texts.
///
/// # Errors
/// What it said, if it failed.
pub fn embed<A: AsRef<OsStr>>(
    folder: &Path,
    input: &OsStr,
    out: &str,
    words: &[A],
) -> Result<Vec<Document>, String> {
    start(folder, &["embed"], input, out, words)?;
    Ok(documents(&folder.join(out)))
}

fn start<A: AsRef<OsStr>>(
    folder: &Path,
    task: &[&str],
    input: &OsStr,
    out: &str,
    words: &[A],
) -> Result<(), String> {
    let mut command = program::command(PROGRAM, folder);
    command.args(task).args(["--quiet", "--on-bad-record", "skip", "--out", out]).arg(input).args(words);
    let ended = program::finish(&mut command).assert_calm();
    if ended.code == Some(0) { Ok(()) } else { Err(ended.stderr.trim().to_owned()) }
}

/// The rows of documents.parquet, whose numbers are their places; without texts.
fn documents(out: &Path) -> Vec<Document> {
    let rows = results::parquet(&out.join("documents.parquet"));
    let document = |(number, row): (usize, BTreeMap<String, Field>)| {
        assert_eq!(row["document"], Field::ULong(number as u64));
        let Field::Str(id) = &row["id"] else { panic!("an id: {:?}", row["id"]) };
        let Field::Bytes(hash) = &row["hash"] else { panic!("a hash: {:?}", row["hash"]) };
        let tokens = match row["tokens"] {
            Field::UInt(tokens) => Some(u64::from(tokens)),
            _ => None,
        };
        let skipped = row.get("skipped") == Some(&Field::Bool(true));
        Document { id: id.clone(), hash: hash.data().to_vec(), tokens, skipped, text: None }
    };
    rows.into_iter().enumerate().map(document).collect()
}

/// Holds a document against what its text must be; null must have been left out.
///
/// # Errors
/// What is different.
pub fn hold(document: &Document, expected: Option<&str>) -> Result<(), String> {
    let Some(expected) = expected else {
        return if document.skipped { Ok(()) } else { Err(format!("not left out: {document:?}")) };
    };
    if document.skipped {
        return Err(format!("left out, where the text is {expected:?}"));
    }
    if document.text.as_deref().is_some_and(|text| text != expected) {
        return Err(format!("{:?} where the text is {expected:?}", document.text));
    }
    // What has no features, such as an empty text, is in no order; its hash tells of it.
    if document.hash != xxh3_128(expected.as_bytes()).to_be_bytes() {
        return Err(format!("another hash than that of {expected:?}"));
    }
    Ok(())
}
