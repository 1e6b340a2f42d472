//! Why the files of a model cannot be had.

use std::path::PathBuf;

use clusterclip_core::error::Kind;

use super::{CONFIG, IN_PIECES, TOKENIZER, WEIGHTS};
use crate::hub::HubError;

/// Why the files of a model cannot be had. What they hold is judged by `clusterclip_models`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilesError {
    /// A file is named where a folder is wanted.
    #[error("this is a file; a folder with {CONFIG}, {TOKENIZER} and {WEIGHTS} is wanted")]
    NotAFolder,
    /// Neither a folder nor an id.
    #[error("there is no such folder, and an id of the hub has the form OWNER/NAME")]
    NoFolder,
    /// The hub's model has no tokenizer.
    #[error("it has no {TOKENIZER}")]
    NoTokenizer,
    /// The weights lie in several files.
    #[error("{} has no {WEIGHTS}: {IN_PIECES}", .folder.display())]
    InPieces {
        /// The folder.
        folder: PathBuf,
    },
    /// A file is missing, and nothing stands for it.
    #[error(
        "{} has no {wanted}: a folder in the Hugging Face layout holds {CONFIG}, {TOKENIZER} and {WEIGHTS} (weights in \
         other formats are not read)",
        .folder.display()
    )]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The file.
        wanted: &'static str,
    },
    /// A file is missing, and several could stand for it.
    #[error("{} has no {wanted}, and {many} files that could stand for it: leave one", .folder.display())]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// The file.
        wanted: &'static str,
        /// How many could be meant.
        many: usize,
    },
    /// The hub did not give what the cache lacks.
    #[error(
        "there is no such folder; {cause}; the cache {} was looked in too; a folder that holds the model's files can \
         be given instead of the id",
        .cache.display()
    )]
    Hub {
        /// What went wrong.
        cause: HubError,
        /// The cache.
        cache: PathBuf,
    },
}

clusterclip_core::nameless!(FilesError, |error| match error {
    FilesError::Hub { .. } => Kind::Io,
    _ => Kind::Input,
});
