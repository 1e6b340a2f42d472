//! What of a folder is read, and as what.

mod splits;
mod tree;

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use clusterclip_engine::input::{Format, LeftOut, Reason};

use super::*;

/// Lines of records with these texts.
fn lines<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(|text| format!("{{\"text\":\"{text}\"}}\n")).collect()
}

/// Words in place of a text of `bytes` bytes.
fn words(bytes: usize) -> String {
    "word ".repeat(bytes / 5)
}

fn by_default(folder: &Path) -> (Vec<Document>, Summary) {
    read(folder, Options::default()).unwrap()
}

fn with(change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::default();
    change(&mut options);
    options
}

fn names(left: &LeftOut, reason: Reason) -> Vec<&str> {
    left.iter()
        .filter(|&(why, _)| why == reason)
        .flat_map(|(_, files)| &files.first)
        .map(String::as_str)
        .collect()
}

/// Writes texts as `datasets` saves them: a stream of Arrow.
fn arrow(path: &Path, texts: &[&str]) {
    let column: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
    let batch = RecordBatch::try_from_iter([("text", column)]).unwrap();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = StreamWriter::try_new(fs::File::create(path).unwrap(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
}

#[test]
fn sizes_decide_between_records_and_text() {
    let folder = Folder::new();
    folder.write("data.jsonl", lines(["one", "two"]));
    let length = lines(["one", "two"]).len();
    // Up to a tenth of the bytes may be text.
    folder.write("notes.txt", "x".repeat(length / 9));
    let (documents, summary) = by_default(folder.0.path());
    assert_eq!(texts(&documents), ["one", "two"]);
    assert_eq!(names(&summary.walked.left_out, Reason::NoRecords), ["notes.txt"]);
    let told = "1 file that holds no records was left out of a folder of records (--format text reads all as text): \
                notes.txt";
    assert_eq!(summary.warnings(dashed), [told]);

    folder.write("notes.txt", "x".repeat(length / 9 + 1));
    let message = failure(read(folder.0.path(), Options::default()));
    let told = "holds 1 JSON lines file (30 B: data.jsonl), and 1 text file (4 B: notes.txt): neither holds nine tenths";
    assert!(message.contains(told), "{message}");
    let told =
        "--format jsonl reads the records alone, --format text every file as one document; or name the files";
    assert!(message.contains(told), "{message}");

    folder.write("notes.txt", "x".repeat(9 * length));
    let (documents, summary) = by_default(folder.0.path());
    assert_eq!(ids(&documents), ["data.jsonl", "notes.txt"]);
    assert_eq!(summary.walked.records_as_text.first, ["data.jsonl"]);
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

#[test]
fn what_tells_about_data_does_not_decide() {
    let folder = Folder::new();
    folder.write("data.jsonl", lines(["one"]));
    let about = ["README.md", "LICENSE", "_SUCCESS", "dataset_info.json", "data.jsonl.crc", "_old/x.jsonl"];
    for name in about {
        folder.write(name, words(10_000));
    }
    let (documents, summary) = by_default(folder.0.path());
    assert_eq!(texts(&documents), ["one"]);
    assert_eq!(summary.walked.left_out.count(Reason::NoRecords), about.len() as u64);
    // Where there is nothing else, it is the data.
    let folder = Folder::new();
    folder.write("README.md", "words");
    assert_eq!(ids(&by_default(folder.0.path()).0), ["README.md"]);
    folder.write("README.md", "");
    folder.write("_part.jsonl", lines(["one"]));
    assert_eq!(texts(&by_default(folder.0.path()).0), ["one"]);
}

#[test]
fn binary_files_do_not_decide_and_are_named() {
    let folder = Folder::new();
    folder.write("metadata.jsonl", lines(["a picture"]));
    for i in 0..7 {
        folder.write(&format!("{i}.png"), [b"\x89PNG\0\0".to_vec(), vec![7; 5000]].concat());
    }
    folder.write("u.txt", "words".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    let (documents, summary) = by_default(folder.0.path());
    assert_eq!(texts(&documents), ["a picture"]);
    let warnings = summary.warnings(dashed);
    let told = "7 binary files were left out: 0.png, 1.png, 2.png, 3.png, 4.png and 2 more";
    assert!(warnings.contains(&told.to_owned()), "{warnings:?}");
    assert_eq!(names(&summary.walked.left_out, Reason::Utf16), ["u.txt"]);
}

#[test]
fn formats_choose_files_and_what_is_asked_for_is_never_guessed_away() {
    let folder = Folder::new();
    folder.write("a.jsonl", lines(["one"]));
    folder.write("b.json", lines(["two", "three"]));
    folder.write("c.txt", words(1000));
    folder.write("_d.jsonl", lines(["four"]));
    let of = |format| read(folder.0.path(), with(|options| options.format = Some(format)));
    let (documents, summary) = of(Format::Jsonl).unwrap();
    assert_eq!(texts(&documents), ["one", "two", "three"]);
    assert_eq!(names(&summary.walked.left_out, Reason::OtherFormat), ["_d.jsonl", "c.txt"]);
    assert_eq!(of(Format::Text).unwrap().0.len(), 4);
    assert!(failure(of(Format::Csv)).contains("4 files of another format than the one asked for (--format)"));
    fs::remove_file(folder.path("a.jsonl")).unwrap();
    fs::remove_file(folder.path("b.json")).unwrap();
    assert_eq!(texts(&of(Format::Jsonl).unwrap().0), ["four"]);
}

#[test]
fn files_are_sniffed_only_where_their_names_say_nothing() {
    let folder = Folder::new();
    for name in ["wiki/AA/wiki_00", "wiki/AA/wiki_01", "logs/log.1", "spark/part-00000-x.c000.json"] {
        folder.write(name, lines(["one", "two"]));
    }
    folder.write("wiki/AB/wiki_12", lines(["alone"]));
    folder.write("spark/part-00001-x.c000.json", lines(["alone"]));
    folder.write("spark/_SUCCESS", "");
    folder.write("spark/.part-00000-x.c000.json.crc", "crc\0");
    let of = |name: &str| texts(&by_default(&folder.path(name)).0).join(" ");
    assert_eq!(of("wiki"), "one two one two alone");
    assert_eq!(of("logs"), "one two");
    assert_eq!(of("spark"), "one two alone");
    assert_eq!(of("wiki/AA/wiki_00"), "one two");
    // A text of lines of JSON is a text.
    let path = folder.write("text.txt", lines(["one", "two"]));
    assert_eq!(texts(&by_default(&path).0), [lines(["one", "two"])]);
    let path = folder.write("README", lines(["one"]));
    assert_eq!(texts(&by_default(&path).0), [lines(["one"])]);
}

#[test]
fn parts_of_spark_with_one_record_each_are_records() {
    let folder = Folder::new();
    for i in 0..3 {
        folder.write(&format!("x/part-0000{i}-4c.c000.json"), lines([format!("{i}").as_str()]));
        folder.write(&format!("y/{i}.json"), lines([format!("{i}").as_str()]));
    }
    assert_eq!(texts(&by_default(&folder.path("x")).0), ["0", "1", "2"]);
    // Elsewhere a single object is a document, as a package.json is.
    assert_eq!(ids(&by_default(&folder.path("y")).0), ["0.json", "1.json", "2.json"]);
}

#[test]
fn columnar_files_beside_a_readme_are_records() {
    let folder = Folder::new();
    folder.write("README.md", words(5000));
    folder.write("script.py", words(20));
    arrow(&folder.path("data-00000-of-00001.arrow"), &["one", "two"]);
    assert_eq!(texts(&by_default(folder.0.path()).0), ["one", "two"]);
}
