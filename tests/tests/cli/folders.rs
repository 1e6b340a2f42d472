//! Folders as people have them: what the program reads of each, what it leaves out, and what it says of both.

use std::path::Path;

use clusterclip_tests::program::Ended;
use clusterclip_tests::{corpus, results};
use serde_json::Value;

use crate::{clusterclip, folder};

/// Embeds `input` of a folder of files; gives the ids of the documents, the manifest, and what was said.
fn embed(files: &[(&str, &[u8])], input: &str) -> (Vec<String>, Value, Ended) {
    let folder = folder(files);
    let ended = clusterclip(folder.path(), &format!("embed {input} --out out")).assert_done();
    let out = folder.path().join("out");
    (ids(&out), results::json(&out.join("manifest.json")), ended)
}

fn ids(out: &Path) -> Vec<String> {
    let rows = results::parquet(&out.join("documents.parquet"));
    rows.iter().map(|row| row["id"].to_string().trim_matches('"').to_owned()).collect()
}

/// How many files were left out by `reason`, and the names of the first.
fn left(manifest: &Value, reason: &str) -> (String, Vec<String>) {
    let files = &manifest["documents"]["left_out"][reason];
    let first = files["first"].as_array().map_or(&[][..], Vec::as_slice);
    let names = first.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (files["count"].as_str().unwrap_or("0").to_owned(), names)
}

fn lines(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| format!("{{\"text\":\"{text}\"}}\n").into_bytes()).collect()
}

#[test]
fn a_source_tree_is_its_text_files() {
    let (ids, manifest, ended) = embed(
        &[
            ("x/.git/config", b"[core]"),
            ("x/.env", b"SECRET=1"),
            ("x/README.md", b"what it is about"),
            ("x/package.json", b"{\n  \"name\": \"x\"\n}\n"),
            ("x/src/main.rs", "fn main() { todo() } // words of code\n".repeat(20).as_bytes()),
            ("x/src/logo.png", b"\x89PNG\0\0"),
            ("x/tests/cases.csv", b"a,b\n1,2\n"),
        ],
        "x",
    );
    assert_eq!(ids, ["README.md", "package.json", "src/main.rs", "tests/cases.csv"]);
    assert_eq!(left(&manifest, "hidden_files"), ("2".to_owned(), vec![".env".to_owned(), ".git".to_owned()]));
    assert!(ended.stderr.contains("warning: 1 binary file was left out: src/logo.png"), "{ended}");
    assert!(ended.stderr.contains("(--hidden reads them): .env, .git"), "{ended}");
    assert!(ended.stdout.contains("4 text files of"), "{ended}");
}

#[test]
fn an_obsidian_vault_is_its_notes() {
    let (ids, manifest, _) = embed(
        &[
            ("vault/.obsidian/app.json", b"{\"theme\": \"dark\"}"),
            ("vault/Daily/2026-11-27.md", b"a day of rain and reading"),
            ("vault/Ideas.md", b"an idea about gardens"),
            ("vault/attachments/photo.jpg", b"\xFF\xD8\0\0"),
        ],
        "vault",
    );
    assert_eq!(ids, ["Daily/2026-11-27.md", "Ideas.md"]);
    assert_eq!(left(&manifest, "hidden_files").1, [".obsidian"]);
    assert_eq!(left(&manifest, "binary_files").1, ["attachments/photo.jpg"]);
}

#[test]
fn a_clone_of_a_data_set_is_its_training_split() {
    let files: [(&str, &[u8]); 5] = [
        ("x/.gitattributes", b"*.jsonl filter=lfs"),
        ("x/README.md", b"about the data"),
        ("x/data/test-00000-of-00001.jsonl", &lines(&["a test of tests"])),
        ("x/data/train-00000-of-00002.jsonl", &lines(&["one fine day", "two fine days"])),
        ("x/data/train-00001-of-00002.jsonl", &lines(&["three fine days"])),
    ];
    let (found, manifest, ended) = embed(&files, "x");
    let train = ["data/train-00000-of-00002.jsonl:1", "data/train-00000-of-00002.jsonl:2"];
    assert_eq!(found[..2], train);
    assert_eq!(found.len(), 3);
    assert_eq!(manifest["documents"]["splits"][0]["read"], "train");
    assert_eq!(left(&manifest, "files_without_records").1, ["README.md"]);
    assert_eq!(left(&manifest, "files_of_other_splits").1, ["data/test-00000-of-00001.jsonl"]);
    assert!(ended.stderr.contains("the split `train` is read, of `train`, `test` (--split)"), "{ended}");
    assert!(ended.stdout.contains("train of train, test"), "{ended}");
    assert_eq!(embed(&files, "x --split test").0, ["data/test-00000-of-00001.jsonl:1"]);
    assert_eq!(embed(&files, "x --split all").0.len(), 4);
    let folder = folder(&files);
    clusterclip(folder.path(), "embed x --split dev --out out").assert_failed(
        1,
        &["x has no split `dev`, but `train`, `test`; --split chooses one, or all with `all`"],
    );
}

#[test]
fn what_spark_wrote_is_records_with_the_fields_of_its_folders() {
    let (ids, manifest, _) = embed(
        &[
            ("x/_SUCCESS", b""),
            ("x/._SUCCESS.crc", b"crc\0"),
            ("x/lang=de/.part-00000-4c1d.c000.json.crc", b"crc\0"),
            ("x/lang=de/part-00000-4c1d.c000.json", &lines(&["ein guter Tag", "zwei gute Tage"])),
            ("x/lang=de/part-00001-4c1d.c000.json", &lines(&["drei gute Tage"])),
            ("x/lang=en/part-00000-4c1d.c000.json", &lines(&["one fine day"])),
        ],
        "x --id-field lang",
    );
    assert_eq!(ids, ["de", "de", "de", "en"]);
    assert_eq!(manifest["documents"]["chosen"]["jsonl"]["count"], "3");
}

#[test]
fn what_nemo_clustered_has_a_field_for_its_centroid() {
    let (ids, _, _) = embed(
        &[
            ("x/centroid=0/part.0.jsonl", &lines(&["one fine day"])),
            ("x/centroid=1/part.0.jsonl", &lines(&["rain on the roof", "rain on the road"])),
        ],
        "x --id-field centroid",
    );
    assert_eq!(ids, ["0", "1", "1"]);
}

#[test]
fn what_wikiextractor_wrote_is_records() {
    let (ids, _, _) = embed(
        &[
            ("x/AA/wiki_00", &lines(&["an article on moons", "an article on tides"])),
            ("x/AB/wiki_00", &lines(&["an article on bread"])),
        ],
        "x",
    );
    assert_eq!(ids, ["AA/wiki_00:1", "AA/wiki_00:2", "AB/wiki_00:1"]);
}

#[test]
fn a_folder_of_packed_json_is_records() {
    let packed = |texts: &[&str]| corpus::gzip(&lines(texts));
    let (ids, _, _) = embed(
        &[
            ("x/c4-train.00000-of-00002.json.gz", &packed(&["one fine day", "two fine days"])),
            ("x/c4-train.00001-of-00002.json.gz", &packed(&["three fine days"])),
        ],
        "x",
    );
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[2], "c4-train.00001-of-00002.json.gz:1");
}

#[test]
fn a_maildir_is_its_mails() {
    let mail = |words: &str| format!("From: a@example.org\nSubject: {words}\n\n{words}\n").into_bytes();
    let (ids, _, _) = embed(
        &[
            ("mail/cur/1690000000.M1P2.host:2,S", &mail("the moon and the tides")),
            ("mail/cur/1690000001.M1P3.host:2,", &mail("bread and butter")),
            ("mail/new/1690000002.M1P4.host", &mail("rain on the roof")),
            ("mail/tmp/1690000003.M1P5.host", b""),
            ("mail/dovecot.index.cache", b"\x08\0\0\0"),
        ],
        "mail",
    );
    assert_eq!(
        ids,
        ["cur/1690000000.M1P2.host:2,S", "cur/1690000001.M1P3.host:2,", "new/1690000002.M1P4.host"]
    );
}

#[test]
fn a_folder_of_pdfs_holds_nothing_to_read() {
    let pdf: &[u8] = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\nstream\n\0\0\0\nendstream";
    let folder = folder(&[("x/a.pdf", pdf), ("x/b.pdf", pdf)]);
    clusterclip(folder.path(), "embed x --out out")
        .assert_failed(1, &["no document to read in x: 2 binary files were left out: a.pdf, b.pdf"]);
}

#[test]
fn earlier_results_are_no_documents_whatever_they_are_called() {
    let folder = folder(&[
        ("x/a.txt", b"the moon and the tides"),
        ("x/b.txt", b"bread, salt and butter"),
        ("x/c.txt", b"rain on the roof"),
    ]);
    let dir = folder.path();
    clusterclip(dir, "run x --out x/first --export jsonl").assert_done();
    let ended = clusterclip(dir, "run x --out x/second").assert_done();
    assert!(ended.stderr.contains("1 folder with results of clusterclip was left out: first"), "{ended}");
    assert_eq!(ids(&dir.join("x/second")), ["a.txt", "b.txt", "c.txt"]);
    // Its own results change nothing of what it reads.
    let again = clusterclip(dir, "run x --out x/second").assert_done();
    assert!(again.stdout.contains("Reused"), "{again}");
    clusterclip(dir, "embed x/first --out out").assert_failed(
        1,
        &["x/first holds results of clusterclip, not documents; its texts in training order are in x/first/order.jsonl"],
    );
    clusterclip(dir, "embed x/first/order.jsonl --out out").assert_done();
}

#[test]
fn a_folder_of_both_says_how_to_choose() {
    let files: [(&str, &[u8]); 2] = [
        ("x/a.jsonl", &lines(&["one fine day", "two fine days"])),
        ("x/notes.txt", b"words about many fine days and more"),
    ];
    let folder = folder(&files);
    clusterclip(folder.path(), "embed x --out out").assert_failed(
        1,
        &[
            "x holds 1 JSON lines file (",
            "a.jsonl), and 1 text file (",
            "--format jsonl reads the records alone, --format text every file as one document; or name the files",
        ],
    );
    assert_eq!(embed(&files, "x --format jsonl").0, ["a.jsonl:1", "a.jsonl:2"]);
    assert_eq!(embed(&files, "x --format text").0, ["a.jsonl", "notes.txt"]);
    assert_eq!(embed(&files, "x/a.jsonl x/notes.txt").0, ["a.jsonl:1", "a.jsonl:2", "notes.txt"]);
}

#[test]
fn hidden_files_are_read_when_they_are_asked_for() {
    let files: [(&str, &[u8]); 2] =
        [("x/.hidden.txt", b"rain on the roof"), ("x/a.txt", b"the moon and the tides")];
    assert_eq!(embed(&files, "x").0, ["a.txt"]);
    assert_eq!(embed(&files, "x --hidden").0, [".hidden.txt", "a.txt"]);
}
