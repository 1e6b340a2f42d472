//! The program that libFuzzer runs: one target, named by a variable, so that all share one build.

#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;
use std::{env, fs, process};

use clusterclip_fuzz::{TARGETS, Target, tried};
use libfuzzer_sys::fuzz_target;

/// The target that is run.
const TARGET: &str = "CLUSTERCLIP_FUZZ_TARGET";

/// The folder into which its files are written before libFuzzer reads that.
const FILES: &str = "CLUSTERCLIP_FUZZ_FILES";

static CHOSEN: OnceLock<&Target> = OnceLock::new();

/// Takes the target, or lists all of them.
fn choose() {
    let name = env::var(TARGET).unwrap_or_default();
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        process::exit(0);
    };
    if let Some(folder) = env::var_os(FILES).map(PathBuf::from) {
        for (number, file) in (target.files)().iter().enumerate() {
            fs::write(folder.join(format!("file-{number}")), file).expect("the folder is there");
        }
    }
    CHOSEN.get_or_init(|| target);
}

fuzz_target!(init: choose(), |bytes: &[u8]| {
    let target = CHOSEN.get().expect("libFuzzer begins with the choice");
    if let Err(reason) = tried(target, bytes) {
        eprintln!("{}: {reason}", target.name);
        // libFuzzer keeps the bytes of a case that ends so.
        process::abort();
    }
});
