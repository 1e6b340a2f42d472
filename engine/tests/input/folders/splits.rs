//! Splits, and the lists of saved data sets.

use clusterclip_engine::input::ALL_SPLITS;

use super::*;

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
fn what_is_not_there_of_another_split_stops_nothing() {
    let folder = Folder::new();
    folder.write("x/train.jsonl", lines(["train"]));
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n";
    folder.write("x/test.jsonl", pointer);
    let path = folder.path("x");
    assert_eq!(texts(&by_default(&path).0), ["train"]);
    let of = |split: &str| read(&path, with(|options| options.split = Some(split.to_owned())));
    assert!(failure(of("test")).contains("git lfs pull"));
    assert!(failure(of(ALL_SPLITS)).contains("git lfs pull"));
    #[cfg(unix)]
    {
        fs::remove_file(path.join("test.jsonl")).unwrap();
        std::os::unix::fs::symlink("nowhere", path.join("test.jsonl")).unwrap();
        assert_eq!(texts(&by_default(&path).0), ["train"]);
        assert!(failure(of("test")).contains("test.jsonl"));
    }
}

#[test]
fn a_format_that_is_asked_for_overrides_names() {
    let folder = Folder::new();
    folder.write("x/a.txt", lines(["one"]));
    folder.write("x/b.log", lines(["two"]));
    folder.write("x/c.png", b"\x89PNG\0\0");
    folder.write("y/a.json", "{\"text\": \"one\"}");
    folder.write("y/b.json", "{\n\"text\": \"two\"\n}");
    folder.write("y/c.txt", words(10));
    let of = |name: &str, format| read(&folder.path(name), with(|options| options.format = Some(format)));
    assert_eq!(texts(&of("x", Format::Jsonl).unwrap().0), ["one", "two"]);
    assert_eq!(texts(&of("y", Format::Json).unwrap().0), ["one", "two"]);
}
