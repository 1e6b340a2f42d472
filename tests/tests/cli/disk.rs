//! Disks that are full or may not be written.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use clusterclip_tests::program::{self, Ended};
use clusterclip_tests::results;

use crate::{PROGRAM, clusterclip, unprivileged, with_corpus};

/// Set to 1 by a person whose system allows no mounts; never where every change is tested.
const SKIP: &str = "CLUSTERCLIP_TESTS_SKIP_MOUNTS";

/// Runs a shell script in a mount namespace of its own, in which `$DISK` may be mounted; mounts vanish with it.
/// Where the system allows no such namespace, it is `None` if [`SKIP`] says so.
///
/// # Panics
/// If there is no such namespace and nobody said that this is fine.
fn in_namespace(folder: &Path, script: &str) -> Option<Ended> {
    let disk = folder.join("disk");
    fs::create_dir_all(&disk).expect("a folder can be made");
    let run = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).current_dir(folder);
        command.env("DISK", &disk).env("PROGRAM", PROGRAM).env_remove("CLUSTERCLIP_KERNEL");
        command.output().map(Ended::from)
    };
    let reason = match run("mount -t tmpfs -o size=64k none \"$DISK\"") {
        Ok(ended) if ended.code == Some(0) => return Some(run(script).expect("it ran before")),
        Ok(ended) => ended.stderr,
        Err(error) => error.to_string(),
    };
    let reason = reason.trim();
    assert!(
        std::env::var_os(SKIP).is_some_and(|value| value == "1"),
        "small and read-only disks cannot be tested here ({reason}); {SKIP}=1 leaves them out"
    );
    // Past the test harness, which hides what passing tests print.
    let _ = writeln!(std::io::stderr(), "NOT CHECKED: small or read-only disks; no mount here: {reason}");
    None
}

/// The disk is full at once, or after some of the files: every size ends in the same message, and what stands on
/// the disk is whole.
fn fill_the_disk(dir: &Path, words: &str, whole: &str) {
    clusterclip(dir, &format!("{words} --out {whole}")).assert_done();
    let bytes: usize = results::files(&dir.join(whole)).values().map(Vec::len).sum();
    for eighths in [0, 1, 3, 5, 7] {
        // A tmpfs without any size would be without a limit.
        let size = (bytes * eighths / 8).max(4096);
        let left = format!("{whole}-{size}");
        // What is left on the disk must be copied out before the namespace ends.
        let script = format!(
            "mount -t tmpfs -o size={size} none \"$DISK\" && \"$PROGRAM\" {words} --out \"$DISK/out\"
             code=$?; mkdir {left}; [ ! -d \"$DISK/out\" ] || cp -a \"$DISK/out/.\" {left}/; exit $code"
        );
        let Some(ended) = in_namespace(dir, &script) else { return };
        ended.assert_failed(1, &["space", "disk/out"]);
        results::assert_nothing_half_written(&dir.join(&left));

        // What was finished is of use: with room again, it goes on from there to the same bytes.
        clusterclip(dir, &format!("{words} --out {left}")).assert_done();
        results::assert_same(&dir.join(left), &dir.join(whole));
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_half_written() {
    let folder = with_corpus();
    fill_the_disk(folder.path(), "run corpus.jsonl", "whole");
    fill_the_disk(folder.path(), "join whole corpus.jsonl", "joined");
    fill_the_disk(
        folder.path(),
        "sample whole --input corpus.jsonl --epochs 5 --export jsonl --export parquet",
        "order",
    );
}

#[test]
fn a_read_only_disk_is_told() {
    let folder = with_corpus();
    let script =
        "mount -t tmpfs -o ro none \"$DISK\" && exec \"$PROGRAM\" run corpus.jsonl --out \"$DISK/out\"";
    let Some(ended) = in_namespace(folder.path(), script) else { return };
    ended.assert_failed(1, &["disk/out", "ead-only"]);
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    let folder = with_corpus();
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("a folder");
    fs::set_permissions(&out, PermissionsExt::from_mode(0o555)).expect("permissions");
    let mut command = unprivileged(folder.path());
    program::finish(command.args("run corpus.jsonl --out out".split(' ')))
        .assert_failed(1, &["out", "ermission"]);
    assert_eq!(fs::read_dir(&out).expect("the folder").count(), 0);
}
