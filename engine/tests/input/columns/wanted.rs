//! Which columns are read.

use arrow_array::StructArray;
use clusterclip_core::format::records::Template;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::*;

#[test]
fn columns_that_make_no_record_are_listed_with_what_they_hold() {
    let folder = Folder::new();
    let lists = messages(&[Some(&[("user", Some("a"))])]);
    let columns = vec![
        ("title", strings(&[Some("t")])),
        ("tags", lists),
        ("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
    ];
    for path in everywhere(&folder, &[batch(columns)]) {
        let message = failure(read(&path, Options::default()));
        assert!(message.contains("`title`, `tags` (an array), `n` (a number)"), "{message}");
        let message = failure(read(&path, Options { fields: text_of("n"), ..Options::default() }));
        assert!(message.contains("a number"), "{message}");
        let none = failure(read(&path, Options { fields: text_of("none"), ..Options::default() }));
        assert!(none.contains("no field `none`") && none.contains("`title`"), "{none}");
    }
}

#[test]
fn columns_that_are_not_wanted_are_not_looked_at() {
    let folder = Folder::new();
    let values = [Some("one"), Some("two")];
    let inner = StructArray::from(vec![
        (Arc::new(Field::new("junk", DataType::Utf8, true)), strings(&values)),
        (Arc::new(Field::new("text", DataType::Utf8, true)), strings(&values)),
    ]);
    let path = folder.path("a.parquet");
    let columns =
        vec![("junk", strings(&values)), ("text", strings(&values)), ("meta", Arc::new(inner) as ArrayRef)];
    parquet(&path, &[batch(columns)], plain());
    let options = |fields: Fields| Options { fields, ..Options::default() };
    let hashes = || {
        ["text", "meta.text"].map(|field| {
            open(&path, options(text_of(field))).unwrap().hash_inputs(&Monitor::silent()).unwrap()
        })
    };
    let before = hashes();
    let footer = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    for column in footer.metadata().row_group(0).columns() {
        if column.column_path().string().ends_with("junk") {
            let (begin, length) = column.byte_range();
            bytes[begin as usize..][..length as usize].fill(0xFF);
        }
    }
    fs::write(&path, bytes).unwrap();
    assert_eq!(texts(&path, text_of("text")), ["one", "two"]);
    assert_eq!(texts(&path, text_of("meta.text")), ["one", "two"]);
    assert_eq!(hashes(), before);
    for junk in ["junk", "meta.junk"] {
        let message = failure(read(&path, options(text_of(junk))));
        assert!(message.contains("a.parquet: row group 0 cannot be read"), "{message}");
    }
}

#[test]
fn a_template_sees_all_columns_that_are_read_and_parts_of_paths_are_columns_too() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("lang=de/n=7")).unwrap();
    let path = folder.path("lang=de/n=7/a.parquet");
    let turns = messages(&[Some(&[("user", Some("hello"))])]);
    let picture = BinaryArray::from_opt_vec(vec![Some(&b"\xFF\xD8\xFF"[..])]);
    let columns = vec![
        ("title", strings(&[Some("t")])),
        ("messages", turns),
        ("picture", Arc::new(picture) as ArrayRef),
        ("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
    ];
    parquet(&path, &[batch(columns)], plain());
    let template = Template::new("{{ title }} {{ lang }} {{ n }} {{ messages[0].content }}").unwrap();
    let fields = Fields { template: Some(template), ..Fields::default() };
    let (documents, _) = read(&folder.path(""), Options { fields, ..Options::default() }).unwrap();
    // What the file says goes before its path.
    assert_eq!(documents[0].text, "t de 1 hello");
    let (documents, _) =
        read(&folder.path(""), Options { fields: text_of("lang"), ..Options::default() }).unwrap();
    assert_eq!(documents[0].text, "de");
}
