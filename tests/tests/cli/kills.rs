//! Kills at random moments, not only where a stage begins: Parquet in, shards of Parquet out, and joins.

use std::env;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use clusterclip_tests::{corpus, results};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tempfile::TempDir;

use crate::{clusterclip, command, folder};

const RUN: &str = "run in.parquet --clusters 20 --export parquet --export jsonl.zst --shards 5 --out";
const JOIN: &str = "join whole later.jsonl --out";

/// How often each command is killed, where nobody asks for more by this variable.
const KILLS: (&str, u32) = ("CLUSTERCLIP_TESTS_KILLS", 6);

/// A folder with a Parquet file, and documents that come later.
fn inputs() -> TempDir {
    let documents = corpus::documents(1500, 60);
    let (now, later) = documents.split_at(1000);
    let folder = folder(&[("now.jsonl", &corpus::jsonl(now)), ("later.jsonl", &corpus::jsonl(later))]);
    clusterclip(folder.path(), "run now.jsonl --clusters 2 --out made --export parquet").assert_done();
    std::fs::rename(
        folder.path().join("made/order-00000-of-00001.parquet"),
        folder.path().join("in.parquet"),
    )
    .expect("a Parquet file");
    folder
}

/// Kills the command again and again, each time in a folder of its own and then once more in that folder, and lets it
/// finish: it is what an undisturbed one made.
fn kill_at_random(dir: &Path, words: &str, whole: &str) {
    let begun = Instant::now();
    clusterclip(dir, &format!("{words} {whole}")).assert_done();
    let takes = begun.elapsed();
    let (name, kills) = KILLS;
    let kills = env::var(name).map_or(kills, |kills| kills.parse().expect("a number of kills"));
    let mut random = StdRng::seed_from_u64(16);
    let mut killed = 0;
    for number in 0..kills {
        let out = format!("{whole}-{number}");
        for _ in 0..2 {
            let mut child = command(dir);
            child.args(words.split(' ')).arg(&out).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = child.spawn().expect("the program starts");
            thread::sleep(takes.mul_f64(random.random_range(0.0..1.0)).max(Duration::from_millis(1)));
            child.kill().expect("the program is there, or has ended");
            killed += u32::from(!child.wait().expect("an end").success());
            if dir.join(&out).exists() {
                results::assert_consistent(&dir.join(&out));
            }
        }
        clusterclip(dir, &format!("{words} {out}")).assert_done();
        results::assert_same(&dir.join(whole), &dir.join(&out));
        std::fs::remove_dir_all(dir.join(&out)).expect("a folder of results");
    }
    assert!(killed > 0, "each of {kills} ended before it was killed");
}

#[test]
fn runs_and_joins_killed_at_random_moments_end_with_the_same_bytes() {
    let folder = inputs();
    kill_at_random(folder.path(), RUN, "whole");
    kill_at_random(folder.path(), JOIN, "joined");
}
