//! Vectors of an independent implementation of the specification. They prove nothing of k-means++, tolerance,
//! featureless rows or what is saved in f32: kmeans_rules.rs and kmeans_saved.rs do.

mod common;

use clusterclip_core::kmeans::{Centroids, Kernel, Quantizer};
use common::{Embeddings, params, run_on};
use serde_json::Value;

fn numbers<T: TryFrom<i64>>(value: &Value) -> Vec<T> {
    value.as_array().unwrap().iter().map(|v| T::try_from(v.as_i64().unwrap()).ok().unwrap()).collect()
}

fn for_each_vector(f: impl Fn(&Value, &Embeddings)) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/");
    let vectors: Vec<Value> =
        serde_json::from_slice(&std::fs::read(format!("{folder}kmeans.json")).unwrap()).unwrap();
    assert_eq!(vectors.len(), 6);
    for vector in &vectors {
        f(vector, &Embeddings::read_npy(format!("{folder}{}", vector["file"].as_str().unwrap())));
    }
}

#[test]
fn labels_iterations_and_log_match_on_every_kernel() {
    for_each_vector(|vector, embeddings| {
        let seed = vector["seed"].as_str().unwrap().parse().unwrap();
        let params = params(vector["n_clusters"].as_u64().unwrap(), seed);
        for kernel in Kernel::available() {
            let found = run_on(kernel, embeddings, &params);
            let what = format!("{} on {kernel}", vector["file"]);
            assert_eq!(found.labels, numbers::<i32>(&vector["labels"]), "{what}");
            assert_eq!(u64::from(found.iterations), vector["iterations"].as_u64().unwrap(), "{what}");
            let log = vector["log"].as_array().unwrap();
            assert_eq!(found.log.len(), log.len(), "{what}");
            for (entry, expected) in found.log.iter().zip(log) {
                assert_eq!(Some(entry.objective), expected["objective"].as_i64(), "{what}");
                assert_eq!(Some(entry.moved), expected["moved"].as_u64(), "{what}");
                assert_eq!(Some(entry.refilled), expected["refilled"].as_u64(), "{what}");
            }
        }
    });
}

#[test]
fn rows_own_bests_and_centroids_match() {
    for_each_vector(|vector, embeddings| {
        let what = &vector["file"];
        let quantizer = Quantizer::new(embeddings.n_features).unwrap();
        let columns = quantizer.columns();
        let mut q = vec![0; columns];
        quantizer.quantize(embeddings.row(0), &mut q, &mut Vec::new()).unwrap();
        assert_eq!(q, numbers::<i8>(&vector["quantized_row_0"]), "{what}");

        for (row, expected) in numbers::<i32>(&vector["own_best_first_rows"]).into_iter().enumerate() {
            let own_best = quantizer.quantize(embeddings.row(row), &mut q, &mut Vec::new()).unwrap();
            assert_eq!(own_best, expected, "{what}, row {row}");
        }

        let expected = &vector["centroid_of_first_rows"];
        let members = expected["members"].as_u64().unwrap();
        let mut sums = vec![0i64; columns];
        for row in 0..members as usize {
            quantizer.quantize(embeddings.row(row), &mut q, &mut Vec::new()).unwrap();
            sums.iter_mut().zip(&q).for_each(|(sum, &q)| *sum += i64::from(q));
        }
        let centroids = Centroids::from_sums(columns, &sums, &[members]);
        assert_eq!(centroids.values(), numbers::<i8>(&expected["c"]), "{what}");
        assert_eq!(i64::from(centroids.biases()[0]), expected["bias"].as_i64().unwrap(), "{what}");
    });
}
