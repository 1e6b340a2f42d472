//! Labels in columns of Parquet, and in records.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::*;

/// Writes the column of a number.
type WriteColumn<'a> = dyn Fn(usize, &mut parquet::file::writer::SerializedColumnWriter<'_>) + 'a;

/// Writes row groups of three rows: row, cluster, name and count of each.
fn parquet_file(folder: &Folder, schema: &str, groups: &[&WriteColumn]) -> PathBuf {
    let path = folder.path("labels.parquet");
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(fs::File::create(&path).unwrap(), schema, properties).unwrap();
    for group in groups {
        let mut columns = writer.next_row_group().unwrap();
        let mut number = 0;
        while let Some(mut column) = columns.next_column().unwrap() {
            group(number, &mut column);
            column.close().unwrap();
            number += 1;
        }
        columns.close().unwrap();
    }
    writer.close().unwrap();
    path
}

#[test]
fn parquet_labels_are_read_by_column_over_row_groups() {
    let folder = Folder::new();
    let schema = "message m {
        required int64 document (INTEGER(64,false)); optional int32 cluster (INTEGER(32,false)); optional binary name (UTF8);
        optional int32 tokens (UINT_32); required double weight; }";
    let strings = |names: &[&str]| names.iter().map(|name| ByteArray::from(*name)).collect::<Vec<_>>();
    let path = parquet_file(
        &folder,
        schema,
        &[
            &|column, writer| {
                match column {
                    0 => writer.typed::<Int64Type>().write_batch(&[4, 0, 2], None, None),
                    1 => writer.typed::<Int32Type>().write_batch(&[7, -2], Some(&[1, 0, 1]), None),
                    2 => writer.typed::<ByteArrayType>().write_batch(
                        &strings(&["10", "9", "-1"]),
                        Some(&[1, 1, 1]),
                        None,
                    ),
                    3 => writer.typed::<Int32Type>().write_batch(&[11, -1, 13], Some(&[1, 1, 1]), None),
                    _ => writer.typed::<DoubleType>().write_batch(&[0.5, 0.5, 0.5], None, None),
                }
                .unwrap();
            },
            &|column, writer| {
                match column {
                    0 => writer.typed::<Int64Type>().write_batch(&[1, 3], None, None),
                    1 => writer.typed::<Int32Type>().write_batch(&[7, 3], Some(&[1, 1]), None),
                    2 => writer.typed::<ByteArrayType>().write_batch(&strings(&["9"]), Some(&[0, 1]), None),
                    3 => writer.typed::<Int32Type>().write_batch(&[14], Some(&[0, 1]), None),
                    _ => writer.typed::<DoubleType>().write_batch(&[0.5, 0.5], None, None),
                }
                .unwrap();
            },
        ],
    );
    let by_number = labels(&path).unwrap();
    // Rows 4, 0, 2, 1, 3 have 7, null, 2^32 − 2, 7, 3.
    assert_eq!(by_number.labels, [-1, 1, 2, 0, 1]);
    assert_eq!(by_number.names, ["3", "7", "4294967294"]);
    assert_eq!((by_number.noise, by_number.absent), (1, 0));
    assert_eq!(by_number.tokens.unwrap(), [Some(u32::MAX), None, Some(13), Some(14), Some(11)]);

    let by_name = read(&path, &asked(Some("name"), None), &Monitor::silent()).unwrap();
    assert_eq!(by_name.labels, [0, -1, -1, 0, 1]);
    assert_eq!(by_name.names, ["9", "10"], "text that spells integers ranks by value");
    assert_eq!(by_name.noise, 2);

    let message = |options| failure(read(&path, &options, &Monitor::silent()));
    assert!(message(asked(Some("weight"), None)).contains("row 0: the label 0.5 is no integer"));
    assert!(
        message(asked(Some("topic"), None))
            .contains("there are `document`, `cluster`, `name`, `tokens`, `weight`")
    );
    assert!(
        message(asked(None, Some("name"))).contains("row 2: \"-1\" in the column `name` (--token-field)")
    );

    let whole = fs::read(&path).unwrap();
    assert!(failure(labels(&folder.write("cut.parquet", &whole[..whole.len() / 2]))).contains("cut.parquet"));
    assert!(failure(labels(&folder.write("none.parquet", "words"))).contains("no Parquet file"));
}

#[test]
fn a_list_of_clusters_is_refused() {
    let folder = Folder::new();
    let path = parquet_file(
        &folder,
        "message m { repeated int32 cluster; }",
        &[&|_, writer| {
            writer.typed::<Int32Type>().write_batch(&[1, 2], Some(&[1, 1]), Some(&[0, 1])).map(drop).unwrap();
        }],
    );
    assert!(failure(labels(&path)).contains("holds lists"));
}

/// One column of a batch as Parquet.
fn arrow(folder: &Folder, columns: Vec<(&str, arrow_array::ArrayRef)>) -> PathBuf {
    let batch = arrow_array::RecordBatch::try_from_iter(columns).unwrap();
    let path = folder.path("arrow.parquet");
    let file = fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path
}

#[test]
fn every_type_of_column_that_holds_labels_is_read() {
    use arrow_array::types::{Int8Type, UInt16Type};
    use arrow_array::*;
    let folder = Folder::new();
    let dictionary: DictionaryArray<Int8Type> =
        vec![Some("7"), None, Some("-1"), Some("30"), Some("7")].into_iter().collect();
    let numbers = DictionaryArray::<UInt16Type>::new(
        UInt16Array::from(vec![Some(1), None, Some(2), Some(0), Some(1)]),
        Arc::new(Int64Array::from(vec![30, 7, -1])),
    );
    let texts = || vec![Some("7"), None, Some("-1"), Some("30"), Some("7")];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int8Array::from(vec![Some(7), None, Some(-1), Some(30), Some(7)])),
        Arc::new(Int16Array::from(vec![Some(7), None, Some(-1), Some(30), Some(7)])),
        Arc::new(Int64Array::from(vec![Some(7), None, Some(-1), Some(30), Some(7)])),
        Arc::new(Float32Array::from(vec![Some(7.0), None, Some(-1.0), Some(30.0), Some(7.0)])),
        Arc::new(Float64Array::from(vec![Some(7.0), Some(f64::NAN), Some(-1.0), Some(30.0), Some(7.0)])),
        Arc::new(StringArray::from(texts())),
        Arc::new(LargeStringArray::from(texts())),
        Arc::new(StringViewArray::from(texts())),
        Arc::new(BinaryArray::from(
            texts().into_iter().map(|text| text.map(str::as_bytes)).collect::<Vec<_>>(),
        )),
        Arc::new(dictionary),
        Arc::new(numbers),
    ];
    for column in columns {
        let name = format!("{}", column.data_type());
        let read = labels(&arrow(&folder, vec![("cluster", column)])).unwrap();
        assert_eq!((read.labels, read.noise), (vec![0, -1, -1, 1, 0], 2), "{name}");
        assert_eq!(read.names, ["7", "30"], "{name}");
    }
    for (column, says) in [
        (Arc::new(BooleanArray::from(vec![true])) as ArrayRef, "values of type Boolean"),
        (Arc::new(Date32Array::from(vec![1])), "values of type Date32"),
        (Arc::new(BinaryArray::from(vec![&b"\xFF"[..]])), "row 0: invalid UTF-8"),
    ] {
        let message = failure(labels(&arrow(&folder, vec![("cluster", column)])));
        assert!(message.contains(says), "{message}");
    }
    let unsigned: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 3]));
    assert_eq!(
        labels(&arrow(&folder, vec![("cluster", unsigned)])).unwrap().names,
        ["3", "18446744073709551615"]
    );
}

#[test]
fn a_path_leads_into_records() {
    use arrow_array::*;
    use arrow_schema::{DataType, Field};
    let folder = Folder::new();
    let clusters: ArrayRef = Arc::new(Int32Array::from(vec![5, 6, 7]));
    let fields = vec![Arc::new(Field::new("cluster", DataType::Int32, true))];
    let nulls = vec![true, false, true].into();
    let meta: ArrayRef = Arc::new(StructArray::new(fields.into(), vec![clusters], Some(nulls)));
    let path = arrow(&folder, vec![("meta", meta)]);
    let asked = asked(Some("meta.cluster"), None);
    let found = read(&path, &asked, &Monitor::silent()).unwrap();
    assert_eq!((found.labels, found.noise), (vec![0, -1, 1], 1), "a record that is null has no label");

    let lines = "{\"meta\": {\"cluster\": 5}}\n{\"meta\": null}\n{\"meta\": {\"cluster\": 7}}\n{\"meta.cluster\": 5}\n";
    let found = read(&folder.write("l.jsonl", lines), &asked, &Monitor::silent()).unwrap();
    assert_eq!((found.labels, found.noise), (vec![0, -1, 1, 0], 1));
}
