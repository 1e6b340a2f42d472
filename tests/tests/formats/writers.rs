//! Every format, as every writer writes it, gives the records that were written.

use std::ffi::OsStr;
use std::path::Path;

use clusterclip_tests::python;
use serde_json::Value;

use crate::reading::{self, Document};
use crate::told;

/// The fields of records without nested ones, which are the names of columns without a header.
const FLAT: [&str; 7] = ["id", "number", "text", "n_tokens", "n_float", "score", "lang"];

/// A way of reading records: what is taken as text, id and tokens; `None`: what is found.
struct Way {
    name: &'static str,
    text: Option<&'static str>,
    id: Option<&'static str>,
    tokens: Option<&'static str>,
    /// What the records are told as, in the script's words: of the text, of the id.
    expected: [&'static str; 2],
    /// Whether it needs nested fields; `None`: either way.
    nested: Option<bool>,
}

/// For fields that are parts of paths.
const LANG: &str = "a part of the path";

const WAYS: [Way; 5] = [
    Way {
        name: "text",
        text: Some("text"),
        id: Some("number"),
        tokens: Some("n_tokens"),
        expected: ["text", "number"],
        nested: None,
    },
    Way {
        name: "as found",
        text: None,
        id: None,
        tokens: Some("n_float"),
        expected: ["text", "id"],
        nested: Some(false),
    },
    Way { name: "turns", text: None, id: None, tokens: None, expected: ["turns", "id"], nested: Some(true) },
    Way {
        name: "a path",
        text: Some("meta.title"),
        id: Some("meta.source.url"),
        tokens: Some("n_float"),
        expected: ["title", "url"],
        nested: Some(true),
    },
    Way {
        name: LANG,
        text: Some("text"),
        id: Some("lang"),
        tokens: Some("n_float"),
        expected: ["text", "lang"],
        nested: Some(true),
    },
];

/// Has a script write its files, reads each in every way, and tells what was read.
#[track_caller]
fn written(script: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let told_of = python::run(script, [folder.path()]);
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let writer = text(&told_of["writer"]);
    let mut rows = Vec::new();
    for (number, case) in told_of["cases"].as_array().expect("cases").iter().enumerate() {
        let name = format!("{:12} | {writer:14} | {:60}", text(&case["kind"]), text(&case["note"]));
        rows.push((name, read(folder.path(), number, case, &told_of["records"])));
    }
    told(&format!("{writer}: format | writer | how | what was read"), &rows);
}

/// Reads a case in every way that it has.
fn read(folder: &Path, number: usize, case: &Value, records: &Value) -> Result<String, String> {
    let input = case["input"].as_str().expect("a name");
    let given: Vec<&str> =
        case["words"].as_array().expect("words").iter().filter_map(Value::as_str).collect();
    let headless = given.contains(&"--no-header");
    let nested = case["nested"] == true;
    let mut counts = String::new();
    let mut names = Vec::new();
    for way in WAYS.iter().filter(|way| way.nested.is_none_or(|needed| needed == nested)) {
        if headless && way.text.is_none() || way.name == LANG && case["parts"] == false {
            continue;
        }
        let field = |name: &str| {
            let place = FLAT.iter().position(|field| *field == name).filter(|_| headless);
            place.map_or(name.to_owned(), |place| place.to_string())
        };
        let options = [("--text-field", way.text), ("--id-field", way.id), ("--token-field", way.tokens)];
        let options =
            options.into_iter().filter_map(|(option, name)| Some([option.to_owned(), field(name?)]));
        let words = given.iter().map(|word| (*word).to_owned()).chain(options.flatten());
        let out = format!("out-{number}-{}", way.name.replace(' ', "-"));
        // Texts are read again, for an order, in the first way; in the others their hashes tell.
        let read = if names.is_empty() { reading::read } else { reading::embed };
        let documents = read(folder, OsStr::new(input), &out, &words.collect::<Vec<_>>())
            .map_err(|why| format!("{}: {}", way.name, why.replace('\n', " / ")))?;
        let tally = hold(&documents, case, records, way).map_err(|why| format!("{}: {why}", way.name))?;
        if counts.is_empty() {
            counts = tally;
        }
        names.push(way.name);
    }
    Ok(format!("{counts}; {}", names.join(", ")))
}

/// Holds what was read against the records, and counts.
fn hold(documents: &[Document], case: &Value, records: &Value, way: &Way) -> Result<String, String> {
    let rows = case["rows"].as_array().expect("the records of a file");
    if documents.len() != rows.len() {
        return Err(format!("{} records where there are {}", documents.len(), rows.len()));
    }
    let (mut empty, mut skipped) = (0, 0);
    for (number, (document, row)) in documents.iter().zip(rows).enumerate() {
        let record = &records[row.as_u64().expect("a number") as usize];
        let [text, id] = way.expected.map(|key| record[key].as_str());
        // Tables say nothing and null in the same way.
        let text = text.or((case["nulls"] == false).then_some(""));
        let told = |why| format!("record {number}: {why}");
        reading::hold(document, text).map_err(told)?;
        empty += usize::from(text == Some(""));
        skipped += usize::from(text.is_none());
        if text.is_some() && document.id != id.expect("an id") {
            return Err(told(format!("the id {:?}, not {id:?}", document.id)));
        }
        let tokens = way.tokens.and_then(|_| record["tokens"].as_u64());
        if text.is_some() && document.tokens != tokens {
            return Err(told(format!("{:?} tokens, not {tokens:?}", document.tokens)));
        }
    }
    Ok(format!("{} records, {empty} empty, {skipped} null", rows.len()))
}

macro_rules! writers {
    ($($claim:ident: $script:literal;)*) => {$(
        #[test]
        fn $claim() {
            written($script);
        }
    )*};
}

writers! {
    what_pyarrow_writes_is_read: "write_pyarrow.py";
    what_pandas_writes_is_read: "write_pandas.py";
    what_polars_writes_is_read: "write_polars.py";
    what_duckdb_writes_is_read: "write_duckdb.py";
    what_datasets_writes_is_read: "write_datasets.py";
    what_spark_lays_out_is_read: "write_spark.py";
    what_python_writes_is_read: "write_python.py";
}
