//! The table of bad input: files and records. Each row runs the program.

use std::fs;

use clusterclip_tests::{corpus, results};
use serde_json::Value;

use crate::refused::table;
use crate::{clusterclip, folder};

const GOOD: &[u8] =
    b"{\"text\": \"one fine day\"}\n{\"text\": \"two fine days\"}\n{\"text\": \"three fine days\"}\n";

/// A .gz of four documents.
fn gz() -> Vec<u8> {
    corpus::gzip(&corpus::jsonl(&corpus::documents(200, 40)))
}

fn cut(mut bytes: Vec<u8>, left: usize) -> Vec<u8> {
    bytes.truncate(left);
    bytes
}

table! {
    a_missing_file: [], "run missing.jsonl --out out", 1, ["missing.jsonl does not exist"];
    a_missing_file_beside_a_good_one: [("a.jsonl", GOOD)], "run a.jsonl missing --out out", 1, ["missing does not exist"];
    an_empty_file: [("a.jsonl", b"")], "run a.jsonl --out out", 1, ["no document to read in a.jsonl: 1 empty file"];
    a_file_of_blank_lines: [("a.jsonl", b"\n  \n\r\n")], "run a.jsonl --out out", 1,
        ["no document to read in a.jsonl: 3 blank lines"];
    a_folder_without_text: [("x/a.bin", b"\0\x01\x02"), ("x/b.txt", b"")], "run x --out out", 1,
        ["no document to read in x: 1 binary file was left out: a.bin; 1 empty file was left out: b.txt"];
    empty_standard_input: [], "run - --format jsonl --out out", 1, ["no document to read in -"];
    broken_json: [("a.jsonl", b"{\"text\": \"a\"}\n\n{\"text\": \"b\n")], "run a.jsonl --out out", 1,
        ["a.jsonl:3", "--on-bad-record"];
    json_that_stops: [("a.jsonl", b"{\"text\": \"a\"}\n{\"text\": \"b\"")], "run a.jsonl --out out", 1,
        ["a.jsonl:2: broken JSON in column 12"];
    a_json_array: [("a.jsonl", b"[{\"text\": \"a\"}, {\"text\": \"b\"}]")], "run a.jsonl --out out", 1,
        ["a.jsonl:1", "array", "--format json"];
    a_json_array_over_lines: [("a.jsonl", b"[\n{\"text\": \"a\"},\n{\"text\": \"b\"}\n]")], "run a.jsonl --out out", 1,
        ["a.jsonl:1", "array"];
    a_json_array_that_is_cut_off: [("a.json", b"[\n{\"text\": \"a\"},\n{\"te")], "run a.json --format json --out out", 1,
        ["a.json:3: the JSON array of records has no end"];
    a_json_array_without_a_comma: [("a.json", b"[{\"text\": \"a\"}\n{\"text\": \"b\"}]")], "run a.json --format json --out out --on-bad-record skip", 1,
        ["a.json:2: broken JSON: `,` or `]` is wanted"];
    a_byte_order_mark_within: [("a.jsonl", b"{\"text\": \"a\"}\n\xEF\xBB\xBF{\"text\": \"b\"}\n")], "run a.jsonl --out out", 1,
        ["a.jsonl:2: a byte order mark before this record", "--on-bad-record skip"];
    a_pointer_of_git_lfs: [("a.jsonl", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n")], "run a.jsonl --out out --on-bad-record skip", 1,
        ["a.jsonl is a pointer to a file that is not there", "git lfs pull"];
    a_text_that_is_null: [("a.jsonl", b"{\"text\": \"a\"}\n{\"text\": null}\n")], "run a.jsonl --out out", 1,
        ["a.jsonl:2: `text` holds null", "--on-bad-record skip"];
    a_template_that_fails: [("a.jsonl", GOOD)], "run a.jsonl --out out --template {{nobody.there}}", 1,
        ["a.jsonl:1: --template fails on this record in its line 1", "--on-bad-record skip"];
    text_as_records: [("a.jsonl", b"plain words\n")], "run a.jsonl --out out", 1, ["a.jsonl:1: no JSON", "--lines"];
    a_missing_text_field: [("a.jsonl", b"{\"title\": \"t\", \"words\": \"b\"}\n")], "run a.jsonl --out out", 1,
        ["a.jsonl:1", "title", "words", "--text-field"];
    a_missing_named_field: [("a.jsonl", GOOD)], "run a.jsonl --out out --text-field body", 1,
        ["a.jsonl:1: no field `body` (--text-field); the record has `text`"];
    a_text_that_is_a_number: [("a.jsonl", b"{\"text\": 7}\n")], "run a.jsonl --out out", 1,
        ["a.jsonl:1: the field `text` holds a number, a string is wanted"];
    a_missing_token_field: [("a.jsonl", GOOD)], "run a.jsonl --out out --token-field n", 1,
        ["a.jsonl:1: no field `n` (--token-field)"];
    a_negative_token_count: [("a.jsonl", b"{\"text\": \"a\", \"n\": -1}\n")], "run a.jsonl --out out --token-field n", 1,
        ["a.jsonl:1: the field `n` (--token-field) holds -1"];
    invalid_utf8_in_a_record: [("a.jsonl", b"{\"text\": \"a\"}\n{\"text\": \"\xff\xfe\"}\n")], "run a.jsonl --out out", 1,
        ["a.jsonl:2", "UTF-8", "--on-bad-record"];
    a_truncated_gz: [("a.jsonl.gz", &cut(gz(), 3000))], "run a.jsonl.gz --out out", 1,
        ["a.jsonl.gz: the gzip data is cut off"];
    a_gz_that_is_none: [("a.jsonl.gz", GOOD)], "run a.jsonl.gz --out out", 1, ["a.jsonl.gz is no gzip data"];
    an_empty_gz: [("a.jsonl.gz", b"")], "run a.jsonl.gz --out out", 1, ["no document to read in a.jsonl.gz"];
    a_truncated_zst: [("a.jsonl.zst", &cut(corpus::zstandard(&gz()), 2000))], "run a.jsonl.zst --out out", 1,
        ["a.jsonl.zst: the zstd data is cut off"];
    a_zst_that_is_none: [("a.jsonl.zst", GOOD)], "run a.jsonl.zst --out out", 1, ["a.jsonl.zst is no zstd data"];
    a_parquet_file_that_is_cut_off: [("a.parquet", b"PAR1PAR1")], "run a.parquet --out out", 1, ["a.parquet is cut off"];
    a_parquet_file_that_is_none: [("a.parquet", GOOD)], "run a.parquet --out out", 1, ["a.parquet is no Parquet file"];
    an_arrow_file_that_is_none: [("a.feather", GOOD)], "run a.feather --out out", 1, ["a.feather is no Arrow file"];
    a_parquet_file_by_another_name: [("a.dat", b"PAR1PAR1")], "run a.dat --out out", 1, ["a.dat is cut off: it begins as a Parquet file"];
    an_output_that_is_a_file: [("a.jsonl", GOOD), ("taken", b"mine")], "run a.jsonl --out taken", 1,
        ["taken is a file, not a folder"];
    an_output_inside_a_file: [("a.jsonl", GOOD), ("taken", b"mine")], "run a.jsonl --out taken/out", 1,
        ["cannot create taken/out: Not a directory"];
    a_folder_of_somebody_else: [("a.jsonl", GOOD), ("labels.npy", b"mine")], "run a.jsonl --out .", 1,
        ["holds labels.npy, which its manifest.json does not list", "--force"];
    a_cluster_source_that_is_missing: [], "cluster nowhere", 1, ["nowhere does not exist"];
    a_cluster_source_without_results: [("x/a.txt", b"a")], "cluster x", 1, ["x holds no manifest.json"];
    a_sample_source_without_results: [("x/a.txt", b"a")], "sample x", 1, ["x holds no manifest.json"];
}

#[test]
fn bad_records_are_skipped_when_asked_and_counted() {
    let lines = [GOOD, b"{\"text\": \n[1]\n{\"title\": \"t\"}\n{\"text\": \"\xff\"}\n", GOOD].concat();
    let folder = folder(&[("a.jsonl", &lines)]);
    let ended = clusterclip(folder.path(), "run a.jsonl --out out --on-bad-record skip").assert_done();
    assert!(
        ended
            .stderr
            .contains("warning: 4 bad records were skipped (--on-bad-record skip): they keep their numbers"),
        "{ended}"
    );
    assert!(ended.stderr.contains("the first bad record: a.jsonl:4"), "{ended}");
    let out = folder.path().join("out");
    let manifest = results::json(&out.join("manifest.json"));
    assert_eq!((&manifest["documents"]["read"], &manifest["n"]), (&"10".into(), &"6".into()));
    assert_eq!(manifest["documents"]["skipped"]["bad_records"], "4");
    let rows = results::parquet(&out.join("documents.parquet"));
    let ids: Vec<String> = rows.iter().map(|row| row["id"].to_string()).collect();
    // They keep their numbers, and so do the lines.
    assert_eq!((&*ids[3], &*ids[7]), ("\"a.jsonl:4\"", "\"a.jsonl:8\""));
}

#[test]
fn a_line_of_100_mb_is_read() {
    let mut lines = b"{\"text\": \"".to_vec();
    while lines.len() < 100_000_000 {
        lines.extend(b"a long line of words that never ends and ");
    }
    lines.extend(b"does.\"}\n");
    lines.extend(GOOD);
    let folder = folder(&[("a.jsonl", &lines)]);
    clusterclip(folder.path(), "embed a.jsonl --out out").assert_done();
    let rows = results::parquet(&folder.path().join("out/documents.parquet"));
    assert_eq!(rows.len(), 4);
}

#[test]
fn invalid_utf8_in_text_files_is_read_and_told() {
    let folder = folder(&[
        ("x/a.txt", b"caf\xe9 au lait"),
        ("x/b.txt", b"tea with milk"),
        ("x/c.txt", b"water, cold"),
    ]);
    let ended = clusterclip(folder.path(), "run x --out out").assert_done();
    assert!(ended.stderr.contains("UTF-8"), "{ended}");
    let warnings = results::json(&folder.path().join("out/manifest.json"))["warnings"].to_string();
    assert!(warnings.contains("UTF-8"), "{warnings}");
}

#[test]
fn binary_empty_and_linked_files_are_left_out_and_counted() {
    let folder = folder(&[
        ("x/a.txt", b"one fine day"),
        ("x/b.txt", b"two fine days"),
        ("x/sub/c.md", b"three fine days"),
        ("x/image.png", b"\x89PNG\0\0"),
        ("x/nothing.txt", b""),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("a.txt", folder.path().join("x/link.txt")).expect("a link");
    clusterclip(folder.path(), "run x --out x/out").assert_done();
    let documents = &results::json(&folder.path().join("x/out/manifest.json"))["documents"];
    assert_eq!(documents["read"], "3");
    assert_eq!(documents["left_out"]["binary_files"]["count"], "1");
    assert_eq!(documents["left_out"]["empty_files"]["count"], "1");
    // The results lie inside the input: a second run must not read them.
    clusterclip(folder.path(), "run x --out x/out").assert_done();
    assert_eq!(results::json(&folder.path().join("x/out/manifest.json"))["documents"]["read"], "3");
}

#[test]
fn documents_without_words_have_no_cluster_and_are_never_drawn() {
    let mut documents = corpus::documents(60, 30);
    for row in [0, 17, 59] {
        documents[row].text = " \t ".into();
    }
    let folder = folder(&[("a.jsonl", &corpus::jsonl(&documents))]);
    let ended = clusterclip(folder.path(), "run a.jsonl --out out --epochs 2").assert_done();
    assert!(ended.stderr.contains("no features"), "{ended}");
    let out = folder.path().join("out");
    let labels = clusterclip_tests::npy::read(&out.join("labels.npy")).i32();
    let order = clusterclip_tests::npy::read(&out.join("order.npy")).u64();
    assert_eq!(order.len(), 2 * 57);
    for row in [0, 17, 59] {
        assert_eq!(labels[row], -1);
        assert!(!order.contains(&(row as u64)));
    }
    assert_eq!(results::json(&out.join("manifest.json"))["n"], Value::from("57"));
}

/// Root may read everything, so the program runs as nobody there.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("a.jsonl", GOOD), ("secret.jsonl", GOOD)]);
    fs::set_permissions(folder.path().join("secret.jsonl"), PermissionsExt::from_mode(0o000))
        .expect("permissions");
    let mut command = crate::unprivileged(folder.path());
    clusterclip_tests::program::finish(command.args("run a.jsonl secret.jsonl --out out".split(' ')))
        .assert_failed(1, &["secret.jsonl", "ermission"]);
    results::assert_nothing_half_written(&folder.path().join("out"));
}
