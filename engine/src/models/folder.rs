//! The files of a model in a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::{FilesError, Found, MODULES, SHARDS, TOKENIZER, WEIGHTS, layout};
use crate::error::{FileError, Result};

/// Finds the files of a model. Static tables are published under names of their own: the only file that can be meant is
/// taken.
///
/// # Errors
/// If tokenizer or weights are missing, or could be several files.
pub fn model(folder: &Path) -> Result<Found> {
    let present = |path: &str| Some(folder.join(path)).filter(|path| path.is_file());
    let places = layout::model(present(MODULES).as_deref());
    let found = places.iter().map(|&(name, path)| {
        let file = match (name, present(path)) {
            (_, Some(file)) => Some(file),
            (WEIGHTS, None) => Some(weights(&parent(folder, path))?),
            (TOKENIZER, None) => Some(tokenizer(&parent(folder, path))?),
            _ => None,
        };
        Ok((name, file))
    });
    found.collect()
}

/// The folder of a file of a model.
fn parent(folder: &Path, path: &str) -> PathBuf {
    folder.join(path).parent().unwrap_or(folder).to_path_buf()
}

fn weights(folder: &Path) -> Result<PathBuf> {
    if folder.join(SHARDS).is_file() {
        return Err(FilesError::InPieces { folder: folder.to_owned() }.into());
    }
    only(folder, WEIGHTS, |name| name.ends_with(".safetensors"))
}

/// Finds the tokenizer of a folder.
///
/// # Errors
/// If it is missing.
pub fn tokenizer(folder: &Path) -> Result<PathBuf> {
    let path = folder.join(TOKENIZER);
    if path.is_file() {
        return Ok(path);
    }
    // tokenizer_config.json beside a tokenizer.json says something else; as WordLlama's it is the tokenizer.
    only(folder, TOKENIZER, |name| {
        name.ends_with("tokenizer.json") || name.ends_with("_tokenizer_config.json")
    })
}

fn only(folder: &Path, wanted: &'static str, is: impl Fn(&str) -> bool) -> Result<PathBuf> {
    let cannot = FileError::read(folder);
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.is_file() && path.file_name().is_some_and(|name| is(&name.to_string_lossy())) {
            found.push(path);
        }
    }
    let folder = || folder.to_owned();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(FilesError::Missing { folder: folder(), wanted }.into()),
        many => Err(FilesError::Ambiguous { folder: folder(), wanted, many }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_file_that_can_be_meant_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(folder.path().join(name), "x").unwrap();
        let error = |result: Result<Found>| result.unwrap_err().to_string();
        write("config.json");
        assert!(error(model(folder.path())).contains("has no tokenizer.json"));
        write("small_tokenizer_config.json");
        assert!(error(model(folder.path())).contains("has no model.safetensors"));
        write("small_256.safetensors");
        let found = model(folder.path()).unwrap();
        assert!(found.iter().any(|(name, path)| *name == WEIGHTS && path.is_some()));
        write("small_512.safetensors");
        assert!(error(model(folder.path())).contains("2 files"));
        write("model.safetensors.index.json");
        assert!(error(model(folder.path())).contains("in several files"));
        write("model.safetensors");
        assert!(model(folder.path()).is_ok());
    }

    #[test]
    fn a_table_in_a_folder_of_its_own_is_found_by_modules_json() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join(layout::TABLE);
        fs::create_dir(&inner).unwrap();
        for name in [TOKENIZER, WEIGHTS] {
            fs::write(inner.join(name), "x").unwrap();
        }
        assert!(model(folder.path()).is_err(), "nothing names the folder");
        fs::write(folder.path().join(MODULES), format!(r#"[{{"path": "{}"}}]"#, layout::TABLE)).unwrap();
        let found = model(folder.path()).unwrap();
        assert!(found.contains(&(WEIGHTS, Some(inner.join(WEIGHTS)))));
        fs::remove_file(inner.join(WEIGHTS)).unwrap();
        let error = model(folder.path()).unwrap_err().to_string();
        assert!(error.contains("0_StaticEmbedding has no model.safetensors"), "{error}");
    }
}
