//! Exports are read by other programs: the rows of the order, in its order.

use std::ffi::OsStr;
use std::fs;

use clusterclip_tests::{corpus, program, python};

use crate::{PROGRAM, told};

#[test]
fn exports_are_read_by_the_libraries_of_trainers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = folder.path();
    fs::write(dir.join("a.jsonl"), corpus::jsonl(&corpus::documents(300, 40))).expect("a file");
    let forms = ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "ids", "table", "ranks"];
    let mut command = program::command(PROGRAM, dir);
    command.args(["run", "a.jsonl", "--out", "out", "--clusters", "4", "--epochs", "2", "--shards", "3"]);
    command.args(["--world-size", "2", "--quiet"]).args(forms.iter().flat_map(|form| ["--export", form]));
    program::finish(&mut command).assert_done();
    let found = python::run("read_exports.py", [dir.join("out").as_os_str() as &OsStr]);
    let rows = found.as_object().expect("forms").iter().map(|(name, found)| {
        let words = found.to_string();
        (name.clone(), if found["rows"] == 600 { Ok(words) } else { Err(words) })
    });
    told("form | library", &rows.collect::<Vec<_>>());
}
