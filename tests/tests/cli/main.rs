//! The command line, run as a person runs it: what it writes, what it says, what it survives.

mod bad_input;
mod bad_options;
mod bad_rows;
mod damage;
mod datasets;
#[cfg(target_os = "linux")]
mod disk;
mod early;
mod exports;
mod folders;
mod gpu;
#[cfg(target_os = "linux")]
mod gpu_faults;
mod hostile;
mod hub;
#[cfg(target_os = "linux")]
mod interruption;
mod join;
#[cfg(unix)]
mod kills;
mod labels;
mod models;
mod numbering;
mod own_input;
mod pinned;
mod refused;
mod reuse;
mod sameness;
mod scores;
mod tables;
mod transcripts;
mod vectors;
mod weights;

use std::fs;
use std::path::Path;
use std::process::Command;

use clusterclip_tests::corpus;
use clusterclip_tests::program::{self, Ended};
use tempfile::TempDir;

/// Built by cargo before these tests, from the sources of the `clusterclip` binary.
const PROGRAM: &str = env!("CARGO_BIN_EXE_clusterclip-under-test");

/// Runs the program with these words in `folder`.
fn clusterclip(folder: &Path, words: &str) -> Ended {
    program::run(PROGRAM, folder, words.split_whitespace())
}

/// The program in `folder`, to be given more.
fn command(folder: &Path) -> Command {
    program::command(PROGRAM, folder)
}

/// A folder with files in it.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
    }
    folder
}

/// A folder with `corpus.jsonl`: 300 documents of about 40 words.
fn with_corpus() -> TempDir {
    folder(&[("corpus.jsonl", &corpus::jsonl(&corpus::documents(300, 40)))])
}

/// The program as a user whom permissions hold: root may do everything, so there it runs as nobody, from a
/// copy that nobody may read.
#[cfg(unix)]
fn unprivileged(folder: &Path) -> Command {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    if fs::metadata(folder).expect("a folder").uid() != 0 {
        return command(folder);
    }
    let copy = folder.join("clusterclip");
    fs::copy(PROGRAM, &copy).expect("a copy of the program");
    fs::set_permissions(folder, PermissionsExt::from_mode(0o777)).expect("permissions");
    let mut command = program::command(copy.to_str().expect("a path of UTF-8"), folder);
    command.uid(NOBODY).gid(NOBODY);
    command
}
