//! Exports: for each form its names and bytes, and what is refused.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use clusterclip_tests::{corpus, npy, results};
use parquet::record::Field;
use serde_json::Value;

use crate::{clusterclip, folder, with_corpus};

const RUN: &str = "run corpus.jsonl --clusters 5 --epochs 2 --out";

/// The names of the files below a folder that do not belong to the stages before the export, sorted.
fn names(out: &Path) -> Vec<String> {
    let manifest = results::json(&out.join("manifest.json"));
    let files = manifest["stages"]["export"]["files"].as_object().expect("files");
    files.keys().cloned().collect()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of several names, one after the other.
fn joined(out: &Path, names: &[String]) -> String {
    names.iter().map(|name| text(&out.join(name))).collect()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn shards_are_the_whole_order_cut_and_the_same_on_any_number_of_threads() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, &format!("{RUN} one --export jsonl")).assert_done();
    let whole = text(&dir.join("one/order.jsonl"));
    for (threads, out) in [(1, "a"), (3, "b")] {
        let words = format!("{RUN} {out} --export jsonl --shards 7 --threads {threads}");
        clusterclip(dir, &words).assert_done();
    }
    results::assert_same(&dir.join("a"), &dir.join("b"));
    let shards = names(&dir.join("a"));
    assert_eq!((shards.len(), shards[6].as_str()), (7, "order-00006-of-00007.jsonl"));
    assert_eq!(joined(&dir.join("a"), &shards), whole);
    let counts: Vec<usize> =
        shards.iter().map(|name| text(&dir.join("a").join(name)).lines().count()).collect();
    assert_eq!(counts, [86, 86, 86, 86, 86, 85, 85]);

    clusterclip(dir, &format!("{RUN} sized --export jsonl --shard-size 20KB")).assert_done();
    let sized = names(&dir.join("sized"));
    assert_eq!(joined(&dir.join("sized"), &sized), whole);
    assert!(sized.len() > 2 && sized.iter().all(|name| text(&dir.join("sized").join(name)).len() <= 20_000));
}

#[test]
fn packed_files_unpack_to_the_plain_ones() {
    let folder = with_corpus();
    let dir = folder.path();
    let words = format!(
        "{RUN} out --export jsonl --export jsonl.gz --export jsonl.zst --export records.gz --export records"
    );
    clusterclip(dir, &words).assert_done();
    let out = dir.join("out");
    let unpack = |name: &str| {
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&*fs::read(out.join(name)).unwrap())
            .read_to_string(&mut unpacked)
            .unwrap();
        unpacked
    };
    assert_eq!(unpack("order.jsonl.gz"), text(&out.join("order.jsonl")));
    assert_eq!(unpack("records.jsonl.gz"), text(&out.join("records.jsonl")));
    let zstd = zstd::decode_all(&*fs::read(out.join("order.jsonl.zst")).unwrap()).unwrap();
    assert_eq!(zstd, text(&out.join("order.jsonl")).into_bytes());
}

#[test]
fn records_are_the_lines_as_they_were_and_json_of_rows() {
    let jsonl =
        "{\"text\": \"the moon\", \"n\": 1.50,  \"x\":NaN}\n\n{\"n\":2,\"text\":\"bread and salt\"}\n";
    let array = "[{\"text\": \"tides\",\n \"of\": [1,\n2]}]";
    let csv = "id,text,n\n7,\"rain, and\nwind\",\"\"\"x\"\"\"\n";
    let folder = folder(&[
        ("in/a.jsonl", jsonl.as_bytes()),
        ("in/b.json", array.as_bytes()),
        ("in/c.csv", csv.as_bytes()),
    ]);
    let dir = folder.path();
    clusterclip(dir, "run in --out out --clusters 1 --export records").assert_done();
    let records = text(&dir.join("out/records.jsonl"));
    let order = npy::read(&dir.join("out/order.npy")).u64();
    let expected = [
        "{\"text\": \"the moon\", \"n\": 1.50,  \"x\":NaN}",
        "{\"n\":2,\"text\":\"bread and salt\"}",
        "{\"text\": \"tides\",  \"of\": [1, 2]}",
        r#"{"id":"7","text":"rain, and\nwind","n":"\"x\""}"#,
    ];
    let expected: Vec<&str> = order.iter().map(|&row| expected[row as usize]).collect();
    assert_eq!(records.lines().collect::<Vec<_>>(), expected);

    fs::write(dir.join("t.txt"), "a text of its own").unwrap();
    clusterclip(dir, "run t.txt --out texts --clusters 1 --export records")
        .assert_failed(1, &["--export records", "t.txt is text", "jsonl"]);
}

#[test]
fn ids_table_and_ranks_agree_with_the_order() {
    let folder = with_corpus();
    let dir = folder.path();
    let words = format!("{RUN} out --export jsonl --export ids --export table --export ranks --world-size 4");
    clusterclip(dir, &words).assert_done();
    let out = dir.join("out");
    let order = npy::read(&out.join("order.npy")).u64();
    let lines = lines(&text(&out.join("order.jsonl")));
    let ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(text(&out.join("ids.txt")).lines().collect::<Vec<_>>(), ids);
    let table = results::parquet(&out.join("positions.parquet"));
    assert_eq!(table.len(), order.len());
    for (position, (row, line)) in table.iter().zip(&lines).enumerate() {
        assert_eq!(row["position"], Field::ULong(position as u64));
        assert_eq!(row["document"], Field::ULong(order[position]));
        assert_eq!(row["id"], Field::Str(line["id"].as_str().unwrap().to_owned()));
        assert_eq!(row["cluster"], Field::UInt(line["cluster"].as_u64().unwrap() as u32));
    }
    for rank in 0..4 {
        let share = npy::read(&out.join(format!("rank-{rank}-of-4.npy"))).u64();
        let expected: Vec<u64> = order.iter().copied().skip(rank).step_by(4).collect();
        assert_eq!(share, expected, "of rank {rank}");
    }
    clusterclip(dir, &format!("{RUN} none --export ranks"))
        .assert_failed(2, &["--export ranks", "--world-size"]);
    clusterclip(dir, &format!("{RUN} none --world-size 4")).assert_failed(2, &["--world-size 4", "--rank"]);
}

#[test]
fn an_id_of_two_lines_is_refused_where_ids_are_lines() {
    let folder = folder(&[("a.jsonl", b"{\"id\":\"a\\nb\",\"text\":\"the moon and the tides\"}\n")]);
    let dir = folder.path();
    clusterclip(dir, "run a.jsonl --out out --export ids")
        .assert_failed(1, &["--export ids", "row 0", "line break", "--export table"]);
    results::assert_nothing_half_written(&dir.join("out"));
    clusterclip(dir, "run a.jsonl --out out --export table").assert_done();
}

#[test]
fn folders_hold_each_document_once() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, &format!("{RUN} out --export folders --shards 2")).assert_done();
    let out = dir.join("out");
    let labels = npy::read(&out.join("labels.npy")).i32();
    let names = names(&out);
    assert_eq!((names.len(), names[1].as_str()), (10, "cluster_0/data_1.jsonl"));
    let mut rows = BTreeMap::new();
    for name in &names {
        for line in lines(&text(&out.join(name))) {
            let document = line["document"].as_u64().unwrap();
            let cluster = labels[document as usize];
            assert!(name.starts_with(&format!("cluster_{cluster}/")) && line["cluster"] == cluster);
            assert!(rows.insert(document, ()).is_none(), "{document} twice");
        }
    }
    assert_eq!(rows.len(), 300);
    // Another export takes its place, folders and all.
    clusterclip(dir, &format!("{RUN} out --export ids --force")).assert_done();
    assert!(!out.join("cluster_0").exists() && out.join("ids.txt").exists());
}

#[test]
fn parquet_has_the_columns_of_lines_and_those_of_columnar_sources() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, &format!("{RUN} out --export jsonl --export parquet")).assert_done();
    let order = dir.join("out/order-00000-of-00001.parquet");
    let lines = lines(&text(&dir.join("out/order.jsonl")));
    let rows = results::parquet(&order);
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.iter().zip(&lines) {
        assert_eq!(row["text"], Field::Str(line["text"].as_str().unwrap().to_owned()));
        assert_eq!(row["document"], Field::ULong(line["document"].as_u64().unwrap()));
    }
    // A Parquet file of this program's own is a columnar source with columns of the same names.
    fs::copy(&order, dir.join("in.parquet")).unwrap();
    for (threads, out) in [(1, "a"), (2, "b")] {
        let words = format!(
            "run in.parquet --clusters 3 --out {out} --export parquet --export jsonl --export records --shards 3 --threads {threads}"
        );
        clusterclip(dir, &words).assert_done();
    }
    results::assert_same(&dir.join("a"), &dir.join("b"));
    let out = dir.join("a");
    let drawn = npy::read(&out.join("order.npy")).u64();
    let shards = names(&out);
    let of = |ending: &str| shards.iter().filter(|name| name.ends_with(ending)).cloned().collect::<Vec<_>>();
    let again: Vec<_> = of(".parquet").iter().flat_map(|name| results::parquet(&out.join(name))).collect();
    let records: Vec<String> = of(".jsonl").into_iter().filter(|name| name.starts_with("records")).collect();
    let records = self::lines(&joined(&out, &records));
    assert_eq!((again.len(), records.len(), drawn.len()), (600, 600, 600));
    for ((row, record), &document) in again.iter().zip(&records).zip(&drawn) {
        let before = &rows[document as usize];
        assert_eq!((&row["text"], &row["record_cluster"]), (&before["text"], &before["cluster"]));
        assert_eq!(row["record_source"], before["source"]);
        assert_eq!(Field::Str(record["id"].as_str().unwrap().to_owned()), before["id"]);
    }
}

#[test]
fn no_column_is_lost_however_often_an_export_is_exported_again() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, &format!("{RUN} first --export parquet")).assert_done();
    for (from, to) in [("first", "second"), ("second", "third")] {
        let source = format!("of-{from}.parquet");
        fs::copy(dir.join(from).join("order-00000-of-00001.parquet"), dir.join(&source)).unwrap();
        clusterclip(dir, &format!("run {source} --clusters 3 --out {to} --export parquet")).assert_done();
    }
    let before = results::parquet(&dir.join("second/order-00000-of-00001.parquet"));
    let rows = results::parquet(&dir.join("third/order-00000-of-00001.parquet"));
    assert_eq!(rows[0].len(), 6 + 5 + 5, "{:?}", rows[0].keys());
    for row in &rows {
        let Field::ULong(document) = row["document"] else { panic!("{:?}", row["document"]) };
        let source = &before[document as usize];
        for name in ["document", "cluster", "repetition"] {
            assert_eq!(row[&*format!("record_record_{name}")], source[name]);
            assert_eq!(row[&*format!("record_{name}")], source[&*format!("record_{name}")]);
        }
    }
}

#[test]
fn an_export_finds_its_documents_again_where_its_own_folder_lies_among_them() {
    let folder = folder(&[]);
    let dir = folder.path();
    fs::create_dir(dir.join("in")).unwrap();
    fs::write(dir.join("in/corpus.jsonl"), corpus::jsonl(&corpus::documents(60, 31))).unwrap();
    clusterclip(dir, "run in --out in/out --clusters 3").assert_done();
    for out in ["other", "in/other"] {
        clusterclip(dir, &format!("sample in/out --out {out} --input in --export jsonl")).assert_done();
        assert_eq!(text(&dir.join(out).join("order.jsonl")).lines().count(), 60);
    }
}

#[test]
fn documents_are_found_where_a_file_of_the_same_name_might_hold_them() {
    let folder = with_corpus();
    let dir = folder.path();
    let record = |word: &str, number: usize| format!("{{\"text\":\"{word} {number} of these\"}}\n");
    let many = |word: &str| (0..200).map(|number| record(word, number)).collect::<String>();
    // The first document of the second begins where the first does not reach: by what is noted of them, all of its
    // documents may be in either.
    for (name, text) in [("one", many("moon")), ("two", format!("{}{}", "\n".repeat(9000), many("tide")))] {
        fs::create_dir(dir.join(name)).unwrap();
        fs::write(dir.join(name).join("a.jsonl"), text).unwrap();
    }
    let words = "run one two --clusters 4 --epochs 2 --export jsonl --export records --out out";
    clusterclip(dir, words).assert_done();
    let found = lines(&text(&dir.join("out/order.jsonl")));
    let records = lines(&text(&dir.join("out/records.jsonl")));
    assert_eq!((found.len(), records.len()), (800, 800));
    for (line, record) in found.iter().zip(&records) {
        let document = line["document"].as_u64().unwrap();
        let expected = if document < 200 {
            format!("moon {document} of these")
        } else {
            format!("tide {} of these", document - 200)
        };
        assert_eq!((&line["text"], &record["text"]), (&Value::from(&*expected), &Value::from(&*expected)));
    }
}

#[test]
fn options_of_files_that_no_form_has_are_refused() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, &format!("{RUN} out --export ids --shards 3"))
        .assert_failed(2, &["--shards does not go with --export ids"]);
    clusterclip(dir, &format!("{RUN} out --export ranks --world-size 70000"))
        .assert_failed(2, &["--world-size 70000", "at most 65536"]);
    assert!(!dir.join("out").exists());
}

#[test]
fn sample_exports_what_run_does() {
    let documents = corpus::documents(200, 30);
    let folder = folder(&[("corpus.jsonl.gz", &corpus::gzip(&corpus::jsonl(&documents)))]);
    let dir = folder.path();
    let forms = "--export jsonl --export ids --export table";
    clusterclip(dir, &format!("run corpus.jsonl.gz --out whole --clusters 4 {forms}")).assert_done();
    clusterclip(dir, "run corpus.jsonl.gz --out out --clusters 4").assert_done();
    clusterclip(dir, "sample out --export jsonl").assert_failed(2, &["--export jsonl", "--input"]);
    clusterclip(dir, &format!("sample out --input corpus.jsonl.gz {forms}")).assert_done();
    clusterclip(dir, &format!("sample out --out other --input corpus.jsonl.gz {forms}")).assert_done();
    for out in ["out", "other"] {
        for name in ["order.jsonl", "ids.txt", "positions.parquet"] {
            assert_eq!(
                fs::read(dir.join(out).join(name)).unwrap(),
                fs::read(dir.join("whole").join(name)).unwrap()
            );
        }
    }
    fs::write(dir.join("changed.jsonl"), corpus::jsonl(&documents[1..])).unwrap();
    clusterclip(dir, "sample out --out third --input changed.jsonl --export jsonl")
        .assert_failed(1, &["--input", "not what was embedded in out"]);
    fs::write(dir.join("labels.csv"), "cluster\n1\n0\n1\n").unwrap();
    clusterclip(dir, "sample labels.csv --out of-labels --export ids").assert_done();
    let ids = text(&dir.join("of-labels/ids.txt"));
    let order = npy::read(&dir.join("of-labels/order.npy")).u64();
    assert_eq!(ids.lines().map(|id| id.parse().unwrap()).collect::<Vec<u64>>(), order);
    clusterclip(dir, "sample labels.csv --out no --export jsonl")
        .assert_failed(2, &["--export jsonl", "labels"]);
}
