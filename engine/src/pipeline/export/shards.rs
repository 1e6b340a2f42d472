//! Shards: lines cut into files.

use crate::error::{Result, SettingsError};
use crate::settings::Shards;
use crate::store::{FinishedFile, MAX_SHARDS, OutDir, PackedWriter, Packing, of_cluster, shard};

use super::parts::Run;

/// What files are called.
#[derive(Debug, Clone, Copy)]
pub enum Naming {
    /// By the order: one file, or numbered ones.
    Order {
        /// How their names begin.
        stem: &'static str,
        /// How they end.
        ending: &'static str,
        /// Whether they are numbered.
        numbered: bool,
    },
    /// By a cluster.
    Cluster(usize),
}

impl Naming {
    /// The name of a file of `count`, of which the last is known when all are written.
    pub fn name(self, number: usize, count: usize) -> String {
        match self {
            Self::Order { stem, ending, numbered: true } => shard(stem, number, count, ending),
            Self::Order { stem, ending, .. } => format!("{stem}{ending}"),
            Self::Cluster(cluster) => of_cluster(cluster, number),
        }
    }
}

/// Says how many documents go into the current file.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    shards: Shards,
    total: u64,
    /// The files that are full.
    full: u64,
    /// What the current file has.
    documents: u64,
    bytes: u64,
}

impl Cut {
    /// Cuts `total` documents.
    pub fn new(shards: Shards, total: u64) -> Self {
        Self { shards, total, full: 0, documents: 0, bytes: 0 }
    }

    /// Whether a document of so many bytes goes into the current file; it is counted, there or in the next one.
    pub fn fits(&mut self, bytes: u64) -> bool {
        let fits = match self.shards {
            Shards::One => true,
            // The first ones have one more where it does not come out even.
            Shards::Count(count) => {
                self.documents < self.total / count + u64::from(self.full < self.total % count)
            }
            Shards::Bytes(most) => self.documents == 0 || self.bytes + bytes <= most,
        };
        if !fits {
            (self.full, self.documents, self.bytes) = (self.full + 1, 0, 0);
        }
        self.documents += 1;
        self.bytes += bytes;
        fits
    }

    /// How many files there are at the end, where that is asked for.
    pub fn count(&self) -> usize {
        match self.shards {
            Shards::Count(count) => count as usize,
            Shards::One | Shards::Bytes(_) => 1,
        }
    }
}

/// Files of lines being written.
pub struct Files<'a> {
    out: &'a OutDir,
    naming: Naming,
    packing: Packing,
    cut: Cut,
    open: Option<PackedWriter>,
    finished: Vec<FinishedFile>,
}

impl<'a> Files<'a> {
    /// Begins.
    pub fn new(out: &'a OutDir, naming: Naming, packing: Packing, cut: Cut) -> Self {
        Self { out, naming, packing, cut, open: None, finished: Vec::new() }
    }

    /// Adds lines.
    pub fn put(&mut self, lines: Run<'_>) -> Result<()> {
        let (mut from, mut start) = (0, 0);
        for end in lines.ends() {
            if !self.cut.fits((end - start) as u64) {
                self.write(&lines.bytes[from..start])?;
                self.close()?;
                from = start;
            }
            start = end;
        }
        self.write(&lines.bytes[from..start])
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let file = match &mut self.open {
            Some(file) => file,
            none => none.insert(begin(self.out, self.naming, self.finished.len(), self.packing)?),
        };
        Ok(file.put(bytes)?)
    }

    fn close(&mut self) -> Result<()> {
        let file = match self.open.take() {
            Some(file) => file,
            None => begin(self.out, self.naming, self.finished.len(), self.packing)?,
        };
        self.finished.push(file.finish()?);
        Ok(())
    }

    /// Ends the last file, and makes those that nothing was left for.
    pub fn finish(mut self) -> Result<Vec<FinishedFile>> {
        if self.open.is_some() {
            self.close()?;
        }
        while self.finished.len() < self.cut.count() {
            self.close()?;
        }
        Ok(named(self.finished, self.naming))
    }
}

/// Refuses one file more than names can number in their order.
pub fn check_number(number: usize) -> Result<(), SettingsError> {
    if number < MAX_SHARDS { Ok(()) } else { Err(SettingsError::TooManyShards { limit: MAX_SHARDS }) }
}

fn begin(out: &OutDir, naming: Naming, number: usize, packing: Packing) -> Result<PackedWriter> {
    if matches!(naming, Naming::Order { .. }) {
        check_number(number)?;
    }
    // How many there are is not known yet.
    Ok(PackedWriter::new(out.create(&naming.name(number, number + 1))?, packing)?)
}

/// Gives files the names that say how many there are.
pub fn named(files: Vec<FinishedFile>, naming: Naming) -> Vec<FinishedFile> {
    let count = files.len();
    files.into_iter().enumerate().map(|(number, file)| file.named(naming.name(number, count))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many documents of `bytes` each file gets.
    fn cut(shards: Shards, bytes: &[u64]) -> Vec<u64> {
        let mut cut = Cut::new(shards, bytes.len() as u64);
        let mut files = vec![0];
        for &bytes in bytes {
            if !cut.fits(bytes) {
                files.push(0);
            }
            *files.last_mut().unwrap() += 1;
        }
        files
    }

    #[test]
    fn documents_are_spread_evenly_or_by_their_bytes() {
        assert_eq!(cut(Shards::One, &[5; 7]), [7]);
        assert_eq!(cut(Shards::Count(3), &[5; 8]), [3, 3, 2]);
        assert_eq!(cut(Shards::Count(9), &[5; 2]), [1, 1]);
        assert_eq!(cut(Shards::Bytes(10), &[5, 5, 1, 9, 1, 30, 2]), [2, 2, 1, 1, 1]);
    }
}
