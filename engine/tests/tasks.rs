//! Claims about tasks as programs call them, without a command line before them.

use std::fs;
use std::path::Path;

use clusterclip_core::error::Kind;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{Budget, Options, Rank};
use clusterclip_engine::error::{Error, SettingsError};
use clusterclip_engine::settings::{ClusterSettings, EmbedSettings, Embedder, Init, Length, SampleSettings};
use clusterclip_engine::store::StoreError;
use clusterclip_engine::tasks::{self, ClusterTask, EmbedTask, Output, RunTask, SampleTask};

fn monitor() -> Monitor<'static> {
    Monitor::silent()
}

fn sampled(folder: &Path, name: &str, sample: SampleSettings) -> u64 {
    let labels = folder.join("labels.csv");
    fs::write(&labels, "cluster\na\nb\nb\nc\nc\nc\n").unwrap();
    let task = SampleTask { source: labels, out: Some(folder.join(name)), sample, ..SampleTask::default() };
    tasks::sample(&task, &monitor()).unwrap().sampled.positions
}

#[test]
fn the_length_alone_decides_how_long_an_order_is() {
    let folder = tempfile::tempdir().unwrap();
    let length = Length::Draws(Budget::Documents(4));
    let settings = SampleSettings { length, ..SampleSettings::default() };
    assert_eq!(sampled(folder.path(), "four", settings.clone()), 4);
    // What the options say of a budget is passed over.
    let options = Options { budget: Budget::Documents(2), ..Options::default() };
    assert_eq!(sampled(folder.path(), "again", SampleSettings { options, ..settings.clone() }), 4);
    assert_eq!(sampled(folder.path(), "all", SampleSettings::default()), 6);
    // The share of one trainer, cut and not cut.
    for (drop_last, expected) in [(false, 2), (true, 1)] {
        let rank = Some(Rank::new(0, 3, drop_last).unwrap());
        let name = format!("rank-{drop_last}");
        assert_eq!(sampled(folder.path(), &name, SampleSettings { rank, ..settings.clone() }), expected);
    }
}

#[test]
fn settings_that_cannot_be_meant_are_refused_before_anything_is_read() {
    let nowhere = || Path::new("/nowhere/at/all").to_owned();
    let refused = |error: Error| {
        assert_eq!(error.kind(), Kind::Usage, "{error}");
        assert!(error.downcast_ref::<SettingsError>().is_some(), "{error:?}");
        error.to_string()
    };
    let embed = EmbedSettings { embedder: Embedder::Given(nowhere()), ..EmbedSettings::default() };
    let task = EmbedTask { inputs: vec![nowhere()], embed, ..EmbedTask::default() };
    let told = refused(tasks::embed(&task, &monitor()).err().unwrap());
    assert!(told.contains("there is nothing to embed"), "{told}");

    let sample = SampleSettings { length: Length::Tokens(5), ..SampleSettings::default() };
    let task = RunTask { inputs: vec![nowhere()], sample, ..RunTask::default() };
    let told = refused(tasks::run(&task, &monitor()).err().unwrap());
    assert!(told.starts_with("tokens 5: the documents need token counts"), "{told}");

    let mut task = RunTask { inputs: vec![nowhere()], ..RunTask::default() };
    task.input.fields.tokens = Some("n".to_owned());
    task.embed.tokenizer = Some("t".to_owned());
    let told = refused(tasks::run(&task, &monitor()).err().unwrap());
    assert!(told.starts_with("token_field n and tokenizer t both say"), "{told}");
}

#[test]
fn what_clusters_start_from_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (texts, out) = (folder.path().join("texts"), folder.path().join("out"));
    fs::create_dir(&texts).unwrap();
    for i in 0..12 {
        let topic = ["the moon and the tides", "bread, salt and butter", "rain on the roof"][i % 3];
        fs::write(texts.join(format!("{i}.txt")), format!("{topic}, text {i}")).unwrap();
    }
    let output = Output { dir: out.clone(), force: false };
    tasks::run(&RunTask { inputs: vec![texts], output, ..RunTask::default() }, &monitor()).unwrap();
    let before = fs::read(out.join("centroids.npy")).unwrap();
    let cluster =
        ClusterSettings { init: Init::File(out.join("centroids.npy")), ..ClusterSettings::default() };
    let task = ClusterTask { source: out.clone(), cluster, force: true, ..ClusterTask::default() };
    let error = tasks::cluster(&task, &monitor()).err().unwrap();
    assert!(matches!(error.downcast_ref(), Some(StoreError::OwnInput { .. })), "{error}");
    assert_eq!(fs::read(out.join("centroids.npy")).unwrap(), before);
    // Into another folder it is free to be read.
    let task = ClusterTask { out: Some(folder.path().join("other")), ..task };
    tasks::cluster(&task, &monitor()).unwrap();
}
