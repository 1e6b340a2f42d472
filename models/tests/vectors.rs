//! Rows of an independent implementation, scripts/models_reference.py, and of the peers' own packages.

mod common;

use clusterclip_core::monitor::CancelFlag;
use clusterclip_models::{Dtype, Embedded, Kernel, Model, Options};
use common::{Expected, Folder, fetched, folder, path, texts, vectors};
use serde_json::Value;

/// What texts without a token are made of in the sample.
const BLANKS: [char; 5] = [' ', '\t', '\n', '\u{3000}', '\u{a0}'];

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
        // A blank text has no features, whatever a model makes of its special tokens.
        if norm == 0.0 || texts[i].trim_matches(BLANKS).is_empty() {
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
    let model = fetched("minilm", &Options::default());
    // The reference is kept in half precision: a component is off by up to 2^-12 of itself.
    hold("minilm", &model, &texts(), &vectors("minilm.safetensors"), 0.999_999, 1e-4);
}

#[test]
fn wordllama_gives_the_rows_of_its_own_package() {
    let texts = texts();
    let chosen = [&texts[4..44], &texts[188..193]].concat();
    hold(
        "wordllama",
        &fetched("wordllama", &Options::default()),
        &chosen,
        &vectors("wordllama.safetensors"),
        0.999_999_9,
        1e-6,
    );
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

/// Bytes stand for weights and states: close to the reference, and not it.
#[test]
fn minilm_in_int8_comes_close_to_the_reference() {
    let model = fetched("minilm", &Options { dtype: Dtype::Int8, ..Options::default() });
    hold("minilm", &model, &texts(), &vectors("minilm.safetensors"), 0.99, 0.03);
}

#[test]
fn int8_comes_close_to_the_reference() {
    let int8 = Options { dtype: Dtype::Int8, ..Options::default() };
    for name in ["jina-12", "jina-8", "bert"] {
        let model = folder(name, &int8).unwrap();
        let rows = |model| bits(&embed(model, &sample(), width(name)).0);
        assert_ne!(rows(&model), rows(&folder(name, &Options::default()).unwrap()), "{name}");
        hold(name, &model, &sample(), &vectors(&format!("{name}/expected.safetensors")), 0.99, 0.1);
    }
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

/// Models of every kind, and how they compute.
const KINDS: [(&str, Dtype); 5] = [
    ("jina-12", Dtype::F32),
    ("jina-12", Dtype::Int8),
    ("bert", Dtype::F32),
    ("bert", Dtype::Int8),
    ("model2vec", Dtype::F32),
];

fn width(name: &str) -> usize {
    vectors(&format!("{name}/expected.safetensors")).width
}

fn bits(rows: &[Vec<f32>]) -> Vec<u32> {
    rows.iter().flatten().map(|x| x.to_bits()).collect()
}

#[test]
fn a_row_depends_on_its_text_alone_whatever_the_batch_and_the_threads() {
    let texts = sample();
    for (name, dtype) in KINDS {
        let width = width(name);
        let options = Options { dtype, ..Options::default() };
        let model = folder(name, &options).unwrap();
        let whole = embed(&model, &texts, width);
        for batch_tokens in [1, 37, 100_000] {
            let model = folder(name, &Options { batch_tokens, ..options.clone() }).unwrap();
            let rows = embed(&model, &texts, width).0;
            assert_eq!(bits(&rows), bits(&whole.0), "{name} {dtype}, {batch_tokens} tokens");
        }
        for (i, text) in texts.iter().enumerate() {
            let (alone, found) = embed(&model, std::slice::from_ref(text), width);
            assert_eq!(bits(&alone), bits(&whole.0[i..=i]), "{name} {dtype}, text {i} alone");
            assert_eq!(found[0], whole.1[i]);
        }
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let rows = pool.install(|| embed(&model, &texts, width).0);
            assert_eq!(bits(&rows), bits(&whole.0), "{name} {dtype}, {threads} threads");
        }
    }
}

/// Products, norms, softmax and all else: in the instructions of each kernel, the plain ones among them.
#[test]
fn every_kernel_gives_the_same_bytes() {
    // The plain kernel takes its time.
    let texts: Vec<String> = sample().into_iter().step_by(5).collect();
    for (name, dtype) in KINDS {
        let mut model = folder(name, &Options { dtype, ..Options::default() }).unwrap();
        let whole = embed(&model, &texts, width(name)).0;
        for kernel in Kernel::all() {
            model.set_kernel(kernel).unwrap();
            let rows = embed(&model, &texts, width(name)).0;
            assert_eq!(bits(&rows), bits(&whole), "{name} {dtype}, {}", kernel.name());
        }
    }
}

/// With no special tokens around it, a text of blanks is a sequence of nothing.
#[test]
fn a_text_without_any_token_has_a_row_of_zeros_and_disturbs_no_other() {
    let mut bert = Folder::read(&path("bert"));
    let mut tokenizer: Value = serde_json::from_slice(&bert.tokenizer).unwrap();
    tokenizer["post_processor"] = Value::Null;
    bert.tokenizer = tokenizer.to_string().into_bytes();
    for dtype in [Dtype::F32, Dtype::Int8] {
        let model = bert.load(&Options { dtype, ..Options::default() }).unwrap();
        let texts = ["some words", " ", "more of them", ""].map(str::to_owned);
        let (rows, found) = embed(&model, &texts, width("bert"));
        for i in [1, 3] {
            assert!(found[i].featureless && rows[i].iter().all(|&x| x == 0.0), "text {i}");
        }
        for i in [0, 2] {
            assert_eq!(rows[i], embed(&model, &texts[i..=i], width("bert")).0[0], "text {i}");
        }
    }
}
