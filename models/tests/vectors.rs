//! Rows of an independent implementation, scripts/models_reference.py, and of the peers' own packages.

mod common;

use clusterclip_core::monitor::CancelFlag;
use clusterclip_models::{Embedded, Kernel, Model, Options};
use common::{Expected, fetched, folder, texts, vectors};

/// The sample that the small models were given.
fn sample() -> Vec<String> {
    let texts = texts();
    [&texts[..60], &texts[187..191]].concat()
}

fn embed(model: &Model, texts: &[String], width: usize) -> (Vec<Vec<f32>>, Vec<Embedded>) {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut rows = vec![0.0; texts.len() * width];
    let found = model.embed(&texts, &mut rows, &CancelFlag::default()).unwrap();
    (rows.chunks_exact(width).map(<[f32]>::to_vec).collect(), found)
}

/// Holds every row and, where they are listed, every count of tokens.
fn hold(name: &str, model: &Model, texts: &[String], expected: &Expected, least: f64, most: f64) {
    let (rows, found) = embed(model, texts, expected.width);
    assert_eq!(rows.len(), expected.rows.len(), "{name}");
    for (i, (row, want)) in rows.iter().zip(&expected.rows).enumerate() {
        let product: f64 = row.iter().zip(want).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        let norm: f64 = want.iter().map(|&b| f64::from(b) * f64::from(b)).sum::<f64>().sqrt();
        let furthest = row.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        if norm == 0.0 {
            assert!(found[i].featureless && row.iter().all(|&x| x == 0.0), "{name}: text {i} has no row");
            continue;
        }
        let cosine = product / norm;
        assert!(
            cosine >= least,
            "{name}: text {i} has the cosine {cosine}, at least {least} is wanted: {:?}",
            texts[i]
        );
        assert!(
            f64::from(furthest) <= most,
            "{name}: text {i} is off by {furthest}, at most {most} is allowed"
        );
        if let Some(tokens) = &expected.tokens {
            assert_eq!(found[i].tokens as i64, tokens[i], "{name}: tokens of text {i}: {:?}", texts[i]);
        }
    }
}

#[test]
fn minilm_gives_the_rows_of_the_reference() {
    let model = fetched("minilm");
    // The reference is kept in half precision: a component is off by up to 2^-12 of itself.
    hold("minilm", &model, &texts(), &vectors("minilm.safetensors"), 0.999_999, 1e-4);
}

#[test]
fn wordllama_gives_the_rows_of_its_own_package() {
    let texts = texts();
    let chosen = [&texts[4..44], &texts[188..193]].concat();
    hold("wordllama", &fetched("wordllama"), &chosen, &vectors("wordllama.safetensors"), 0.999_999_9, 1e-6);
}

#[test]
fn jina_bert_gives_the_rows_of_the_reference_with_twelve_heads_and_with_eight() {
    for name in ["jina-12", "jina-8"] {
        let model = folder(name, &Options::default()).unwrap();
        hold(name, &model, &sample(), &vectors(&format!("{name}/expected.safetensors")), 0.999_999_9, 1e-5);
    }
}

#[test]
fn bert_with_cls_pooling_gives_the_rows_of_the_reference() {
    let model = folder("bert", &Options::default()).unwrap();
    hold("bert", &model, &sample(), &vectors("bert/expected.safetensors"), 0.999_999_9, 1e-5);
}

#[test]
fn model2vec_with_weights_and_a_mapping_gives_the_rows_of_its_own_package() {
    let model = folder("model2vec", &Options::default()).unwrap();
    hold("model2vec", &model, &sample(), &vectors("model2vec/expected.safetensors"), 0.999_999_9, 1e-6);
}

/// The control: rows of other texts are far from the reference.
#[test]
#[should_panic(expected = "has the cosine")]
fn other_texts_are_told_apart() {
    let mut texts = sample();
    texts.reverse();
    let model = folder("jina-12", &Options::default()).unwrap();
    hold("jina-12", &model, &texts, &vectors("jina-12/expected.safetensors"), 0.999_999_9, 1e-5);
}

#[test]
fn a_row_depends_on_its_text_alone_whatever_the_batch_the_threads_and_the_kernel() {
    let texts = sample();
    for name in ["jina-12", "bert", "model2vec"] {
        let width = vectors(&format!("{name}/expected.safetensors")).width;
        let whole = embed(&folder(name, &Options::default()).unwrap(), &texts, width);
        let bits = |rows: &[Vec<f32>]| -> Vec<u32> { rows.iter().flatten().map(|x| x.to_bits()).collect() };
        for batch_tokens in [1, 37, 100_000] {
            let model = folder(name, &Options { batch_tokens, ..Options::default() }).unwrap();
            assert_eq!(
                bits(&embed(&model, &texts, width).0),
                bits(&whole.0),
                "{name}, {batch_tokens} tokens"
            );
        }
        let mut model = folder(name, &Options::default()).unwrap();
        for kernel in Kernel::all() {
            model.set_kernel(kernel);
            assert_eq!(bits(&embed(&model, &texts, width).0), bits(&whole.0), "{name}, {}", kernel.name());
        }
        for (i, text) in texts.iter().enumerate() {
            let (alone, found) = embed(&model, std::slice::from_ref(text), width);
            assert_eq!(bits(&alone), bits(&whole.0[i..=i]), "{name}, text {i} alone");
            assert_eq!(found[0], whole.1[i]);
        }
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let rows = pool.install(|| embed(&model, &texts, width).0);
            assert_eq!(bits(&rows), bits(&whole.0), "{name}, {threads} threads");
        }
    }
}
