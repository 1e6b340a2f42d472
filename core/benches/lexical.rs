//! Speed of the lexical embedder in bytes of text a second, on all cores:
//! `cargo bench -p clusterclip-core --bench lexical`. It reads up to 200 MB of text files under the folder
//! `CLUSTERCLIP_TEXTS`, else the sources that cargo has fetched, which every machine that builds this has.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use clusterclip_core::embed::lexical::{FitSample, Lexical, Params};
use clusterclip_core::monitor::{CancelFlag, Monitor};
use divan::counter::BytesCount;

fn main() {
    let bytes: usize = TEXTS.iter().map(String::len).sum();
    let features = sample(&texts()).features_per_document();
    println!("{} documents, {} MB, {features:.0} features a document", TEXTS.len(), bytes / 1_000_000);
    divan::main();
}

static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let home = |name, rest: &str| std::env::var_os(name).map(|folder| PathBuf::from(folder).join(rest));
    let folder = home("CLUSTERCLIP_TEXTS", "")
        .or_else(|| home("CARGO_HOME", "registry/src"))
        .or_else(|| home("HOME", ".cargo/registry/src"))
        .unwrap_or_default();
    let mut texts = Vec::new();
    gather(&folder, &mut texts, &mut 200_000_000);
    assert!(!texts.is_empty(), "no text files in {}: set CLUSTERCLIP_TEXTS to a folder", folder.display());
    texts
});

fn texts() -> Vec<&'static str> {
    TEXTS.iter().map(String::as_str).collect()
}

fn gather(folder: &Path, texts: &mut Vec<String>, left: &mut usize) {
    let mut entries: Vec<_> = folder.read_dir().into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            gather(&path, texts, left);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            if text.len() > *left {
                return;
            }
            *left -= text.len();
            texts.push(text);
        }
    }
}

fn sample(texts: &[&str]) -> FitSample {
    let mut sample = FitSample::new(Params::default()).expect("the defaults are valid");
    sample.offer_batch(0, texts);
    sample
}

fn fit(texts: &[&str]) -> Lexical {
    sample(texts).fit(&Monitor::silent()).expect("nobody cancels")
}

fn transform(model: &Lexical, texts: &[&str]) -> Vec<f32> {
    let mut rows = vec![0.0; texts.len() * model.n_features()];
    let cancel = CancelFlag::default();
    model.transform(texts, &mut rows, &cancel).expect("nobody cancels");
    rows
}

fn bytes(texts: &[&str]) -> BytesCount {
    BytesCount::new(texts.iter().map(|text| text.len()).sum::<usize>())
}

/// Sample, fit and transform: what embedding an input costs besides reading it.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn whole(bencher: divan::Bencher<'_, '_>) {
    let texts = texts();
    bencher.counter(bytes(&texts)).bench(|| transform(&fit(&texts), &texts));
}

/// Rows of texts from a fitted model.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn transform_alone(bencher: divan::Bencher<'_, '_>) {
    let texts = texts();
    let model = fit(&texts);
    bencher.counter(bytes(&texts)).bench(|| transform(&model, &texts));
}
