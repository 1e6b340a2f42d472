//! Times a model on the texts of a JSON lines file and prints one line of JSON: documents, tokens, seconds.
//!
//! `embed_bench MODEL TEXTS.jsonl [KERNEL]`; threads by RAYON_NUM_THREADS.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use clusterclip_core::embed::Embedder as _;
use clusterclip_core::monitor::CancelFlag;
use clusterclip_models::{Files, Kernel, Model, Options};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, texts, rest @ ..] = &arguments[..] else {
        return Err("usage: embed_bench MODEL TEXTS.jsonl [KERNEL]".into());
    };
    let folder = Path::new(folder);
    let read = |name: &str| fs::read(folder.join(name));
    let (config, tokenizer, weights) =
        (read("config.json")?, read("tokenizer.json")?, read("model.safetensors")?);
    let (pooling, sentence) = (read("1_Pooling/config.json").ok(), read("sentence_bert_config.json").ok());
    let files = Files {
        config: Some(&config),
        tokenizer: &tokenizer,
        weights: &weights,
        modules: None,
        pooling: pooling.as_deref(),
        sentence: sentence.as_deref(),
    };
    let cancel = CancelFlag::default();
    let mut model = Model::load(&files, &Options::default(), &cancel)?;
    let kernel = rest.first().map_or(Ok(Kernel::best()), |name| Kernel::named(name))?;
    model.set_kernel(kernel);

    let lines = fs::read_to_string(texts)?;
    let texts: Vec<String> = lines
        .lines()
        .map(|line| Ok(serde_json::from_str::<Value>(line)?["text"].as_str().ok_or("no text")?.to_owned()))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut rows = vec![0.0; texts.len() * model.n_features()];
    let begun = Instant::now();
    let found = model.embed(&texts, &mut rows, &cancel)?;
    let seconds = begun.elapsed().as_secs_f64();
    let most = model.max_tokens().unwrap_or(usize::MAX) as u64;
    let tokens: u64 = found.iter().map(|embedded| (embedded.tokens + 2).min(most)).sum();
    println!(
        "{}",
        json!({ "documents": texts.len(), "tokens": tokens, "seconds": seconds, "kernel": kernel.name() })
    );
    Ok(())
}
