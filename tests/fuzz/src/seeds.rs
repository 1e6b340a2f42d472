//! The files that are changed: real ones, as other programs and this one write them.

use std::fs;
use std::path::{Path, PathBuf};

/// Where this crate lies; the workspace is two folders above.
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// A file as it was written, with its name.
pub type Named = (String, Vec<u8>);

/// The files of `seeds/NAME`, which `seeds/make.py` has written.
pub fn written(name: &str) -> Vec<Vec<u8>> {
    in_folder(&Path::new(HERE).join("seeds").join(name)).into_iter().map(|(_, bytes)| bytes).collect()
}

/// The files of `kept/NAME`, on which a reader once failed.
pub fn kept(name: &str) -> Vec<Named> {
    let folder = Path::new(HERE).join("kept").join(name);
    if folder.is_dir() { in_folder(&folder) } else { Vec::new() }
}

/// A file of a small model of the tests of models.
pub fn of_model(model: &str, file: &str) -> Vec<u8> {
    let path = Path::new(HERE).join("../../models/tests/vectors").join(model).join(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn in_folder(folder: &Path) -> Vec<Named> {
    let failed = |error| -> ! { panic!("{}: {error}", folder.display()) };
    let entries = fs::read_dir(folder).unwrap_or_else(|error| failed(error));
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap_or_else(|error| failed(error)).path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, fs::read(&path).unwrap_or_else(|error| failed(error)))
    };
    paths.into_iter().map(read).collect()
}
