//! What samplers read of clusters, and what they leave of an order.

use clusterclip_core::sampler::{Budget, Draw, Members, Options, Sampler};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;

use super::*;

fn column(path: &Path, index: usize) -> Vec<Field> {
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().into_columns().swap_remove(index).1).collect()
}

#[test]
fn clusters_tell_what_their_documents_come_to() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let clusters = [
        ClusterRow { size: 3, tokens: Some(70), similarity: Some(0.5) },
        ClusterRow { size: 0, tokens: Some(0), similarity: None },
        ClusterRow { size: 1, tokens: None, similarity: Some(0.25) },
    ];
    let file =
        write_cluster_table(out.create(CLUSTER_TABLE).unwrap(), &clusters, &Monitor::silent()).unwrap();
    assert_eq!(column(file.path(), 0), [0, 1, 2].map(Field::UInt));
    assert_eq!(column(file.path(), 1), [3, 0, 1].map(Field::ULong));
    assert_eq!(column(file.path(), 2), [Field::ULong(70), Field::ULong(0), Field::Null]);
    assert_eq!(column(file.path(), 3), [Field::Float(0.5), Field::Null, Field::Float(0.25)]);
}

#[test]
fn exposure_has_a_row_for_every_cluster_and_null_where_nothing_is_clipped() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path(), false);
    let options = Options { clip: Some(2), budget: Budget::Documents(11), ..Options::default() };
    let exposure = Sampler::new(&[1, 0, 3, 5], options).unwrap().exposure();
    let file =
        write_exposure(out.create(EXPOSURE).unwrap(), &exposure, 5, |_| None, &Monitor::silent()).unwrap();
    assert_eq!(column(file.path(), 0), [0, 1, 2, 3, 4].map(Field::UInt));
    assert!(column(file.path(), 1).iter().all(|group| *group == Field::Null));
    // An empty cluster takes no part.
    assert_eq!(column(file.path(), 2), [1.0, 0.0, 1.0, 1.0, 0.0].map(Field::Double));
    assert!(column(file.path(), 3).iter().all(|clip| *clip == Field::UInt(2)));
    assert_eq!(column(file.path(), 4), [2.0, 0.0, 4.5, 4.5, 0.0].map(Field::Double));
    assert_eq!(column(file.path(), 5), [2.0, 0.0, 1.5, 0.9, 0.0].map(Field::Double));
    assert_eq!(column(file.path(), 6)[..3], [Field::ULong(6), Field::Null, Field::Null]);
}

#[test]
fn mapped_members_are_those_of_the_labels() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = open(dir.path(), false);
    let n = (1 << 16) + 7;
    for some in [true, false] {
        let label = |row| if some && row % 7 == 1 { -1 } else { row % 5 };
        let labels: Vec<i32> = (0..n).map(label).collect();
        let held = Members::from_labels(&labels).unwrap();
        let mut array = NpyWriter::new(out.create(LABELS).unwrap(), &[labels.len() as u64]).unwrap();
        array.write(&labels).unwrap();
        // A cluster more, which is empty.
        let sizes = held.sizes().iter().chain(&[0]);
        let table: Vec<ClusterRow> =
            sizes.map(|&size| ClusterRow { size, tokens: None, similarity: None }).collect();
        let monitor = Monitor::silent();
        let files = vec![
            array.finish().unwrap(),
            write_members(out.create(MEMBERS).unwrap(), &held, &monitor).unwrap(),
            write_cluster_table(out.create(CLUSTER_TABLE).unwrap(), &table, &monitor).unwrap(),
        ];
        let request = Request::new(StageName::Cluster, "x/1");
        out.commit(&request, files, Facts::Exported, Vec::new()).unwrap();
        let mapped = out.results().members(&monitor).unwrap();
        assert_eq!(mapped.sizes().len(), 6);
        assert_eq!((mapped.n_rows(), mapped.n_documents()), (held.n_rows(), held.n_documents()));
        assert!(mapped.sorted_rows().eq(held.sorted_rows()));
        let draw = |member| Draw { cluster: None, member, repetition: 1 };
        assert!((0..held.n_documents()).all(|i| mapped.row(&draw(i)) == held.row(&draw(i))));

        // Of other clusters, or no such array.
        let members = fs::read(dir.path().join(MEMBERS)).unwrap();
        for (bytes, why) in [(&members[..200], "bytes"), (&[][..], "empty"), (&b"no array"[..], "NUMPY")] {
            fs::write(dir.path().join(MEMBERS), bytes).unwrap();
            let error = out.results().members(&monitor).unwrap_err().to_string();
            assert!(
                error.contains(MEMBERS) && error.contains("is damaged") && error.contains(why),
                "{error}"
            );
        }
        fs::copy(dir.path().join(LABELS), dir.path().join(MEMBERS)).unwrap();
        let error = out.results().members(&monitor).unwrap_err().to_string();
        assert!(error.contains("it holds no rows written by clusterclip"), "{error}");
    }
}
