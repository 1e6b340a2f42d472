//! Walking: which files of a folder are read.

/// What was left out of the folders, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Files with a NUL among their first bytes.
    pub binary: u64,
    /// Files without text.
    pub empty: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Sockets, pipes and devices.
    pub special: u64,
    /// Compressed files in a folder that is read as one document a file.
    pub compressed: u64,
    /// Files of another format than the one asked for.
    pub other_format: u64,
}
