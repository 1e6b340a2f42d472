use super::super::columns::GROUP;
use super::*;
use clusterclip_core::format::cut::At;
use clusterclip_core::format::npy;
use clusterclip_core::kmeans::Centroids;
use clusterclip_core::sampler::{Members, Options, Sampler};
use parquet::basic::LogicalType;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, RowAccessor as _};

/// A document whose values use the whole range of their types.
fn document(row: u64) -> StoredDocument {
    StoredDocument {
        document: row,
        id: format!("dokument \u{e9}{row}"),
        source: format!("part-{}.jsonl", row / 1000),
        // The rows of a columnar source are counted from its first document on.
        at: match row % 2000 {
            0..1000 => At::Bytes { offset: u64::MAX - row, length: row * 3 },
            in_table => At::Row(in_table - 1000),
        },
        hash: (u128::from(row) << 100) | 0xff,
        tokens: (!row.is_multiple_of(3)).then_some(u32::MAX - row as u32),
        line: (row % 2000 < 1000).then_some(u64::MAX - row),
        featureless: row % 7 == 1,
        skipped: row % 5 == 3,
        score: (row % 5 != 4).then_some(row as f64 / -7.0),
    }
}

fn write_documents(out: &OutDir, n: u64) -> FinishedFile {
    let mut writer = DocumentsWriter::new(out.create(DOCUMENTS).unwrap()).unwrap();
    for row in 0..n {
        let d = document(row);
        writer
            .push(&DocumentRow {
                id: &d.id,
                source: &d.source,
                at: d.at,
                hash: d.hash,
                tokens: d.tokens,
                line: d.line,
                featureless: d.featureless,
                skipped: d.skipped,
                score: d.score,
            })
            .unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn documents_come_back_as_they_were_written() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let group = GROUP as u64;
    for n in [0, 1, 5, group, group + 1] {
        let finished = write_documents(&out, n);
        let reader = DocumentsReader::open(finished.path()).unwrap();
        assert_eq!(reader.n(), n);
        let mut row = 0;
        for batch in reader.batches() {
            for stored in batch.unwrap() {
                assert_eq!(stored, document(row));
                row += 1;
            }
        }
        assert_eq!(row, n);
        let monitor = Monitor::silent();
        assert!((0..n).map(|row| document(row).is_left_out()).eq(reader.left_out(&monitor).unwrap()));
        assert_eq!(write_documents(&out, n).record(), finished.record(), "the same bytes twice");
    }
}

#[test]
fn the_bytes_of_the_tables_are_pinned() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let documents = write_documents(&out, 2500);
    let labels: Vec<i32> = (0..2500).map(|row| row % 11 - 1).collect();
    let similarity: Vec<f32> = (0..2500).map(|row| row as f32 / 4096.0).collect();
    let table = Documents::Table(documents.path());
    let file = out.create(ASSIGNMENTS).unwrap();
    let (monitor, options) = (Monitor::silent(), Options { clip: Some(1), ..Options::default() });
    let (assignments, clusters) = write_assignments(file, table, &labels, &similarity, 10, &monitor).unwrap();
    let clusters = write_cluster_table(out.create(CLUSTER_TABLE).unwrap(), &clusters, &monitor).unwrap();
    let exposure = Sampler::new(&[4, 0, 2, 9], options).unwrap().exposure();
    let exposure = write_exposure(out.create(EXPOSURE).unwrap(), &exposure, 4, |_| None, &monitor).unwrap();
    let members = Members::from_labels(&labels).unwrap();
    let members = write_members(out.create(MEMBERS).unwrap(), &members, &monitor).unwrap();
    assert_eq!(clusters.record().hash, "2806f05515046bccfdc0b860bce606a6");
    assert_eq!(exposure.record().hash, "bd75697d22cb83498c5ac25f8bd715f1");
    assert_eq!(members.record().hash, "88b6bd2274b1d361c2deb91f08ad07a9");
    assert_eq!(documents.record().hash, "72123954dee4711bb0b78f18a469a98e");
    assert_eq!(assignments.record().hash, "44d85077e78ef8f9e994a97e6a1753cd");
}

#[test]
fn unsigned_columns_are_read_as_unsigned_by_others() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let finished = write_documents(&out, 2);
    let reader = SerializedFileReader::new(fs::File::open(finished.path()).unwrap()).unwrap();
    let metadata = reader.metadata().file_metadata();
    assert_eq!(metadata.created_by(), Some("clusterclip version 2"));
    let unsigned = |name: &str, bits: i8| {
        let column = metadata.schema_descr().columns().iter().find(|column| column.name() == name).unwrap();
        let logical = column.logical_type_ref().cloned();
        assert_eq!(logical, Some(LogicalType::integer(bits, false)), "{name}");
    };
    unsigned("document", 64);
    unsigned("offset", 64);
    unsigned("length", 64);
    unsigned("tokens", 32);
    let row = reader.get_row_iter(None).unwrap().nth(1).unwrap().unwrap();
    assert_eq!(row.get_ulong(3).unwrap(), u64::MAX - 1);
    assert_eq!(row.get_uint(6).unwrap(), u32::MAX - 1);
    assert_eq!(row.get_bytes(5).unwrap().data(), document(1).hash.to_be_bytes());
}

#[test]
fn assignments_join_documents_with_labels() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = open(dir.path(), false);
    let n = GROUP + 3;
    let labels: Vec<i32> = (0..n).map(|row| if row % 7 == 1 { -1 } else { (row % 5) as i32 }).collect();
    let similarity: Vec<f32> = (0..n).map(|row| 1.0 / (row + 1) as f32).collect();
    let documents = write_documents(&out, n as u64);
    let write = |documents| {
        let file = out.create(ASSIGNMENTS).unwrap();
        let written = write_assignments(file, documents, &labels, &similarity, 5, &Monitor::silent());
        written.map(|(file, _)| file)
    };
    let joined = write(Documents::Table(documents.path())).unwrap();
    let bare = write(Documents::Rows { source: "rows.npy" }).unwrap();
    for (file, from_table) in [(&joined, true), (&bare, false)] {
        let reader = SerializedFileReader::new(fs::File::open(file.path()).unwrap()).unwrap();
        for (row, values) in reader.get_row_iter(None).unwrap().enumerate().step_by(997) {
            let mut fields = values.unwrap().into_columns().into_iter().map(|(_, field)| field);
            let d = document(row as u64);
            let null = |field: Option<Field>| field.unwrap_or(Field::Null);
            let noise = labels[row] < 0;
            let expected = [
                Field::ULong(row as u64),
                Field::Str(if from_table { d.id } else { row.to_string() }),
                Field::Str(if from_table { d.source } else { "rows.npy".to_owned() }),
                null(d.tokens.filter(|_| from_table).map(Field::UInt)),
                null((!noise).then_some(Field::UInt(labels[row] as u32))),
                null((!noise).then_some(Field::Float(similarity[row]))),
            ];
            assert!(expected.into_iter().eq(fields.by_ref()), "row {row}");
        }
    }

    let too_few = write_documents(&out, 5);
    let error = write(Documents::Table(too_few.path())).unwrap_err().to_string();
    assert!(error.contains("documents, but got 5"), "{error}");

    let request = cluster(&embed("1"), 5);
    out.commit(&request, vec![joined], facts(StageName::Cluster), vec![]).unwrap();
    let tokens = out.results().tokens(&Monitor::silent()).unwrap();
    assert!((0..n as u64).map(|row| document(row).tokens).eq(tokens));
}

#[test]
fn damaged_tables_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let finished = write_documents(&out, 100);
    let bytes = fs::read(finished.path()).unwrap();
    let path = dir.path().join(DOCUMENTS);
    for damaged in [&[][..], &bytes[..bytes.len() - 1], &bytes[..40], b"PAR1 but nothing else"] {
        fs::write(&path, damaged).unwrap();
        let error = out.results().documents().unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(DOCUMENTS) && error.to_string().contains("with force"), "{error}");
    }
    fs::write(&path, &bytes).unwrap();
    fs::rename(&path, dir.path().join(ASSIGNMENTS)).unwrap();
    let error = out.results().tokens(&Monitor::silent()).unwrap_err().to_string();
    assert!(error.contains("other columns"), "{error}");
}

#[test]
fn arrays_have_numpy_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let write = |parts: &[&[u64]], shape: &[u64]| {
        let mut writer = NpyWriter::new(out.create(ORDER)?, shape)?;
        parts.iter().try_for_each(|part| writer.write(part))?;
        writer.finish()
    };
    let finished = write(&[&[1, 2], &[], &[3 << 40]], &[3]).unwrap();
    let bytes = fs::read(finished.path()).unwrap();
    assert_eq!(bytes.len(), 128 + 24);
    assert_eq!(bytes[..128], npy::header(npy::Dtype::U64, &[3]));
    assert_eq!(bytes[144..], (3u64 << 40).to_le_bytes());
    assert_eq!(write(&[&[1, 2, 3 << 40]], &[3]).unwrap().record(), finished.record());

    for parts in [&[&[1u64, 2][..]][..], &[&[1, 2], &[3, 4]]] {
        let error = write(parts, &[3]).unwrap_err().to_string();
        assert!(error.contains(ORDER) && error.contains("3 values"), "{error}");
    }
}

#[test]
fn labels_come_back_and_damage_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = open(dir.path(), false);
    let labels = [0, -1, 7, i32::MAX, i32::MIN];
    let mut writer = NpyWriter::new(out.create(LABELS).unwrap(), &[5]).unwrap();
    writer.write(&labels).unwrap();
    let finished = writer.finish().unwrap();
    let request = cluster(&embed("1"), 5);
    out.commit(&request, vec![finished], facts(StageName::Cluster), vec![]).unwrap();
    assert_eq!(out.results().labels().unwrap(), labels);

    let path = out.results().file(LABELS);
    let good = fs::read(&path).unwrap();
    let floats = [npy::header(npy::Dtype::F32, &[5]), good[128..].to_vec()].concat();
    let table = [npy::header(npy::Dtype::I32, &[5, 1]), good[128..].to_vec()].concat();
    let huge = npy::header(npy::Dtype::I32, &[u64::MAX / 8]);
    for damaged in [&good[..good.len() - 1], &good[..100], b"", &floats, &table, &huge] {
        fs::write(&path, damaged).unwrap();
        let error = out.results().labels().unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }) && error.to_string().contains(LABELS), "{error}");
    }
}

#[test]
fn clusters_come_back_and_their_bytes_are_fixed() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let centroids: Vec<i8> = (0..3 * 64).map(|i| (i * 7 % 255 - 127) as i8).collect();
    let biases = [5, -6, 64 * 32];
    // 50 features: rows are padded to 64.
    let saved = Centroids::from_parts(50, centroids.clone(), biases.to_vec()).unwrap();
    let write = || write_clusters(out.create(CLUSTERS).unwrap(), &saved, "clusterclip-kmeans/1").unwrap();
    let finished = write();
    assert_eq!(write().record(), finished.record());
    assert_eq!(finished.record().hash, "0aabd1881a57ff4ff15d3dfdde7ae0a8");
    let bytes = fs::read(finished.path()).unwrap();
    let header = concat!(
        r#"{"__metadata__":{"n_features":"50","version":"clusterclip-kmeans/1"},"#,
        r#""biases":{"dtype":"I32","shape":[3],"data_offsets":[0,12]},"#,
        r#""centroids":{"dtype":"I8","shape":[3,64],"data_offsets":[12,204]}}"#,
    );
    let length = header.len().next_multiple_of(8);
    assert_eq!(bytes[..8], (length as u64).to_le_bytes());
    assert_eq!(str::from_utf8(&bytes[8..][..length]).unwrap(), format!("{header:length$}"));
    assert_eq!(bytes.len(), 8 + length + 204);
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let stored = tensors.tensor("centroids").unwrap();
    assert_eq!((stored.dtype(), stored.shape()), (safetensors::Dtype::I8, &[3, 64][..]));
    assert_eq!(stored.data(), bytemuck::cast_slice::<i8, u8>(&centroids));
    let stored = tensors.tensor("biases").unwrap();
    assert_eq!((stored.dtype(), stored.shape()), (safetensors::Dtype::I32, &[3][..]));
    assert_eq!(stored.data(), biases.map(i32::to_le_bytes).as_flattened());

    // Of another version, or damaged, they are not read back.
    let path = out.results().file(CLUSTERS);
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        out.results().centroids()
    };
    assert_eq!(read(&bytes).unwrap(), saved);
    let other =
        |digit: u8| bytes.iter().map(|&byte| if byte == b'1' { digit } else { byte }).collect::<Vec<u8>>();
    for damaged in [&bytes[..bytes.len() - 1], &bytes[..40], &bytes[..7], b"", &other(b'9')] {
        let error = read(damaged).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }
}
