//! What a timing on a device found, kept for the next run: it changes the speed and no result.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clusterclip_shaders::gpu::Adapter;
use clusterclip_shaders::kmeans::{GpuBackend, Options, Plan, stages};
use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::Xxh3;

/// The file in this user's cache folder.
const FILE: &str = "gpu-plans.json";

/// What is known of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    plan: String,
    /// Products of one submission.
    products: u64,
}

type All = BTreeMap<String, Known>;

/// How to open a device, and whether that was known: it need not be timed then.
pub fn options(adapter: &Adapter, plan: Option<Plan>) -> (Options, bool) {
    let mut options = Options::default();
    let known = file().and_then(|file| read(&file).remove(&name(adapter)));
    match (plan, known.map(|known| (known.plan.parse(), known.products))) {
        (Some(plan), _) => options.plan = Some(plan),
        // A file that somebody has edited may hold any number.
        (None, Some((Ok(plan), products @ 1..))) => {
            (options.plan, options.products) = (Some(plan), Some(products));
        }
        _ => return (options, false),
    }
    (options, true)
}

/// Keeps what a timing found. Where that is not possible, the next run times again.
pub fn remember(adapter: &Adapter, backend: &GpuBackend) {
    let Some(file) = file() else { return };
    let known = Known { plan: backend.plan().to_string(), products: backend.products() };
    let mut all = read(&file);
    all.insert(name(adapter), known);
    let _ = write(&file, &all);
}

/// A device, its driver and the shaders: with another of them, the timing may come out otherwise.
fn name(adapter: &Adapter) -> String {
    let mut shaders = Xxh3::new();
    stages::ALL.iter().for_each(|stage| shaders.update(stage.source.as_bytes()));
    let driver = adapter.driver().unwrap_or_default();
    let (name, backend) = (&adapter.info().name, adapter.backend());
    format!("{name}, {backend}, {driver}, shaders {:016x}", shaders.digest())
}

fn file() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.cache_dir().join("clusterclip").join(FILE))
}

fn read(file: &Path) -> All {
    fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Replaces the file as a whole: two runs may end at once.
fn write(file: &Path, all: &All) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(serde_json::to_string_pretty(all)?.as_bytes())?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_again_and_a_broken_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b").join(FILE);
        assert!(read(&file).is_empty());
        let known = Known { plan: Plan::ALL[1].to_string(), products: 7 };
        write(&file, &All::from([("x".to_owned(), known.clone())])).unwrap();
        assert_eq!(read(&file), All::from([("x".to_owned(), known)]));
        fs::write(&file, "{\"x\": ").unwrap();
        assert!(read(&file).is_empty());
    }
}
