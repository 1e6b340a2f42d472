//! One answer everywhere: what must not change a byte, each beside something that must.

use std::fs;

use clusterclip_tests::{corpus, npy, program, results};

use crate::{clusterclip, command, folder, with_corpus};

#[test]
fn threads_change_nothing_and_a_seed_does() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, "run corpus.jsonl --out one --clusters 9 --threads 1").assert_done();
    clusterclip(dir, "run corpus.jsonl --out two --clusters 9 --threads 2").assert_done();
    clusterclip(dir, "run corpus.jsonl --out seven --clusters 9 --threads 7").assert_done();
    results::assert_same(&dir.join("one"), &dir.join("two"));
    results::assert_same(&dir.join("one"), &dir.join("seven"));

    // The control: a comparison that cannot fail proves nothing.
    clusterclip(dir, "run corpus.jsonl --out seed --clusters 9 --seed 1").assert_done();
    let (one, seed) = (results::files(&dir.join("one")), results::files(&dir.join("seed")));
    for name in ["labels.npy", "order.npy", "manifest.json"] {
        assert!(one[name] != seed[name], "{name} must depend on the seed");
    }
    assert!(one["embeddings.npy"] == seed["embeddings.npy"], "another seed does not embed again");
}

#[test]
fn every_kernel_gives_the_bytes_of_the_portable_one() {
    let folder = with_corpus();
    let dir = folder.path();
    let run = |kernel: &str| {
        let words = format!("run corpus.jsonl --out {kernel} --clusters 17 --init k-means++ --device cpu");
        program::finish(command(dir).args(words.split(' ')).env("CLUSTERCLIP_KERNEL", kernel))
    };
    run("portable").assert_done();
    let mut others = 0;
    for kernel in ["sse2", "avx2", "avxvnni", "avx512vnni", "neon", "neon-dotprod"] {
        let ended = run(kernel);
        if ended.code == Some(0) {
            results::assert_same(&dir.join("portable"), &dir.join(kernel));
            let told = results::json(&dir.join(kernel).join("run.json")).to_string();
            assert!(told.contains(kernel), "run.json names the kernel that ran: {told}");
            others += 1;
        } else {
            // What was asked for never changes in silence.
            ended.assert_failed(1, &[kernel]);
        }
    }
    let expected = if cfg!(target_arch = "x86_64") { 1 + usize::from(has_avx2()) } else { 1 };
    assert!(others >= expected, "{others} kernels beside the portable one");
    run("simd128").assert_failed(1, &["simd128", "portable"]);
    run("abacus").assert_failed(1, &["abacus", "portable"]);
}

#[test]
fn compression_and_standard_input_change_no_row() {
    let lines = corpus::jsonl(&corpus::documents(150, 40));
    let (gz, zst) = (corpus::gzip(&lines), corpus::zstandard(&lines));
    let members = [corpus::gzip(&lines[..1000]), corpus::gzip(&lines[1000..])].concat();
    let folder =
        folder(&[("a.jsonl", &lines), ("b.jsonl.gz", &gz), ("c.jsonl.zst", &zst), ("d.jsonl.gz", &members)]);
    let dir = folder.path();
    for (name, out) in [("a.jsonl", "a"), ("b.jsonl.gz", "b"), ("c.jsonl.zst", "c"), ("d.jsonl.gz", "d")] {
        clusterclip(dir, &format!("run {name} --out {out}")).assert_done();
    }
    let input = fs::File::open(dir.join("a.jsonl")).expect("the corpus");
    program::finish(command(dir).args("run - --format jsonl --out e".split(' ')).stdin(input)).assert_done();
    let first = results::files(&dir.join("a"));
    for out in ["b", "c", "d", "e"] {
        let other = results::files(&dir.join(out));
        for name in ["embeddings.npy", "embedder.safetensors", "labels.npy", "centroids.npy", "order.npy"] {
            assert!(first[name] == other[name], "{name} of {out}");
        }
    }
}

#[test]
fn a_folder_is_read_in_the_order_of_its_names() {
    let documents = corpus::documents(80, 30);
    let folder = folder(&[]);
    let dir = folder.path();
    corpus::write_folder(&dir.join("x/texts"), &documents, false);
    corpus::write_folder(&dir.join("y/texts"), &documents, true);
    clusterclip(dir, "run x/texts --out one").assert_done();
    clusterclip(dir, "run y/texts --out two").assert_done();
    results::assert_same(&dir.join("one"), &dir.join("two"));
    let lines: String = documents.iter().map(|document| format!("{}\n", document.text)).collect();
    fs::write(dir.join("lines.txt"), lines).expect("a file");
    clusterclip(dir, "run lines.txt --lines --out three").assert_done();
    let rows = |out: &str| npy::read(&dir.join(out).join("embeddings.npy"));
    assert!(rows("one") == rows("three"), "one document a file, one document a line");

    // The control: another order of the documents is another corpus.
    let mut turned = documents;
    turned.reverse();
    corpus::write_folder(&dir.join("z/texts"), &turned, false);
    clusterclip(dir, "run z/texts --out four").assert_done();
    assert!(rows("one") != rows("four"), "another order, the same rows");
}

#[test]
fn the_stages_one_by_one_leave_what_run_leaves() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, "run corpus.jsonl --out whole --clusters 8 --clip 3 --epochs 1.5 --seed 5")
        .assert_done();
    clusterclip(dir, "embed corpus.jsonl --out steps").assert_done();
    clusterclip(dir, "cluster steps --clusters 8 --seed 5").assert_done();
    clusterclip(dir, "sample steps --clip 3 --epochs 1.5 --seed 5").assert_done();
    results::assert_same(&dir.join("whole"), &dir.join("steps"));

    clusterclip(dir, "cluster whole/embeddings.npy --out rows --clusters 8 --seed 5").assert_done();
    clusterclip(dir, "sample whole/labels.npy --out labels --clip 3 --epochs 1.5 --seed 5").assert_done();
    let whole = results::files(&dir.join("whole"));
    for name in ["labels.npy", "centroids.npy", "clusters.safetensors"] {
        assert!(whole[name] == results::files(&dir.join("rows"))[name], "{name}");
    }
    assert!(whole["order.npy"] == results::files(&dir.join("labels"))["order.npy"], "order.npy");
}

#[test]
fn given_rows_give_the_labels_of_embedded_ones() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, "run corpus.jsonl --out whole --clusters 8").assert_done();
    // Given rows are weighed by density unless asked otherwise, lexical ones equally.
    let words = "run corpus.jsonl --out given --clusters 8 --embeddings whole/embeddings.npy --weights equal";
    clusterclip(dir, words).assert_done();
    let (whole, given) = (results::files(&dir.join("whole")), results::files(&dir.join("given")));
    for name in ["labels.npy", "centroids.npy", "clusters.safetensors", "assignments.parquet", "order.npy"] {
        assert!(whole[name] == given[name], "{name}");
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}
