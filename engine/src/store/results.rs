//! What is in a folder, for the stages that go on from it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clusterclip_core::kmeans::Centroids;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{MemberRows as _, Members};
use clusterclip_core::topics::Spread;

use super::cluster_table::{ClusterRow, read_cluster_table};
use super::clusters::read_clusters;
use super::documents::DocumentsReader;
use super::error::{Remedy, StoreError};
use super::file;
use super::manifest::{Manifest, StageRecord};
use super::members::MappedRows;
use super::names::StageName;
use super::{
    ASSIGNMENTS, CLUSTER_TABLE, CLUSTERS, DOCUMENTS, LABELS, MANIFEST, MEMBERS, assignments, lock, npy,
};

/// The results in a folder.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    manifest: Manifest,
}

impl Results {
    pub(super) fn new(path: PathBuf, manifest: Manifest) -> Self {
        Self { path, manifest }
    }

    pub(super) fn set_manifest(&mut self, manifest: Manifest) {
        self.manifest = manifest;
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the folder says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The place of a file.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Returns the record of a finished stage whose files are as listed; they are read through and hashed.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when the stage was not run here, [`StoreError::Damaged`] when one of its files
    /// is not as listed, [`StoreError::Io`], [`StoreError::Cancelled`].
    pub fn require(&self, stage: StageName, monitor: &Monitor) -> Result<&StageRecord, StoreError> {
        self.require_files(stage, stage.files(), monitor)
    }

    /// Returns the record of a finished stage of which these files, as far as it has them, are as listed; no others are
    /// read.
    ///
    /// # Errors
    /// As [`Results::require`].
    pub fn require_files(
        &self,
        stage: StageName,
        names: &[&str],
        monitor: &Monitor,
    ) -> Result<&StageRecord, StoreError> {
        let record = self.manifest.stages.get(&stage);
        let record = record.ok_or_else(|| StoreError::Missing { path: self.path.clone(), stage })?;
        let mut files = record.files.clone();
        files.retain(|name, _| names.contains(&name.as_str()));
        if let Some((path, why)) = file::difference(&self.path, &files, monitor)? {
            let remedy = Remedy::Again;
            return Err(StoreError::Damaged { path, why, remedy });
        }
        Ok(record)
    }

    /// Whether a finished stage left the file `name` in this folder.
    pub fn has(&self, stage: StageName, name: &str) -> bool {
        self.manifest.stages.get(&stage).is_some_and(|record| record.files.contains_key(name))
    }

    /// The hash of the clusters.safetensors that the labels here are of: of this folder, or of the one whose clusters
    /// its documents joined. `None` where nothing was clustered.
    pub fn clustering(&self) -> Option<&str> {
        let record = self.manifest.stages.get(&StageName::Cluster)?;
        let joined = self.manifest.inputs.get(&StageName::Cluster).map_or(&[][..], Vec::as_slice);
        let joined = joined.iter().find(|input| input.name == CLUSTERS).map(|input| &*input.hash);
        record.files.get(CLUSTERS).map(|file| &*file.hash).or(joined)
    }

    /// Reads clusters.safetensors.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`].
    pub fn centroids(&self) -> Result<Centroids, StoreError> {
        read_clusters(&self.file(CLUSTERS))
    }

    /// Reads the similarities of all documents with a cluster from assignments.parquet.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`], [`StoreError::Cancelled`].
    pub fn similarities(&self, monitor: &Monitor) -> Result<Vec<f32>, StoreError> {
        assignments::read_similarities(&self.file(ASSIGNMENTS), monitor)
    }

    /// Adds how far documents are from the centroids of their clusters, as assignments.parquet has it.
    ///
    /// # Errors
    /// See [`Results::similarities`]; a cluster that there is not.
    pub fn add_to_spread(&self, spread: &mut Spread, monitor: &Monitor) -> crate::error::Result<()> {
        assignments::add_to_spread(&self.file(ASSIGNMENTS), spread, monitor)
    }

    /// Opens documents.parquet.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`].
    pub fn documents(&self) -> Result<DocumentsReader, StoreError> {
        DocumentsReader::open(&self.file(DOCUMENTS))
    }

    /// Reads labels.npy: one label a document, −1 without a cluster.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`].
    pub fn labels(&self) -> Result<Vec<i32>, StoreError> {
        npy::read_labels(&self.file(LABELS))
    }

    /// Reads clusters.parquet: what is kept of each cluster.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`], [`StoreError::Cancelled`].
    pub fn clusters(&self, monitor: &Monitor) -> Result<Vec<ClusterRow>, StoreError> {
        read_cluster_table(&self.file(CLUSTER_TABLE), monitor)
    }

    /// Maps members.npy: the documents of each cluster. Held are the rows without a cluster alone.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`], also where it does not go with clusters.parquet and labels.npy;
    /// [`StoreError::Cancelled`].
    pub fn members(&self, monitor: &Monitor) -> Result<Members, StoreError> {
        let sizes: Vec<u64> = self.clusters(monitor)?.iter().map(|cluster| cluster.size).collect();
        let path = self.file(MEMBERS);
        let rows = MappedRows::open(&path)?;
        let (found, wanted) = (rows.len() as u64, sizes.iter().map(|&size| u128::from(size)).sum::<u128>());
        if u128::from(found) != wanted {
            let why = format!("it has {found} rows, the clusters have {wanted}");
            return Err(StoreError::Damaged { path, why, remedy: Remedy::Replace });
        }
        let unclustered = npy::unclustered(&self.file(LABELS), found, monitor)?;
        Ok(Members::of_rows(sizes, Arc::new(rows), unclustered))
    }

    /// Reads the token counts of all documents from assignments.parquet.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Damaged`], [`StoreError::Cancelled`].
    pub fn tokens(&self, monitor: &Monitor) -> Result<Vec<Option<u32>>, StoreError> {
        assignments::read_tokens(&self.file(ASSIGNMENTS), monitor)
    }
}

/// A folder open for reading: nothing in it changes meanwhile.
#[derive(Debug)]
pub struct InDir {
    results: Results,
    /// Held for its lock.
    _lock: Option<File>,
}

impl InDir {
    /// Opens a folder that clusterclip has written.
    ///
    /// # Errors
    /// [`StoreError::NotAFolder`], [`StoreError::InUse`], [`StoreError::NoManifest`],
    /// [`StoreError::Damaged`], [`StoreError::Newer`], [`StoreError::Unsealed`], [`StoreError::Io`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let found = fs::metadata(path).map_err(|cause| StoreError::io("read", path, cause))?;
        if !found.is_dir() {
            return Err(StoreError::NotAFolder { path: path.to_path_buf() });
        }
        let lock = lock::lock_shared(path)?;
        let manifest = Manifest::read(&path.join(MANIFEST))?;
        let manifest = manifest.ok_or_else(|| StoreError::NoManifest { path: path.to_path_buf() })?;
        Ok(Self { results: Results::new(path.to_path_buf(), manifest), _lock: lock })
    }

    /// What is in the folder.
    pub fn results(&self) -> &Results {
        &self.results
    }
}
