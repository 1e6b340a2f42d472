//! Claims about columnar files: Parquet and Arrow.

mod damage;
mod hostile;
mod values;
mod wanted;

use std::fs::File;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{Array, ArrayRef, BinaryArray, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Fields as ArrowFields, Schema};
use clusterclip_core::format::cut::At;
use clusterclip_core::format::records::Fields;
use clusterclip_engine::input::{Format, OnBadRecord, Place};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

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
    let gone = Place { at: At::Row(99), ..places[0] };
    assert!(failure(corpus.fetch(&[gone], &monitor, &mut |_, _| Ok(()))).contains("d.arrow changed"));
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
