//! Files that cannot be read.

use std::io;
use std::path::Path;

use clusterclip_core::error::Kind;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is none.
    #[error("{name} does not exist")]
    Missing {
        /// What it is called.
        name: String,
    },
    /// The operating system refuses it.
    #[error("{name} cannot be read: {cause}")]
    Read {
        /// What it is called.
        name: String,
        /// The system's answer.
        cause: io::Error,
    },
    /// It was written to meanwhile.
    #[error("{name} changed while it was read ({how}); start again when nothing writes to it")]
    Changed {
        /// What it is called.
        name: String,
        /// What tells.
        how: String,
    },
    /// A copy of it cannot be made.
    #[error("{name} cannot be copied to {to}; TMPDIR names another folder: {cause}")]
    Copy {
        /// What it is called.
        name: String,
        /// The copy.
        to: String,
        /// The system's answer.
        cause: io::Error,
    },
}

impl FileError {
    /// What tells that a file was written to: its length, else its time.
    pub(crate) fn difference(length: u64, now: u64) -> String {
        if length == now {
            "it was written to".to_owned()
        } else {
            format!("it had {length} bytes and has {now}")
        }
    }

    /// What a failed read of `path` comes to.
    pub fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + Copy {
        move |cause| Self::Read { name: path.display().to_string(), cause }
    }
}

clusterclip_core::nameless!(FileError, |error| match error {
    FileError::Changed { .. } => Kind::Input,
    FileError::Missing { .. } | FileError::Read { .. } | FileError::Copy { .. } => Kind::Io,
});
