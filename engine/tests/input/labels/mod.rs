//! Claims about files of labels.

mod columns;
mod npy;

use clusterclip_core::format::npy::{Dtype, header};
use clusterclip_engine::input::labels::{LabelOptions, Labels, read};

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
    for joined in ["cluster\n0\n1\ncluster\n2\n", "x,cluster\n7,0\n8,1\nx,cluster\n9,2\n"] {
        let again = message(joined.as_bytes(), &default);
        assert!(
            again.contains("a.csv:4: the header again") && again.contains("take the line out"),
            "{again}"
        );
    }
    let tokens = asked(None, Some("n"));
    assert!(
        message(b"cluster,n\n1,many\n", &tokens)
            .contains("a.csv:2: \"many\" in the column `n` (--token-field)")
    );
    assert!(message(b"cluster\n1\n", &tokens).contains("no column `n`"));
    let read = labels(&folder.write("b.csv", "cluster,tokens\n1,many\n")).unwrap();
    assert!(read.tokens.is_none() && read.warnings[0].contains("line 2 has \"many\""));
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
    let joined = message("\u{FEFF}{\"cluster\": 1}\n\u{FEFF}{\"cluster\": 2}\n");
    assert!(joined.contains("l.jsonl:2: a byte order mark in the middle of the file"), "{joined}");
}

#[test]
fn a_pointer_of_git_lfs_is_named_whatever_it_stands_for() {
    let folder = Folder::new();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n";
    for name in ["l.csv", "l.tsv", "l.jsonl", "l.parquet", "l.npy", "l.csv.gz", "l.parquet.zst", "labels"] {
        let message = failure(labels(&folder.write(name, pointer)));
        assert!(message.contains(&format!("{name} is a pointer to a file that is not there")), "{message}");
    }
}

#[test]
fn packed_files_are_read_as_what_lies_in_them() {
    let folder = Folder::new();
    let numbers =
        [header(Dtype::I32, &[2]), 5i32.to_le_bytes().to_vec(), 3i32.to_le_bytes().to_vec()].concat();
    let cases: [(&str, &[u8]); 4] = [
        ("csv", b"cluster\n5\n3\n"),
        ("tsv", b"x\tcluster\n\t5\n\t3\n"),
        ("jsonl", b"{\"cluster\": 5}\n{\"cluster\": 3}\n"),
        ("npy", &numbers),
    ];
    for (extension, bytes) in cases {
        for (packing, packed) in [("gz", gzip(bytes)), ("zst", zstd(bytes))] {
            let path = folder.write(&format!("l.{extension}.{packing}"), &packed);
            assert_eq!(labels(&path).unwrap().labels, [1, 0], "{extension}.{packing}");
        }
    }
    let cut = gzip(&b"cluster\n5\n3\n".repeat(99));
    assert!(failure(labels(&folder.write("l.csv.gz", &cut[..cut.len() / 2]))).contains("l.csv.gz"));
    assert!(failure(labels(&folder.write("l.csv.gz", "cluster\n1\n"))).contains("no gzip data"));
    for extension in ["csv", "tsv", "jsonl", "npy"] {
        let (_, bytes) = cases.iter().find(|(of, _)| *of == extension).unwrap();
        let packed = gzip(bytes);
        let path = folder.write(&format!("l.{extension}.gz"), [&packed[..], b"words"].concat());
        let trailing = failure(labels(&path));
        assert!(
            trailing.contains(&format!("follow from byte {} of the file on", packed.len())),
            "{trailing}"
        );
    }
}
