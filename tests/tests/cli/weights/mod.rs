//! Which share of the draws each cluster gets: rules, defaults by what made the rows, lists and what is wrong with them.

mod folders;
mod formats;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clusterclip_core::keys::{hash, scale};
use clusterclip_core::sampler::{Budget, Epochs, Options, SIZE_TEMPERATURE, Strategy, Temperature, Weights};
use clusterclip_tests::program::Ended;
use clusterclip_tests::{npy, results};
use serde_json::Value;
use tempfile::TempDir;

use crate::refused::table;
use crate::transcripts::order;
use crate::{clusterclip, folder, with_corpus};

const LABELS: &[u8] = b"cluster,n\nsea,1\nair,2\nair,2\nair,2\n7,9\n7,9\n-1,4\n";

table! {
    a_list_that_is_missing: [("l.csv", LABELS)], "sample l.csv --out out --weights w.csv", 1, ["--weights: w.csv cannot be read"];
    a_rule_that_is_unknown: [("l.csv", LABELS)], "sample l.csv --out out --weights densty", 2, ["--weights", "`density`", "weights.csv"];
    a_list_without_a_cluster: [("l.csv", LABELS), ("w.csv", b"cluster,weight\nsea,1\n7,2\n")], "sample l.csv --out out --weights w.csv", 1,
        ["--weights: w.csv: the cluster \"air\", which has 3 documents, has no weight", "0 leaves it out"];
    a_list_of_another_cluster: [("l.csv", LABELS), ("w.csv", b"cluster,weight\nsea,1\nsky,2\n")], "sample l.csv --out out --weights w.csv", 1,
        ["w.csv:3: \"sky\" is none of the 3 clusters of the labels"];
    noise_is_no_cluster: [("l.csv", LABELS), ("w.csv", b"cluster,weight\n-1,1\n")], "sample l.csv --out out --weights w.csv", 1,
        ["w.csv:2: \"-1\" is none of the 3 clusters"];
    a_list_with_a_cluster_twice: [("l.csv", LABELS), ("w.jsonl", b"{\"cluster\": 7, \"weight\": 1}\n{\"cluster\": \"7\", \"weight\": 1}\n")],
        "sample l.csv --out out --weights w.jsonl", 1, ["w.jsonl:2: the cluster \"7\" once more, after line 1"];
    a_weight_under_zero: [("l.csv", LABELS), ("w.csv", b"weight,cluster\n1,sea\n-0.5,air\n")], "sample l.csv --out out --weights w.csv", 1,
        ["w.csv:3: the weight -0.5; a weight is a finite number, at least 0"];
    a_weight_that_is_none: [("l.csv", LABELS), ("w.csv", b"cluster,weight\nsea,nan\n")], "sample l.csv --out out --weights w.csv", 1,
        ["w.csv:2: the weight NaN"];
    a_weight_without_end: [("l.csv", LABELS), ("w.jsonl", b"{\"cluster\": \"sea\", \"weight\": 1e999}\n")], "sample l.csv --out out --weights w.jsonl", 1,
        ["w.jsonl:1: the weight inf"];
    a_weight_that_is_missing: [("l.csv", LABELS), ("w.csv", b"cluster,weight\nsea,\n")], "sample l.csv --out out --weights w.csv", 1,
        ["w.csv:2: the weight \"\""];
    a_row_without_a_cluster: [("l.csv", LABELS), ("w.csv", b"cluster,weight\n,1\n")], "sample l.csv --out out --weights w.csv", 1,
        ["w.csv:2: \"\" in the column `cluster` names no cluster"];
    weights_that_are_all_zero: [("l.csv", LABELS), ("w.csv", b"cluster,weight\nsea,0\nair,0\n7,0\n")], "sample l.csv --out out --weights w.csv", 1,
        ["--weights: every cluster that has documents has weight 0", "all 6"];
    a_clip_of_nothing: [("l.csv", LABELS), ("w.csv", b"cluster,weight,clip\nsea,1,0\n")], "sample l.csv --out out --weights w.csv", 1,
        ["w.csv:2: the clip 0; a clip is a whole number from 1 to 65536"];
    clips_with_a_strategy_that_has_none: [("l.csv", LABELS), ("w.csv", b"cluster,weight,clip\nsea,1,2\n")],
        "sample l.csv --out out --weights w.csv --strategy uniform", 2, ["--weights: clips by cluster do not go with --strategy uniform"];
    a_list_without_weights: [("l.csv", LABELS), ("w.csv", b"cluster,share\nsea,1\n")], "sample l.csv --out out --weights w.csv", 1,
        ["w.csv: no column `weight`; there are `cluster`, `share`"];
    a_list_of_lists: [("l.csv", LABELS), ("w.jsonl", b"{\"cluster\": \"sea\", \"weight\": [1]}\n")], "sample l.csv --out out --weights w.jsonl", 1,
        ["w.jsonl:1: the column `weight` holds lists; numbers are wanted"];
    a_list_of_nothing: [("l.csv", LABELS), ("w.csv", b"cluster,weight\n")], "sample l.csv --out out --weights w.csv", 1, ["w.csv holds no weights"];
    a_list_in_an_array: [("l.csv", LABELS), ("w.npy", &npy::i32_bytes(&[1, 2, 3]))], "sample l.csv --out out --weights w.npy", 1,
        ["w.npy: weights are read from .parquet, .csv, .tsv and .jsonl files"];
    density_of_labels_alone: [("l.csv", LABELS)], "sample l.csv --out out --weights density", 2,
        ["--weights density: compares the centroids", "l.csv has none", "--weights equal, size or a file"];
    groups_of_labels_alone: [("l.csv", LABELS)], "sample l.csv --out out --weights groups", 2, ["--weights groups: compares the centroids"];
    weights_with_random: [("l.csv", LABELS)], "sample l.csv --out out --weights equal --strategy random", 2,
        ["--weights equal: does not go with --strategy random"];
    even_tokens_with_random: [("l.csv", LABELS)], "sample l.csv --out out --even-in tokens --strategy random", 2,
        ["--even-in tokens: does not go with --strategy random"];
    a_temperature_of_equal_weights: [("l.csv", LABELS)], "sample l.csv --out out --weights equal --temperature 2", 2,
        ["--temperature 2: is for --weights size and density only"];
    a_temperature_of_nothing: [("l.csv", LABELS)], "sample l.csv --out out --weights size --temperature 0", 2, ["--temperature", "over 0"];
    groups_of_other_weights: [("l.csv", LABELS)], "sample l.csv --out out --groups 2", 2, ["--groups 2: is for --weights groups only"];
    even_tokens_without_counts: [("l.csv", LABELS)], "sample l.csv --out out --even-in tokens", 1,
        ["--even-in needs token counts", "no column `tokens`", "--token-field"];
    a_run_even_in_tokens_that_nobody_counts: [("a.jsonl", b"{\"text\": \"a\"}\n")], "run a.jsonl --out out --even-in tokens", 2,
        ["--even-in tokens: the documents need token counts", "--token-field"];
    more_groups_than_clusters: [("a.jsonl", b"{\"text\": \"a\"}\n")], "run a.jsonl --out out --clusters 1 --weights groups --groups 2", 2,
        ["--groups 2: must be from 1 to 1"];
}

/// The labels of [`LABELS`]: names are ranked by bytes, 7 first.
const RANKED: [i32; 7] = [2, 1, 1, 1, 0, 0, -1];

fn drawn(dir: &Path, out: &str) -> Vec<u64> {
    npy::read(&dir.join(out).join("order.npy")).u64()
}

fn options(weights: &[f64]) -> Options {
    Options { weights: Weights::new(weights).expect("weights"), ..Options::default() }
}

#[test]
fn a_list_in_every_format_gives_the_order_of_its_weights() {
    let csv = b"cluster,weight\nair,1\nsea,0.25\n7,2\n";
    let packed = zstd_of(b"{\"weight\": 2, \"cluster\": 7}\n{\"cluster\": \"sea\", \"weight\": 0.25}\n\n{\"cluster\": \"air\", \"weight\": 1}\n");
    let folder = folder(&[
        ("l.csv", LABELS),
        ("w.csv", csv),
        ("w.tsv", b"cluster\tweight\n7.0\t2\nsea\t.25\nair\t1e0\n"),
        ("w.jsonl.zst", &packed),
    ]);
    let expected = order(&RANKED, options(&[2.0, 1.0, 0.25]));
    for name in ["w.csv", "w.tsv", "w.jsonl.zst"] {
        clusterclip(folder.path(), &format!("sample l.csv --weights {name} --out {name}.out")).assert_done();
        assert_eq!(drawn(folder.path(), &format!("{name}.out")), expected, "{name}");
    }
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    clusterclip_tests::corpus::zstandard(bytes)
}

#[test]
fn a_weight_of_zero_leaves_a_cluster_out_and_is_told_apart_from_noise() {
    let folder = folder(&[("l.csv", LABELS), ("w.csv", b"cluster,weight\nair,0\nsea,1\n7,1\n")]);
    let words = "sample l.csv --weights w.csv --out out --documents 9";
    let ended = clusterclip(folder.path(), words).assert_done();
    assert!(ended.stdout.contains("1 of noise: never drawn"), "{ended}");
    assert!(ended.stdout.contains("from w.csv; 1 cluster of 3 documents left out by weight 0"), "{ended}");
    let drawn = drawn(folder.path(), "out");
    assert!(drawn.iter().all(|row| [0, 4, 5].contains(row)), "{drawn:?}");
}

#[test]
fn own_clips_are_kept() {
    let folder = folder(&[("l.csv", LABELS), ("w.csv", b"cluster,weight,clip\nair,1,1\nsea,1,7\n7,1,\n")]);
    let words = "sample l.csv --weights w.csv --clip 2 --documents 14 --out out";
    clusterclip(folder.path(), words).assert_done();
    let mut times: BTreeMap<u64, u64> = BTreeMap::new();
    drawn(folder.path(), "out").into_iter().for_each(|row| *times.entry(row).or_default() += 1);
    assert_eq!(times.into_values().collect::<Vec<_>>(), [7, 1, 1, 1, 2, 2]);
}

#[test]
fn sizes_soften_and_tokens_share() {
    let folder = folder(&[("l.csv", LABELS)]);
    let dir = folder.path();
    let sizes = [2, 3, 1];
    let by_size =
        |temperature| Options { weights: Weights::by_size(&sizes, temperature), ..Options::default() };
    clusterclip(dir, "sample l.csv --weights size --out size").assert_done();
    assert_eq!(drawn(dir, "size"), order(&RANKED, by_size(SIZE_TEMPERATURE)));
    clusterclip(dir, "sample l.csv --weights size --temperature 1 --out one").assert_done();
    assert_eq!(drawn(dir, "one"), order(&RANKED, by_size(Temperature::new(1.0).expect("over 0"))));
    clusterclip(dir, "sample l.csv --even-in tokens --token-field n --out even").assert_done();
    assert_eq!(drawn(dir, "even"), order(&RANKED, options(&[1.0 / 9.0, 0.5, 1.0])));
}

#[test]
fn unimax_draws_what_cluster_clip_draws_and_reaches_a_budget_in_tokens() {
    let folder = folder(&[("l.csv", LABELS)]);
    let dir = folder.path();
    let words = "sample l.csv --clip 3 --token-field n --tokens 60";
    let ended = clusterclip(dir, &format!("{words} --strategy unimax --out unimax")).assert_done();
    assert!(ended.stdout.contains("unimax"), "{ended}");
    clusterclip(dir, &format!("{words} --out clipped")).assert_done();
    let (unimax, clipped) = (drawn(dir, "unimax"), drawn(dir, "clipped"));
    assert_eq!(unimax.len(), clipped.len());
    let budget = Budget::Documents(unimax.len() as u64);
    let options = Options { strategy: Strategy::Unimax, clip: Some(3), budget, ..Options::default() };
    assert_eq!(unimax, order(&RANKED, options));
    for refused in ["--when-exhausted raise-clip", "--choice independent"] {
        clusterclip(dir, &format!("{words} --strategy unimax --out x {refused}"))
            .assert_failed(2, &["--strategy unimax"]);
    }
}

/// 600 rows of 16 components and three topics, four fifths of the first.
fn rows() -> Vec<f32> {
    let topic = |row: u64| u64::from(row >= 480) + u64::from(row >= 560);
    let value = |row: u64, i: u64| {
        let noise = scale(hash(&[row, i]), 1000) as f32 / 1000.0 - 0.5;
        noise + if i == topic(row) { 1.0 } else { 0.0 }
    };
    (0..600 * 16).map(|place| value(place / 16, place % 16)).collect()
}

/// 600 documents with given rows that tell their topics apart.
fn with_rows() -> TempDir {
    let text: String =
        (0..600).map(|row| format!("{{\"text\": \"text {row}\", \"n\": {}}}\n", 1 + row % 5)).collect();
    folder(&[("a.jsonl", text.as_bytes()), ("rows.npy", &npy::f32_bytes(&rows(), 16))])
}

fn told(ended: &Ended) -> Value {
    serde_json::from_str::<Value>(&ended.stdout).expect("JSON")["order"].clone()
}

const RUN: &str = "run a.jsonl --embeddings rows.npy --clusters 24 --token-field n";

#[test]
fn rows_that_carry_meaning_are_weighed_by_density_unless_asked_otherwise() {
    let folder = with_rows();
    let dir = folder.path();
    let ended = clusterclip(dir, &format!("{RUN} --epochs 0.5 --out out --json")).assert_done();
    let order = told(&ended);
    assert_eq!((&order["weights"]["rule"], &order["weights"]["why"]), (&"density".into(), &"meaning".into()));
    let topics = &order["topics"];
    let figure = |name: &str| topics[name].as_f64().expect("a figure");
    assert!(figure("order") > 1.1 * figure("equal") && figure("equal") > figure("random"), "{topics}");
    let manifest = results::json(&dir.join("out/manifest.json"));
    assert_eq!(&manifest["topics"], topics);
    assert_eq!(manifest["rows"], "given");
    assert_eq!(manifest["parameters"]["sample"]["weights"], "density");
    let ended = clusterclip(dir, &format!("{RUN} --epochs 0.5 --out out")).assert_done();
    for word in [
        "Weights     density, since the rows carry meaning",
        "Topics      drawn as evenly as ",
        "raised",
        "Raised ",
    ] {
        assert!(ended.stdout.contains(word), "{word}: {ended}");
    }
    assert!(ended.stderr.matches("reused").count() >= 3, "{ended}");

    let asked = |words: &str, out: &str| {
        clusterclip(dir, &format!("sample out --epochs 0.5 {words} --out {out}")).assert_done();
        drawn(dir, out)
    };
    let density = drawn(dir, "out");
    assert_eq!(asked("", "same"), density);
    assert_eq!(asked("--weights density --temperature 1", "one"), density);
    let equal = asked("--weights equal", "equal");
    let labels = npy::read(&dir.join("out/labels.npy")).i32();
    let half = Budget::Epochs("0.5".parse().expect("epochs"));
    assert_eq!(equal, crate::transcripts::order(&labels, Options { budget: half, ..Options::default() }));
    assert_ne!(density, equal);
    for words in [
        "--weights groups",
        "--weights groups --groups 3",
        "--weights density --temperature 5",
        "--even-in tokens",
    ] {
        let out = words.replace(['-', ' '], "");
        let found = asked(words, &out);
        assert!(found != equal && found != density || words == "--weights groups", "{words}");
        let manifest = results::json(&dir.join(&out).join("manifest.json"));
        assert!(manifest["parameters"]["sample"]["even-in"].is_string(), "{manifest}");
    }
    // There are no more groups than clusters.
    assert_eq!(drawn(dir, "weightsgroups"), equal);
    let strategy = told(&clusterclip(dir, "sample out --strategy uniform --out u --json").assert_done());
    assert_eq!(
        (&strategy["weights"]["rule"], &strategy["weights"]["why"]),
        (&"equal".into(), &"strategy".into())
    );
    let random = told(&clusterclip(dir, "sample out --strategy random --out r --json").assert_done());
    assert!(random["weights"].is_null(), "{random}");
    assert_eq!(random["topics"]["order"], random["topics"]["random"]);
}

#[test]
fn what_made_the_rows_goes_with_the_clusters() {
    let folder = with_rows();
    let dir = folder.path();
    clusterclip(dir, "cluster rows.npy --clusters 5 --out clusters").assert_done();
    let order = told(&clusterclip(dir, "sample clusters --json").assert_done());
    assert_eq!(order["weights"]["why"], "meaning");
    let order = told(&clusterclip(dir, "sample clusters/labels.npy --out l --json").assert_done());
    assert_eq!((&order["weights"]["rule"], &order["weights"]["why"]), (&"equal".into(), &"labels".into()));
    assert!(order["topics"].is_null());

    let model = crate::models::model("model2vec");
    clusterclip(dir, &format!("embed a.jsonl --embedder {} --out work", model.display())).assert_done();
    clusterclip(dir, "cluster work --clusters 4 --out elsewhere").assert_done();
    assert_eq!(results::json(&dir.join("elsewhere/manifest.json"))["rows"], "model");
    assert_eq!(
        told(&clusterclip(dir, "sample elsewhere --json").assert_done())["weights"]["rule"],
        "density"
    );
}

#[test]
fn lexical_rows_have_equal_weights_and_no_topics() {
    let folder = with_corpus();
    let dir = folder.path();
    let ended = clusterclip(dir, "run corpus.jsonl --out out --clusters 7").assert_done();
    assert!(ended.stdout.contains("Weights     equal: lexical rows do not tell topics apart"), "{ended}");
    assert!(!ended.stdout.contains("\nTopics ") && !ended.stdout.contains("raised"), "{ended}");
    assert!(results::json(&dir.join("out/manifest.json"))["topics"].is_null());
    // Asked for, they are compared all the same.
    clusterclip(dir, "sample out --weights density --out density").assert_done();
    assert_ne!(drawn(dir, "density"), drawn(dir, "out"));
}

#[test]
fn other_weights_are_other_results() {
    let folder = folder(&[
        ("l.csv", LABELS),
        ("w.csv", b"cluster,weight\nair,1\nsea,2\n7,3\n"),
        ("v.csv", b"cluster,weight\nair,1\nsea,2\n7,4\n"),
    ]);
    let dir = folder.path();
    clusterclip(dir, "sample l.csv --weights w.csv --out out").assert_done();
    let ended = clusterclip(dir, "sample l.csv --weights w.csv --out out").assert_done();
    assert!(ended.stderr.contains("reused"), "{ended}");
    clusterclip(dir, "sample l.csv --weights v.csv --out out")
        .assert_failed(1, &["--weights is another file or has changed", "--force"]);
    clusterclip(dir, "sample l.csv --out out")
        .assert_failed(1, &["--weights file there, equal here", "--force"]);
    clusterclip(dir, "sample l.csv --weights v.csv --out out --force").assert_done();
    let manifest = results::json(&dir.join("out/manifest.json"));
    let inputs = manifest["inputs"]["sample"].as_array().expect("inputs");
    assert!(inputs.iter().any(|input| input["name"] == "weights"), "{inputs:?}");
}

#[test]
fn a_list_among_the_results_is_refused() {
    let folder = folder(&[("l.csv", LABELS), ("out/order.npy", b"cluster,weight\nair,1\n")]);
    let dir = folder.path();
    let file = dir.join("out/order.npy");
    fs::hard_link(&file, dir.join("w.csv")).expect("a name");
    clusterclip(dir, "sample l.csv --weights w.csv --out out --force")
        .assert_failed(1, &["--weights w.csv is a result in --out", "copy the file"]);
    assert_eq!(fs::read(&file).expect("the file"), b"cluster,weight\nair,1\n");
}

/// The longest order follows from the list, where clusters have their own clips.
#[test]
fn own_clips_allow_longer_orders() {
    let folder = with_rows();
    let list: String = (0..24).map(|cluster| format!("{cluster},1,9\n")).collect();
    fs::write(folder.path().join("w.csv"), format!("cluster,weight,clip\n{list}")).expect("a file");
    clusterclip(folder.path(), &format!("{RUN} --weights w.csv --epochs 8 --out out")).assert_done();
    let epochs: Epochs = "8".parse().expect("epochs");
    assert_eq!(drawn(folder.path(), "out").len() as u128, epochs.draws(600));
}
