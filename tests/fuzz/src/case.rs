//! A case: a reader and the bytes that it is given.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Target, memory, panics};

/// The most memory that a reader may hold at once for a file of 1 MiB, which is more than any case has.
pub const MOST_BYTES: usize = 1 << 30;

/// Reads the bytes, and says whether they were read to the end without an error. One case is tried at a time: the
/// counts are the process's.
///
/// # Errors
/// What the reader did that it must not do.
pub fn tried(target: &Target, bytes: &[u8]) -> Result<bool, String> {
    panics::begin();
    memory::begin();
    let read = catch_unwind(AssertUnwindSafe(|| (target.read)(bytes)));
    let peak = memory::peak();
    if let Some(panic) = panics::ended() {
        return Err(panic);
    }
    if peak > MOST_BYTES {
        return Err(format!("it held {peak} bytes at once, for a file of {}", bytes.len()));
    }
    read.map_err(|_| "it panicked without a word".to_owned())
}
