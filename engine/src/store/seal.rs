//! What finds out a manifest that was changed: one line of it holds a hash of all others.
//!
//! The bytes are hashed as they stand in the file, not as this program would write them: a manifest stays whole where
//! another version spells a number otherwise.

use memchr::memmem;
use xxhash_rust::xxh3::xxh3_128;

use super::values::hex;

/// How the line begins, from the end of the one before. No other does: keys of inner objects stand further in, and
/// texts hold no line feed.
const BEGIN: &str = "\n  \"hash\": \"";
const END: &str = "\",";
const LENGTH: usize = BEGIN.len() + 32 + END.len();

fn line(rest: &[u8]) -> String {
    format!("{BEGIN}{}{END}", hex(xxh3_128(rest)))
}

/// Adds the line to a manifest, in its place among the sorted keys.
pub(super) fn add(rest: &str) -> String {
    let mut keys = rest.match_indices("\n  \"").map(|(place, _)| place);
    let place = keys.find(|&place| &rest[place..] > BEGIN).expect("every manifest has keys that come later");
    let (before, after) = rest.split_at(place);
    format!("{before}{}{after}", line(rest.as_bytes()))
}

/// What the line says of a manifest.
pub(super) enum Seal {
    /// Its hash is that of all others, which these are.
    Fits(Vec<u8>),
    /// It is not.
    Broken,
    /// There is none.
    Missing,
}

/// Takes the line out of a manifest.
pub(super) fn take(bytes: &[u8]) -> Seal {
    let Some(place) = memmem::find(bytes, BEGIN.as_bytes()) else { return Seal::Missing };
    let end = bytes.len().min(place + LENGTH);
    let rest = [&bytes[..place], &bytes[end..]].concat();
    if bytes[place..end] == *line(&rest).as_bytes() { Seal::Fits(rest) } else { Seal::Broken }
}
