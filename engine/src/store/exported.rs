//! The names of exported files.

use std::path::Path;

use super::{IDS, POSITIONS};

/// How files of lines may end.
const LINES: [&str; 3] = [".jsonl", ".jsonl.gz", ".jsonl.zst"];

/// The most files into which an order is cut: their names have five digits, and sort as they follow each other.
pub const MAX_SHARDS: usize = 99_999;

/// The name of a file of those into which an order is cut: `order-00000-of-00064.jsonl`.
pub fn shard(stem: &str, number: usize, count: usize, ending: &str) -> String {
    format!("{stem}-{number:05}-of-{count:05}{ending}")
}

/// The name of a file of a cluster's documents: `cluster_7/data_0.jsonl`.
pub fn of_cluster(cluster: usize, number: usize) -> String {
    format!("cluster_{cluster}/data_{number}.jsonl")
}

/// The name of the positions of a trainer of several: `rank-0-of-8.npy`.
pub fn rank(rank: u64, world_size: u64) -> String {
    format!("rank-{rank}-of-{world_size}.npy")
}

/// Whether an export may write a file of this name.
pub(super) fn is_name(name: &str) -> bool {
    if let Some((folder, file)) = name.split_once('/') {
        return between(folder, "cluster_", "").is_some_and(is_number)
            && between(file, "data_", ".jsonl").is_some_and(is_number);
    }
    name == IDS
        || name == POSITIONS
        || holds_texts(name)
        || between(name, "rank-", ".npy").is_some_and(is_part)
}

/// Whether a file of the folder itself that an export has written holds texts.
pub(super) fn holds_texts(name: &str) -> bool {
    let stem = LINES.iter().find_map(|ending| name.strip_suffix(ending));
    match stem {
        Some("order" | "records") => true,
        Some(stem) => ["order-", "records-"].iter().any(|of| stem.strip_prefix(of).is_some_and(is_part)),
        None => between(name, "order-", ".parquet").is_some_and(is_part),
    }
}

/// The names of the files in `folder` that an export may have written, sorted.
pub(super) fn names_in(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for name in list(folder) {
        if is_name(&name) {
            names.push(name);
        } else if between(&name, "cluster_", "").is_some_and(is_number) {
            let inside: Vec<String> = list(&folder.join(&name)).collect();
            let inside = inside.iter().map(|file| format!("{name}/{file}"));
            names.extend(inside.filter(|name| is_name(name)));
        }
    }
    names.sort_unstable();
    names
}

fn list(folder: &Path) -> impl Iterator<Item = String> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned())
}

fn between<'a>(name: &'a str, before: &str, after: &str) -> Option<&'a str> {
    name.strip_prefix(before)?.strip_suffix(after)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `3-of-8`.
fn is_part(text: &str) -> bool {
    text.split_once("-of-").is_some_and(|(part, of)| is_number(part) && is_number(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_known_by_its_name_and_nothing_else() {
        for name in ["order.jsonl", "records.jsonl.zst", IDS, POSITIONS, &rank(7, 8), &of_cluster(3, 12)] {
            assert!(is_name(name), "{name}");
        }
        for (stem, ending) in [("order", ".jsonl.gz"), ("records", ".jsonl"), ("order", ".parquet")] {
            let name = shard(stem, 3, 64, ending);
            assert!(is_name(&name) && holds_texts(&name), "{name}");
        }
        assert_eq!(shard("order", 3, 64, ".jsonl"), "order-00003-of-00064.jsonl");
        let others = [
            "order.npy",
            "order.parquet",
            "order-1-of-.jsonl",
            "orders.jsonl",
            "records-a-of-2.jsonl",
            "records-00000-of-00001.parquet",
            "cluster_1/data_x.jsonl",
            "cluster_1/other.jsonl",
            "cluster_1/../data_1.jsonl",
            "../cluster_1/data_1.jsonl",
            "rank-1.npy",
            "",
        ];
        for name in others {
            assert!(!is_name(name), "{name}");
        }
    }
}
