//! Density, groups and effective topics against vectors of an independent implementation of SPEC.md, section 5.

use clusterclip_core::kmeans::Centroids;
use clusterclip_core::monitor::{CancelFlag, Monitor};
use clusterclip_core::sampler::{DENSITY_TEMPERATURE, Temperature};
use clusterclip_core::topics::{Groups, Kernel, Likeness, Spread};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    density: Density,
    density_h_0: Density,
}

#[derive(Deserialize)]
struct Density {
    centroids: Vec<Vec<i8>>,
    h: f64,
    sizes: Vec<u64>,
    spread_sums: Vec<String>,
    weights: Vec<f64>,
    groups_2: Option<Vec<u32>>,
    groups_4: Option<Vec<u32>>,
    groups_7: Option<Vec<u32>>,
    shares: Option<Vec<f64>>,
    effective_topics: Option<f64>,
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1.0)
}

fn check(vector: &Density) {
    let monitor = Monitor::silent();
    let k = vector.sizes.len();
    let centroids =
        Centroids::from_parts(vector.centroids[0].len(), vector.centroids.concat(), vec![0; k]).unwrap();
    let likeness = Likeness::new(&centroids, &vector.sizes, &Monitor::silent()).unwrap();
    let kernel = Kernel::new(&likeness, &monitor).unwrap();
    assert!(near(kernel.width(), vector.h), "h {}, expected {}", kernel.width(), vector.h);
    let spread = Spread::from_sums(vector.spread_sums.iter().map(|sum| sum.parse().unwrap()).collect());
    let weights = kernel.weights(&spread, DENSITY_TEMPERATURE, &monitor).unwrap();
    for (cluster, &expected) in vector.weights.iter().enumerate() {
        let found = weights.get(cluster);
        assert!(near(found, expected), "cluster {cluster}: weight {found}, expected {expected}");
        // Hotter is nearer to equal.
        let hot = kernel.weights(&spread, Temperature::new(4.0).unwrap(), &monitor).unwrap().get(cluster);
        assert!(near(hot, expected.sqrt().sqrt()), "cluster {cluster}: hot weight {hot}");
    }
    for (count, expected) in [(2, &vector.groups_2), (4, &vector.groups_4), (7, &vector.groups_7)] {
        let Some(expected) = expected else { continue };
        let groups = Groups::new(&likeness, Some(count), &monitor).unwrap();
        let found: Vec<u32> = (0..k).map(|cluster| groups.of(cluster).unwrap()).collect();
        assert_eq!(&found, expected, "{count} groups");
        let clusters = found.iter().filter(|&&group| group == found[0]).count();
        assert_eq!(groups.weights().get(0), 1.0 / clusters as f64);
    }
    if let (Some(shares), Some(expected)) = (&vector.shares, vector.effective_topics) {
        let even = vec![1.0; k];
        let topics = kernel.effective_topics(&[&even, shares], &monitor).unwrap();
        assert!(near(topics[1], expected), "{} topics, expected {expected}", topics[1]);
        assert!(!near(topics[0], expected), "control: even shares have as many topics");
    }
}

#[test]
fn density_groups_and_topics_are_those_of_the_vectors() {
    let vectors: Vectors = serde_json::from_str(include_str!("vectors/weights.json")).unwrap();
    assert!(vectors.density.effective_topics.is_some());
    check(&vectors.density);
    check(&vectors.density_h_0);
}

/// Centroids of `k` clusters of 64 columns, all different.
fn centroids(k: usize) -> Centroids {
    let value = |i: u64| (clusterclip_core::keys::mix(i) % 101) as i8 - 50;
    Centroids::from_parts(64, (0..64 * k as u64).map(value).collect(), vec![0; k]).unwrap()
}

#[test]
fn empty_clusters_change_nothing() {
    let monitor = Monitor::silent();
    let all = centroids(6);
    let sizes = [4, 0, 3, 9, 0, 2];
    let kept: Vec<i8> = [0, 2, 3, 5].iter().flat_map(|&c| all.value(c).to_vec()).collect();
    let few = Centroids::from_parts(64, kept, vec![0; 4]).unwrap();
    let (with, without) = (
        Likeness::new(&all, &sizes, &Monitor::silent()).unwrap(),
        Likeness::new(&few, &[4, 3, 9, 2], &Monitor::silent()).unwrap(),
    );
    let (a, b) = (Kernel::new(&with, &monitor).unwrap(), Kernel::new(&without, &monitor).unwrap());
    assert_eq!(a.width(), b.width());
    let spread_a = Spread::from_sums(vec![9, 0, 40, 50, 0, 6]);
    let spread_b = Spread::from_sums(vec![9, 40, 50, 6]);
    let weights_a = a.weights(&spread_a, DENSITY_TEMPERATURE, &monitor).unwrap();
    let weights_b = b.weights(&spread_b, DENSITY_TEMPERATURE, &monitor).unwrap();
    assert_eq!([0, 2, 3, 5].map(|c| weights_a.get(c)), [0, 1, 2, 3].map(|c| weights_b.get(c)));
    assert_eq!(weights_a.get(1), 0.0);
    let topics_a = a.effective_topics(&[&[1.0, 0.0, 2.0, 3.0, 0.0, 4.0]], &monitor).unwrap();
    assert_eq!(topics_a, b.effective_topics(&[&[1.0, 2.0, 3.0, 4.0]], &monitor).unwrap());
}

#[test]
fn topics_are_at_most_as_many_as_clusters_and_one_for_one() {
    let monitor = Monitor::silent();
    let all = centroids(40);
    let likeness = Likeness::new(&all, &[5; 40], &Monitor::silent()).unwrap();
    let kernel = Kernel::new(&likeness, &monitor).unwrap();
    let mut one = [0.0; 40];
    one[7] = 12.0;
    let topics = kernel.effective_topics(&[&[1.0; 40], &one, &[0.0; 40]], &monitor).unwrap();
    assert!(topics[0] > 1.0 && topics[0] <= 40.0, "{topics:?}");
    assert_eq!(topics[1..], [1.0, 0.0]);
}

#[test]
fn what_does_not_belong_to_the_clusters_is_refused() {
    let monitor = Monitor::silent();
    let all = centroids(3);
    let likeness = Likeness::new(&all, &[1; 3], &Monitor::silent()).unwrap();
    let kernel = Kernel::new(&likeness, &monitor).unwrap();
    let spread = Spread::from_sums(vec![0; 2]);
    assert_eq!(
        kernel.weights(&spread, DENSITY_TEMPERATURE, &monitor).unwrap_err().to_string(),
        "there are 2 sums of the spread for 3 clusters"
    );
    assert_eq!(
        kernel.effective_topics(&[&[1.0; 4]], &monitor).unwrap_err().to_string(),
        "there are 4 numbers of draws for 3 clusters"
    );
    let cancel = CancelFlag::default();
    cancel.cancel();
    let stopped = Monitor::new(&|_| (), cancel);
    assert!(Kernel::new(&likeness, &stopped).is_err());
    assert!(Groups::new(&likeness, Some(1), &stopped).is_err());
}

#[test]
fn too_many_clusters_for_groups_name_the_remedy() {
    let k = (1 << 14) + 1;
    let all = Centroids::from_parts(1, vec![1; 64 * k], vec![0; k]).unwrap();
    let likeness = Likeness::new(&all, &vec![1; k], &Monitor::silent()).unwrap();
    assert_eq!(
        Groups::new(&likeness, None, &Monitor::silent()).unwrap_err().to_string(),
        "weights groups: 16385 clusters are over its limit of 16384; use weights equal, or fewer clusters"
    );
}
