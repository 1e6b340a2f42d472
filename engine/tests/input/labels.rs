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
        tokens_needed: false,
    }
}

#[test]
fn npy_labels_of_every_integer_type_are_ranked_by_value() {
    let folder = Folder::new();
    for size in [1usize, 2, 4, 8] {
        for (kind, big_endian) in [(Kind::Signed, false), (Kind::Signed, true), (Kind::Unsigned, false)] {
            let dtype = Dtype { kind, size, big_endian };
            let values: &[i64] = if kind == Kind::Signed { &[100, -1, -7, 100, 3] } else { &[100, 9, 100] };
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
                assert_eq!(read.labels, [2, -1, 0, 2, 1], "{dtype}");
                assert_eq!((read.noise, read.names.join(" ")), (1, "-7 3 100".to_owned()));
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
    assert!(message([header(Dtype::F32, &[1]), vec![0; 4]].concat()).contains("labels.astype('int32')"));
    assert!(message([header(Dtype::I32, &[1, 1]), vec![0; 4]].concat()).contains("(n_samples,)"));
    assert!(
        message([header(Dtype::U64, &[1]), vec![0xFF; 8]].concat())
            .contains("row 0 has the label 18446744073709551615")
    );
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
    assert_eq!(by_name.labels, [1, -1, -1, 1, 0]);
    assert_eq!(by_name.names, ["10", "9"], "strings rank by bytes");
    assert_eq!(by_name.noise, 2);

    let message = |options| failure(read(&path, &options, &Monitor::silent()));
    assert!(message(asked(Some("weight"), None)).contains("`weight` (--cluster-field) holds DOUBLE"));
    assert!(
        message(asked(Some("topic"), None))
            .contains("there are `document`, `cluster`, `name`, `tokens`, `weight`")
    );
    assert!(message(asked(None, Some("name"))).contains("`name` (--token-field) holds strings"));

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
