//! What can go wrong with an output folder.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use clusterclip_core::error::{Explain, Kind, Names, Param};
use clusterclip_core::monitor::Cancelled;

use crate::human::bytes;

use super::names::StageName;

/// Why a folder could not be opened, read or written. `Display` is the whole message, cause included.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder's name belongs to a file.
    NotAFolder {
        /// The name given.
        path: PathBuf,
    },
    /// Another process holds the folder.
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A file operation failed.
    Io {
        /// What was tried: "write", "read".
        action: &'static str,
        /// On which file or folder, by its final name.
        path: PathBuf,
        /// The operating system's answer.
        cause: io::Error,
    },
    /// A file of ours does not hold what it should.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What to do.
        remedy: Remedy,
    },
    /// The folder was written by a newer program.
    Newer {
        /// The manifest.
        path: PathBuf,
        /// The version it names.
        found: String,
        /// The newest one known here.
        known: u32,
    },
    /// A manifest holds no hash of itself, so that nobody can tell whether it was changed.
    Unsealed {
        /// The manifest.
        path: PathBuf,
    },
    /// A file with one of our names stands where results should go, and the manifest does not list it.
    Foreign {
        /// The folder.
        path: PathBuf,
        /// The file's name.
        name: String,
    },
    /// What is to be written does not fit.
    NoRoom {
        /// The folder.
        path: PathBuf,
        /// Bytes that are to be written, about.
        wanted: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// An input is a file that the command would replace or remove.
    OwnInput {
        /// What names it; `None` for what is named without a word.
        param: Option<Param>,
        /// The file.
        path: PathBuf,
    },
    /// The folder holds results of the stage made in another way.
    Conflict {
        /// The folder.
        path: PathBuf,
        /// The stage.
        stage: StageName,
        /// In what they differ.
        differences: Vec<Difference>,
    },
    /// A stage that is needed has not been run in this folder.
    Missing {
        /// The folder.
        path: PathBuf,
        /// The stage that is needed.
        stage: StageName,
    },
    /// The folder holds no manifest at all.
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// More or fewer rows came than were announced.
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
    Cancelled(#[from] Cancelled),
}

/// What to do about a damaged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// The command that made it makes it again.
    Again,
    /// So it does, where it may replace what is there.
    Replace,
    /// All results of the folder are to be made anew.
    Anew,
}

/// In what results differ from those that are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// A setting.
    Setting {
        /// Its name in the manifest.
        name: String,
        /// Its value in the folder.
        there: String,
        /// The value wanted.
        here: String,
    },
    /// The documents.
    Input,
    /// The labels.
    Labels,
    /// A file.
    File {
        /// What it is listed as.
        name: String,
    },
    /// The list of inputs.
    Inputs,
    /// The version of the arithmetic.
    Version {
        /// That of the folder.
        there: String,
        /// That of this program.
        here: String,
    },
    /// A stage before it.
    Earlier,
    /// Results of a stage after this one, which were made from others.
    NotFrom {
        /// This stage.
        stage: StageName,
    },
    /// How the files are written.
    Format,
}

impl Difference {
    fn said(&self, names: Names) -> String {
        match self {
            Self::Setting { name, there, here } => {
                let name = Param::of_name(name).map_or_else(|| name.clone(), names);
                format!("{name} {there} there, {here} here")
            }
            Self::Input => "the input has changed".to_owned(),
            Self::Labels => "other labels".to_owned(),
            Self::File { name } => {
                let name = Param::of_name(name).map_or_else(|| name.clone(), names);
                format!("{name} is another file or has changed")
            }
            Self::Inputs => "it had other inputs".to_owned(),
            Self::Version { there, here } => format!("{there} there, {here} here"),
            Self::Earlier => "an earlier stage has changed".to_owned(),
            Self::NotFrom { stage } => format!("not from {} of this folder", stage.results()),
            Self::Format => "another format of the files".to_owned(),
        }
    }
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

impl Explain for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Cancelled(_) => Kind::Cancelled,
            Self::Io { .. } | Self::NoRoom { .. } => Kind::Io,
            _ => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (out, force) = (names(Param::Out), names(Param::Force));
        match self {
            Self::NotAFolder { path } => {
                write!(f, "{} is a file, not a folder: name a folder", path.display())
            }
            Self::InUse { path } => write!(
                f,
                "{} is in use by another clusterclip process: wait until it ends, or name another folder with {out}",
                path.display()
            ),
            Self::Io { action, path, cause } => {
                write!(f, "cannot {action} {}: {cause}", path.display())?;
                hint(cause, &out, f)
            }
            Self::Damaged { path, why, remedy } => {
                let remedy = match remedy {
                    Remedy::Again => "run the command that made it once more".to_owned(),
                    Remedy::Replace => format!("run the command that made it once more, with {force}"),
                    Remedy::Anew => format!("run again with {force} to make the results anew"),
                };
                write!(f, "{} is damaged ({why}): {remedy}", path.display())
            }
            Self::Newer { path, found, known } => write!(
                f,
                "{} has format {found}, this program knows formats up to {known}: use a newer clusterclip, or write it \
                 anew with {force}",
                path.display()
            ),
            Self::Unsealed { path } => write!(
                f,
                "{} holds no hash of its content (an earlier clusterclip wrote it, or it is damaged): run again with \
                 {force} to make the results anew",
                path.display()
            ),
            Self::Foreign { path, name } => write!(
                f,
                "{} holds {name}, which its manifest.json does not list: move it away, name another folder with {out}, \
                 or replace it with {force}",
                path.display()
            ),
            Self::NoRoom { path, wanted, free } => write!(
                f,
                "{} {}: there is not enough space: what is to be written takes about {} or more, and {} are free; no export was written",
                names(Param::Out),
                path.display(),
                bytes(*wanted as f64),
                bytes(*free as f64)
            ),
            Self::OwnInput { param, path } => write!(
                f,
                "{} {} is a result in {out}, which this command replaces: name another folder with {out}, or copy the \
                 file elsewhere and give the copy",
                param.map_or_else(|| "the input".to_owned(), names),
                if path == Path::new("-") { Path::new("on standard input") } else { path }.display()
            ),
            Self::Conflict { path, stage, differences } => write!(
                f,
                "{} holds {} made otherwise ({}): name another folder with {out}, or add {force} to replace that",
                path.display(),
                stage.results(),
                list(differences, names)
            ),
            Self::Missing { path, stage } => {
                write!(
                    f,
                    "{} holds no results of {}: run that there first",
                    path.display(),
                    stage.described()
                )
            }
            Self::NoManifest { path } => {
                write!(f, "{} holds no manifest.json: it is no output folder of clusterclip", path.display())
            }
            Self::Count { path, expected, got, unit } => write!(
                f,
                "{} was to hold {expected} {unit}, but got {got}: the input changed while it was read; start again",
                path.display()
            ),
            Self::Cancelled(cancelled) => write!(f, "{cancelled}"),
        }
    }
}

clusterclip_core::explained!(StoreError);

/// What to do about the commoner failures.
fn hint(cause: &io::Error, out: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            write!(f, "; make room, or name another folder with {out}")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            write!(f, "; name a folder that can be written with {out}, or change its permissions")
        }
        _ => Ok(()),
    }
}

/// The first differences, and how many more there are.
fn list(differences: &[Difference], names: Names) -> String {
    const SHOWN: usize = 4;
    let mut shown: Vec<String> =
        differences.iter().take(SHOWN).map(|difference| difference.said(names)).collect();
    if differences.len() > SHOWN {
        shown.push(format!("and {} more", differences.len() - SHOWN));
    }
    shown.join("; ")
}
