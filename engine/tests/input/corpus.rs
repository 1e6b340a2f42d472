use std::collections::BTreeMap;

use clusterclip_core::format::cut::At;
use clusterclip_core::format::records::Template;
use clusterclip_core::format::table::Quote;
use clusterclip_engine::input::{Format, OnBadRecord, Reason};

use super::*;

const RECORDS: &[u8] =
    b"\xEF\xBB\xBF{\"text\":\"one\",\"id\":7}\r\n\n  \n{\"text\":\"two\"}\n{\"text\":\"3\\nt\"}";

#[test]
fn records_are_read_alike_however_they_are_packed() {
    let folder = Folder::new();
    let plain = folder.write("a.jsonl", RECORDS);
    let two_members = [gzip(&RECORDS[..30]), gzip(&RECORDS[30..])].concat();
    let two_frames = [zstd(&RECORDS[..30]), zstd(&RECORDS[30..])].concat();
    let packed = [plain, folder.write("b.ndjson.gz", two_members), folder.write("c.jsonl.zst", two_frames)];
    for path in packed {
        let (documents, summary) = read(&path, Options::default()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(texts(&documents), ["one", "two", "3\nt"]);
        assert_eq!(ids(&documents), ["7", &format!("{name}:4"), &format!("{name}:5")]);
        assert_eq!(documents.iter().map(|d| d.row).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(documents[0].place.at, At::Bytes { offset: 3, length: 21 });
        assert_eq!(documents[1].place.at.range().count(), 14);
        assert_eq!(documents[0].place.hash, clusterclip_core::format::content_hash("one"));
        assert_eq!(
            (summary.counts.documents, summary.counts.blank_lines, summary.counts.text_bytes),
            (3, 2, 9)
        );
    }
}

#[test]
fn a_folder_is_read_in_bytewise_order_of_relative_paths() {
    let folder = Folder::new();
    for name in ["b.txt", "a/z.txt", "a.txt", "a/b/c.md", "B.txt", "a-b.txt"] {
        folder.write(name, name);
    }
    let (documents, summary) = read(folder.0.path(), Options::default()).unwrap();
    let sorted = ["B.txt", "a-b.txt", "a.txt", "a/b/c.md", "a/z.txt", "b.txt"];
    assert_eq!(texts(&documents), sorted);
    assert_eq!(ids(&documents), sorted);
    assert_eq!(documents.iter().map(|d| &*d.source).collect::<Vec<_>>(), sorted);
    assert_eq!(summary.sources, 6);
    assert_eq!(summary.warnings(dashed), [""; 0]);
}

#[test]
fn only_record_files_make_a_folder_of_records() {
    let folder = Folder::new();
    folder.write("b.jsonl", "{\"text\":\"b1\"}\n{\"text\":\"b2\"}\n");
    folder.write("a.ndjson.gz", gzip(b"{\"text\":\"a1\"}\n"));
    folder.write("empty", "");
    let (documents, summary) = read(folder.0.path(), Options::default()).unwrap();
    assert_eq!(ids(&documents), ["a.ndjson.gz:1", "b.jsonl:1", "b.jsonl:2"]);
    assert_eq!(summary.walked.left_out.count(Reason::Empty), 1);

    folder.write("notes.md", "words ".repeat(200));
    let (documents, summary) = read(folder.0.path(), Options::default()).unwrap();
    assert_eq!(ids(&documents), ["a.ndjson.gz", "b.jsonl", "notes.md"]);
    let warnings = summary.warnings(dashed).join("\n");
    assert!(warnings.contains("--format reads their records: a.ndjson.gz, b.jsonl"), "{warnings}");

    let jsonl = Options { format: Some(Format::Jsonl), ..Options::default() };
    let (documents, summary) = read(folder.0.path(), jsonl).unwrap();
    assert_eq!(ids(&documents), ["a.ndjson.gz:1", "b.jsonl:1", "b.jsonl:2"]);
    assert_eq!(summary.walked.left_out.count(Reason::OtherFormat), 1);

    let text = Options { format: Some(Format::Text), ..Options::default() };
    let (documents, _) = read(folder.0.path(), text).unwrap();
    assert_eq!(ids(&documents), ["a.ndjson.gz", "b.jsonl", "notes.md"]);
    assert_eq!(documents[0].text, "{\"text\":\"a1\"}\n");
}

#[test]
fn what_is_no_text_is_left_out_and_counted() {
    let folder = Folder::new();
    folder.write("keep.txt", "words");
    folder.write("latin.txt", b"caf\xE9");
    folder.write("image.png", b"\x89PNG\0\0");
    folder.write("utf16.txt", b"\xFF\xFEa\0");
    folder.write("unnamed", gzip(b"words"));
    folder.write("bom.txt", b"\xEF\xBB\xBF");
    folder.write("empty.txt", "");
    folder.write("damaged.gz", "no gzip at all");
    folder.write("out/manifest.json", "{}");
    folder.write("output/kept.txt", "kept");
    let options = Options { out: Some(folder.path("out")), ..Options::default() };
    let (documents, summary) = read(folder.0.path(), options).unwrap();
    assert_eq!(texts(&documents), ["words", "caf\u{FFFD}", "kept"]);
    let left = |reason| summary.walked.left_out.count(reason);
    assert_eq!((left(Reason::Binary), left(Reason::Utf16)), (2, 1));
    assert_eq!((left(Reason::Empty), left(Reason::Damaged)), (2, 1));
    assert_eq!((summary.counts.invalid_utf8, summary.sources), (1, 3));
    let warnings = summary.warnings(dashed).join("\n");
    assert!(warnings.contains("2 binary files were left out: image.png, unnamed"), "{warnings}");
    assert!(warnings.contains("(iconv -f UTF-16 -t UTF-8 converts): utf16.txt"), "{warnings}");
    assert!(warnings.contains("1 document was no UTF-8"), "{warnings}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_nothing_is_read_twice() {
    let folder = Folder::new();
    let text = folder.write("in/a.txt", "words");
    std::os::unix::fs::symlink(folder.path("in"), folder.path("in/loop")).unwrap();
    std::os::unix::fs::symlink(&text, folder.path("in/b.txt")).unwrap();
    std::os::unix::fs::symlink(folder.path("in"), folder.path("link")).unwrap();
    std::os::unix::fs::symlink(&text, folder.path("file-link.txt")).unwrap();
    std::os::unix::fs::symlink(folder.write("far/z.txt", "far").parent().unwrap(), folder.path("in/c"))
        .unwrap();
    std::os::unix::fs::symlink(folder.path("gone"), folder.path("in/d.txt")).unwrap();
    fs::hard_link(&text, folder.path("in/0.txt")).unwrap();
    let (documents, summary) = read(&folder.path("in"), Options::default()).unwrap();
    assert_eq!(ids(&documents), ["0.txt", "c/z.txt"]);
    let warnings = summary.warnings(dashed).join("\n");
    assert!(
        warnings.contains("3 files and folders were left out: another path leads to the same"),
        "{warnings}"
    );
    assert!(warnings.contains("the same: loop, a.txt, b.txt"), "{warnings}");
    assert!(warnings.contains("1 link that leads nowhere was left out: d.txt"), "{warnings}");
    for name in ["0.txt", "c", "d.txt"] {
        fs::remove_file(folder.path("in").join(name)).unwrap();
    }
    assert_eq!(ids(&read(&folder.path("link"), Options::default()).unwrap().0), ["a.txt"]);
    assert_eq!(ids(&read(&folder.path("file-link.txt"), Options::default()).unwrap().0), ["file-link.txt"]);
}

#[test]
fn lines_are_documents_when_asked_for() {
    let folder = Folder::new();
    let path = folder.write("a.txt.zst", zstd(b"\xEF\xBB\xBFone\r\n\r\ntwo\xFF\nthree"));
    let options = Options { lines: true, ..Options::default() };
    let (documents, summary) = read(&path, options).unwrap();
    assert_eq!(texts(&documents), ["one", "", "two\u{FFFD}", "three"]);
    assert_eq!(ids(&documents), ["a.txt.zst:1", "a.txt.zst:2", "a.txt.zst:3", "a.txt.zst:4"]);
    assert_eq!((summary.counts.blank_lines, summary.counts.invalid_utf8), (0, 1));
}

#[test]
fn several_inputs_keep_the_order_in_which_they_are_named() {
    let folder = Folder::new();
    let inputs = [
        folder.write("z.txt", "z"),
        folder.write("in/a.txt", "a").parent().unwrap().to_owned(),
        folder.write("b.jsonl", "{\"text\":\"b\"}"),
        folder.path("z.txt"),
    ];
    let mut corpus = Corpus::open(&inputs, Options::default(), &Monitor::silent()).unwrap();
    let (documents, summary) = scan(&mut corpus).unwrap();
    assert_eq!(texts(&documents), ["z", "a", "b", "z"]);
    assert_eq!((summary.counts.duplicate_texts, summary.counts.duplicate_ids), (1, 1));
    assert_eq!(scan(&mut corpus).unwrap(), (documents, summary), "a second pass finds what the first did");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_twice_and_unpacked() {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for bytes in [RECORDS.to_vec(), gzip(RECORDS), zstd(RECORDS)] {
        let (pipe, writer) = (pipe.clone(), pipe.clone());
        let writer = std::thread::spawn(move || fs::write(writer, bytes).unwrap());
        let mut corpus = open(&pipe, Options::default()).unwrap();
        writer.join().unwrap();
        let (first, _) = scan(&mut corpus).unwrap();
        assert_eq!(texts(&first), ["one", "two", "3\nt"]);
        assert_eq!(scan(&mut corpus).unwrap().0, first);
        assert_eq!(&*first[0].source, "pipe");
    }
}

#[test]
fn bad_records_stop_the_run_or_are_counted() {
    let folder = Folder::new();
    let path = folder
        .write("a.jsonl", b"{\"text\":\"one\"}\n{\"text\":}\n\n{\"text\":\"two\"}\n[1]\n{\"text\":\"\xFF\"}");
    let message = failure(read(&path, Options::default()));
    assert!(message.contains("a.jsonl:2: broken JSON in column 9"), "{message}");
    let skip = Options { on_bad_record: OnBadRecord::Skip, ..Options::default() };
    let (documents, summary) = read(&path, skip).unwrap();
    assert_eq!(ids(&documents), ["a.jsonl:1", "a.jsonl:2", "a.jsonl:4", "a.jsonl:5", "a.jsonl:6"]);
    let skipped: Vec<u64> =
        documents.iter().filter(|d| d.skipped && d.text.is_empty()).map(|d| d.row).collect();
    assert_eq!((skipped, documents[2].row), (vec![1, 3, 4], 2), "a skipped record keeps its number");
    assert_eq!((summary.counts.documents, summary.counts.bad_records), (5, 3));
    assert!(summary.counts.first_bad_record.unwrap().to_string().starts_with("a.jsonl:2: broken JSON"));
}

#[test]
fn tokens_are_taken_and_summed() {
    let folder = Folder::new();
    let path = folder.write("a.jsonl", "{\"text\":\"a\",\"n\":5}\n{\"text\":\"b\",\"n\":null}\n");
    let mut options = Options::default();
    options.fields.tokens = Some("n".to_owned());
    let (documents, summary) = read(&path, options).unwrap();
    assert_eq!(documents.iter().map(|d| d.tokens).collect::<Vec<_>>(), [Some(5), None]);
    assert_eq!((summary.counts.with_tokens, summary.counts.tokens), (1, 5));
}

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
fn the_input_hash_is_the_same_without_parsing_and_feels_every_byte_and_name() {
    let folder = Folder::new();
    folder.write("in/a.txt", "words");
    folder.write("in/b.bin", [vec![0; 300_000], vec![1]].concat());
    folder.write("in/c.txt", "more words");
    let hash = || {
        let mut corpus = open(&folder.path("in"), Options::default()).unwrap();
        let first = corpus.hash_inputs(&Monitor::silent()).unwrap();
        assert_eq!(scan(&mut corpus).unwrap().1.input_hash, first);
        assert_eq!(corpus.hash_inputs(&Monitor::silent()).unwrap(), first);
        first
    };
    let first = hash();
    assert_eq!(hash(), first);
    folder.write("in/c.txt", "more wordS");
    assert_ne!(hash(), first);
    folder.write("in/c.txt", "more words");
    assert_eq!(hash(), first);
    fs::rename(folder.path("in/c.txt"), folder.path("in/d.txt")).unwrap();
    assert_ne!(hash(), first);
    fs::rename(folder.path("in/d.txt"), folder.path("in/c.txt")).unwrap();
    folder.write("in/empty", "");
    assert_ne!(hash(), first);
}

#[test]
fn a_compressed_source_is_hashed_as_it_lies_on_disk() {
    let folder = Folder::new();
    let path = folder.write("a.jsonl.gz", gzip(RECORDS));
    let mut corpus = open(&path, Options::default()).unwrap();
    let hash = corpus.hash_inputs(&Monitor::silent()).unwrap();
    assert_eq!(scan(&mut corpus).unwrap().1.input_hash, hash);
}

#[test]
fn progress_ends_at_the_announced_number_of_bytes() {
    use std::cell::RefCell;

    use clusterclip_core::monitor::{CancelFlag, Event};

    let folder = Folder::new();
    folder.write("in/a.txt", "words");
    folder.write("in/b.bin", vec![0; 300_000]);
    let events = RefCell::new(Vec::new());
    let sink = |event| events.borrow_mut().push(event);
    let monitor = Monitor::new(&sink, CancelFlag::default());
    let mut corpus = open(&folder.path("in"), Options::default()).unwrap();
    corpus.scan(Stage::Embed, &monitor, &mut |_| Ok(())).unwrap();
    let stage = Stage::Embed;
    assert_eq!(
        events.into_inner(),
        [
            Event::Started { stage, total: Some(5), unit: "bytes" },
            Event::Progress { stage, done: 5 },
            Event::Finished { stage }
        ]
    );
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

#[test]
fn a_folder_of_record_files_of_several_formats_is_read_as_records() {
    let folder = Folder::new();
    folder.write("x/a.csv", "text\nc\n");
    folder.write("x/b.jsonl", "{\"text\":\"j\"}\n");
    folder.write("x/c.tsv", "\u{FEFF}text\tid\nt\t\n");
    folder.write("x/d.csv", "\n\n");
    folder.write("x/e.csv", "text\n");
    let (documents, _) = read(&folder.path("x"), Options::default()).unwrap();
    assert_eq!(texts(&documents), ["c", "j", "t"]);
    assert_eq!(ids(&documents), ["a.csv:2", "b.jsonl:1", "c.tsv:2"]);
    let options = Options { format: Some(Format::Csv), ..Options::default() };
    let (documents, summary) = read(&folder.path("x"), options).unwrap();
    assert_eq!((texts(&documents), summary.walked.left_out.count(Reason::OtherFormat)), (vec!["c"], 2));
    // Among other files a table is a document as it stands.
    folder.write("x/f.txt", "words ".repeat(200));
    let (documents, summary) = read(&folder.path("x"), Options::default()).unwrap();
    assert_eq!((documents[0].text.as_str(), summary.walked.records_as_text.count), ("text\nc\n", 5));
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

#[test]
fn what_is_taken_is_settled_by_the_first_record_of_each_source() {
    let folder = Folder::new();
    folder.write("x/a.jsonl", "{\"body\":\"a\",\"x\":NaN}\n{\"body\":\"b\",\"text\":\"no\"}\n");
    folder.write(
        "x/b.jsonl",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"c\"},{\"role\":\"assistant\",\"content\":\"d\"}]}\n",
    );
    folder.write("x/c.csv", "answer,question\nf,e\nanswer,question\n");
    folder.write("x/d.jsonl", "{\"title\":1}\n{\"text\":\"\\ud800\"}\n");
    let options = Options { on_bad_record: OnBadRecord::Skip, ..Options::default() };
    let (documents, summary) = read(&folder.path("x"), options).unwrap();
    let said: Vec<_> = texts(&documents).into_iter().filter(|text| !text.is_empty()).collect();
    assert_eq!(said, ["a", "b", "c\nd", "e\nf", "\u{FFFD}"]);
    let taken = [
        ("(`system_prompt` or `system` if there) + `question` + `answer`", 1),
        ("`body`", 1),
        ("`text`", 1),
        ("the turns of `messages`", 1),
    ];
    assert_eq!(summary.taken, taken.map(|(what, count)| (what.to_owned(), count)).into());
    let counts = summary.counts;
    assert_eq!((counts.bad_records, counts.repeated_headers, counts.half_surrogates), (1, 1, 1));
}

#[test]
fn templates_make_texts_and_are_told() {
    let folder = Folder::new();
    let path = folder.write("a.jsonl", "{\"a\":\"1\",\"b\":{\"c\":2}}\n");
    let mut options = Options::default();
    options.fields.template = Some(Template::new("{{ a }}-{{ b.c }}").unwrap());
    let (documents, summary) = read(&path, options).unwrap();
    assert_eq!((texts(&documents), summary.taken.contains_key("a template")), (vec!["1-2"], true));
}
