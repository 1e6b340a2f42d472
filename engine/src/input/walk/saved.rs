//! Saved data sets: folders that `save_to_disk` of the Python library `datasets` wrote.
//!
//! `state.json` lists the Arrow files of a data set in their order; other Arrow files beside them are caches.
//! `dataset_dict.json` lists splits, each a data set in the folder of its name.

use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::error::{FileError, Result};
use crate::input::error::InputError;

/// What such a folder lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Saved {
    /// Files.
    Files(Vec<String>),
    /// Splits, each in a folder of its name.
    Splits(Vec<String>),
}

const STATE: &str = "state.json";
const DICT: &str = "dataset_dict.json";

/// Such lists are short.
const LONGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct State {
    #[serde(rename = "_data_files")]
    files: Vec<DataFile>,
    /// A permutation or selection of the rows, as versions before 2.0 kept it; under either name.
    #[serde(rename = "_indices_data_files", default)]
    indices: Vec<DataFile>,
    #[serde(rename = "_indices_files", default)]
    more_indices: Vec<DataFile>,
}

#[derive(Deserialize)]
struct DataFile {
    filename: String,
}

#[derive(Deserialize)]
struct Dict {
    splits: Vec<String>,
}

impl Saved {
    /// Reads the list of a folder, of which `has` tells the files; `None` where it is none that was saved.
    pub(super) fn of(folder: &Path, has: impl Fn(&str) -> bool) -> Result<Option<Self>> {
        let list = folder.join(STATE);
        let state = if has(STATE) { read(&list)? } else { None };
        if let Some(State { files, indices, more_indices }) = state {
            if !indices.is_empty() || !more_indices.is_empty() {
                return Err(InputError::SavedIndices { path: folder.to_owned() }.into());
            }
            let names = files.into_iter().map(|file| file.filename);
            return Ok(Some(Self::Files(checked(&list, names)?)));
        }
        let list = folder.join(DICT);
        let dict = if has(DICT) { read(&list)? } else { None };
        Ok(match dict {
            Some(Dict { splits }) => Some(Self::Splits(checked(&list, splits)?)),
            None => None,
        })
    }
}

/// Reads a list; `None` where there is no such file, or one of other content: their names are common.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let length = match path.metadata() {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        _ => return Ok(None),
    };
    if length > LONGEST {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(FileError::read(path))?;
    Ok(serde_json::from_slice(&bytes).ok())
}

/// Refuses names that lead out of the folder.
fn checked(list: &Path, names: impl IntoIterator<Item = String>) -> Result<Vec<String>, InputError> {
    let inside =
        |name: &String| !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\']);
    let names: Vec<String> = names.into_iter().collect();
    match names.iter().find(|name| !inside(name)) {
        Some(name) => Err(InputError::LeadsOut { list: list.to_owned(), name: name.clone() }),
        None => Ok(names),
    }
}

/// Says that a file that is listed cannot be found.
pub(super) fn missing(path: &Path, cause: io::Error) -> FileError {
    match cause.kind() {
        io::ErrorKind::NotFound => FileError::Missing { name: path.display().to_string() },
        _ => FileError::read(path)(cause),
    }
}
