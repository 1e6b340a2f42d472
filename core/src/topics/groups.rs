//! Groups of clusters that are alike: complete linkage.

use super::{Likeness, TopicsError};
use crate::monitor::Monitor;
use crate::par;
use crate::sampler::{WeightRule, Weights};

/// The most clusters that are joined to groups: a gigabyte of distances.
pub const MAX_GROUPED_CLUSTERS: u64 = 1 << 14;

/// How many groups there are unless asked otherwise, or as many as clusters if these are fewer.
pub const DEFAULT_GROUPS: u64 = 32;

/// Merges between two looks at the cancel flag.
const BLOCK: usize = 64;

/// Clusters in groups: no two of a group are farther apart than need be (complete linkage over 1 − cosine).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// The group of each cluster, named by its lowest cluster: (n_clusters,), `None` for empty ones.
    of_cluster: Vec<Option<u32>>,
    count: u64,
}

impl Groups {
    /// Joins clusters until `count` groups are left: [`DEFAULT_GROUPS`] where `None`. Always the two groups of least
    /// largest distance, on ties those of the lowest clusters.
    ///
    /// # Errors
    /// No groups, or more than clusters that have documents; over [`MAX_GROUPED_CLUSTERS`] of these; too little memory;
    /// cancelled.
    pub fn new(likeness: &Likeness, count: Option<u64>, monitor: &Monitor<'_>) -> Result<Self, TopicsError> {
        let (clusters, limit) = (likeness.len() as u64, MAX_GROUPED_CLUSTERS);
        let count = count.unwrap_or(DEFAULT_GROUPS.min(clusters));
        if !(1..=clusters).contains(&count) {
            return Err(TopicsError::Groups { groups: count, clusters });
        }
        if clusters > limit {
            return Err(TopicsError::TooManyClusters { rule: WeightRule::Groups, clusters, limit });
        }
        let mut linkage = Linkage::new(likeness, monitor)?;
        for merge in 0..(clusters - count) as usize {
            if merge % BLOCK == 0 {
                monitor.check()?;
            }
            linkage.merge();
        }
        let mut of_cluster = vec![None; likeness.n_clusters()];
        for (rank, &(cluster, _)) in likeness.clusters().iter().enumerate() {
            of_cluster[cluster as usize] = Some(likeness.clusters()[linkage.root(rank)].0);
        }
        Ok(Self { of_cluster, count })
    }

    /// How many groups there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The group of a cluster, named by its lowest cluster; `None` for an empty one.
    pub fn of(&self, cluster: usize) -> Option<u32> {
        self.of_cluster.get(cluster).copied().flatten()
    }

    /// Weights by which groups share evenly, and the clusters of each: 1 / clusters of its group.
    pub fn weights(&self) -> Weights {
        let mut clusters = vec![0u64; self.of_cluster.len()];
        self.of_cluster.iter().flatten().for_each(|&group| clusters[group as usize] += 1);
        let weight = |group: &Option<u32>| group.map_or(0.0, |group| 1.0 / clusters[group as usize] as f64);
        let has_documents: Vec<u64> =
            self.of_cluster.iter().map(|group| u64::from(group.is_some())).collect();
        Weights::computed(self.of_cluster.iter().map(weight), &has_documents)
    }
}

/// Groups and the largest distances between them.
struct Linkage {
    /// Row i holds the distances of group i to those after it.
    rows: Vec<Vec<f64>>,
    /// For each group a distance that none of its row is under.
    least: Vec<f64>,
    /// The group that each was merged into: itself while it stands.
    into: Vec<usize>,
}

impl Linkage {
    fn new(likeness: &Likeness, monitor: &Monitor<'_>) -> Result<Self, TopicsError> {
        let len = likeness.len();
        let memory = || TopicsError::Memory { clusters: len as u64 };
        let cancel = monitor.cancel_flag();
        let rows = par::map(len, |i| {
            cancel.check()?;
            let mut row = Vec::new();
            row.try_reserve_exact(len - i - 1).map_err(|_| memory())?;
            row.extend((i + 1..len).map(|j| likeness.distance(i, j)));
            Ok::<_, TopicsError>(row)
        });
        let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
        let least = rows.iter().map(|row| row.iter().copied().fold(f64::INFINITY, f64::min)).collect();
        Ok(Self { rows, least, into: (0..len).collect() })
    }

    fn stands(&self, group: usize) -> bool {
        self.into[group] == group
    }

    fn distance(&mut self, a: usize, b: usize) -> &mut f64 {
        &mut self.rows[a.min(b)][a.max(b) - a.min(b) - 1]
    }

    /// The least distance of a group to those after it, and the first of them that has it.
    fn nearest(&self, group: usize) -> (f64, usize) {
        let standing = (group + 1..).zip(&self.rows[group]).filter(|&(other, _)| self.stands(other));
        standing.fold((f64::INFINITY, group), |(least, nearest), (other, &distance)| {
            if distance < least { (distance, other) } else { (least, nearest) }
        })
    }

    /// Merges the two groups of least distance. Merging only raises distances, so what a row was not under before, it
    /// is not under now: a row is looked at again only when it comes first.
    fn merge(&mut self) {
        let (first, second) = loop {
            let standing = (0..self.least.len()).filter(|&group| self.stands(group));
            let first =
                standing.reduce(|a, b| if self.least[b] < self.least[a] { b } else { a }).unwrap_or(0);
            let (distance, second) = self.nearest(first);
            if distance <= self.least[first] {
                break (first, second);
            }
            self.least[first] = distance;
        };
        for other in 0..self.into.len() {
            if other != first && other != second && self.stands(other) {
                let farther = *self.distance(second, other);
                let distance = self.distance(first, other);
                *distance = distance.max(farther);
            }
        }
        self.into[second] = first;
        self.rows[second] = Vec::new();
    }

    /// The group that a cluster is in.
    fn root(&self, mut rank: usize) -> usize {
        while !self.stands(rank) {
            rank = self.into[rank];
        }
        rank
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{hash, mix, scale};
    use crate::kmeans::Centroids;

    /// Few different centroids, so that many distances are equal.
    fn likeness(clusters: u64, kinds: u64) -> Likeness {
        let value = |cluster, i| (scale(hash(&[mix(cluster) % kinds, i]), 7) as i8) - 3;
        let values = (0..clusters).flat_map(|c| (0..64).map(move |i| value(c, i))).collect();
        let centroids = Centroids::from_parts(64, values, vec![0; clusters as usize]).unwrap();
        Likeness::new(&centroids, &vec![1; clusters as usize], &Monitor::silent()).unwrap()
    }

    /// The definition, word for word.
    fn by_the_letter(likeness: &Likeness, count: usize) -> Vec<Option<u32>> {
        let mut groups: Vec<Vec<usize>> = (0..likeness.len()).map(|rank| vec![rank]).collect();
        while groups.len() > count {
            let mut best = (f64::INFINITY, 0, 0);
            for i in 0..groups.len() {
                for j in i + 1..groups.len() {
                    let pairs = groups[i].iter().flat_map(|&a| groups[j].iter().map(move |&b| (a, b)));
                    let largest =
                        pairs.map(|(a, b)| likeness.distance(a, b)).fold(f64::NEG_INFINITY, f64::max);
                    if largest < best.0 {
                        best = (largest, i, j);
                    }
                }
            }
            let joined = groups.remove(best.2);
            groups[best.1].extend(joined);
        }
        let mut of_cluster = vec![None; likeness.len()];
        for group in &groups {
            let name = group.iter().min().map(|&rank| rank as u32);
            group.iter().for_each(|&rank| of_cluster[rank] = name);
        }
        of_cluster
    }

    #[test]
    fn groups_are_those_of_the_definition() {
        for (clusters, kinds) in [(1, 1), (2, 1), (13, 3), (24, 24), (24, 6), (31, 9)] {
            let likeness = likeness(clusters, kinds);
            for count in 1..=clusters {
                let groups = Groups::new(&likeness, Some(count), &Monitor::silent()).unwrap();
                assert_eq!(
                    groups.of_cluster,
                    by_the_letter(&likeness, count as usize),
                    "{count} of {clusters}"
                );
            }
        }
    }

    #[test]
    fn as_many_groups_as_there_can_be() {
        let likeness = likeness(5, 5);
        let groups = |count| Groups::new(&likeness, count, &Monitor::silent());
        assert_eq!(groups(None).unwrap().count(), 5);
        assert_eq!(groups(None).unwrap().weights().get(4), 1.0);
        for count in [0, 6] {
            let message = groups(Some(count)).unwrap_err().to_string();
            assert_eq!(
                message,
                format!("groups {count}: must be from 1 to 5, the clusters that have documents")
            );
        }
    }
}
