//! Speed of the lexical embedder in bytes of text a second, on all cores:
//! `cargo bench -p clusterclip-core --bench lexical`. `CLUSTERCLIP_TEXTS` names a folder to read texts from
//! instead of the made-up ones.

use std::path::Path;

use clusterclip_core::embed::Embedder;
use clusterclip_core::embed::lexical::{FitSample, Lexical, Params};
use clusterclip_core::keys;
use clusterclip_core::monitor::Monitor;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// Up to 64 MB of files of a folder, or documents of words whose frequencies follow Zipf's law: word w of
/// 50 000 about as often as 1 / w, in topics of their own, from 20 to 2000 words long.
fn texts() -> Vec<String> {
    let Some(folder) = std::env::var_os("CLUSTERCLIP_TEXTS") else {
        return (0..2000).map(made_up).collect();
    };
    let mut texts = Vec::new();
    gather(Path::new(&folder), &mut texts, &mut 64_000_000);
    assert!(!texts.is_empty(), "no text in {}", folder.display());
    texts
}

fn made_up(document: u64) -> String {
    let len = 20 + keys::scale(keys::hash(&[document, 0]), 2000);
    let word = |i| {
        let bits = keys::hash(&[document, 1, i]);
        // 2^(16 · uniform) has the density 1 / w: eight steps between powers are near enough.
        let exponent = keys::scale(bits, 16 * 8);
        let rank = ((8 + exponent % 8) << (exponent / 8)) / 8 + (bits & 7);
        let topic = if bits & 64 == 0 { document % 40 } else { 0 };
        let name = keys::hash(&[rank, topic]);
        let letters = (0..3 + name % 8).map(|l| char::from(b'a' + (name >> (4 * l) & 15) as u8));
        letters.collect::<String>() + if bits & 0xF00 == 0 { "_" } else { " " }
    };
    (0..len).map(word).collect()
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

fn fit(texts: &[&str]) -> Lexical {
    let mut sample = FitSample::new(Params::default()).expect("the defaults are valid");
    sample.offer_batch(0, texts);
    sample.fit(&Monitor::silent()).expect("nobody cancels")
}

fn transform(model: &Lexical, texts: &[&str]) -> Vec<f32> {
    let mut rows = vec![0.0; texts.len() * model.n_features()];
    model.transform(texts, &mut rows);
    rows
}

/// Times `work` over all texts.
fn measure<T>(
    bencher: divan::Bencher<'_, '_>,
    prepare: impl Fn(&[&str]) -> T,
    work: impl Fn(&T, &[&str]) + Sync,
) where
    T: Sync,
{
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let prepared = prepare(&texts);
    bencher.counter(BytesCount::new(bytes)).bench(|| work(&prepared, &texts));
}

/// Sample, fit and transform: what embedding an input costs besides reading it.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn whole(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, |_| (), |(), texts| drop(divan::black_box(transform(&fit(texts), texts))));
}

/// Rows of texts from a fitted model.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn transform_alone(bencher: divan::Bencher<'_, '_>) {
    measure(bencher, fit, |model, texts| drop(divan::black_box(transform(model, texts))));
}
