//! Models: each file of a folder changed by itself, and folders whole.

use std::fs;

use clusterclip_core::monitor::{CancelFlag, Monitor};
use clusterclip_engine::settings::{EmbedSettings, Embedder};
use clusterclip_engine::tasks::{EmbedTask, Output, embed};
use clusterclip_models::{Dtype, Files, Model, Options, TextTokenizer};

use crate::scratch;
use crate::seeds::of_model;

/// The small models of the tests of models.
const NAMES: [&str; 4] = ["model2vec", "bert", "jina-8", "jina-12"];

/// What is embedded.
const TEXTS: [&str; 4] =
    ["some words, and more of them", "", "\u{1f600} é\u{0}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];

/// A file of each model.
pub fn all(file: &str) -> Vec<Vec<u8>> {
    NAMES.iter().map(|model| of_model(model, file)).collect()
}

/// Loads a model and embeds; rows have the length 1 or 0, whatever the files say.
fn embedded(files: &Files<'_>, options: &Options) -> bool {
    let cancel = CancelFlag::default();
    let Ok(model) = Model::load(files, options, &cancel) else { return false };
    let mut rows = vec![0.0; TEXTS.len() * model.n_features()];
    model.embed(&TEXTS, &mut rows, &cancel).is_ok()
}

pub fn tokenizer(bytes: &[u8]) -> bool {
    let Ok(tokenizer) = TextTokenizer::from_json(bytes) else { return false };
    let cancel = CancelFlag::default();
    let counted = TEXTS.iter().all(|text| tokenizer.count(text, &cancel).is_ok());
    let (config, weights) =
        (of_model("model2vec", "config.json"), of_model("model2vec", "model.safetensors"));
    let files = Files { config: Some(&config), tokenizer: bytes, weights: &weights, ..Files::default() };
    embedded(&files, &Options::default());
    counted
}

pub fn table(bytes: &[u8]) -> bool {
    let (config, tokenizer) = (of_model("model2vec", "config.json"), of_model("model2vec", "tokenizer.json"));
    let files = Files { config: Some(&config), tokenizer: &tokenizer, weights: bytes, ..Files::default() };
    embedded(&files, &Options::default())
}

pub fn encoder(bytes: &[u8]) -> bool {
    let (config, tokenizer) = (of_model("jina-8", "config.json"), of_model("jina-8", "tokenizer.json"));
    let files = Files { config: Some(&config), tokenizer: &tokenizer, weights: bytes, ..Files::default() };
    let bytes = Options { dtype: Dtype::Int8, ..Options::default() };
    embedded(&files, &bytes);
    embedded(&files, &Options::default())
}

/// The same bytes as every one of the small JSON files, with the weights of each model.
pub fn config(bytes: &[u8]) -> bool {
    let mut read = false;
    for model in NAMES {
        let (tokenizer, weights) = (of_model(model, "tokenizer.json"), of_model(model, "model.safetensors"));
        let (own, pooling) = (of_model(model, "config.json"), br#"{"pooling_mode_cls_token": true}"#);
        let files = Files {
            config: Some(bytes),
            tokenizer: &tokenizer,
            weights: &weights,
            pooling: Some(pooling),
            ..Files::default()
        };
        read |= embedded(&files, &Options::default());
        let files = Files { config: Some(&own), modules: Some(bytes), sentence: Some(bytes), ..files };
        embedded(&files, &Options::default());
        let files = Files { modules: None, sentence: None, pooling: Some(bytes), ..files };
        embedded(&files, &Options::default());
    }
    read
}

/// The files of a folder, in the order in which a case holds them.
const FILES: [&str; 5] =
    ["config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json", "model.safetensors"];

/// What stands between them: no JSON has it, and what follows the last is not looked at.
const BETWEEN: &[u8] = b"\n\0\n";

/// Folders as one file.
pub fn folders() -> Vec<Vec<u8>> {
    let modules = br#"[{"path": "", "type": "sentence_transformers.models.Transformer"}]"#;
    let table = br#"[{"path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"}]"#;
    let folder = |model: &str, modules: &[u8]| {
        let sentence = br#"{"max_seq_length": 64}"#;
        let [tokenizer, weights] = ["tokenizer.json", "model.safetensors"].map(|file| of_model(model, file));
        [&of_model(model, "config.json"), modules, sentence, &tokenizer, &weights].join(BETWEEN)
    };
    vec![folder("model2vec", table), folder("jina-8", modules)]
}

/// Embeds two documents by a folder of the files in a case; an empty file is absent.
pub fn folder(bytes: &[u8]) -> bool {
    let folder = scratch::path("model");
    let _ = fs::remove_dir_all(&folder);
    // Tables may lie in a folder of their own, if modules.json says so.
    let inner = folder.join("0_StaticEmbedding");
    fs::create_dir_all(&inner).expect("a folder");
    let mut rest = bytes;
    for name in FILES {
        let end = rest.windows(BETWEEN.len()).position(|part| part == BETWEEN && name != FILES[4]);
        let (file, next) = rest.split_at(end.unwrap_or(rest.len()));
        rest = next.get(BETWEEN.len()..).unwrap_or_default();
        if !file.is_empty() {
            fs::write(folder.join(name), file).expect("room");
            fs::write(inner.join(name), file).expect("room");
        }
    }
    let settings = EmbedSettings {
        embedder: Embedder::Model(folder.display().to_string()),
        tokenizer: Some(folder.display().to_string()),
        ..EmbedSettings::default()
    };
    let output = Output { dir: scratch::path("embedded"), force: true };
    let input = scratch::file("two.jsonl", b"{\"text\": \"some words\"}\n{\"text\": \"and more\"}\n");
    let task = EmbedTask { inputs: vec![input], embed: settings, output, ..EmbedTask::default() };
    embed(&task, &Monitor::silent()).is_ok()
}
