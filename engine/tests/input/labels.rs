use std::sync::Arc;

use clusterclip_core::format::npy::{Dtype, Kind, header};
use clusterclip_engine::input::labels::{LabelOptions, Labels, read};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::*;

fn labels(path: &Path) -> Result<Labels> {
    read(path, &LabelOptions::default(), &Monitor::silent())
}

fn asked(cluster: Option<&str>, token: Option<&str>) -> LabelOptions {
    LabelOptions {
        cluster_field: cluster.map(str::to_owned),
        token_field: token.map(str::to_owned),
        ..LabelOptions::default()
    }
}

#[test]
fn npy_labels_of_every_integer_type_are_ranked_by_value() {
    let folder = Folder::new();
    for size in [1usize, 2, 4, 8] {
        for (kind, big_endian) in [(Kind::Signed, false), (Kind::Signed, true), (Kind::Unsigned, false)] {
            let dtype = Dtype { kind, size, big_endian };
            let values: &[i64] = if kind == Kind::Signed { &[100, -1, 7, 100, 3] } else { &[100, 9, 100] };
            let mut bytes = header(dtype, &[values.len() as u64]);
            for value in values {
                let mut little = value.to_le_bytes()[..size].to_vec();
                if big_endian {
                    little.reverse();
                }
                bytes.extend(little);
            }
            let read = labels(&folder.write("l.npy", bytes)).unwrap();
            if kind == Kind::Signed {
                assert_eq!(read.labels, [2, -1, 1, 2, 0], "{dtype}");
                assert_eq!((read.noise, read.names.join(" ")), (1, "3 7 100".to_owned()));
            } else {
                assert_eq!((read.labels, read.noise), (vec![1, 0, 1], 0));
            }
        }
    }
}

#[test]
fn npy_files_that_are_no_labels_are_refused() {
    let folder = Folder::new();
    let message = |bytes: Vec<u8>| failure(labels(&folder.write("l.npy", bytes)));
    let bools = Dtype { kind: Kind::Bool, size: 1, big_endian: false };
    assert!(message([header(bools, &[1]), vec![0; 1]].concat()).contains("labels.astype('int32')"));
    let half =
        [header(Dtype::F32, &[2]), 3.0f32.to_le_bytes().to_vec(), 0.5f32.to_le_bytes().to_vec()].concat();
    assert!(message(half).contains("l.npy: row 1: the label 0.5 is no integer"));
    let negative = [header(Dtype::I32, &[2]), vec![0; 4], (-2i32).to_le_bytes().to_vec()].concat();
    assert!(message(negative).contains("l.npy: row 1: the label -2 is negative"));
    assert!(message([header(Dtype::I32, &[1, 1]), vec![0; 4]].concat()).contains("(n_samples,)"));
    let hashes = [header(Dtype::U64, &[2]), vec![0xFF; 8], vec![0; 8]].concat();
    assert_eq!(labels(&folder.write("l.npy", hashes)).unwrap().names, ["0", "18446744073709551615"]);
    assert!(message(header(Dtype::I32, &[0])).contains("holds no labels"));
    let path = folder.write("ok.npy", [header(Dtype::I32, &[1]), vec![0; 4]].concat());
    let options = asked(Some("topic"), None);
    assert!(failure(read(&path, &options, &Monitor::silent())).contains("--cluster-field"));
    assert!(failure(labels(&folder.write("l.txt", "1\n2\n"))).contains(".csv"));
}

#[test]
fn csv_labels_are_integers_when_all_are_and_strings_else() {
    let folder = Folder::new();
    let read = labels(&folder.write("a.csv", "name,cluster\nx,10\n\"a, b\",9\ny,\nz,-1\n")).unwrap();
    assert_eq!((read.labels, read.noise), (vec![1, 0, -1, -1], 2));
    let read = labels(&folder.write("b.csv", "cluster\n10\n9\nzebra\n")).unwrap();
    assert_eq!((read.labels, read.names), (vec![0, 1, 2], vec!["10".into(), "9".into(), "zebra".into()]));
    let read = labels(&folder.write("c.tsv", "\u{FEFF}cluster\tx\r\nb\t1\r\na\t2\r\n")).unwrap();
    assert_eq!(read.labels, [1, 0]);
}

#[test]
fn a_unique_document_column_gives_the_row_and_another_one_is_told() {
    let folder = Folder::new();
    let read = labels(&folder.write("a.csv", "document,cluster,tokens\n3,5,30\n0,4,\n1,-1,10\n")).unwrap();
    assert_eq!(read.labels, [0, -1, -1, 1]);
    assert_eq!((read.noise, read.absent), (1, 1));
    assert_eq!(read.tokens.unwrap(), [None, Some(10), None, Some(30)]);
    assert!(read.warnings.is_empty());

    for rows in ["1\n1\n0", "a\nb\nc", "-1\n0\n1"] {
        let cells: Vec<String> =
            rows.lines().zip(["z", "x", "y"]).map(|(row, label)| format!("{row},{label}")).collect();
        let read =
            labels(&folder.write("b.csv", format!("document,cluster\n{}\n", cells.join("\n")))).unwrap();
        assert_eq!(read.labels, [2, 0, 1]);
        assert!(read.warnings[0].contains("their order in the file does"), "{:?}", read.warnings);
    }
    let sparse = folder.write("c.csv", "document,cluster\n99999999999,1\n");
    assert!(failure(labels(&sparse)).contains("row 99999999999"));
}

#[test]
fn csv_files_with_mistakes_name_the_line() {
    let folder = Folder::new();
    let message = |text: &[u8], options: &LabelOptions| {
        failure(read(&folder.write("a.csv", text), options, &Monitor::silent()))
    };
    let default = LabelOptions::default();
    let none = message(b"topic,size\n1,2\n", &default);
    assert!(
        none.contains("no column `cluster`; there are `topic`, `size`; name it with --cluster-field"),
        "{none}"
    );
    assert!(message(b"cluster,x\n1,2\n1\n", &default).contains("a.csv:3: 1 cells where the header has 2"));
    assert!(message(b"cluster\n1\n\xFF\n", &default).contains("a.csv:3: invalid UTF-8"));
    assert!(message(b"cluster,cluster\n1,2\n", &default).contains("two columns"));
    assert!(message(b"cluster\n", &default).contains("holds no labels"));
    assert!(message(b"", &default).contains("no column"));
    let tokens = asked(None, Some("n"));
    assert!(
        message(b"cluster,n\n1,many\n", &tokens)
            .contains("a.csv:2: \"many\" in the column `n` (--token-field)")
    );
    assert!(message(b"cluster\n1\n", &tokens).contains("no column `n`"));
    let read = labels(&folder.write("b.csv", "cluster,tokens\n1,many\n")).unwrap();
    assert!(read.tokens.is_none() && read.warnings[0].contains("line 2 has \"many\""));
}

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

fn floats(values: &[f64], size: usize) -> Vec<u8> {
    let dtype = Dtype { kind: Kind::Float, size, big_endian: false };
    let mut bytes = header(dtype, &[values.len() as u64]);
    for &value in values {
        match size {
            2 => bytes.extend(half::f16::from_f64(value).to_le_bytes()),
            4 => bytes.extend((value as f32).to_le_bytes()),
            _ => bytes.extend(value.to_le_bytes()),
        }
    }
    bytes
}

/// As pandas writes a column of integers in which one is missing.
#[test]
fn floats_that_are_whole_are_integers_and_nan_is_noise() {
    let folder = Folder::new();
    for size in [2, 4, 8] {
        let read = labels(&folder.write("l.npy", floats(&[12.0, f64::NAN, -1.0, 3.0, -0.0], size))).unwrap();
        assert_eq!(read.labels, [2, -1, -1, 1, 0], "{size}");
        assert_eq!((read.noise, read.names.join(" ")), (2, "0 3 12".to_owned()));
    }
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

#[test]
fn json_lines_are_read_whatever_other_fields_hold() {
    let folder = Folder::new();
    let lines = "\u{FEFF}{\"x\": NaN, \"cluster\": 12, \"tokens\": 3.0, \"document\": 1}\r\n\
                 {\"cluster\": -1.0, \"x\": [1e999], \"tokens\": null, \"document\": 0}\n\n\
                 {\"document\": 2.0, \"cluster\": NaN, \"tokens\": \"5\"}\n\
                 {\"document\": 4, \"tokens\": 7, \"cluster\": \"12.0\"}";
    let found = labels(&folder.write("l.jsonl", lines)).unwrap();
    assert_eq!((found.labels, found.noise, found.absent), (vec![-1, 0, -1, -1, 0], 2, 1));
    assert_eq!(found.tokens.unwrap(), [None, Some(3), Some(5), None, Some(7)]);
    assert_eq!(found.warnings, ["1 empty line is no row"]);
    let message = |text: &str| failure(labels(&folder.write("l.jsonl", text)));
    assert!(
        message("{\"topic\": 1, \"n\": 2}")
            .contains("l.jsonl:1: no column `cluster`; there are `topic`, `n`")
    );
    assert!(
        message("{\"cluster\": 1}\n{\"cluster\": [1]}")
            .contains("l.jsonl:2: the column `cluster` holds lists")
    );
    assert!(message("{\"cluster\": true}").contains("holds true or false"));
    assert!(message("{\"cluster\": 1.5}").contains("l.jsonl:1: the label 1.5 is no integer"));
    assert!(message("{\"cluster\": 1}\n{\"cluster\": 2").contains("l.jsonl:2: broken JSON in column"));
    assert!(message("[{\"cluster\": 1}]").contains("JSON array"));
    assert!(message("\n \n").contains("holds no labels"));
}

#[test]
fn packed_files_are_read_as_what_lies_in_them() {
    use std::io::Write as _;
    let folder = Folder::new();
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let numbers =
        [header(Dtype::I32, &[2]), 5i32.to_le_bytes().to_vec(), 3i32.to_le_bytes().to_vec()].concat();
    let cases: [(&str, &[u8]); 4] = [
        ("csv", b"cluster\n5\n3\n"),
        ("tsv", b"x\tcluster\n\t5\n\t3\n"),
        ("jsonl", b"{\"cluster\": 5}\n{\"cluster\": 3}\n"),
        ("npy", &numbers),
    ];
    for (extension, bytes) in cases {
        let zip = gzip(bytes);
        let zstd = zstd::encode_all(bytes, 1).unwrap();
        for (packing, packed) in [("gz", zip), ("zst", zstd)] {
            let path = folder.write(&format!("l.{extension}.{packing}"), &packed);
            assert_eq!(labels(&path).unwrap().labels, [1, 0], "{extension}.{packing}");
        }
    }
    let cut = gzip(&b"cluster\n5\n3\n".repeat(99));
    assert!(failure(labels(&folder.write("l.csv.gz", &cut[..cut.len() / 2]))).contains("l.csv.gz"));
    assert!(failure(labels(&folder.write("l.csv.gz", "cluster\n1\n"))).contains("no gzip data"));
}
