//! What the small JSON files of a model folder say.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ModelError;
use crate::options::{Files, Options, Pooling};

/// The longest sequence taken where nothing else is said: that of the method's authors.
const LONGEST: usize = 4096;

/// What model2vec calls its matrix, and how much it reads of a text where its config does not say.
pub(crate) const MODEL2VEC: &str = "embeddings";
const MODEL2VEC_TOKENS: usize = 512;

/// Longer than any published model reads: sizes stay far from overflow.
const MOST_TOKENS: u64 = 1 << 20;

const SENTENCE: &str = "sentence_bert_config.json";

/// What a model is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Architecture {
    /// A tokenizer and one matrix.
    Table(TableConfig),
    /// A transformer.
    Encoder(EncoderConfig),
}

/// What config.json says of a static table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TableConfig {
    /// model2vec: unknown tokens are left out, and long texts cut as it does.
    pub model2vec: bool,
    /// The longest sequence.
    pub max_tokens: Option<usize>,
}

/// What config.json says of a transformer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct EncoderConfig {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_attention_heads: usize,
    pub num_hidden_layers: usize,
    pub max_position_embeddings: usize,
    pub vocab_size: usize,
    #[serde(default = "layer_norm_eps")]
    pub layer_norm_eps: f32,
    #[serde(default)]
    position_embedding_type: Option<String>,
    #[serde(default)]
    feed_forward_type: Option<String>,
    #[serde(default)]
    hidden_act: Option<String>,
    /// JinaBERT v2: no position table, a slope for each head, a gated MLP.
    #[serde(skip)]
    pub alibi: bool,
}

fn layer_norm_eps() -> f32 {
    1e-12
}

/// Reads what config.json describes. Static tables are often published without a model_type, or without
/// a config: `matrix`, the name of the matrix in model.safetensors, tells them.
pub(crate) fn architecture(files: &Files<'_>, matrix: Option<&str>) -> Result<Architecture, ModelError> {
    let model2vec = matrix == Some(MODEL2VEC);
    let Some(bytes) = files.config else {
        let max_tokens = model2vec.then_some(MODEL2VEC_TOKENS);
        return Ok(Architecture::Table(TableConfig { model2vec, max_tokens }));
    };
    let config: Value = parse("config.json", bytes)?;
    let text = |key: &str| config[key].as_str().unwrap_or_default();
    let architecture = config["architectures"][0].as_str().unwrap_or_default();
    match (text("model_type"), architecture) {
        ("model2vec", _) | (_, "StaticModel") => table(&config).map(Architecture::Table),
        ("", "") if model2vec => table(&config).map(Architecture::Table),
        ("", "") if matrix.is_some() => Ok(Architecture::Table(TableConfig::default())),
        ("bert", _) => encoder(&config).map(Architecture::Encoder),
        (model_type, architecture) => {
            let said = |name: &str, value: &str| match value {
                "" => format!("no {name}"),
                value => format!("{name} `{value}`"),
            };
            let found =
                format!("{} ({})", said("model_type", model_type), said("architecture", architecture));
            Err(ModelError::Unknown { found })
        }
    }
}

fn table(config: &Value) -> Result<TableConfig, ModelError> {
    let max_tokens = match config.get("max_length") {
        None => Some(MODEL2VEC_TOKENS),
        Some(Value::Null) => None,
        Some(limit) => match limit.as_u64() {
            Some(limit @ 1..=MOST_TOKENS) => Some(limit as usize),
            _ => {
                let reason = format!("max_length is {limit}; it must be from 1 to {MOST_TOKENS}, or null");
                return Err(ModelError::file("config.json", reason));
            }
        },
    };
    Ok(TableConfig { model2vec: true, max_tokens })
}

/// Refuses a model with a step that is not implemented: its rows would be others.
pub(crate) fn check_modules(files: &Files<'_>, architecture: &Architecture) -> Result<(), ModelError> {
    const FILE: &str = "modules.json";
    let Some(bytes) = files.modules else { return Ok(()) };
    let known: &[&str] = match architecture {
        Architecture::Table(_) => &["StaticEmbedding", "Normalize"],
        Architecture::Encoder(_) => &["Transformer", "Pooling", "Normalize"],
    };
    let modules: Vec<Value> = parse(FILE, bytes)?;
    // Its folders are not followed, but those of the layout; one that leads elsewhere means another model than is read.
    if let Some(path) =
        modules.iter().filter_map(|module| module["path"].as_str()).find(|path| leads_out(path))
    {
        let reason = format!("a module lies in {path:?}, outside of the model's folder");
        return Err(ModelError::file(FILE, reason));
    }
    let mut kinds = modules.iter().filter_map(|module| module["type"].as_str()?.rsplit('.').next());
    match kinds.find(|kind| !known.contains(kind)) {
        None => Ok(()),
        Some(other) => {
            let reason = format!("the model has a module `{other}`; only {} are known", known.join(", "));
            Err(ModelError::file(FILE, reason))
        }
    }
}

/// Whether a path, on any system, is not one within a folder.
fn leads_out(path: &str) -> bool {
    path.starts_with('/') || path.contains([':', '\\', '\0']) || path.split('/').any(|part| part == "..")
}

fn encoder(config: &Value) -> Result<EncoderConfig, ModelError> {
    let mut encoder: EncoderConfig =
        serde_json::from_value(config.clone()).map_err(|error| ModelError::file("config.json", error))?;
    let positions = encoder.position_embedding_type.as_deref().unwrap_or("absolute");
    let forward = encoder.feed_forward_type.as_deref().unwrap_or("original");
    encoder.alibi = match (positions, forward) {
        ("absolute", "original") => false,
        ("alibi", "geglu") => true,
        _ => {
            let found = format!(
                "model_type `bert` with position_embedding_type `{positions}` and feed_forward_type `{forward}`"
            );
            return Err(ModelError::Unknown { found });
        }
    };
    let act = encoder.hidden_act.as_deref().unwrap_or("gelu");
    if act != "gelu" {
        let reason = format!("hidden_act is `{act}`; only `gelu` (with the error function) is known");
        return Err(ModelError::file("config.json", reason));
    }
    let EncoderConfig { hidden_size: width, num_attention_heads: heads, .. } = encoder;
    // Wider or deeper than any published encoder: sizes stay far from overflow.
    let sizes = [
        ("hidden_size", width, 1 << 14),
        ("intermediate_size", encoder.intermediate_size, 1 << 16),
        ("num_hidden_layers", encoder.num_hidden_layers, 1 << 8),
        ("num_attention_heads", heads, 1 << 8),
        ("vocab_size", encoder.vocab_size, 1 << 24),
        ("max_position_embeddings", encoder.max_position_embeddings, MOST_TOKENS as usize),
    ];
    for (name, value, most) in sizes {
        if !(1..=most).contains(&value) {
            return Err(ModelError::file(
                "config.json",
                format!("{name} is {value}; it must be from 1 to {most}"),
            ));
        }
    }
    if width % heads != 0 {
        let reason = format!("hidden_size {width} is no multiple of num_attention_heads {heads}");
        return Err(ModelError::file("config.json", reason));
    }
    Ok(encoder)
}

/// How an encoder pools: what was chosen, else what the folder says.
pub(crate) fn pooling(
    files: &Files<'_>,
    config: &EncoderConfig,
    options: &Options,
) -> Result<Pooling, ModelError> {
    if let Some(pooling) = options.pooling {
        return Ok(pooling);
    }
    let Some(bytes) = files.pooling else {
        // Its paper knows one pooling only.
        return if config.alibi { Ok(Pooling::Mean) } else { Err(ModelError::NoPooling) };
    };
    let said: Value = parse("1_Pooling/config.json", bytes)?;
    let modes = said.as_object().into_iter().flatten().filter_map(|(name, value)| match value {
        Value::Bool(true) => name.strip_prefix("pooling_mode_"),
        Value::String(mode) if name == "pooling_mode" => Some(mode),
        _ => None,
    });
    match modes.collect::<Vec<_>>()[..] {
        [] => Err(ModelError::NoPooling),
        ["cls_token" | "cls"] => Ok(Pooling::Cls),
        // Rows get unit norm, so dividing by the root of the length is the mean.
        ["mean_tokens" | "mean" | "mean_sqrt_len_tokens"] => Ok(Pooling::Mean),
        ref modes => {
            Err(ModelError::UnknownPooling { modes: modes.iter().map(|&mode| mode.to_owned()).collect() })
        }
    }
}

/// The longest sequence of an encoder, special tokens counted.
pub(crate) fn max_tokens(
    files: &Files<'_>,
    config: &EncoderConfig,
    options: &Options,
) -> Result<usize, ModelError> {
    let most = config.max_position_embeddings;
    if let Some(wanted) = options.max_tokens {
        if wanted > most {
            return Err(ModelError::TooManyTokens { max_tokens: wanted, most });
        }
        return Ok(wanted);
    }
    #[derive(Deserialize)]
    struct Sentence {
        max_seq_length: Option<usize>,
    }
    let said = match files.sentence {
        Some(bytes) => parse::<Sentence>(SENTENCE, bytes)?.max_seq_length,
        None => None,
    };
    if let Some(few @ ..3) = said {
        let reason = format!("max_seq_length is {few}; it must leave room for a token between special ones");
        return Err(ModelError::file(SENTENCE, reason));
    }
    Ok(said.unwrap_or(most).min(most).min(LONGEST))
}

fn parse<T: DeserializeOwned>(file: &'static str, bytes: &[u8]) -> Result<T, ModelError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ModelError::file(file, format!("not the JSON expected: {error}")))
}
