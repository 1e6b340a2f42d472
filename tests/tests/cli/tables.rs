//! CSV and TSV documents give what JSON lines give.

use std::fs;

use clusterclip_tests::corpus::{self, Document};
use clusterclip_tests::{program, results};

use crate::{clusterclip, command, folder};

/// The documents as a table with the columns `n_tokens`, `text` and `id`.
fn table(documents: &[Document], delimiter: &str, end: &str) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let rows = documents.iter().map(|document| {
        [document.tokens.to_string(), quoted(&document.text), document.id.clone()].join(delimiter)
    });
    let header = ["n_tokens", "text", "id"].join(delimiter);
    std::iter::once(header).chain(rows).map(|row| row + end).collect()
}

#[test]
fn tables_give_what_json_lines_give() {
    let mut documents = corpus::documents(150, 40);
    documents[3].text += ", \"quoted\"\nand\tmore";
    let lines = corpus::jsonl(&documents);
    let (csv, tsv) = (table(&documents, ",", "\n"), table(&documents, "\t", "\r\n"));
    let gz = corpus::gzip(tsv.as_bytes());
    let marked = format!("\u{FEFF}{csv}");
    let folder = folder(&[
        ("a.jsonl", &lines),
        ("b.csv", csv.as_bytes()),
        ("c.tsv", tsv.as_bytes()),
        ("d.tsv.gz", &gz),
        ("e.csv", marked.as_bytes()),
    ]);
    let dir = folder.path();
    let options = "--token-field n_tokens --tokens 5K --export jsonl";
    for name in ["a.jsonl", "b.csv", "c.tsv", "d.tsv.gz", "e.csv"] {
        clusterclip(dir, &format!("run {name} --out {} {options}", &name[..1])).assert_done();
    }
    let input = fs::File::open(dir.join("b.csv")).expect("the table");
    let words = format!("run - --format csv --out f {options}");
    program::finish(command(dir).args(words.split(' ')).stdin(input)).assert_done();
    let first = results::files(&dir.join("a"));
    for out in ["b", "c", "d", "e", "f"] {
        let other = results::files(&dir.join(out));
        for name in ["embeddings.npy", "embedder.safetensors", "labels.npy", "centroids.npy", "order.npy"] {
            assert!(first[name] == other[name], "{name} of {out}");
        }
        // The texts in training order: brought back by offset and length.
        let texts = |files: &[u8]| -> Vec<String> {
            let lines = std::str::from_utf8(files).expect("UTF-8").lines();
            let text = |line: &str| {
                serde_json::from_str::<serde_json::Value>(line).expect("JSON")["text"].to_string()
            };
            lines.map(text).collect()
        };
        assert!(texts(&first["order.jsonl"]) == texts(&other["order.jsonl"]), "order.jsonl of {out}");
    }

    // The control: texts that differ show.
    fs::write(dir.join("g.csv"), csv.replace("ba", "zu")).expect("a file");
    clusterclip(dir, &format!("run g.csv --out g {options}")).assert_done();
    assert!(
        first["embeddings.npy"] != results::files(&dir.join("g"))["embeddings.npy"],
        "other texts, the same rows"
    );
}

macro_rules! refused {
    ($($name:ident: $table:expr, $words:expr, $told:expr;)*) => {$(
        #[test]
        fn $name() {
            let folder = folder(&[("a.csv", $table)]);
            clusterclip(folder.path(), $words).assert_failed(1, &$told);
        }
    )*};
}

refused! {
    a_header_without_text: b"id;words\n1;a\n", "run a.csv --out out", ["a.csv:1: no column `text`", "`id;words`", "--text-field"];
    a_header_without_the_column_asked_for: b"id,text\n1,a\n", "run a.csv --out out --text-field body",
        ["a.csv:1: no column `body` (--text-field)", "`id`, `text`"];
    a_header_that_names_the_text_twice: b"text,text\n1,a\n", "run a.csv --out out", ["a.csv:1: two columns are called `text`"];
    a_header_alone: b"text\n", "run a.csv --out out", ["no document to read in a.csv"];
    a_ragged_row: b"id,text\n1,a\n\n2,b,c\n", "run a.csv --out out", ["a.csv:4: 3 cells where the header has 2", "--on-bad-record"];
    a_cell_that_is_no_utf8: b"id,text\n1,\"a\nb\"\n2,\xff\n", "run a.csv --out out", ["a.csv:4: invalid UTF-8 in byte 1 of cell 2"];
    an_unclosed_quote: b"text\na\n\"b\nc\nd\n", "run a.csv --out out --on-bad-record skip", ["a.csv:3: a quote", "not closed"];
    an_empty_id: b"text,key\na,k\nb,\n", "run a.csv --out out --id-field key", ["a.csv:3: the column `key` (--id-field) is empty"];
    a_count_that_is_none: b"text,n\na,1\nb,1.5\n", "run a.csv --out out --token-field n", ["a.csv:3", "`n` (--token-field) holds 1.5"];
}

#[test]
fn bad_records_of_tables_are_left_out_when_asked_and_counted() {
    let folder = folder(&[("a.csv", b"text,id\none two,1\ntwo\nthree four,3\nfive six,4\nx,y,z\n")]);
    let ended =
        clusterclip(folder.path(), "run a.csv --out out --clusters 2 --on-bad-record skip").assert_done();
    assert!(
        ended.stderr.contains("2 bad records") && ended.stderr.contains("a.csv:3: 1 cells"),
        "{}",
        ended.stderr
    );
}
