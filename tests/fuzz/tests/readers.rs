//! No reader panics, hangs or takes more memory than it may, on files that were changed by a fixed seed and on all that
//! once failed. That no file does it is more than this can show; `cargo xtask fuzz` looks further.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clusterclip_fuzz::{MOST_BYTES, Random, TARGETS, Target, kept, mutated, tried};

/// A case takes milliseconds. One that takes this long, on whatever machine beside whatever else, has no end.
const PATIENCE: Duration = Duration::from_secs(240);

/// One target at a time: memory is counted for the whole process.
static TURN: Mutex<()> = Mutex::new(());

fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).expect("a target of that name")
}

/// Does `work`, which says of each case when it begins, and ends the process if one never ends.
fn watched(name: &str, work: impl FnOnce(&AtomicU64)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let begun = AtomicU64::new(0);
    let seen = &begun;
    std::thread::scope(|scope| {
        // The channel ends with this closure, also where the work panics.
        let (_done, watch) = channel::<()>();
        scope.spawn(move || {
            let mut before = 0;
            while watch.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let now = seen.load(Relaxed);
                if now == before {
                    eprintln!("{name}: case {now} has not ended after {} s", PATIENCE.as_secs());
                    std::process::abort();
                }
                before = now;
            }
        });
        work(seen);
    });
}

fn try_changed(name: &str) {
    let target = target(name);
    watched(name, |begun| {
        let files = (target.files)();
        assert!(!files.is_empty(), "there is nothing to change");
        for file in &files {
            assert_eq!(tried(target, file), Ok(true), "{name}: a file as it was written");
        }
        let mut random = Random::new(name.bytes().fold(20, |seed, byte| seed << 3 ^ u64::from(byte)));
        let mut refused = 0;
        for case in 0..target.cases {
            begun.store(u64::from(case) + 1, Relaxed);
            let bytes = mutated(&files, &mut random);
            match tried(target, &bytes) {
                Ok(read) => refused += u32::from(!read),
                Err(reason) => {
                    let path = std::env::temp_dir().join(format!("clusterclip-fuzz-{name}-{case}"));
                    std::fs::write(&path, &bytes).expect("room for a small file");
                    panic!("{name}: {reason}\nthe file is {}", path.display());
                }
            }
        }
        println!("{name}: {} cases, {refused} refused", target.cases);
    });
}

fn try_kept(target: &Target) {
    watched(target.name, |begun| {
        for (name, bytes) in kept(target.name) {
            begun.fetch_add(1, Relaxed);
            if let Err(reason) = tried(target, &bytes) {
                panic!("{}/{name}: {reason}", target.name);
            }
        }
    });
}

/// Without this the others could not fail.
#[test]
fn what_a_reader_must_not_do_is_noticed() {
    let reader = |read| Target { name: "made up", read, files: Vec::new, cases: 0 };
    watched("made up", |_| {
        let said = |read| tried(&reader(read), b"").expect_err("it must be noticed");
        assert!(said(|_| panic!("ours")).contains("ours"));
        assert!(said(|_| clusterclip_models::fenced(|| panic!("fenced")).is_ok()).contains("fenced"));
        let thread = |_: &[u8]| std::thread::spawn(|| panic!("on a thread")).join().is_ok();
        assert!(said(thread).contains("on a thread"));
        assert!(said(|_| Vec::<u8>::with_capacity(MOST_BYTES + 1).is_empty()).contains("at once"));
        assert_eq!(tried(&reader(|bytes| bytes.is_empty()), b""), Ok(true));
    });
}

#[test]
fn what_once_failed_does_not_fail_again() {
    TARGETS.iter().for_each(try_kept);
}

/// A test for each target, so that one can be run alone; the last test sees that none is missing.
macro_rules! changed {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                try_changed($name);
            }
        )*

        #[test]
        fn every_target_has_a_test() {
            let tested = [$($name),*];
            assert!(TARGETS.iter().map(|target| target.name).eq(tested), "{tested:?}");
        }
    };
}

changed! {
    changed_json_lines: "jsonl",
    changed_json: "json",
    changed_csv: "csv",
    changed_tsv: "tsv",
    changed_text: "text",
    changed_pieces: "pieces",
    changed_parquet: "parquet",
    changed_arrow: "arrow",
    changed_gzip: "gzip",
    changed_zstd: "zstd",
    changed_bzip2: "bzip2",
    changed_xz: "xz",
    changed_npy: "npy",
    changed_embedder: "embedder",
    changed_labels_npy: "labels-npy",
    changed_labels_jsonl: "labels-jsonl",
    changed_labels_csv: "labels-csv",
    changed_labels_parquet: "labels-parquet",
    changed_weights: "weights",
    changed_tokenizer: "tokenizer",
    changed_table: "table",
    changed_encoder: "encoder",
    changed_config: "config",
    changed_model_folder: "model-folder",
    changed_manifest: "manifest",
    changed_clusters: "clusters",
    changed_tables: "tables",
}
