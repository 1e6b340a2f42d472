//! Clusters that are compared by their centroids.

use super::Topics;
use crate::kmeans::Centroids;
use crate::monitor::Monitor;
use crate::sampler::{Sampler, Temperature, Weights};
use crate::topics::{Groups, Kernel, Likeness, Spread, TopicsError};

/// How alike clusters are, and how far their documents are from them. What takes long is computed once.
#[derive(Debug, Clone)]
pub struct Compared {
    likeness: Likeness,
    spread: Spread,
    width: Option<f64>,
}

impl Compared {
    /// Compares the clusters whose `sizes`, (n_clusters,), are not 0.
    ///
    /// # Errors
    /// More sizes than clusters; cancelled.
    pub fn new(
        centroids: &Centroids,
        spread: Spread,
        sizes: &[u64],
        monitor: &Monitor<'_>,
    ) -> Result<Self, TopicsError> {
        Ok(Self { likeness: Likeness::new(centroids, sizes, monitor)?, spread, width: None })
    }

    /// What they have in common.
    ///
    /// # Errors
    /// Cancelled.
    fn kernel(&mut self, monitor: &Monitor<'_>) -> Result<(Kernel<'_>, &Spread), TopicsError> {
        let kernel = match self.width {
            Some(width) => Kernel::of_width(&self.likeness, width),
            None => Kernel::new(&self.likeness, monitor)?,
        };
        self.width = Some(kernel.width());
        Ok((kernel, &self.spread))
    }

    /// Weights by density.
    ///
    /// # Errors
    /// Too many clusters; not one sum of the spread for each; cancelled.
    pub fn density(
        &mut self,
        temperature: Temperature,
        monitor: &Monitor<'_>,
    ) -> Result<Weights, TopicsError> {
        let (kernel, spread) = self.kernel(monitor)?;
        kernel.weights(spread, temperature, monitor)
    }

    /// Joins them to groups: [`crate::topics::DEFAULT_GROUPS`] where `count` is `None`.
    ///
    /// # Errors
    /// See [`Groups::new`].
    pub fn groups(&self, count: Option<u64>, monitor: &Monitor<'_>) -> Result<Groups, TopicsError> {
        Groups::new(&self.likeness, count, monitor)
    }

    /// How many topics an order over clusters of these sizes has, beside others of its length.
    ///
    /// # Errors
    /// An order over more clusters; cancelled.
    pub fn topics(
        &mut self,
        sizes: &[u64],
        order: &Sampler,
        monitor: &Monitor<'_>,
    ) -> Result<Topics, TopicsError> {
        Topics::of(&self.kernel(monitor)?.0, sizes, order, monitor)
    }
}
