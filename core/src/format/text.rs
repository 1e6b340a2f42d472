//! Plain text: what counts as text, and how it is decoded.
//!
//! Text is UTF-8. A byte order mark at the start of a file is no part of it ([`cut`](super::cut)). Bytes that are no
//! UTF-8 are replaced by U+FFFD and counted, so that one Latin-1 file among thousands does not stop a run and is not
//! hidden either. A file with a NUL among its first bytes is binary (UTF-16 falls under this), and no text at all.

use std::borrow::Cow;

/// How many bytes at the start of a file are searched for a NUL.
pub const SNIFF: usize = 8192;

/// Gives the place of the first NUL among the first [`SNIFF`] bytes: the mark of a binary file.
pub fn first_nul(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(0, &bytes[..bytes.len().min(SNIFF)])
}

/// Decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// How many sequences of bytes were no UTF-8 and became U+FFFD.
    pub replaced: u64,
}

/// Decodes UTF-8, replacing what is none.
///
/// ```
/// let decoded = clusterclip_core::format::text::decode(b"caf\xE9!");
/// assert_eq!((decoded.text.as_ref(), decoded.replaced), ("caf\u{FFFD}!", 1));
/// ```
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: Cow::Borrowed(text), replaced: 0 },
        Err(_) => {
            let mut text = String::with_capacity(bytes.len());
            let mut replaced = 0;
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    text.push(char::REPLACEMENT_CHARACTER);
                    replaced += 1;
                }
            }
            Decoded { text: Cow::Owned(text), replaced }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn utf_16_is_binary() {
        assert_eq!(first_nul(b"\xFF\xFEa\0b\0"), Some(3));
        assert_eq!(first_nul(b"plain"), None);
    }

    proptest! {
        #[test]
        fn decoding_agrees_with_the_standard_library(bytes: Vec<u8>) {
            let decoded = decode(&bytes);
            prop_assert_eq!(&decoded.text, &String::from_utf8_lossy(&bytes));
            prop_assert_eq!(decoded.replaced > 0, std::str::from_utf8(&bytes).is_err());
        }
    }
}
