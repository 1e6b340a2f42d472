//! Parts of an order: records as they are made, in any order, and as they are written, in the order of their positions.

use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use clusterclip_core::monitor::{CancelFlag, Cancelled, Event, Stage};

use super::buckets::{self, Buckets, Content};
use super::wanted::Turn;
use crate::error::Result;
use crate::input::Corpus;
use crate::pipeline::Work;

/// Bytes that a bucket should hold.
const BUCKET: u64 = 32 << 20;

/// Records of which a bucket has a multiple: some formats write other bytes where they get their rows in other pieces,
/// and are given multiples of it.
pub const PIECE: usize = 64;

/// Bytes of lines that are handed on at a time, and how many such wait.
const LINES: usize = 4 << 20;
const WAITING: usize = 4;

/// Bytes of a record before its own: its position, and how many they are.
const HEAD: usize = 16;

/// Records in the order of their positions.
#[derive(Debug, Default)]
pub struct Lines {
    /// All of them.
    pub bytes: Vec<u8>,
    /// Where each ends.
    pub ends: Vec<usize>,
}

/// Some of these, one after another.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// All of them.
    pub bytes: &'a [u8],
    /// Where each ends.
    ends: &'a [usize],
    /// Where the first begins, counted as its ends are.
    start: usize,
}

impl Lines {
    /// All records.
    pub fn all(&self) -> Run<'_> {
        Run { bytes: &self.bytes, ends: &self.ends, start: 0 }
    }
}

impl<'a> Run<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where each ends in the bytes.
    pub fn ends(self) -> impl Iterator<Item = usize> + 'a {
        self.ends.iter().map(move |end| end - self.start)
    }

    /// The records.
    pub fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        std::iter::once(0)
            .chain(self.ends())
            .zip(self.ends())
            .map(move |(start, end)| &self.bytes[start..end])
    }

    /// The first records, at most `most`, and those after them.
    pub fn split(self, most: u64) -> (Self, Self) {
        let count = usize::try_from(most).map_or(self.len(), |most| most.min(self.len()));
        let (first, rest) = self.ends.split_at(count);
        let end = first.last().map_or(self.start, |end| *end);
        let (bytes, after) = self.bytes.split_at(end - self.start);
        (Self { bytes, ends: first, start: self.start }, Self { bytes: after, ends: rest, start: end })
    }
}

/// Records that were made of documents, each with its position and its length before it.
#[derive(Default)]
pub struct Made(Vec<u8>);

impl Made {
    /// Adds what is made of a document at one of its turns.
    pub fn push(&mut self, turn: &Turn, make: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        let from = self.0.len();
        self.0.extend_from_slice(&turn.position.to_le_bytes());
        self.0.extend_from_slice(&[0; 8]);
        make(&mut self.0)?;
        let length = (self.0.len() - from - HEAD) as u64;
        self.0[from + 8..from + HEAD].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    /// How many bytes they are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The position of each record, and where it is behind its head.
fn records(bytes: &[u8]) -> impl Iterator<Item = (u64, Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (head, _) = bytes.get(at..)?.split_first_chunk::<HEAD>()?;
        let [position, length] = head.as_chunks::<8>().0 else { return None };
        let start = at + HEAD;
        at = start + u64::from_le_bytes(*length) as usize;
        Some((u64::from_le_bytes(*position), start..at))
    })
}

/// Records by their positions, part by part.
pub struct Parts {
    buckets: Buckets,
    positions: u64,
    /// Positions of a bucket.
    width: u64,
    /// Records of which as many are given at a time as make a multiple of this.
    piece: usize,
}

impl Parts {
    /// Nothing yet, of so many positions.
    pub fn new(
        folder: &Path,
        (positions, piece): (u64, usize),
        n_documents: u64,
        corpus: Option<&Corpus>,
    ) -> Self {
        let each = HEAD as u64 + 128 + corpus.map_or(0, Corpus::bytes) / n_documents.max(1);
        let count = (u128::from(positions) * u128::from(each) / u128::from(BUCKET)) as u64;
        let width = positions.div_ceil(count.clamp(1, buckets::MOST)).next_multiple_of(PIECE as u64).max(1);
        let count = positions.div_ceil(width).max(1);
        Self { buckets: Buckets::new(folder, count as usize), positions, width, piece }
    }

    /// Adds records.
    pub fn put(&mut self, Made(bytes): &Made) -> Result<()> {
        for (position, record) in records(bytes) {
            self.buckets.put((position / self.width) as usize, &bytes[record.start - HEAD..record.end])?;
        }
        Ok(())
    }

    /// Bytes that wait on the disk.
    pub fn written(&self) -> u64 {
        self.buckets.written()
    }

    /// Gives the records in the order of their positions, while those after them are brought.
    pub fn give(
        mut self,
        work: Work<'_>,
        done: &mut u64,
        mut take: impl FnMut(Lines) -> Result<()>,
    ) -> Result<()> {
        let (sender, receiver) = mpsc::sync_channel::<Lines>(WAITING);
        let cancel = work.monitor.cancel_flag().clone();
        thread::scope(|scope| {
            let bringing = scope.spawn(move || -> Result<()> {
                (0..self.positions.div_ceil(self.width))
                    .try_for_each(|bucket| self.send(bucket, &sender, &cancel))
            });
            let taken = receiver.into_iter().try_for_each(|lines| {
                *done += lines.ends.len() as u64;
                take(lines)?;
                work.monitor.emit(Event::Progress { stage: Stage::Write, done: *done / 2 });
                Ok(work.monitor.check()?)
            });
            let brought = bringing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            taken.and(brought)
        })
    }

    /// Sends the records of a bucket, some at a time.
    fn send(&mut self, bucket: u64, sender: &SyncSender<Lines>, cancel: &CancelFlag) -> Result<()> {
        let part = self.part(bucket)?;
        let mut lines = Lines::default();
        for (index, &place) in part.places.iter().enumerate() {
            self.append(&part, place, &mut lines)?;
            let whole = (index + 1).is_multiple_of(self.piece) && lines.bytes.len() >= LINES;
            if whole || index + 1 == part.places.len() {
                cancel.check()?;
                // Where nobody takes it, taking has failed, and says why.
                if sender.send(std::mem::take(&mut lines)).is_err() {
                    return Err(Cancelled.into());
                }
            }
        }
        Ok(())
    }

    /// Finds where the records of a bucket are.
    fn part(&mut self, bucket: u64) -> Result<Part> {
        let first = bucket * self.width;
        let mut places = vec![(0, 0); (self.positions - first).min(self.width) as usize];
        let content = self.buckets.take(bucket as usize)?;
        self.buckets.each(&content, |bytes, start| {
            for (position, record) in records(bytes) {
                places[(position - first) as usize] = (start + record.start as u64, record.len());
            }
        })?;
        Ok(Part { content, places })
    }

    fn append(&self, part: &Part, (start, length): (u64, usize), lines: &mut Lines) -> Result<()> {
        let from = lines.bytes.len();
        match &part.content {
            Content::Whole(bytes) => lines.bytes.extend_from_slice(&bytes[start as usize..][..length]),
            Content::Stretches(_) => {
                lines.bytes.resize(from + length, 0);
                self.buckets.read(start, &mut lines.bytes[from..])?;
            }
        }
        lines.ends.push(lines.bytes.len());
        Ok(())
    }
}

/// A bucket that is being given.
struct Part {
    content: Content,
    /// Where the record of each position begins, in its bytes or in the file, and how long it is.
    places: Vec<(u64, usize)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_made_in_any_order_are_given_in_the_order_of_their_positions() {
        let folder = tempfile::tempdir().unwrap();
        let positions = 1000u64;
        let record = |position: u64| format!("{position},").repeat(position as usize % 5);
        let buckets = Buckets::new(folder.path(), positions.div_ceil(64) as usize);
        let mut parts = Parts { buckets, positions, width: 64, piece: PIECE };
        for offset in 0..7 {
            let mut made = Made::default();
            for position in (0..positions).rev().filter(|position| position % 7 == offset) {
                let turn = Turn { position, repetition: 1 };
                made.push(&turn, |out| {
                    out.extend_from_slice(record(position).as_bytes());
                    Ok(())
                })
                .unwrap();
            }
            parts.put(&made).unwrap();
        }
        let (sender, receiver) = mpsc::sync_channel(100);
        (0..16).for_each(|bucket| parts.send(bucket, &sender, &CancelFlag::default()).unwrap());
        drop(sender);
        let given: Vec<String> = receiver
            .into_iter()
            .flat_map(|lines| {
                lines.all().iter().map(|line| String::from_utf8(line.to_vec()).unwrap()).collect::<Vec<_>>()
            })
            .collect();
        let expected: Vec<String> = (0..positions).map(record).collect();
        assert_eq!(given, expected);
    }

    #[test]
    fn lines_are_split_after_as_many_as_are_asked_for() {
        let lines = Lines { bytes: b"abcde".to_vec(), ends: vec![1, 3, 3, 5] };
        for most in 0..6 {
            let (first, rest) = lines.all().split(most);
            assert_eq!(first.len(), (most as usize).min(4));
            assert_eq!(rest.split(1).0.iter().collect::<Vec<_>>(), rest.iter().take(1).collect::<Vec<_>>());
            assert_eq!(first.iter().chain(rest.iter()).collect::<Vec<_>>(), [&b"a"[..], b"bc", b"", b"de"]);
        }
    }
}
