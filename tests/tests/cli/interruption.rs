//! Ctrl-C and kill -9 in every stage: which stages there are is what an undisturbed run says.

use std::path::Path;

use clusterclip_tests::stepped::{Stepped, stages};
use clusterclip_tests::{corpus, npy, results};
use tempfile::TempDir;

use crate::{clusterclip, command, folder};

const RUN: &str = "run corpus.jsonl --clusters 20 --export jsonl --out";
/// The least number of stages that a folder can be killed in one after the other: each start reuses what the one before
/// finished.
const KILLS: usize = 4;
/// The exit code of interrupted work.
const INTERRUPTED: i32 = 130;

/// A folder with a corpus and the results of an undisturbed run, and the stages it went through.
fn undisturbed() -> (TempDir, Vec<String>) {
    let folder = folder(&[("corpus.jsonl", &corpus::jsonl(&corpus::documents(2000, 60)))]);
    let ended = clusterclip(folder.path(), &format!("{RUN} whole")).assert_done();
    let stages: Vec<String> = stages(&ended.stderr).map(str::to_owned).collect();
    for stage in ["read", "embed", "cluster", "sample"] {
        assert!(stages.iter().any(|name| name == stage), "no stage {stage} in {stages:?}");
    }
    (folder, stages)
}

fn start(folder: &Path, out: &str) -> Stepped {
    Stepped::start(command(folder).args(RUN.split(' ')).arg(out))
}

#[test]
fn an_interrupted_run_ends_with_130_and_goes_on_to_the_same_bytes() {
    let (folder, stages) = undisturbed();
    let dir = folder.path();
    for (count, stage) in stages.iter().enumerate() {
        let name = format!("{count}-{stage}");
        let mut run = start(dir, &name);
        assert_eq!(run.until_stage(count).as_ref(), Some(stage));
        run.interrupt();
        let ended = run.finish().assert_calm();
        results::assert_nothing_half_written(&dir.join(&name));
        // The last stage may have been done but for saying so: then there is nothing to interrupt.
        if count + 1 < stages.len() || ended.code != Some(0) {
            assert_eq!(ended.code, Some(INTERRUPTED), "in {stage}: {ended}");
            assert!(ended.stderr.contains("interrupted"), "in {stage}: {ended}");
        }
        clusterclip(dir, &format!("{RUN} {name}")).assert_done();
        results::assert_same(&dir.join("whole"), &dir.join(&name));
    }
}

#[test]
fn a_killed_run_leaves_whole_files_and_goes_on_to_the_same_bytes() {
    let (folder, stages) = undisturbed();
    let dir = folder.path();
    for (count, stage) in stages.iter().enumerate() {
        let name = format!("{count}-{stage}");
        let mut run = start(dir, &name);
        assert_eq!(run.until_stage(count).as_ref(), Some(stage));
        run.kill();
        results::assert_consistent(&dir.join(&name));
        assert_whole(&dir.join(&name), &dir.join("whole"));
        clusterclip(dir, &format!("{RUN} {name}")).assert_done();
        results::assert_same(&dir.join("whole"), &dir.join(&name));
    }
}

/// A folder killed again and again, each time one stage later, is the hardest case: it carries what every
/// kill left.
#[test]
fn a_run_killed_in_one_stage_after_the_other_ends_with_the_same_bytes() {
    let (folder, stages) = undisturbed();
    let dir = folder.path();
    let mut killed = Vec::new();
    for count in 0..stages.len() {
        let mut run = start(dir, "again");
        // Finished stages are reused, so a later start has fewer of them; the last one has too few to be killed in.
        let Some(stage) = run.until_stage(count) else {
            run.finish().assert_done();
            break;
        };
        run.kill();
        killed.push(stage);
    }
    assert!(killed.len() >= KILLS && killed.windows(2).all(|two| two[0] != two[1]), "killed in {killed:?}");
    clusterclip(dir, &format!("{RUN} again")).assert_done();
    results::assert_same(&dir.join("whole"), &dir.join("again"));
}

/// `--force` over older results, killed on the way: the folder never holds a mixture that looks finished.
#[test]
fn a_killed_replacement_is_finished_by_the_next_run() {
    let (folder, stages) = undisturbed();
    let dir = folder.path();
    let mut killed = Vec::new();
    for (count, stage) in stages.iter().enumerate() {
        let name = format!("forced-{count}-{stage}");
        clusterclip(dir, &format!("run corpus.jsonl --clusters 5 --seed 9 --out {name}")).assert_done();
        let mut run = Stepped::start(command(dir).args(RUN.split(' ')).arg(&name).arg("--force"));
        match run.until_stage(count) {
            Some(stage) => {
                run.kill();
                killed.push(stage);
            }
            // What the older results share with the new ones is reused: there are fewer stages.
            None => drop(run.finish().assert_done()),
        }
        results::assert_consistent(&dir.join(&name));
        clusterclip(dir, &format!("{RUN} {name} --force")).assert_done();
        results::assert_same(&dir.join("whole"), &dir.join(&name));
    }
    for stage in ["cluster", "sample"] {
        assert!(killed.iter().any(|name| name == stage), "never killed in {stage}, only in {killed:?}");
    }
}

#[test]
fn a_folder_that_another_process_works_in_is_refused_by_name() {
    let folder = folder(&[("corpus.jsonl", &corpus::jsonl(&corpus::documents(300, 40)))]);
    let dir = folder.path();
    let mut first = start(dir, "out");
    first.until_stage(0).expect("a stage");
    clusterclip(dir, &format!("{RUN} out")).assert_failed(1, &["out", "another"]);
    clusterclip(dir, &format!("{RUN} out --force")).assert_failed(1, &["out", "another"]);
    assert_eq!(first.finish().code, Some(0), "the first is not disturbed");
    clusterclip(dir, &format!("{RUN} alone")).assert_done();
    results::assert_same(&dir.join("out"), &dir.join("alone"));
}

/// What stands under its true name is complete: each file is the undisturbed run's, byte for byte. Unfinished
/// files of a killed process stay beside, under names of their own, until the next run.
fn assert_whole(left: &Path, whole: &Path) {
    let (mut left, whole) = (results::files(left), results::files(whole));
    left.retain(|name, _| !name.starts_with(".clusterclip-"));
    // Between two stages the manifest lists fewer of them; it must still be whole.
    if let Some(manifest) = left.remove("manifest.json") {
        let manifest = String::from_utf8(manifest).expect("the manifest is UTF-8");
        assert_eq!(manifest, results::sealed(&manifest));
    }
    for (name, bytes) in left {
        assert_eq!(whole.get(&name).map(Vec::len), Some(bytes.len()), "{name}");
        assert!(whole.get(&name) == Some(&bytes), "{name}");
    }
}

/// Rows and labels can be interrupted too, with the commands that make them alone.
#[test]
fn cluster_and_sample_alone_are_interrupted_in_every_stage() {
    let values: Vec<f32> =
        (0..60_000u64).map(|place| clusterclip_core::keys::mix(place) as i32 as f32).collect();
    let folder = folder(&[("x.npy", &npy::f32_bytes(&values, 20))]);
    let dir = folder.path();
    for (words, source) in
        [("cluster x.npy --clusters 50 --out", "a"), ("sample a/labels.npy --epochs 4 --out", "b")]
    {
        let ended = clusterclip(dir, &format!("{words} {source}")).assert_done();
        let stages: Vec<String> = stages(&ended.stderr).map(str::to_owned).collect();
        assert!(!stages.is_empty(), "{ended}");
        for (count, stage) in stages.iter().enumerate() {
            let name = format!("{source}-{count}");
            let mut run = Stepped::start(command(dir).args(words.split(' ')).arg(&name));
            assert_eq!(run.until_stage(count).as_ref(), Some(stage));
            run.interrupt();
            let ended = run.finish().assert_calm();
            // The last stage may have been done but for saying so: then there is nothing to interrupt.
            if count + 1 < stages.len() || ended.code != Some(0) {
                assert_eq!(ended.code, Some(INTERRUPTED), "in {stage}: {ended}");
            }
            results::assert_nothing_half_written(&dir.join(&name));
            clusterclip(dir, &format!("{words} {name}")).assert_done();
            results::assert_same(&dir.join(source), &dir.join(&name));
        }
    }
}
