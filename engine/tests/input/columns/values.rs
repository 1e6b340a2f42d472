//! Values of every type, in files of every kind.

use arrow_array::types::Int32Type;
use arrow_array::{
    BinaryViewArray, BooleanArray, Decimal128Array, DictionaryArray, Float64Array, LargeBinaryArray,
    LargeStringArray, NullArray, StringViewArray, StructArray, TimestampMicrosecondArray,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterVersion;
use parquet::schema::types::ColumnPath;

use super::*;

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
