//! A GPU that fails: lost, full, or leaving out work. tests/faults/driver.c stands between the program and the real
//! driver and makes it so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clusterclip_tests::{npy, program, results};
use serde_json::Value;
use tempfile::TempDir;

use crate::{clusterclip, command, folder};

/// Rows, the CPU's results of them, and a driver with faults.
struct Faulty {
    folder: TempDir,
    words: &'static str,
}

impl Faulty {
    fn new() -> Self {
        Self::with(3000, 70, "cluster x.npy --clusters 60 --init k-means++ --out")
    }

    fn with(n: u64, n_features: usize, words: &'static str) -> Self {
        let places = 0..n * n_features as u64;
        let values: Vec<f32> = places.map(|place| clusterclip_core::keys::mix(place) as i32 as f32).collect();
        let folder = folder(&[("x.npy", &npy::f32_bytes(&values, n_features))]);
        let dir = folder.path();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/driver.c");
        let library = dir.join("libfaults.so");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl");
        assert!(cc.status().expect("a C compiler, which Rust links with").success());
        let manifest = serde_json::json!({
            "file_format_version": "1.0.0",
            "ICD": { "library_path": library, "api_version": "1.3.0" },
        });
        fs::write(dir.join("faults.json"), manifest.to_string()).expect("a file");
        clusterclip(dir, &format!("{words} cpu --device cpu")).assert_done();
        Self { folder, words }
    }

    fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// The program on the driver with these faults.
    fn run(&self, out: &str, device: &str, faults: &[(&str, &str)]) -> program::Ended {
        let mut command = command(self.dir());
        let manifest = self.dir().join("faults.json");
        command
            .args(format!("{} {out} --device {device}", self.words).split(' '))
            .env("VK_DRIVER_FILES", &manifest)
            .env("VK_ICD_FILENAMES", &manifest)
            .env("FAULT_DRIVER", real_driver())
            .env("CLUSTERCLIP_GPU_PLAN", "float-8x8-8x8-16")
            .envs(faults.iter().copied());
        program::finish(&mut command)
    }

    fn machine(&self, out: &str) -> Value {
        results::json(&self.dir().join(out).join("run.json"))["stages"]["cluster"]["machine"].clone()
    }

    fn assert_same(&self, out: &str) {
        results::assert_same(&self.dir().join("cpu"), &self.dir().join(out));
    }
}

/// The library of a driver that the loader knows: Mesa's software one where it is.
fn real_driver() -> PathBuf {
    let named = std::env::var("VK_DRIVER_FILES").or_else(|_| std::env::var("VK_ICD_FILENAMES"));
    let named = named.iter().flat_map(|names| std::env::split_paths(names)).collect::<Vec<_>>();
    let folders = ["/usr/share", "/usr/local/share", "/etc"].map(|part| Path::new(part).join("vulkan/icd.d"));
    let listed = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let mut manifests: Vec<PathBuf> =
        named.into_iter().chain(listed.flatten().map(|entry| entry.path())).collect();
    manifests.sort_by_key(|path| !path.to_string_lossy().contains("lvp"));
    let manifest = manifests.first().expect("a Vulkan driver: see `cargo xtask setup`");
    let library = PathBuf::from(results::json(manifest)["ICD"]["library_path"].as_str().expect("a path"));
    match library.is_relative() && library.components().count() > 1 {
        true => manifest.with_file_name("").join(library),
        false => library,
    }
}

#[test]
fn without_a_fault_the_driver_between_changes_nothing() {
    let faulty = Faulty::new();
    faulty.run("gpu", "gpu", &[]).assert_done();
    faulty.assert_same("gpu");
    assert_ne!(faulty.machine("gpu")["device"], "CPU");
    // What says that it is hardware is what `auto` takes.
    faulty.run("auto", "auto", &[("FAULT_HARDWARE", "1")]).assert_done();
    faulty.assert_same("auto");
    assert_eq!(faulty.machine("auto")["device"], faulty.machine("gpu")["device"]);
}

#[test]
fn a_lost_device_is_an_error_and_auto_goes_on_with_the_cpu() {
    let faulty = Faulty::new();
    for at in ["1", "30", "90", "140"] {
        let out = format!("gpu-{at}");
        faulty.run(&out, "gpu", &[("FAULT_LOSE_AT", at)]).assert_failed(1, &["lost", "--device cpu"]);
        results::assert_nothing_half_written(&faulty.dir().join(&out));

        let out = format!("auto-{at}");
        let faults = [("FAULT_LOSE_AT", at), ("FAULT_HARDWARE", "1")];
        let ended = faulty.run(&out, "auto", &faults).assert_done();
        assert!(ended.stderr.contains("warning: --device auto does without"), "{ended}");
        faulty.assert_same(&out);
        let machine = faulty.machine(&out);
        assert_eq!(
            (&machine["device"], machine["failed"].as_array().map(Vec::len)),
            (&"CPU".into(), Some(1))
        );
    }
}

#[test]
fn work_that_was_left_out_never_passes_for_results() {
    let faulty = Faulty::new();
    let mut noticed = 0;
    for at in (1..200).step_by(13) {
        let out = format!("gpu-{at}");
        let ended = faulty.run(&out, "gpu", &[("FAULT_LEAVE_OUT", &at.to_string())]);
        // A batch may be beyond the last one, or hold nothing that matters.
        if ended.code == Some(0) {
            ended.assert_done();
            faulty.assert_same(&out);
        } else {
            ended.assert_failed(1, &["--device"]);
            results::assert_nothing_half_written(&faulty.dir().join(&out));
            noticed += 1;
        }
    }
    assert!(noticed > 5, "{noticed} batches were left out and noticed");
}

#[test]
fn a_full_device_is_an_error_with_sizes_and_auto_goes_on_with_the_cpu() {
    // The sums of 600 clusters take 48 MB, twice; drivers are asked for memory in parts of 64 MB.
    let faulty = Faulty::with(600, 20_000, "cluster x.npy --clusters 600 --out");
    let full = ("FAULT_MEMORY", "100000000");
    let says = ["no room for 48", "bytes of sums", "--clusters"];
    faulty.run("gpu", "gpu", &[full]).assert_failed(1, &says);
    faulty.run("auto", "auto", &[full, ("FAULT_HARDWARE", "1")]).assert_done();
    faulty.assert_same("auto");
    // Too little to begin with.
    faulty.run("none", "gpu", &[("FAULT_MEMORY", "1000000")]).assert_failed(1, &["it gives no device"]);
}
