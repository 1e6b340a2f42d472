//! How long density and its kin take for 2000 clusters of 768 columns. Target: weights by density in under half a second.

use clusterclip_core::keys::mix;
use clusterclip_core::kmeans::Centroids;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::DENSITY_TEMPERATURE;
use clusterclip_core::topics::{Groups, Kernel, Likeness, Spread};
use divan::Bencher;

fn main() {
    divan::main();
}

const CLUSTERS: usize = 2000;
const COLUMNS: usize = 768;

fn centroids() -> Centroids {
    let value = |i: usize| (mix(i as u64) % 151) as i8 - 75;
    let values = (0..CLUSTERS * COLUMNS).map(value).collect();
    Centroids::from_parts(COLUMNS, values, vec![0; CLUSTERS]).expect("values are centroids")
}

fn likeness(centroids: &Centroids) -> Likeness {
    Likeness::new(centroids, &[10; CLUSTERS], &Monitor::silent()).expect("one size a cluster")
}

#[divan::bench(sample_count = 10)]
fn weights_by_density(bencher: Bencher<'_, '_>) {
    let (centroids, monitor) = (centroids(), Monitor::silent());
    let spread = Spread::from_sums((0..CLUSTERS as i128).collect());
    bencher.bench_local(|| {
        let likeness = likeness(&centroids);
        let kernel = Kernel::new(&likeness, &monitor).expect("not cancelled");
        kernel.weights(&spread, DENSITY_TEMPERATURE, &monitor).expect("not too many clusters")
    });
}

#[divan::bench(sample_count = 10)]
fn effective_topics_of_three_orders(bencher: Bencher<'_, '_>) {
    let (likeness, monitor) = (likeness(&centroids()), Monitor::silent());
    let kernel = Kernel::new(&likeness, &monitor).expect("not cancelled");
    let draws = [1.0; CLUSTERS];
    bencher
        .bench_local(|| kernel.effective_topics(&[&draws, &draws, &draws], &monitor).expect("one a cluster"));
}

#[divan::bench(sample_count = 10)]
fn groups(bencher: Bencher<'_, '_>) {
    let (likeness, monitor) = (likeness(&centroids()), Monitor::silent());
    bencher.bench_local(|| Groups::new(&likeness, None, &monitor).expect("not too many clusters"));
}
