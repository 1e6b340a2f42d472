//! What every row of the tables of bad input asserts.

use std::fs;

use clusterclip_tests::results;

/// Runs the program with `words` in a folder of `files` and asserts that it fails with `code`, says all of
/// `says`, leaves nothing half-written in `out` and touches no input. Wrong usage (2) writes nothing at all.
#[track_caller]
pub fn refused(files: &[(&str, &[u8])], words: &str, code: i32, says: &[&str]) {
    let folder = crate::folder(files);
    crate::clusterclip(folder.path(), words).assert_failed(code, says);
    let out = folder.path().join("out");
    let results = out.join("manifest.json").exists();
    assert!(out.exists() == results, "a folder in which nothing was finished is not left behind");
    assert!(code != 2 || !results, "wrong usage is told before anything is written");
    results::assert_nothing_half_written(&out);
    for (name, bytes) in files {
        assert_eq!(fs::read(folder.path().join(name)).ok().as_deref(), Some(*bytes), "{name} is as it was");
    }
}

/// A table: the name of the claim, the files, the words, the exit code, and the parts of the message.
macro_rules! table {
    ($($claim:ident: $files:expr, $words:expr, $code:expr, $says:expr;)*) => {
        $(
            #[test]
            fn $claim() {
                $crate::refused::refused(&$files, $words, $code, &$says);
            }
        )*
    };
}
pub(crate) use table;
