//! Claims about inputs that are longer than a block.

use std::collections::BTreeMap;

use clusterclip_core::format::table::Quote;
use clusterclip_engine::input::Format;

use super::*;

/// Enough text for several blocks, with lines that straddle every chunk.
fn many_lines() -> (String, Vec<String>) {
    let texts: Vec<String> =
        (0..90_000u64).map(|i| format!("{i} ").repeat((i * i % 97) as usize + 1)).collect();
    let lines = texts.iter().map(|text| format!("{{\"text\":\"{text}\"}}\n")).collect();
    (lines, texts)
}

#[test]
fn documents_do_not_depend_on_how_they_fall_into_blocks() {
    let (lines, expected) = many_lines();
    assert!(lines.len() > 20 << 20, "several blocks are needed");
    let folder = Folder::new();
    let plain = folder.write("a.jsonl", &lines);
    let packed = folder.write("b.jsonl.gz", gzip(lines.as_bytes()));
    for path in [plain, packed] {
        let mut corpus = open(&path, Options::default()).unwrap();
        let mut batches = 0;
        let mut next = 0u64;
        corpus
            .scan(Stage::Read, &Monitor::silent(), &mut |batch| {
                batches += 1;
                for document in batch {
                    assert_eq!(document.row, next);
                    assert_eq!(document.text, expected[next as usize]);
                    assert!(document.id.ends_with(&format!(":{}", next + 1)));
                    let range = document.place.at.range();
                    assert_eq!(lines.as_bytes()[range.start as usize], b'{');
                    assert_eq!(lines.as_bytes()[range.end as usize], b'\n');
                    next += 1;
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(next, 90_000);
        assert!(batches > 2);
    }
}

#[test]
fn a_line_of_100_mb_is_a_document() {
    let folder = Folder::new();
    let text = "word ".repeat(20_000_000);
    let path = folder
        .write("a.jsonl", format!("{{\"text\":\"short\"}}\n{{\"text\":\"{text}\"}}\n{{\"text\":\"end\"}}\n"));
    let (documents, _) = read(&path, Options::default()).unwrap();
    assert_eq!(documents.iter().map(|d| d.text.len()).collect::<Vec<_>>(), [5, 100_000_000, 3]);
    assert_eq!(documents[2].id, "a.jsonl:3");
}

#[test]
fn a_scan_stops_when_it_is_cancelled_or_its_taker_fails() {
    use clusterclip_core::monitor::{CancelFlag, Cancelled};

    let folder = Folder::new();
    let path = folder.write("a.jsonl", many_lines().0);
    let flag = CancelFlag::default();
    let monitor = Monitor::new(&|_| {}, flag.clone());
    let mut corpus = open(&path, Options::default()).unwrap();
    let mut batches = 0;
    let cancelled = corpus.scan(Stage::Read, &monitor, &mut |_| {
        batches += 1;
        flag.cancel();
        Ok(())
    });
    assert!(cancelled.unwrap_err().downcast_ref::<Cancelled>().is_some());
    assert_eq!(batches, 1);
    let failed = corpus.scan(Stage::Read, &Monitor::silent(), &mut |_| {
        Err(FileError::Missing { name: "room".to_owned() }.into())
    });
    assert_eq!(failure(failed), "room does not exist");
}

#[test]
fn tables_are_read_in_blocks_as_they_are_whole() {
    let folder = Folder::new();
    // Longer than a block, with cells that hold line ends, so that cuts fall everywhere.
    let cell = |i: usize| format!("line {i}\nof \"{}\"", "words, ".repeat(i % 90));
    let rows = (0..40_000).map(|i| format!("\"{}\"\t{}\n", cell(i).replace('"', "\"\""), i % 7));
    let table = std::iter::once("text\tn\n".to_owned()).chain(rows).collect::<String>();
    assert!(table.len() > 10 << 20);
    let mut options = Options::default();
    options.fields.tokens = Some("n".to_owned());
    options.quote = Some(Quote::Byte(b'"'));
    let (documents, summary) = read(&folder.write("x/a.tsv", &table), options).unwrap();
    assert_eq!((documents.len(), summary.counts.blank_lines), (40_000, 0));
    for (i, document) in documents.iter().enumerate() {
        assert_eq!((&document.text, document.tokens), (&cell(i), Some((i % 7) as u32)));
        assert_eq!(document.id, format!("a.tsv:{}", 2 + 2 * i));
    }
}

/// Elements of an array, over as many lines as there are fields.
fn array(texts: usize) -> String {
    let records = (0..texts).map(|i| format!("{{\n  \"text\": \"text {i} with {{ and \\\" and ]\"\n}}"));
    format!("[\n{}\n]\n", records.collect::<Vec<_>>().join(",\n"))
}

#[test]
fn json_arrays_are_read_in_blocks_as_they_are_whole() {
    let folder = Folder::new();
    let options = || Options { format: Some(Format::Json), ..Options::default() };
    let text = array(250_000);
    assert!(text.len() > 10 << 20);
    let path = folder.write("a.json.gz", gzip(text.as_bytes()));
    let (documents, summary) = read(&path, options()).unwrap();
    assert_eq!((documents.len(), summary.taken), (250_000, BTreeMap::from([("`text`".to_owned(), 1)])));
    for (i, document) in documents.iter().enumerate() {
        assert_eq!(document.text, format!("text {i} with {{ and \" and ]"));
        assert_eq!(document.id, format!("a.json.gz#{i}"));
    }
    let cut_off = folder.write("b.json", &text[..text.len() - 4]);
    let message = failure(read(&cut_off, options()));
    assert!(message.contains("b.json:749999: the JSON array of records has no end"), "{message}");
}
