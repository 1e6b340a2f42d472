//! What can go wrong with an output folder.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use clusterclip_core::monitor::Cancelled;

use super::stage::StageName;

/// Why a folder could not be opened, read or written. `Display` is the whole message, cause included.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder's name belongs to a file.
    #[error("{} is a file, not a folder: name a folder", .path.display())]
    NotAFolder {
        /// The name given.
        path: PathBuf,
    },
    /// Another process holds the folder.
    #[error(
        "{} is in use by another clusterclip process: wait until it ends, or name another folder with --out",
        .path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A file operation failed.
    #[error("cannot {action} {}: {cause}{}", .path.display(), hint(.cause))]
    Io {
        /// What was tried: "write", "read".
        action: &'static str,
        /// On which file or folder, by its final name.
        path: PathBuf,
        /// The operating system's answer.
        cause: io::Error,
    },
    /// A file of ours does not hold what it should.
    #[error("{} is damaged ({why}): {remedy}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The folder was written by a newer program.
    #[error(
        "{} has format {found}, this program knows formats up to {known}: use a newer clusterclip, or write \
         it anew with --force",
        .path.display()
    )]
    Newer {
        /// The manifest.
        path: PathBuf,
        /// The version it names.
        found: String,
        /// The newest one known here.
        known: u32,
    },
    /// A file with one of our names stands where results should go, and the manifest does not list it.
    #[error(
        "{} holds {name}, which its manifest.json does not list: move it away, name another folder with \
         --out, or replace it with --force",
        .path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// The file's name.
        name: String,
    },
    /// An input is a file that the command would replace or remove.
    #[error(
        "{option} {} is a result in --out, which this command replaces: name another folder with --out, or \
         copy the file elsewhere and give the copy",
        .path.display()
    )]
    OwnInput {
        /// The option that names it.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The folder holds results of the stage made in another way.
    #[error(
        "{} holds {} made otherwise ({}): name another folder with --out, or add --force to replace that",
        .path.display(), .stage.results(), list(.differences)
    )]
    Conflict {
        /// The folder.
        path: PathBuf,
        /// The stage.
        stage: StageName,
        /// In what they differ, one a line of the list.
        differences: Vec<String>,
    },
    /// A stage that is needed has not been run in this folder.
    #[error("{} holds no results of `clusterclip {stage}`: run that there first", .path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
        /// The stage that is needed.
        stage: StageName,
    },
    /// The folder holds no manifest at all.
    #[error("{} holds no manifest.json: it is no output folder of clusterclip", .path.display())]
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// More or fewer rows came than were announced.
    #[error("{} was to hold {expected} {unit}, but got {got}: the input changed while it was read; start again", .path.display())]
    Count {
        /// The file.
        path: PathBuf,
        /// How many were announced.
        expected: u64,
        /// How many came (for too many: at least).
        got: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// The work was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl StoreError {
    /// Wraps an I/O error with what was tried on which file. An error that passed through one of our writers
    /// already says so and is kept.
    pub(crate) fn io(action: &'static str, path: &Path, cause: io::Error) -> Self {
        if cause.get_ref().is_some_and(|inner| inner.is::<Self>()) {
            let inner = cause.into_inner().expect("get_ref was Some");
            return *inner.downcast().expect("the type was checked");
        }
        Self::Io { action, path: path.to_path_buf(), cause }
    }
}

/// What to do about the commoner failures.
fn hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "; make room, or name another folder with --out"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; name a folder that can be written with --out, or change its permissions"
        }
        _ => "",
    }
}

/// The first differences, and how many more there are.
fn list(differences: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut text = differences.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("; ");
    if differences.len() > SHOWN {
        let _ = write!(text, "; and {} more", differences.len() - SHOWN);
    }
    text
}
