//! Where things are: the workspace, its target folder, and the cache that outlives both.

use std::path::PathBuf;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

/// The folders that tasks work in.
pub struct Places {
    /// The workspace root.
    pub root: PathBuf,
    /// Cargo's target folder; other targets get subfolders of it, so that no build invalidates another.
    pub target: PathBuf,
    /// Tools, Python packages, fetched texts and made rows: kept between clones.
    pub cache: PathBuf,
}

impl Places {
    /// Asks cargo for the workspace and the environment for the cache.
    ///
    /// # Errors
    /// If cargo cannot read the workspace, or no folder for caches is named by the environment.
    pub fn find() -> Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec()?;
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .or_else(|| std::env::var_os("LOCALAPPDATA"))
            .map(PathBuf::from)
            .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
            .context("no cache folder: set XDG_CACHE_HOME")?
            .join("clusterclip");
        Ok(Self { root: metadata.workspace_root.into(), target: metadata.target_directory.into(), cache })
    }

    /// Where `cargo install` puts this project's tools.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }
}
