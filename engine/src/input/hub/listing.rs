//! Listings: which files a repository has at a commit.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::name::{is_hash, leads_out};

/// A file of a repository at a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its path, with `/` between the parts.
    pub(super) path: String,
    /// Its length in bytes.
    pub(super) size: u64,
    /// What the cache calls its content: a hash that the hub has of it.
    pub(super) etag: String,
}

/// Puts a listing in the order of its paths.
///
/// # Errors
/// A name or hash that could be a file outside of the cache, or that comes twice: the hub's names become files here.
pub(super) fn checked(mut entries: Vec<Entry>) -> Result<Vec<Entry>, String> {
    let mut paths = BTreeSet::new();
    for Entry { path, etag, .. } in &entries {
        if let Some(why) = leads_out(path) {
            return Err(format!("it has a file named {path:?}, which {why}: such a name is not taken"));
        }
        if !is_hash(etag) {
            return Err(format!("the hash of its file {path} is {etag:?}, which is none"));
        }
        if !paths.insert(path.as_str()) {
            return Err(format!("its file {path} is listed twice"));
        }
    }
    entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

/// What names of files say is missing among them: of files that are numbered `-00000-of-00003` some numbers.
pub(super) fn missing(entries: &[Entry]) -> Option<String> {
    let paths: BTreeSet<&str> = entries.iter().map(|entry| &*entry.path).collect();
    let mut groups = BTreeSet::new();
    for path in &paths {
        if let Some((start, total, end)) = numbered(path) {
            groups.insert((start, total, end));
        }
    }
    // A part of a name after the numbers may differ from file to file.
    let numbers = |start: &str, total: u64| {
        let of = |path: &&str| {
            let (own, all, _) = numbered(path)?;
            (own == start && all == total).then(|| path[start.len() + 1..][..5].parse::<u64>().ok()).flatten()
        };
        paths.iter().filter_map(of).collect::<BTreeSet<u64>>()
    };
    groups.iter().find_map(|&(start, total, _)| {
        let there = numbers(start, total);
        let lost = (0..total).find(|number| !there.contains(number))?;
        Some(format!("{start}-{lost:05}-of-{total:05}"))
    })
}

/// Takes `START-00001-of-00003END` apart: start, total, end.
fn numbered(path: &str) -> Option<(&str, u64, &str)> {
    let of = path.rfind("-of-")?;
    let (before, after) = (&path[..of], &path[of + 4..]);
    let digits = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (start, number) = before.rsplit_once('-')?;
    let total = after.get(..5).filter(|total| digits(total))?;
    digits(number).then(|| Some((start, total.parse().ok()?, &after[5..])))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        Entry { path: path.to_owned(), size: 1, etag: "a".repeat(40) }
    }

    #[test]
    fn hostile_listings_are_refused() {
        let order: Vec<_> = checked(vec![entry("b"), entry("a/c"), entry("B")]).expect("it is harmless");
        assert_eq!(order.iter().map(|entry| &*entry.path).collect::<Vec<_>>(), ["B", "a/c", "b"]);
        for path in ["../x", "/x", "a/../../x", "a\\..\\x", "C:/x", "x\n"] {
            let error = checked(vec![entry("a"), entry(path)]).expect_err(path);
            assert!(error.contains("not taken") && !error.contains('\n'), "{error}");
        }
        for etag in ["", "../../x", "a/b", "ABCDEF0123456789ABCDEF0123456789ABCDEF01"] {
            let hostile = Entry { etag: etag.to_owned(), ..entry("x") };
            assert!(checked(vec![hostile]).expect_err(etag).contains("hash"));
        }
        assert!(checked(vec![entry("a"), entry("a")]).expect_err("twice").contains("twice"));
    }

    #[test]
    fn numbers_tell_what_is_missing() {
        let lost = |paths: &[&str]| missing(&paths.iter().map(|path| entry(path)).collect::<Vec<_>>());
        assert_eq!(lost(&["a.csv", "data/train-00000-of-00001.parquet"]), None);
        assert_eq!(lost(&["train-00000-of-00002-ab.parquet", "train-00001-of-00002-cd.parquet"]), None);
        assert_eq!(
            lost(&["data/train-00000-of-00003.parquet", "data/train-00002-of-00003.parquet"]).as_deref(),
            Some("data/train-00001-of-00003")
        );
    }
}
