//! Buckets: records that come in one order and are wanted in another, part by part. They wait in memory as long as they
//! are few, else in a file without a name, which vanishes when it is closed.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::input::{read_exact_at, write_all_at};
use crate::store::StoreError;

/// Bytes of all buckets that are held before they are written.
const HELD: usize = 64 << 20;

/// Bytes of a bucket that are brought back whole; of a larger one records are read where they lie.
const WHOLE: u64 = 256 << 20;

/// The most buckets there may be: each has its share of what is held.
pub const MOST: u64 = 4096;

/// Records, each in a bucket.
pub struct Buckets {
    /// The folder of the file.
    folder: PathBuf,
    file: Option<File>,
    /// Where the file ends.
    end: u64,
    buckets: Vec<Bucket>,
    /// Bytes of a bucket that are held before they are written.
    held: usize,
}

#[derive(Default)]
struct Bucket {
    held: Vec<u8>,
    /// Where in the file its bytes are: the first of each stretch and their number. Records lie in one.
    stretches: Vec<(u64, usize)>,
}

/// What a bucket holds.
pub enum Content {
    /// All of its bytes.
    Whole(Vec<u8>),
    /// Where they are in the file.
    Stretches(Vec<(u64, usize)>),
}

impl Buckets {
    /// No records yet; a file is made in `folder` once they are many.
    pub fn new(folder: &Path, count: usize) -> Self {
        let buckets = std::iter::repeat_with(Bucket::default).take(count).collect();
        Self { folder: folder.to_path_buf(), file: None, end: 0, buckets, held: HELD / count.max(1) }
    }

    /// The same, of which so many bytes a bucket are held.
    #[cfg(test)]
    pub fn holding(self, held: usize) -> Self {
        Self { held, ..self }
    }

    /// Adds a record. One that is longer than what a bucket may hold is written at once, so that none is kept for good.
    pub fn put(&mut self, bucket: usize, record: &[u8]) -> Result<(), StoreError> {
        if self.buckets[bucket].held.len() + record.len() > self.held {
            self.flush(bucket)?;
        }
        if record.len() > self.held {
            return self.write(bucket, record);
        }
        self.buckets[bucket].held.extend_from_slice(record);
        Ok(())
    }

    fn flush(&mut self, bucket: usize) -> Result<(), StoreError> {
        let mut held = std::mem::take(&mut self.buckets[bucket].held);
        if !held.is_empty() {
            self.write(bucket, &held)?;
        }
        held.clear();
        self.buckets[bucket].held = held;
        Ok(())
    }

    fn write(&mut self, bucket: usize, bytes: &[u8]) -> Result<(), StoreError> {
        let failed = |cause| StoreError::io("write", &self.folder, cause);
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile_in(&self.folder).map_err(failed)?),
        };
        write_all_at(file, bytes, self.end).map_err(failed)?;
        self.buckets[bucket].stretches.push((self.end, bytes.len()));
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Takes what a bucket holds.
    pub fn take(&mut self, bucket: usize) -> Result<Content, StoreError> {
        let Bucket { held, stretches } = &mut self.buckets[bucket];
        if stretches.is_empty() {
            return Ok(Content::Whole(std::mem::take(held)));
        }
        let bytes: u64 = stretches.iter().map(|&(_, length)| length as u64).sum();
        if bytes > WHOLE {
            self.flush(bucket)?;
            return Ok(Content::Stretches(std::mem::take(&mut self.buckets[bucket].stretches)));
        }
        let stretches = std::mem::take(stretches);
        let rest = std::mem::take(held);
        let mut all = Vec::with_capacity(bytes as usize + rest.len());
        for (start, length) in stretches {
            let from = all.len();
            all.resize(from + length, 0);
            self.read(start, &mut all[from..])?;
        }
        all.extend_from_slice(&rest);
        Ok(Content::Whole(all))
    }

    /// Calls `take` with the bytes of a bucket, some records at a time, and where these begin: in its bytes, or in the file.
    pub fn each(&self, content: &Content, mut take: impl FnMut(&[u8], u64)) -> Result<(), StoreError> {
        match content {
            Content::Whole(bytes) => take(bytes, 0),
            Content::Stretches(stretches) => {
                let mut bytes = Vec::new();
                for &(start, length) in stretches {
                    bytes.resize(length, 0);
                    self.read(start, &mut bytes)?;
                    take(&bytes, start);
                }
            }
        }
        Ok(())
    }

    /// Fills `out` with bytes of the file.
    pub fn read(&self, start: u64, out: &mut [u8]) -> Result<(), StoreError> {
        let Some(file) = &self.file else { return Ok(()) };
        read_exact_at(file, out, start).map_err(|cause| StoreError::io("read", &self.folder, cause))
    }

    /// Bytes that wait in the file.
    pub fn written(&self) -> u64 {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_in_their_buckets_from_memory_and_from_the_file() {
        for held in [1, 10, 1000] {
            let folder = tempfile::tempdir().unwrap();
            let mut buckets = Buckets::new(folder.path(), 3).holding(held);
            let mut expected = vec![Vec::new(); 3];
            for number in 0..100u8 {
                let record = vec![number; usize::from(number % 7)];
                let bucket = usize::from(number % 5 % 3);
                buckets.put(bucket, &record).unwrap();
                expected[bucket].extend(record);
            }
            assert_eq!(buckets.written() > 0, held < 1000);
            for (bucket, expected) in expected.into_iter().enumerate() {
                let Content::Whole(found) = buckets.take(bucket).unwrap() else { panic!("they are few") };
                assert_eq!(found, expected);
            }
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        }
    }
}
