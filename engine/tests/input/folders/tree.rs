//! Which files there are, and which are left out before they are looked into.

use super::*;

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
    let options = Options { out: vec![folder.path("out")], ..Options::default() };
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

#[cfg(unix)]
#[test]
fn folders_inside_folders_keep_bytewise_order_through_links() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    for name in ["a/x.txt", "a-b/x.txt", "a.txt", "a/b/x.txt", "a0.txt"] {
        folder.write(name, name);
    }
    for name in ["deep/x.txt", "y.txt"] {
        elsewhere.write(name, name);
    }
    std::os::unix::fs::symlink(elsewhere.0.path(), folder.path("a-c")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path("y.txt"), folder.path("a/c.txt")).unwrap();
    let (documents, _) = by_default(folder.0.path());
    // The file itself is met at its first path.
    assert!(ids(&documents).contains(&"a-c/deep/x.txt") && ids(&documents).contains(&"a-c/y.txt"));
    let mut sorted = ids(&documents);
    sorted.sort_unstable();
    assert_eq!(ids(&documents), sorted);
}
