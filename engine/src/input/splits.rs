//! Splits: which files of a data set are its training, validation and test data, by their names.
//!
//! These are the rules by which the Python library `datasets` (5.2) reads a folder without a configuration, so that a
//! document's number here is the number of its row there. The first rule that finds a file decides alone:
//!
//! 1. `data/SPLIT-00000-of-00002….…`: any split, by the name before the numbers.
//! 2. A word for a split in the name of a folder: `train`, `training`; `validation`, `valid`, `dev`, `val`; `test`,
//!    `testing`, `eval`, `evaluation`. It is the whole name, or `-`, `.`, `_`, a blank or a digit parts it from the rest.
//! 3. Such a word in the name of a file, with one of these after it, and before it one of them or nothing.
//! 4. Everything is `train`.
//!
//! Files that the deciding rule does not find belong to no split. What is hidden, and what holds no data, is for the
//! caller to leave out before.
//!
//! ```
//! use clusterclip_engine::input::splits::splits;
//! let found = splits(&["a/test.csv", "a/training-1.csv", "b/train_0.csv", "b/notes.csv"]);
//! let found: Vec<_> = found.iter().map(|split| (split.name.as_str(), &split.files[..])).collect();
//! assert_eq!(found, [("train", &[2, 1][..]), ("test", &[0])]);
//! ```

use std::collections::BTreeSet;

/// The split that a file without any other belongs to, and that is read unless another is asked for.
pub const TRAIN: &str = "train";

/// Splits and their words, in the order in which they are looked for.
const WORDS: [(&str, &[&str]); 3] = [
    (TRAIN, &["train", "training"]),
    ("validation", &["validation", "valid", "dev", "val"]),
    ("test", &["test", "testing", "eval", "evaluation"]),
];

/// A split and its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What it is called.
    pub name: String,
    /// The numbers of its files, in the order in which they are read.
    pub files: Vec<usize>,
}

/// Finds the splits of files by their paths, relative to the data set's folder, with `/` between their parts. A file that
/// several words find is in several splits, and in one of them once. No files have no splits.
pub fn splits(paths: &[&str]) -> Vec<Split> {
    let mut order: Vec<usize> = (0..paths.len()).collect();
    order.sort_by_key(|&file| paths[file].as_bytes());
    let by_rule =
        [numbered(paths, &order), by_word(paths, &order, in_folder), by_word(paths, &order, in_name)];
    if let Some(found) = by_rule.into_iter().find(|found| !found.is_empty()) {
        return found;
    }
    if order.is_empty() { Vec::new() } else { vec![Split { name: TRAIN.to_owned(), files: order }] }
}

/// The splits of files that are numbered in `data/`.
fn numbered(paths: &[&str], order: &[usize]) -> Vec<Split> {
    let names: BTreeSet<&str> = order.iter().filter_map(|&file| numbered_split(paths[file])).collect();
    let known = WORDS.iter().map(|&(name, _)| name).filter(|name| names.contains(name));
    let others = names.iter().copied().filter(|name| WORDS.iter().all(|(known, _)| known != name));
    let of = |name: &str| {
        order.iter().copied().filter(|&file| numbered_split(paths[file]) == Some(name)).collect()
    };
    known.chain(others).map(|name| Split { name: name.to_owned(), files: of(name) }).collect()
}

/// The split in a path like `data/SPLIT-00000-of-00001.parquet`.
fn numbered_split(path: &str) -> Option<&str> {
    let name = path.strip_prefix("data/").filter(|name| !name.contains('/'))?;
    // The last place where such numbers stand, as a greedy pattern finds it.
    let from = name.rmatch_indices("-of-").find_map(|(at, of)| {
        let digits = |text: &str| text.len() >= 5 && text.as_bytes()[..5].iter().all(u8::is_ascii_digit);
        let (before, after) = (&name[..at], &name[at + of.len()..]);
        let dash = before.len().checked_sub(6)?;
        let numbers =
            before.is_char_boundary(dash) && before[dash..].starts_with('-') && digits(&before[dash + 1..]);
        (numbers && digits(after) && after[5..].contains('.')).then_some(dash)
    })?;
    Some(&name[..from]).filter(|split| !split.is_empty())
}

/// The splits whose words `found` finds: it tells how a path holds a word, of the ways in which they are looked for one
/// after another.
fn by_word(paths: &[&str], order: &[usize], found: fn(&str, &str) -> [bool; 4]) -> Vec<Split> {
    let mut splits = Vec::new();
    for (name, words) in WORDS {
        let mut files: Vec<usize> = Vec::new();
        let mut seen = vec![false; paths.len()];
        for word in words {
            let ways: Vec<[bool; 4]> = order.iter().map(|&file| found(paths[file], word)).collect();
            for way in 0..4 {
                for (&file, _) in order.iter().zip(&ways).filter(|(_, ways)| ways[way]) {
                    if !std::mem::replace(&mut seen[file], true) {
                        files.push(file);
                    }
                }
            }
        }
        if !files.is_empty() {
            splits.push(Split { name: name.to_owned(), files });
        }
    }
    splits
}

/// Whether `c` parts a word from what else is in a name.
fn parts(c: u8) -> bool {
    c.is_ascii_digit() || b"-._ ".contains(&c)
}

/// How a folder of the path is called after `word`: wholly, at its beginning, at its end, within.
fn in_folder(path: &str, word: &str) -> [bool; 4] {
    let folders = || path.split('/').rev().skip(1);
    [
        folders().any(|folder| folder == word),
        folders().any(|folder| begins(folder, word)),
        folders().any(|folder| ends(folder, word)),
        folders().any(|folder| within(folder, word)),
    ]
}

/// How the file is called after `word`: at its beginning, within.
fn in_name(path: &str, word: &str) -> [bool; 4] {
    let name = path.rsplit('/').next().unwrap_or(path);
    [begins(name, word), within(name, word), false, false]
}

/// Whether `name` begins with `word`, apart from the rest.
fn begins(name: &str, word: &str) -> bool {
    name.strip_prefix(word).and_then(|rest| rest.bytes().next()).is_some_and(parts)
}

/// Whether `name` ends with `word`, apart from the rest.
fn ends(name: &str, word: &str) -> bool {
    name.strip_suffix(word).and_then(|rest| rest.bytes().last()).is_some_and(parts)
}

/// Whether `word` stands in `name` with something before and after it, apart from both.
fn within(name: &str, word: &str) -> bool {
    name.match_indices(word).any(|(at, _)| {
        let after = name.as_bytes().get(at + word.len());
        at > 0 && parts(name.as_bytes()[at - 1]) && after.copied().is_some_and(parts)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> Vec<(String, Vec<String>)> {
        let named =
            |split: Split| (split.name, split.files.iter().map(|&file| paths[file].to_owned()).collect());
        splits(paths).into_iter().map(named).collect()
    }

    fn names(paths: &[&str]) -> Vec<String> {
        found(paths).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn numbered_files_in_data_decide_before_all_words() {
        let paths = [
            "data/test-00000-of-00001.parquet",
            "data/train-00001-of-00002-4a.parquet",
            "data/train-00000-of-00002-4b.parquet",
            "data/aux_a-00000-of-00001.parquet",
            "validation/x.parquet",
            "dev.parquet",
        ];
        assert_eq!(names(&paths), ["train", "test", "aux_a"]);
        assert_eq!(found(&paths)[0].1, [paths[2], paths[1]]);
        // Elsewhere, or with numbers of other lengths, the words decide.
        assert_eq!(names(&["x/train-00000-of-00001.parquet", "x/other-00000-of-00001.parquet"]), ["train"]);
        assert_eq!(names(&["data/other-0-of-1.parquet"]), ["train"]);
        assert_eq!(names(&["data/-00000-of-00001.parquet", "data/x-00000-of-00001"]), ["train"]);
        assert_eq!(names(&["data/é-00000-of-00001-00000-of-00009.a"]), ["é-00000-of-00001"]);
    }

    #[test]
    fn folders_decide_before_files() {
        let paths = ["eval/a.csv", "my-train/b.csv", "training_1/train.csv", "x.0dev0/c.csv", "test.csv"];
        assert_eq!(names(&paths), ["train", "validation", "test"]);
        assert_eq!(found(&paths)[0].1, ["my-train/b.csv", "training_1/train.csv"]);
        assert_eq!(found(&paths)[2].1, ["eval/a.csv"], "files by the way belong to no split");
    }

    #[test]
    fn words_stand_apart_and_are_written_small() {
        for name in ["train.csv", "a train 2.csv", "x/1.train_2", "training-.csv"] {
            assert_eq!(names(&[name, "test.csv"]), ["train", "test"], "{name}");
        }
        for name in ["Train.csv", "trains.csv", "retrain.csv", "train", "x-train", "split=train/a.csv"] {
            assert_eq!(names(&[name, "test.csv"]), ["test"], "{name}");
        }
        assert_eq!(names(&["latest.csv", "contest_1.csv"]), ["train"]);
        assert_eq!(names(&[]), [""; 0]);
    }

    #[test]
    fn a_file_is_in_each_split_that_finds_it_and_there_once() {
        let paths = ["train-test.csv", "train_train.csv"];
        let both = vec![
            ("train".to_owned(), vec!["train-test.csv".to_owned(), "train_train.csv".to_owned()]),
            ("test".to_owned(), vec!["train-test.csv".to_owned()]),
        ];
        assert_eq!(found(&paths), both);
    }
}
