use std::fs;

use serde_json::json;

use super::*;
use crate::store::{Request, StageName};

fn open(dir: &Path, version: &str) -> (PartialRows, Vec<Value>) {
    let key = Request::new(StageName::Embed, version).key();
    let mut kept = Vec::new();
    let rows = PartialRows::open(dir, key, 4, 2, &mut |facts| kept.push(facts), &Monitor::silent());
    (rows.unwrap(), kept)
}

fn rows(first: f32, count: usize) -> Vec<f32> {
    (0..2 * count).map(|i| first + i as f32).collect()
}

#[test]
fn whole_blocks_are_kept_and_the_array_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (mut whole, kept) = open(dir.path(), "a/1");
    assert!(kept.is_empty());
    whole.push(&rows(1.0, 1), json!(1)).unwrap();
    whole.push(&rows(3.0, 3), json!(2)).unwrap();
    let whole = whole.finish("whole.npy").unwrap();
    let (record, bytes) = (whole.record().clone(), fs::read(whole.path()).unwrap());
    drop(whole);
    discard(dir.path()).unwrap();

    let (mut part, _) = open(dir.path(), "a/1");
    part.push(&rows(1.0, 1), json!(1)).unwrap();
    drop(part);
    // What a killed run leaves: rows without a line, and half a line.
    for name in [ARRAY, LOG] {
        OpenOptions::new()
            .append(true)
            .open(dir.path().join(name))
            .unwrap()
            .write_all(b"{\"rows\":2")
            .unwrap();
    }
    let (mut part, kept) = open(dir.path(), "a/1");
    assert_eq!((kept, part.rows()), (vec![json!(1)], 1));
    part.push(&rows(3.0, 3), json!(2)).unwrap();
    let part = part.finish("part.npy").unwrap();
    assert_eq!((part.record(), fs::read(part.path()).unwrap()), (&record, bytes));

    // The stage failed when all rows were there.
    drop(part);
    assert_eq!(open(dir.path(), "a/1").0.rows(), 4);
}

#[test]
fn rows_of_another_stage_or_damaged_ones_are_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let fill = || {
        let (mut part, _) = open(dir.path(), "a/1");
        part.push(&rows(1.0, 2), json!(1)).unwrap();
        part.push(&rows(5.0, 1), json!(2)).unwrap();
    };
    fill();
    assert_eq!(open(dir.path(), "b/1").0.rows(), 0);
    fill();
    let path = dir.path().join(ARRAY);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (part, kept) = open(dir.path(), "a/1");
    assert_eq!((part.rows(), kept), (2, vec![json!(1)]));
    assert!(part.finish("x.npy").unwrap_err().to_string().contains("x.npy"));
    discard(dir.path()).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
