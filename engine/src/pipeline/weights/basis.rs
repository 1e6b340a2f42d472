//! What there is to compare clusters by.

use std::path::PathBuf;

use clusterclip_core::kmeans::Centroids;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::topics::Spread;
use clusterclip_core::weighing::{Geometry, Weighting, WeightsFrom};

use crate::error::Result;
use crate::store::{CLUSTERS, Results, RowsOf, StageName};

/// What there is of clusters besides their documents.
pub enum Basis {
    /// Those that a folder has.
    Compared {
        /// What made their rows, where the folder says so.
        rows: Option<RowsOf>,
        /// How many there are.
        n_clusters: usize,
        /// The centroids, and how far their documents are from them, where this is of use.
        found: Option<(Centroids, Spread)>,
    },
    /// Those of a file of labels, or of folders without centroids, whose documents joined the clusters of another.
    Labels {
        /// The file or the folder.
        path: PathBuf,
        /// How many there are.
        n_clusters: usize,
        /// What it calls them, unless by their numbers.
        names: Option<Vec<String>>,
    },
}

impl Basis {
    /// Those of a folder in which rows were clustered, and of folders whose documents joined them: `folders` name the
    /// same clusters, the documents of which are one folder's after the other's.
    pub fn of(folders: &[&Results], weighting: &Weighting, monitor: &Monitor<'_>) -> Result<Self> {
        let (first, n_clusters) = (folders[0], folders[0].manifest().k.unwrap_or(0) as usize);
        let Some(clustered) = folders.iter().find(|results| results.has(StageName::Cluster, CLUSTERS)) else {
            return Ok(Self::Labels { path: first.path().to_owned(), n_clusters, names: None });
        };
        let rows = clustered.manifest().rows;
        if geometry(rows) != Geometry::Meaning && !weighting.from.as_ref().is_some_and(WeightsFrom::compares)
        {
            return Ok(Self::Compared { rows, n_clusters, found: None });
        }
        let mut spread = Spread::from_sums(vec![0; n_clusters]);
        folders.iter().try_for_each(|results| results.add_to_spread(&mut spread, monitor))?;
        Ok(Self::Compared { rows, n_clusters, found: Some((clustered.centroids()?, spread)) })
    }

    /// What the places of their centroids can say.
    pub(super) fn geometry(&self) -> Geometry {
        match self {
            Self::Compared { rows, .. } => geometry(*rows),
            Self::Labels { names: Some(_), .. } => Geometry::Labels,
            Self::Labels { names: None, .. } => Geometry::Elsewhere,
        }
    }

    /// How many clusters there are.
    pub(super) fn n_clusters(&self) -> usize {
        let (Self::Compared { n_clusters, .. } | Self::Labels { n_clusters, .. }) = self;
        *n_clusters
    }
}

/// What rows of a folder tell of topics.
fn geometry(rows: Option<RowsOf>) -> Geometry {
    match rows {
        None => Geometry::Unknown,
        Some(RowsOf::Lexical) => Geometry::Lexical,
        Some(RowsOf::Model | RowsOf::Given) => Geometry::Meaning,
    }
}
