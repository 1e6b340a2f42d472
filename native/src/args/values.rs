//! Words into values that can only be valid: one message a mistake, naming the value and the limit.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The most threads that can be asked for; more than any machine has, few enough to start.
const MAX_THREADS: usize = 1024;

/// Parses `--clusters`.
pub fn clusters(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err("give a whole number, at least 1 and at most the number of documents".into()),
    }
}

/// Parses `--threads`.
pub fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=MAX_THREADS) => Ok(number),
        _ => Err(whole_number("the number of threads", MAX_THREADS as u64)),
    }
}

/// Parses `--tolerance`.
pub fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("a tolerance is a share of the objective: a number from 0 to under 1".into()),
    }
}

fn whole_number(what: &str, limit: u64) -> String {
    format!("{what} is a whole number from 1 to {limit}")
}

/// `--init`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitChoice {
    /// Rows of a keyed permutation.
    Random,
    /// Rows far from those taken before.
    KMeansPlusPlus,
    /// The rows of a file.
    File(PathBuf),
}

impl FromStr for InitChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "random" => Ok(Self::Random),
            "k-means++" => Ok(Self::KMeansPlusPlus),
            file if file.ends_with(".npy") => Ok(Self::File(file.into())),
            _ => Err("expected `random`, `k-means++` or a file whose name ends in .npy".into()),
        }
    }
}

impl fmt::Display for InitChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => f.write_str("random"),
            Self::KMeansPlusPlus => f.write_str("k-means++"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// `--export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// `order.jsonl`: one document a line, in training order.
    Jsonl,
}

impl FromStr for Export {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "jsonl" => Ok(Self::Jsonl),
            "parquet" | "folders" | "npy" => {
                Err("this version exports `jsonl` only; order.npy, the order itself, is always written"
                    .into())
            }
            _ => Err("expected `jsonl`".into()),
        }
    }
}
