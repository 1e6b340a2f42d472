//! Models and what is expected of them.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};

use clusterclip_core::monitor::CancelFlag;
use clusterclip_models::{Files, Model, ModelError, Options};
use half::f16;
use safetensors::{Dtype, SafeTensors};

/// Rows, and counts of tokens where they are listed.
pub struct Expected {
    pub width: usize,
    pub rows: Vec<Vec<f32>>,
    pub tokens: Option<Vec<i64>>,
}

pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)
}

pub fn texts() -> Vec<String> {
    serde_json::from_slice(&fs::read(path("texts.json")).unwrap()).unwrap()
}

pub fn vectors(name: &str) -> Expected {
    let bytes = fs::read(path(name)).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let rows = tensors.tensor("rows").unwrap();
    let values: Vec<f32> = match rows.dtype() {
        Dtype::F16 => rows.data().as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect(),
        _ => rows.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
    };
    let tokens = tensors
        .tensor("tokens")
        .ok()
        .map(|tokens| tokens.data().as_chunks().0.iter().map(|&b| i64::from_le_bytes(b)).collect());
    let width = rows.shape()[1];
    Expected { width, rows: values.chunks_exact(width).map(<[f32]>::to_vec).collect(), tokens }
}

/// The bytes of a folder's files.
#[derive(Default, Clone)]
pub struct Folder {
    pub config: Option<Vec<u8>>,
    pub tokenizer: Vec<u8>,
    pub weights: Vec<u8>,
    pub modules: Option<Vec<u8>>,
    pub pooling: Option<Vec<u8>>,
    pub sentence: Option<Vec<u8>>,
}

impl Folder {
    pub fn read(folder: &Path) -> Self {
        let read = |name: &str| fs::read(folder.join(name)).ok();
        Self {
            config: read("config.json"),
            tokenizer: read("tokenizer.json").unwrap_or_default(),
            weights: read("model.safetensors").unwrap_or_default(),
            modules: read("modules.json"),
            pooling: read("1_Pooling/config.json"),
            sentence: read("sentence_bert_config.json"),
        }
    }

    fn files(&self) -> Files<'_> {
        Files {
            config: self.config.as_deref(),
            tokenizer: &self.tokenizer,
            weights: &self.weights,
            modules: self.modules.as_deref(),
            pooling: self.pooling.as_deref(),
            sentence: self.sentence.as_deref(),
        }
    }

    pub fn load(&self, options: &Options) -> Result<Model, ModelError> {
        Model::load(&self.files(), options, &CancelFlag::default())
    }

    pub fn is_table(&self) -> Result<bool, ModelError> {
        Model::is_table(&self.files())
    }
}

/// A small model of tests/vectors.
pub fn folder(name: &str, options: &Options) -> Result<Model, ModelError> {
    Folder::read(&path(name)).load(options)
}

/// A published model, which `cargo xtask setup` has fetched.
pub fn fetched(name: &str, options: &Options) -> Model {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .or_else(|| std::env::var_os("LOCALAPPDATA"))
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .expect("a cache folder");
    let folder = cache.join("clusterclip/models").join(name);
    assert!(folder.is_dir(), "no {}: `cargo xtask setup` fetches it", folder.display());
    let mut files = Folder::read(&folder);
    if name == "wordllama" {
        files.tokenizer = fs::read(folder.join("l2_supercat_tokenizer_config.json")).unwrap();
        files.weights = fs::read(folder.join("l2_supercat_256.safetensors")).unwrap();
    }
    files.load(options).unwrap()
}
