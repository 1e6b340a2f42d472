//! From embeddings of one's own to a training order, by the core alone: no files, no other crates.

use clusterclip_core::kmeans::{self, Params};
use clusterclip_core::sampler::{Budget, Members, Options, Sampler};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Six rows of two features: four of one topic, two of another.
    let embeddings = [1.0, 0.1, 0.9, 0.0, 1.0, 0.2, 0.8, 0.1, 0.0, 1.0, 0.1, 0.9];
    let params = Params { n_clusters: Some(2), ..Params::default() };
    let found = kmeans::fit(&embeddings, 2, &params)?;
    println!("labels {:?}, inertia {:.4}", found.labels, found.inertia);

    let members = Members::from_labels(&found.labels)?;
    let options = Options { clip: Some(2), budget: Budget::Documents(8), ..Options::default() };
    let sampler = Sampler::new(members.sizes(), options)?;
    let order: Vec<u64> = sampler.iter().map(|draw| members.row(&draw)).collect();
    println!("order {order:?}");
    // Each topic is drawn evenly, and no document more than twice.
    assert_eq!(order.iter().filter(|&&row| row >= 4).count(), 4);
    Ok(())
}
