use clusterclip_core::format::npy::{Dtype, header};
use clusterclip_core::rows::RowSource;
use clusterclip_engine::input::embeddings::NpyRows;
use half::f16;

use super::*;

const N: u64 = 1000;
const D: usize = 7;

/// Values that float16 holds exactly.
fn value(row: u64, feature: usize) -> f32 {
    (row as f32 - 500.0) + feature as f32 * 0.25
}

fn all() -> Vec<f32> {
    (0..N).flat_map(|row| (0..D).map(move |feature| value(row, feature))).collect()
}

/// The file numpy.save would write for the values in the order given.
fn file(dtype: Dtype, fortran: bool, values: &[f32]) -> Vec<u8> {
    let mut bytes = header(dtype, &[N, D as u64]);
    if fortran {
        let text = String::from_utf8(bytes[10..].to_vec()).unwrap().replace("False", "True ");
        bytes.splice(10.., text.into_bytes());
    }
    for &value in values {
        match (dtype.size, dtype.big_endian) {
            (2, false) => bytes.extend(f16::from_f32(value).to_le_bytes()),
            (2, true) => bytes.extend(f16::from_f32(value).to_be_bytes()),
            (4, false) => bytes.extend(value.to_le_bytes()),
            _ => bytes.extend(value.to_be_bytes()),
        }
    }
    bytes
}

#[test]
fn rows_of_every_layout_are_the_same() {
    let folder = Folder::new();
    let columns: Vec<f32> = (0..D).flat_map(|feature| (0..N).map(move |row| value(row, feature))).collect();
    for dtype in [Dtype::F32, Dtype::F16] {
        for big_endian in [false, true] {
            for fortran in [false, true] {
                let dtype = Dtype { big_endian, ..dtype };
                let values = if fortran { &columns } else { &all() };
                let rows = NpyRows::open(&folder.write("x.npy", file(dtype, fortran, values))).unwrap();
                assert_eq!((rows.n_samples(), rows.n_features()), (N, D));
                for (start, count) in [(0, N), (0, 1), (999, 1), (17, 400), (1000, 0)] {
                    let mut out = vec![0.0; count as usize * D];
                    rows.read(start, &mut out).unwrap();
                    assert!(out == all()[start as usize * D..][..out.len()], "{dtype} fortran {fortran}");
                }
            }
        }
    }
}

#[test]
fn rows_beyond_the_last_are_refused() {
    let folder = Folder::new();
    let rows = NpyRows::open(&folder.write("x.npy", file(Dtype::F32, false, &all()))).unwrap();
    assert!(rows.read(999, &mut [0.0; 2 * D]).unwrap_err().to_string().contains("1000 rows"));
    assert!(rows.read(u64::MAX, &mut [0.0; D]).is_err());
    assert!(rows.read(0, &mut [0.0; D + 1]).is_err());
}

#[test]
fn wrong_files_say_what_to_do() {
    let folder = Folder::new();
    let message = |bytes: &[u8]| failure(NpyRows::open(&folder.write("x.npy", bytes)));
    let double = Dtype { size: 8, ..Dtype::F32 };
    let doubles = [header(double, &[1, 1]), vec![0; 8]].concat();
    assert!(message(&doubles).contains("float64") && message(&doubles).contains("X.astype('float32')"));
    let labels = [header(Dtype::I32, &[1]), vec![0; 4]].concat();
    assert!(message(&labels).contains("int32"));
    let flat = [header(Dtype::F32, &[1]), vec![0; 4]].concat();
    assert!(message(&flat).contains("(1,)") && message(&flat).contains("(n_samples, n_features)"));
    assert!(message(&header(Dtype::F32, &[3, 0])).contains("features"));
    let whole = file(Dtype::F32, false, &all());
    for wrong in [&whole[..whole.len() - 1], &[&whole[..], &[0]].concat()] {
        let message = message(wrong);
        assert!(message.contains("x.npy") && message.contains("28128 bytes"), "{message}");
    }
    assert!(message(&whole[..50]).contains("within its header"));
    assert!(message(b"").contains("no .npy file"));
    assert!(message(b"PK\x03\x04 an npz archive").contains("no .npy file"));
    assert!(failure(NpyRows::open(&folder.path("gone.npy"))).contains("gone.npy cannot be read"));
    assert!(failure(NpyRows::open(folder.0.path())).contains("it is a folder"));
}

#[test]
fn a_hash_is_that_of_the_bytes() {
    let folder = Folder::new();
    let bytes = file(Dtype::F32, false, &all());
    let rows = NpyRows::open(&folder.write("x.npy", &bytes)).unwrap();
    let hash = xxhash_rust::xxh3::xxh3_128(&bytes);
    assert_eq!(rows.hash(&Monitor::silent()).unwrap(), hash);

    // What is hashed is what is read, also when another file has taken the name.
    fs::rename(folder.write("y.npy", "another"), folder.path("x.npy")).unwrap();
    assert_eq!(rows.hash(&Monitor::silent()).unwrap(), hash);
    rows.read(0, &mut [0.0; D]).unwrap();
    rows.check_unchanged().unwrap();
}

#[test]
fn a_file_that_is_written_to_is_noticed() {
    let folder = Folder::new();
    let bytes = file(Dtype::F32, false, &all());
    let path = folder.write("x.npy", &bytes);
    let rows = NpyRows::open(&path).unwrap();
    rows.check_unchanged().unwrap();
    let same_length = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let opened = same_length.metadata().unwrap().modified().unwrap();
    same_length.set_modified(opened + std::time::Duration::from_secs(1)).unwrap();
    let message = failure(rows.check_unchanged());
    assert!(message.contains("x.npy changed while it was read (it was written to)"), "{message}");
    same_length.set_len(bytes.len() as u64 - 4).unwrap();
    let expected = format!("it had {} bytes and has {}", bytes.len(), bytes.len() - 4);
    assert!(failure(rows.check_unchanged()).contains(&expected));
    assert!(failure(rows.hash(&Monitor::silent())).contains(&expected));
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_at_once() {
    use clusterclip_engine::input::labels;

    let folder = Folder::new();
    let pipe = folder.path("pipe.npy");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let null = Path::new("/dev/null");
    for (path, expected) in [
        (&*pipe, "pipe.npy cannot be read: it is a pipe; save it to a file"),
        (null, "/dev/null cannot be read: it is a device or socket; save it to a file"),
        (folder.0.path(), "cannot be read: it is a folder"),
    ] {
        let rows = failure(NpyRows::open(path));
        assert!(rows.ends_with(expected), "{rows}");
        let labels = failure(labels::read(path, &Default::default(), &Monitor::silent()));
        assert!(labels.ends_with(expected), "{labels}");
    }
}
