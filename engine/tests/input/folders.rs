//! What of a folder is read, and as what.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use clusterclip_engine::input::{ALL_SPLITS, Format, LeftOut, Reason};

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
fn hidden_files_are_left_out_unless_they_are_asked_for() {
    let folder = Folder::new();
    for name in ["a.txt", ".env", ".git/config", ".git/hooks/x", "b/.c/d.txt", "b/e.txt"] {
        folder.write(name, name);
    }
    let (documents, summary) = by_default(folder.0.path());
    assert_eq!(ids(&documents), ["a.txt", "b/e.txt"]);
    assert_eq!(names(&summary.walked.left_out, Reason::Hidden), [".env", ".git", "b/.c"]);
    let warnings = summary.warnings(dashed).join("\n");
    let told = "3 hidden files and folders were left out (--hidden reads them): .env, .git, b/.c";
    assert!(warnings.contains(told), "{warnings}");
    let (documents, _) = read(folder.0.path(), with(|options| options.hidden = true)).unwrap();
    assert_eq!(documents.len(), 6);
    // A hidden folder that is named is read.
    assert_eq!(ids(&by_default(&folder.path(".git")).0), ["config", "hooks/x"]);
}

#[test]
fn results_are_no_documents() {
    let folder = Folder::new();
    let manifest = "{\"versions\":{\"files\":\"clusterclip-files/3\"}}";
    folder.write("a.txt", "words");
    folder.write("old/manifest.json", manifest);
    folder.write("old/.clusterclip.lock", "");
    folder.write("old/order.jsonl", lines(["an order"]));
    folder.write("copied/manifest.json", manifest);
    folder.write("other/manifest.json", "{\"name\":\"an app\"}");
    let (documents, summary) = by_default(folder.0.path());
    assert_eq!(ids(&documents), ["a.txt", "other/manifest.json"]);
    assert_eq!(names(&summary.walked.left_out, Reason::Results), ["copied", "old"]);
    let message = failure(open(&folder.path("old"), Options::default()));
    let export = folder.path("old/order.jsonl");
    assert!(message.contains("old holds results of clusterclip, not documents"), "{message}");
    assert!(
        message.ends_with(&format!("its texts in training order are in {}", export.display())),
        "{message}"
    );
    assert!(failure(open(&folder.path("copied"), Options::default())).contains("--export"));
    // What was exported may be read by its name.
    assert_eq!(texts(&by_default(&export).0), ["an order"]);
}

#[test]
fn pointers_among_what_is_read_are_errors() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    for (name, other) in [
        ("data/train-00000-of-00001.jsonl", ("README.md", words(50))),
        ("a.csv", ("b.csv", "text\na\n".to_owned())),
        ("a.jsonl.gz", ("b.jsonl", lines(["a"]))),
        ("a.json", ("b.jsonl", lines(["a"]))),
        ("model.bin", ("a.py", words(1000))),
    ] {
        let folder = Folder::new();
        folder.write(other.0, &other.1);
        let path = folder.write(name, pointer);
        for input in [folder.0.path(), &path] {
            let message = failure(read(input, Options::default()));
            let told = format!("{} is a pointer to a file that is not there", path.display());
            assert!(message.contains(&told) && message.contains("git lfs pull"), "{message}");
        }
    }
    // One that is not read stops nothing.
    let folder = Folder::new();
    folder.write("a.jsonl", lines(["a"]));
    folder.write("picture.png", pointer.replace("12345", "1"));
    folder.write("b.jsonl", lines([words(3000).as_str()]));
    assert_eq!(by_default(folder.0.path()).0.len(), 2);
}

#[test]
fn parts_of_paths_are_fields() {
    let folder = Folder::new();
    folder.write("lang=de/a.jsonl", lines(["eins", "zwei"]));
    folder.write("lang=en/a.jsonl", "{\"text\":\"one\",\"lang\":\"own\"}\n");
    let options = with(|options| options.fields.id = Some("lang".to_owned()));
    let (documents, _) = read(folder.0.path(), options).unwrap();
    assert_eq!(ids(&documents), ["de", "de", "own"]);
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
fn a_split_is_read_and_the_others_are_named() {
    let folder = Folder::new();
    for name in ["train", "test", "validation"] {
        folder.write(&format!("data/{name}-00000-of-00001.jsonl"), lines([name]));
    }
    folder.write("README.md", words(1000));
    let notes = std::cell::RefCell::new(Vec::new());
    let sink = |event| notes.borrow_mut().push(event);
    let monitor = Monitor::new(&sink, clusterclip_core::monitor::CancelFlag::default());
    let inputs = [folder.0.path().to_owned()];
    let mut corpus = Corpus::open(&inputs, Options::default(), &monitor).unwrap();
    let (documents, summary) = scan(&mut corpus).unwrap();
    assert_eq!(texts(&documents), ["train"]);
    let there = ["train", "validation", "test"].map(str::to_owned).to_vec();
    assert_eq!(summary.walked.splits, [("train".to_owned(), there)]);
    assert_eq!(summary.walked.left_out.count(Reason::OtherSplit), 2);
    let told = format!("{notes:?}");
    assert!(told.contains("the split `train` is read, of `train`, `validation`, `test`"), "{told}");

    let of = |split: &str| read(folder.0.path(), with(|options| options.split = Some(split.to_owned())));
    assert_eq!(texts(&of("test").unwrap().0), ["test"]);
    // One after another, as `datasets` has them.
    assert_eq!(texts(&of(ALL_SPLITS).unwrap().0), ["train", "validation", "test"]);
    let message = failure(of("dev"));
    let told =
        "has no split `dev`, but `train`, `validation`, `test`; --split chooses one, or all with `all`";
    assert!(message.contains(told), "{message}");
}

#[test]
fn splits_are_told_by_words_too_and_only_records_have_them() {
    let folder = Folder::new();
    folder.write("x/my_training.csv", "text\ntraining\n");
    folder.write("x/train.csv", "text\ntrain\n");
    folder.write("x/eval.csv", "text\neval\n");
    folder.write("x/other.csv", "text\nother\n");
    let (documents, summary) = by_default(&folder.path("x"));
    // In the order in which `datasets` looks for its words.
    assert_eq!(texts(&documents), ["train", "training"]);
    assert_eq!(names(&summary.walked.left_out, Reason::OtherSplit), ["eval.csv", "other.csv"]);
    folder.write("y/test/a.txt", "words");
    folder.write("y/train/b.txt", "words");
    assert_eq!(ids(&by_default(&folder.path("y")).0), ["test/a.txt", "train/b.txt"]);
    let options = with(|options| options.split = Some("test".to_owned()));
    assert!(failure(read(&folder.path("y"), options)).contains("has no split `test`, but `train`"));
    folder.write("z/test.csv", "text\ntest\n");
    assert!(
        failure(read(&folder.path("z"), Options::default())).contains("has no split `train`, but `test`")
    );
    // A named file has no splits, whatever it is called.
    assert_eq!(texts(&by_default(&folder.path("z/test.csv")).0), ["test"]);
    let options = with(|options| options.split = Some("test".to_owned()));
    assert!(failure(read(&folder.path("z/test.csv"), options)).contains("has no split `test`, but `train`"));
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
fn saved_data_sets_are_read_by_their_lists() {
    let folder = Folder::new();
    let list = |names: &[&str], rest: &str| {
        let files: Vec<String> = names.iter().map(|name| format!("{{\"filename\":\"{name}\"}}")).collect();
        format!("{{\"_data_files\":[{}]{rest}}}", files.join(","))
    };
    let message = |state: String| {
        folder.write("x/state.json", state);
        failure(open(&folder.path("x"), Options::default()))
    };
    let out = message(list(&["../a.arrow"], ""));
    assert!(out.contains("x/state.json: ../a.arrow leads out of the folder"), "{out}");
    let missing = message(list(&["a.arrow"], ""));
    assert!(missing.ends_with("x/a.arrow does not exist"), "{missing}");
    let indices = message(list(&["a.arrow"], ",\"_indices_data_files\":[{\"filename\":\"i.arrow\"}]"));
    assert!(indices.contains("flatten_indices()"), "{indices}");
    // Another program's file of that name changes nothing.
    folder.write("y/state.json", "{\"window\": 3}");
    folder.write("y/a.txt", words(100));
    assert_eq!(ids(&by_default(&folder.path("y")).0), ["a.txt", "state.json"]);
}

#[cfg(unix)]
#[test]
fn links_without_an_end_among_records_are_errors() {
    let folder = Folder::new();
    folder.write("a.jsonl", lines(["one"]));
    std::os::unix::fs::symlink("../blobs/gone", folder.path("b.jsonl")).unwrap();
    let message = failure(read(folder.0.path(), Options::default()));
    assert_eq!(message, format!("{} does not exist", folder.path("b.jsonl").display()));
    fs::remove_file(folder.path("b.jsonl")).unwrap();
    // One that leads to itself is no record.
    std::os::unix::fs::symlink("self.txt", folder.path("self.txt")).unwrap();
    let (documents, summary) = by_default(folder.0.path());
    assert_eq!((documents.len(), summary.walked.left_out.count(Reason::Dangling)), (1, 1));
}

#[test]
fn folders_inside_folders_keep_bytewise_order_through_links() {
    let folder = Folder::new();
    for name in ["a/x.txt", "a-b/x.txt", "a.txt", "a/b/x.txt", "a0.txt"] {
        folder.write(name, name);
    }
    let (documents, _) = by_default(folder.0.path());
    let mut sorted = ids(&documents);
    sorted.sort_unstable();
    assert_eq!(ids(&documents), sorted);
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
fn a_saved_dictionary_is_read_by_its_splits_in_the_order_of_its_lists() {
    let folder = Folder::new();
    for (split, files) in [("train", ["b", "a"]), ("test", ["c", "d"]), ("more", ["e", "f"])] {
        let listed = files.map(|name| format!("{{\"filename\":\"{name}.arrow\"}}")).join(",");
        folder.write(
            &format!("x/{split}/state.json"),
            format!("{{\"_data_files\":[{listed}],\"_split\":null}}"),
        );
        folder.write(&format!("x/{split}/dataset_info.json"), "{}");
        // What `map` keeps beside them.
        folder.write(&format!("x/{split}/cache-0a.arrow"), "none");
        for name in files {
            arrow(&folder.path(&format!("x/{split}/{name}.arrow")), &[&format!("{split} {name}")]);
        }
    }
    folder.write("x/dataset_dict.json", "{\"splits\": [\"train\", \"test\", \"more\"]}");
    let of = |split: Option<&str>| {
        let (documents, _) =
            read(&folder.path("x"), with(|options| options.split = split.map(str::to_owned))).unwrap();
        texts(&documents).join(", ")
    };
    assert_eq!(of(None), "train b, train a");
    assert_eq!(of(Some("more")), "more e, more f");
    assert_eq!(of(Some(ALL_SPLITS)), "train b, train a, test c, test d, more e, more f");
    // One data set by itself has no splits, whatever its folder is called.
    assert_eq!(texts(&by_default(&folder.path("x/test")).0), ["test c", "test d"]);
}

#[test]
fn columnar_files_beside_a_readme_are_records() {
    let folder = Folder::new();
    folder.write("README.md", words(5000));
    folder.write("script.py", words(20));
    arrow(&folder.path("data-00000-of-00001.arrow"), &["one", "two"]);
    assert_eq!(texts(&by_default(folder.0.path()).0), ["one", "two"]);
}
