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
        // A text of two lines, and one with a tab, are in quotes that TSV has only when asked.
        let quote = if name.contains("tsv") { "--quote \"" } else { "" };
        clusterclip(dir, &format!("run {name} --out {} {options} {quote}", &name[..1])).assert_done();
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
    a_header_without_text: b"id,words\n1,a\n", "run a.csv --out out", ["a.csv:1: no column that is known to hold a text", "`id`, `words`", "--text-field"];
    a_table_with_another_delimiter: b"id;text\n1;a\n", "run a.csv --out out", ["a.csv:1: the header has one column, `id;text`", "--delimiter ';'"];
    a_table_of_tabs: b"id\ttext\n1\ta\n", "run a.csv --out out", ["a.csv:1: the header has one column, `id\\ttext`", "--delimiter '\\t'"];
    a_table_that_was_not_fetched: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "run a.csv --out out", ["a.csv is a pointer to a file that is not there", "git lfs pull"];
    text_after_a_quote: b"id,text\n1,\"a\" b\n", "run a.csv --out out", ["a.csv:2: text after the closing quote of cell 2", "--quote none"];
    a_header_without_the_column_asked_for: b"id,text\n1,a\n", "run a.csv --out out --text-field body",
        ["a.csv:1: no column `body` (--text-field)", "`id`, `text`"];
    a_header_that_names_the_text_twice: b"text,text\n1,a\n", "run a.csv --out out", ["a.csv:1: two columns are called `text`"];
    a_header_alone: b"text\n", "run a.csv --out out", ["no document to read in a.csv"];
    a_ragged_row: b"id,text\n1,a\n\n2,b,c\n", "run a.csv --out out", ["a.csv:4: 3 cells where the header has 2", "--on-bad-record"];
    a_cell_that_is_no_utf8: b"id,text\n1,\"a\nb\"\n2,\xff\n", "run a.csv --out out", ["a.csv:4: invalid UTF-8 in byte 1 of cell 2"];
    an_unclosed_quote: b"text\na\n\"b\nc\nd\n", "run a.csv --out out --on-bad-record skip", ["a.csv:3: a quote", "not closed", "--quote none"];
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

#[test]
fn tables_of_every_kind_give_what_json_lines_give() {
    let folder = folder(&[
        ("a.jsonl", b"{\"text\": \"\\\"one day\"}\n{\"text\": \"two; days\"}\n{\"text\": \"three days\"}\n"),
        ("b.txt", b"1|\"one day\n2|two; days\n3|three days\n"),
        ("c.csv", b"id;text\n1;'\"one day'\nid;text\n2;'two; days'\n3;three days\n"),
        ("d.tsv", b"id\ttext\n1\t\"one day\n2\t\"two; days\"\n3\tthree days\n"),
    ]);
    let dir = folder.path();
    clusterclip(dir, "embed a.jsonl --out a").assert_done();
    clusterclip(
        dir,
        "embed b.txt --out b --format csv --delimiter | --quote none --no-header --text-field 1",
    )
    .assert_done();
    clusterclip(dir, "embed d.tsv --out d").assert_done();
    let first = results::files(&dir.join("a"));
    for out in ["b", "d"] {
        assert!(first["embeddings.npy"] == results::files(&dir.join(out))["embeddings.npy"], "{out}");
    }
    let ended = clusterclip(dir, "embed c.csv --out c --delimiter ; --quote '").assert_done();
    assert!(ended.stderr.contains("1 row names the columns again"), "{}", ended.stderr);
}
