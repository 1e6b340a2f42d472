//! What was left out of folders, and what was chosen: files by kind, counted, the first of them by name.

use std::collections::BTreeMap;

use clusterclip_core::documents::sentence;
use clusterclip_core::error::{Names, Param};

/// How many files of a kind are named.
pub const TOLD: usize = 5;

/// Files of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// How many there are.
    pub count: u64,
    /// Their bytes on disk.
    pub bytes: u64,
    /// The names of the first [`TOLD`], in the order in which they were met.
    pub first: Vec<String>,
}

impl Files {
    /// Adds a file.
    pub(crate) fn add(&mut self, name: &str, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
        if self.first.len() < TOLD {
            self.first.push(name.to_owned());
        }
    }

    /// Adds files that were met later.
    pub(crate) fn append(&mut self, later: &Self) {
        self.count += later.count;
        self.bytes += later.bytes;
        let room = TOLD - self.first.len();
        self.first.extend(later.first.iter().take(room).cloned());
    }

    /// Names the first, and says how many more there are: `a, b and 7 more`.
    pub fn named(&self) -> String {
        let names = self.first.join(", ");
        match self.count - self.first.len() as u64 {
            0 => names,
            more => format!("{names} and {more} more"),
        }
    }
}

/// Why a file was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// No text: a NUL among its first bytes.
    Binary,
    /// Text as UTF-16 writes it.
    Utf16,
    /// Packed, and not to be unpacked, among text files.
    Damaged,
    /// Not a byte of text.
    Empty,
    /// A name that begins with a dot; a folder counts as one, whatever it holds.
    Hidden,
    /// A folder of results of this program; it counts as one.
    Results,
    /// Another path leads to the same file or folder, and comes before.
    Again,
    /// A link that leads nowhere.
    Dangling,
    /// A socket, a pipe or a device.
    Special,
    /// Of another format than the one that is asked for.
    OtherFormat,
    /// No records, in a folder of records.
    NoRecords,
    /// Of another split than the one that is read.
    OtherSplit,
}

impl Reason {
    /// What the manifest calls the files that are left out for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary_files",
            Self::Utf16 => "utf16_files",
            Self::Damaged => "damaged_files",
            Self::Empty => "empty_files",
            Self::Hidden => "hidden_files",
            Self::Results => "folders_of_results",
            Self::Again => "files_met_again",
            Self::Dangling => "links_that_lead_nowhere",
            Self::Special => "special_files",
            Self::OtherFormat => "files_of_another_format",
            Self::NoRecords => "files_without_records",
            Self::OtherSplit => "files_of_other_splits",
        }
    }
}

/// What was left out, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut(BTreeMap<Reason, Files>);

impl LeftOut {
    /// Adds a file.
    pub(crate) fn add(&mut self, reason: Reason, name: &str, bytes: u64) {
        self.0.entry(reason).or_default().add(name, bytes);
    }

    /// Adds what was left out later.
    pub(crate) fn append(&mut self, later: &Self) {
        for (&reason, files) in &later.0 {
            self.0.entry(reason).or_default().append(files);
        }
    }

    /// How many were left out for a reason.
    pub fn count(&self, reason: Reason) -> u64 {
        self.0.get(&reason).map_or(0, |files| files.count)
    }

    /// What was left out, by reason.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, &Files)> {
        self.0.iter().map(|(&reason, files)| (reason, files))
    }

    /// Says in sentences what was left out, and what to do if that is not wanted.
    pub fn warnings(&self, names: Names) -> Vec<String> {
        let told = self.iter().filter_map(|(reason, files)| {
            let (one, many) = said(reason, names);
            Some(format!("{}: {}", sentence(files.count, &one, &many)?, files.named()))
        });
        told.collect()
    }
}

/// The sentence for one file, and that for several, without their number and names.
fn said(reason: Reason, names: Names) -> (String, String) {
    let both = |one: &str, many: &str, rest: &str| (format!("{one}{rest}"), format!("{many}{rest}"));
    let plain = |one: &str, many: &str| both(one, many, "");
    match reason {
        Reason::Binary => plain("binary file was left out", "binary files were left out"),
        Reason::Utf16 => both(
            "file of UTF-16 was left out",
            "files of UTF-16 were left out",
            " (iconv -f UTF-16 -t UTF-8 converts)",
        ),
        Reason::Damaged => {
            plain("packed file that is damaged was left out", "packed files that are damaged were left out")
        }
        Reason::Empty => plain("empty file was left out", "empty files were left out"),
        Reason::Hidden => both(
            "hidden file or folder was left out",
            "hidden files and folders were left out",
            &format!(" ({} reads them)", names(Param::Hidden)),
        ),
        Reason::Results => plain(
            "folder with results of clusterclip was left out",
            "folders with results of clusterclip were left out",
        ),
        Reason::Again => both(
            "file or folder was left out",
            "files and folders were left out",
            ": another path leads to the same",
        ),
        Reason::Dangling => {
            plain("link that leads nowhere was left out", "links that lead nowhere were left out")
        }
        Reason::Special => plain(
            "special file (a socket, pipe or device) was left out",
            "special files (sockets, pipes, devices) were left out",
        ),
        Reason::OtherFormat => {
            let asked = format!(" than the one asked for ({})", names(Param::Format));
            let (one, many) = ("file of another format", "files of another format");
            (format!("{one}{asked} was left out"), format!("{many}{asked} were left out"))
        }
        Reason::NoRecords => both(
            "file that holds no records was left out",
            "files that hold no records were left out",
            &format!(" of a folder of records ({} text reads all as text)", names(Param::Format)),
        ),
        Reason::OtherSplit => both(
            "file of another split was left out",
            "files of other splits were left out",
            &format!(" ({} chooses)", names(Param::Split)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_named_and_the_others_counted() {
        let mut left = LeftOut::default();
        for i in 0..3 {
            left.add(Reason::Binary, &format!("{i}.png"), 10);
        }
        let mut later = left.clone();
        later.add(Reason::Utf16, "a.txt", 4);
        left.append(&later);
        let told = left.warnings(|param| format!("--{}", param.name()));
        assert_eq!(told[0], "6 binary files were left out: 0.png, 1.png, 2.png, 0.png, 1.png and 1 more");
        assert_eq!(told[1], "1 file of UTF-16 was left out (iconv -f UTF-16 -t UTF-8 converts): a.txt");
        assert_eq!((left.count(Reason::Binary), left.count(Reason::Empty)), (6, 0));
        assert_eq!(left.iter().map(|(_, files)| files.bytes).collect::<Vec<_>>(), [60, 4]);
    }
}
