//! Claims about columnar files: Parquet and Arrow.

use std::fs::File;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, Decimal128Array, DictionaryArray,
    Float64Array, Int64Array, LargeBinaryArray, LargeStringArray, NullArray, RecordBatch, RecordBatchOptions,
    StringArray, StringViewArray, StructArray, TimestampMicrosecondArray,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Fields as ArrowFields, Schema};
use clusterclip_core::format::cut::At;
use clusterclip_core::format::records::{Fields, Template};
use clusterclip_engine::input::{Format, OnBadRecord, Place};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnPath;

use super::*;

/// A batch of these columns.
fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<_> =
        columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true)).collect();
    let options =
        RecordBatchOptions::new().with_row_count(Some(columns.first().map_or(0, |column| column.1.len())));
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options).unwrap()
}

fn strings(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn parquet(path: &Path, batches: &[RecordBatch], properties: WriterPropertiesBuilder) {
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties.build())).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
        writer.flush().unwrap();
    }
    writer.close().unwrap();
}

fn arrow_file(path: &Path, batches: &[RecordBatch], packed: Option<CompressionType>) {
    let options = IpcWriteOptions::default().try_with_compression(packed).unwrap();
    let file = File::create(path).unwrap();
    let mut writer = FileWriter::try_new_with_options(file, &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
}

fn arrow_stream(path: &Path, batches: &[RecordBatch], packed: Option<CompressionType>) {
    let options = IpcWriteOptions::default().try_with_compression(packed).unwrap();
    let file = File::create(path).unwrap();
    let mut writer = StreamWriter::try_new_with_options(file, &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
}

fn plain() -> WriterPropertiesBuilder {
    WriterProperties::builder()
}

/// Writes the batches in every columnar format.
fn everywhere(folder: &Folder, batches: &[RecordBatch]) -> Vec<PathBuf> {
    let path = |name: &str| folder.path(name);
    parquet(&path("a.parquet"), batches, plain());
    arrow_file(&path("b.arrow"), batches, None);
    arrow_file(&path("c.feather"), batches, Some(CompressionType::LZ4_FRAME));
    arrow_stream(&path("d.arrow"), batches, None);
    arrow_stream(&path("e.arrow"), batches, Some(CompressionType::ZSTD));
    ["a.parquet", "b.arrow", "c.feather", "d.arrow", "e.arrow"].map(path).into()
}

fn texts(path: &Path, fields: Fields) -> Vec<String> {
    let (documents, _) = read(path, Options { fields, ..Options::default() }).unwrap();
    documents.into_iter().map(|document| document.text).collect()
}

fn text_of(field: &str) -> Fields {
    Fields { text: vec![field.to_owned()], ..Fields::default() }
}

#[test]
fn texts_are_the_same_whatever_type_holds_them() {
    let folder = Folder::new();
    let long = "longer than the twelve bytes that a view holds itself \u{e9}".to_owned();
    let values = ["a", "", &long, "a"];
    let bytes = values.map(str::as_bytes);
    let keys: DictionaryArray<Int32Type> = values.into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("utf8", Arc::new(StringArray::from(values.to_vec()))),
        ("large", Arc::new(LargeStringArray::from(values.to_vec()))),
        ("view", Arc::new(StringViewArray::from(values.to_vec()))),
        ("binary", Arc::new(BinaryArray::from(bytes.to_vec()))),
        ("large_binary", Arc::new(LargeBinaryArray::from(bytes.to_vec()))),
        ("binary_view", Arc::new(BinaryViewArray::from(bytes.to_vec()))),
        ("dictionary", Arc::new(keys)),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    for path in everywhere(&folder, &[batch(columns)]) {
        for name in &names {
            assert_eq!(texts(&path, text_of(name)), values, "{name} of {}", path.display());
        }
    }
}

#[test]
fn rows_are_numbered_through_groups_with_and_without_rows() {
    let folder = Folder::new();
    let part = |from: i64, to: i64| {
        let texts: Vec<String> = (from..to).map(|row| format!("text {row}")).collect();
        let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
        batch(vec![
            ("n", Arc::new(Int64Array::from_iter_values(from..to)) as ArrayRef),
            ("text", strings(&texts)),
        ])
    };
    for path in everywhere(&folder, &[part(0, 3), part(3, 3), part(3, 10_000), part(10_000, 10_001)]) {
        let fields = Fields { tokens: Some("n".into()), ..Fields::default() };
        let mut corpus = open(&path, Options { fields, ..Options::default() }).unwrap();
        let (documents, summary) = scan(&mut corpus).unwrap();
        assert_eq!(documents.len(), 10_001);
        let name = path.file_name().unwrap().to_string_lossy();
        for (row, document) in (0u64..).zip(&documents) {
            assert_eq!((document.row, document.place.at, document.line), (row, At::Row(row), None));
            assert_eq!((&document.id, &document.text), (&format!("{name}:{row}"), &format!("text {row}")));
            assert_eq!(document.tokens, Some(row as u32));
        }
        assert_eq!(corpus.hash_inputs(&Monitor::silent()).unwrap(), summary.input_hash);
    }
}

#[test]
fn chosen_rows_come_back_and_those_of_files_of_one_name_too() {
    let folder = Folder::new();
    let part = |name: &str, rows: usize| {
        let texts: Vec<String> = (0..rows).map(|row| format!("{name} {row}")).collect();
        let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
        batch(vec![("text", strings(&texts))])
    };
    fs::create_dir_all(folder.path("x")).unwrap();
    fs::create_dir_all(folder.path("y")).unwrap();
    fs::create_dir_all(folder.path("z")).unwrap();
    let inputs = ["x/a.parquet", "y/a.parquet", "z/a.parquet", "b.jsonl", "c.arrow", "d.arrow"]
        .map(|name| folder.path(name));
    parquet(&inputs[0], &[part("x", 20_000), part("x again", 30)], plain());
    parquet(&inputs[1], &[part("none", 0)], plain());
    parquet(&inputs[2], &[part("z", 7)], plain());
    folder.write("b.jsonl", "{\"text\":\"line\"}\n");
    arrow_file(&inputs[4], &[part("c", 3), part("c again", 4)], None);
    arrow_stream(&inputs[5], &[part("d", 5)], Some(CompressionType::ZSTD));
    let mut corpus = Corpus::open(&inputs, Options::default(), &Monitor::silent()).unwrap();
    let (documents, _) = scan(&mut corpus).unwrap();
    assert_eq!(documents.len(), 20_030 + 7 + 1 + 7 + 5);

    // documents.parquet counts the rows of sources of one name through.
    let mut locator = corpus.locator();
    for document in &documents {
        let at = match document.place.at {
            At::Row(row) if document.place.source == 2 => At::Row(row + 20_030),
            at => at,
        };
        let found = locator.place(&document.source, at, document.place.hash).unwrap();
        assert_eq!(found, document.place, "{}", document.row);
    }

    let rows = [20_049, 0, 20_036, 20_029, 20_031, 3, 20_038, 20_041, 20_037, 8192, 3, 20_000];
    let places: Vec<Place> = rows.iter().map(|&row: &usize| documents[row].place).collect();
    let mut seen = 0;
    let monitor = Monitor::silent();
    corpus
        .fetch(&places, &monitor, &mut |index, text| {
            seen += 1;
            assert_eq!(text, documents[rows[index]].text);
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, rows.len());
    let mut access = corpus.random_access();
    for place in &places {
        let row = documents.iter().find(|document| document.place == *place).unwrap();
        assert_eq!(access.get(place, &monitor).unwrap(), row.text);
    }
    let gone = Place { at: At::Row(99), ..places[0] };
    assert!(failure(access.get(&gone, &monitor)).contains("d.arrow changed"));
    assert!(failure(corpus.fetch(&[gone], &monitor, &mut |_, _| Ok(()))).contains("d.arrow changed"));
}

#[test]
fn every_codec_version_and_encoding_of_parquet_is_read() {
    let folder = Folder::new();
    let values: Vec<String> =
        (0..3000).map(|row| format!("prefix {} {}", row / 100, "word ".repeat(row % 17))).collect();
    let texts_in: Vec<Option<&str>> =
        values.iter().enumerate().map(|(row, text)| (row % 5 != 3).then_some(text.as_str())).collect();
    let expected: Vec<&str> = texts_in.iter().flatten().copied().collect();
    let batch = batch(vec![("text", strings(&texts_in))]);
    let skip = || Options { on_bad_record: OnBadRecord::Skip, ..Options::default() };
    let path = folder.path("a.parquet");
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::BROTLI(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::try_new(3).unwrap()),
    ];
    for codec in codecs {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for encoding in [
                None,
                Some(Encoding::PLAIN),
                Some(Encoding::DELTA_LENGTH_BYTE_ARRAY),
                Some(Encoding::DELTA_BYTE_ARRAY),
            ] {
                let mut properties = plain()
                    .set_compression(codec)
                    .set_writer_version(version)
                    .set_data_page_row_count_limit(700);
                if let Some(encoding) = encoding {
                    let column = ColumnPath::from("text");
                    properties = properties
                        .set_column_dictionary_enabled(column.clone(), false)
                        .set_column_encoding(column, encoding);
                }
                parquet(&path, std::slice::from_ref(&batch), properties);
                let (documents, summary) = read(&path, skip()).unwrap();
                let found: Vec<&str> = documents
                    .iter()
                    .filter(|document| !document.skipped)
                    .map(|document| document.text.as_str())
                    .collect();
                assert_eq!(found, expected, "{codec:?} {version:?} {encoding:?}");
                assert_eq!(summary.counts.bad_records, 600);
            }
        }
    }
}

/// Turns: who speaks, and what.
type Turns<'a> = &'a [(&'a str, Option<&'a str>)];

/// A column of conversations; null where there is none.
fn messages(conversations: &[Option<Turns<'_>>]) -> ArrayRef {
    let fields = ArrowFields::from(vec![
        Field::new("content", DataType::Utf8, true),
        Field::new("role", DataType::Utf8, true),
        Field::new("n", DataType::Int32, true),
    ]);
    let mut lists = ListBuilder::new(StructBuilder::from_fields(fields, 0));
    for conversation in conversations {
        for (role, content) in conversation.unwrap_or_default() {
            let turn = lists.values();
            turn.field_builder::<StringBuilder>(0).unwrap().append_option(*content);
            turn.field_builder::<StringBuilder>(1).unwrap().append_value(role);
            turn.field_builder::<Int32Builder>(2).unwrap().append_null();
            turn.append(true);
        }
        lists.append(conversation.is_some());
    }
    Arc::new(lists.finish())
}

#[test]
fn conversations_and_paths_into_structs_are_read() {
    let folder = Folder::new();
    let turns = messages(&[
        Some(&[("user", Some("hello")), ("assistant", Some("good day"))]),
        Some(&[("user", Some("again")), ("assistant", None)]),
        None,
    ]);
    let inner = StructArray::from(vec![
        (Arc::new(Field::new("junk", DataType::Utf8, true)), strings(&[Some("j"), None, Some("k")])),
        (Arc::new(Field::new("text", DataType::Utf8, true)), strings(&[Some("one"), Some("two"), None])),
    ]);
    let deep = StructArray::from(vec![
        (
            Arc::new(Field::new("n", DataType::Int64, true)),
            Arc::new(Int64Array::from(vec![7, 8, 9])) as ArrayRef,
        ),
        (Arc::new(Field::new("inner", inner.data_type().clone(), true)), Arc::new(inner) as ArrayRef),
    ]);
    for path in everywhere(&folder, &[batch(vec![("meta", Arc::new(deep)), ("messages", turns)])]) {
        let skip = |fields| Options { fields, on_bad_record: OnBadRecord::Skip, ..Options::default() };
        let said = |fields: Fields| {
            let (documents, _) = read(&path, skip(fields)).unwrap();
            documents.into_iter().map(|document| (document.text, document.id)).collect::<Vec<_>>()
        };
        let talked = said(Fields::default());
        assert_eq!((&*talked[0].0, &*talked[1].0, &*talked[2].0), ("hello\ngood day", "again", ""));
        let fields = Fields { id: Some("meta.n".into()), ..text_of("meta.inner.text") };
        let found = said(fields);
        assert_eq!(found[..2], [("one".into(), "7".into()), ("two".into(), "8".into())]);
    }
}

#[test]
fn values_are_spelled_as_json_spells_them() {
    let folder = Folder::new();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("text", strings(&[Some("a"), Some("b")])),
        ("whole", Arc::new(Float64Array::from(vec![Some(12.0), Some(f64::NAN)]))),
        ("part", Arc::new(Float64Array::from(vec![0.5, -1e300]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false]))),
        ("price", Arc::new(Decimal128Array::from(vec![1250, -7]).with_precision_and_scale(10, 2).unwrap())),
        (
            "when",
            Arc::new(TimestampMicrosecondArray::from(vec![1_700_000_000_000_000, -1]).with_timezone("UTC")),
        ),
        ("local", Arc::new(TimestampMicrosecondArray::from(vec![1_700_000_000_000_000, 0]))),
        ("nothing", Arc::new(NullArray::new(2))),
    ];
    for path in everywhere(&folder, &[batch(columns)]) {
        let ids = |field: &str| {
            let fields = Fields { id: Some(field.into()), ..Fields::default() };
            let (documents, _) = read(&path, Options { fields, ..Options::default() }).unwrap();
            documents.into_iter().map(|document| document.id).collect::<Vec<_>>()
        };
        assert_eq!(ids("part"), ["0.5", "-1e300"]);
        assert_eq!(ids("flag"), ["true", "false"]);
        assert_eq!(ids("price"), ["12.50", "-0.07"]);
        assert_eq!(ids("when"), ["2023-11-14T22:13:20Z", "1969-12-31T23:59:59.999999Z"]);
        assert_eq!(ids("local"), ["2023-11-14T22:13:20", "1970-01-01T00:00:00"]);
        let fields = Fields { tokens: Some("whole".into()), ..Fields::default() };
        let (documents, _) = read(&path, Options { fields, ..Options::default() }).unwrap();
        // What is missing in a data frame is NaN in a column of floats.
        assert_eq!((documents[0].tokens, documents[1].tokens), (Some(12), None));
        let fields = Fields { tokens: Some("part".into()), ..Fields::default() };
        let message = failure(read(&path, Options { fields, ..Options::default() }));
        assert!(message.contains(": row 0: the field `part`") && message.contains("holds 0.5"), "{message}");
    }
}

#[test]
fn a_bad_row_is_named_or_skipped_and_keeps_its_number() {
    let folder = Folder::new();
    let bytes = BinaryArray::from_opt_vec(vec![Some(&b"good"[..]), Some(b"caf\xE9"), None, Some(b"fine")]);
    let bad = batch(vec![("text", Arc::new(bytes) as ArrayRef)]);
    for path in everywhere(&folder, &[bad]) {
        let message = failure(read(&path, Options::default()));
        assert!(message.contains(": row 1: ") && message.contains("invalid UTF-8 in byte 4"), "{message}");
        let skip = Options { on_bad_record: OnBadRecord::Skip, ..Options::default() };
        let (documents, summary) = read(&path, skip).unwrap();
        assert_eq!(summary.counts.bad_records, 2);
        let name = path.file_name().unwrap().to_string_lossy();
        let last = documents.last().unwrap();
        assert_eq!((last.row, last.place.at, &*last.text), (3, At::Row(3), "fine"));
        assert_eq!(
            (documents.len(), documents[1].skipped, &documents[1].id),
            (4, true, &format!("{name}:1"))
        );
    }
}

#[test]
fn what_is_no_columnar_file_or_cut_off_says_so() {
    let folder = Folder::new();
    let whole = batch(vec![("text", strings(&[Some("a"), Some("b")]))]);
    for path in everywhere(&folder, &[whole]) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        for (cut, reason) in [(bytes.len() - 3, "is cut off"), (bytes.len() / 2, "is cut off"), (7, "")] {
            let message = failure(read(&folder.write(&name, &bytes[..cut]), Options::default()));
            assert!(message.contains(&name) && message.contains(reason), "{cut}: {message}");
        }
        let message = failure(read(&folder.write(&name, "{\"text\": \"a\"}\n"), Options::default()));
        assert!(message.contains(&name) && message.contains("it does not begin as such"), "{message}");
        let message = failure(read(&folder.write(&name, ""), Options::default()));
        assert!(message.contains("1 empty file was left out"), "{message}");
    }
    let message = failure(read(&folder.write("x.parquet", b"PARE    PARE"), Options::default()));
    assert!(message.contains("is an encrypted Parquet file"), "{message}");
    let message = failure(read(&folder.write("x.feather", b"FEA1    FEA1"), Options::default()));
    assert!(message.contains("Feather file of version 1"), "{message}");
    let gz = folder.write("x.parquet.gz", gzip(b"PAR1PAR1"));
    let message = failure(read(&gz, Options::default()));
    assert!(message.contains("x.parquet.gz") && message.contains("unpack"), "{message}");
}

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
fn a_file_without_rows_is_empty_and_a_folder_of_such_parts_is_read() {
    let folder = Folder::new();
    let none = batch(vec![("text", strings(&[]))]);
    for path in everywhere(&folder, &[none]) {
        let message = failure(read(&path, Options::default()));
        assert!(message.contains("1 empty file was left out"), "{message}");
    }
    parquet(&folder.path("z.parquet"), &[batch(vec![("text", strings(&[Some("a")]))])], plain());
    let options = Options { format: Some(Format::Parquet), ..Options::default() };
    let (documents, summary) = read(&folder.path(""), options).unwrap();
    assert_eq!((documents.len(), &*documents[0].id), (1, "z.parquet:0"));
    assert_eq!(summary.sources, 1);
}

#[test]
fn a_text_of_100_mb_among_small_ones_is_read() {
    let folder = Folder::new();
    let long = "a hundred million bytes ".repeat(100_000_000 / 24);
    let batch = batch(vec![("text", strings(&[Some("small"), Some(&long), Some("small too")]))]);
    for path in everywhere(&folder, &[batch]) {
        let found = texts(&path, Fields::default());
        assert_eq!((found.len(), found[1].len()), (3, long.len()));
        assert!(found[1] == long && found[2] == "small too");
    }
}

/// Reads a file that may be damaged: whatever comes of it, no panic gets out, and an error names the file.
fn damaged(path: &Path, bytes: &[u8]) -> bool {
    fs::write(path, bytes).unwrap();
    let skip = Options { on_bad_record: OnBadRecord::Skip, ..Options::default() };
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut corpus = open(path, skip).unwrap();
    match scan(&mut corpus) {
        Ok((documents, _)) => {
            let places: Vec<Place> = documents
                .iter()
                .filter(|document| !document.skipped)
                .map(|document| document.place)
                .collect();
            corpus.fetch(&places, &Monitor::silent(), &mut |_, _| Ok(())).unwrap();
            false
        }
        Err(error) => {
            assert!(error.to_string().contains(&name), "{error}");
            true
        }
    }
}

#[test]
fn flipped_bytes_are_told_and_never_panic() {
    let folder = Folder::new();
    let values: Vec<String> = (0..300).map(|row| format!("text {row} {}", "word ".repeat(row % 7))).collect();
    let values: Vec<Option<&str>> =
        values.iter().enumerate().map(|(row, text)| (row % 9 != 0).then_some(text.as_str())).collect();
    let keys: DictionaryArray<Int32Type> = values.iter().copied().collect();
    let turns: Vec<_> =
        (0..300).map(|row| (row % 4 != 0).then_some(&[("user", Some("hello"))][..])).collect();
    let columns: Vec<(&str, ArrayRef)> =
        vec![("text", strings(&values)), ("keys", Arc::new(keys)), ("messages", messages(&turns))];
    let batch = batch(columns);
    let halves = [batch.slice(0, 150), batch.slice(150, 150)];
    let mut files = everywhere(&folder, &halves);
    let v2 = plain()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_column_dictionary_enabled(ColumnPath::from("text"), false);
    parquet(&folder.path("f.parquet"), &halves, v2);
    files.push(folder.path("f.parquet"));
    let mut told = 0;
    for path in files {
        let whole = fs::read(&path).unwrap();
        let mut chance = 7u64;
        let mut next = || {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (chance >> 33) as usize
        };
        for round in 0..400 {
            let mut bytes = whole.clone();
            // The outlines, where a byte says most, lie at the ends.
            let near = bytes.len().min(600);
            let at = match round % 3 {
                0 => next() % bytes.len(),
                1 => bytes.len() - 1 - next() % near,
                _ => next() % near,
            };
            for byte in &mut bytes[at..].iter_mut().take(1 + round % 4) {
                *byte = if round % 2 == 0 { *byte ^ (1 << (next() % 8)) } else { next() as u8 };
            }
            told += usize::from(damaged(&path, &bytes));
        }
    }
    assert!(told > 600, "{told} of 2400 were noticed");
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
