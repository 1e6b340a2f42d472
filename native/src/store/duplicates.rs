//! Documents whose text occurs more than once.

use clusterclip_core::monitor::{Cancelled, Monitor};

/// The number of parts hashes are sorted in: a part of 100 million documents sorts in well under 100 ms, the
/// longest time between two looks at the cancel flag.
const PARTS: usize = 256;

/// Counts duplicates by their 128-bit content hashes, in 16 bytes a document.
#[derive(Debug)]
pub struct DuplicateCounter {
    /// Hashes by their highest byte.
    parts: Vec<Vec<u128>>,
}

impl Default for DuplicateCounter {
    fn default() -> Self {
        Self { parts: vec![Vec::new(); PARTS] }
    }
}

impl DuplicateCounter {
    /// Adds a document's content hash.
    pub fn add(&mut self, hash: u128) {
        self.parts[(hash >> 120) as usize].push(hash);
    }

    /// The number of documents whose text an earlier one has too.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn count(mut self, monitor: &Monitor) -> Result<u64, Cancelled> {
        let mut duplicates = 0;
        for part in &mut self.parts {
            monitor.check()?;
            part.sort_unstable();
            duplicates += part.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
        }
        Ok(duplicates)
    }
}
