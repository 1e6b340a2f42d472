//! `--device gpu`: the CPU's bytes, what is said of the adapter, and what happens without one. The tests run on the
//! adapter at hand, a software one where there is no other; without any they fail and say how to get one.

use std::fs;
use std::path::Path;
use std::process::Command;

use clusterclip_tests::{npy, program, results};
use serde_json::Value;
use tempfile::TempDir;

use crate::{clusterclip, command, folder, with_corpus};

/// Both inner loops; the first fits every device.
const PLANS: [&str; 2] = ["float-8x8-8x8-16", "packed-8x8-8x8-64"];

fn with_plan(folder: &Path, words: &str, plan: &str) -> Command {
    let mut command = command(folder);
    command.args(words.split(' ')).env("CLUSTERCLIP_GPU_PLAN", plan);
    command
}

/// How the cluster stage ran.
fn machine(out: &Path) -> Value {
    results::json(&out.join("run.json"))["stages"]["cluster"]["machine"].clone()
}

/// Rows each of which is there twice: clusters become empty and are refilled.
fn with_duplicates() -> TempDir {
    let value = |place: u64| clusterclip_core::keys::mix(place % (3000 * 40)) as i32 as f32;
    let values: Vec<f32> = (0..6000 * 40u64).map(value).collect();
    folder(&[("x.npy", &npy::f32_bytes(&values, 40))])
}

#[test]
fn the_gpu_gives_the_bytes_of_the_cpu_and_run_json_tells_them_apart() {
    let texts = with_corpus();
    let rows = with_duplicates();
    for (dir, words) in [
        (texts.path(), "run corpus.jsonl --clusters 15 --export jsonl --out"),
        (rows.path(), "cluster x.npy --clusters 700 --out"),
        (rows.path(), "cluster x.npy --clusters 90 --init k-means++ --max-iterations 9 --out"),
    ] {
        let name = format!("{}-cpu", words.len());
        clusterclip(dir, &format!("{words} {name} --device cpu")).assert_done();
        assert_eq!(machine(&dir.join(&name))["device"], "CPU");
        assert_eq!(machine(&dir.join(&name))["gpu"], Value::Null);
        for plan in PLANS {
            let gpu = format!("{}-{plan}", words.len());
            let words = format!("{words} {gpu} --device gpu --json");
            let ended = program::finish(&mut with_plan(dir, &words, plan)).assert_done();
            results::assert_same(&dir.join(&name), &dir.join(&gpu));
            let ran = machine(&dir.join(&gpu));
            assert_ne!(ran["device"], "CPU");
            assert_eq!(ran["kernel"], plan);
            assert!(ran["driver"].is_string(), "{ran}");
            let used = &ran["gpu"];
            assert_eq!(format!("{}-{}", text(&used["inner_loop"]), text(&used["tile"])), plan);
            for counter in ["dispatches", "submissions", "waits", "bytes_to_device", "bytes_from_device"] {
                assert!(used[counter].as_u64().is_some_and(|count| count > 0), "{counter}: {used}");
            }
            let told: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
            assert_eq!((&told["device"], &told["gpu"]), (&ran["device"], used));
        }
        // The control: other clusters are other bytes.
        let other = format!("{}-other", words.len());
        let words = format!("{words} {other} --device gpu --seed 3");
        program::finish(&mut with_plan(dir, &words, PLANS[0])).assert_done();
        let (cpu, other) = (results::files(&dir.join(&name)), results::files(&dir.join(&other)));
        assert!(cpu["labels.npy"] != other["labels.npy"], "labels must depend on the seed");
    }
}

#[test]
fn results_of_one_device_are_reused_by_the_other() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, "run corpus.jsonl --clusters 9 --out out --device cpu").assert_done();
    let ended = clusterclip(dir, "run corpus.jsonl --clusters 9 --out out --device gpu").assert_done();
    assert!(ended.stderr.contains("cluster   reused"), "{ended}");
    assert_eq!(machine(&dir.join("out"))["device"], "CPU", "run.json says who did the work");
}

#[test]
fn a_timing_is_kept_in_the_cache_and_changes_no_byte() {
    let folder = with_corpus();
    let dir = folder.path();
    let cache = dir.join("cache");
    let run = |out: &str| {
        let words = format!("run corpus.jsonl --clusters 9 --device gpu --out {out}");
        let mut command = command(dir);
        command.args(words.split(' ')).env("XDG_CACHE_HOME", &cache).env("LOCALAPPDATA", &cache);
        program::finish(command.env("HOME", &cache)).assert_done()
    };
    let timed = |stderr: &str| stderr.contains("times how");
    assert!(timed(&run("first").stderr));
    let files =
        || walk(&cache).into_iter().filter(|path| path.ends_with("gpu-plans.json")).collect::<Vec<_>>();
    assert_eq!(files().len(), 1, "{:?}", walk(&cache));
    assert!(!timed(&run("second").stderr));
    assert_eq!(machine(&dir.join("first"))["kernel"], machine(&dir.join("second"))["kernel"]);
    fs::write(&files()[0], "no JSON").expect("a file");
    assert!(timed(&run("third").stderr));
    for out in ["second", "third"] {
        results::assert_same(&dir.join("first"), &dir.join(out));
    }
}

#[test]
fn devices_lists_adapters_and_auto_takes_what_it_says() {
    let folder = with_corpus();
    let dir = folder.path();
    let ended = clusterclip(dir, "devices --json").assert_done();
    let told: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    let devices = told["devices"].as_array().expect("a list");
    assert_eq!(devices[0]["device"], "CPU");
    let gpu = devices.get(1).expect("an adapter: see `cargo xtask setup`");
    for key in ["device", "backend", "type", "driver"] {
        assert!(gpu[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {gpu}");
    }
    assert!(gpu["limits"]["max_buffer_bytes"].as_u64() >= Some(1 << 27), "{gpu}");
    assert!(gpu["features"].is_array() && gpu["software"].is_boolean(), "{gpu}");
    let hardware = devices[1..].iter().find(|gpu| gpu["software"] == false);
    let auto = hardware.map_or("CPU", |gpu| text(&gpu["device"]));
    assert_eq!((&told["auto"]["device"], told["auto"]["why"].is_string()), (&auto.into(), true));

    clusterclip(dir, "run corpus.jsonl --clusters 9 --out out").assert_done();
    assert_eq!(machine(&dir.join("out"))["device"], auto);
    let listed = clusterclip(dir, "devices").assert_done().stdout;
    assert!(listed.contains(text(&gpu["device"])) && listed.contains("--device auto takes"), "{listed}");
    // A part of the name, in other letters, is enough.
    let part = text(&gpu["device"]).split(' ').next().unwrap_or_default().to_uppercase();
    let words = format!("run corpus.jsonl --clusters 9 --out named --adapter {part}");
    program::finish(&mut with_plan(dir, &words, PLANS[0])).assert_done();
    assert_eq!(machine(&dir.join("named"))["device"], gpu["device"]);
    results::assert_same(&dir.join("out"), &dir.join("named"));
}

/// What a machine without any driver does: the loader is told of none.
#[cfg(target_os = "linux")]
#[test]
fn without_an_adapter_gpu_is_an_error_and_auto_the_cpu() {
    let folder = with_corpus();
    let dir = folder.path();
    let bare = |words: &str| {
        let mut command = command(dir);
        command.args(words.split(' ')).env("VK_DRIVER_FILES", "none").env("VK_ICD_FILENAMES", "none");
        program::finish(&mut command)
    };
    bare("run corpus.jsonl --clusters 9 --out gpu --device gpu")
        .assert_failed(1, &["--device gpu", "no GPU was found", "mesa-vulkan-drivers", "--device cpu"]);
    assert!(!dir.join("gpu").exists(), "refused before anything is written");
    bare("run corpus.jsonl --clusters 9 --out auto").assert_done();
    assert_eq!(machine(&dir.join("auto"))["device"], "CPU");
    assert!(bare("devices").assert_done().stdout.contains("none found"));
}

#[test]
fn a_plan_that_does_not_exist_is_refused_by_name() {
    let folder = with_corpus();
    let words = "run corpus.jsonl --out out --device gpu";
    let ended = program::finish(&mut with_plan(folder.path(), words, "abacus"));
    ended.assert_failed(1, &["CLUSTERCLIP_GPU_PLAN=abacus", PLANS[0]]);
}

/// Ctrl-C and kill -9 while rows go to the GPU and while it iterates.
#[cfg(target_os = "linux")]
#[test]
fn a_stopped_run_on_the_gpu_goes_on_to_the_same_bytes() {
    use clusterclip_tests::stepped::{Stepped, stages};

    let folder = with_duplicates();
    let dir = folder.path();
    let run = |out: &str| {
        with_plan(dir, &format!("cluster x.npy --clusters 300 --out {out} --device gpu"), PLANS[0])
    };
    let ended = program::finish(&mut run("whole")).assert_done();
    let stages: Vec<String> = stages(&ended.stderr).map(str::to_owned).collect();
    for (count, stage) in
        stages.iter().enumerate().filter(|(_, stage)| ["quantize", "cluster"].contains(&stage.as_str()))
    {
        for kill in [false, true] {
            let name = format!("{stage}-{kill}");
            let mut running = Stepped::start(&mut run(&name));
            assert_eq!(running.until_stage(count).as_ref(), Some(stage));
            if kill {
                running.kill();
                results::assert_consistent(&dir.join(&name));
            } else {
                running.interrupt();
                let ended = running.finish().assert_calm();
                assert_eq!(ended.code, Some(130), "in {stage}: {ended}");
                results::assert_nothing_half_written(&dir.join(&name));
            }
            program::finish(&mut run(&name)).assert_done();
            results::assert_same(&dir.join("whole"), &dir.join(&name));
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Every file under a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
