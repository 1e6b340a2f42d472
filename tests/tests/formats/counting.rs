//! Documents have the numbers that `datasets` and pandas give them: rows picked there by order.npy are the texts of
//! the order.

use std::ffi::OsStr;
use std::fs;

use clusterclip_tests::python;
use serde_json::{Value, json};

use crate::{reading, told};

/// Where a library counts otherwise, by the case and the library, with the reason. That it does is held too.
const OTHERWISE: &[(&str, &str, &str)] = &[];

#[test]
fn rows_picked_by_the_order_elsewhere_are_its_texts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = folder.path();
    let cases = python::run("write_counted.py", [dir]);
    fs::write(dir.join("cases"), cases.to_string()).expect("a file");
    let cases = cases.as_array().expect("cases");
    let mut outs = Vec::new();
    let mut refused = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let words = case["words"].as_array().expect("words").iter().filter_map(Value::as_str);
        let words: Vec<_> = words.collect();
        let out = format!("out/{number}");
        let read = reading::read(dir, OsStr::new(case["input"].as_str().expect("a name")), &out, &words);
        outs.push(read.is_ok().then(|| dir.join(&out)));
        refused.push(read.err().map(|why| why.replace('\n', " / ")));
    }
    let found = python::run(
        "count.py",
        [dir.as_os_str(), dir.join("cases").as_os_str(), OsStr::new(&json!(outs).to_string())],
    );
    let rows: Vec<_> = cases
        .iter()
        .zip(found.as_array().expect("what was found"))
        .zip(refused)
        .map(|((case, found), refused)| {
            let note = case["note"].as_str().expect("a note");
            (format!("{note:45}"), refused.map_or_else(|| outcome(note, found), Err))
        })
        .collect();
    told("records of | what loads the same rows", &rows);
}

/// What the two libraries found, which must be the same rows, or a refusal, unless it is known to be otherwise.
fn outcome(note: &str, found: &Value) -> Result<String, String> {
    let mut words = Vec::new();
    let mut wrong = false;
    for (library, found) in found.as_object().expect("libraries") {
        let known = OTHERWISE.iter().find(|(case, other, _)| (*case, *other) == (note, library));
        words.push(match (&found["rows"], &found["refused"], known) {
            (Value::Number(rows), _, None) => format!("{library}: {rows} rows"),
            (_, Value::String(why), _) => format!("{library} refuses: {why}"),
            (Value::Null, _, Some((.., why))) => format!("{library}: otherwise, {why}"),
            _ => {
                wrong = true;
                format!("{library}: {found}")
            }
        });
    }
    let words = words.join("; ");
    if wrong { Err(words) } else { Ok(words) }
}
