use super::*;
use clusterclip_engine::input::{Format, OnBadRecord};

fn message(path: &Path) -> String {
    failure(read(path, Options::default()))
}

#[test]
fn missing_and_unreadable_inputs_are_named() {
    let folder = Folder::new();
    let gone = folder.path("gone.jsonl");
    assert_eq!(message(&gone), format!("{} does not exist", gone.display()));
    let path = folder.write("a.jsonl", "{\"text\":\"a\"}");
    let mut corpus = open(&path, Options::default()).unwrap();
    fs::remove_file(&path).unwrap();
    let message = failure(scan(&mut corpus));
    assert!(message.contains("a.jsonl cannot be read: No such file"), "{message}");
}

#[test]
fn nothing_to_read_says_where_and_what_was_left_out() {
    let folder = Folder::new();
    let said = |path: &Path| {
        let message = message(path);
        let reason = message.strip_prefix(&format!("no document to read in {}: ", path.display()));
        reason.unwrap_or_else(|| panic!("{message}")).to_owned()
    };
    assert_eq!(said(&folder.write("empty.jsonl", "")), "1 empty file was left out: empty.jsonl");
    assert_eq!(said(&folder.write("blank.jsonl", "\n\n")), "2 blank lines were left out");
    fs::create_dir(folder.path("none")).unwrap();
    assert_eq!(said(&folder.path("none")), "the input is empty");
    folder.write("images/a.png", b"\0");
    assert_eq!(said(&folder.path("images")), "1 binary file was left out: a.png");
}

#[test]
fn a_json_array_is_read_by_its_name_and_refused_as_json_lines() {
    let folder = Folder::new();
    let array = "[\n{\"text\":\"a\"},\n{\"text\":\"b\"}\n]\n";
    assert_eq!(texts(&read(&folder.write("a.json", array), Options::default()).unwrap().0), ["a", "b"]);
    for on_bad_record in [OnBadRecord::Fail, OnBadRecord::Skip] {
        let path = folder.write("a.jsonl", array);
        let message = failure(read(&path, Options { on_bad_record, ..Options::default() }));
        assert!(message.contains("a.jsonl:1: a JSON array"), "{message}");
        assert!(message.contains("--format json reads an array of objects"), "{message}");
    }
}

#[test]
fn a_missing_field_names_the_fields_there_are() {
    let folder = Folder::new();
    let path = folder.write("a.jsonl", "{\"title\":\"a\",\"words\":\"b\"}\n");
    let message = message(&path);
    assert!(message.contains("a.jsonl:1: no field that is known"), "{message}");
    assert!(message.contains("`title`, `words`") && message.contains("--text-field"), "{message}");
}

#[test]
fn compression_that_is_cut_off_or_none_is_told() {
    let folder = Folder::new();
    let lines = "{\"text\":\"some words\"}\n".repeat(100_000);
    for (name, whole) in [("a.jsonl.gz", gzip(lines.as_bytes())), ("a.jsonl.zst", zstd(lines.as_bytes()))] {
        let path = folder.write(name, &whole[..whole.len() / 2]);
        let cut = message(&path);
        assert!(cut.contains(name) && cut.contains("is cut off after"), "{cut}");
        let path = folder.write(name, &whole[..whole.len() - 3]);
        let cut = message(&path);
        assert!(cut.contains("is cut off after"), "{cut}");
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle..middle + 8].fill(0x55);
        let damaged = message(&folder.write(name, flipped));
        assert!(damaged.contains(name) && damaged.contains("data is"), "{damaged}");
        let none = message(&folder.write(name, &lines));
        assert!(none.contains("does not begin as such"), "{none}");
        // Another compression under this name is none either.
        let other = if name.ends_with("gz") { zstd(b"{}") } else { gzip(b"{}") };
        assert!(message(&folder.write(name, other)).contains("does not begin as such"));
    }
}

#[test]
fn compressed_data_without_the_name_and_other_binary_files_are_refused_by_name() {
    let folder = Folder::new();
    let gz = message(&folder.write("a.jsonl", gzip(b"{}")));
    assert!(gz.contains("add .gz to its name"), "{gz}");
    let utf16 = message(&folder.write("a.txt", b"\xFF\xFEa\0b\0"));
    assert!(utf16.contains("iconv"), "{utf16}");
    let binary = message(&folder.write("b.txt", b"ab\0c"));
    assert!(binary.contains("b.txt is binary"), "{binary}");
}

#[test]
fn a_table_without_a_usable_header_is_refused_even_if_bad_records_are_left_out() {
    let folder = Folder::new();
    let path = folder.write("a.csv", "\n\nid,words\n1,a\n");
    let options = Options { on_bad_record: OnBadRecord::Skip, ..Options::default() };
    let message = failure(read(&path, options.clone()));
    assert!(
        message.contains("a.csv:3: no column that is known") && message.contains("`id`, `words`"),
        "{message}"
    );
    let path = folder.write("b.csv", "text\none\n\"two\nthree\nfour\n");
    let message = failure(read(&path, options));
    assert!(message.contains("b.csv:3: a quote in this record is not closed"), "{message}");
}

#[test]
fn contradictory_options_and_an_input_that_is_the_output_are_refused() {
    let folder = Folder::new();
    let path = folder.write("in/a.txt", "words");
    let options = Options { lines: true, format: Some(Format::Jsonl), ..Options::default() };
    let message = failure(open(&path, options));
    assert_eq!(message, "--lines reads plain text; leave out --format jsonl or --lines");
    let mut options = Options::default();
    options.fields.text = vec!["body".to_owned()];
    assert!(failure(open(&path, options)).contains("--text-field body: no INPUT is read as records"));
    let options = Options { out: vec![folder.path("in/../in")], ..Options::default() };
    assert!(failure(open(&folder.path("in"), options)).contains("--out"));
}

#[test]
fn a_file_that_changes_between_passes_is_named() {
    let folder = Folder::new();
    for (before, after, how) in
        [("{\"text\":\"a\"}", "{\"text\":\"b\"}", "others"), ("{\"text\":\"a\"}", "{}", "has 2")]
    {
        let path = folder.write("a.jsonl", before);
        let mut corpus = open(&path, Options::default()).unwrap();
        scan(&mut corpus).unwrap();
        let unchanged = scan(&mut corpus).unwrap();
        assert_eq!(unchanged.0.len(), 1);
        folder.write("a.jsonl", after);
        let hashed = failure(corpus.hash_inputs(&Monitor::silent()));
        assert!(hashed.contains("changed while it was read") && hashed.contains(how), "{hashed}");
        assert!(scan(&mut corpus).is_err());
    }
}
