//! The files of a model in a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{CONFIG, Found, IN_PIECES, MODULES, POOLING, SENTENCE, SHARDS, TOKENIZER, WEIGHTS};

/// Finds the files of a model. Static tables are published under names of their own: the only file that can be meant is
/// taken.
///
/// # Errors
/// If tokenizer or weights are missing, or could be several files.
pub fn model(folder: &Path) -> Result<Found> {
    let present = |name: &'static str| {
        let path = folder.join(name);
        (name, path.is_file().then_some(path))
    };
    let weights = match present(WEIGHTS) {
        (_, Some(path)) => path,
        _ if folder.join(SHARDS).is_file() => bail!("{} has no {WEIGHTS}: {IN_PIECES}", folder.display()),
        _ => only(folder, WEIGHTS, |name| name.ends_with(".safetensors"))?,
    };
    let tokenizer = tokenizer(folder)?;
    let mut found: Found = [MODULES, POOLING, SENTENCE, CONFIG].map(present).into();
    found.extend([(TOKENIZER, Some(tokenizer)), (WEIGHTS, Some(weights))]);
    Ok(found)
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

fn only(folder: &Path, wanted: &str, is: impl Fn(&str) -> bool) -> Result<PathBuf> {
    let shown = folder.display();
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {shown}"))? {
        let path = entry.with_context(|| format!("cannot read {shown}"))?.path();
        if path.is_file() && path.file_name().is_some_and(|name| is(&name.to_string_lossy())) {
            found.push(path);
        }
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => bail!(
            "{shown} has no {wanted}: a folder in the Hugging Face layout holds {CONFIG}, {TOKENIZER} and {WEIGHTS} \
             (weights in other formats are not read)"
        ),
        many => bail!("{shown} has no {wanted}, and {many} files that could stand for it: leave one"),
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
        assert!(error(model(folder.path())).contains("has no model.safetensors"));
        write("small_256.safetensors");
        assert!(error(model(folder.path())).contains("has no tokenizer.json"));
        write("small_tokenizer_config.json");
        let found = model(folder.path()).unwrap();
        assert!(found.iter().any(|(name, path)| *name == WEIGHTS && path.is_some()));
        write("small_512.safetensors");
        assert!(error(model(folder.path())).contains("2 files"));
        write("model.safetensors.index.json");
        assert!(error(model(folder.path())).contains("in several files"));
        write("model.safetensors");
        assert!(model(folder.path()).is_ok());
    }
}
