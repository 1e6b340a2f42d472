//! Kinds of data: which files are read, by their extensions, and which kind most of them are of.

use std::collections::BTreeMap;

use super::listing::Entry;

/// Extensions of data that are read, with what they count as together.
const READ: [(&str, &str); 11] = [
    ("parquet", "parquet"),
    ("arrow", "arrow"),
    ("feather", "arrow"),
    ("jsonl", "json"),
    ("json", "json"),
    ("ndjson", "json"),
    ("jl", "json"),
    ("jsonlines", "json"),
    ("csv", "csv"),
    ("tsv", "csv"),
    ("txt", "text"),
];

/// Extensions of data that are not read: pictures, sounds, films, archives, science.
const UNREAD: [&str; 38] = [
    "aac", "aiff", "avi", "bmp", "cif", "conll", "conllu", "fasta", "fastq", "flac", "gif", "glb", "h5",
    "hdf5", "jpeg", "jpg", "lance", "m4a", "mkv", "mov", "mp3", "mp4", "mpeg", "nii", "obj", "ogg", "opus",
    "pdb", "pdf", "png", "tar", "tif", "tiff", "wav", "webm", "webp", "xml", "zip",
];

/// What the extensions in a file's name say, in small letters.
fn extensions(path: &str) -> impl Iterator<Item = String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').skip(1).map(str::to_ascii_lowercase)
}

/// What a file that is read counts as.
fn kind(path: &str) -> Option<&'static str> {
    extensions(path).find_map(|extension| kind_of(&extension))
}

fn kind_of(extension: &str) -> Option<&'static str> {
    READ.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
}

/// The extension that most of the files have, of those that say that a file is data: in a draw that which `datasets`
/// prefers.
fn most(entries: &[Entry], files: &[usize]) -> Option<String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for extension in files.iter().flat_map(|&file| extensions(&entries[file].path)) {
        if kind_of(&extension).is_some() || UNREAD.contains(&&*extension) {
            *counts.entry(extension).or_default() += 1;
        }
    }
    let favourite = |extension: &str| {
        let order = ["csv", "json", "jsonl", "arrow", "parquet"];
        order.iter().position(|known| *known == extension).map_or(0, |place| place + 1)
    };
    let by = |(extension, count): &(String, u64)| (*count, favourite(extension), extension.clone());
    counts.into_iter().max_by_key(by).map(|(extension, _)| extension)
}

/// The files that are read, where most of the data are.
pub(super) fn readable(entries: &[Entry], files: Vec<usize>) -> Result<Vec<usize>, String> {
    most_kind(entries, &files)?;
    Ok(files.into_iter().filter(|&file| kind(&entries[file].path).is_some()).collect())
}

/// The files of the kind that most of them are of.
pub(super) fn one_kind(entries: &[Entry], files: Vec<usize>) -> Result<Vec<usize>, String> {
    let most = most_kind(entries, &files)?;
    let is_of =
        |file: &usize| extensions(&entries[*file].path).any(|extension| kind_of(&extension) == Some(most));
    Ok(files.into_iter().filter(is_of).collect())
}

fn most_kind(entries: &[Entry], files: &[usize]) -> Result<&'static str, String> {
    let Some(most) = most(entries, files) else {
        return Err("it has no file of data".to_owned());
    };
    kind_of(&most).ok_or_else(|| format!("its data are .{most} files, which are not read"))
}
