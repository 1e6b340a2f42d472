//! Claims about sources, one or several, and what is taken of their records.

use clusterclip_core::format::cut::At;
use clusterclip_core::format::records::Template;
use clusterclip_engine::input::OnBadRecord;

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
