//! Labels as arrays.

use clusterclip_core::format::npy::Kind;

use super::*;

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
