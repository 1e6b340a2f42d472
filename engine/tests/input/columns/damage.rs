//! Files that are cut off, damaged, or something else than their names say.

use arrow_array::DictionaryArray;
use arrow_array::types::Int32Type;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterVersion;
use parquet::schema::types::ColumnPath;

use super::*;

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
