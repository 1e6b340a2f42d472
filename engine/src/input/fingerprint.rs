//! Fingerprints: what sources were when they were read, so that all passes see the same.

use clusterclip_core::monitor::CancelFlag;
use xxhash_rust::xxh3::Xxh3;

use super::columnar::ColumnFormat;
use super::reader::{CHUNK, read_chunk};
use super::source::{Kind, Source};
use crate::error::{FileError, Result};

/// What a source was on disk when it was read: all passes must see the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Bytes on disk.
    pub(crate) length: u64,
    /// XXH3-128 of those that are read: of columns the footer and what is wanted.
    pub(crate) hash: u128,
}

/// Refuses a source that is not what it was in an earlier pass.
pub(crate) fn check_unchanged(source: &Source, then: Fingerprint, now: Fingerprint) -> Result<()> {
    if then == now {
        return Ok(());
    }
    let how = if then.length == now.length {
        format!("its {} bytes are others", now.length)
    } else {
        format!("it had {} bytes and has {}", then.length, now.length)
    };
    Err(FileError::Changed { name: source.display().to_string(), how }.into())
}

/// Takes the fingerprints that [`produce`](super::blocks::produce) would, without decompressing or cutting anything.
/// `progress` gets the bytes done so far.
pub(crate) fn fingerprint_all(
    sources: &[Source],
    cancel: &CancelFlag,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Fingerprint>> {
    let mut done = 0;
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut fingerprints = Vec::with_capacity(sources.len());
    for source in sources {
        if let Kind::Columns(format) = source.kind {
            let share = |part: u64| progress(done + part);
            let fingerprint = columns_fingerprint(source, format, cancel, share)?;
            done += fingerprint.length;
            fingerprints.push(fingerprint);
            progress(done);
            continue;
        }
        let mut reader = source.open_raw()?;
        loop {
            cancel.check()?;
            chunk.clear();
            if read_chunk(&mut reader, source, &mut chunk)? < CHUNK {
                break;
            }
            progress(done + reader.raw_count());
        }
        let length = reader.raw_count();
        fingerprints.push(Fingerprint { length, hash: reader.raw_hash() });
        done += length;
        progress(done);
    }
    Ok(fingerprints)
}

/// Takes the fingerprint of a columnar source; `progress` gets its bytes that are done with.
fn columns_fingerprint(
    source: &Source,
    format: ColumnFormat,
    cancel: &CancelFlag,
    mut progress: impl FnMut(u64),
) -> Result<Fingerprint> {
    let mut hash = Xxh3::new();
    let Some((_, reader)) = source.open_columns(format)? else {
        return Ok(Fingerprint { length: source.length, hash: hash.digest128() });
    };
    reader.hash_outline(&mut hash, cancel)?;
    for group in 0..reader.groups().len() {
        reader.hash_group(group, &mut hash, cancel)?;
        progress(share(reader.length(), group, reader.groups().len()));
    }
    Ok(Fingerprint { length: reader.length(), hash: hash.digest128() })
}

/// How much of a file of so many bytes is done with after `group`, of all groups.
pub(super) fn share(length: u64, group: usize, groups: usize) -> u64 {
    (u128::from(length) * (group as u128 + 1) / groups.max(1) as u128) as u64
}
