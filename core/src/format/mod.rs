//! Formats: bytes in, records, headers and labels out.
//!
//! Nothing here opens a file. The shells bring bytes and add the file's name to the errors; line numbers
//! (from 1) and byte offsets (from 0) come from [`cut::Cutter`].

pub mod assignments;
pub mod cut;
pub mod items;
pub mod json;
pub mod labels;
pub mod npy;
pub mod order;
pub mod reader;
pub mod records;
pub mod table;
pub mod text;
pub mod value;

use xxhash_rust::xxh3::xxh3_128;

/// The version of what is read: which bytes are a record, what of it is the text, and its number.
pub const READ: &str = "clusterclip-read/2";

/// The content hash of a document: XXH3-128 of the UTF-8 bytes of its text.
///
/// ```
/// use clusterclip_core::format::content_hash;
/// assert_eq!(content_hash(""), 0x99aa06d3014798d86001c324468d497f);
/// ```
pub fn content_hash(text: &str) -> u128 {
    xxh3_128(text.as_bytes())
}
