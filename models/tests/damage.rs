//! What is wrong with a folder is told with the file and what to do.

mod common;

use clusterclip_core::error::{Explain as _, Kind, dashed, said};
use clusterclip_core::monitor::CancelFlag;
use clusterclip_models::{Dtype, ModelError, Options, Pooling};
use common::{Folder, folder, path};
use safetensors::{SafeTensors, serialize, tensor::TensorView};
use serde_json::{Value, json};

/// The small BERT, with something done to it.
fn with(change: impl FnOnce(&mut Folder)) -> Result<(), ModelError> {
    with_options(change, &Options::default())
}

fn with_options(change: impl FnOnce(&mut Folder), options: &Options) -> Result<(), ModelError> {
    let mut folder = Folder::read(&path("bert"));
    change(&mut folder);
    folder.load(options).map(drop)
}

fn config(change: impl FnOnce(&mut Value)) -> Result<(), ModelError> {
    with(|folder| {
        let mut config = serde_json::from_slice(folder.config.as_ref().unwrap()).unwrap();
        change(&mut config);
        folder.config = Some(config.to_string().into_bytes());
    })
}

/// The weights, with the bytes of one tensor changed, or the tensor left out or renamed.
fn tensors(folder: &mut Folder, name: &str, change: impl Fn(&mut Vec<u8>) -> Option<String>) {
    let tensors = SafeTensors::deserialize(&folder.weights).unwrap();
    let mut all: Vec<(String, safetensors::Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    for (own, view) in tensors.tensors() {
        let mut data = view.data().to_vec();
        let new = if own == name { change(&mut data) } else { Some(own) };
        all.extend(new.map(|new| (new, view.dtype(), view.shape().to_vec(), data)));
    }
    let views = all
        .iter()
        .map(|(name, dtype, shape, data)| (name, TensorView::new(*dtype, shape.clone(), data).unwrap()));
    folder.weights = serialize(views, None).unwrap();
}

/// Refused with these words, where parameters have the names of flags.
fn says(result: Result<(), ModelError>, words: &[&str]) {
    let text = said(&result.expect_err("it must be refused"), dashed).to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
}

#[test]
fn an_unknown_architecture_lists_the_known_ones() {
    let known = ["model2vec", "MiniLM", "JinaBERT v2"];
    says(config(|c| c["model_type"] = json!("roberta")), &[&["roberta"][..], &known].concat());
    says(config(|c| c["model_type"] = Value::Null), &[&["no model_type"][..], &known].concat());
    says(config(|c| c["position_embedding_type"] = json!("relative_key")), &["relative_key", "JinaBERT"]);
    says(config(|c| c["hidden_act"] = json!("relu")), &["config.json", "relu"]);
    says(config(|c| c["hidden_size"] = json!(21)), &["config.json", "21"]);
    says(config(|c| c["num_hidden_layers"] = json!(0)), &["num_hidden_layers is 0"]);
    says(config(|c| c["hidden_size"] = json!("wide")), &["config.json"]);
    says(with(|folder| folder.config = Some(b"{".to_vec())), &["config.json: not the JSON expected"]);
}

#[test]
fn damaged_weights_are_told_with_their_tensor() {
    says(with(|folder| folder.weights.truncate(20_000)), &["model.safetensors", "no whole safetensors file"]);
    says(with(|folder| folder.weights.clear()), &["model.safetensors", "no whole safetensors file"]);
    let name = "encoder.layer.1.output.dense.weight";
    says(with(|folder| tensors(folder, name, |_| None)), &[name, "no such tensor"]);
    let nan = |data: &mut Vec<u8>| {
        data[8..12].copy_from_slice(&f32::NAN.to_le_bytes());
        Some(name.to_owned())
    };
    says(with(|folder| tensors(folder, name, nan)), &[name, "value 2 is NaN"]);
    says(config(|c| c["intermediate_size"] = json!(49)), &["intermediate.dense", "[50]", "[49]"]);
    says(config(|c| c["num_hidden_layers"] = json!(1)), &["encoder.layer.1.", "variant"]);
}

/// The -code models of Jina have norms of queries and keys: another model, never loaded as this one.
#[test]
fn a_variant_with_more_steps_is_refused() {
    let more = |folder: &mut Folder| {
        tensors(folder, "pooler.dense.bias", |_| {
            Some("encoder.layer.0.attention.self.layer_norm_q.weight".to_owned())
        });
    };
    says(with(more), &["layer_norm_q", "variant"]);
}

#[test]
fn a_tokenizer_that_is_missing_damaged_or_another_models_is_told() {
    says(with(|folder| folder.tokenizer.clear()), &["tokenizer.json"]);
    says(with(|folder| folder.tokenizer.truncate(900)), &["tokenizer.json", "not a tokenizer"]);
    let larger = |folder: &mut Folder| {
        let text = String::from_utf8(folder.tokenizer.clone()).unwrap();
        folder.tokenizer = text.replace("\"##9\": 76", "\"##9\": 7600").into_bytes();
    };
    says(with(larger), &["tokenizer.json", "7600", "do not belong together"]);
}

#[test]
fn a_model_that_does_not_say_how_it_pools_needs_an_option() {
    says(with(|folder| folder.pooling = None), &["--pooling mean"]);
    let mean = Options { pooling: Some(Pooling::Mean), ..Options::default() };
    assert_eq!(with_options(|folder| folder.pooling = None, &mean), Ok(()));
    let max = br#"{"pooling_mode_max_tokens": true, "pooling_mode_mean_tokens": true}"#;
    says(with(|folder| folder.pooling = Some(max.to_vec())), &["1_Pooling", "max_tokens", "--pooling"]);
    let dense = br#"[{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Dense"}]"#;
    says(with(|folder| folder.modules = Some(dense.to_vec())), &["modules.json", "Dense"]);
    for path in ["../..", "/etc", "1_Pooling/../../x", "..\\x", "C:x", "..", "a/.."] {
        let modules = json!([{"type": "sentence_transformers.models.Transformer", "path": path}]).to_string();
        says(
            with(|folder| folder.modules = Some(modules.into_bytes())),
            &["modules.json", "outside of the model's folder"],
        );
    }
    // The paper of JinaBERT names one pooling.
    let mut jina = Folder::read(&path("jina-12"));
    jina.pooling = None;
    assert_eq!(jina.load(&Options::default()).unwrap().pooling(), Pooling::Mean);
    let cls = Options { pooling: Some(Pooling::Cls), ..Options::default() };
    says(folder("model2vec", &cls).map(drop), &["--pooling cls", "static table"]);
}

#[test]
fn whose_fault_it_is_can_be_asked_and_names_are_the_callers() {
    let most = Options { max_tokens: Some(65), ..Options::default() };
    let error = with_options(|_| (), &most).unwrap_err();
    assert_eq!(error, ModelError::TooManyTokens { max_tokens: 65, most: 64 });
    assert_eq!(error.kind(), Kind::Input);
    assert!(error.to_string().starts_with("max_tokens 65: "), "{error}");
    let error = "max".parse::<Pooling>().unwrap_err();
    assert_eq!(error.known, ["mean", "cls"]);
    assert_eq!(
        (error.kind(), error.to_string()),
        (Kind::Usage, "pooling max: unknown; use mean or cls".into())
    );
    assert_eq!("f16".parse::<Dtype>().unwrap_err().to_string(), "dtype f16: unknown; use f32 or int8");
}

/// Each would give rows of another model.
#[test]
fn a_step_after_a_static_table_is_refused() {
    let mut table = Folder::read(&path("model2vec"));
    let modules = |kind: &str| {
        let types = ["StaticEmbedding", kind]
            .map(|kind| json!({ "type": format!("sentence_transformers.models.{kind}") }));
        Some(json!(types).to_string().into_bytes())
    };
    table.modules = modules("Dense");
    says(table.load(&Options::default()).map(drop), &["modules.json", "Dense", "StaticEmbedding"]);
    table.modules = modules("Normalize");
    assert!(table.load(&Options::default()).is_ok());
    let int8 = Options { dtype: Dtype::Int8, ..Options::default() };
    says(table.load(&int8).map(drop), &["--dtype int8", "static table"]);
}

#[test]
fn limits_in_files_that_make_no_sense_are_told_with_the_file() {
    let mut jina = Folder::read(&path("jina-12"));
    jina.sentence = Some(br#"{"max_seq_length": 2}"#.to_vec());
    says(jina.load(&Options::default()).map(drop), &["sentence_bert_config.json", "max_seq_length is 2"]);
    let mut table = Folder::read(&path("model2vec"));
    for limit in [json!(0), json!(1u64 << 32), json!("long"), json!(-1)] {
        let mut config: Value = serde_json::from_slice(table.config.as_ref().unwrap()).unwrap();
        config["max_length"] = limit.clone();
        table.config = Some(config.to_string().into_bytes());
        says(table.load(&Options::default()).map(drop), &["config.json", "max_length", &limit.to_string()]);
    }
}

/// TensorFlow's names for the two vectors of a norm, as in the first checkpoints of BERT.
#[test]
fn norms_may_have_their_first_names() {
    let names = |folder: &mut Folder| {
        let tensors = SafeTensors::deserialize(&folder.weights).unwrap();
        let renamed = tensors.tensors().into_iter().map(|(name, view)| {
            let name = name
                .replace("LayerNorm.weight", "LayerNorm.gamma")
                .replace("LayerNorm.bias", "LayerNorm.beta");
            (name, view)
        });
        folder.weights = serialize(renamed.collect::<Vec<_>>(), None).unwrap();
    };
    let row = |change: &dyn Fn(&mut Folder)| {
        let mut folder = Folder::read(&path("bert"));
        change(&mut folder);
        let mut row = vec![0.0; 20];
        let model = folder.load(&Options::default()).unwrap();
        model.embed(&["some words"], &mut row, &CancelFlag::default()).unwrap();
        row
    };
    assert_eq!(row(&names), row(&|_| ()));
}

#[test]
fn static_tables_are_told_from_transformers_before_weights_are_read() {
    for (name, table) in [("model2vec", true), ("bert", false), ("jina-8", false)] {
        assert_eq!(Folder::read(&path(name)).is_table(), Ok(table), "{name}");
    }
}

#[test]
fn a_longest_sequence_beyond_the_model_or_without_room_for_text_is_refused() {
    let most = |max_tokens| Options { max_tokens: Some(max_tokens), ..Options::default() };
    says(with_options(|_| (), &most(65)), &["--max-tokens 65", "at most 64"]);
    says(with_options(|_| (), &most(2)), &["--max-tokens 2", "at least 3"]);
    assert_eq!(with_options(|_| (), &most(3)), Ok(()));
    let model = |name: &str| folder(name, &Options::default()).unwrap().max_tokens();
    // Of sentence_bert_config.json; of config.json; the authors' limit where that is more.
    assert_eq!((model("jina-12"), model("bert")), (Some(512), Some(64)));
    let mut jina = Folder::read(&path("jina-12"));
    jina.sentence = None;
    assert_eq!(jina.load(&Options::default()).unwrap().max_tokens(), Some(4096));
}

#[test]
fn a_long_text_is_truncated_counted_whole_and_can_be_stopped() {
    let model = folder("bert", &Options::default()).unwrap();
    let text = "a word and another one ".repeat(200_000);
    let mut row = vec![0.0; 20];
    let cancel = CancelFlag::default();
    let found = model.embed(&[&text], &mut row, &cancel).unwrap();
    assert!(found[0].truncated && found[0].tokens == 18 * 200_000, "{found:?}");
    cancel.cancel();
    assert!(model.embed(&[&text], &mut row, &cancel).is_err());
}

#[test]
fn a_prefix_changes_the_row_and_not_the_count() {
    let row = |prefix: &str, text: &str| {
        let options = Options { prefix: prefix.to_owned(), ..Options::default() };
        let model = folder("bert", &options).unwrap();
        let mut row = vec![0.0; 20];
        let found = model.embed(&[text], &mut row, &CancelFlag::default()).unwrap();
        (row, found[0].tokens)
    };
    let (plain, prefixed) = (row("", "some words"), row("query: ", "some words"));
    assert_ne!(plain.0, prefixed.0);
    assert_eq!((plain.1, prefixed.1), (9, 9));
    assert_eq!(row("", "query: some words").0, prefixed.0);
}
