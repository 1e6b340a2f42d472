//! The positions of an order by the rows of its documents.

use std::path::Path;

use clusterclip_core::monitor::Monitor;

use super::buckets::{self, Buckets, Content};
use crate::error::Result;

/// Positions and rows of a bucket, about: these are held and sorted at a time.
const POSITIONS: u64 = 1 << 21;

/// Items that are drawn at a time.
const DRAWN: usize = 1 << 14;

/// Bytes of an item: row, position, repetition.
const ITEM: usize = 24;

/// A document at its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Item {
    /// Its row.
    pub document: u64,
    /// How often it has been drawn so far, this time included.
    pub repetition: u64,
}

/// Where a document stands in the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turn {
    /// The position.
    pub position: u64,
    /// How often it has been drawn so far, this time included.
    pub repetition: u64,
}

/// The turns of all documents, by ascending rows.
pub struct Wanted {
    buckets: Buckets,
    /// Rows of a bucket.
    rows: u64,
    /// The bucket that is held, its turns, and where those of each of its rows end.
    bucket: usize,
    turns: Vec<Turn>,
    ends: Vec<usize>,
}

impl Wanted {
    /// Takes all items of an order, which are given some at a time, at most as many as are asked for.
    pub fn of(
        folder: &Path,
        (n_documents, n_positions): (u64, u64),
        next: impl FnMut(usize, &mut Vec<Item>),
        monitor: &Monitor<'_>,
    ) -> Result<Self> {
        let count = n_positions.max(n_documents).div_ceil(POSITIONS).clamp(1, buckets::MOST);
        Self::in_buckets(
            Buckets::new(folder, count as usize),
            n_documents.div_ceil(count).max(1),
            next,
            monitor,
        )
    }

    fn in_buckets(
        mut buckets: Buckets,
        rows: u64,
        mut next: impl FnMut(usize, &mut Vec<Item>),
        monitor: &Monitor<'_>,
    ) -> Result<Self> {
        let (mut items, mut position) = (Vec::with_capacity(DRAWN), 0u64);
        loop {
            monitor.check()?;
            items.clear();
            next(DRAWN, &mut items);
            if items.is_empty() {
                break;
            }
            for Item { document, repetition } in &items {
                let mut bytes = [0; ITEM];
                let words = [document % rows, position, *repetition];
                for (bytes, word) in bytes.chunks_exact_mut(8).zip(words) {
                    bytes.copy_from_slice(&word.to_le_bytes());
                }
                buckets.put((document / rows) as usize, &bytes)?;
                position += 1;
            }
        }
        let mut wanted = Self { buckets, rows, bucket: 0, turns: Vec::new(), ends: Vec::new() };
        wanted.load()?;
        Ok(wanted)
    }

    /// The turns of a document; rows are asked for in ascending order.
    pub fn of_row(&mut self, row: u64) -> Result<&[Turn]> {
        while row / self.rows > self.bucket as u64 {
            self.bucket += 1;
            self.load()?;
        }
        let row = (row % self.rows) as usize;
        let from = if row == 0 { 0 } else { self.ends[row - 1] };
        Ok(&self.turns[from..self.ends[row]])
    }

    /// Sorts the turns of a bucket by rows; they lie in the order of their positions.
    fn load(&mut self) -> Result<()> {
        let content = self.buckets.take(self.bucket)?;
        let mut next = vec![0; self.rows as usize];
        self.each(&content, |row, _| next[row as usize] += 1)?;
        let mut from = 0;
        for next in &mut next {
            from += std::mem::replace(next, from);
        }
        let mut turns = std::mem::take(&mut self.turns);
        turns.clear();
        turns.resize(from, Turn::default());
        self.each(&content, |row, turn| {
            let next = &mut next[row as usize];
            turns[*next] = turn;
            *next += 1;
        })?;
        self.turns = turns;
        // Each row's next place is its end by now.
        self.ends = next;
        Ok(())
    }

    /// Calls `take` with the row in its bucket and the turn of each record, in the order of their positions.
    fn each(&self, content: &Content, mut take: impl FnMut(u64, Turn)) -> Result<()> {
        self.buckets.each(content, |records, _| {
            for record in records.as_chunks::<ITEM>().0 {
                let [row, position, repetition] = record.as_chunks::<8>().0 else { continue };
                let [row, position, repetition] =
                    [row, position, repetition].map(|&word| u64::from_le_bytes(word));
                take(row, Turn { position, repetition });
            }
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_by_rows_and_each_row_has_its_own_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let (n, positions) = (1_000u64, 50_000u64);
        // Row 0 is drawn far more often than others, and those from 900 on never.
        let row = |position: u64| if position.is_multiple_of(3) { 0 } else { position * position % 900 };
        let mut drawn = 0;
        let next = |most: usize, items: &mut Vec<Item>| {
            let until = positions.min(drawn + most as u64);
            items.extend((drawn..until).map(|position| Item { document: row(position), repetition: 7 }));
            drawn = until;
        };
        let buckets = Buckets::new(folder.path(), 7).holding(1000);
        let mut wanted = Wanted::in_buckets(buckets, n.div_ceil(7), next, &Monitor::silent()).unwrap();
        let mut seen = 0;
        for document in 0..n {
            let turns = wanted.of_row(document).unwrap();
            assert!(turns.is_sorted_by_key(|turn| turn.position));
            assert!(turns.iter().all(|turn| row(turn.position) == document && turn.repetition == 7));
            seen += turns.len() as u64;
        }
        assert_eq!(seen, positions);
    }
}
