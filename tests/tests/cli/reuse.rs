//! Finished stages are reused, other results are never replaced unasked, and nothing is lost by a failure.

use std::fs;

use clusterclip_tests::{corpus, npy, results};

use crate::{clusterclip, with_corpus};

#[test]
fn a_second_run_reuses_every_stage_and_force_over_others_makes_the_same_bytes_again() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "run corpus.jsonl --out out").assert_done();
    let first = results::files(&out);
    let written = |name: &str| fs::metadata(out.join(name)).and_then(|data| data.modified()).expect("a time");
    let times = results::FILES.map(|name| (name, written(name)));

    clusterclip(dir, "run corpus.jsonl --out out --threads 1").assert_done();
    assert_eq!(results::differences(&first, &results::files(&out)), [""; 0]);
    for (name, time) in times.iter().filter(|(name, _)| !["run.json", "manifest.json"].contains(name)) {
        assert_eq!(written(name), *time, "{name} was written again");
    }

    // Other clusters and another order first, so that there is something to make again.
    clusterclip(dir, "run corpus.jsonl --out out --clusters 5 --seed 9 --force").assert_done();
    let others = results::files(&out);
    for name in ["labels.npy", "centroids.npy", "order.npy", "manifest.json"] {
        assert!(others[name] != first[name], "{name} of other options");
    }
    clusterclip(dir, "run corpus.jsonl --out out --force").assert_done();
    assert_eq!(results::differences(&first, &results::files(&out)), [""; 0]);
}

#[test]
fn other_results_are_replaced_only_with_force() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "run corpus.jsonl --out out --clusters 8").assert_done();
    let first = results::files(&out);
    for words in [
        "run corpus.jsonl --out out --clusters 9",
        "run corpus.jsonl --out out --clusters 8 --seed 3",
        "cluster out --clusters 9",
        "sample out --clip 2",
        "sample out --epochs 0.5",
    ] {
        clusterclip(dir, words).assert_failed(1, &["--force"]);
        assert_eq!(results::differences(&first, &results::files(&out)), [""; 0], "{words}");
    }
    clusterclip(dir, "sample out").assert_done();
    assert_eq!(
        results::differences(&first, &results::files(&out)),
        [""; 0],
        "identical options are no change"
    );

    clusterclip(dir, "sample out --strategy random --force").assert_done();
    assert!(results::files(&out)["order.npy"] != first["order.npy"], "another strategy, the same order");
    let ended = clusterclip(dir, "cluster out --clusters 9 --force").assert_done();
    let told = "warning: exposure.parquet, order.npy were removed, made from clusters that have been replaced: `clusterclip \
                sample out` makes them again";
    assert!(ended.stderr.contains(told), "{ended}");
    assert_eq!(npy::read(&out.join("centroids.npy")).shape[0], 9);
    assert!(!out.join("order.npy").exists(), "an order of clusters that are gone must not look valid");
    results::assert_nothing_half_written(&out);
}

#[test]
fn changed_input_is_noticed_even_when_its_size_and_name_are_the_same() {
    let folder = with_corpus();
    let (dir, path) = (folder.path(), folder.path().join("corpus.jsonl"));
    clusterclip(dir, "run corpus.jsonl --out out").assert_done();
    let first = results::files(&dir.join("out"));
    let mut bytes = fs::read(&path).expect("the corpus");
    let place = bytes.windows(4).position(|part| part == b"baba").expect("the syllable ba, twice");
    bytes[place..place + 4].copy_from_slice(b"vava");
    fs::write(&path, bytes).expect("the corpus");
    clusterclip(dir, "run corpus.jsonl --out out").assert_failed(1, &["--force"]);
    assert_eq!(results::differences(&first, &results::files(&dir.join("out"))), [""; 0]);
    clusterclip(dir, "run corpus.jsonl --out out --force").assert_done();
    assert!(results::files(&dir.join("out"))["embeddings.npy"] != first["embeddings.npy"], "the same rows");
}

#[test]
fn a_failing_run_leaves_older_results_as_they_were() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "run corpus.jsonl --out out").assert_done();
    let first = results::files(&out);
    let mut broken = corpus::jsonl(&corpus::documents(50, 40));
    broken.extend(b"{\"text\": \n");
    fs::write(dir.join("broken.jsonl"), broken).expect("a file");
    clusterclip(dir, "run broken.jsonl --out out --force").assert_failed(1, &["broken.jsonl:51"]);
    assert_eq!(results::differences(&first, &results::files(&out)), [""; 0]);
}

/// Files of our names that the stage would not write look like its results all the same.
#[test]
fn force_removes_unknown_files_of_a_stage_that_are_not_written_either() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "embed corpus.jsonl --out rows").assert_done();
    fs::create_dir(&out).expect("a folder");
    fs::write(out.join("embeddings.npy"), "mine").expect("a file");
    let words = "run corpus.jsonl --out out --embeddings rows/embeddings.npy";
    clusterclip(dir, words)
        .assert_failed(1, &["out holds embeddings.npy, which its manifest.json does not list"]);
    assert_eq!(fs::read(out.join("embeddings.npy")).expect("the file"), b"mine");
    clusterclip(dir, &format!("{words} --force")).assert_done();
    assert!(!out.join("embeddings.npy").exists());
    results::assert_nothing_half_written(&out);
}

#[test]
fn an_input_among_the_results_to_be_replaced_is_refused() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, "embed corpus.jsonl --out out").assert_done();
    let first = results::files(&dir.join("out"));
    clusterclip(dir, "run corpus.jsonl --out out --embeddings out/embeddings.npy --force").assert_failed(
        1,
        &["--embeddings out/embeddings.npy is a result in --out, which this command replaces"],
    );
    assert_eq!(results::differences(&first, &results::files(&dir.join("out"))), [""; 0]);
}

/// The name of a file of labels is in no byte of the order, so another name is no change.
#[test]
fn labels_under_another_name_are_the_same_labels() {
    let labels = npy::i32_bytes(&[0, 1, 1, 0, 2]);
    let folder = crate::folder(&[("a.npy", &labels), ("b.npy", &labels)]);
    clusterclip(folder.path(), "sample a.npy --out out").assert_done();
    let first = results::files(&folder.path().join("out"));
    clusterclip(folder.path(), "sample b.npy --out out").assert_done();
    assert_eq!(results::differences(&first, &results::files(&folder.path().join("out"))), [""; 0]);
}

#[test]
fn a_failure_before_the_first_result_leaves_no_folder() {
    let folder = with_corpus();
    let dir = folder.path();
    fs::create_dir(dir.join("there")).expect("a folder");
    for out in ["new/out", "there"] {
        clusterclip(dir, &format!("embed corpus.jsonl --text-field body --out {out}"))
            .assert_failed(1, &["corpus.jsonl:1"]);
    }
    assert!(!dir.join("new").exists());
    assert_eq!(fs::read_dir(dir.join("there")).expect("it is still there").count(), 0);
}

/// The control of every test of folders: what they assert can fail.
#[test]
fn a_folder_that_is_not_as_its_manifest_says_is_found_out() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "run corpus.jsonl --out out").assert_done();
    let fails = || std::panic::catch_unwind(|| results::assert_consistent(&out)).is_err();
    assert!(!fails());
    let first = results::files(&out);
    let put = |name: &str, bytes: &[u8]| fs::write(out.join(name), bytes).expect("a file");
    let mut turned = first["labels.npy"].clone();
    turned[200] ^= 1;
    put("labels.npy", &turned);
    assert!(fails(), "another content of the same size");
    put("labels.npy", &first["labels.npy"]);

    let manifest = String::from_utf8(first["manifest.json"].clone()).expect("UTF-8");
    let key = results::json(&out.join("manifest.json"))["stages"]["embed"]["key"].to_string();
    let other = manifest.replacen(&format!("\"from\": {key}"), "\"from\": \"0\"", 1);
    put("manifest.json", results::sealed(&other).as_bytes());
    assert!(fails(), "clusters of other embeddings");
    put("manifest.json", manifest.replacen("\"inertia\": 0", "\"inertia\": 1", 1).as_bytes());
    assert!(fails(), "another figure");
    put("manifest.json", manifest.as_bytes());

    put("order.jsonl", b"");
    assert!(fails(), "a file that nobody lists");
}
